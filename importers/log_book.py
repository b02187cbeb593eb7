"""Log books of vehicles (Fahrtenbuch): one trip, one record in kilometres. `docs/formats/fleet.md`."""

from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Final

import polars as pl

from bilanz.issues import Issue
from bilanz.records import Quality
from importers.base import (
    Claim,
    FileSample,
    Importer,
    ImportRequest,
    ImportResult,
    Workspace,
)
from importers.columns.declared import unit_of
from importers.columns.headers import Field, Match, match
from importers.fuel.lines import unit_of_header
from importers.tables.alike import declared_alike
from importers.tables.layout import Layout, Period
from importers.tables.made import refused, with_column, with_rows
from importers.tables.reading import joined, read_table
from importers.trips import modes
from importers.trips.fields import log_fields
from importers.trips.personal import left_out
from importers.trips.unassigned import stand_in, with_issues, without_activity
from importers.upload.findings import ROW, Findings
from importers.upload.table import Table, no_rows, open_table, sample_headers
from importers.upload.words import looked_up

_TRIP: Final = ("driver", "purpose", "partner", "from", "to")
_KEPT: Final = {"opening_reading": "opening", "closing_reading": "closing", "site": "department"}
_ODOMETERS: Final = ("opening", "closing")
_FUELS: Final = ("liter", "litres", "liters", "kraftstoff", "fuel", "tankmenge", "kwh", "verkehrsmittel")


class LogBook(Importer):
    """One row per trip of a vehicle: date, odometer or kilometres; people and purposes are not kept."""

    name: ClassVar[str] = "log_book"
    version: ClassVar[str] = "1"
    suffixes: ClassVar[tuple[str, ...]] = (".csv", ".txt", ".xlsx")

    def identify(self, sample: FileSample) -> Claim | None:
        """Claim by the header: a date, odometers or kilometres, and what only a trip has."""
        found = max(
            (match(header, log_fields()) for header in sample_headers(sample)), key=_score, default=None
        )
        if found is None or _score(found) == 0:
            return None
        titles = ", ".join(found.title(name) for name in ("date", "vehicle", *_ODOMETERS, "distance"))
        return Claim(0.94, "the log book of a vehicle: {columns}", {"columns": titles.replace(", , ", ", ")})

    def read(self, path: Path, request: ImportRequest, workspace: Workspace) -> ImportResult:
        """Read the file; see `Importer.read`."""
        table = open_table(path, lambda header: len(match(header, log_fields()).positions))
        found = match(table.header, log_fields())
        replace(found, missing=tuple(_lacking(found))).require(path.name)
        workspace.progress(0.3)
        findings = Findings()
        findings.add(*no_rows(table), *left_out(found, table), *found.duplicate_issues())
        findings.add(*_private(table, found))
        table, layout = _layout(table, found, request)
        declared = {**table.declared, **request.declared}
        places = [found.positions[name] for name in (*_ODOMETERS, "distance") if name in found.positions]
        alike, said = declared_alike(table, places, declared)
        findings.add(*said)
        layout = replace(layout, declared=alike)
        is_double = _doubles(table, found)
        result = read_table(with_rows(table, ~is_double), layout, request, findings=findings)
        if is_double.any():
            result = joined([result, _refused(table, is_double, found)])
        workspace.progress(0.9)
        return _open(result, table, found, request)


def _private(table: Table, found: Match) -> list[Issue]:
    """Return the remark that trips state a private share, which is in their distance."""
    if "private" not in found.positions:
        return []
    stated = table.frame.select(pl.col(str(found.positions["private"])).str.contains("[1-9]").sum()).item()
    title = found.title("private")
    return [Issue("private_distance", None, title, title, {"count": str(stated)})] if stated else []


def _score(found: Match) -> int:
    """Return how much a header is that of a log book; 0: it is none."""
    has = set(found.positions)
    if "date" not in has or any(text.casefold() in _FUELS for text in found.header):
        return 0
    trips = len(has & set(_TRIP))
    if set(_ODOMETERS) <= has:
        return 10 + trips
    is_trip = "distance" in has and "vehicle" in has and trips > 0
    return 1 + trips if is_trip else 0


def _lacking(found: Match) -> list[Field]:
    has = set(found.positions)
    fields = {field.name: field for field in log_fields()}
    lacking = [] if "date" in has else [fields["date"]]
    return lacking if "distance" in has or set(_ODOMETERS) <= has else [*lacking, fields["distance"]]


def _layout(table: Table, found: Match, request: ImportRequest) -> tuple[Table, Layout]:
    """Return the table with activities and quantities, and its layout."""
    at = found.positions
    unit = _unit(found, request)
    places = {"start": at["date"], "end": at["date"]}
    places |= {field: at[name] for field, name in _KEPT.items() if name in at}
    if "distance" in at:
        places["quantity"] = at["distance"]
    else:
        blank = pl.Series([None] * table.frame.height, dtype=pl.String)
        table, places["quantity"] = with_column(table, found.title("closing"), blank)
    if "kind" in at:
        code = looked_up(table.frame, str(at["kind"]), modes.of_vehicle)
        codes = table.frame.with_columns(code.alias("x"))["x"]
        table, places["activity"] = with_column(table, found.title("kind"), codes)
    given = {"quality": str(Quality.MEASURED), "activity": request.activity or stand_in(unit or "km")}
    if unit:
        given["unit"] = unit
    known = tuple(at.values())
    joined = {"source": (at["vehicle"],)} if "vehicle" in at else {}
    layout = Layout(places, given=given, joined=joined, period=Period.DAY, are_events=True, aside=known)
    return table, layout


def _unit(found: Match, request: ImportRequest) -> str | None:
    """Return the unit of the distance or of the odometers, as the file states or declares it."""
    for name in ("distance", "closing"):
        title = found.title(name)
        stated = found.brackets.get(name) or (title and unit_of_header(title))
        if stated or (stated := unit_of(request.declared.get(title))):
            return stated
    is_kilometres = found.title("closing").casefold().replace("-", " ").startswith(("km ", "kilometer"))
    return "km" if is_kilometres else request.unit


def _doubles(table: Table, found: Match) -> pl.Series:
    """Return which rows state the same two readings of the same vehicle as a row before them."""
    at = found.positions
    if not set(_ODOMETERS) <= set(at):
        return pl.Series([False] * table.frame.height, dtype=pl.Boolean)
    key = [str(at[name]) for name in ("vehicle", *_ODOMETERS) if name in at]
    stated = pl.all_horizontal(pl.col(str(at[name])).str.strip_chars() != "" for name in _ODOMETERS)
    is_later = pl.col(ROW) != pl.col(ROW).min().over(key)
    return table.frame.select((is_later & stated).fill_null(value=False).alias("x"))["x"]


def _refused(table: Table, is_double: pl.Series, found: Match) -> ImportResult:
    at = found.positions
    key = [str(at[name]) for name in ("vehicle", *_ODOMETERS) if name in at]
    rows = table.frame.with_columns(first=pl.col(ROW).min().over(key)).filter(is_double)
    findings = Findings()
    date, title = pl.col(str(at.get("date", at["opening"]))), found.title("date")
    findings.flag(rows, "duplicate_row", title, date, first=pl.col("first"))
    return refused(table, is_double, findings)


def _open(result: ImportResult, table: Table, found: Match, request: ImportRequest) -> ImportResult:
    """Return the import; distances of vehicles whose fuel may be billed lose their activity."""
    if request.activity is not None:
        return result
    rows = table.frame.select(ROW)
    if "kind" in found.positions:
        code = looked_up(table.frame, str(found.positions["kind"]), modes.of_vehicle)
        rows = table.frame.filter(code.is_null()).select(ROW)
    result = without_activity(result, rows[ROW])
    open_ = result.activities.filter(pl.col("activity").is_null())
    findings = Findings()
    for vehicle, count in open_["source"].fill_null("–").value_counts(sort=True, name="n").rows():
        findings.add(
            Issue("distance_unassigned", value=vehicle, parameters={"count": str(count)}),
        )
    return with_issues(result, findings.frame())
