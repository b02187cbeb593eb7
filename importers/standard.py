"""The standard upload: one row, one record, as CSV or XLSX. Specification: `docs/upload.md`."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Final

import polars as pl

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
from importers.columns.headers import Match, match
from importers.upload import gas, quantities, sorting, spans
from importers.upload.columns import Columns
from importers.upload.fields import UPLOAD_FIELDS, declared_fields
from importers.upload.findings import Findings
from importers.upload.records import activity_records, json_object, with_direction
from importers.upload.rejects import rejects_of
from importers.upload.sums import control_sums
from importers.upload.table import (
    Table,
    no_rows,
    open_table,
    refuse_doubled,
    sample_headers,
    unreadable_workbook,
)
from importers.upload.words import Words, assume_quality, remark_words

DEFAULT_ZONE: Final = "Europe/Berlin"
_NAMES: Final = tuple(field.name for field in UPLOAD_FIELDS)
_TITLES: Final = {field.name: field.title for field in declared_fields()}
_SIGNATURE: Final = ("activity", "start", "end", "quantity", "unit")
_LEAST: Final = 3
_LISTED: Final = 20
_KEPT: Final = (
    "meter_id", "opening_reading", "closing_reading", "multiplier", "stock_before", "stock_after", "cpv",
    "account", "note", *gas.PARAMETERS,
)  # fmt: skip


_DECISIVE: Final = tuple(
    name for name in _NAMES if name not in {"note", "document", "counterparty", "meter_id"}
)


class StandardUpload(Importer):
    """The upload format of our own template, and files whose headers mean the same."""

    name: ClassVar[str] = "standard"
    version: ClassVar[str] = "1"
    suffixes: ClassVar[tuple[str, ...]] = (".csv", ".txt", ".xlsx")

    def identify(self, sample: FileSample) -> Claim | None:
        """Claim by the header: activity, start, end, quantity and unit are there.

        A file that is named as a workbook and cannot be read as one is claimed, too: reading says why.
        """
        if (refused := unreadable_workbook(sample)) is not None:
            return Claim(SURE, refused.template, refused.parameters)
        found = max((_match(header) for header in sample_headers(sample)), key=_score, default=None)
        if found is None or _score(found) < _LEAST + ("activity" not in found.positions):
            return None
        lacking = _lacking(found, ImportRequest())
        if not lacking:
            return Claim(0.95, "the columns of the standard upload: {columns}", {"columns": _found(found)})
        return Claim(
            0.5 + 0.1 * (_score(found) - _LEAST),
            "resembles the standard upload, but these columns are missing: {columns}",
            {"columns": ", ".join(_TITLES[name] for name in lacking)},
        )

    def read(self, path: Path, request: ImportRequest, workspace: Workspace) -> ImportResult:
        """Read the file; see `Importer.read`."""
        table = open_table(path, lambda header: _points(_match(header)))
        found = _match(table.header, request)
        found.require(path.name)
        workspace.progress(0.3)
        findings = Findings()
        refuse_doubled(table, found, _DECISIVE, path.name)
        findings.add(
            *table.issues, *found.duplicate_issues(), *found.rival_issues(_SIGNATURE), *_unused(found, table)
        )
        columns = Columns(
            found, {**table.declared, **request.declared}, request.zone or DEFAULT_ZONE, findings
        )
        findings.add(*no_rows(table))
        named = columns.named(table, _NAMES)
        rows = _read_rows(sorting.with_first_text(named, table.original), columns, request)
        spans.remark_doubles(findings.without_rejected(rows), table.original, columns)
        workspace.progress(0.9)
        result = _result(rows, named.height, columns, table.ragged)
        return replace(result, rejects=rejects_of(rows, table, columns))


def _match(header: Sequence[str], request: ImportRequest | None = None) -> Match:
    fields = declared_fields()
    found = match(header, fields)
    if request is None:
        return found
    needed = _lacking(found, request)
    return match(header, [replace(field, is_required=field.name in needed) for field in fields])


def _lacking(found: Match, request: ImportRequest) -> list[str]:
    """Return the fields without which nothing can be read."""
    has = set(found.positions)
    lacking = [name for name in ("start", "end") if name not in has]
    if "activity" not in has and request.activity is None:
        lacking.append("activity")
    if "quantity" not in has and not {"opening_reading", "closing_reading"} <= has:
        lacking.append("quantity")
    if "unit" not in has and "quantity" not in found.brackets and request.unit is None:
        lacking.append("unit")
    return lacking


def _points(found: Match) -> int:
    return len(found.positions)


def _score(found: Match) -> int:
    return sum(name in found.positions for name in _SIGNATURE)


def _found(found: Match) -> str:
    return ", ".join(found.title(name) for name in _SIGNATURE if name in found.positions)


def _unused(found: Match, table: Table) -> list[Issue]:
    """Say which columns were not used: each by itself, or all in one issue where there are many."""
    titles = [found.header[place] for place in found.unused if not table.is_own(place)]
    if len(titles) <= _LISTED:
        return [Issue("column_ignored", column=title, value=title) for title in titles]
    listed = ", ".join([*titles[:_LISTED], "…"])
    return [Issue("columns_ignored", value=listed, parameters={"count": str(len(titles))})]


def _read_rows(rows: pl.DataFrame, columns: Columns, request: ImportRequest) -> pl.DataFrame:
    """Return all rows that state a quantity, with what they mean; the issues stand in the findings."""
    rows = sorting.split_examples(sorting.split_empty(rows, columns.findings), columns)
    rows, totals = sorting.split_totals(columns.number(rows, "quantity"), "start", columns.findings)
    sorting.compare_totals(rows, totals, columns)
    words = Words(columns, request)
    rows = quantities.split_blank(words.with_activity(rows), columns)
    for name in quantities.NUMBERS[1:]:
        rows = columns.number(rows, name)
    rows = columns.instant(rows, "start", beside="end")
    rows = columns.instant(rows, "end", beside="start")
    rows = columns.without_midnights(rows, "start", "end").with_columns(end_utc="end_close")
    rows = words.read(rows)
    for name in ("start", "end"):
        columns.findings.flag(rows.filter(pl.col(name).is_null()), "missing_value", columns.title(name))
    spans.check_bounds(rows, columns, request.period)
    rows = quantities.derive(rows)
    rows = quantities.read_cost(rows, columns)
    rows = gas.to_energy(quantities.spend_in_currency(rows), columns)
    rows = with_direction(assume_quality(rows))
    quantities.refuse_amounts(rows, columns)
    if request.source is not None:
        rows = rows.with_columns(source=pl.col("source").fill_null(request.source))
    spans.check_overlaps(rows, columns)
    accepted = columns.findings.without_rejected(rows)
    spans.remark_periods(accepted, columns)
    remark_words(accepted, columns)
    quantities.remark_quantities(accepted, columns)
    gas.remark_parameters(accepted, columns)
    quantities.remark_cost(accepted, columns)
    if rows.height and request.zone is None:
        columns.findings.add(Issue("zone_assumed", parameters={"zone": columns.zone}))
    return rows


def _records(rows: pl.DataFrame, columns: Columns) -> pl.DataFrame:
    """Return accepted rows in the shape of the store."""
    kept = {name: pl.col(name) for name in _KEPT}
    kept |= {"delivered": pl.col("delivered"), "cost_net": pl.col("cost_lost")}
    by_reading = pl.col("quantity").is_null() & pl.col("from_readings").is_not_null()
    title = (
        pl.when("billed_energy")
        .then(pl.lit(columns.title("calorific_value")))
        .when(by_reading)
        .then(pl.lit(columns.title("closing_reading")))
        .when(pl.col("quantity").is_null())
        .then(pl.lit(columns.title("cost_net")))
        .otherwise(pl.lit(columns.title("quantity")))
    )
    same = ("organisation", "site", "source", "product_group", "document", "counterparty", "direction")
    given = {name: pl.col(name) for name in same}
    given |= {
        "column": title,
        "activity": pl.col("activity_code"),
        "role": pl.col("role_code"),
        "start": pl.col("start_utc"),
        "end": pl.col("end_utc"),
        "quantity": pl.col("amount"),
        "unit": pl.col("unit_code"),
        "basis": pl.col("basis_code"),
        "original_quantity": pl.col("quantity"),
        "original_unit": pl.col("unit_text"),
        "cost_net": pl.col("cost"),
        "currency": pl.col("cost_currency"),
        "quality": pl.col("quality_code"),
        "document_type": pl.col("document_type_code"),
        "attributes": json_object(kept),
    }
    return activity_records(rows, given)


def _result(rows: pl.DataFrame, n_rows: int, columns: Columns, n_ragged: int) -> ImportResult:
    accepted = columns.findings.without_rejected(rows)
    rejected = rows.height - accepted.height
    return ImportResult(
        read=n_rows + n_ragged,
        rejected=rejected + n_ragged,
        ignored=n_rows - rows.height,
        activities=_records(accepted, columns),
        issues=columns.findings.frame(),
        control_sums=control_sums(accepted, columns),
    )
