"""Filling gaps: an estimate for a month of a source of which nothing is known, with all it rests on.

    own_history   the same month of up to three earlier years, per day
    degree_days   the same month of the last year that knows it, its heating share by degree days
    profile       the other months of the year, by the course of comparable sources
    floor_area    kWh per m² of comparable organisations, times the own floor area

Comparable is what has the same activity, unit and basis in an organisation of the same kind; there must be
three. Estimates rest on measured and billed months only, never on estimates. What has no sound basis is
refused with the reason. Arithmetic is exact (fractions), rounded once, half-even, to the six decimals of the
store.

The loop is over gaps and months known as a whole, not over records: 120 000 a year for 10 000 meters.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

import polars as pl

from bilanz.errors import Refused
from bilanz.weather import Definition

Place = tuple[str, str, str]
"""Organisation, source, activity."""

LEAST_MONTHS: Final = 12
"""Complete months of its own a source needs before its history says anything."""

LEAST_COMPARABLE: Final = 3
LEAST_OWN: Final = 3
"""Months of the year a source needs before it has a course."""

YEARS: Final = 3
"""Earlier years that are looked at."""

_DEGREE_DAYS: Final = (Definition.VDI_G20_15.value, Definition.EUROSTAT_HDD.value)
"""Definitions that serve, the one meant for buildings first; two are never mixed."""

_PLACES: Final = 6


@dataclass(frozen=True, slots=True)
class Gap:
    """A month of a source of which nothing measured, billed or stated is known."""

    place: Place
    month: date
    days: int
    days_expected: int


@dataclass(frozen=True, slots=True)
class Known:
    """A month of which (nearly) every day is measured or billed."""

    quantity: Decimal
    days: int
    unit: str
    basis: str
    region: str

    @property
    def measure(self) -> tuple[str, str]:
        """What quantities must share to be added: unit and basis."""
        return self.unit, self.basis


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimated month.

    Attributes:
        formula: the arithmetic with its numbers, in the unit.
        reference: months (YYYY-MM) the estimate rests on.
        basis_data: name of a number in the formula → number.
    """

    gap: Gap
    method: str
    quantity: Decimal
    unit: str
    basis: str
    formula: str
    reference: tuple[str, ...]
    basis_data: Mapping[str, str]

    def attributes(self) -> dict[str, str]:
        """Return what the record keeps beside its quantity."""
        return {
            "method": self.method,
            "reference": ", ".join(self.reference),
            "formula": self.formula,
            "basis_data": json.dumps(self.basis_data, ensure_ascii=False, separators=(",", ":")),
        }


@dataclass(frozen=True, slots=True)
class Unfilled:
    """A gap that stays one, and why."""

    gap: Gap
    reason: Refused


@dataclass(frozen=True, slots=True)
class Grounds:
    """What estimates may rest on.

    Attributes:
        known: place → first day of the month → what is known of it.
        kinds: organisation → its kind.
        areas: organisation → floor area in m².
        heating: source → share of its consumption that heats, 0 to 1.
        degree_days: `DEGREE_DAY_SCHEMA`.
        meters: (organisation, activity) → its metered sources, with data or without.
    """

    known: Mapping[Place, Mapping[date, Known]]
    kinds: Mapping[str, str] = field(default_factory=dict)
    areas: Mapping[str, Decimal] = field(default_factory=dict)
    heating: Mapping[str, Decimal] = field(default_factory=dict)
    degree_days: pl.DataFrame | None = None
    meters: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)


def fill(
    gaps: Sequence[Gap], grounds: Grounds, method: str
) -> tuple[tuple[Estimate, ...], tuple[Unfilled, ...]]:
    """Estimate every gap that has a sound basis; the others come back with the reason."""
    estimates: list[Estimate] = []
    unfilled: list[Unfilled] = []
    for gap in gaps:
        try:
            _check_whole(gap)
            estimates.append(METHODS[method](gap, grounds))
        except Refused as reason:
            unfilled.append(Unfilled(gap, reason))
    return tuple(estimates), tuple(unfilled)


def _check_whole(gap: Gap) -> None:
    if gap.days_expected != gap.days:
        raise Refused("The source is held for a part of the month only.")


def own_history(gap: Gap, grounds: Grounds) -> Estimate:
    """Return the mean of the same month of up to three earlier years, per day of the month.

    Raises:
        Refused: fewer than twelve earlier months are complete, or none of them is this month.
    """
    same = _same_months(gap, grounds)
    mean = sum((Fraction(known.quantity) / known.days for _, known in same), Fraction()) / len(same)
    parts = " + ".join(f"{_plain(known.quantity)}/{known.days}" for _, known in same)
    return Estimate(
        gap,
        "own_history",
        _rounded(mean * gap.days),
        *_measure(same),
        f"{gap.days}/{len(same)} × ({parts})",
        tuple(_text(month) for month, _ in same),
        {_text(month): _plain(known.quantity) for month, known in same},
    )


def degree_days(gap: Gap, grounds: Grounds) -> Estimate:
    """Return the same month of the last year that knows it, its heating share scaled by degree days.

    `E × ((1 − h) × d/d_ref + h × G/G_ref)`: what does not heat goes by days.

    Raises:
        Refused: as own history; the heating share is not stated; no degree days of one definition and region
            hold both months.
    """
    (month, known), *_ = _same_months(gap, grounds)
    share = grounds.heating.get(gap.place[1])
    if share is None:
        message = "The heating share of the source is not stated (heating_share in sources.csv)."
        raise Refused(message)
    now, then, label = _degree_days(gap.month, month, known.region, grounds.degree_days)
    heat = Fraction(share)
    scale = (1 - heat) * Fraction(gap.days, known.days) + heat * Fraction(now) / Fraction(then)
    told = {"E": _plain(known.quantity), "h": _plain(share), "G": _plain(now), "G_ref": _plain(then)}
    return Estimate(
        gap,
        "degree_days",
        _rounded(Fraction(known.quantity) * scale),
        known.unit,
        known.basis,
        f"{told['E']} × ((1 − {told['h']}) × {gap.days}/{known.days} + "
        f"{told['h']} × {told['G']}/{told['G_ref']})",
        (_text(month),),
        {**told, "degree_days": label},
    )


def profile(gap: Gap, grounds: Grounds) -> Estimate:
    """Return the own months of the year, scaled by the course of comparable sources over the same months.

    Raises:
        Refused: fewer than three own months are complete, or fewer than three comparable sources know them.
    """
    own = {
        month: known
        for month, known in grounds.known.get(gap.place, {}).items()
        if month.year == gap.month.year and month != gap.month
    }
    if len(own) < LEAST_OWN:
        message = "Only {count} months of the year are complete; a course needs {least}."
        raise Refused(message, count=len(own), least=LEAST_OWN)
    measure = _one_measure(own.values())
    fit = {
        place: months
        for place, months in _comparable(gap, grounds).items()
        if {*own, gap.month} <= months.keys()
        and {months[month].measure for month in (*own, gap.month)} == {measure}
    }
    if len(fit) < LEAST_COMPARABLE:
        message = "Only {count} comparable sources know all of these months; there must be {least}."
        raise Refused(message, count=len(fit), least=LEAST_COMPARABLE)
    base = sum((Fraction(known.quantity) for known in own.values()), Fraction())
    at = sum((Fraction(months[gap.month].quantity) for months in fit.values()), Fraction())
    over = sum((Fraction(months[month].quantity) for months in fit.values() for month in own), Fraction())
    if over <= 0:
        raise Refused("The comparable sources used nothing in these months.")
    told = {"own": _number(base), "comparable_month": _number(at), "comparable_months": _number(over)}
    return Estimate(
        gap,
        "profile",
        _rounded(base * at / over),
        *measure,
        f"{told['own']} × {told['comparable_month']}/{told['comparable_months']}",
        tuple(_text(month) for month in sorted(own)),
        {**told, "comparable": ", ".join(sorted(place[1] for place in fit))},
    )


def floor_area(gap: Gap, grounds: Grounds) -> Estimate:
    """Return the own floor area times the consumption per m² of comparable organisations in the month.

    Raises:
        Refused: the floor area is not stated or belongs to several meters; fewer than three comparable
            organisations know all of their meters in the month.
    """
    organisation, _, activity = gap.place
    area = grounds.areas.get(organisation)
    if not area:
        raise Refused("The floor area of {organisation} is not stated.", organisation=organisation)
    meters = grounds.meters.get((organisation, activity), frozenset())
    if len(meters) > 1:
        message = "The floor area of {organisation} belongs to {count} meters; it cannot be split."
        raise Refused(message, organisation=organisation, count=len(meters))
    held = _by_organisation(gap, grounds)
    own = [known.measure for known in grounds.known.get(gap.place, {}).values()]
    measures = {known.measure for months in held.values() for known in months}
    measure = own[-1] if own else next(iter(measures)) if len(measures) == 1 else None
    fit = {name: months for name, months in held.items() if {known.measure for known in months} == {measure}}
    if measure is None or len(fit) < LEAST_COMPARABLE:
        message = "Only {count} comparable organisations know meters and floor area; there must be {least}."
        raise Refused(message, count=len(fit), least=LEAST_COMPARABLE)
    used = sum((Fraction(known.quantity) for months in fit.values() for known in months), Fraction())
    over = sum((Fraction(grounds.areas[name]) for name in fit), Fraction())
    told = {"area_m2": _plain(area), "comparable": _number(used), "comparable_m2": _number(over)}
    return Estimate(
        gap,
        "floor_area",
        _rounded(Fraction(area) * used / over),
        *measure,
        f"{told['area_m2']} × {told['comparable']}/{told['comparable_m2']}",
        (_text(gap.month),),
        {**told, "comparable_organisations": ", ".join(sorted(fit))},
    )


METHODS: Final[Mapping[str, Callable[[Gap, Grounds], Estimate]]] = {
    "own_history": own_history,
    "degree_days": degree_days,
    "profile": profile,
    "floor_area": floor_area,
}


def _same_months(gap: Gap, grounds: Grounds) -> list[tuple[date, Known]]:
    """Return the same month of earlier years, the newest first, at most three.

    Raises:
        Refused: there are fewer than twelve complete earlier months, none of this month, or several units.
    """
    earlier = {
        month: known
        for month, known in grounds.known.get(gap.place, {}).items()
        if month.year < gap.month.year
    }
    if len(earlier) < LEAST_MONTHS:
        message = "Only {count} earlier months are complete; a history needs {least}."
        raise Refused(message, count=len(earlier), least=LEAST_MONTHS)
    same = sorted(
        ((month, known) for month, known in earlier.items() if month.month == gap.month.month), reverse=True
    )[:YEARS]
    if not same:
        raise Refused("No earlier year knows this month.")
    _one_measure([known for _, known in same])
    return same


def _measure(same: Sequence[tuple[date, Known]]) -> tuple[str, str]:
    return same[0][1].measure


def _one_measure(known: Iterable[Known]) -> tuple[str, str]:
    """Return unit and basis of months that share them.

    Raises:
        Refused: they do not.
    """
    measures = {each.measure for each in known}
    if len(measures) != 1:
        raise Refused("The months are known in several units, which are not added.")
    return measures.pop()


def _comparable(gap: Gap, grounds: Grounds) -> dict[Place, Mapping[date, Known]]:
    """Return the other sources of the same activity in organisations of the same, known kind."""
    kind = grounds.kinds.get(gap.place[0])
    if kind is None:
        return {}
    return {
        place: months
        for place, months in grounds.known.items()
        if place != gap.place and place[2] == gap.place[2] and grounds.kinds.get(place[0]) == kind
    }


def _by_organisation(gap: Gap, grounds: Grounds) -> dict[str, list[Known]]:
    """Return what other organisations of the kind used in the month, where all of their meters are known."""
    found: dict[str, dict[str, Known]] = defaultdict(dict)
    for (organisation, source, _), months in _comparable(gap, grounds).items():
        if organisation != gap.place[0] and gap.month in months and grounds.areas.get(organisation):
            found[organisation][source] = months[gap.month]
    return {
        name: list(held.values())
        for name, held in found.items()
        if grounds.meters.get((name, gap.place[2]), frozenset()) <= held.keys()
    }


def _degree_days(
    month: date, reference: date, region: str, table: pl.DataFrame | None
) -> tuple[Decimal, Decimal, str]:
    """Return the degree days that hold both months, of one definition, region and kind of period.

    Periods of a month come before periods of a year, the region before its country.

    Raises:
        Refused: there are none.
    """
    if table is not None:
        whole = table.filter(pl.col("place").is_null())
        for is_month in (True, False):
            for definition in _DEGREE_DAYS:
                for name in dict.fromkeys((region, region[:2])):
                    rows = whole.filter(pl.col("definition") == definition, pl.col("region") == name)
                    pair = [_value(rows, each, is_month=is_month) for each in (month, reference)]
                    if pair[0] is not None and pair[1]:
                        periods = [_text(each) if is_month else str(each.year) for each in (month, reference)]
                        return pair[0], pair[1], f"{definition} {name} {periods[0]}, {periods[1]}"
    message = "There are no degree days of {region} for {month} and {reference} by one definition."
    raise Refused(message, region=region, month=_text(month), reference=_text(reference))


def _value(rows: pl.DataFrame, month: date, *, is_month: bool) -> Decimal | None:
    """Return the degree days of the month, or of its year; of several editions the newest."""
    first = month if is_month else date(month.year, 1, 1)
    after = (
        date(month.year + month.month // 12, month.month % 12 + 1, 1)
        if is_month
        else date(month.year + 1, 1, 1)
    )
    found = rows.filter(pl.col("valid_from") == first, pl.col("valid_to") == after).sort("edition")["value"]
    return Decimal(str(found[-1])) if found.len() else None


def _rounded(number: Fraction) -> Decimal:
    """Return a number with six decimals, half-even."""
    return Decimal(round(number * 10**_PLACES)).scaleb(-_PLACES)


def _number(number: Fraction) -> str:
    """Return a sum of quantities, which has at most six decimals, as text."""
    return _plain(_rounded(number))


def _plain(number: Decimal) -> str:
    """Return a decimal without exponent and trailing zeros."""
    text = f"{number:f}"
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


def _text(month: date) -> str:
    return f"{month:%Y-%m}"
