"""What codes of a result are called: books, scopes, categories, grades, gases, qualities."""

from typing import Final

from bilanz import activity
from bilanz.messages import Language, translate

BOOKS: Final = {
    "bisko": "Municipal facilities by the BISKO method",
    "ghgp_location": "GHG Protocol, location-based",
    "ghgp_market": "GHG Protocol, market-based",
    "hourly": "Supplementary: hourly grid intensity",
    "administration": "Administration, electricity by location",
    "administration_market": "Administration, electricity by contract",
}

SCOPES: Final = {
    "1": "Scope 1",
    "2": "Scope 2",
    "3": "Scope 3",
    "outside": "Outside the scopes (biogenic CO₂, CFC, HCFC)",
    "memo": "Memo (in no total)",
}

CATEGORIES: Final = {
    "stationary_combustion": "Fuels in buildings and plants",
    "mobile_combustion": "Fuels of vehicles",
    "fugitive": "Refrigerants and other leaks",
    "process": "Processes (sewage works, composting, landfill)",
    "purchased_electricity": "Purchased electricity",
    "purchased_heat": "Purchased heat",
    "purchased_cooling": "Purchased cooling",
    "3.1": "3.1 Purchased goods and services",
    "3.2": "3.2 Capital goods",
    "3.3": "3.3 Upstream of fuels and energy",
    "3.4": "3.4 Transport, upstream",
    "3.5": "3.5 Waste",
    "3.6": "3.6 Business travel",
    "3.7": "3.7 Commuting",
    "3.8": "3.8 Rented and leased from others",
    "3.9": "3.9 Transport, downstream",
    "3.10": "3.10 Processing of products sold",
    "3.11": "3.11 Use of products sold",
    "3.12": "3.12 End of life of products sold",
    "3.13": "3.13 Rented and leased to others",
    "3.14": "3.14 Franchises",
    "3.15": "3.15 Investments",
    "fleet": "Fuels of vehicles",
    "let": "Let to others",
    "tenant": "Passed to tenants",
    "fed_in": "Fed in",
    "sold": "Sold",
    "generated": "Generated",
    "excluded": "Left out by the book",
    "biogenic_co2": "CO₂ of biomass",
    "montreal_gases": "Gases of the Montreal Protocol (CFC, HCFC)",
    "none": "No category",
}

GRADES: Final = {
    "exact": "exact",
    "contract": "by contract",
    "custom": "own factor",
    "older_edition": "older edition",
    "wider_region": "wider region",
    "parent": "wider activity",
    "proxy": "stand-in",
    "none": "no factor",
}
"""The grades of `bilanz.factor.Grade`, best first."""

QUALITIES: Final = {
    "measured": "measured",
    "billed": "billed",
    "estimated": "estimated",
    "spend": "from spending",
}

EVIDENCE: Final = {
    "primary": "read in the publication itself",
    "transcription": "read in a faithful copy",
    "secondary": "read in a text that quotes it",
    "custom": "own statement",
}

CHAINS: Final = {
    "direct": "direct",
    "upstream": "upstream",
    "total": "direct and upstream",
    "biogenic": "biogenic",
}

DIRECTIONS: Final = {
    "consumption": "consumed",
    "feed_in": "fed in",
    "generation": "generated",
}

ROLES: Final = {
    "consumed": "consumed",
    "delivered": "delivered to stock",
    "generated": "generated",
    "fed_in": "fed in",
    "sold": "sold",
    "tenant": "passed to a tenant",
    "sub_meter": "sub-meter",
}

ASSUMPTIONS: Final = {
    "co2_statement_differs": "The CO₂ a bill states is more than 2 % from what our factor makes of it.",
    "outside_validity": "The factor was published for another time than that of the activity.",
    "basis_unstated": "The publication does not state the calorific basis.",
    "source_assumed": "The source was not registered; it counts as consumed, owned, under own control.",
    "apportioned_by_weights": "Bills over several months go by the degree days or load profile declared.",
    "apportioned_by_day": "Declared degree days or load profile lack months of the bill; it went by day.",
    "overlap_subtracted": "A declared part was taken off the whole that holds it, once.",
    "overlap_superseded": "One purchase as quantity and as money, as declared: the money does not count.",
    "overlap_open": "A declared part has no whole in some months; nothing was taken off there.",
    "overlap_exceeds": "A declared part is larger than its whole in the month; the whole is negative.",
    "gwp_unstated": "The publication does not state its global warming potentials.",
    "gwp_other_set": "The factor was published as CO₂e under another set of potentials and is used as it is.",
    "biofuel_share": "The share of biofuel was taken from a dated statement, by volume.",
    "biofuel_share_by_volume": "The share of biofuel is known by volume only; the fuel counts as fossil.",
    "biofuel_share_unknown": "No share of biofuel is known; the fuel counts as wholly fossil.",
    "gases_added": "Methane and nitrous oxide come from another publication than the CO₂.",
    "foreign_property": "Heating value or density of another region or publication was used.",
    "later_property": "A heating value or density was used that was only stated later.",
    "expired_property": "A heating value or density was used whose validity had ended.",
    "general_gas_value": "Without state number and calorific value of the bill, a general value was used.",
    "foreign_factor": "A factor of another country stands in.",
    "no_residual_mix": "No residual mix was published; the mix of the location stands in.",
    "losses_not_in": "The factor refers to electricity generated; grid losses are not in it.",
    "losses_added": "The factor refers to electricity generated; the losses it states are added.",
    "delivery_unstated": "The publication does not say whether grid losses are in the factor.",
    "custom_factor": "An own factor was used where the book wants its own series: not conform.",
    "instrument_used": "A certificate, contract or label covers part of the consumption.",
    "instrument_unused": "A certificate, contract or label covers more than was used; the rest is void.",
    "instrument_strange": "The factor of the instrument is not in the catalogue; it covers nothing.",
    "total_in_scope": "The factor includes the upstream part, which cannot be told apart.",
    "deflated": "Spend was brought to the prices of the factor's year with a price index.",
    "not_deflated": "No price index leads to the year of the factor; spend was taken as booked.",
    "margins_not_removed": "The factor is in basic prices; trade and transport margins remain in the spend.",
    "prices_unstated": "The factor does not state the year or kind of its prices; spend was taken as booked.",
    "spend_classified": "The product group follows from a CPV code or an account and is not certain.",
    "co2_only": "The factor holds CO₂ only; other gases are missing.",
    "no_upstream": "No factor for the upstream part was found; it is missing.",
    "direct_only": "The factor holds direct emissions only; the upstream part is missing.",
    "series_excluded": "A production type was left out of the weighted series by declaration.",
    "series_zero": "Missing values of a production type count as none in the series, by declaration.",
    "district_heat_default": "The national default of district heat was used, not the network's own value.",
    "method_unstated": "The certificate does not state how combined heat and power was allocated.",
    "method_other": "Combined heat and power was not allocated by the method the book prescribes.",
    "heat_emission_free": "Waste heat was counted without emissions, as the operator states.",
    "upstream_incomplete": "The upstream part is left out: it is not known for every fuel of the network.",
}

INSTRUMENTS: Final = {
    "certificate": "Cancelled certificate",
    "contract": "Contract",
    "supplier_label": "Supplier label",
}
"""The kinds of `bilanz.instrument.InstrumentKind`."""

ISO_CATEGORIES: Final = {
    "1": "1 Direct emissions and removals",
    "2": "2 Indirect emissions from imported energy",
    "3": "3 Indirect emissions from transport",
    "4": "4 Indirect emissions from products the organisation uses",
    "5": "5 Indirect emissions from the use of the organisation's products",
    "6": "6 Other indirect emissions",
}
"""The categories of ISO 14064-1:2018, clause 5.2.4, in our words."""

GASES: Final = {
    "CO2": "CO₂ (fossil)",
    "CH4": "CH₄",
    "N2O": "N₂O",
    "HFCs": "HFC",
    "PFCs": "PFC",
    "SF6": "SF₆",
    "NF3": "NF₃",
    "other": "Other gases (none of the seven)",
    "not_broken_down": "Not broken down (factors that state CO₂e only)",
    "biogenic_co2": "Outside the scopes: CO₂ of biomass",
    "montreal_gases": "Outside the scopes: CFC, HCFC, halons",
}
"""The rows of `bilanz.disclosure`."""

CAUSES: Final = {
    "boundary": "Outside the totals of one book (left out, memo)",
    "exception": "No factor in one book",
    "upstream": "Upstream part counted in one book only",
    "chain": "One figure with upstream against one without, not to be told apart",
    "gwp": "Other warming potentials for the same gases",
    "factor": "Another factor",
    "scope": "Another scope (moves no total)",
}
"""Why two books differ: the causes of `bilanz.reconciliation`, in their order."""

DISCLOSURES: Final = {
    "consolidation_approach": "Consolidation approach",
    "operational_boundary": "Operational boundary",
    "base_year": "Base year",
    "base_year_reason": "Reason for the base year",
    "recalculation_policy": "Recalculation policy",
    "exclusions": "Exclusions with reasons",
    "scope3": "Scope 3 categories without a statement",
}
"""What books ask an inventory to state: `bilanz.inventory.NEEDED`."""

APPROACHES: Final = {
    "operational_control": "Operational control",
    "financial_control": "Financial control",
    "equity_share": "Equity share",
}

SCOPE3_STATES: Final = {
    "present": "in the balance",
    "no_figure": "quantities without a factor",
    "not_relevant": "not relevant",
    "not_assessed": "not assessed",
    "contradicted": "declared not relevant, but there are quantities",
}

SCOPE3: Final = {
    1: "3.1 Purchased goods and services",
    2: "3.2 Capital goods",
    3: "3.3 Upstream of fuels and energy",
    4: "3.4 Transport, upstream",
    5: "3.5 Waste",
    6: "3.6 Business travel",
    7: "3.7 Commuting",
    8: "3.8 Rented and leased from others",
    9: "3.9 Transport, downstream",
    10: "3.10 Processing of sold products",
    11: "3.11 Use of sold products",
    12: "3.12 End of life of sold products",
    13: "3.13 Rented and leased to others",
    14: "3.14 Franchises",
    15: "3.15 Investments",
}

COMPENSATIONS: Final = {
    "reduction": "Emissions avoided elsewhere",
    "removal": "Carbon removed and stored",
}
"""The kinds of `bilanz.compensation.CompensationKind`."""

SUPERSEDED: Final = {
    "better_rank": "Better data exist for the same time (measured before billed before estimated).",
    "sub_meter": "The meter refines another one and is never added to it.",
    "instalment": "An instalment: the final bill of the period counts.",
    "contract": "An award or contract: money promised, never spent; what is paid on it counts.",
    "same_purchase": "The same purchase is known as a quantity, as declared; this one does not count.",
    "quantity_beats_money": "The quantity is known and counts; the money spent on it does not.",
    "internal": "A charge within the organisation.",
    "other_series": "Another series of the same source counts.",
    "no_emission_payment": "Salaries, transfers, taxes, interest and internal charges cause no emissions.",
    "resolution": "Another file holds the same time; it was chosen by rule or by a person.",
    "excluded": "A person excluded it and stated why; it does not count.",
}


def _named(table: dict[str, str], code: str | None, language: Language) -> str:
    """Return the name of a code; a code without a name is shown as it is."""
    if code is None:
        return translate("not stated", language)
    return translate(table[code], language) if code in table else code


def book(code: str | None, language: Language) -> str:
    """Return the name of a book; no book means every book."""
    return translate("every book", language) if code is None else _named(BOOKS, code, language)


def potentials(text: str, language: Language) -> str:
    """Return the sets of potentials of the manifest (`book: set, book: set`) with the names of the books."""
    pairs = [entry.partition(": ") for entry in text.split(", ")]
    sets = {name for _, sign, name in pairs if sign}
    if len(sets) == 1 and all(sign for _, sign, _ in pairs):
        return sets.pop()
    return "; ".join(f"{book(code, language)}: {name}" if sign else code for code, sign, name in pairs)


def scope(code: str | None, language: Language) -> str:
    """Return the name of a scope."""
    return _named(SCOPES, code, language)


def category(code: str | None, language: Language) -> str:
    """Return the name of a line of a scope."""
    return _named(CATEGORIES, code, language)


def grade(code: str | None, language: Language) -> str:
    """Return the name of a grade of match."""
    return _named(GRADES, code, language)


def quality(code: str | None, language: Language) -> str:
    """Return how a quantity came about."""
    return _named(QUALITIES, code, language)


def evidence(code: str | None, language: Language) -> str:
    """Return how a factor was read."""
    return _named(EVIDENCE, code, language)


def chain(code: str | None, language: Language) -> str:
    """Return which part of the life cycle a value covers."""
    return _named(CHAINS, code, language)


def basis(code: str | None, language: Language) -> str:
    """Return a calorific basis: Hi and Hs as they are, a dash where none applies."""
    if code == "none":
        return "–"
    return code if code and code != "unstated" else translate("not stated", language)


def flow(role: str | None, direction: str | None, language: Language) -> str:
    """Return what happened to a quantity: its role, or the direction where no role is known."""
    return _named(ROLES, role, language) if role else _named(DIRECTIONS, direction, language)


def assumption(code: str | None, language: Language) -> str:
    """Return what was assumed."""
    return _named(ASSUMPTIONS, code, language)


def instrument(code: str | None, language: Language) -> str:
    """Return what an instrument of market-based accounting is."""
    return _named(INSTRUMENTS, code, language)


def iso_category(code: str | None, language: Language) -> str:
    """Return what a category of ISO 14064-1 is."""
    return _named(ISO_CATEGORIES, code, language)


def gas(code: str | None, language: Language) -> str:
    """Return what a row of the disclosure by gas is."""
    return _named(GASES, code, language)


def cause(code: str | None, language: Language) -> str:
    """Return why two books differ."""
    return _named(CAUSES, code, language)


def disclosure(code: str | None, language: Language) -> str:
    """Return what an inventory has to state."""
    return _named(DISCLOSURES, code, language)


def approach(code: str | None, language: Language) -> str:
    """Return how organisations are consolidated; other text is shown as it is."""
    return _named(APPROACHES, code, language)


def scope3_state(code: str | None, language: Language) -> str:
    """Return what is known about a scope 3 category."""
    return _named(SCOPE3_STATES, code, language)


def scope3(number: int, language: Language) -> str:
    """Return the name of a scope 3 category."""
    return translate(SCOPE3[number], language)


def compensation(code: str | None, language: Language) -> str:
    """Return what a declared certificate stands for."""
    return _named(COMPENSATIONS, code, language)


def superseded(code: str | None, language: Language) -> str:
    """Return why a quantity does not count."""
    return _named(SUPERSEDED, code, language)


def activity_name(code: str | None, language: Language) -> str:
    """Return the name of an activity."""
    if code is None:
        return translate("not classified", language)
    known = activity.activities().get(code)
    return known.name(language) if known else code


def unit(code: str | None, language: Language) -> str:
    """Return how a unit is written."""
    written = {"m3": "m³", "m2": "m²", "m3_norm": "m³ (Vn)"}
    return translate("not stated", language) if code is None else written.get(code, code)
