"""Refuellings and charges → records: what every table of them shares once its columns are found."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

import polars as pl

from bilanz.issues import Issue
from bilanz.records import Direction, Quality
from importers.base import ControlSum, ImportRequest, ImportResult
from importers.columns.headers import Match
from importers.fuel import lines, plausibility
from importers.fuel.fields import NAMES
from importers.upload import sorting
from importers.upload.columns import Columns
from importers.upload.findings import ROW, Findings
from importers.upload.quantities import total
from importers.upload.records import activity_records, json_object
from importers.upload.rejects import rejects_of
from importers.upload.table import Table

DEFAULT_ZONE: Final = "Europe/Berlin"


def read_lines(table: Table, found: Match, request: ImportRequest, findings: Findings) -> ImportResult:
    """Return the import of a table.

    Args:
        table: one line of a transaction per row.
        found: its columns by the names of `fuel.fields`.
        request: what the caller states.
        findings: what was said of the file already.
    """
    declared = {**table.declared, **request.declared}
    columns = Columns(found, declared, request.zone or DEFAULT_ZONE, findings)
    named = sorting.with_first_text(columns.named(table, NAMES), table.original)
    cells = table.original.select(ROW, pl.struct(pl.exclude(ROW)).struct.json_encode().alias("__cells"))
    named = named.join(cells, on=ROW, how="left", maintain_order="left")
    rows = _read_rows(named, columns, request)
    result = _result(rows, named.height, columns, table.ragged)
    return replace(result, rejects=rejects_of(rows, table, columns))


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
