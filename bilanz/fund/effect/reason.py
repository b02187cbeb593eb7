"""Why an effect is not assessable, what its reader must know, and why a month was left out.

Kept as a code and its facts until somebody reads them in a language, like `bilanz.sentences`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from bilanz.messages import Language, translate

NOT_ASSESSABLE: Final[Mapping[str, str]] = {
    "no_source": "The project names no source it touches.",
    "no_baseline": "The project names no baseline period.",
    "not_completed": "The project is not completed.",
    "no_unit": "The project names no unit of what is saved.",
    "units_differ": "The sources are measured in {units}, which does not become {unit}.",
    "bases_differ": "The energy of the sources is stated by different calorific bases: {bases}.",
    "several_activities": "The sources measure several activities; the project does not say which one it is.",
    "no_degree_days": "No monthly degree days of one definition hold the months before and after.",
    "too_few_before": "Only {count} months of the baseline are measured; there must be {least}.",
    "too_few_after": "Only {count} months after completion are measured; there must be {least}.",
    "no_variation": "{driver} does not vary in the baseline, or only with another variable.",
    "poor_model": "The baseline model misses the measured months by {error} %; {limit} % is the limit.",
    "unstable_baseline": "The use changed within the baseline, about {month}, without a declared reason.",
    "drifting_baseline": "The use drifted through the baseline (p = {p}), without a declared reason.",
    "extrapolated": "The weather of {count} of {months} months after completion is none the baseline saw.",
    "no_controls": "The project names no source to compare with.",
    "control_touched": "It is touched itself, by {projects}.",
    "too_few_controls": "Only {count} sources to compare with are assessable; there must be {least}.",
    "pre_trend": "Before the project the source moved apart from those compared with (p = {p}).",
}

OF_A_YEAR: Final[Mapping[str, str]] = {
    "part_of_year": "Only {count} months of the year are measured; there must be {least}.",
    "no_month": "No month of the year is measured.",
    "too_few_places": "Measured, and not published: the project touches too few places.",
}
"""Why a project that is assessable has no figure of a year."""

KEPT: Final[Mapping[str, str]] = {**NOT_ASSESSABLE, **OF_A_YEAR}
"""What an assessment may be kept with."""

OF_THE_BOARD: Final[Mapping[str, str]] = {
    "no_meters": "It promises no saving and nothing of it is for nature: meters are not asked.",
    "later": "It was not completed in {year}.",
    "not_looked": "Nobody has looked yet.",
    "not_looked_after": "Nobody has looked since it was completed.",
    "not_looked_since": "Nobody has looked since {year} began.",
    "not_counted": "What is stated is stated twice or in another unit: it does not count.",
}
"""Why a board has no figure of a year, where no assessment says so."""

FLAGS: Final[Mapping[str, str]] = {
    "month_extrapolated": "{months}: weather or use lies outside what the baseline saw.",
    "unstable_after": "The use changed after completion too, about {month}: the effect fades, or something "
    "else changed.",
    "no_metering": "No half width is known of {sources}: there is no full interval.",
    "season_incomplete": "Calendar months never measured after completion: {months}; no saving of a year.",
    "no_use": "No use variable is declared: a change of use counts as effect.",
    "common_change": "The sources compared with changed by {change} % too: after against before holds that.",
    "controls_diverge": "The sources compared with changed by ± {spread} %, more than their models explain "
    "(p = {p}): without them the interval is too narrow, or some are touched too.",
    "includes_zero": "The interval contains zero: that anything was saved cannot be said.",
    "factor_missing": "The factor series {series} has no value for {years}: no tonnes.",
    "factor_unit": "The factor series {series} is per {found}, not per {unit}: no tonnes.",
    "no_factor_series": "The project names no factor series: no tonnes.",
    "factor_interval": "The factors of {years} have no half width: the tonnes have no full interval.",
    "overlap_unassessed": "Whether other measures contribute is not assessed.",
    "rebound_unassessed": "Whether the saving was used up elsewhere (rebound) is not assessed.",
    "shared": "The effect is measured together with {projects}; the declared shares divide it.",
}

LEFT_OUT: Final[Mapping[str, str]] = {
    "works": "works were going on",
    "gap": "lies between baseline and works",
    "estimated": "was estimated, not measured",
    "apportioned": "is part of a bill over several months",
    "partial": "days of it are missing",
    "missing": "nothing is known of it",
    "no_driver": "its weather or use variable is missing",
    "other_project": "another project had changed the source",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """A code of the tables above and its facts, none of which is a word of a language."""

    code: str
    facts: tuple[tuple[str, str], ...] = ()

    def text(self, language: Language) -> str:
        """Return the sentence in a language."""
        template = {**KEPT, **OF_THE_BOARD, **FLAGS}[self.code]
        return translate(template, language, **dict(self.facts))


@dataclass(frozen=True, slots=True)
class NotAssessable:
    """Instead of an effect: what it would take."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A month that was not used, and why."""

    month: date
    reason: str  # code of `LEFT_OUT`

    def text(self, language: Language) -> str:
        """Return why in a language."""
        return translate(LEFT_OUT[self.reason], language)


def because(code: str, /, **facts: object) -> Reason:
    """Return a reason."""
    return Reason(code, tuple((name, str(fact)) for name, fact in sorted(facts.items())))


def refuse(code: str, /, **facts: object) -> NotAssessable:
    """Return that nothing can be said, and why."""
    return NotAssessable(because(code, **facts))
