"""Meter entries of ENERGY STAR Portfolio Manager, as workbook or CSV. `docs/formats/buildings.md`."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Final

import polars as pl

from bilanz import units
from bilanz.errors import FileRefused
from bilanz.issues import Issue
from bilanz.records import Role
from importers.base import (
    Claim,
    FileSample,
    Importer,
    ImportRequest,
    ImportResult,
    Workspace,
)
from importers.columns.headers import Match
from importers.portfolio import meters
from importers.tables.layout import Layout, Period
from importers.tables.made import with_rows
from importers.tables.missing import without_placeholders
from importers.tables.reading import joined, read_table
from importers.upload.findings import Findings
from importers.upload.table import Table, open_table, sample_headers

_PLACEHOLDERS: Final = ("start", "end", "delivery", "quantity", "unit", "cost_net", "estimated")


class PortfolioManager(Importer):
    """One row per bill of a meter: type, start and end or delivery date, quantity with its unit."""

    name: ClassVar[str] = "portfolio_manager"
    version: ClassVar[str] = "1"
    suffixes: ClassVar[tuple[str, ...]] = (".xlsx", ".csv")

    def identify(self, sample: FileSample) -> Claim | None:
        """Claim by the header of the meter entries, wherever it stands."""
        if any(meters.is_meter_table(meters.columns_of([*header])) for header in sample_headers(sample)):
            return Claim(0.96, "the meter entries of ENERGY STAR Portfolio Manager")
        return None

    def read(self, path: Path, request: ImportRequest, workspace: Workspace) -> ImportResult:
        """Read the file; see `Importer.read`."""
        table = open_table(path, lambda header: len(meters.columns_of([*header]).positions))
        found = meters.columns_of(table.header)
        _require(found, path.name)
        workspace.progress(0.3)
        findings = Findings()
        findings.add(*found.duplicate_issues())
        table, layout, n_apart = _prepared(table, found, request, findings)
        result = _read(table, layout, found, request, findings)
        workspace.progress(0.9)
        return replace(result, read=result.read + n_apart, ignored=result.ignored + n_apart)


def _require(found: Match, file: str) -> None:
    lacking = [name for name in meters.REQUIRED if name not in found.positions]
    if lacking or not meters.is_meter_table(found):
        raise FileRefused(
            "{file}: columns are missing: {missing}. Similar columns of the file: {near}.",
            code="missing_column",
            file=file,
            missing=", ".join(lacking) or "Start Date, End Date",
            near="–",
        )


def _prepared(
    table: Table, found: Match, request: ImportRequest, findings: Findings
) -> tuple[Table, Layout, int]:
    """Return the table with what its meter types mean, its layout, and how many rows were set apart."""
    at = found.positions
    table = without_placeholders(
        table, [at[name] for name in _PLACEHOLDERS if name in at and name != "quantity"]
    )
    table = without_placeholders(table, [at["quantity"]], findings)
    is_kept = meters.apart(table, at["type"], findings)
    height = table.frame.height
    table, made = meters.with_meaning(with_rows(table, is_kept), found)
    if table.frame[str(made["basis"])].null_count() < table.frame.height:
        findings.add(Issue("basis_by_format", value="Hs"))
    places = {"quantity": at["quantity"], "unit": at["unit"], **made}
    places |= {"document": at["entry"]} if "entry" in at else {}
    currency = _currency(found, request)
    given = {}
    if "cost_net" in at and currency:
        places["cost_net"], given["currency"] = at["cost_net"], currency
    elif "cost_net" in at and table.frame[str(at["cost_net"])].null_count() < table.frame.height:
        title = found.title("cost_net")
        findings.add(Issue("cost_without_currency", None, title, title))
    layout = Layout(
        places,
        given=given,
        joined={
            "site": _places(at, "property_id", "property_name"),
            "source": _places(at, "meter_id", "meter_name"),
        },
        aside=tuple(at.values()),
    )
    return table, layout, height - table.frame.height


def _read(
    table: Table, layout: Layout, found: Match, request: ImportRequest, findings: Findings
) -> ImportResult:
    """Return the records: entries with start and end, and deliveries on a day."""
    at = found.positions
    is_delivery = pl.Series([False] * table.frame.height, dtype=pl.Boolean)
    if "delivery" in at:
        start = pl.col(str(at["start"])).is_null() if "start" in at else pl.lit(value=True)
        is_delivery = table.frame.select((pl.col(str(at["delivery"])).is_not_null() & start).alias("x"))["x"]
    results = []
    if {"start", "end"} <= set(at):
        period = Period.STATED
        if meters.ends_are_starts(table, dict(at)):
            period = Period.UNTIL
            findings.add(Issue("ends_excluded", None, found.title("end")))
        places = {**layout.places, "start": at["start"], "end": at["end"]}
        entries = replace(layout, places=places, period=period)
        results.append(read_table(with_rows(table, ~is_delivery), entries, request, findings=findings))
    if is_delivery.any():
        day = {"start": at["delivery"], "end": at["delivery"]}
        places = {name: place for name, place in layout.places.items() if name != "role"} | day
        given = {**layout.given, "role": str(Role.DELIVERED)}
        deliveries = replace(layout, places=places, given=given, period=Period.DAY)
        rest = replace(with_rows(table, is_delivery), issues=(), ragged=0)
        results.append(read_table(rest, deliveries, request))
    return joined(results)


def _currency(found: Match, request: ImportRequest) -> str | None:
    declared = request.declared.get(found.title("cost_net"), "")
    money = units.find(declared)
    return declared if money and units.unit(money.unit).kind == "money" else None


def _places(at: Mapping[str, int], *names: str) -> tuple[int, ...]:
    return tuple(at[name] for name in names if name in at)
