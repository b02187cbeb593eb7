"""Reference values of indicators: staff and floor area of the organisations a balance holds lines of.

A size is only told where every organisation with a line states it, and none of them stands above another:
nobody says whether the staff of a company holds that of its subsidiary.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import polars as pl

from bilanz.result import Result

STAFF: Final = "staff"
AREA: Final = "floor_area_m2"
POPULATION: Final = "population"


@dataclass(frozen=True, slots=True)
class Size:
    """A reference value; None with the organisations that do not state it, or that state it twice."""

    value: Decimal | None
    missing: tuple[str, ...] = ()
    nested: tuple[str, ...] = ()


def size_of(result: Result, run: Result, name: str) -> Size:
    """Return the sum of a size over the organisations of a year.

    Args:
        result: the run beside which the sizes stand.
        run: the run of the year: `result` or an earlier one.
        name: `staff`, `floor_area_m2`.
    """
    within = sorted(run.lines["organisation"].unique().drop_nulls().to_list())
    stated = _stated(result, run.manifest.year, name)
    missing = tuple(code for code in within if stated.get(code) is None)
    nested = _nested(run, within)
    if missing or nested or not within:
        return Size(None, missing, nested)
    return Size(sum((Decimal(stated[code] or 0) for code in within), Decimal(0)))


def population(result: Result, run: Result) -> Decimal | None:
    """Return the inhabitants of the topmost organisations; None where one of them states none."""
    organisations = run.organisations
    within = organisations["organisation"].implode()
    roots = organisations.filter(pl.col("parent").is_null() | ~pl.col("parent").is_in(within))
    stated = _stated(result, run.manifest.year, POPULATION)
    values = [stated.get(code) for code in roots["organisation"]]
    known = [Decimal(value) for value in values if value is not None]
    return sum(known, Decimal(0)) if known and len(known) == len(values) else None


def _stated(result: Result, year: int, name: str) -> dict[str, Decimal | int | None]:
    table = result.beside.figures
    if table is None:
        return {}
    return dict(table.filter(pl.col("year") == year).select("organisation", name).iter_rows())


def _nested(run: Result, within: list[str]) -> tuple[str, ...]:
    """Return the organisations that stand below another one of them."""
    parents = dict(run.organisations.select("organisation", "parent").iter_rows())
    return tuple(code for code in within if not set(within).isdisjoint(_above(code, parents)))


def _above(code: str, parents: dict[str, str | None]) -> list[str]:
    found: list[str] = []
    current = parents.get(code)
    while current is not None and current not in found:
        found.append(current)
        current = parents.get(current)
    return found
