"""Monthly use of sources with weather and use variable, split into before, works and after.

    baseline_from      baseline_to   starts_on       completed_on
         |── before ────────|           |─── works ───────|── after ────────►
         whole months only                works, gaps: left out and shown

A month counts where every source that is held in it was measured over all its days. What was estimated, or
spread from a bill over several months, is no measurement: the month is left out, with the reason.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

import polars as pl

from bilanz.fund.effect.reason import LeftOut


class MonthState(StrEnum):
    """What is known of a source in a month."""

    MEASURED = "measured"  # every day; a bill of just this month too
    ESTIMATED = "estimated"
    APPORTIONED = "apportioned"  # of a bill over several months
    PARTIAL = "partial"
    MISSING = "missing"
    NOT_HELD = "not_held"  # not expected: the source began later or ended before


USE_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "source": pl.String,
    "month": pl.Date,  # first day
    "quantity": pl.Decimal(38, 6),  # null unless measured
    "state": pl.String,  # MonthState
}
"""One unit for all; a source without a row in a month is missing in it."""


class DriverKind(StrEnum):
    """What use depends on."""

    HEATING = "heating"
    COOLING = "cooling"
    USE = "use"


@dataclass(frozen=True, slots=True)
class Driver:
    """A variable of weather or use, month by month.

    Attributes:
        label: what it is and where it comes from: definition and region, or name of a series.
        values: first day of the month → value; a month without is left out.
        is_flow: a sum over the month (degree days, kilometres), else a level (occupants).
    """

    kind: DriverKind
    label: str
    values: Mapping[date, Decimal]
    is_flow: bool

    def on(self, month: date) -> float:
        """Return the value of a month: of a day, where it is a sum."""
        value = float(self.values[month])
        return value / days_of(month) if self.is_flow else value


@dataclass(frozen=True, slots=True)
class Course:
    """The dates of a project: half-open, as in the registry."""

    baseline_from: date
    baseline_to: date  # first day no longer in it
    starts_on: date
    completed_on: date
    until: date  # first month nothing is known of any more


@dataclass(frozen=True, slots=True)
class Month:
    """A month every source was measured in."""

    month: date
    by_source: Mapping[str, Decimal]

    @property
    def days(self) -> int:
        """Days of the month."""
        return days_of(self.month)

    @property
    def quantity(self) -> Decimal:
        """Sum of the sources."""
        return sum(self.by_source.values(), Decimal())


@dataclass(frozen=True, slots=True)
class Series:
    """The months of a project."""

    before: tuple[Month, ...]
    after: tuple[Month, ...]
    left_out: tuple[LeftOut, ...]


def next_month(month: date) -> date:
    """Return the first day of the month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def days_of(month: date) -> int:
    """Return the days of a month."""
    return (next_month(month) - month).days


def months_between(start: date, end: date) -> Iterator[date]:
    """Yield the first days of the months that lie wholly in [start, end)."""
    month = start if start.day == 1 else next_month(start.replace(day=1))
    while next_month(month) <= end:
        yield month
        month = next_month(month)


def series(
    use: pl.DataFrame,
    sources: Collection[str],
    course: Course,
    drivers: Collection[Driver] = (),
    is_taken: Callable[[date], bool] = lambda _: False,
) -> Series:
    """Return the months of some sources together, split by the course of a project.

    Args:
        use: `USE_SCHEMA`, one unit.
        sources: they are summed; each must be measured where it is held.
        course: the dates.
        drivers: a month without one of them is left out.
        is_taken: whether a month belongs to another project too.
    """
    held = _held(use, sources)
    end = min(course.baseline_to, course.starts_on)
    begun = next_month(course.completed_on.replace(day=1))
    left: list[LeftOut] = []

    def kept(months: Iterable[date]) -> Iterator[Month]:
        for month in months:
            states = held.get(month, {})
            lacking = "other_project" if is_taken(month) else _lacking(states, sources, drivers, month)
            if lacking is None:
                told = {name: value for name, (_, value) in states.items() if value is not None}
                yield Month(month, told)
            else:
                left.append(LeftOut(month, lacking))

    before = tuple(kept(months_between(course.baseline_from, end)))
    after = tuple(kept(months_between(begun, course.until)))
    left += _unused(course, end, begun)
    return Series(before, after, tuple(sorted(left, key=lambda each: each.month)))


def _held(
    use: pl.DataFrame, sources: Collection[str]
) -> Mapping[date, Mapping[str, tuple[str, Decimal | None]]]:
    found: dict[date, dict[str, tuple[str, Decimal | None]]] = {}
    rows = use.filter(pl.col("source").is_in(list(sources))).sort("month", "source")
    for source, month, quantity, state in rows.select(USE_SCHEMA.keys()).iter_rows():
        found.setdefault(month, {})[source] = (state, quantity if state == MonthState.MEASURED else None)
    return found


def _lacking(
    states: Mapping[str, tuple[str, Decimal | None]],
    sources: Collection[str],
    drivers: Collection[Driver],
    month: date,
) -> str | None:
    """Return why a month cannot be used: what is worst of its sources; None: it can."""
    found = {states[name][0] if name in states else MonthState.MISSING.value for name in sources}
    if found == {MonthState.NOT_HELD.value}:
        return "missing"
    for state in ("missing", "partial", "estimated", "apportioned"):
        if state in found:
            return state
    return None if all(month in driver.values for driver in drivers) else "no_driver"


def _unused(course: Course, end: date, begun: date) -> Iterator[LeftOut]:
    """Yield the months between baseline and the first month after completion."""
    first = end.replace(day=1)
    works = course.starts_on.replace(day=1)
    for month in months_between(first, begun):
        yield LeftOut(month, "works" if month >= works else "gap")
