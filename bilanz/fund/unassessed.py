"""What of each project nobody has assessed. Blank is neither yes nor no, and never 0."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bilanz.fund.attribution import Additionality, additionality
from bilanz.fund.project import FundProject
from bilanz.fund.projectchecks import is_measured


class Lack(StrEnum):
    """What is missing of a project."""

    BASELINE = "baseline"
    PLAN = "plan"
    DENOMINATOR = "denominator"
    ADDITIONALITY = "additionality"
    REBOUND = "rebound"
    OVERLAP = "overlap"
    TAG = "tag"


LACK_TEXTS: Final[Mapping[Lack, str]] = {
    Lack.BASELINE: "baseline (in words and with its days)",
    Lack.PLAN: "measurement plan",
    Lack.DENOMINATOR: "total cost",
    Lack.ADDITIONALITY: "required by law or financed otherwise?",
    Lack.REBOUND: "rebound",
    Lack.OVERLAP: "overlap with other measures",
    Lack.TAG: "climate tag",
}
"""English templates; German: `bilanz/locale/de/fund_money.po`."""


@dataclass(frozen=True, slots=True)
class Unassessed:
    """A project and what is missing of it, in the order of `Lack`."""

    project: str
    title: str
    organisation: str
    missing: tuple[Lack, ...]


def unassessed(projects: Iterable[FundProject]) -> tuple[Unassessed, ...]:
    """Return the projects of which something is missing, by name.

    Baseline, rebound and overlap are asked for only where meters are to judge the project
    (`bilanz.fund.projectchecks.is_measured`).
    """
    rows = (
        Unassessed(project.id, project.title, project.organisation, missing_of(project))
        for project in sorted(projects, key=lambda one: one.id)
    )
    return tuple(row for row in rows if row.missing)


def missing_of(project: FundProject) -> tuple[Lack, ...]:
    """Return what is missing of a project."""
    measured = is_measured(project)
    has_baseline = bool(project.baseline and project.baseline_from and project.baseline_to)
    lacks = {
        Lack.BASELINE: measured and not has_baseline,
        Lack.PLAN: not project.measurement_plan,
        Lack.DENOMINATOR: project.total_cost is None or project.total_cost <= 0,
        Lack.ADDITIONALITY: additionality(project) == Additionality.NOT_ASSESSED,
        Lack.REBOUND: measured and project.rebound_share is None,
        Lack.OVERLAP: measured and project.overlap_share is None,
        Lack.TAG: project.climate_tag is None,
    }
    return tuple(lack for lack in Lack if lacks[lack])
