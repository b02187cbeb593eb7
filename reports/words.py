"""What causes, paths and savings are called."""

from typing import Final

from bilanz.causes import Cause
from bilanz.messages import Language, translate
from bilanz.plan import Status
from bilanz.targets import Reason, Series, Verdict

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


SERIES: Final = {
    Series.PATH: "Path to the target",
    Series.ACTUAL: "As calculated",
    Series.FROZEN: "If nothing changes",
    Series.MEASURES: "With measures",
    Series.GROWTH: "With measures and declared growth",
}

ASSUMED: Final = {
    Series.FROZEN: "If nothing changes: activity and factors stay as in the year of the balance.",
    Series.MEASURES: "With measures: less the expected effects of measures planned, decided or begun.",
    Series.GROWTH: "With declared growth: activities grow by the rates of the register, and by no others.",
}

VERDICTS: Final = {
    Verdict.ON_PATH: "On the path.",
    Verdict.OFF_PATH: "Not on the path.",
    Verdict.UNCLEAR: "It cannot be told whether this is on the path.",
    Verdict.NOT_SAID: "Whether this is on the path is not said.",
}

REASONS: Final = {
    Reason.INTERVAL: "The whole 95 % interval ({low} to {high}) lies on one side of the path.",
    Reason.NO_INTERVAL: "How far the figure may be off is not known.",
    Reason.WITHIN: "The path runs through the 95 % interval of the figure ({low} to {high}).",
    Reason.NO_BASE: "The base year {year} is neither stated nor calculated.",
    Reason.NO_FIGURE: "The balance has no figure in these scopes.",
    Reason.BEFORE_BASE: "The year lies before the base year {year}.",
    Reason.BOUNDARY: "Organisations counted in only one of the years, {year} or now: {differing}.",
    Reason.INCOMPLETE: (
        "The figure lies below the path but is incomplete: quantities without factor and months without "
        "data: {count}."
    ),
    Reason.YEARS_MISSING: "Not every year since {year} has been calculated.",
}

STATUSES: Final = {
    Status.PLANNED: "planned",
    Status.DECIDED: "decided",
    Status.IMPLEMENTED: "implemented",
    Status.ABANDONED: "abandoned",
}


def series(kind: Series, language: Language) -> str:
    """Return what a line of a pathway is called."""
    return translate(SERIES[kind], language)


def verdict(found: Verdict, language: Language) -> str:
    """Return what is said of a target."""
    return translate(VERDICTS[found], language)


def status(code: str, language: Language) -> str:
    """Return how far a measure has got."""
    return translate(STATUSES[Status(code)], language)
