"""Complete series → readings, and records for what has no grid; the sums and facts of each series."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Final

import polars as pl

from bilanz.issues import Issue
from bilanz.periods import local_iso
from bilanz.records import READING_SCHEMA
from importers.base import ImportRequest
from importers.columns import times
from importers.interval import grid
from importers.interval.changes import without_other_intervals
from importers.interval.findings import ROW, Findings
from importers.interval.grid import DAY_MINUTES, Clock
from importers.interval.layout import Group, Value
from importers.interval.series import Identity

LONG_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "series": pl.Int32,
    "start": pl.Datetime("us"),
    "end": pl.Datetime("us"),
    "quantity": pl.Decimal(19, 6),
    "status": pl.Int8,
    ROW: pl.Int64,
}
_CHANGE: Final = 60


@dataclass(slots=True)
class Column:
    """One value column and how it is to be finished.

    Attributes:
        titles: header text of the time columns.
        stamp: "begin" or "end"; None: not known yet.
    """

    group: Group
    value: Value
    clock: Clock
    titles: str
    stamp: str | None
    total: Decimal = Decimal(0)


@dataclass(slots=True)
class Finished:
    """What the series of a file came to.

    Attributes:
        minutes: series → interval of its readings.
        longer: values with a period of their own (`LONG_SCHEMA`), not counted yet.
        sums: (column header, stored unit) → control sum and number of readings.
    """

    minutes: dict[int, int] = field(default_factory=dict)
    longer: list[pl.DataFrame] = field(default_factory=list)
    sums: dict[tuple[str, str], tuple[Fraction, int]] = field(default_factory=dict)
    rounded: dict[str, tuple[int, Fraction]] = field(default_factory=dict)


class Finisher:
    """Finishes complete series; keeps what they came to."""

    def __init__(
        self,
        identities: Mapping[int, Identity],
        request: ImportRequest,
        findings: Findings,
        *,
        is_stated: bool = False,
    ) -> None:
        """Take what is known of the series.

        Args:
            identities: by number of the series.
            request: what the caller states.
            findings: of the file.
            is_stated: the format states the length of every interval; none is concluded from distances.
        """
        self.identities, self.request, self.findings = identities, request, findings
        self.is_stated = is_stated
        self.done = Finished()

    def finish(self, cells: pl.DataFrame, column: Column) -> pl.DataFrame:
        """Return the readings (`READING_SCHEMA`) of the complete series of one column."""
        cells = self._wanted(cells, column)
        if cells.is_empty():
            return pl.DataFrame(schema=READING_SCHEMA)
        cells = grid.to_instants(cells, column.clock, column.titles, self.findings)
        cells = grid.with_intervals(grid.with_step(grid.ordered(cells)))
        if not self.is_stated:
            grid.refuse_irregular(cells, column.titles)
        column.stamp = column.stamp or self._stamp(cells, column)
        if column.stamp is None:
            return self._undecided(cells, column)
        cells = self._on_grid(cells, column)
        if not self.is_stated and not cells["length"].count():
            cells = without_other_intervals(cells, column.stamp, column.titles, self.findings)
            cells = grid.with_step(cells)
        if not self.is_stated:
            cells = self._without_negatives(cells, column)
        back = pl.duration(minutes="minutes") if column.stamp == "end" else pl.duration()
        cells = cells.with_columns(start=pl.col("stamp") - back)
        return self._readings(self._within(cells, column), column)

    def _wanted(self, cells: pl.DataFrame, column: Column) -> pl.DataFrame:
        """Leave out series whose unit is none."""
        for number in cells["series"].unique():
            refusal = self.identities[number].refusal
            if refusal is None:
                continue
            code, value, parameters = refusal
            rows = cells.filter(pl.col("series") == number)
            issue = Issue(code, rows[ROW][0], column.value.title, value, dict(parameters))
            self.findings.refuse(rows.height, issue)
            cells = cells.filter(pl.col("series") != number)
        return cells

    def _stamp(self, cells: pl.DataFrame, column: Column) -> str | None:
        """Decide whether stamps are the begin or the end of the interval; whole days decide."""
        begins, ends = grid.stamp_votes(cells, column.clock)
        if (cells["minutes"] >= DAY_MINUTES).all() or bool(begins) == bool(ends):
            return "begin" if (cells["minutes"] >= DAY_MINUTES).all() else None
        which, reason = (
            ("begin", "the series start at 00:00") if begins else ("end", "the series end at 00:00")
        )
        self.findings.add(
            Issue(
                "stamp_assumed",
                column=column.titles,
                parameters={"which": which, "reason": reason},
            )
        )
        return which

    def _undecided(self, cells: pl.DataFrame, column: Column) -> pl.DataFrame:
        self.findings.refuse(cells.height, Issue("ambiguous_stamp", column=column.titles))
        return pl.DataFrame(schema=READING_SCHEMA)

    def _on_grid(self, cells: pl.DataFrame, column: Column) -> pl.DataFrame:
        """Put aside values that are no part of a grid within the day; they become records or are rejected."""
        minutes, length = pl.col("minutes"), pl.col("length")
        is_grid = minutes.is_not_null() & (minutes < DAY_MINUTES) & (DAY_MINUTES % minutes == 0)
        is_odd = length.is_not_null() & (length != minutes)
        if not self.is_stated:  # a length in local time is an hour off where the clocks change in between
            is_odd &= (length - minutes).abs() != _CHANGE
        if cells.select((is_grid & ~is_odd.fill_null(value=False)).all()).item():
            return cells
        aside = cells.filter(~is_grid | is_odd)
        span = pl.coalesce(length, pl.when(minutes == DAY_MINUTES).then(minutes))
        aside = aside.with_columns(length=span)
        unknown = aside.filter(pl.col("length").is_null() | (pl.col("length") <= 0))
        self.findings.reject(unknown.select(ROW, _stamped("stamp")), "no_interval", column.titles)
        self._put_aside(aside.filter(pl.col("length") > 0), column)
        return cells.filter(is_grid & ~is_odd.fill_null(value=False)).pipe(grid.with_step)

    def _without_negatives(self, cells: pl.DataFrame, column: Column) -> pl.DataFrame:
        """Reject negative values: a meter counts each direction by itself, and they must not be netted.

        They have held their place so far: without them the interval would seem longer.
        """
        negative = cells["quantity"] < 0
        if column.value.is_reversed or not negative.any():
            return cells
        text = pl.col("quantity").cast(pl.String).str.strip_chars_end("0").str.strip_chars_end(".")
        rows = cells.filter(negative).select(ROW, text.alias("value"))
        self.findings.reject(rows, "negative_metered", column.value.title)
        return grid.with_step(cells.filter(~negative))

    def _put_aside(self, aside: pl.DataFrame, column: Column) -> None:
        """Keep values that are no readings, with their own begin and end; the stamp is the begin."""
        if not self.is_stated:
            aside = self._without_negatives(aside, column)
        if aside.is_empty():
            return
        span = pl.duration(minutes="length")
        end = pl.col("stamp") + span
        if column.clock.zone is not None:
            end = pl.coalesce(times.to_utc(pl.col("local") + span, column.clock.zone), end)
        aside = aside.with_columns(start=pl.col("stamp"), end=end)
        self.done.longer.append(self._within(aside, column).select(*LONG_SCHEMA))

    def _within_days(self, cells: pl.DataFrame, column: Column) -> pl.DataFrame:
        """Put aside readings that cross midnight of the civil zone: no day could hold them."""
        crosses = grid.crosses_midnight(cells, column.clock)
        if crosses is None:
            return cells
        end = pl.col("start") + pl.duration(minutes="minutes")
        self.done.longer.append(cells.filter(crosses).with_columns(end=end).select(*LONG_SCHEMA))
        return grid.with_step(cells.filter(~crosses))

    def _within(self, cells: pl.DataFrame, column: Column) -> pl.DataFrame:
        """Reject what starts outside the declared period."""
        if self.request.period is None:
            return cells
        low, high = (bound.replace(tzinfo=None) for bound in self.request.period)
        inside = pl.col("start").is_between(low, high, closed="left")
        outside = cells.filter(~inside)
        expected = " / ".join(local_iso(column.clock.civil, bound) for bound in (low, high))
        self.findings.reject(
            outside.select(ROW, _stamped("start")), "outside_period", column.titles, expected=expected
        )
        return cells.filter(inside)

    def _readings(self, cells: pl.DataFrame, column: Column) -> pl.DataFrame:
        title, findings = column.value.title, self.findings
        cells = grid.without_repeats(cells, column.titles, column.clock, findings)
        grid.name_gaps(cells, column.titles, column.clock, findings)
        cells = self._within_days(cells, column)
        found = _sums(cells)
        power = set()
        for number, minutes, total, count in found.iter_rows():
            unit = self.identities[number].unit or ""
            self.done.minutes[number] = minutes
            part = Fraction(total) * grid.share(unit, minutes)
            stored = (title, grid.energy_unit(unit, minutes))
            before, records = self.done.sums.get(stored, (Fraction(0), 0))
            self.done.sums[stored] = (before + part, records + count)
            column.total += total
            power |= {unit} if grid.share(unit, minutes) != 1 else set()
        for unit in sorted(power):
            cells = self._energy(cells, unit, title)
        return grid.as_readings(cells)

    def _energy(self, cells: pl.DataFrame, unit: str, title: str) -> pl.DataFrame:
        """Turn the power of the series in a unit into energy."""
        numbers = [number for number, known in self.identities.items() if known.unit == unit]
        mine = pl.col("series").is_in(numbers)
        power = cells.filter(mine)
        energy, count = grid.with_energy(power, unit)
        exact = sum(
            (Fraction(total or 0) * grid.share(unit, minutes) for minutes, total in _totals(power)),
            Fraction(0),
        )
        change = sum((Fraction(total or 0) for _, total in _totals(energy)), Fraction(0)) - exact
        before, changed = self.done.rounded.get(title, (0, Fraction(0)))
        self.done.rounded[title] = (before + count, changed + change)
        rest = cells.filter(~mine)
        return pl.concat([energy, rest]).sort("series", "start") if rest.height else energy


def _sums(cells: pl.DataFrame) -> pl.DataFrame:
    """Return interval, sum and count of each series, ascending (`series`, `minutes`, `total`, `n`)."""
    by_series = cells.with_columns(pl.col("series").set_sorted()) if cells["series"].is_sorted() else cells
    total = pl.col("quantity").cast(pl.Decimal(38, 6)).sum()
    found = by_series.group_by("series").agg(pl.col("minutes").first(), total=total, n=pl.len())
    return found.sort("series")


def _totals(cells: pl.DataFrame) -> list[tuple[int, Decimal | None]]:
    total = pl.col("quantity").cast(pl.Decimal(38, 6)).sum()
    return cells.group_by("minutes").agg(total).rows()


def _stamped(name: str) -> pl.Expr:
    return pl.col(name).dt.to_string("%Y-%m-%dT%H:%MZ").alias("value")
