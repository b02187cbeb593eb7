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
_OF_LINE: Final = ["organisation", "source", "activity", "month"]
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
    children: dict[str | None, list[str]] = {}
    for child, parent in result.organisations.select("organisation", "parent").iter_rows():
        children.setdefault(parent, []).append(child)
    known = organisation in set(result.organisations["organisation"])
    found: set[str] = set()
    pending = [organisation] if known else []
    while pending:
        current = pending.pop()
        found.add(current)
        pending += [child for child in children.get(current, []) if child not in found]
    return frozenset(found)


def coming(measures: pl.DataFrame, scope: Scope) -> list[Row]:
    """Return the measures of a target's organisations that are planned, decided or begun."""
    alive = (Status.PLANNED.value, Status.DECIDED.value, Status.IMPLEMENTED.value)
    return measures.filter(
        pl.col("organisation").is_in(list(scope.within)), pl.col("status").is_in(alive)
    ).to_dicts()


def effect(measure: Row, scope: Scope, result: Result) -> Decimal | None:
    """Return kg CO2e a year: as stated, else the energy times what its activity emitted per kWh.

    Energy without a figure is not in what a kWh emitted. None where the figure of the target holds nothing of
    the activity: what is not in a total cannot lower it.
    """
    of_activity = pl.col("activity") == measure["activity"]
    lines = scope.lines(result).filter(of_activity)
    if lines.is_empty():
        return None
    if measure["effect_kg"] is not None:
        return Decimal(measure["effect_kg"])
    told = lines.filter(pl.col("co2e_kg").is_not_null()).select(_OF_LINE).unique()
    used = result.usage.join(told, on=_OF_LINE, how="semi", nulls_equal=True).filter(
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


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a figure and the rates declared for it, those of the nearest organisation first."""

    kg: Decimal
    rates: tuple[Row, ...]

    def grown(self, now: int, year: int) -> Decimal:
        """Return the part in a year; where no rate holds it stays as it is."""
        kg = self.kg
        for number in range(now + 1, year + 1):
            holding = (rate for rate in self.rates if rate["first_year"] <= number <= rate["last_year"])
            kg *= 1 + Decimal(next((rate["rate"] for rate in holding), 0))
        return kg


def parts(scope: Scope, growth: pl.DataFrame, result: Result) -> list[Part]:
    """Return a figure by organisation and activity, each with the rates that apply."""
    rates = [(below(result, rate["organisation"]), rate) for rate in growth.sort("id").iter_rows(named=True)]
    rates.sort(key=lambda pair: len(pair[0]))
    sums = scope.lines(result).group_by("organisation", "activity").agg(pl.col("co2e_kg").sum())
    return [
        Part(
            Decimal(kg or 0),
            tuple(rate for within, rate in rates if rate["activity"] == activity and organisation in within),
        )
        for organisation, activity, kg in sums.iter_rows()
    ]
