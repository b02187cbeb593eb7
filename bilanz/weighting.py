"""From a decision to numbers: what one unit of a quantity emits, by gas and chain part, as exact ratios.

quantity ──conversion──► unit of the factor ──amount──► mass of the gas ──potential──► CO2e
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from bilanz.books import Book
from bilanz.decision import Decision, Hit
from bilanz.factor import UNSTATED, Chain
from bilanz.gases import EQUIVALENT, GwpSet, gwp_value, is_of_montreal
from bilanz.matching import Matcher
from bilanz.scopes import (
    BIOGENIC_CATEGORY,
    MEMO,
    MONTREAL_CATEGORY,
    OUTSIDE,
    Terms,
    scope_of,
    scope_of_upstream,
    within,
)
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
    activity = decision.key.activity
    place = scope_of(weighted.book, activity, terms)
    return tuple(
        part
        for share, portion in decision.portions
        for part in _of_portion(portion, share, weighted, activity, place)
    )


def _of_portion(
    portion: Decision, share: Fraction, weighted: Weighted, activity: str, place: tuple[str, str]
) -> list[Part]:
    """Return the parts of one decision; a chain part that two statements hold comes from the first."""
    parts: list[Part] = []
    for hit in portion.hits:
        for chain in hit.chains:
            is_loss = hit is portion.losses
            if is_loss or hit.only is not None or not any(part.chain == chain for part in parts):
                # losses are upstream of who consumes: in 3.3 where upstream parts are, else in the line
                seen = Chain.UPSTREAM if is_loss and chain is not Chain.BIOGENIC else chain
                parts += _gases(hit, chain, share, weighted, _place(weighted.book, activity, seen, place))
    return parts


def _place(book: Book, activity: str, chain: Chain, place: tuple[str, str]) -> tuple[str, str]:
    """Return scope and category of a chain part of a line."""
    scope, category = place
    family = book.family(activity)
    if chain is Chain.BIOGENIC and scope != MEMO:
        return OUTSIDE, BIOGENIC_CATEGORY
    if chain is Chain.UPSTREAM and family is not None and family.chain == Chain.DIRECT.value:
        return within(book, *scope_of_upstream(scope, category))
    return scope, category


def _gases(
    hit: Hit, chain: Chain, share: Fraction, weighted: Weighted, place: tuple[str, str]
) -> Iterator[Part]:
    for amount in hit.statement.gases(chain, hit.only):
        kg = share * hit.conversion.ratio * amount.mass * ratio(amount.mass_unit, "kg")
        if amount.gas == EQUIVALENT:
            yield Part(*place, amount.gas, chain.value, None, kg, hit)
        else:
            weight = Fraction(gwp_value(weighted.gwp, amount.gas).value)
            is_apart = is_of_montreal(weighted.gwp, amount.gas) and place[0] != MEMO
            told = (OUTSIDE, MONTREAL_CATEGORY) if is_apart else place
            yield Part(*told, amount.gas, chain.value, kg, kg * weight, hit)


def assumed(decision: Decision, weighted: Weighted) -> Iterator[tuple[str, str, str]]:
    """Yield (code, subject, detail) where CO2e was published under another set or an unstated one."""
    for _, portion in decision.portions:
        for hit in portion.hits:
            for gwp in {a.gwp for chain in hit.chains for a in hit.statement.gases(chain, hit.only)}:
                subject = hit.statement.product_group or decision.key.activity
                if gwp == UNSTATED:
                    yield "gwp_unstated", subject, hit.statement.id
                elif gwp is not None and gwp != weighted.gwp.name and hit.statement.is_equivalent(hit.chains):
                    yield "gwp_other_set", subject, f"{hit.statement.id} ({gwp})"


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
