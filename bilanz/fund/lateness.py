"""Projects that are late: not completed on the planned day, or completed after it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from bilanz.fund.project import FundProject


class LateState(StrEnum):
    """How a project is late."""

    OVERDUE = "overdue"
    COMPLETED_LATE = "completed_late"


LATE_TEXTS: Final[Mapping[LateState, str]] = {
    LateState.OVERDUE: "not completed yet",
    LateState.COMPLETED_LATE: "completed late",
}
"""English templates; German: `bilanz/locale/de/fund_money.po`."""


@dataclass(frozen=True, slots=True)
class Late:
    """A late project; `days` after the planned day, up to completion or up to the day that was asked for."""

    project: str
    title: str
    organisation: str
    planned_completion: date
    completed_on: date | None
    days: int
    state: LateState


def late(projects: Iterable[FundProject], on: date) -> tuple[Late, ...]:
    """Return the projects that are late on a day, the latest first; one due on that day is not late."""
    rows = [row for project in projects if (row := _late(project, on)) is not None]
    return tuple(sorted(rows, key=lambda row: (-row.days, row.project)))


def _late(project: FundProject, on: date) -> Late | None:
    done = project.completed_on if project.completed_on is not None and project.completed_on <= on else None
    days = ((done or on) - project.planned_completion).days
    if days <= 0:
        return None
    return Late(
        project.id,
        project.title,
        project.organisation,
        project.planned_completion,
        done,
        days,
        LateState.COMPLETED_LATE if done else LateState.OVERDUE,
    )
