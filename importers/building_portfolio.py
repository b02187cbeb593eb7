"""Consumption of buildings as cities list it: one column per carrier, or one row per meter and month.

Specification: `docs/formats/buildings.md`.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Final

from bilanz.errors import FileRefused
from bilanz.issues import Issue
from importers.base import (
    SURE,
    Claim,
    FileSample,
    Importer,
    ImportRequest,
    ImportResult,
    Workspace,
)
from importers.portfolio import layouts, rollups
from importers.portfolio.carriers import unstated_of
from importers.portfolio.layouts import Shape
from importers.portfolio.wide import Choice, choose, say, values_of, with_stand_ins, without_empty
from importers.tables.alike import formats
from importers.tables.layout import Layout
from importers.tables.missing import without_placeholders
from importers.tables.reading import read_table
from importers.upload.findings import Findings
from importers.upload.table import Table, open_table, sample_headers

_LEAST_REGISTER: Final = 2
_DECISIVE: Final = ("property_id", "property_name", "year", "year_ending", "month", "activity", "quantity")


class BuildingPortfolio(Importer):
    """Yearly and monthly tables of the consumption of many buildings."""

    name: ClassVar[str] = "building_portfolio"
    version: ClassVar[str] = "1"
    suffixes: ClassVar[tuple[str, ...]] = (".csv", ".txt", ".xlsx")

    def identify(self, sample: FileSample) -> Claim | None:
        """Claim by the header: a building, a period, and carriers in units; or nothing but a register."""
        shapes = [Shape.of(header) for header in sample_headers(sample)]
        shape = max(shapes, key=lambda it: it.points, default=None)
        if shape is None or not shape.names_building:
            return None
        if _is_readable(shape):
            is_sure = shape.carriers > 1 or bool(shape.registers) or not shape.carriers
            columns = ", ".join(shape.found.title(name) for name in _DECISIVE if shape.found.title(name))
            reason = "a table of the consumption of buildings: {columns}"
            return Claim(0.95 if is_sure else 0.8, reason, {"columns": columns})
        unstated = unstated_of(shape.found.header)
        if len(unstated) > 1 and shape.period is not None:
            reason = "resembles a table of buildings, but these columns state no unit: {columns}"
            return Claim(0.6, reason, {"columns": ", ".join(unstated)})
        if shape.registers >= _LEAST_REGISTER and not shape.carriers and not _has_quantity(shape):
            return Claim(SURE, "a register of buildings without their consumption", {})
        return None

    def read(self, path: Path, request: ImportRequest, workspace: Workspace) -> ImportResult:
        """Read the file; see `Importer.read`."""
        table = open_table(path, lambda header: Shape.of(header).points)
        shape = Shape.of(table.header)
        _require(shape, path.name, {**table.declared, **request.declared})
        workspace.progress(0.3)
        findings = Findings()
        findings.add(*shape.found.duplicate_issues())
        declared = {**table.declared, **request.declared}
        height = table.frame.height
        table, layout = _layout(shape, table, declared, findings, path.name)
        result = read_table(table, layout, request, findings=findings)
        workspace.progress(0.9)
        apart = (height - table.frame.height) * len(layout.columns())
        return replace(result, read=result.read + apart, ignored=result.ignored + apart)


def _is_readable(shape: Shape) -> bool:
    if shape.is_matrix or (shape.is_long and shape.period not in (None, "stated")):
        return True
    return bool(shape.carriers) and (shape.period is not None or _years_in_header(shape))


def _years_in_header(shape: Shape) -> bool:
    """Return whether every carrier column names its year."""
    choice = choose(shape.found.header, shape.found.unused, {}, has_years=shape.has_years)
    return bool(choice.taken) and all(column.header.year for column, _ in choice.taken)


def _has_quantity(shape: Shape) -> bool:
    return "quantity" in shape.found.positions or {"start", "end"} <= set(shape.found.positions)


def _require(shape: Shape, file: str, declared: Mapping[str, str]) -> None:
    """Refuse what is no table of consumption.

    Raises:
        FileRefused: `no_consumption` or `missing_column`.
    """
    choice = choose(shape.found.header, shape.found.unused, declared, has_years=shape.has_years)
    is_wide = not shape.is_long and not shape.is_matrix
    if is_wide and not choice.taken and choice.unknown:
        raise FileRefused(
            "{file}: no unit is stated for {columns}, and none is assumed. Write it into the header, or "
            'declare it: --declare "{first}=kWh".',
            code="missing_unit",
            file=file,
            columns=", ".join(column.title for column in choice.unknown),
            first=choice.unknown[0].title,
        )
    if is_wide and not choice.taken:
        raise FileRefused(
            "{file} holds no consumption: no column states a quantity of an energy carrier or of water in a "
            "known unit. Master data of buildings go into `bilanz masterdata import`.",
            code="no_consumption",
            file=file,
        )
    lacking = [] if shape.names_building else ["Liegenschaft / property"]
    if shape.period is None and not _years_in_header(shape):
        lacking.append("Jahr / year")
    if lacking:
        raise FileRefused(
            "{file}: columns are missing: {missing}. Similar columns of the file: {near}.",
            code="missing_column",
            file=file,
            missing=", ".join(lacking),
            near="–",
        )


def _layout(
    shape: Shape, table: Table, declared: Mapping[str, str], findings: Findings, file: str
) -> tuple[Table, Layout]:
    """Return the table as it can be read, and its layout; what is not counted is said."""
    if shape.is_matrix:
        return without_placeholders(table, shape.months, findings), layouts.matrix(shape)
    if shape.is_long:
        layout = layouts.long(shape)
        return without_placeholders(table, [layout.places["quantity"]], findings), layout
    choice = choose(shape.found.header, shape.found.unused, declared, has_years=shape.has_years)
    choice = without_empty(choice, table)
    table = without_placeholders(table, choice.places, findings)
    table = without_placeholders(table, choice.others)
    table = _without_rollups(shape, table, choice, declared, findings)
    written = formats(table, [*choice.places, *choice.others], declared)
    say(choice, table, written, findings, file)
    table, values = with_stand_ins(table, choice, values_of(choice), written, findings)
    layout = layouts.wide(shape, choice, values)
    if any("basis" in value.given for value in layout.values):
        findings.add(Issue("basis_by_format", value="Hs"))
    return table, layout


def _without_rollups(
    shape: Shape, table: Table, choice: Choice, declared: Mapping[str, str], findings: Findings
) -> Table:
    at = shape.found.positions
    if not {"property_id", "parent_id"} <= set(at):
        return table
    periods = [at[name] for name in ("year", "month", "year_ending", "start", "end") if name in at]
    found = rollups.rollups(table, at["property_id"], at["parent_id"], periods)
    return rollups.set_apart(table, found, choice.places, declared, findings) if found.height else table
