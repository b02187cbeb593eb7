"""Figures of members: which hold for a year, and what is missing.

    contribution of 2026, mean of three years:   2023  2024  2025 │ 2026
                                                 └──── mean ────┘

A mean over fewer years than the key declares is no mean: it is a `Gap` that names the years. Nothing is
filled from a year before, from a neighbour or with zero. Incomes in the member's currency are converted year
by year with the exchange rate of the same year, to twelve decimals, so that they can be compared in the
currency of the fund.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final

from bilanz.errors import Refused
from bilanz.fund.cents import decimal
from bilanz.fund.member import FigureKind, FundFigure, FundMember
from bilanz.messages import Language, translate

_PLACES: Final = 12

PURCHASING_POWER: Final = "PPS"
"""How a unit of purchasing power standards begins, such as PPS_EU27_2020_HAB; one spelling for all."""

KINDS: Final[Mapping[str, str]] = {
    FigureKind.INHABITANTS: "inhabitants",
    FigureKind.INCOME: "disposable income per head",
    FigureKind.PRICE_LEVEL: "price level",
    FigureKind.TAX_CAPACITY: "tax capacity per head",
    FigureKind.EXCHANGE_RATE: "exchange rate",
}
"""Kind → its words, a template."""


class Reason(StrEnum):
    """Why a figure, or what follows from it, is not told."""

    MISSING = "missing"  # no figure for some of the years
    MIXED = "mixed"  # the years are in different units
    NOT_POSITIVE = "not_positive"  # nothing can be compared with a mean of zero or less
    FOREIGN = "foreign"  # in a unit that leads to neither the fund's currency nor purchasing power
    UNLIKE = "unlike"  # in another unit than those it is compared with
    PURCHASING_POWER = "purchasing_power"  # no share of an income in money
    ANCHOR = "anchor"  # the anchor is no member in the year, or lacks figures
    NEIGHBOUR = "neighbour"  # a member of the same country lacks figures
    OTHERS = "others"  # the total is fixed, and another member lacks figures
    PAYMENT = "payment"  # a payment in a currency that is neither the fund's nor the member's


TEMPLATES: Final[Mapping[Reason, str]] = {
    Reason.MISSING: "{organisation}: {kind} missing for {years}; {first} to {last} are needed.",
    Reason.MIXED: "{organisation}: {kind} in {units}; the years of a mean need one unit.",
    Reason.NOT_POSITIVE: "{organisation}: {kind}, the mean of {first} to {last} is not above zero.",
    Reason.FOREIGN: "{organisation}: {kind} in {unit}; expected is {expected}.",
    Reason.UNLIKE: "{organisation}: {kind} in {unit} cannot be compared with {others}.",
    Reason.PURCHASING_POWER: "{organisation}: burden not assessable, the income is in {unit}, not in money.",
    Reason.ANCHOR: "{organisation}: the anchor {anchor} is no member in {year} or lacks figures.",
    Reason.NEIGHBOUR: "{organisation}: other members of its country lack figures: {members}.",
    Reason.OTHERS: "{organisation}: the total is fixed, and other members lack figures: {members}.",
    Reason.PAYMENT: "{organisation}: a payment for {year} in {unit} cannot be converted to {expected}.",
}


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that is not told, and why. `facts` are names, years and units, no words of a language."""

    organisation: str
    reason: Reason
    kind: str | None = None  # FigureKind
    facts: tuple[tuple[str, str], ...] = ()

    def text(self, language: Language) -> str:
        """Return the gap as a sentence."""
        kind = "" if self.kind is None else translate(KINDS[self.kind], language)
        facts = dict(self.facts) | {"organisation": self.organisation, "kind": kind}
        return translate(TEMPLATES[self.reason], language, **facts)


@dataclass(frozen=True, slots=True)
class Held:
    """A figure that holds for a year, with the rows it was made of. Units: `unit`; the value is exact."""

    value: Fraction
    unit: str
    rows: tuple[FundFigure, ...]


def gap(organisation: str, reason: Reason, kind: str | None = None, **facts: object) -> Gap:
    """Return a gap."""
    return Gap(organisation, reason, kind, tuple((name, str(fact)) for name, fact in sorted(facts.items())))


def span(year: int, mean_years: int) -> range:
    """Return the years whose figures are averaged for the contribution of a year: those before it."""
    return range(year - mean_years, year)


class Figures:
    """Figures of all members, by member, kind and year."""

    def __init__(self, rows: Iterable[FundFigure]) -> None:
        """Index figures.

        Raises:
            Refused: two figures of one member, kind and year.
        """
        self._rows: dict[tuple[str, str, int], FundFigure] = {}
        for row in rows:
            place = (row.organisation, str(row.kind), row.year)
            if place in self._rows:
                message = 'There are two figures of "{organisation}" for {kind} {year}.'
                raise Refused(message, organisation=row.organisation, kind=row.kind, year=row.year)
            self._rows[place] = row

    def of(self, organisation: str, kind: str, year: int) -> FundFigure | None:
        """Return the figure of a year, or None."""
        return self._rows.get((organisation, str(kind), year))

    def all(self, kind: str) -> list[FundFigure]:
        """Return the figures of a kind."""
        return [row for row in self._rows.values() if row.kind == kind]

    def rows(self, organisation: str, kind: str, years: range) -> tuple[FundFigure, ...] | Gap:
        """Return the figures of all years asked for, or the years that are missing."""
        found = {year: self.of(organisation, kind, year) for year in years}
        missing = [year for year, row in found.items() if row is None]
        if missing:
            told = ", ".join(map(str, missing))
            return gap(organisation, Reason.MISSING, kind, years=told, **_ends(years))
        return tuple(row for row in found.values() if row is not None)

    def mean(self, organisation: str, kind: str, years: range) -> Held | Gap:
        """Return the mean of all years asked for: in one unit, above zero and without a missing year."""
        rows = self.rows(organisation, kind, years)
        if isinstance(rows, Gap):
            return rows
        units = sorted({row.unit for row in rows})
        if len(units) > 1:
            return gap(organisation, Reason.MIXED, kind, units=", ".join(units))
        return _mean(organisation, kind, [Fraction(row.value) for row in rows], units[0], rows)

    def exchange_rate(self, member: FundMember, currency: str, years: range) -> tuple[FundFigure, ...] | Gap:
        """Return exchange rates in units of the member's currency for one of `currency`, such as PLN/EUR."""
        rows = self.rows(member.organisation, FigureKind.EXCHANGE_RATE, years)
        if isinstance(rows, Gap):
            return rows
        expected = f"{member.currency}/{currency}"
        for row in rows:
            if row.unit != expected:
                kind = FigureKind.EXCHANGE_RATE
                return gap(member.organisation, Reason.FOREIGN, kind, unit=row.unit, expected=expected)
        return rows

    def rate(self, member: FundMember, currency: str, year: int) -> Held | Gap:
        """Return the exchange rate for what is due and paid for a year: the one of the year before.

        It is known when a contribution falls due, and a member that pays what it was told has paid. One for
        a member whose currency is the fund's.
        """
        unit = f"{member.currency}/{currency}"
        if member.currency == currency:
            return Held(Fraction(1), unit, ())
        years = span(year, 1)
        rows = self.exchange_rate(member, currency, years)
        if isinstance(rows, Gap):
            return rows
        values = [Fraction(row.value) for row in rows]
        return _mean(member.organisation, FigureKind.EXCHANGE_RATE, values, unit, rows)

    def income(self, member: FundMember, currency: str, years: range) -> Held | Gap:
        """Return the mean income per head, in the currency of the fund or in purchasing power standards."""
        kind = FigureKind.INCOME
        found = self.mean(member.organisation, kind, years)
        if isinstance(found, Gap) or found.unit == currency or found.unit.startswith(PURCHASING_POWER):
            return found
        if found.unit != member.currency:
            expected = f"{currency}, {member.currency}, {PURCHASING_POWER}…"
            return gap(member.organisation, Reason.FOREIGN, kind, unit=found.unit, expected=expected)
        rates = self.exchange_rate(member, currency, years)
        if isinstance(rates, Gap):
            return rates
        if any(rate.value <= 0 for rate in rates):
            ends = _ends(years)
            return gap(member.organisation, Reason.NOT_POSITIVE, FigureKind.EXCHANGE_RATE, **ends)
        pairs = zip(found.rows, rates, strict=True)
        values = [_converted(row, rate) for row, rate in pairs]
        return _mean(member.organisation, kind, values, currency, (*found.rows, *rates))


def _converted(row: FundFigure, rate: FundFigure) -> Fraction:
    """Return a figure in the currency of the fund; fractions of many denominators would only be slow."""
    return Fraction(decimal(Fraction(row.value) / Fraction(rate.value), _PLACES))


def _ends(years: range) -> dict[str, int]:
    return {"first": years[0], "last": years[-1]}


def _mean(
    organisation: str, kind: str, values: list[Fraction], unit: str, rows: tuple[FundFigure, ...]
) -> Held | Gap:
    mean = sum(values, Fraction(0)) / len(values)
    if mean <= 0:
        years = sorted({row.year for row in rows})
        return gap(organisation, Reason.NOT_POSITIVE, kind, first=years[0], last=years[-1])
    return Held(mean, unit, rows)


def unlike(held: Mapping[str, Held], kind: str, reference: str | None) -> dict[str, Gap]:
    """Return who cannot be compared: in another unit than the reference, or (None) all where units differ."""
    units = {reference} if reference else {figure.unit for figure in held.values()}
    if reference is None and len(units) <= 1:
        return {}
    return {
        name: gap(
            name, Reason.UNLIKE, kind, unit=figure.unit, others=", ".join(sorted(units - {figure.unit}))
        )
        for name, figure in held.items()
        if reference is None or figure.unit != reference
    }
