"""Solidarity keys: what each member owes per head, in rational arithmetic.

    N inhabitants, y income per head, ȳ = ΣN·y/ΣN, a the amount per head of the key, T = a·ΣN, c per head

    S1 elastic    w = clip((y/ȳ)^ε, lowest, highest)           c = T·w / ΣN·w
    S2 relief     w = y·(1 − g·max(0, 1 − y/ȳ))                c = T·w / ΣN·w, then within lowest and highest
    S3 two tiers  T_k of each country k by S1 or S2 of its mean income, then inside it
                  c = (1−β)·T_k/N_k + β·T_k·U/ΣN·U             U: tax capacity per head

    total fixed   as above: the mean of all is a
    anchor fixed  ȳ is the income of the anchor A and c = a·w/w_A; the total follows

In anchor mode the figures of the anchor stand for its country, too: c = a·((1−β) + β·U/U_A) there, and
y_k/y_A elsewhere. A new member then changes nobody else's rate by S1 and S2, and by S3 none outside its own
country (none at all in the country of the anchor).

Limits. S1 clips w. S2 and S3 limit c: all rates are multiplied by one figure, whoever would leave the limits
stays at them, and what that frees or costs is redistributed until nobody leaves. S3 does so between the
countries and then inside each: what a limit moves among neighbours stays in their country.

Source: nobody publishes these keys as such. S2 takes from the scale of assessments of the United Nations the
relief below a mean income, floor and ceiling, in a continuous form; S3 shares a fixed sum by capacity as § 8
FAG of Baden-Württemberg does with gaps. See docs/fund.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from typing import Final

from bilanz.errors import Refused
from bilanz.fund.cents import decimal, shares, whole_cents
from bilanz.fund.member import AmountMode, FundKey, KeyKind

Rates = dict[str, Fraction]

DIGITS: Final = Context(prec=34)
"""Of powers whose exponent is no whole number; everything else is exact."""


@dataclass(frozen=True, slots=True)
class Payer:
    """What a key knows of a member. All figures are above zero.

    Units: `inhabitants` weighted by the part of the year; `income` and `capacity` per head, each in one unit
    for all (`capacity`: for all of a country). `capacity` is None where the key has no second tier.
    """

    organisation: str
    country: str
    inhabitants: Fraction
    income: Fraction
    capacity: Fraction | None = None


@dataclass(frozen=True, slots=True)
class _Limits:
    lowest: Fraction | None
    highest: Fraction | None

    def clip(self, value: Fraction) -> Fraction:
        at_least = value if self.lowest is None else max(value, self.lowest)
        return at_least if self.highest is None else min(at_least, self.highest)


def amounts(key: FundKey, payers: Sequence[Payer]) -> dict[str, int]:
    """Return what each member owes in cents; see `rates` for what is refused.

    Total mode: the total in cents, shared by largest remainder, so that it is met exactly. Anchor mode: each
    amount is rounded by itself (half to even) and the total is their sum; shared cents would let a new member
    move a cent of another.
    """
    return in_cents(key, payers, rates(key, payers))


def in_cents(key: FundKey, payers: Sequence[Payer], per_head: Mapping[str, Fraction]) -> dict[str, int]:
    """Return cents of known rates, as `amounts` does."""
    owed = {payer.organisation: payer.inhabitants * per_head[payer.organisation] for payer in payers}
    if key.mode == AmountMode.ANCHOR:
        return {name: whole_cents(amount) for name, amount in sorted(owed.items())}
    return shares(whole_cents(total(key, payers)), owed)


def total(key: FundKey, payers: Sequence[Payer]) -> Fraction:
    """Return T of total mode: the amount per head of all, times all inhabitants."""
    return Fraction(key.amount) * _inhabitants(payers)


def rates(key: FundKey, payers: Sequence[Payer]) -> Rates:
    """Return the amount per head and full year of each member.

    Shape: one entry per payer. Units: currency of the key per inhabitant and year, not rounded.

    Raises:
        Refused: the limits cannot be kept, the anchor is not among the payers, or the kind is not known.
    """
    if not payers:
        return {}
    anchor = _anchor(key, payers)
    _feasible(key, payers, anchor)
    if key.key == KeyKind.ELASTIC:
        return _elastic(key, payers, anchor)
    if key.key == KeyKind.RELIEF:
        return _relieved(key, payers, anchor)
    if key.key == KeyKind.TWO_TIER:
        return _anchored_tiers(key, payers, anchor) if anchor else _tiers(key, payers)
    raise Refused('The kind "{value}" of the key "{id}" is not known.', id=key.id, value=key.key)


def _anchor(key: FundKey, payers: Sequence[Payer]) -> Payer | None:
    """Return the anchor; None where the total is fixed."""
    if key.mode == AmountMode.TOTAL:
        return None
    for payer in payers:
        if payer.organisation == key.anchor:
            return payer
    message = 'The anchor "{anchor}" of the key "{id}" is not among the members it is applied to.'
    raise Refused(message, id=key.id, anchor=key.anchor)


def _feasible(key: FundKey, payers: Sequence[Payer], anchor: Payer | None) -> None:
    """Refuse limits that cannot be kept."""
    limits = _limits(key)
    if key.key == KeyKind.ELASTIC:
        if anchor and limits.clip(Fraction(1)) != 1:
            message = (
                'The limits of the key "{id}" ({lowest} to {highest}) must hold 1, the weight of the anchor.'
            )
            raise Refused(message, id=key.id, lowest=_told(key.lowest), highest=_told(key.highest))
        return
    amount = Fraction(key.amount)
    if limits.clip(amount) == amount:
        return
    people = anchor.inhabitants if anchor else _inhabitants(payers)
    raise Refused(
        'The key "{id}" cannot be kept: {inhabitants} inhabitants at {lowest} to {highest} {currency} per '
        "head owe {least} to {most}, and {total} is to be raised.",
        id=key.id,
        inhabitants=_plain(people),
        lowest=_told(key.lowest),
        highest=_told(key.highest),
        currency=key.currency,
        least=_told(key.lowest, people),
        most=_told(key.highest, people),
        total=_plain(amount * people),
    )


def _told(limit: Decimal | None, people: Fraction = Fraction(1)) -> str:
    return "–" if limit is None else _plain(Fraction(limit) * people)


def _plain(value: Fraction) -> str:
    return f"{decimal(value, 4).normalize(DIGITS):f}"


def _limits(key: FundKey) -> _Limits:
    lowest, highest = (None if limit is None else Fraction(limit) for limit in (key.lowest, key.highest))
    return _Limits(lowest, highest)


def _inhabitants(payers: Sequence[Payer]) -> Fraction:
    return sum((payer.inhabitants for payer in payers), Fraction(0))


def _mean_income(payers: Sequence[Payer]) -> Fraction:
    earned = sum((payer.inhabitants * payer.income for payer in payers), Fraction(0))
    return earned / _inhabitants(payers)


def _power(ratio: Fraction, exponent: Decimal) -> Fraction:
    """Return ratio^ε: exact for whole numbers, else to 34 digits."""
    if exponent == exponent.to_integral_value():
        return ratio ** int(exponent)
    known = DIGITS.divide(Decimal(ratio.numerator), Decimal(ratio.denominator))
    return Fraction(DIGITS.power(known, exponent))


def _relief(ratio: Fraction, gradient: Decimal) -> Fraction:
    """Return w of S2 in units of the reference income; `ratio` is y/ȳ."""
    return ratio * (1 - Fraction(gradient) * max(Fraction(0), 1 - ratio))


def _first_tier(key: FundKey, ratio: Fraction) -> Fraction:
    """Return the weight of a country whose mean income is `ratio` times the reference."""
    if key.elasticity is not None:
        return _power(ratio, key.elasticity)
    return _relief(ratio, _needed(key, "relief", key.relief))


def _needed(key: FundKey, name: str, value: Decimal | None) -> Decimal:
    if value is None:
        raise Refused('The key "{id}" needs the figure "{name}".', id=key.id, name=name)
    return value


def _elastic(key: FundKey, payers: Sequence[Payer], anchor: Payer | None) -> Rates:
    """S1."""
    exponent = _needed(key, "elasticity", key.elasticity)
    reference = anchor.income if anchor else _mean_income(payers)
    limits = _limits(key)
    weights = {
        payer.organisation: limits.clip(_power(payer.income / reference, exponent)) for payer in payers
    }
    if anchor:
        return {name: Fraction(key.amount) * weight for name, weight in weights.items()}
    scale = total(key, payers) / sum(payer.inhabitants * weights[payer.organisation] for payer in payers)
    return {name: scale * weight for name, weight in weights.items()}


def _relieved(key: FundKey, payers: Sequence[Payer], anchor: Payer | None) -> Rates:
    """S2, continuous."""
    gradient = _needed(key, "relief", key.relief)
    reference = anchor.income if anchor else _mean_income(payers)
    weights = {payer.organisation: _relief(payer.income / reference, gradient) for payer in payers}
    limits = _limits(key)
    if anchor:
        return {name: limits.clip(Fraction(key.amount) * weight) for name, weight in weights.items()}
    people = {payer.organisation: payer.inhabitants for payer in payers}
    return _filled(total(key, payers), people, weights, limits)


def _tiers(key: FundKey, payers: Sequence[Payer]) -> Rates:
    """S3, total fixed."""
    countries = _by_country(payers)
    mean = _mean_income(payers)
    limits = _limits(key)
    people = {country: _inhabitants(those) for country, those in countries.items()}
    weights = {country: _first_tier(key, _mean_income(those) / mean) for country, those in countries.items()}
    per_head = _filled(total(key, payers), people, weights, limits)
    found: Rates = {}
    for country, those in countries.items():
        inside = _second_tier(key, those, _mean_capacity(key, those))
        each = {payer.organisation: payer.inhabitants for payer in those}
        found |= _filled(per_head[country] * people[country], each, inside, limits)
    return found


def _anchored_tiers(key: FundKey, payers: Sequence[Payer], anchor: Payer) -> Rates:
    """S3, anchor fixed."""
    limits = _limits(key)
    found: Rates = {}
    for country, those in _by_country(payers).items():
        is_home = country == anchor.country
        capacity = _capacity(key, anchor) if is_home else _mean_capacity(key, those)
        ratio = Fraction(1) if is_home else _mean_income(those) / anchor.income
        per_head = Fraction(key.amount) * _first_tier(key, ratio)
        inside = _second_tier(key, those, capacity)
        found |= {name: limits.clip(per_head * weight) for name, weight in inside.items()}
    return found


def _by_country(payers: Sequence[Payer]) -> dict[str, list[Payer]]:
    found: dict[str, list[Payer]] = {}
    for payer in payers:
        found.setdefault(payer.country, []).append(payer)
    return found


def _second_tier(key: FundKey, payers: Sequence[Payer], reference: Fraction) -> Rates:
    """Return c of each member as a multiple of the amount per head of its country."""
    share = Fraction(_needed(key, "fiscal_weight", key.fiscal_weight))
    return {payer.organisation: 1 - share + share * _capacity(key, payer) / reference for payer in payers}


def _capacity(key: FundKey, payer: Payer) -> Fraction:
    if payer.capacity is None:
        message = 'The key "{id}" needs the tax capacity of "{organisation}".'
        raise Refused(message, id=key.id, organisation=payer.organisation)
    return payer.capacity


def _mean_capacity(key: FundKey, payers: Sequence[Payer]) -> Fraction:
    whole = sum((payer.inhabitants * _capacity(key, payer) for payer in payers), Fraction(0))
    return whole / _inhabitants(payers)


def _filled(whole: Fraction, people: Mapping[str, Fraction], weights: Rates, limits: _Limits) -> Rates:
    """Return rates within limits that are proportional to weights where no limit holds, and raise the whole.

    Each round scales whoever is free to what is left. Where the lower limits would cost more than the upper
    ones free, those below are held, for the scale can only fall; else those above. The whole lies between the
    sums of both limits, so at least one is held a round until nobody leaves.
    """
    held: Rates = {}
    while len(held) < len(weights):
        free = [name for name in weights if name not in held]
        left = whole - sum(people[name] * rate for name, rate in held.items())
        scale = left / sum(people[name] * weights[name] for name in free)
        scaled = {name: scale * weights[name] for name in free}
        moved = {name: limits.clip(rate) - rate for name, rate in scaled.items()}
        balance = sum(people[name] * change for name, change in moved.items())
        done = [name for name in free if balance == 0 or moved[name] * balance > 0]
        held |= {name: scaled[name] + moved[name] for name in done}
    return {name: held[name] for name in weights}
