"""Why a quantity is in no total of a book, and what a person can do about it."""

from dataclasses import dataclass
from typing import Final

from bilanz.messages import Language, translate


@dataclass(frozen=True, slots=True)
class Reason:
    """A code of the exceptions in words: short, in a sentence, and what to do."""

    short: str
    text: str
    remedy: str


REASONS: Final = {
    "no_factor": Reason(
        "no factor",
        "No factor of the book fits activity, region, unit and time.",
        "Import a factor (`bilanz factors import`), or check activity, unit and region of the source.",
    ),
    "group_missing": Reason(
        "product group missing",
        "Money was spent, and nothing says on what.",
        "State the product group, a CPV code or an account of the records.",
    ),
    "substance_missing": Reason(
        "substance missing",
        "Something escaped, and nothing says which refrigerant or gas.",
        "Name the refrigerant or gas of the records, as on the nameplate (R410A, SF6).",
    ),
    "own_factors_alike": Reason(
        "own factors alike",
        "Two files of own factors state something for the same activity, region and time.",
        "Withdraw one (`bilanz factors withdraw`), or name the right one as contract of the source.",
    ),
    "activity_unknown": Reason(
        "not classified",
        "The file does not say what was used or bought.",
        "Assign the supplier or article to an activity.",
    ),
    "basis_missing": Reason(
        "calorific basis missing",
        "A quantity of fuel without net (Hi) or gross (Hs) calorific value.",
        "State the basis of the source; it stands on the bill.",
    ),
    "basis": Reason(
        "calorific bases differ",
        "Quantity and factor refer to different calorific values (Hs, Hi), and their ratio is unknown.",
        "Register the ratio Hs/Hi of the fuel with its source.",
    ),
    "unit_mismatch": Reason(
        "unit does not fit",
        "The unit cannot be converted into the unit of any factor.",
        "Check the unit, or register the heating value or density of the fuel.",
    ),
    "property_missing": Reason(
        "fuel property missing",
        "Heating value or density of the fuel is not known, so the unit cannot be converted.",
        "Register the heating value or density with its source.",
    ),
    "instalment_open": Reason(
        "instalment without final bill",
        "An instalment is no consumption, and no final bill covers its time.",
        "Import the final bill.",
    ),
    "no_source": Reason(
        "book has no source",
        "The book names no source of factors for this activity.",
        "Choose another book, or import a factor (`bilanz factors import`).",
    ),
    "gwp_missing": Reason(
        "no warming potential",
        "The chosen set of global warming potentials has no value for a gas.",
        "Choose another set, or a factor in CO₂e.",
    ),
    "too_large": Reason(
        "factor too large for the unit",
        "One unit of the quantity would stand for 10 000 tonnes or more.",
        "State the quantity in a smaller unit.",
    ),
    "no_hourly_reading": Reason(
        "not metered by the hour",
        "The quantity is known for a longer time only (a bill, a record), not by the hour.",
        "Import readings of an hour or less.",
    ),
    "hour_missing": Reason(
        "hour without a value",
        "The series states no value for the time of the reading; nothing was filled in.",
        "Import a series that holds these hours (`bilanz factors series import`).",
    ),
    "reading_too_long": Reason(
        "reading over an hour",
        "A reading covers more than an hour and cannot be matched by the hour.",
        "Import readings of an hour or less.",
    ),
}


_SAME: Final = {"instalment": "instalment_open"}


def reason(code: str, language: Language) -> Reason:
    """Return a code in words; a code without words is shown as it is."""
    known = REASONS.get(_SAME.get(code, code))
    if known is None:
        return Reason(code, code, translate("Ask whoever runs the program what this code means.", language))
    return Reason(
        translate(known.short, language), translate(known.text, language), translate(known.remedy, language)
    )
