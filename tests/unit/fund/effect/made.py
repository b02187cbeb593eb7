"""Months of made-up sources, small enough to be calculated by hand."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import polars as pl

from bilanz.fund.effect.assessment import Question
from bilanz.fund.effect.series import (
    USE_SCHEMA,
    Course,
    Driver,
    DriverKind,
    days_of,
    months_between,
)

COURSE = Course(
    baseline_from=date(2021, 1, 1),
    baseline_to=date(2022, 1, 1),
    starts_on=date(2022, 2, 10),
    completed_on=date(2022, 3, 20),
    until=date(2023, 4, 1),
)
"""Twelve months before, two of works, twelve after: April 2022 to March 2023."""

BEFORE = tuple(months_between(COURSE.baseline_from, COURSE.baseline_to))
AFTER = tuple(months_between(date(2022, 4, 1), COURSE.until))
ALL = tuple(months_between(COURSE.baseline_from, COURSE.until))
COLD = (18, 15, 12, 8, 3, 0, 0, 0, 2, 8, 13, 17)
"""Degree days a day, from January."""


def rows(source: str, per_day: Callable[[date], object], state: str = "measured") -> list[tuple[object, ...]]:
    """Return months of a source that uses so much a day."""
    return [(source, month, days_of(month) * Decimal(str(per_day(month))), state) for month in ALL]


def use(*parts: Sequence[tuple[object, ...]]) -> pl.DataFrame:
    return pl.DataFrame([row for part in parts for row in part], schema=USE_SCHEMA, orient="row")


def changed(frame: pl.DataFrame, source: str, states: Mapping[date, str]) -> pl.DataFrame:
    """Return a frame in which some months of a source are something else than measured."""
    told = [
        (name, month, None, states[month])
        if name == source and month in states
        else (name, month, quantity, state)
        for name, month, quantity, state in frame.iter_rows()
    ]
    return pl.DataFrame(told, schema=USE_SCHEMA, orient="row")


def alternating(month: date) -> int:
    """9 and 11 a day by turns before, 8 after."""
    return 8 if month >= AFTER[0] else 9 + 2 * (month.month % 2)


def heated(month: date, *, slope: str = "2", saved: str = "0") -> Decimal:
    """10 a day and `slope` per degree day, less a part of it after completion; ± 1 by turns."""
    whim = 1 if (month.year * 12 + month.month) % 2 else -1
    whole = 10 + Decimal(slope) * COLD[month.month - 1] + whim
    return whole * (1 - Decimal(saved)) if month >= AFTER[0] else whole


def degree_days(**other: int) -> Driver:
    """Return the degree days of every month; `m2022_12=40`: another number a day for one of them."""
    told = {f"m{month:%Y_%m}": COLD[month.month - 1] for month in ALL} | other
    values = {month: Decimal(told[f"m{month:%Y_%m}"] * days_of(month)) for month in ALL}
    return Driver(DriverKind.HEATING, "station", values, is_flow=True)


def question(frame: pl.DataFrame, *touched: str, **told: object) -> Question:
    """Return a question about sources in kWh; the meters are exact unless told otherwise."""
    halves = dict.fromkeys(touched, 0.0)
    asked = Question(use=frame, unit="kWh", touched=touched, course=COURSE, half_widths=halves)
    return replace(asked, **told)
