"""Time: projects that are late, and whether the money suffices year by year."""

from collections.abc import Collection
from decimal import Decimal
from functools import partial
from typing import Any, Final

import polars as pl

from bilanz.fund.board import Board
from bilanz.fund.lateness import LATE_TEXTS, LateState
from bilanz.fund.liquidity import UNKNOWN_TEXTS, Liquidity
from bilanz.messages import Language, translate
from reports import charts, numbers, theme
from reports.base import Column, Panel
from reports.board.words import amount
from reports.charts import Series

_MONEY: Final = pl.Decimal(38, 2)


def panels(board: Board, language: Language) -> list[Panel]:
    """Return late projects and the fund's money by year."""
    found = [_late(board, language)]
    return found if board.liquidity is None else [*found, _liquidity(board.liquidity, language)]


def _late(board: Board, language: Language) -> Panel:
    say = partial(translate, language=language)
    overdue = {one.project for one in board.late if one.state == LateState.OVERDUE}
    rows: list[dict[str, Any]] = [
        {
            "id": one.project,
            "project": one.title,
            "member": board.name(one.organisation),
            "planned": numbers.day(one.planned_completion, language),
            "done": say(LATE_TEXTS[one.state])
            if one.completed_on is None
            else numbers.day(one.completed_on, language),
            "days": one.days,
        }
        for one in board.late
    ]
    schema: dict[str, Any] = {
        **dict.fromkeys(("id", "project", "member", "planned", "done"), pl.String),
        "days": pl.Int64,
    }
    return Panel(
        "fund-late",
        say("Late projects"),
        translate(
            "Of {projects} projects {overdue} are not completed by their planned day, and {late} were "
            "completed late. Promised to those not completed and not paid yet: {to_pay}.",
            language,
            projects=len(board.holdings),
            overdue=len(overdue),
            late=len(board.late) - len(overdue),
            to_pay=amount(_owed(board, overdue), board.terms.currency, language),
        ),
        pl.DataFrame(rows, schema=schema, orient="row"),
        (
            Column("project", say("Project")),
            Column("member", say("Carried out by")),
            Column("planned", say("Planned completion")),
            Column("done", say("Completed")),
            Column("days", say("Days late"), kind="number", lines={}),
        ),
        lines=tuple({"project": row["id"]} for row in rows),
    )


def _owed(board: Board, projects: Collection[str]) -> Decimal | None:
    """Return what is promised to projects and not paid yet; None: of one it is not known."""
    told = [holding.to_pay for holding in board.holdings if holding.project.id in projects]
    known = [one for one in told if one is not None]
    return sum(known, Decimal(0)) if len(known) == len(told) else None


def _liquidity(found: Liquidity, language: Language) -> Panel:
    say, unit = partial(translate, language=language), found.currency
    rows = [
        {
            "year": str(row.year),
            "contributions": row.contributions,
            "payout": row.payout,
            "disbursed": row.disbursed,
            "balance": row.balance,
            "to_pay": row.to_pay,
            "unknown": "; ".join(say(UNKNOWN_TEXTS[one]) for one in row.unknown) or "–",
        }
        for row in found.years
    ]
    sums = ("contributions", "payout", "disbursed", "balance", "to_pay")
    schema: dict[str, Any] = {"year": pl.String, **dict.fromkeys(sums, _MONEY), "unknown": pl.String}
    now = next(row for row in found.years if row.year == found.this_year)
    return Panel(
        "fund-liquidity",
        say("Does the money suffice?"),
        translate(
            "At hand at the end of {year}: {balance}; promised and not yet paid: {to_pay}.",
            language,
            year=found.this_year,
            balance=amount(now.balance, unit, language),
            to_pay=amount(found.to_pay, unit, language),
        ),
        pl.DataFrame(rows, schema=schema, orient="row"),
        (
            Column("year", say("Year")),
            Column("contributions", say("Contributions paid in"), kind="money", unit=unit, is_totalled=True),
            Column("payout", say("Taken out of the capital"), kind="money", unit=unit, is_totalled=True),
            Column("disbursed", say("Paid out"), kind="money", unit=unit, is_totalled=True),
            Column("balance", say("At hand at the end"), kind="money", unit=unit),
            Column(
                "to_pay",
                say("Still to be paid, by planned completion"),
                kind="money",
                unit=unit,
                is_totalled=True,
            ),
            Column("unknown", say("What is not known"), kind="long"),
        ),
        figure=charts.bars(
            [str(row.year) for row in found.years],
            [
                Series(say(name), [None if value is None else float(value) for value in values], mark)
                for name, values, mark in (
                    ("At hand at the end", [row.balance for row in found.years], theme.BOOK_MARKS[0]),
                    ("Still to be paid", [row.to_pay for row in found.years], theme.BOOK_MARKS[1]),
                )
            ],
            unit=unit,
            language=language,
            digits=0,
        ),
        note=say("Later years hold promises only: what will be paid in is not known."),
    )
