"""What somebody looks at before a year is released or restated: totals with their intervals, restatements."""

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from bilanz.app.balances import ledger, standing_result
from bilanz.app.beside.intervals import intervals_of
from bilanz.app.catalogue.effects import totals
from bilanz.app.settings import Settings
from bilanz.masterdata import of_text
from bilanz.period import WHOLE, Period, Restatement
from bilanz.registry import periods as registered
from bilanz.restatement import DIFFERENCE_SCHEMA, TOTAL_SCHEMA
from bilanz.result import Result
from bilanz.uncertainty import TOTAL


@dataclass(frozen=True, slots=True)
class Total:
    """A book of a run, in kg CO2e. `low`, `high`: of the interval in which 95 % lie; None: not known."""

    book: str
    co2e_kg: Decimal
    low: Decimal | None
    high: Decimal | None


@dataclass(frozen=True, slots=True)
class Restated:
    """A restatement as a page shows it: `totals` by book, `lines` the largest of all `count`."""

    number: int | None
    by: str
    at: str
    reason: str
    totals: list[dict[str, Any]]
    lines: list[dict[str, Any]]
    count: int


@dataclass(frozen=True, slots=True)
class PeriodView:
    """A year of an organisation before or after its release.

    Attributes:
        run: that stands for it, or the latest one; None: not calculated for this organisation itself.
        exceptions: rows of the run without a figure.
    """

    period: Period
    run: str | None
    calculated_at: str | None
    totals: tuple[Total, ...]
    exceptions: int
    restatements: tuple[Restated, ...]


def period_of(settings: Settings, year: int, organisation: str, *, shown: int) -> PeriodView:
    """Return what is to be released, or was. `shown`: lines of a restatement.

    Raises:
        BilanzError: it is released or closed, and its lines are not those that were.
    """
    with ledger(settings) as data:
        period = registered.period(data.registry, organisation or WHOLE, year)
        made = registered.restatements(data.registry, organisation or WHOLE, year)
        found = standing_result(settings, data, year, organisation or None)
    kept = tuple(_restated(one, shown) for one in reversed(made) if one.closed_run == period.run)
    if found is None:
        return PeriodView(period, None, None, (), 0, kept)
    pinned = found.manifest
    return PeriodView(
        period, pinned.run, pinned.created_at, _totals(settings, found), found.exceptions.height, kept
    )


def _totals(settings: Settings, found: Result) -> tuple[Total, ...]:
    frame = intervals_of(settings, found).filter(pl.col("kind") == TOTAL)
    known = {row["book"]: row for row in frame.iter_rows(named=True)}
    sums = totals(found)
    return tuple(
        Total(book, sums[book, True], _of(known, book, "low_kg"), _of(known, book, "high_kg"))
        for book in found.manifest.books
    )


def _of(known: dict[str, dict[str, Any]], book: str, name: str) -> Decimal | None:
    value = known.get(book, {}).get(name)
    return None if value is None else Decimal(str(value))


def _restated(made: Restatement, shown: int) -> Restated:
    content = json.loads(made.content)
    sums = of_text(content["totals"], TOTAL_SCHEMA)
    lines = of_text(content["differences"], DIFFERENCE_SCHEMA).filter(pl.col("is_counted"))
    largest = lines.sort(pl.col("effect_kg").abs(), descending=True, maintain_order=True).head(shown)
    return Restated(
        made.number,
        made.by,
        made.at,
        made.reason,
        list(sums.iter_rows(named=True)),
        list(largest.iter_rows(named=True)),
        lines.height,
    )


def looked_at(result: dict[str, Any], by: str, at: str, shown: int) -> Restated:
    """Return a restatement that was only looked at, as a job keeps it."""
    exact = [name for name in TOTAL_SCHEMA if name.endswith("_kg")]
    sums = [
        row | {name: Decimal(row[name]) for name in exact} | {"change": _share(row["change"])}
        for row in result["books"]
    ]
    lines = [_line(row) for row in result["lines"][:shown]]
    return Restated(None, by, at, "", sums, lines, result["count"])


def _line(row: dict[str, Any]) -> dict[str, Any]:
    masses = {name: Decimal(row[name]) for name in row if name.endswith("_kg") and row[name] is not None}
    return row | masses | {"month": date.fromisoformat(row["month"])}


def _share(change: str | None) -> Decimal | None:
    return None if change is None else Decimal(change)
