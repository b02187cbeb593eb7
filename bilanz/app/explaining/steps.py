"""A product of factors as sentences: every number with its unit and where it comes from."""

from collections.abc import Iterator
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Final

from bilanz.app.explaining.amounts import exact
from bilanz.conversion import DEFINITION
from bilanz.decision import Decision, Hit
from bilanz.factor import Chain
from bilanz.gases import EQUIVALENT, gwp_value
from bilanz.messages import Language, translate
from bilanz.sentences import worded
from bilanz.units import ratio
from bilanz.weighting import Part, Weighted, assumed, limbs
from reports import names
from reports.reasons import reason

MONEY: Final = {
    "vat_rate": "value added tax taken off",
    "exchange_rate": "exchange rate",
    "price_index": "price index",
    "margin": "basic per purchaser's price",
}
"""Kinds of a step between amounts of money; their subject is a calculation, no activity."""

KINDS: Final = {
    DEFINITION: "definition",
    "net_calorific_value": "net calorific value",
    "gross_calorific_value": "gross calorific value",
    "density": "density",
    "bulk_density": "bulk density",
    "state_number": "state number",
    "volume_of_wood": "volume of wood",
    "hs_per_hi": "gross per net calorific value",
    "hi_per_hs": "net per gross calorific value",
    **MONEY,
}
"""Kinds of a conversion step: those of `PROPERTY_SCHEMA` and `INDEX_SCHEMA`, and the definition of a unit."""

MASS_DIGITS: Final = 12
_SHOWN_DIGITS: Final = 12


def number(value: Fraction, language: Language) -> str:
    """Return a ratio as a decimal; one that does not end is cut after twelve decimals and marked."""
    digits = Decimal(value.numerator) / Decimal(value.denominator)
    rounded = round(digits, _SHOWN_DIGITS) if digits else digits
    told = exact(rounded, language)
    return told if Fraction(rounded) == value else f"{told}…"


def mass(quantity: Decimal, multiplier: Fraction) -> Decimal:
    """Return quantity × multiplier in kg as a balance line holds it: 24 decimals in, 12 out."""
    high, low = limbs(multiplier)
    total = Fraction(quantity) * (Fraction(high or 0) + Fraction(low or 0) / 10**MASS_DIGITS)
    scaled = Decimal(round(total * 10 ** (2 * MASS_DIGITS))).scaleb(-2 * MASS_DIGITS)
    return scaled.quantize(Decimal(1).scaleb(-MASS_DIGITS), rounding=ROUND_HALF_EVEN)


def _of_hit(hit: Hit, language: Language) -> Iterator[str]:
    """Yield how the quantity comes to the unit of the factor."""
    for step in hit.conversion.steps:
        kind = translate(KINDS[step.kind], language)
        if step.kind == DEFINITION:
            origin = f"{step.subject}; {kind}"
        elif step.kind in MONEY:
            origin = f"{kind}, {step.subject}; {step.source}"
        else:
            origin = f"{kind}, {names.activity_name(step.subject, language)}; {step.source}"
        yield f"× {number(step.value, language)} {step.unit} [{origin}]"


def _of_part(part: Part, weighted: Weighted, total: Decimal, language: Language) -> Iterator[str]:
    """Yield the factor, its potential and the result of one gas."""
    statement = part.hit.statement
    basis = "" if statement.basis == "none" else f" ({names.basis(statement.basis, language)})"
    worth = [names.chain(part.chain, language), names.grade(part.hit.grade, language)]
    for amount in statement.gases(Chain(part.chain), part.hit.only):
        if amount.gas == part.gas:
            gas = amount.gas if amount.divisor == 1 else f"CO2e ({amount.gas})"
            value = f"{number(amount.value, language)} {amount.mass_unit} {gas}/{statement.per_unit}{basis}"
            yield f"× {value} [{', '.join(worth)}; {statement.id}; {amount.reference}]"
            if amount.mass_unit != "kg":
                ratio_ = number(ratio(amount.mass_unit, "kg"), language)
                yield f"× {ratio_} kg/{amount.mass_unit} [{translate(KINDS[DEFINITION], language)}]"
            if amount.divisor != 1:
                yield f"÷ {number(amount.divisor, language)} kg CO2e/kg {amount.gas} [GWP100 {amount.gwp}]"
    if part.gas != EQUIVALENT:
        potential = gwp_value(weighted.gwp, part.gas)
        yield f"× {exact(potential.value, language)} kg CO2e/kg {part.gas} [GWP100 {weighted.gwp.name}]"
    place = f"{names.scope(part.scope, language)}, {names.category(part.category, language)}"
    yield f"= {exact(total, language)} kg CO2e [{place}]"


def steps_of(
    quantity: Decimal,
    unit: str,
    decision: Decision,
    parts: tuple[Part, ...],
    weighted: Weighted,
    *,
    language: Language,
) -> list[str]:
    """Return the sentences that lead from a quantity to its masses, one gas and chain part after another.

    Words and decimal signs are those of the language; numbers are exact and not grouped.
    """
    key = decision.key
    basis = "" if key.basis == "none" else f" ({key.basis})"
    what = f"{names.activity_name(key.activity, language)}, {key.region}"
    steps = [f"{exact(quantity, language)} {unit}{basis} {what}"]
    for share, portion in decision.portions:
        if decision.mixture:
            of = names.activity_name(portion.key.activity, language)
            steps.append(f"× {number(share, language)} [{translate('share by volume', language)}: {of}]")
        for hit in portion.hits:
            mine = [part for part in parts if part.hit is hit]
            if mine:
                steps += _of_hit(hit, language)
            for part in mine:
                steps += _of_part(part, weighted, mass(quantity, part.co2e), language)
    for code, _subject, detail in (*decision.assumptions, *sorted(set(assumed(decision, weighted)))):
        said = {"text": names.assumption(code, language), "detail": worded(detail, language)}
        steps.append(translate("Assumed: {text} [{detail}]", language, **said))
    return steps


def why(decision: Decision, language: Language) -> str:
    """Return why a decision has no factor, with what came nearest."""
    nearest = "; ".join(remark.text(language) for remark in decision.detail)
    return f"{reason(decision.code, language).text} [{nearest}]"
