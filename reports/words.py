"""What causes, paths and savings are called."""

from typing import Final

from bilanz.causes import Cause
from bilanz.messages import Language, translate

CAUSES: Final = {
    Cause.ACTIVITY: "Activity (quantities)",
    Cause.WEATHER: "Weather (heating)",
    Cause.FACTOR: "Emission factors",
    Cause.MIX: "Mix within a source",
    Cause.SOURCE: "New and lost sources",
    Cause.ORGANISATION: "New and lost organisations",
    Cause.BOUNDARY: "Boundary: in a total in one year only",
    Cause.COVERAGE: "Coverage: data missing in one of the years",
    Cause.EXCEPTIONS: "Exceptions: without factor in one of the years",
}


def cause(code: str, language: Language) -> str:
    """Return what a cause is called."""
    return translate(CAUSES[Cause(code)], language)
