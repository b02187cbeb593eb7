"""Contributions: what each member owes by the key in force, what it paid, and what other keys would ask."""

from decimal import Decimal
from functools import partial
from typing import Any, Final

import plotly.graph_objects as go
import polars as pl

from bilanz.errors import BilanzError
from bilanz.fund.accounts import Account
from bilanz.fund.board import Board
from bilanz.fund.contributions import Contribution, Contributions
from bilanz.fund.figures import Held
from bilanz.fund.member import AmountMode, FundKey, KeyKind
from bilanz.fund.scenarios import Scenario
from bilanz.messages import Language, translate
from reports import charts, theme
from reports.base import Column, Panel
from reports.board import assessment
from reports.board.words import amount, cents, exact
from reports.charts import Series

_KEYS: Final = {
    KeyKind.ELASTIC: "by income (elasticity {elasticity})",
    KeyKind.RELIEF: "with relief below the mean income (gradient {relief})",
    KeyKind.TWO_TIER: "in two tiers: countries by income, their members by fiscal capacity ({fiscal_weight})",
}
_MODES: Final = {
    AmountMode.TOTAL: "the total is fixed: {amount} {currency} a head of all",
    AmountMode.ANCHOR: "{anchor} pays {amount} {currency} a head, the total follows",
}
_MONEY: Final = pl.Decimal(38, 2)


def panels(board: Board, language: Language) -> list[Panel]:
    """Return what was due and paid, and the comparison of keys; nothing where no key is in force."""
    found = board.contributions
    if found is None:
        return []
    return [
        _due(found, board, language),
        *assessment.panels(board, language),
        *_outside(board, language),
        *_compared(board, language),
    ]


def key_in_words(key: FundKey, board: Board, language: Language) -> str:
    """Return a key as a sentence says it."""
    told = {name: _plain(value, language) for name, value in key.model_dump().items()}
    told["anchor"] = board.name(key.anchor or "")
    how = translate(_KEYS[KeyKind(key.key)], language, **told)
    fixed = translate(_MODES[AmountMode(key.mode)], language, **told)
    return f"{how}; {fixed}"


def _plain(value: object, language: Language) -> str:
    return exact(value, language) if isinstance(value, Decimal) else str(value)


def _percent(value: Decimal | None) -> Decimal | None:
    return None if value is None else value * 100


def _due(found: Contributions, board: Board, language: Language) -> Panel:
    accounts = {one.organisation: one for one in board.accounts.accounts if one.year == board.year}
    rows = [_row(row, accounts.get(row.organisation), board, language) for row in found.rows]
    rows += [_left(one, board) for name, one in accounts.items() if found.of(name) is None]
    table = pl.DataFrame(rows, schema=_DUE_SCHEMA, orient="row")
    unit = board.terms.currency
    told = [one.paid for one in accounts.values()]
    known = [one for one in told if one is not None]
    paid = sum(known, Decimal(0)) if len(known) == len(told) else None
    said = translate(
        "Due for {year}: {due}; paid: {paid}. Key in force: {key}.",
        language,
        year=board.year,
        due=amount(found.due, unit, language),
        paid=amount(paid, unit, language),
        key=f"{found.key.id}, {key_in_words(found.key, board, language)}",
    )
    return Panel(
        "fund-contributions",
        translate("Contributions due and paid", language),
        f"{said} {assessment.finding(board, language)}".strip(),
        table,
        _due_columns(table, unit, language),
        figure=_bars(table, unit, language),
        note=translate(
            "Burden: contribution a head as a share of the income a head, of a whole year. Arrears below "
            "zero: more was paid than is due. Where a figure is missing nothing is "
            "estimated; the last column "
            "says what is missing.",
            language,
        ),
        lines=tuple({"member": str(row["id"])} for row in rows),
    )


_DUE_SCHEMA: Final[dict[str, Any]] = {
    "id": pl.String,
    "member": pl.String,
    "inhabitants": pl.Decimal(38, 0),
    "per_head": pl.Decimal(38, 6),
    "due": _MONEY,
    "own": pl.String,
    "paid": _MONEY,
    "arrears": _MONEY,
    "cumulative": _MONEY,
    "burden": pl.Decimal(38, 7),
    "missing": pl.String,
}


def _due_columns(table: pl.DataFrame, unit: str, language: Language) -> tuple[Column, ...]:
    say = partial(translate, language=language)
    whole = {name: not table[name].null_count() for name in table.columns}  # a part is no sum
    return (
        Column("member", say("League member")),
        Column("inhabitants", say("Inhabitants"), kind="number", is_totalled=whole["inhabitants"]),
        Column("per_head", say("A head"), kind="money", digits=2, unit=unit, lines={}),
        Column("due", say("Due"), kind="money", digits=2, unit=unit, is_totalled=whole["due"], lines={}),
        Column("own", say("Due in own currency")),
        Column("paid", say("Paid"), kind="money", digits=2, unit=unit, is_totalled=whole["paid"], lines={}),
        Column(
            "arrears",
            say("Arrears of the year"),
            kind="money",
            digits=2,
            unit=unit,
            is_totalled=whole["arrears"],
        ),
        Column(
            "cumulative",
            say("Arrears of all years"),
            kind="money",
            digits=2,
            unit=unit,
            is_totalled=whole["cumulative"],
        ),
        Column("burden", say("Burden"), kind="number", digits=2, unit="%"),
        Column("missing", say("What is missing"), kind="long"),
    )


def _row(row: Contribution, account: Account | None, board: Board, language: Language) -> dict[str, Any]:
    held = row.inhabitants
    gaps = dict.fromkeys(gap.text(language) for gap in (*row.gaps, *row.unshown))
    own = "" if row.own_currency == row.currency else amount(row.due_own, row.own_currency, language)
    return {
        "id": row.organisation,
        "member": board.name(row.organisation),
        "inhabitants": Decimal(round(held.value)) if isinstance(held, Held) else None,
        "per_head": row.per_head,
        "due": row.due,
        "own": own or translate("the same", language),
        "paid": None if account is None else account.paid,
        "arrears": None if account is None else account.arrears,
        "cumulative": None if account is None else account.cumulative,
        "burden": _percent(row.burden),
        "missing": " ".join(gaps) or "–",
    }


def _left(account: Account, board: Board) -> dict[str, Any]:
    """Return the account of one that is no member in the year: it still may owe, or have overpaid."""
    return dict.fromkeys(_DUE_SCHEMA) | {
        "id": account.organisation,
        "member": board.name(account.organisation),
        "due": account.due,
        "paid": account.paid,
        "arrears": account.arrears,
        "cumulative": account.cumulative,
        "missing": "–",
    }


def _bars(table: pl.DataFrame, unit: str, language: Language) -> go.Figure:
    shown = table.head(charts.LONGEST)
    told = (("Due", "due", theme.BOOK_MARKS[0]), ("Paid", "paid", theme.BOOK_MARKS[1]))
    return charts.bars(
        shown["member"].to_list(),
        [
            Series(translate(name, language), [_number(value) for value in shown[column]], mark)
            for name, column, mark in told
        ],
        unit=unit,
        language=language,
        digits=0,
    )


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _outside(board: Board, language: Language) -> list[Panel]:
    """Return payments for years that are in no account: before the first key, or to come."""
    if not board.accounts.outside:
        return []
    say = partial(translate, language=language)
    rows = [
        {
            "id": one.id,
            "member": board.name(one.organisation),
            "year": str(one.year),
            "paid": cents(one.amount, one.currency, language),
        }
        for one in board.accounts.outside
    ]
    return [
        Panel(
            "fund-outside",
            say("Payments for years that are in no account"),
            say("They are in no figure above: the year is to come, or no key was in force."),
            pl.DataFrame(rows),
            (
                Column("id", say("Payment"), kind="code"),
                Column("member", say("League member")),
                Column("year", say("For the year")),
                Column("paid", say("Paid")),
            ),
        )
    ]


def _compared(board: Board, language: Language) -> list[Panel]:
    """Return what each registered key would ask, beside the one in force."""
    if len(board.scenarios) <= 1:
        return []
    rows = [row for one in board.scenarios for row in _of_scenario(one, board, language)]
    schema: dict[str, Any] = {
        "key": pl.String,
        "member": pl.String,
        "per_head": pl.Decimal(38, 6),
        "due": _MONEY,
        "difference": _MONEY,
        "burden": pl.Decimal(38, 7),
        "remark": pl.String,
    }
    say = partial(translate, language=language)
    unit = board.terms.currency
    finding = say(
        "No key is better by arithmetic: where one member pays less another pays more, or the total falls."
    )
    if board.standing is not None and board.standing.differences:
        finding = f"{finding} {say('All by the figures of today, not by those of the assessment.')}"
    return [
        Panel(
            "fund-keys",
            say("What other keys would ask"),
            finding,
            pl.DataFrame(rows, schema=schema, orient="row"),
            (
                Column("key", say("Key")),
                Column("member", say("League member")),
                Column("per_head", say("A head"), kind="money", digits=2, unit=unit),
                Column("due", say("Due"), kind="money", digits=2, unit=unit),
                Column("difference", say("Against the key in force"), kind="money", digits=2, unit=unit),
                Column("burden", say("Burden"), kind="number", digits=2, unit="%"),
                Column("remark", say("Remark"), kind="long"),
            ),
        )
    ]


def _of_scenario(one: Scenario, board: Board, language: Language) -> list[dict[str, Any]]:
    name, said = one.key.id, key_in_words(one.key, board, language)
    remark = translate("in force: {key}", language, key=said) if one.is_in_force else said
    if one.refusal is not None:
        return [{"key": name, "member": "–", "remark": f"{said}. {_refusal(one.refusal, language)}"}]
    return [
        {
            "key": name,
            "member": board.name(row.organisation),
            "per_head": row.per_head,
            "due": row.due,
            "difference": row.due_difference,
            "burden": _percent(row.burden),
            "remark": " ".join(gap.text(language) for gap in row.gaps) or (remark if number == 0 else "–"),
        }
        for number, row in enumerate(one.outcomes)
    ]


def _refusal(error: BilanzError, language: Language) -> str:
    return translate(error.template, language, **error.parameters)


def paid_share(board: Board) -> Decimal | None:
    """Return paid / due of the year; None: one of them is not known, or nothing is due."""
    due = None if board.contributions is None else board.contributions.due
    of_year = [one for one in board.accounts.accounts if one.year == board.year]
    paid = [one.paid for one in of_year]
    if not due or any(one is None for one in paid):
        return None
    return sum((one for one in paid if one is not None), Decimal(0)) / due
