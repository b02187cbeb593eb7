"""The completeness calendar as people read it: a row per source, a cell per month, the longest gaps first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from bilanz import completeness as known
from bilanz.app.review.months import calendar_now
from bilanz.app.settings import Settings

_PLACE: Final = list(known.PLACE)


@dataclass(frozen=True, slots=True)
class Cell:
    """A month of a source. `state`: of `bilanz.completeness.STATES`; days: missing, and estimated."""

    month: date
    state: str
    days_missing: float
    days_estimated: float


@dataclass(frozen=True, slots=True)
class Row:
    """A source that is expected all year; twelve cells."""

    organisation: str | None
    source: str
    activity: str | None
    cells: tuple[Cell, ...]

    @property
    def days_missing(self) -> float:
        """Days of the year of which nothing is known."""
        return sum(cell.days_missing for cell in self.cells)

    @property
    def has_whole_gap(self) -> bool:
        """Whether a month is wholly missing, so that it can be estimated."""
        return any(cell.state == known.MISSING for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The calendar of a year, `CALENDAR_SCHEMA`, and what it comes to."""

    frame: pl.DataFrame

    @property
    def expected(self) -> int:
        """Months of sources of which something is expected."""
        return self._expected.height

    @property
    def complete(self) -> int:
        """Expected months without a missing day."""
        return self._expected.filter(pl.col("days_missing") == 0).height

    @property
    def estimated(self) -> int:
        """Complete months with estimated values."""
        return self._expected.filter(pl.col("days_missing") == 0, pl.col("days_estimated") > 0).height

    @property
    def events(self) -> int:
        """Sources that deliver when they deliver: nothing of them can be missing."""
        return self.frame.filter(pl.col("state") == known.EVENT).select(_PLACE).n_unique()

    @property
    def sources(self) -> list[tuple[str | None, str, str | None]]:
        """The metered sources, the longest gaps first."""
        metered = self.frame.filter(pl.col("state") != known.EVENT)
        sums = metered.group_by(_PLACE).agg(pl.col("days_missing", "days_estimated").sum())
        order = sums.sort(
            "days_missing",
            "days_estimated",
            *_PLACE,
            descending=[True, True, *[False] * len(_PLACE)],
            nulls_last=True,
        )
        return list(order.select(_PLACE).iter_rows())

    @property
    def gaps(self) -> list[str]:
        """Sources with a month that is wholly missing."""
        missing = self.frame.filter(pl.col("state") == known.MISSING)
        found: list[str] = missing["source"].drop_nulls().unique().sort().to_list()
        return found

    def rows(self, sources: Sequence[tuple[str | None, str, str | None]]) -> list[Row]:
        """Return the rows of some sources, in their order."""
        wanted = pl.DataFrame(list(sources), schema=dict.fromkeys(_PLACE, pl.String), orient="row")
        cells: dict[tuple[str | None, str, str | None], list[Cell]] = {place: [] for place in sources}
        columns = ("month", "state", "days_missing", "days_estimated")
        shown = self.frame.join(wanted, on=_PLACE, how="semi", nulls_equal=True).sort("month")
        for *place, month, state, missing, estimated in shown.select(*_PLACE, *columns).iter_rows():
            cells[place[0], place[1], place[2]].append(Cell(month, state, missing, estimated))
        return [Row(*place, tuple(held)) for place, held in cells.items()]

    @property
    def _expected(self) -> pl.DataFrame:
        return self.frame.filter(pl.col("days_expected") > 0)


def calendar_of(settings: Settings, year: int, organisation: str | None) -> Calendar:
    """Return the calendar of a year as the data are now; `organisation`: it and what is below it, None: all.

    Raises:
        UnknownName: there is no such organisation.
        StoreBusy: another process holds the store.
    """
    return Calendar(calendar_now(settings, year, organisation))
