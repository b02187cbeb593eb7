"""Whether what is owed for a year is assessed, what today's figures would give, and all assessments."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any, Final

import polars as pl

from bilanz.fund.assessed import Assessment
from bilanz.fund.board import Board
from bilanz.fund.standing import Changed, Difference, between
from bilanz.messages import Language, translate
from reports import numbers
from reports.base import Column, Panel
from reports.board.words import FIGURES, cents, measure

PROVISIONAL: Final = "Not assessed yet (provisional): what is owed follows the figures until it is assessed."
_STANDS: Final = "The assessment stands until a new one."
_MONEY: Final = pl.Decimal(38, 2)
_OF_MEMBER: Final = {"days": "Days of membership", "country": "Country", "currency": "Currency"}
_OF_KEY: Final = {
    "key": "Rule",
    "mode": "What is fixed",
    "amount": "Amount per head",
    "currency": "Currency",
    "anchor": "Anchor",
    "elasticity": "Elasticity",
    "relief": "Relief",
    "fiscal_weight": "Weight of the fiscal capacity",
    "lowest": "Lowest",
    "highest": "Highest",
    "mean_years": "Years averaged",
}
"""Column of a key → its words, as master data call it."""


def panels(board: Board, language: Language) -> list[Panel]:
    """Return what would differ, why, and the assessments of the year; nothing where it is provisional."""
    standing = board.standing
    if standing is None or standing.assessment is None:
        return []
    return [*_anew(board, language), *_changed(board, language), _history(board, language)]


def state(board: Board, language: Language) -> str:
    """Return whether the year is assessed as a short text."""
    holds = None if board.standing is None else board.standing.assessment
    if holds is None:
        return translate("provisional", language)
    day = _day(holds, language)
    return translate("assessed, number {number} of {day}", language, number=holds.head.number, day=day)


def _day(one: Assessment, language: Language) -> str:
    return numbers.day(date.fromisoformat(one.head.at[:10]), language)


def finding(board: Board, language: Language) -> str:
    """Return whether the year is assessed and whether today's rows give something else; members: `panels`."""
    said = _said(board, language)
    standing = board.standing
    if standing is None or not standing.differences:
        return " ".join(said)
    changes = [one.difference for one in standing.differences]
    known = [change for change in changes if change is not None]
    total = sum(known, Decimal(0)) if len(known) == len(changes) else None
    message = "Reckoned anew, {count} members would owe something else, {difference} in all."
    difference = _money(total, board.terms.currency, language)
    said.append(translate(message, language, count=len(changes), difference=difference))
    return " ".join((*said, translate(_STANDS, language)))


def sentences(board: Board, language: Language) -> list[str]:
    """Return whether the year is assessed, and member by member what today's rows would ask instead."""
    said = _said(board, language)
    if board.standing is None or not board.standing.differences:
        return said
    members = [differs(one, board, language) for one in board.standing.differences]
    return [*said, *members, translate(_STANDS, language)]


def _said(board: Board, language: Language) -> list[str]:
    """Return whether the year is assessed, and how today's rows stand where they tell no difference."""
    standing = board.standing
    if standing is None:
        return []
    if standing.assessment is None:
        return [translate(PROVISIONAL, language)]
    head = standing.assessment.head
    told = {"number": head.number, "day": _day(standing.assessment, language), "reason": head.reason}
    with_reason = 'Assessed: number {number} of {day}, the reason given: "{reason}".'
    bare = "Assessed: number {number} of {day}."
    said = translate(bare if head.reason is None else with_reason, language, **told)
    if standing.refusal is not None:
        reason = translate(standing.refusal.template, language, **standing.refusal.parameters)
        return [
            said,
            translate("By today's rows the year cannot be reckoned: {reason}", language, reason=reason),
        ]
    if standing.reckoned is None:
        return [said, translate("By today's rows no key is in force in the year.", language)]
    if not standing.differences:
        return [said, translate("Today's figures give the same amounts.", language)]
    return [said]


def differs(one: Difference, board: Board, language: Language) -> str:
    """Return what would be asked of a member instead, as a sentence."""
    name, unit = board.name(one.organisation), board.terms.currency
    if one.reckoned is None and one.gaps:
        gaps = " ".join(gap.text(language) for gap in one.gaps)
        return translate(
            "{member}: reckoned anew, no amount can be told. {gaps}", language, member=name, gaps=gaps
        )
    message = "{member}: reckoned anew {reckoned}, differs by {difference}."
    if one.reckoned is None:
        message = "{member}: reckoned anew, it is no member in the year; differs by {difference}."
    elif one.assessed is None:
        message = "{member}: not in the assessment, owes nothing until a new one; reckoned anew {reckoned}."
    elif one.reckoned == one.assessed:
        message = "{member}: reckoned anew the same, but {own_reckoned} instead of {own_assessed}."
    return translate(
        message,
        language,
        member=name,
        reckoned=_money(one.reckoned, unit, language),
        difference=_money(one.difference, unit, language),
        own_reckoned=_money(one.own_reckoned, one.own_currency, language),
        own_assessed=_money(one.own_assessed, one.own_currency, language),
    )


def _money(value: Decimal | None, unit: str, language: Language) -> str:
    return numbers.missing(language) if value is None else cents(value, unit, language)


def _anew(board: Board, language: Language) -> list[Panel]:
    """Return what today's figures would ask, member by member, where it is something else."""
    standing = board.standing
    if standing is None or not standing.differences:
        return []
    say, unit = partial(translate, language=language), board.terms.currency
    rows = [
        {
            "member": board.name(one.organisation),
            "assessed": one.assessed,
            "reckoned": one.reckoned,
            "difference": one.difference,
            "remark": " ".join(gap.text(language) for gap in one.gaps) or _own(one, language),
        }
        for one in standing.differences
    ]
    schema: dict[str, Any] = {
        "member": pl.String,
        **dict.fromkeys(("assessed", "reckoned", "difference"), _MONEY),
    }
    table = pl.DataFrame(rows, schema=schema | {"remark": pl.String}, orient="row")
    return [
        Panel(
            "fund-anew",
            say("Reckoned anew by today's figures"),
            say("What is listed differs from the assessment and is not applied: it stands until a new one."),
            table,
            (
                Column("member", say("League member")),
                Column("assessed", say("Assessed"), kind="money", digits=2, unit=unit),
                Column("reckoned", say("Reckoned anew"), kind="money", digits=2, unit=unit),
                Column(
                    "difference",
                    say("Difference"),
                    kind="money",
                    digits=2,
                    unit=unit,
                    is_totalled=not table["difference"].null_count(),
                ),
                Column("remark", say("Remark"), kind="long"),
            ),
        )
    ]


def _own(one: Difference, language: Language) -> str:
    """Return the amounts in the member's own currency where that is another one and they differ."""
    if one.own_assessed in {one.own_reckoned, one.assessed}:
        return "–"
    return translate(
        "in its own currency {assessed} assessed, {reckoned} reckoned anew",
        language,
        assessed=_money(one.own_assessed, one.own_currency, language),
        reckoned=_money(one.own_reckoned, one.own_currency, language),
    )


def _changed(board: Board, language: Language) -> list[Panel]:
    standing = board.standing
    if standing is None or not standing.changed:
        return []
    say = partial(translate, language=language)
    rows = [
        {
            "what": _what(one, board, language),
            "before": _value(one.before, one, language),
            "after": _value(one.after, one, language),
        }
        for one in standing.changed
    ]
    return [
        Panel(
            "fund-changed",
            say("What has changed since the assessment"),
            say("Rows the assessment rests on that say something else today."),
            pl.DataFrame(rows),
            (
                Column("what", say("What")),
                Column("before", say("In the assessment")),
                Column("after", say("Today")),
            ),
        )
    ]


def _what(one: Changed, board: Board, language: Language) -> str:
    if one.organisation is None:
        return f"{translate('Key', language)}: {translate(_OF_KEY.get(one.kind, one.kind), language)}"
    words = _OF_MEMBER.get(one.kind) or FIGURES.get(one.kind, one.kind)
    return f"{board.name(one.organisation)}: {translate(words, language)}, {one.year}"


def _value(text: str | None, one: Changed, language: Language) -> str:
    """Return a value as written here; those of figures are a number and its unit."""
    if text is None:
        return "–"
    if one.organisation is None or one.kind not in FIGURES:
        return text
    number, _, unit = text.partition(" ")
    return measure(Decimal(number), unit, language)


def _history(board: Board, language: Language) -> Panel:
    """Return all assessments of the year with what each changed; who assessed stands in the audit trail."""
    say, unit = partial(translate, language=language), board.terms.currency
    names = ("number", "day", "member", "due", "difference", "reason")
    schema: dict[str, Any] = dict.fromkeys(names, pl.String) | {"due": _MONEY}
    return Panel(
        "fund-assessments",
        say("Assessments of the year"),
        say("The last one holds. None is overwritten: a correction is a further one, with its reason."),
        pl.DataFrame(list(_rows(board, language)), schema=schema, orient="row"),
        (
            Column("number", say("Assessment")),
            Column("day", say("Assessed on")),
            Column("member", say("League member")),
            Column("due", say("Amount"), kind="money", digits=2, unit=unit),
            Column("difference", say("Against the one before")),
            Column("reason", say("Reason"), kind="long"),
        ),
    )


def _rows(board: Board, language: Language) -> Iterator[dict[str, Any]]:
    former, unit = None, board.terms.currency
    for one in () if board.standing is None else board.standing.history:
        head = {
            "number": str(one.head.number),
            "day": _day(one, language),
            "reason": one.head.reason or "–",
        }
        for told in between(former, one):
            yield head | {
                "member": board.name(told.organisation),
                "due": told.reckoned,
                "difference": "–" if former is None else _money(told.difference, unit, language),
            }
        former = one
