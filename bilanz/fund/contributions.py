"""Contributions of a year: what each member owes by the key in force.

    joined_on ≤ day < left_on, days of the year │ inhabitants · days / days of the year = N of the key

Who is a member for half a year counts with half its inhabitants: in the total, in the mean income and in what
it owes. With a fixed total, total and inhabitants grow alike, so that the mean amount per head stays what the
key says whenever somebody joins.

Where a figure is missing there is no amount, and the row says why. With a fixed total that is so for all
members, for nobody's part can be told; with a fixed anchor for the member alone (by the two-tier key: and its
country). The same figures and the same key give the same cents. What was made of them once is kept as an
assessment (`bilanz.fund.assessed`); `fixed` tells a year with the amounts of one.
"""

from calendar import isleap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

from bilanz.errors import Refused
from bilanz.fund.cents import amount_of, decimal
from bilanz.fund.figures import Figures, Gap, Held, Reason, gap, span, unlike
from bilanz.fund.keys import Payer, in_cents, rates
from bilanz.fund.member import AmountMode, FigureKind, FundKey, FundMember, KeyKind

PER_HEAD_PLACES: Final = 6
BURDEN_PLACES: Final = 9


@dataclass(frozen=True, slots=True)
class Contribution:
    """What a member owes for a year, with what it was made of.

    Units: `currency` and `own_currency`; `per_head` and `at_mean_prices` per inhabitant and full year;
    `burden` as a share of the income per head, 0.002: 0.2 %. None: `gaps` or `unshown` say why.
    """

    organisation: str
    country: str
    year: int
    days: int  # of the year on which it is a member
    currency: str
    own_currency: str
    inhabitants: Held | Gap  # of a full year
    income: Held | Gap
    capacity: Held | Gap | None  # only where the key has a second tier
    price_level: Held | Gap
    exchange_rate: Held | Gap
    per_head: Decimal | None
    due: Decimal | None
    due_own: Decimal | None  # in the member's currency
    burden: Decimal | None  # nominal; of a full year
    at_mean_prices: Decimal | None  # what the amount per head is worth where prices are 100
    gaps: tuple[Gap, ...]  # why nothing is due
    unshown: tuple[Gap, ...]  # why a figure beside it is not shown


@dataclass(frozen=True, slots=True)
class Contributions:
    """All contributions of a year.

    Units: `inhabitants` weighted by days; `due` in the currency of the key; `per_head` the mean. None: some
    member of the year lacks figures.
    """

    year: int
    key: FundKey
    rows: tuple[Contribution, ...]  # by organisation
    inhabitants: Decimal | None
    due: Decimal | None
    per_head: Decimal | None

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """Return why amounts are missing, of all members."""
        return tuple(gap for row in self.rows for gap in row.gaps)

    def of(self, organisation: str) -> Contribution | None:
        """Return the contribution of a member; None: it is none in the year."""
        return next((row for row in self.rows if row.organisation == organisation), None)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a member for the year."""

    member: FundMember
    days: int
    inhabitants: Held | Gap
    income: Held | Gap
    capacity: Held | Gap | None

    @property
    def gaps(self) -> tuple[Gap, ...]:
        figures = (self.inhabitants, self.income, self.capacity)
        return tuple(figure for figure in figures if isinstance(figure, Gap))


def days_of_year(year: int) -> int:
    """Return 365 or 366."""
    return 366 if isleap(year) else 365


def days_of(member: FundMember, year: int) -> int:
    """Return on how many days of a year someone is a member: the first counts, that of leaving does not."""
    first = max(member.joined_on, date(year, 1, 1))
    end = date(year + 1, 1, 1)
    if member.left_on is not None:
        end = min(end, member.left_on)
    return max((end - first).days, 0)


def votes(members: Iterable[FundMember], on: date) -> dict[str, int]:
    """Return the votes on a day: one for each member, whatever it pays."""
    return {
        member.organisation: 1
        for member in sorted(members, key=lambda member: member.organisation)
        if member.joined_on <= on and (member.left_on is None or on < member.left_on)
    }


def key_in_force(keys: Iterable[FundKey], year: int) -> FundKey | None:
    """Return the key that holds for a year: the one with the latest first year; None: there is none yet.

    Proposals are never in force.

    Raises:
        Refused: the keys are of several leagues, or two begin in the same year.
    """
    known = [key for key in keys if not key.is_proposal]
    if len({key.organisation for key in known}) > 1:
        raise Refused("Keys of several leagues cannot be in force at once.")
    begun = sorted((key for key in known if key.first_year <= year), key=lambda key: (key.first_year, key.id))
    if len(begun) > 1 and begun[-1].first_year == begun[-2].first_year:
        message = 'The keys "{first}" and "{second}" both begin in {year}.'
        raise Refused(message, first=begun[-2].id, second=begun[-1].id, year=begun[-1].first_year)
    return begun[-1] if begun else None


def contributions(
    year: int, *, members: Iterable[FundMember], figures: Figures, key: FundKey
) -> Contributions:
    """Return what every member of a year owes.

    Shape: one row for each member with at least one day in the year.

    Raises:
        Refused: the limits of the key cannot be kept (see `bilanz.fund.keys.rates`).
    """
    known = _of_year(year, members, figures, key)
    gaps = _gaps(known, key, year)
    payers = [_payer(one, year) for one in known if not gaps[one.member.organisation]]
    per_head = rates(key, payers)
    owed = in_cents(key, payers, per_head)
    rows = [_row(one, year, figures, key, gaps[one.member.organisation], per_head, owed) for one in known]
    if len(payers) < len(known):
        return Contributions(year, key, tuple(rows), None, None, None)
    return _summed(year, key, rows, payers, owed)


def fixed(
    year: int,
    *,
    members: Iterable[FundMember],
    figures: Figures,
    key: FundKey,
    per_head: Mapping[str, Fraction],
    owed: Mapping[str, int],
) -> Contributions:
    """Return a year with amounts that were fixed before, whatever the key would give today.

    Args:
        year: calendar year.
        members: who the amounts are of.
        figures: those the amounts were made of, none missing.
        key: the one they were made by.
        per_head: member → amount a head and full year.
        owed: member → cents.
    """
    known = _of_year(year, members, figures, key)
    rows = [_row(one, year, figures, key, (), per_head, owed) for one in known]
    return _summed(year, key, rows, [_payer(one, year) for one in known], owed)


def _of_year(year: int, members: Iterable[FundMember], figures: Figures, key: FundKey) -> list[_Known]:
    return [
        _known(member, year, figures, key)
        for member in sorted(members, key=lambda member: member.organisation)
        if days_of(member, year) > 0
    ]


def _summed(
    year: int, key: FundKey, rows: Sequence[Contribution], payers: Iterable[Payer], owed: Mapping[str, int]
) -> Contributions:
    """Return a year in which nobody's amount is missing."""
    people = sum((payer.inhabitants for payer in payers), Fraction(0))
    due = sum(owed.values())
    mean = decimal(Fraction(due, 100) / people, PER_HEAD_PLACES) if people else None
    return Contributions(year, key, tuple(rows), decimal(people, 2), amount_of(due), mean)


def _known(member: FundMember, year: int, figures: Figures, key: FundKey) -> _Known:
    years = span(year, key.mean_years)
    name = member.organisation
    has_capacity = key.key == KeyKind.TWO_TIER
    return _Known(
        member,
        days_of(member, year),
        figures.mean(name, FigureKind.INHABITANTS, years),
        figures.income(member, key.currency, years),
        figures.mean(name, FigureKind.TAX_CAPACITY, years) if has_capacity else None,
    )


def _payer(one: _Known, year: int) -> Payer:
    """Return a member without gaps as the key sees it."""
    inhabitants, income, capacity = one.inhabitants, one.income, one.capacity
    if isinstance(inhabitants, Gap) or isinstance(income, Gap) or isinstance(capacity, Gap):
        message = "a member with gaps is not given to a key"
        raise TypeError(message)
    return Payer(
        one.member.organisation,
        one.member.country,
        inhabitants.value * one.days / days_of_year(year),
        income.value,
        None if capacity is None else capacity.value,
    )


def _gaps(known: Sequence[_Known], key: FundKey, year: int) -> dict[str, tuple[Gap, ...]]:
    """Return for each member why nothing can be told of it; empty: it can."""
    own = {one.member.organisation: one.gaps for one in known}
    for name, found in _incomparable(known, key).items():
        own[name] = (*own[name], found)
    lacking = [name for name, found in own.items() if found]
    if key.mode == AmountMode.TOTAL:
        told = _others(own, Reason.OTHERS, lacking) if lacking else {}
    elif key.anchor not in own or own[key.anchor]:
        told = {name: gap(name, Reason.ANCHOR, anchor=key.anchor, year=year) for name in own}
    elif key.key == KeyKind.TWO_TIER:
        told = _neighbours(known, key, lacking)
    else:
        told = {}
    return {name: found or ((told[name],) if name in told else ()) for name, found in own.items()}


def _others(names: Iterable[str], reason: Reason, lacking: Sequence[str]) -> dict[str, Gap]:
    return {name: gap(name, reason, members=", ".join(lacking)) for name in names}


def _neighbours(known: Sequence[_Known], key: FundKey, lacking: Sequence[str]) -> dict[str, Gap]:
    """Return who shares a country, other than that of the anchor, with a member that lacks figures."""
    countries = {one.member.organisation: one.member.country for one in known}
    told: dict[str, Gap] = {}
    for country in {countries[name] for name in lacking} - {countries.get(key.anchor or "")}:
        there = [name for name, where in countries.items() if where == country]
        told |= _others(there, Reason.NEIGHBOUR, [name for name in lacking if name in there])
    return told


def _incomparable(known: Sequence[_Known], key: FundKey) -> dict[str, Gap]:
    """Return whose figures are in other units than those they are compared with."""
    anchor = next((one for one in known if one.member.organisation == key.anchor), None)
    incomes = {one.member.organisation: one.income for one in known}
    found = unlike(_only_held(incomes), FigureKind.INCOME, _unit(anchor.income) if anchor else None)
    for country in sorted({one.member.country for one in known}):
        there = {one.member.organisation: one.capacity for one in known if one.member.country == country}
        is_home = anchor is not None and anchor.member.country == country
        reference = _unit(anchor.capacity) if anchor and is_home else None
        found = unlike(_only_held(there), FigureKind.TAX_CAPACITY, reference) | found
    return found


def _only_held(figures: Mapping[str, Held | Gap | None]) -> dict[str, Held]:
    return {name: figure for name, figure in figures.items() if isinstance(figure, Held)}


def _unit(figure: Held | Gap | None) -> str | None:
    return figure.unit if isinstance(figure, Held) else None


def _row(
    one: _Known,
    year: int,
    figures: Figures,
    key: FundKey,
    gaps: tuple[Gap, ...],
    per_head: Mapping[str, Fraction],
    owed: Mapping[str, int],
) -> Contribution:
    member, name = one.member, one.member.organisation
    price = figures.mean(name, FigureKind.PRICE_LEVEL, span(year, key.mean_years))
    exchange = figures.rate(member, key.currency, year)
    rate, cents = per_head.get(name), owed.get(name)
    burden = _burden(rate, one.income, key.currency)
    beside = (price, exchange, burden)
    return Contribution(
        organisation=name,
        country=member.country,
        year=year,
        days=one.days,
        currency=key.currency,
        own_currency=member.currency,
        inhabitants=one.inhabitants,
        income=one.income,
        capacity=one.capacity,
        price_level=price,
        exchange_rate=exchange,
        per_head=None if rate is None else decimal(rate, PER_HEAD_PLACES),
        due=None if cents is None else amount_of(cents),
        due_own=_times(None if cents is None else Fraction(cents, 100), exchange, 2),
        burden=None if burden is None or isinstance(burden, Gap) else decimal(burden, BURDEN_PLACES),
        at_mean_prices=_at_mean_prices(rate, price),
        gaps=gaps,
        unshown=tuple(figure for figure in beside if isinstance(figure, Gap)),
    )


def _times(amount: Fraction | None, factor: Held | Gap, places: int) -> Decimal | None:
    return None if amount is None or isinstance(factor, Gap) else decimal(amount * factor.value, places)


def _at_mean_prices(rate: Fraction | None, price: Held | Gap) -> Decimal | None:
    return (
        None if rate is None or isinstance(price, Gap) else decimal(rate * 100 / price.value, PER_HEAD_PLACES)
    )


def _burden(rate: Fraction | None, income: Held | Gap, currency: str) -> Fraction | Gap | None:
    """Return c/y; a gap where the income is no money, None where it or the rate is not told at all."""
    if isinstance(income, Gap):
        return None
    if income.unit != currency:
        organisation = income.rows[0].organisation
        return gap(organisation, Reason.PURCHASING_POWER, FigureKind.INCOME, unit=income.unit)
    return None if rate is None else rate / income.value
