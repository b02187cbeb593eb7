"""Trips of travel expense claims: one trip of one person, one record. `docs/formats/fleet.md`."""

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
from importers.columns import numbers
from importers.columns.declared import unit_of
from importers.columns.headers import Field, Match, match
from importers.fuel.lines import unit_of_header
from importers.tables.layout import Layout, Negative, Period
from importers.tables.made import refused, with_column, with_rows
from importers.tables.reading import joined, read_table
from importers.trips import modes
from importers.trips.fields import travel_fields
from importers.trips.personal import left_out
from importers.trips.unassigned import stand_in, with_issues, without_activity
from importers.upload.findings import ROW, Findings
from importers.upload.quantities import currency
from importers.upload.table import Table, no_rows, open_table, sample_headers
from importers.upload.words import looked_up

_TRIP: Final = ("traveller", "class", "from", "to", "purpose", "persons", "document")
_KEPT: Final = {"document": "document", "department": "site"}


class TravelExpenses(Importer):
    """One row per trip: date, way of travelling, distance or amount; travellers and places are not kept."""

    name: ClassVar[str] = "travel_expenses"
    version: ClassVar[str] = "1"
    suffixes: ClassVar[tuple[str, ...]] = (".csv", ".txt", ".xlsx")

    def identify(self, sample: FileSample) -> Claim | None:
        """Claim by the header: a way of travelling, a date, a distance or amount, and what a trip has."""
        found = max(
            (match(header, travel_fields()) for header in sample_headers(sample)), key=_score, default=None
        )
        if found is None or _score(found) == 0:
            return None
        names = ("date", "start", "mode", "distance", "amount")
        titles = ", ".join(found.title(name) for name in names if found.title(name))
        return Claim(0.94, "trips of travel expenses: {columns}", {"columns": titles})

    def read(self, path: Path, request: ImportRequest, workspace: Workspace) -> ImportResult:
        """Read the file; see `Importer.read`."""
        table = open_table(path, lambda header: len(match(header, travel_fields()).positions))
        found = match(table.header, travel_fields())
        replace(found, missing=tuple(_lacking(found))).require(path.name)
        workspace.progress(0.3)
        findings = Findings()
        findings.add(*no_rows(table), *left_out(found, table), *found.duplicate_issues())
        height = table.frame.height
        table = _without_irrelevant(table, found, findings)
        apart = height - table.frame.height
        result = _read(table, found, request, findings)
        workspace.progress(0.9)
        return replace(result, read=result.read + apart, ignored=result.ignored + apart)


def _score(found: Match) -> int:
    """Return how much a header is that of travel expenses; 0: it is none."""
    has = set(found.positions)
    is_dated = "date" in has or {"start", "end"} <= has
    is_measured = bool({"distance", "amount"} & has)
    trips = len(has & set(_TRIP))
    if not ({"mode"} <= has and is_dated and is_measured and trips) or "opening" in has:
        return 0
    return trips + len(has)


def _lacking(found: Match) -> list[Field]:
    has = set(found.positions)
    fields = {field.name: field for field in travel_fields()}
    lacking = [fields["mode"]] if "mode" not in has else []
    if "date" not in has and not {"start", "end"} <= has:
        lacking.append(fields["date"])
    return lacking if {"distance", "amount"} & has else [*lacking, fields["distance"]]


def _without_irrelevant(table: Table, found: Match, findings: Findings) -> Table:
    """Return the table without trips that have no emission of their own; they are said."""
    place = str(found.positions["mode"])
    names = [name for name in table.frame[place].drop_nulls().unique() if modes.is_irrelevant(name)]
    is_idle = pl.col(place).is_in(names).fill_null(value=False)
    rows = table.frame.filter(is_idle)
    title = found.title("mode")
    findings.flag(rows, "not_relevant", title, pl.col(place), reason=modes.irrelevance())
    return with_rows(table, table.frame.select((~is_idle).alias("x"))["x"])


def _read(table: Table, found: Match, request: ImportRequest, findings: Findings) -> ImportResult:
    """Return the trips with a distance, and as spend those that state nothing but an amount."""
    at = found.positions
    distance = pl.col(str(at["distance"])) if "distance" in at else pl.lit("")
    amount = pl.col(str(at["amount"])) if "amount" in at else pl.lit("")
    by_money = numbers.is_blank(distance) & ~numbers.is_blank(amount)
    is_money = table.frame.with_columns(by_money.alias("x"))["x"]
    if "distance" not in at:
        return _by_amount(table, found, request, findings)
    results = [_by_distance(with_rows(table, ~is_money), found, request, findings)]
    if is_money.any():
        rest = replace(with_rows(table, is_money), issues=(), ragged=0)
        results.append(_by_amount(rest, found, request, Findings()))
    return joined(results)


def _by_distance(table: Table, found: Match, request: ImportRequest, findings: Findings) -> ImportResult:
    at = found.positions
    mode = str(at["mode"])
    unit = _unit(found, request)
    code = looked_up(table.frame, mode, modes.of_travel)
    codes = table.frame.with_columns(code.alias("x"))["x"]
    open_rows = table.frame.filter(codes.is_null())
    units_ = looked_up(table.frame, mode, lambda name: _unit_of(name, unit)) if unit else pl.lit(None)
    table, unit_place = with_column(
        table, found.title("distance"), table.frame.with_columns(units_.alias("x"))["x"]
    )
    table, activity_place = with_column(table, found.title("mode"), codes)
    layout = _layout(found, "distance")
    places = {**layout.places, "activity": activity_place, "unit": unit_place}
    given = {"activity": request.activity or stand_in(unit or "km"), "quality": str(Quality.ESTIMATED)}
    if unit:
        given["unit"] = unit
    lost = _shared_by_several(table, found)
    layout = replace(layout, places=places, given=given)
    result = read_table(with_rows(table, ~lost), layout, request, findings=findings)
    if lost.any():
        result = joined([result, _refused(table, lost, found)])
    if request.activity is None:
        result = without_activity(result, open_rows[ROW])
    return with_issues(result, _unknown_modes(result, open_rows, found))


def _by_amount(table: Table, found: Match, request: ImportRequest, findings: Findings) -> ImportResult:
    """Return trips without a distance as spend."""
    code = looked_up(table.frame, str(found.positions["mode"]), modes.of_travel)
    open_rows = table.frame.filter(code.is_null())
    table, place = with_column(table, found.title("mode"), table.frame.with_columns(code.alias("x"))["x"])
    layout = _layout(found, "amount")
    places = {**layout.places, "activity": place}
    given = {"activity": request.activity or "travel_car"}
    title = found.title("amount")
    stated = found.brackets.get("amount") or unit_of_header(title) or unit_of(request.declared.get(title))
    if "currency" in found.positions:
        places["unit"] = found.positions["currency"]
    if stated and currency(stated):
        given["unit"] = stated
    layout = replace(layout, places=places, given=given, negative=Negative.CREDIT)
    silent = replace(request, zone=request.zone or "Europe/Berlin", unit=None)
    result = read_table(table, layout, silent, findings=findings)
    if result.activities.height:
        said = Findings()
        count = {"count": str(result.activities.height)}
        said.add(Issue("spend_instead", None, title, title, count))
        result = with_issues(result, said.frame())
    if request.activity is None:
        result = without_activity(result, open_rows[ROW])
    return with_issues(result, _unknown_modes(result, open_rows, found))


def _layout(found: Match, quantity: str) -> Layout:
    at = found.positions
    is_day = "date" in at
    first, last = ("date", "date") if is_day else ("start", "end")
    places = {"quantity": at[quantity], "start": at[first], "end": at[last]}
    places |= {field: at[name] for name, field in _KEPT.items() if name in at}
    period = Period.DAY if is_day else Period.STATED
    return Layout(places, period=period, are_events=True, aside=tuple(at.values()))


def _unit(found: Match, request: ImportRequest) -> str | None:
    title = found.title("distance")
    return (
        found.brackets.get("distance")
        or unit_of_header(title)
        or unit_of(request.declared.get(title))
        or request.unit
    )


def _unit_of(name: str, unit: str) -> str:
    code = modes.of_travel(name)
    return modes.unit_of(code, unit) if code else unit


def _shared_by_several(table: Table, found: Match) -> pl.Series:
    """Return which rows are trips of several people by what is counted per passenger."""
    if "persons" not in found.positions:
        return pl.Series([False] * table.frame.height, dtype=pl.Boolean)
    persons = pl.col(str(found.positions["persons"])).str.strip_chars().cast(pl.Float64, strict=False)

    def is_shared(name: str) -> str | None:
        code = modes.of_travel(name)
        return "yes" if code and modes.is_shared(code) else None

    shared = looked_up(table.frame, str(found.positions["mode"]), is_shared) == "yes"
    return table.frame.select(((persons > 1) & shared).fill_null(value=False).alias("x"))["x"]


def _refused(table: Table, lost: pl.Series, found: Match) -> ImportResult:
    findings = Findings()
    persons, mode = (pl.col(str(found.positions[name])) for name in ("persons", "mode"))
    rows = table.frame.filter(lost)
    findings.flag(rows, "several_travellers", found.title("persons"), persons, mode=mode)
    return refused(table, lost, findings)


def _unknown_modes(result: ImportResult, rows: pl.DataFrame, found: Match) -> pl.DataFrame:
    """Say which ways of travelling are not known, or are vehicles of the organisation."""
    findings = Findings()
    kept = rows.filter(pl.col(ROW).is_in(result.activities["source_row"].implode()))
    names = kept.select(pl.col(str(found.positions["mode"])).fill_null("–").alias("x"))["x"]
    for name, count in names.value_counts(sort=True, name="n").rows():
        code = "distance_unassigned" if modes.is_own(name) else "mode_unknown"
        findings.add(Issue(code, None, found.title("mode"), name, {"count": str(count)}))
    return findings.frame()
