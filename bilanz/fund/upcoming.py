"""What is expected of projects that money is promised to and whose promise is not due yet.

    committed up to the end of the year, and the year after completion is to come
    expected   an observation of `AVOIDED` made before, of the first year that counts,
               else saving promised a year × factor of the year looked at

Estimates before completion are reported apart, as ICMA has it: they are in no sum of the year, and nothing
measured is held against them.
Source: ICMA, Harmonised Framework for Impact Reporting (June 2024), ex ante estimates.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bilanz.fund.observed import AVOIDED, TONNES, due_after, promised_t
from bilanz.fund.portfolio import net_of_overlap
from bilanz.fund.project import FlowKind, FundFlow, FundObservation, FundProject, Sight
from bilanz.fund.rate import FundFactor


@dataclass(frozen=True, slots=True)
class Upcoming:
    """What a project is expected to bring about a year, from a later year on.

    Attributes:
        from_year: first year the promise counts in.
        completion: day it is, or is planned to be, completed.
        is_completed: by the end of the year looked at.
        saving: a year, in `unit`; None: not stated.
        expected_t: t CO2e a year, less what other measures bring about as well; None: not stated, or no
            factor.
    """

    project: str
    title: str
    organisation: str
    from_year: int
    completion: date
    is_completed: bool
    unit: str | None
    saving: Decimal | None
    expected_t: Decimal | None

    @property
    def is_stated(self) -> bool:
        """Whether anything is expected of it."""
        return not (self.saving is None and self.expected_t is None)


def upcoming(
    projects: Iterable[FundProject],
    flows: Iterable[FundFlow],
    observations: Iterable[FundObservation],
    factors: Iterable[FundFactor],
    year: int,
) -> tuple[Upcoming, ...]:
    """Return the projects with a promise to come, by the year it counts from.

    Args:
        projects: all of them.
        flows: up to the end of the year.
        observations: of all years.
        factors: the league's own; those of the year count.
        year: calendar year looked at.
    """
    committed: defaultdict[str, Decimal] = defaultdict(Decimal)
    for flow in flows:
        if flow.kind == FlowKind.COMMITMENT:
            committed[flow.project] += flow.amount
    known = {(one.series, one.unit): one.value for one in factors if one.year == year}
    stated: defaultdict[tuple[str, int], list[Decimal]] = defaultdict(list)
    for row in observations:
        if (row.indicator, row.sight, row.unit) == (AVOIDED, Sight.EX_ANTE, TONNES):
            stated[row.project, row.year].append(row.value)
    found = []
    for project in projects:
        completion = due_after(project, year)
        if committed[project.id] <= 0 or completion.year < year:
            continue
        told = stated[project.id, completion.year + 1]
        tonnes = told[0] if len(told) == 1 else None if told else promised_t(project, known)
        found.append(
            Upcoming(
                project.id,
                project.title,
                project.organisation,
                completion.year + 1,
                completion,
                completion == project.completed_on,
                project.unit,
                project.expected_saving,
                net_of_overlap(project, tonnes),
            )
        )
    return tuple(sorted(found, key=lambda one: (one.from_year, one.project)))
