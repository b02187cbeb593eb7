"""Words for codes of the fund, and figures with their currency or interval."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from bilanz.fund.board import CONTRADICTED, DISTINCT
from bilanz.fund.financed import EMISSIONS
from bilanz.fund.member import FigureKind
from bilanz.fund.memberchecks import PERSON
from bilanz.fund.observed import AVOIDED, SAVED
from bilanz.fund.portfolio import Dimension
from bilanz.fund.project import Claimant, ClimateTag, FlowKind, Pillar, Sight, TaxonomyState
from bilanz.messages import Language, translate
from reports import names, numbers

PILLARS: Final[Mapping[str, str]] = {
    Pillar.NATURE: "Natural foundations of life",
    Pillar.SOCIAL: "Poverty and social cohesion",
    Pillar.DEMOCRACY_DIGITAL: "Democracy and human rights in the digital age",
}
TAGS: Final[Mapping[str, str]] = {
    ClimateTag.PRINCIPAL: "for the climate in the first place (100 %)",
    ClimateTag.SIGNIFICANT: "for the climate among other aims (40 %)",
    ClimateTag.NONE: "without bearing on the climate (0 %)",
    ClimateTag.UNFAVOURABLE: "unfavourable for the climate",
}
TAXONOMY: Final[Mapping[str, str]] = {
    TaxonomyState.ALIGNED: "aligned with the EU taxonomy",
    TaxonomyState.ELIGIBLE: "eligible, not aligned",
    TaxonomyState.NOT_ELIGIBLE: "not eligible",
}
CLAIMANTS: Final[Mapping[str, str]] = {
    Claimant.FUND: "the fund",
    Claimant.CO_FINANCIER: "others who pay",
    Claimant.MUNICIPALITY: "the municipality",
    Claimant.ETS_OPERATOR: "the operator in emissions trading",
}
FLOWS: Final[Mapping[str, str]] = {FlowKind.COMMITMENT: "promised", FlowKind.DISBURSEMENT: "paid out"}
DIMENSIONS: Final[Mapping[Dimension, str]] = {
    Dimension.PILLAR: "By pillar",
    Dimension.ICMA: "By category of ICMA",
    Dimension.TAXONOMY: "By EU taxonomy",
    Dimension.MEMBER: "By member",
}
"""Code → words, English templates."""

FIGURES: Final[Mapping[str, str]] = {
    FigureKind.INHABITANTS: "inhabitants",
    FigureKind.INCOME: "income a head",
    FigureKind.PRICE_LEVEL: "price level",
    FigureKind.TAX_CAPACITY: "tax capacity a head",
    FigureKind.EXCHANGE_RATE: "exchange rate",
}
INDICATORS: Final[Mapping[str, str]] = {
    SAVED: "saved in a year",
    AVOIDED: "avoided in a year",
    EMISSIONS: "emissions of scopes 1 and 2",
}
MISSING: Final[Mapping[str, str]] = {
    "total_cost": "total cost",
    "yearly_cost": "yearly cost",
    "lifetime_years": "lifetime in years",
    "avoided_t": "tonnes avoided in a year",
    CONTRADICTED: "one statement of the effect (there are several)",
    DISTINCT: "an effect whose interval does not contain zero",
}
SIGHTS: Final[Mapping[str, str]] = {Sight.EX_ANTE: "expected", Sight.EX_POST: "observed"}

TABLES: Final[Mapping[str, str]] = {
    "fund_members": "Members of the fund",
    "fund_figures": "Figures of the members",
    "fund_keys": "Solidarity keys",
    "fund_payments": "Payments of the members",
    "fund_programmes": "Programmes of the fund",
    "fund_projects": "Projects of the fund",
    "fund_flows": "Commitments and disbursements",
    "fund_financing": "Money of others",
    "fund_sources": "Meters of projects",
    "fund_observations": "Indicators of projects",
    "fund_findings": "What meters came to",
    "fund_claims": "Claims to what is avoided",
    "fund_rates": "Climate costs and discount rates",
    "fund_factors": "Declared factor series",
}

NOT_ASSESSED: Final = "not assessed"


def said(words: Mapping[str, str], code: str | None, language: Language) -> str:
    """Return a code in words; what nobody stated is not assessed, an unknown code stands for itself."""
    if code is None:
        return translate(NOT_ASSESSED, language)
    return translate(words[code], language) if code in words else code


def amount(value: Decimal | None, currency: str, language: Language) -> str:
    """Return money in whole units."""
    return numbers.money(value, currency, language)


def tonnes(value: Decimal | None, language: Language, half: Decimal | None = None) -> str:
    """Return t CO2e with half of the 95 % interval, where it is known."""
    if value is None:
        return numbers.missing(language)
    text = numbers.decimal(value, language, digits=1)
    if half is not None:
        text = f"{text} ± {numbers.decimal(half, language, digits=1)}"
    return f"{text}{numbers.NBSP}t{numbers.NBSP}CO₂e"


def exact(value: Decimal, language: Language) -> str:
    """Return a number with all the digits it has."""
    plain = value.normalize()
    places = plain.as_tuple().exponent
    return numbers.decimal(plain, language, digits=max(0, -places if isinstance(places, int) else 0))


def measure(value: Decimal, unit: str | None, language: Language) -> str:
    """Return an exact figure with its unit; people are only counted."""
    number = exact(value, language)
    return number if unit == PERSON else f"{number} {names.unit(unit, language)}"


def cents(value: Decimal, currency: str, language: Language) -> str:
    """Return money to the cent."""
    return f"{numbers.decimal(value, language, digits=2)}{numbers.NBSP}{currency}"
