"""Mileage of transport operators: kilometres of vehicles and of passengers per line and period.

Specification: `docs/formats/fleet.md`.
"""

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
from importers.columns.headers import Field, Match, match
from importers.tables.layout import Layout, Period, ValueColumn
from importers.tables.missing import without_placeholders
from importers.tables.reading import read_table
from importers.tables.standing import filled_from, is_empty
from importers.trips.fields import fields_of
from importers.trips.mileage import PLACES, Mileage, mileages, others_of, taken
from importers.trips.unassigned import stand_in, with_issues, without_activity
from importers.upload.findings import Findings
from importers.upload.table import Table, no_rows, open_table, sample_headers

_SOURCE: Final = ("operator", "mode", "line")


class MileageTable(Importer):
    """One row per line or mode and period, with kilometres of vehicles, passengers or both."""

    name: ClassVar[str] = "mileage_table"
    version: ClassVar[str] = "1"
    suffixes: ClassVar[tuple[str, ...]] = (".csv", ".txt", ".xlsx")

    def identify(self, sample: FileSample) -> Claim | None:
        """Claim by the header: a line or mode, a period, and kilometres of vehicles or passengers."""
        for header in sample_headers(sample):
            found = match(header, fields_of("mileage"))
            columns = [column for column in mileages(found.header, {}) if column.measure != PLACES]
            if columns and _period(found) and set(_SOURCE) & set(found.positions):
                titles = ", ".join(column.title for column in columns)
                return Claim(0.94, "mileage of a transport operator: {columns}", {"columns": titles})
        return None

    def read(self, path: Path, request: ImportRequest, workspace: Workspace) -> ImportResult:
        """Read the file; see `Importer.read`."""
        table = open_table(
            path,
            lambda header: len(match(header, fields_of("mileage")).positions) + len(mileages(header, {})),
        )
        found = match(table.header, fields_of("mileage"))
        columns = mileages(table.header, {**table.declared, **request.declared})
        period = _period(found)
        chosen, issues = taken(columns)
        replace(found, missing=_lacking(found, chosen, period)).require(path.name)
        workspace.progress(0.3)
        findings = Findings()
        findings.add(*no_rows(table), *issues, *found.duplicate_issues())
        table = without_placeholders(table, [column.place for column in chosen], findings)
        layout = _layout(found, chosen, columns, period or Period.YEAR, request)
        table, layout = _with_stand_ins(table, layout, chosen, columns, findings)
        result = read_table(table, layout, request, findings=findings)
        workspace.progress(0.9)
        return _open(result, request)


def _period(found: Match) -> Period | None:
    has = set(found.positions)
    if "month" in has:
        return Period.MONTH
    if "year" in has:
        return Period.YEAR
    return Period.STATED if {"start", "end"} <= has else None


def _lacking(found: Match, chosen: list[Mileage], period: Period | None) -> tuple[Field, ...]:
    lacking = [] if chosen else [Field("Fahrzeugkilometer / vehicle km")]
    if period is None:
        lacking.append(Field("Jahr / year"))
    return tuple(lacking if set(_SOURCE) & set(found.positions) else [*lacking, Field("Linie / line")])


def _layout(
    found: Match, chosen: list[Mileage], columns: list[Mileage], period: Period, request: ImportRequest
) -> Layout:
    at = found.positions
    source = tuple(at[name] for name in _SOURCE if name in at)
    names = ("start", "end") if period is Period.STATED else ("year", "month")
    values = tuple(
        ValueColumn(
            column.place, {"unit": column.unit, "activity": request.activity or stand_in(column.unit)}
        )
        for column in chosen
    )
    return Layout(
        {name: at[name] for name in names if name in at},
        values=values,
        given={"quality": str(Quality.MEASURED)},
        joined={"source": source},
        period=period,
        aside=tuple(column.place for column in columns),
    )


def _with_stand_ins(
    table: Table, layout: Layout, chosen: list[Mileage], columns: list[Mileage], findings: Findings
) -> tuple[Table, Layout]:
    """Return table and layout, empty cells of a distance filled from the other columns that state it."""
    filled = []
    for given, column in zip(layout.values, chosen, strict=True):
        value = given
        for other in others_of(columns, column):
            table = without_placeholders(table, [other.place])
            rows = table.frame.filter(is_empty(column.place) & ~is_empty(other.place))
            if rows.height:
                text = pl.col(str(other.place))
                findings.flag(rows, "distance_stood_in", column.title, text, taken=other.title)
                table, value = filled_from(table, value, other.place, other.unit)
        filled.append(value)
    return table, replace(layout, values=tuple(filled))


def _open(result: ImportResult, request: ImportRequest) -> ImportResult:
    """Return the import without activities: an operator's energy counts by its bills, not by kilometres."""
    if request.activity is not None or result.activities.is_empty():
        return result
    result = without_activity(result, result.activities["source_row"])
    findings = Findings()
    for unit, count in result.activities["unit"].value_counts(sort=True, name="n").sort("unit").rows():
        findings.add(Issue("mileage_unassigned", value=str(unit), parameters={"count": str(count)}))
    return with_issues(result, findings.frame())
