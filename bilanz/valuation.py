"""Money as booked → money a spend factor is stated in: every step exact, dated and sourced.

    gross ──tax rate of the day──► net ──exchange rate──► currency of the factor
          ──price index──► prices of its year ──margin──► basic prices, where the factor is in basic prices

What has no sourced row is left as it is and noted (`not_deflated`, `margins_not_removed`, `prices_unstated`);
a currency without a rate is a misfit: there is no rate of 1. Of several rows that of the own group counts,
then the nearer region, the lower rank, the shorter validity, the newer edition.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from typing import Any, Final

import polars as pl

from bilanz.conversion import DEFINITION, Conversion, Misfit, Step
from bilanz.price import INDEX_SCHEMA, IndexKind
from bilanz.sentences import say
from bilanz.units import dimension, ratio, units

MONEY: Final = "money"
BASIC: Final = "basic"
_PERCENT: Final = 100
_NOWHERE: Final = 1_000
_FOREVER: Final = date.max


@dataclass(frozen=True, slots=True)
class Booked:
    """An amount as the record states it.

    Attributes:
        unit: currency, or a multiple of one.
        vat: category of the value added tax it contains; empty: net.
        regions: where it was paid: region, country.
    """

    unit: str
    vat: str
    product_group: str
    regions: tuple[str, ...]
    on: date


@dataclass(frozen=True, slots=True)
class Priced:
    """What a spend factor is stated per.

    Attributes:
        factor_id: the statement, for the notes.
        regions: of the factor: its currency's prices are those of its country.
    """

    factor_id: str
    unit: str
    year: int | None
    basis: str | None
    regions: tuple[str, ...]


@dataclass(slots=True)
class _Way:
    """Steps and notes of one conversion, as they come together."""

    steps: list[Step]
    used: list[str]
    notes: list[tuple[str, str]]

    def add(self, step: Step, *rows: dict[str, Any]) -> None:
        self.steps.append(step)
        self.used += [row["index_id"] for row in rows]


class Valuer:
    """Valuations by the index rows of a catalogue."""

    def __init__(self, indices: pl.DataFrame | None = None) -> None:
        """Sort the rows by kind. Shape: `INDEX_SCHEMA`; None: no index is known."""
        frame = pl.DataFrame(schema=INDEX_SCHEMA) if indices is None else indices
        self._rows: dict[str, list[dict[str, Any]]] = {}
        for row in frame.sort("edition", "index_id", descending=[True, False]).iter_rows(named=True):
            self._rows.setdefault(row["kind"], []).append(row)
        self.value: Callable[[Booked, Priced], Conversion | Misfit] = cache(self._value)

    def _value(self, booked: Booked, priced: Priced) -> Conversion | Misfit:
        """Return the exact ratio from an amount as booked to the money of a factor, or why there is none."""
        own, wanted = _currency(booked.unit), _currency(priced.unit)
        way = _Way([], [], [])
        _define(way, booked.unit, own)
        if booked.vat:
            tax = self._best(IndexKind.VAT_RATE, booked, booked.regions, category=booked.vat)
            if tax is None:
                return Misfit("unit_mismatch", say("no_tax", category=booked.vat, day=booked.on))
            way.add(_net(tax, own), tax)
        rates = self._rates(own, wanted, booked.on)
        if rates is None:
            return Misfit("unit_mismatch", say("no_rate", start=own, end=wanted, day=booked.on))
        for step, row in rates:
            way.add(step, row)
        self._deflate(way, booked, priced, wanted)
        self._without_margin(way, booked, priced, wanted)
        _define(way, wanted, priced.unit)
        total = Fraction(1)
        for step in way.steps:
            total *= step.value
        return Conversion(total, tuple(way.steps), tuple(way.used), notes=tuple(way.notes))

    def _best(
        self, kind: IndexKind, booked: Booked, regions: tuple[str, ...], *, category: str | None = None
    ) -> dict[str, Any] | None:
        """Return the row that counts for a product group in a region on a day, or None."""
        rows = [
            row
            for row in self._fitting(kind, booked.product_group, regions)
            if _holds(row, booked.on) and row["category"] == category
        ]
        return min(rows, key=lambda row: _order(row, regions), default=None)

    def _fitting(self, kind: IndexKind, group: str, regions: tuple[str, ...]) -> Iterator[dict[str, Any]]:
        for row in self._rows.get(kind.value, ()):
            if row["region"] in regions and row["product_group"] in {None, group}:
                yield row

    def _rates(self, own: str, wanted: str, on: date) -> list[tuple[Step, dict[str, Any]]] | None:
        """Return the one or two rates between two currencies on a day, or None."""
        if own == wanted:
            return []
        direct = self._rate(own, wanted, on)
        if direct is not None:
            return [direct]
        known = [row for row in self._rows.get(IndexKind.EXCHANGE_RATE.value, ()) if _holds(row, on)]
        for pivot in sorted({row[name] for row in known for name in ("unit", "per_unit")} - {own, wanted}):
            first, second = self._rate(own, pivot, on), self._rate(pivot, wanted, on)
            if first is not None and second is not None:
                return [first, second]
        return None

    def _rate(self, own: str, wanted: str, on: date) -> tuple[Step, dict[str, Any]] | None:
        """Return the rate stated between two currencies, read forwards or backwards."""
        rows = [
            row
            for row in self._rows.get(IndexKind.EXCHANGE_RATE.value, ())
            if _holds(row, on) and {row["unit"], row["per_unit"]} == {own, wanted}
        ]
        if not rows:
            return None
        row = min(rows, key=lambda row: _order(row, ()))
        stated = Fraction(row["value"])
        value = stated if row["unit"] == wanted else 1 / stated
        subject = f"{own} → {wanted}, {row['valid_from']}/{row['valid_to']}"
        return Step(IndexKind.EXCHANGE_RATE.value, subject, value, f"{wanted}/{own}", _source(row)), row

    def _deflate(self, way: _Way, booked: Booked, priced: Priced, currency: str) -> None:
        """Add the step from the prices of the year of booking to those of the factor, or note why not."""
        year = booked.on.year
        if priced.year is None or priced.basis is None:
            way.notes.append(("prices_unstated", priced.factor_id))
        if priced.year is None or priced.year == year:
            return
        pair = self._pair(booked, priced.regions, year, priced.year)
        told = f"{priced.factor_id}: {year} → {priced.year}"
        if pair is None:
            way.notes.append(("not_deflated", told))
            return
        then, now = pair
        value = Fraction(then["value"]) / Fraction(now["value"])
        unit = f"{currency} {priced.year}/{currency} {year}"
        subject = f"{then['value'].normalize():f} / {now['value'].normalize():f}"
        source = f"{_source(then)} / {now['locator'] or now['index_id']}"
        way.add(Step(IndexKind.PRICE_INDEX.value, subject, value, unit, source), now, then)
        way.notes.append(("deflated", f"{told} ({now['index_id']}, {then['index_id']})"))

    def _pair(
        self, booked: Booked, regions: tuple[str, ...], year: int, other: int
    ) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """Return the values of one series for the year of the factor and that of the booking, or None.

        Both come from one edition: an index is not divided across a change of its base.
        """
        series: dict[tuple[str, ...], dict[int, dict[str, Any]]] = {}
        for row in self._fitting(IndexKind.PRICE_INDEX, booked.product_group, regions):
            key = (row["series"], row["region"], row["product_group"] or "", row["edition"])
            series.setdefault(key, {})[row["valid_from"].year] = row
        whole = [years for years in series.values() if year in years and other in years]
        best = min(whole, key=lambda years: _order(years[year], regions), default=None)
        return None if best is None else (best[other], best[year])

    def _without_margin(self, way: _Way, booked: Booked, priced: Priced, currency: str) -> None:
        """Add the step from purchaser's to basic prices, or note that trade and transport stayed in."""
        if priced.basis != BASIC:
            return
        row = self._best(IndexKind.MARGIN, booked, booked.regions)
        if row is None:
            way.notes.append(("margins_not_removed", priced.factor_id))
            return
        unit = f"{currency} basic/{currency} purchaser"
        subject = f"{row['product_group']}, {row['region']}, {row['valid_from'].year}"
        way.add(Step(IndexKind.MARGIN.value, subject, Fraction(row["value"]), unit, _source(row)), row)


@cache
def is_money(unit: str) -> bool:
    """Tell whether a unit is a currency or a multiple of one; an unknown unit is none."""
    known = units().get(unit)
    return known is not None and known.kind == MONEY


def _currency(unit: str) -> str:
    return dimension(unit).partition(":")[2]


def _define(way: _Way, unit: str, target: str) -> None:
    if unit != target:
        way.add(Step(DEFINITION, f"{unit} → {target}", ratio(unit, target), f"{target}/{unit}", ""))


def _net(row: dict[str, Any], currency: str) -> Step:
    """Return the step from an amount with tax to the one without: 100 / (100 + rate)."""
    rate = Fraction(row["value"])
    subject = f"100 / (100 + {row['value'].normalize():f})"
    value = Fraction(_PERCENT) / (_PERCENT + rate)
    return Step(IndexKind.VAT_RATE.value, subject, value, f"{currency} net/{currency} gross", _source(row))


def _holds(row: dict[str, Any], on: date) -> bool:
    return bool(row["valid_from"] <= on and (row["valid_to"] is None or on < row["valid_to"]))


def _order(row: dict[str, Any], regions: tuple[str, ...]) -> tuple[int, int, int, int]:
    """Order rows: own product group, region, rank, length. The newest edition comes first and counts."""
    place = regions.index(row["region"]) if row["region"] in regions else _NOWHERE
    days = ((row["valid_to"] or _FOREVER) - row["valid_from"]).days
    return (0 if row["product_group"] else 1, place, row["rank"], days)


def _source(row: dict[str, Any]) -> str:
    return f"{row['publisher'] or row['source']}: {row['title']}, {row['locator'] or row['index_id']}"
