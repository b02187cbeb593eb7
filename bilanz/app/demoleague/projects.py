"""The thirty projects of the league: `projects.csv` as rows, and when what they change takes effect."""

import csv
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from bilanz.app.demoleague.towns import TOWNS, Town


@dataclass(frozen=True, slots=True)
class Project:
    """A line of `projects.csv`; every cell as text, an empty one is not stated."""

    cells: dict[str, str]

    @property
    def id(self) -> str:
        """Identifier."""
        return self.cells["id"]

    @property
    def town(self) -> Town:
        """Who carries it out."""
        return next(town for town in TOWNS if town.code == self.cells["town"])

    @property
    def starts_on(self) -> date:
        """First day of the works."""
        return date.fromisoformat(self.cells["starts_on"])

    @property
    def completed_on(self) -> date | None:
        """Last day of the works; None: they are not over."""
        text = self.cells["completed_on"]
        return date.fromisoformat(text) if text else None

    @property
    def total_cost(self) -> Decimal:
        """In the currency of the town."""
        return Decimal(self.cells["total_cost"])

    @property
    def of_fund(self) -> Decimal:
        """What the fund has promised, in the currency of the town."""
        return (self.total_cost * Decimal(self.cells["fund_share"])).quantize(Decimal("0.01"))

    @property
    def is_measured(self) -> bool:
        """Whether meters are to judge it."""
        return bool(self.cells["expected_saving"])


@cache
def projects() -> tuple[Project, ...]:
    """Return all projects, as they stand in the file."""
    with (Path(__file__).parent / "projects.csv").open(encoding="utf-8", newline="") as stream:
        return tuple(Project(cells) for cells in csv.DictReader(stream))
