"""Fuel-card exports: one line of a transaction, one record. Personal data is not kept: `docs/upload.md`."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import ClassVar, Final

import polars as pl

from bilanz.issues import Issue
from bilanz.records import Direction, Quality
from importers.base import (
    Claim,
    ControlSum,
    FileSample,
    Importer,
    ImportRequest,
    ImportResult,
    Workspace,
)
from importers.columns.headers import Match, match
from importers.fuel import lines, plausibility
from importers.fuel.fields import NAMES, PERSONAL, declared_fields
from importers.upload import sorting
from importers.upload.columns import Columns
from importers.upload.findings import Findings
from importers.upload.quantities import total
from importers.upload.records import activity_records, json_object
from importers.upload.rejects import rejects_of
from importers.upload.table import Table, no_rows, open_table, refuse_doubled, sample_headers

DEFAULT_ZONE: Final = "Europe/Berlin"
_SIGNS: Final = ("vehicle", "card", "odometer", "merchant", "product_class", "product", "transaction_id")
_MEASURE: Final = ("quantity", "unit")
_DECISIVE: Final = (
    *("date", "time", "vehicle", "transaction_id", "line", "product", "product_class", "product_description"),
    *("quantity", "unit", "cost_net", "currency", "document_type"),
)
_STRONG: Final = 3
_LEAST: Final = 2
_PERIOD_WORDS: Final = frozenset({"beginn", "ende", "start", "end", "von", "bis", "start date", "end date"})


class FuelCard(Importer):
    """Exports of fuel-card and charging-card providers, and fuel logs of vehicles."""

    name: ClassVar[str] = "fuel_card"
    version: ClassVar[str] = "1"
    suffixes: ClassVar[tuple[str, ...]] = (".csv", ".txt", ".xlsx")

    def identify(self, sample: FileSample) -> Claim | None:
        """Claim by the header: a date, a quantity, and what only a fuel card or a log of a vehicle has."""
        found = max(
            (match(header, declared_fields()) for header in sample_headers(sample)), key=_score, default=None
        )
        if found is None or found.missing or _score(found) < _LEAST:
            return None
        if any(text.casefold() in _PERIOD_WORDS for text in found.header):
            return None  # a period from – to is no refuelling
        titles = ", ".join(found.title(name) for name in ("date", "quantity", *_SIGNS) if found.title(name))
        is_sure = _score(found) >= _STRONG and ({"vehicle", "card", "odometer"} & set(found.positions))
        reason = "the columns of a fuel-card export: {columns}"
        return Claim(0.95 if is_sure else 0.6, reason, {"columns": titles})

    def read(self, path: Path, request: ImportRequest, workspace: Workspace) -> ImportResult:
        """Read the file; see `Importer.read`."""
        table = open_table(path, lambda header: _points(match(header, declared_fields())))
        found = match(table.header, declared_fields())
        found.require(path.name)
        workspace.progress(0.3)
        findings = Findings()
        refuse_doubled(table, found, _DECISIVE, path.name)
        findings.add(
            *table.issues, *found.duplicate_issues(), *found.rival_issues(_MEASURE), *_left_out(found, table)
        )
        findings.add(*no_rows(table))
        columns = Columns(
            found, {**table.declared, **request.declared}, request.zone or DEFAULT_ZONE, findings
        )
        named = sorting.with_first_text(columns.named(table, NAMES), table.original)
        cells = table.original.select(
            "__row", pl.struct(pl.exclude("__row")).struct.json_encode().alias("__cells")
        )
        named = named.join(cells, on="__row", how="left", maintain_order="left")
        rows = _read_rows(named, columns, request)
        workspace.progress(0.9)
        result = _result(rows, named.height, columns, table.ragged)
        return replace(result, rejects=rejects_of(rows, table, columns))


def _points(found: Match) -> int:
    return len(found.positions)


def _score(found: Match) -> int:
    if found.missing:
        return -1
    return sum(name in found.positions for name in _SIGNS)


def _left_out(found: Match, table: Table) -> list[Issue]:
    """Say which columns were not used, and which were not kept because they name people or cards."""
    issues = []
    unused = [found.header[place] for place in found.unused if not table.is_own(place)]
    personal = [found.title(name) for name in PERSONAL if name in found.positions]
    for code, titles in (("columns_ignored", unused), ("personal_data", personal)):
        if titles:
            parameters = {"count": str(len(titles))}
            issues.append(Issue(code, value=", ".join(titles), parameters=parameters))
    return issues


def _read_rows(rows: pl.DataFrame, columns: Columns, request: ImportRequest) -> pl.DataFrame:
    """Return all lines that state a quantity of fuel or current, with what they mean."""
    findings = columns.findings
    rows = sorting.split_empty(rows, findings)
    rows, totals = sorting.split_totals(lines.with_price(rows, "cost_net"), "date", findings)
    rows = lines.with_product(columns.instant(lines.with_time(rows), "date"))
    plausibility.remark_dates(rows, columns)
    rows = columns.number(lines.set_apart(rows, columns), "quantity")
    totals = columns.lenient_number(totals, "quantity")
    sorting.compare_totals(rows, totals, columns)
    rows = lines.with_activity(rows, request)
    for step in (lines.with_unit, lines.with_basis, lines.with_source):
        rows = step(rows, columns, request)
    rows = lines.with_document_type(rows)
    rows = plausibility.with_odometer(columns.number(rows, "cost_net"))
    rows = lines.with_currency(rows, columns)
    lines.refuse_outside(rows, columns, request.period)
    lines.refuse_negative(rows, columns)
    lines.refuse_doubles(rows, columns)
    _remark(findings.without_rejected(rows), columns, request)
    return rows


def _remark(rows: pl.DataFrame, columns: Columns, request: ImportRequest) -> None:
    """Say of accepted lines what is implausible or missing."""
    plausibility.remark_odometers(rows, columns)
    plausibility.remark_quantities(rows, columns)
    lines.remark_products(rows, columns)
    lines.remark_cost(rows, columns)
    if rows.height and request.zone is None:
        columns.findings.add(Issue("zone_assumed", parameters={"zone": columns.zone}))


def _records(rows: pl.DataFrame, columns: Columns) -> pl.DataFrame:
    """Return accepted lines in the shape of the store."""
    moment = pl.col("date_utc")
    kept = {name: pl.col(name) for name in ("odometer", "line", "cost_gross")}
    kept |= {
        "product": pl.col("product_text"),
        "cost_net": pl.col("cost_lost"),
        "currency": pl.col("gross_currency"),
    }
    given = {
        "column": pl.lit(columns.title("quantity")),
        "site": pl.col("department"),
        "source": pl.col("source"),
        "activity": pl.col("activity_code"),
        "direction": pl.lit(str(Direction.CONSUMPTION)),
        "start": moment,
        "end": pl.when("date_day").then("date_close").otherwise(moment + timedelta(minutes=1)),
        "quantity": pl.col("quantity_value"),
        "unit": pl.col("unit_code"),
        "basis": pl.col("basis_code"),
        "original_quantity": pl.col("quantity"),
        "original_unit": pl.col("unit_text"),
        "cost_net": pl.col("cost"),
        "currency": pl.col("cost_currency"),
        "quality": pl.lit(str(Quality.BILLED)),
        "document_type": pl.col("document_type_code"),
        "document": pl.col("transaction_id"),
        "counterparty": pl.col("merchant"),
        "attributes": json_object(kept),
    }
    return activity_records(rows, given)


def _result(rows: pl.DataFrame, n_rows: int, columns: Columns, n_ragged: int) -> ImportResult:
    accepted = columns.findings.without_rejected(rows)
    return ImportResult(
        read=n_rows + n_ragged,
        rejected=rows.height - accepted.height + n_ragged,
        ignored=n_rows - rows.height,
        activities=_records(accepted, columns),
        issues=columns.findings.frame(),
        control_sums=(
            *_sums(accepted, columns.title("quantity"), "unit_text", "quantity_value"),
            *_sums(accepted, columns.title("cost_net"), "cost_currency", "cost_net_value"),
        ),
    )


def _sums(rows: pl.DataFrame, title: str, unit: str, value: str) -> list[ControlSum]:
    stated = rows.filter(pl.col(value).is_not_null())
    return [
        ControlSum(title, str(name or ""), total(group[value]), group.height)
        for (name,), group in stated.group_by(unit, maintain_order=True)
    ]
