"""What projects were expected to avoid and what was measured, year by year, in t CO2e.

    expected   an observation of `AVOIDED` made before, else saving promised a year × factor of the year
    measured   an observation of `AVOIDED` made after: from the meters (`bilanz.fund.effect`)

A year without an observation is not measured; no year stands in for another. Two statements of one figure
are a contradiction: neither counts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from bilanz.fund.portfolio import ProjectEffect
from bilanz.fund.project import FundObservation, FundProject, Sight
from bilanz.fund.rate import FundFactor
from bilanz.fund.share import share

SAVED: Final = "saved"
"""Indicator: what was saved in a year, in the unit of the project."""

AVOIDED: Final = "avoided"
"""Indicator: what a project avoids in a year as a whole, in t CO2e."""

TONNES: Final = "t CO2e"
KG_PER_T: Final = 1000

_PARTS: Final = 4
"""Decimals of the part that was delivered."""


@dataclass(frozen=True, slots=True)
class YearlyEffect:
    """Promise and measurement of a project in a year.

    Attributes:
        unit: of what is saved; None: not stated.
        promised: saving a year as promised, in `unit`.
        saved: as measured, in `unit`, with half of its 95 % interval.
        expected_t, measured_t: t CO2e of the project as a whole.
        evidence: of what was measured; empty: nothing was.
        contradicted: indicators stated twice, which do not count.
    """

    project: str
    year: int
    unit: str | None
    promised: Decimal | None
    saved: FundObservation | None
    expected_t: Decimal | None
    measured_t: FundObservation | None
    evidence: str
    contradicted: tuple[str, ...]

    @property
    def delivered(self) -> Decimal | None:
        """Measured by promised saving; None: one of them is missing, or no saving was promised."""
        if self.saved is None or self.promised is None:
            return None
        return share(self.saved.value, self.promised, _PARTS)

    @property
    def effect(self) -> ProjectEffect:
        """As the portfolio takes it."""
        found = self.measured_t
        return ProjectEffect(
            self.project,
            self.year,
            self.expected_t,
            None if found is None else found.value,
            None if found is None else found.half_width,
        )


def is_indistinct(measured: FundObservation | None) -> bool:
    """Tell whether the 95 % interval of what was measured contains zero; unknown where none is stated."""
    return (
        measured is not None
        and measured.half_width is not None
        and abs(measured.value) <= measured.half_width
    )


def yearly_effects(
    projects: Iterable[FundProject],
    observations: Iterable[FundObservation],
    factors: Iterable[FundFactor],
    year: int,
) -> tuple[YearlyEffect, ...]:
    """Return what every project was expected to avoid in a year and what was measured, by name."""
    held = _held(observations, year)
    known = {(one.series, one.unit): one.value for one in factors if one.year == year}
    return tuple(_of(project, held, known, year) for project in sorted(projects, key=lambda one: one.id))


_Held = Mapping[tuple[str, str, str], list[FundObservation]]


def _held(observations: Iterable[FundObservation], year: int) -> _Held:
    found: dict[tuple[str, str, str], list[FundObservation]] = {}
    for row in observations:
        if row.year == year:
            found.setdefault((row.project, row.indicator, row.sight), []).append(row)
    return found


def _of(
    project: FundProject, held: _Held, factors: Mapping[tuple[str, str], Decimal], year: int
) -> YearlyEffect:
    def the(indicator: str, sight: Sight, unit: str | None) -> FundObservation | None:
        rows = held.get((project.id, indicator, sight.value), [])
        return rows[0] if len(rows) == 1 and rows[0].unit == unit else None

    stated = the(AVOIDED, Sight.EX_ANTE, TONNES)
    measured = the(AVOIDED, Sight.EX_POST, TONNES)
    return YearlyEffect(
        project.id,
        year,
        project.unit,
        project.expected_saving if _is_running(project, year) else None,
        the(SAVED, Sight.EX_POST, project.unit),
        _expected(project, factors, year) if stated is None else stated.value,
        measured,
        "" if measured is None else measured.evidence,
        tuple(
            sorted(
                f"{indicator} ({sight})"
                for (name, indicator, sight), rows in held.items()
                if name == project.id and indicator in (SAVED, AVOIDED) and len(rows) > 1
            )
        ),
    )


def due_after(project: FundProject, year: int) -> date:
    """Return the completion, as it stood at the end of a year, after which a promise counts.

    What is not completed by the end of the year promises from the year after the planned completion on: being
    late is no excuse, and a completion later on changes no earlier year.
    """
    completed = project.completed_on
    return completed if completed is not None and completed.year <= year else project.planned_completion


def _is_running(project: FundProject, year: int) -> bool:
    """Tell whether a promise is due in a whole year: completed before it, and not past its lifetime."""
    done = due_after(project, year).year
    last = None if project.lifetime_years is None else done + project.lifetime_years
    return done < year and (last is None or year <= last)


def _expected(project: FundProject, factors: Mapping[tuple[str, str], Decimal], year: int) -> Decimal | None:
    """Return what the promised saving avoids in a year it is due in, in t CO2e."""
    return promised_t(project, factors) if _is_running(project, year) else None


def promised_t(project: FundProject, factors: Mapping[tuple[str, str], Decimal]) -> Decimal | None:
    """Return what the promised saving avoids by declared factors, in t CO2e.

    `factors`: (series, unit) → kg CO2e per unit, of one year.
    """
    if project.expected_saving is None or project.factor_series is None:
        return None
    factor = factors.get((project.factor_series, project.unit or ""))
    if factor is None:
        return None
    return (project.expected_saving * factor / KG_PER_T).quantize(Decimal("0.000001"))
