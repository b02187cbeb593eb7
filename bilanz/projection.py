"""What is assumed to come, each assumption by its name; no trend is drawn on.

frozen     activity and factors stay as they are in the year of the balance
measures   frozen, less the effects of measures that are planned, decided or begun
growth     measures, with the declared rates of growth
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

import polars as pl

from bilanz.plan import Status
from bilanz.records import Direction, Role
from bilanz.result import Result

_DIGITS: Final = Decimal("1e-6")
_OWN: Final = (Role.CONSUMED.value, Role.DELIVERED.value)

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Scope:
    """What a target counts: organisations, book and scopes."""

    within: frozenset[str]
    book: str
    scopes: tuple[str, ...]

    def lines(self, result: Result) -> pl.DataFrame:
        """Return the lines of a run that count."""
        return result.lines.filter(
            pl.col("book") == self.book,
            pl.col("scope").is_in(self.scopes),
            pl.col("organisation").is_in(list(self.within)),
        )

    def total(self, result: Result) -> Decimal | None:
        """Return kg CO2e; None where the run has no such line or not the book."""
        known = self.lines(result)["co2e_kg"].drop_nulls()
        return Decimal(known.sum()) if known.len() else None


def below(result: Result, organisation: str) -> frozenset[str]:
    """Return an organisation with everything below it, as the run knows them; none where it is not there."""
    parents = dict(result.organisations.select("organisation", "parent").iter_rows())
    found: set[str] = set()
    pending = [organisation] if organisation in parents else []
    while pending:
        current = pending.pop()
        found.add(current)
        pending += [child for child, parent in parents.items() if parent == current and child not in found]
    return frozenset(found)


def coming(measures: pl.DataFrame, scope: Scope) -> list[Row]:
    """Return the measures of a target's organisations that are planned, decided or begun."""
    alive = (Status.PLANNED.value, Status.DECIDED.value, Status.IMPLEMENTED.value)
    return measures.filter(
        pl.col("organisation").is_in(list(scope.within)), pl.col("status").is_in(alive)
    ).to_dicts()


def effect(measure: Row, scope: Scope, result: Result) -> Decimal | None:
    """Return kg CO2e a year: as stated, else the energy times what its activity emitted per kWh.

    None where the figure of the target holds nothing of the activity: what is not in a total cannot lower it.
    """
    of_activity = pl.col("activity") == measure["activity"]
    lines = scope.lines(result).filter(of_activity)
    if lines.is_empty():
        return None
    if measure["effect_kg"] is not None:
        return Decimal(measure["effect_kg"])
    used = result.usage.filter(
        of_activity,
        pl.col("organisation").is_in(list(scope.within)),
        pl.col("direction") == Direction.CONSUMPTION.value,
        pl.col("role").is_null() | pl.col("role").is_in(_OWN),
    )
    kwh = used["energy_kwh"].drop_nulls().sum()
    if not kwh or used.filter(pl.col("energy_kwh").is_null()).height:
        return None
    per_kwh = Decimal(lines["co2e_kg"].sum()) / Decimal(kwh)
    return (Decimal(measure["effect_kwh"]) * per_kwh).quantize(_DIGITS)


def in_year(measure: Row, kg: Decimal, now: int, year: int) -> Decimal:
    """Return what a measure takes off the figure of `now` in a year, in kg.

    A measure that began before the year of the balance is in its figure. One that began within it counts with
    the part of the year before it began; one that begins later counts from its first day on. A lifetime ends
    with the year before the one it ends in.
    """
    start: date = measure["starts_on"]
    lifetime = measure["lifetime_years"]
    if year <= now or start.year < now or (lifetime is not None and year >= start.year + lifetime):
        return Decimal(0)
    before = (
        Decimal((start - date(start.year, 1, 1)).days)
        / (date(start.year + 1, 1, 1) - date(start.year, 1, 1)).days
    )
    if start.year == now:
        return kg * before
    return kg * (1 - before) if year == start.year else kg * (year > start.year)


def by_activity(scope: Scope, result: Result) -> list[Row]:
    """Return kg CO2e by organisation and activity."""
    sums = scope.lines(result).group_by("organisation", "activity").agg(pl.col("co2e_kg").sum())
    return sums.sort("organisation", "activity", nulls_last=True).to_dicts()


def relevant(growth: pl.DataFrame, parts: list[Row], result: Result) -> list[Row]:
    """Return the rates that apply to any part of a figure."""
    return [
        rate
        for rate in growth.iter_rows(named=True)
        if any(
            part["activity"] == rate["activity"]
            and part["organisation"] in below(result, rate["organisation"])
            for part in parts
        )
    ]


def grown(parts: list[Row], rates: list[Row], result: Result, now: int, year: int) -> Decimal:
    """Return the figure of the year with the declared rates; the nearest organisation's rate counts."""
    total = Decimal(0)
    for part in parts:
        kg = Decimal(part["co2e_kg"] or 0)
        for number in range(now + 1, year + 1):
            kg *= 1 + _rate(part, rates, result, number)
        total += kg
    return total


def _rate(part: Row, rates: list[Row], result: Result, year: int) -> Decimal:
    """Return the rate of an activity in a year: of the organisation with the fewest below it; none is 0."""
    fitting = [
        (len(within), rate["id"], Decimal(rate["rate"]))
        for rate in rates
        if rate["activity"] == part["activity"] and rate["first_year"] <= year <= rate["last_year"]
        if part["organisation"] in (within := below(result, rate["organisation"]))
    ]
    return min(fitting)[2] if fitting else Decimal(0)
