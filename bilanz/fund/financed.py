"""Financed emissions: what the projects emit, by the fund's share. Never added to what they avoid.

    financed_t = α · emissions of the project, scope 1 and 2

Only where an observation of the project states them, as the indicator `emissions_scope_1_2` in a unit of mass
(t CO2e or kg CO2e): nothing is estimated. A project without one, or without a share, is named. Expected and
observed emissions are never added. Source: PCAF, Part A, project finance (scope 1 and 2 *shall* be reported).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

from bilanz.fund.attribution import Attribution
from bilanz.fund.cents import decimal
from bilanz.fund.project import FundObservation, FundProject, Sight
from bilanz.fund.share import TONNES
from bilanz.messages import Language, translate

EMISSIONS: Final = "emissions_scope_1_2"
"""Indicator of an observation that states a project's own emissions of a year."""

APART: Final = (
    "Financed emissions are what the projects emit, by the fund's share. What they avoid is another figure; "
    "the two are never added or offset."
)
_PER_TONNE: Final = {"t": 1, "t CO2e": 1, "tCO2e": 1, "kg": 1000, "kg CO2e": 1000, "kgCO2e": 1000}


class FinancedState(StrEnum):
    """Whether there is a figure, or why not."""

    FINANCED = "financed"
    NOT_STATED = "not_stated"
    NO_SHARE = "no_share"
    STATED_TWICE = "stated_twice"
    UNKNOWN_UNIT = "unknown_unit"


FINANCED_TEXTS: Final[Mapping[FinancedState, str]] = {
    FinancedState.FINANCED: "emissions of the project by the share of the fund",
    FinancedState.NOT_STATED: "no figure: nobody stated the project's own emissions",
    FinancedState.NO_SHARE: "no figure: the share of the fund is not known",
    FinancedState.STATED_TWICE: "no figure: its emissions are stated twice for the same year",
    FinancedState.UNKNOWN_UNIT: "no figure: its emissions are not stated in t or kg of CO2e",
}
"""English templates; German: `bilanz/locale/de/fund_money.po`."""


@dataclass(frozen=True, slots=True)
class FinancedProject:
    """A project's emissions of a year and the fund's part of them.

    Attributes:
        emissions_t: t CO2e of scope 1 and 2 of the project as a whole; None: not stated.
        financed_t: t CO2e; None: no figure (`state`).
        half_width_t: of the 95 % interval of `financed_t`; None: not stated.
        data_quality: 1 (best) to 5; None: not scored.
    """

    project: str
    year: int
    sight: Sight
    emissions_t: Decimal | None
    alpha: Decimal | None
    financed_t: Decimal | None
    half_width_t: Decimal | None
    data_quality: int | None
    verified_by: str | None
    state: FinancedState


@dataclass(frozen=True, slots=True)
class FinancedEmissions:
    """All projects in a year, with or without a figure."""

    year: int
    sight: Sight
    projects: tuple[FinancedProject, ...]

    @property
    def total_t(self) -> Decimal | None:
        """T CO2e of the projects with a figure; None: there is none."""
        known = [one.financed_t for one in self.projects if one.financed_t is not None]
        return sum(known, Decimal(0)) if known else None

    @property
    def without_figure(self) -> tuple[FinancedProject, ...]:
        """The projects that are in no total, each with its state."""
        return tuple(one for one in self.projects if one.financed_t is None)

    def sentence(self, language: Language) -> str:
        """Return what has to stand beside the figure."""
        return translate(APART, language)


def financed(
    projects: Iterable[FundProject],
    observations: Iterable[FundObservation],
    attributions: Mapping[str, Attribution],
    year: int,
    sight: Sight,
) -> FinancedEmissions:
    """Return the financed emissions of a year.

    Args:
        projects: all of them; each gets a row.
        observations: of any indicator and year.
        attributions: project → the fund's share, as of the end of the year.
        year: of the emissions.
        sight: whether expected or observed emissions are asked for.
    """
    stated: dict[str, list[FundObservation]] = {}
    for row in observations:
        if (row.indicator, row.year, row.sight) == (EMISSIONS, year, sight):
            stated.setdefault(row.project, []).append(row)
    rows = (
        _project(project.id, stated.get(project.id, []), attributions.get(project.id), year, sight)
        for project in sorted(projects, key=lambda one: one.id)
    )
    return FinancedEmissions(year, sight, tuple(rows))


def _project(
    name: str, rows: list[FundObservation], attribution: Attribution | None, year: int, sight: Sight
) -> FinancedProject:
    alpha = None if attribution is None else attribution.alpha
    if len(rows) != 1:
        state = FinancedState.STATED_TWICE if rows else FinancedState.NOT_STATED
        return FinancedProject(name, year, sight, None, alpha, None, None, None, None, state)
    (row,) = rows
    if row.unit not in _PER_TONNE:
        state = FinancedState.UNKNOWN_UNIT
        return FinancedProject(name, year, sight, None, alpha, None, None, None, None, state)
    emissions = Fraction(row.value) / _PER_TONNE[row.unit]
    half = None if row.half_width is None else Fraction(row.half_width) / _PER_TONNE[row.unit]
    return FinancedProject(
        name,
        year,
        sight,
        decimal(emissions, TONNES),
        alpha,
        None if alpha is None else decimal(emissions * Fraction(alpha), TONNES),
        None if alpha is None or half is None else decimal(half * Fraction(alpha), TONNES),
        row.data_quality,
        row.verified_by,
        FinancedState.NO_SHARE if alpha is None else FinancedState.FINANCED,
    )
