"""Readings without a header, as Open Energy Dashboard takes them: value, begin and end; or value and time.

    60,2022-03-13 00:00:00-06:00,2022-03-13 01:00:00-06:00

Nothing in such a file says what its values are. So it is never claimed; who names this importer declares

    reading=interval       each value is a quantity of its interval
    reading=cumulative     each value is a meter reading at the end of its interval
    reset=yes              a reading that falls starts at zero (a meter that starts over)
    stamp=end|begin        what the one time of a file of two columns is
    dates=MM/DD/YY         the format of dates that could be read in several ways
    unit=kWh               where the registered source states none
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

import polars as pl

from bilanz.activity import folded
from bilanz.errors import FileRefused
from bilanz.issues import Issue
from bilanz.records import STATUS_MEASURED
from importers.base import SURE, Claim, FileSample, Importer, ImportRequest, ImportResult, Workspace
from importers.columns import times
from importers.columns.numbers import Ambiguous
from importers.formats.delimited import Delimited, Line
from importers.formats.headerless import first_lines, first_lines_of, named
from importers.interval import grid, registers
from importers.interval.findings import ROW, Findings
from importers.interval.grid import Clock
from importers.interval.points import POINT_SCHEMA, Facts, deliver, with_quantities
from importers.interval.reading import ZONE

SPANS: Final = ("reading", "start", "end")
STAMPS: Final = ("reading", "time")
_NUMBER: Final = re.compile(r"\s*[-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?\s*")
_TIME: Final = re.compile(r"\s*[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}[ T].*[0-9]{1,2}:[0-9]{2}.*")
_LIMIT: Final = 100 * 1024 * 1024


class OpenEnergyDashboard(Importer):
    """Values and times in columns without names."""

    name: ClassVar[str] = "open_energy_dashboard"
    version: ClassVar[str] = "1"
    suffixes: ClassVar[tuple[str, ...]] = (".csv",)

    def identify(self, sample: FileSample) -> Claim | None:
        """Offer to read lines of a number and one or two times; no line says what they are."""
        found = _shape(first_lines_of(sample)[:20])
        if found is None:
            return None
        reason = "No header; a number and {count} times in each line. What they are has to be declared."
        return Claim(SURE / 2, reason, {"count": str(len(found.titles) - 1)})

    def read(self, path: Path, request: ImportRequest, workspace: Workspace) -> ImportResult:
        """Read the whole file.

        Raises:
            FileRefused: empty, binary, too large, other columns, or not declared what the values are.
        """
        if path.stat().st_size > _LIMIT:
            raise FileRefused(
                "{file} is too large ({size} MiB, at most {limit} MiB). Split it, for example by year.",
                code="too_large",
                file=path.name,
                size=str(path.stat().st_size >> 20),
                limit=str(_LIMIT >> 20),
            )
        lines, separator = first_lines(path)
        found = _shape(lines)
        if found is None:
            message = "{file}: the lines are not a number and one or two times. Nothing was imported."
            raise FileRefused(message, code="no_header", file=path.name)
        kind = _declared(request, "reading", {"interval", "cumulative"}, path)
        file = named(path, separator, found.titles, header_row=found.header_row)
        return _Reading(file, request, workspace, kind, Findings()).result()


@dataclass(frozen=True, slots=True)
class _Shape:
    titles: tuple[str, ...]
    header_row: int


def _shape(lines: Sequence[Line]) -> _Shape | None:
    """Return the columns of a file; None: its lines are others."""
    row = 0
    if lines and lines[0][1] and not _NUMBER.fullmatch(lines[0][1][0]):
        row, lines = lines[0][0], lines[1:]
    widths = {len(fields) for _, fields in lines[:2]}
    if not lines or widths not in ({2}, {3}):
        return None
    if not all(_NUMBER.fullmatch(fields[0]) and _TIME.fullmatch(fields[-1]) for _, fields in lines[:2]):
        return None
    return _Shape(SPANS if widths == {3} else STAMPS, row)


def _declared(request: ImportRequest, name: str, allowed: set[str], path: Path) -> str:
    """Return what was declared.

    Raises:
        FileRefused: `undeclared`, nothing of what is allowed was.
    """
    stated = (
        next((text for key, text in request.declared.items() if folded(key) == name), "").strip().casefold()
    )
    if stated in allowed:
        return stated
    choices = ", ".join(f'--declare "{name}={choice}"' for choice in sorted(allowed))
    message = "{file} has no header; declare what its values are: {choices}. Nothing was imported."
    raise FileRefused(message, code="undeclared", file=path.name, choices=choices)


@dataclass(slots=True)
class _Reading:
    """One file on its way to an import."""

    file: Delimited
    request: ImportRequest
    workspace: Workspace
    kind: str
    findings: Findings

    def result(self) -> ImportResult:
        table, ragged = self.file.table()
        self.findings.add(*self.file.issues())
        self.findings.refuse(len(ragged), *ragged)
        rows = with_quantities(table, "0", SPANS[0], self.findings)
        zone = self.request.zone or ZONE
        rows = self._timed(rows, zone).with_columns(
            series=pl.lit(0, dtype=pl.Int32), status=pl.lit(STATUS_MEASURED, dtype=pl.Int8)
        )
        points = self._counted(rows, zone) if self.kind == "cumulative" else self._intervals(rows)
        unit = registers.declared_unit(self.request.declared)
        return deliver(
            points,
            [Facts(source=None, title=SPANS[0], unit=unit)],
            read=table.height + len(ragged),
            civil=zone,
            request=self.request,
            workspace=self.workspace,
            findings=self.findings,
        )

    def _timed(self, rows: pl.DataFrame, zone: str) -> pl.DataFrame:
        """Add the times of a row in UTC, by the names of their columns; reject rows without."""
        for place, title in enumerate(self.file.header[1:], start=1):
            rows = self._instants(rows, place, title, zone)
        return rows

    def _instants(self, rows: pl.DataFrame, place: int, title: str, zone: str) -> pl.DataFrame:
        declared = next((text for key, text in self.request.declared.items() if folded(key) == "dates"), None)
        fmt = times.decide_series(rows[str(place)], declared)
        if fmt is None or isinstance(fmt, Ambiguous):
            if isinstance(fmt, Ambiguous):
                self.findings.add(fmt.issue("dates"))
            self.findings.refuse(rows.height)
            return rows.clear().with_columns(pl.lit(None, dtype=pl.Datetime("us")).alias(title))
        read = rows.with_columns(local=times.to_local(pl.col(str(place)), fmt))
        wrong = read.filter(pl.col("local").is_null())
        shown = wrong.select(ROW, value=pl.col(str(place)).fill_null(""))
        self.findings.reject(shown, "not_a_date", title, expected=fmt.label)
        read = read.filter(pl.col("local").is_not_null()).with_columns(series=pl.lit(0, dtype=pl.Int32))
        if not fmt.has_offset and self.request.zone is None and place == 1:
            self.findings.add(Issue("zone_assumed", parameters={"zone": zone}))
        clock = Clock(None if fmt.has_offset else zone, zone)
        return grid.to_instants(read, clock, title, self.findings).rename({"stamp": title}).drop("local")

    def _counted(self, rows: pl.DataFrame, zone: str) -> pl.DataFrame:
        """Return what a register counted between its readings."""
        rows = rows.with_columns(instant=pl.col(self.file.header[-1]), reading=pl.col("quantity"))
        stated = next((text for key, text in self.request.declared.items() if folded(key) == "reset"), "")
        if stated.strip().casefold() in {"yes", "ja", "true"}:
            rows = self._restarted(rows)
        return registers.differences(rows, [SPANS[0]], civil=zone, findings=self.findings)

    def _restarted(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Let a register count on where it started over at zero, as declared."""
        last = rows.select("instant", "reading").unique("instant", keep="last", maintain_order=True)
        last = last.sort("instant")
        before = pl.col("reading").shift(1)
        falls = last.select((pl.col("reading") < before).fill_null(value=False)).to_series()
        if not falls.any():
            return rows
        count = str(int(falls.sum()))
        self.findings.add(Issue("reset_declared", column=SPANS[0], parameters={"count": count}))
        carried = pl.when(pl.Series("fall", falls)).then(before).otherwise(0).cum_sum()
        last = last.select("instant", carried=carried.cast(rows.schema["reading"]))
        joined = rows.join(last, on="instant", how="left", maintain_order="left")
        return joined.with_columns(
            reading=(pl.col("reading") + pl.col("carried")).cast(rows.schema["reading"])
        )

    def _intervals(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return quantities of intervals with their begin and end."""
        if self.file.header == SPANS:
            timed = rows.with_columns(low="start", high="end")
        else:
            which = _declared(self.request, "stamp", {"begin", "end"}, self.file.path)
            ordered = rows.sort("time", ROW)
            by = 1 if which == "end" else -1
            other = pl.col("time").shift(by)
            timed = ordered.with_columns(
                low=other if by > 0 else pl.col("time"), high=pl.col("time") if by > 0 else other
            )
            open_ = timed.filter(pl.col("low").is_null() | pl.col("high").is_null())
            shown = open_.select(ROW, pl.col("time").dt.to_string("%Y-%m-%dT%H:%MZ").alias("value"))
            self.findings.reject(shown, "no_interval", "time")
            timed = timed.filter(pl.col("low").is_not_null() & pl.col("high").is_not_null())
        length = (pl.col("high") - pl.col("low")).dt.total_minutes()
        timed = timed.with_columns(start=pl.col("low"), minutes=length)
        wrong = timed.filter(pl.col("minutes") <= 0)
        shown = wrong.select(ROW, pl.col("high").dt.to_string("%Y-%m-%dT%H:%MZ").alias("value"))
        self.findings.reject(shown, "end_before_start", self.file.header[-1])
        good = timed.filter(pl.col("minutes") > 0)
        return good.select(pl.col(name).cast(kind) for name, kind in POINT_SCHEMA.items())
