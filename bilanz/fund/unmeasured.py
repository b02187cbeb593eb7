"""Why a project has no measured effect in a year: what the last finding said, else what its row says.

stated twice or in another unit          that it does not count
completed after the year                 that it was not completed
finding of the year, else of all      its reason, and since when
none, and meters are not to judge it     that they are not asked
none, or one before it was completed     that nobody has looked
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from bilanz.fund.effect.reason import Reason, because
from bilanz.fund.finding import months_of, reason_of
from bilanz.fund.observed import AVOIDED, SAVED, YearlyEffect
from bilanz.fund.project import FundFinding, FundObservation, FundProject, Sight
from bilanz.fund.projectchecks import is_measured


@dataclass(frozen=True, slots=True)
class Unmeasured:
    """A project without a measured effect in a year.

    Attributes:
        reason: why.
        months, needed: measured months, and how many there must be; None: the reason is another one.
        since: first day this was said; None: no finding says it.
        assessed_on: day of the last finding; None: nobody has looked.
        is_metered: whether meters are to judge it.
    """

    project: str
    title: str
    organisation: str
    reason: Reason
    months: int | None
    needed: int | None
    since: date | None
    assessed_on: date | None
    is_metered: bool


def unmeasured(
    projects: Iterable[FundProject],
    effects: Iterable[YearlyEffect],
    findings: Iterable[FundFinding],
    observations: Iterable[FundObservation],
    year: int,
) -> tuple[Unmeasured, ...]:
    """Return the projects without a measured effect in a year, those that meters are to judge first.

    Args:
        projects: all of them.
        effects: of the year, without what is outdated.
        findings: all that are kept.
        observations: that stand, the outdated left out.
        year: calendar year.
    """
    measured = {one.project for one in effects if one.saved is not None or one.measured_t is not None}
    kept = {(one.project, one.year): one for one in findings}
    stated = {
        row.project
        for row in observations
        if row.year == year and row.sight == Sight.EX_POST and row.indicator in (SAVED, AVOIDED)
    }
    found = [
        _of(project, kept, stated, year)
        for project in sorted(projects, key=lambda one: one.id)
        if project.id not in measured
    ]
    return tuple(sorted(found, key=lambda one: not one.is_metered))


_Kept = Mapping[tuple[str, int | None], FundFinding]


def _of(project: FundProject, kept: _Kept, stated: Collection[str], year: int) -> Unmeasured:
    rows = [row for at in (year, None) if (row := kept.get((project.id, at))) is not None]
    saying = None if project.id in stated else next((row for row in rows if _says(row, project, year)), None)
    told = None if saying is None else reason_of(saying)
    reason = _by_row(project, rows, stated, year) if told is None else told
    months, needed = months_of(reason)
    return Unmeasured(
        project.id,
        project.title,
        project.organisation,
        reason,
        months,
        needed,
        None if saying is None else saying.since,
        max((row.assessed_on for row in rows), default=None),
        is_measured(project),
    )


def _says(row: FundFinding, project: FundProject, year: int) -> bool:
    """Tell whether a finding says why a year has no figure: it was made of it, or later."""
    if row.code is None or (row.year is None and row.assessed_on.year < year):
        return False
    is_before = project.completed_on is not None and project.completed_on.year > year
    is_settled = row.code == "not_completed" and project.completed_on is not None
    is_none_asked = row.code == "no_source" and not is_measured(project)
    return not (is_before or is_settled or is_none_asked)


def _by_row(project: FundProject, rows: list[FundFinding], stated: Collection[str], year: int) -> Reason:
    """Return why there is no figure where no finding says so."""
    if project.id in stated:
        return because("not_counted")
    if project.completed_on is not None and project.completed_on.year > year:
        return because("later", year=year)
    if not is_measured(project):
        return because("no_meters")
    if project.completed_on is None:
        return because("not_completed")
    return _looked(project.completed_on, [row.assessed_on for row in rows], year)


def _looked(completed: date, days: list[date], year: int) -> Reason:
    """Return why nothing is known of a project that is completed, by the days it was looked at."""
    if not days:
        return because("not_looked")
    if max(days) < completed:
        return because("not_looked_after")
    return because("no_month") if max(days).year >= year else because("not_looked_since", year=year)
