"""From a decision to numbers: what one unit of a quantity emits, by gas and chain part, as exact ratios.

quantity ──conversion──► unit of the factor ──amount──► mass of the gas ──potential──► CO2e
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from bilanz.books import Book
from bilanz.factor import Chain
from bilanz.gases import EQUIVALENT, GwpSet, gwp_value
from bilanz.matching import Decision, Hit, Matcher
from bilanz.scopes import BIOGENIC_CATEGORY, MEMO, OUTSIDE, Terms, scope_of, scope_of_upstream
from bilanz.units import ratio

LIMB_DIGITS: Final = 12
_SCALE: Final = 10**LIMB_DIGITS
_TOO_LARGE: Final = 10**19


@dataclass(frozen=True, slots=True)
class Weighted:
    """A book ready to be calculated: its decisions, and the potentials its gases are weighted with."""

    book: Book
    matcher: Matcher
    gwp: GwpSet


@dataclass(frozen=True, slots=True)
class Part:
    """One gas of one chain part: kg per unit of the quantity as an exact ratio; mass is None for CO2e."""

    scope: str
    category: str
    gas: str
    chain: str
    mass: Fraction | None
    co2e: Fraction
    hit: Hit


def parts_of(decision: Decision, weighted: Weighted, terms: Terms) -> tuple[Part, ...]:
    """Return what one unit of the quantity emits, by gas and chain part.

    Raises:
        GwpMissing: the set has no value for a gas.
    """
    scope, category = scope_of(weighted.book, decision.key.activity, terms)
    parts: list[Part] = []
    for hit in (decision.hit, decision.upstream, decision.biogenic):
        if hit is None:
            continue
        for chain in hit.chains:
            if not any(part.chain == chain for part in parts):
                place = _place(weighted.book, decision.key.activity, chain, scope, category)
                parts += _gases(hit, chain, place, weighted.gwp)
    return tuple(parts)


def _place(book: Book, activity: str, chain: Chain, scope: str, category: str) -> tuple[str, str]:
    """Return scope and category of a chain part of a line."""
    family = book.family(activity)
    if chain is Chain.BIOGENIC and scope != MEMO:
        return OUTSIDE, BIOGENIC_CATEGORY
    if chain is Chain.UPSTREAM and family is not None and family.chain == Chain.DIRECT.value:
        return scope_of_upstream(scope, category)
    return scope, category


def _gases(hit: Hit, chain: Chain, place: tuple[str, str], gwp: GwpSet) -> Iterator[Part]:
    for amount in hit.statement.gases(chain):
        kg = hit.conversion.ratio * amount.mass * ratio(amount.mass_unit, "kg")
        if amount.gas == EQUIVALENT:
            yield Part(*place, amount.gas, chain.value, None, kg, hit)
        else:
            weight = Fraction(gwp_value(gwp, amount.gas).value)
            yield Part(*place, amount.gas, chain.value, kg, kg * weight, hit)


def limbs(multiplier: Fraction | None) -> tuple[Decimal | None, Decimal | None]:
    """Return (high, low) with multiplier = high + low · 10⁻¹², each with 12 decimals, rounded half-even.

    Raises:
        OverflowError: the multiplier is 10^7 or more.
    """
    if multiplier is None:
        return None, None
    high, low = divmod(round(multiplier * _SCALE * _SCALE), _SCALE)
    if abs(high) >= _TOO_LARGE:
        raise OverflowError(f"{float(multiplier):g}")
    return Decimal(high).scaleb(-LIMB_DIGITS), Decimal(low).scaleb(-LIMB_DIGITS)
