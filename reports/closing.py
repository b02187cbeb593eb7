"""Words about periods and restatements that the page and the command line share."""

from decimal import Decimal
from typing import Final

from bilanz.messages import Language, translate
from reports import numbers

STATES: Final = {"released": "released", "closed": "closed"}

_CAUSES: Final = {
    "method": "method (rules, potentials, program)",
    "data": "data (files, decisions)",
    "factor": "emission factors",
    "boundary": "boundary (organisations, sources)",
}


def cause_name(code: str, language: Language) -> str:
    """Return the name of a cause."""
    return translate(_CAUSES[code], language)


def state_name(code: str, language: Language) -> str:
    """Return the name of a state."""
    return translate(STATES[code], language)


def base_year_sentence(
    threshold: Decimal, language: Language, *, is_reached: bool, is_base_year: bool
) -> str:
    """Return what a restatement means for the base year, in one sentence."""
    said = numbers.share(threshold, language)
    if not is_reached:
        message = (
            "The change stays below the threshold of {threshold}: the base year need not be recalculated."
        )
    elif is_base_year:
        message = "The change reaches the threshold of {threshold}: the base year must be recalculated."
    else:
        message = (
            "The change reaches the threshold of {threshold}: the base year must be recalculated on the same "
            "basis, or the years can no longer be compared."
        )
    return translate(message, language, threshold=said)
