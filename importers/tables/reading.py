"""A table with its layout → records: each column of quantities is read like a table of the upload.

table ──► for each column of quantities: named texts ──► upload.reading ──► records
│
one import: records, issues (each once), control sums, rejected cells as they were
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import polars as pl

from bilanz.issues import ISSUE_SCHEMA, Issue
from bilanz.records import ACTIVITY_SCHEMA, DocumentType
from importers.base import ImportRequest, ImportResult, Rejects
from importers.columns.declared import together, unit_of
from importers.tables.alike import declared_alike
from importers.tables.layout import EXTRA, Layout, Negative, ValueColumn
from importers.tables.money import read_money, refuse_unstated, turned
from importers.tables.periods import instants
from importers.tables.twice import same_columns
from importers.upload import sorting, spans
from importers.upload.columns import Columns
from importers.upload.findings import ROW, Findings
from importers.upload.reading import NAMES, read_rows, result
from importers.upload.rejects import rejects_of
from importers.upload.table import Table, no_rows

DEFAULT_ZONE: Final = "Europe/Berlin"
_LISTED: Final = 20
_ASSUMED: Final = "quality_assumed"
_OF_COLUMN: Final = ("year", "month")
"""What the header of a column says of its values, whatever the row says."""

_MINUS: Final = r"^\s*[-\u2212]|[-\u2212]\s*$"


_NO_RECORDS: Final = pl.DataFrame(schema=ACTIVITY_SCHEMA)
_NO_ISSUES: Final = pl.DataFrame(schema=ISSUE_SCHEMA)


@dataclass(frozen=True, slots=True)
class _Part:
    """What one column of quantities came to."""

    value: ValueColumn
    columns: Columns
    rows: pl.DataFrame
    result: ImportResult


def read_table(
    table: Table, layout: Layout, request: ImportRequest, *, findings: Findings | None = None
) -> ImportResult:
    """Return the import of a table.

    Args:
        table: rows below the header; rows an importer sets apart are gone from it.
        layout: its columns.
        request: what the caller states.
        findings: what the importer has said already (issues that reject no row).
    """
    common = findings or Findings()
    common.add(*table.issues, *no_rows(table), *unused(table, layout))
    declared = together(layout.declared, table.declared, request.declared)
    alike, issues_alike = declared_alike(table, [value.place for value in layout.values], declared)
    common.add(*issues_alike)
    request = replace(request, declared=together(declared, alike))
    parts = [_part(table, layout, value, request) for value in layout.columns()]
    if request.zone is None and layout.zone is None and any(part.rows.height for part in parts):
        common.add(Issue("zone_assumed", parameters={"zone": DEFAULT_ZONE}))
    common.add(*same_columns([(part.value, part.result.activities) for part in parts], table.header))
    issues = [common.frame(), *(part.result.issues for part in parts)]
    return ImportResult(
        read=sum(part.result.read for part in parts) + table.ragged,
        rejected=sum(part.result.rejected for part in parts) + table.ragged,
        ignored=sum(part.result.ignored for part in parts),
        activities=pl.concat([part.result.activities for part in parts]).sort(
            "source_row", maintain_order=True
        ),
        issues=_once(issues),
        control_sums=tuple(one for part in parts for one in part.result.control_sums),
        rejects=_rejects(table, parts),
    )


def joined(results: Sequence[ImportResult]) -> ImportResult:
    """Return several tables of one file as one import; what is said of the file is said once."""
    rejects = [one.rejects for one in results if one.rejects is not None]
    lost = None
    if rejects:
        rows = pl.concat([one.rows for one in rejects]).sort(ROW)
        formats = {title: label for one in rejects for title, label in one.formats.items()}
        lost = Rejects(rejects[0].header, rows, formats)
    return ImportResult(
        read=sum(one.read for one in results),
        rejected=sum(one.rejected for one in results),
        ignored=sum(one.ignored for one in results),
        activities=pl.concat([_NO_RECORDS, *(one.activities for one in results)]).sort(
            "source_row", maintain_order=True
        ),
        issues=_once([one.issues for one in results]),
        control_sums=tuple(control for one in results for control in one.control_sums),
        rejects=lost,
    )


def unused(table: Table, layout: Layout) -> list[Issue]:
    """Say which named columns are not read: each by itself, or all in one issue where there are many."""
    used = layout.used()
    titles = [text for place, text in enumerate(table.header) if text and place not in used]
    titles = [text for text in titles if not text.casefold().startswith("bilanz:")]
    if len(titles) <= _LISTED:
        return [Issue("column_ignored", column=title, value=title) for title in titles]
    listed = ", ".join([*titles[:_LISTED], "…"])
    return [Issue("columns_ignored", value=listed, parameters={"count": str(len(titles))})]


def _part(table: Table, layout: Layout, value: ValueColumn, request: ImportRequest) -> _Part:
    findings = Findings()
    zone = request.zone or layout.zone or DEFAULT_ZONE
    match = layout.match(table.header, value)
    columns = Columns(match, request.declared, zone, findings, has_mixed_dates=layout.has_mixed_dates)
    named = _named(table, layout, value, columns)
    if layout.money is not None:
        refuse_unstated(named, columns, is_requested=request.unit is not None)
    silent = replace(request, zone=zone)  # the zone of a table is said once, not per column
    texts = _bare_totals(sorting.with_first_text(named, table.original), table)
    rows = read_rows(texts, columns, silent, instants(layout.period), are_events=layout.are_events)
    if not layout.values:
        spans.remark_doubles(findings.without_rejected(rows), table.original, columns)
    return _Part(value, columns, rows, result(rows, named.height, columns, 0))


def _named(table: Table, layout: Layout, value: ValueColumn, columns: Columns) -> pl.DataFrame:
    """Return the texts of the fields: of their columns, joined, declared, or given."""
    named = columns.named(table, (*NAMES, *EXTRA))
    if layout.money is not None:
        named = read_money(named, table, layout.money, columns)
    for name, places in ((name, places) for name, places in layout.joined.items() if places):
        cells = [pl.col(str(place)).str.strip_chars().str.replace_all(r"\s+", " ") for place in places]
        filled = [pl.when(cell != "").then(cell) for cell in cells]
        text = table.frame.select(pl.concat_str(filled, separator=" ", ignore_nulls=True).alias("x"))["x"]
        named = named.with_columns(pl.when(text != "").then(text).alias(name))
    given = layout.texts(value, unit_of(columns.declared.get(columns.title("quantity"))))
    own = {name: value.given[name] for name in _OF_COLUMN if name in value.given}
    named = named.with_columns(pl.lit(text).alias(name) for name, text in own.items())
    named = named.with_columns(pl.col(name).fill_null(pl.lit(text)) for name, text in given.items())
    if layout.negative is Negative.REVERSED:
        named = named.with_columns(quantity=turned(pl.col("quantity")))
    if layout.negative is Negative.CREDIT:
        is_back = pl.col("quantity").str.contains(_MINUS)
        credit = pl.when(is_back).then(pl.lit(str(DocumentType.CREDIT)))
        named = named.with_columns(document_type=pl.coalesce("document_type", credit))
    return named


def _bare_totals(named: pl.DataFrame, table: Table) -> pl.DataFrame:
    """Return the rows; one that holds its quantity and nothing else is named a total: it is no record."""
    cells = [pl.col(name).str.strip_chars() != "" for name in table.original.columns if name != ROW]
    lone = table.original.filter(pl.sum_horizontal(cells) == 1)[ROW]
    is_bare = pl.col(ROW).is_in(lone.implode()) & pl.col("quantity").is_not_null()
    return named.with_columns(
        pl.when(is_bare).then(pl.lit("Total")).otherwise(sorting.FIRST_TEXT).alias(sorting.FIRST_TEXT)
    )


def _once(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Return issues of all columns; what concerns a whole row is said once, and so is what was assumed."""
    every = _with_sums(pl.concat([_NO_ISSUES, *frames])).unique(maintain_order=True)
    return every.sort("source_row", maintain_order=True, nulls_last=False).select(*ISSUE_SCHEMA)


def _with_sums(issues: pl.DataFrame) -> pl.DataFrame:
    """Return the issues, the rows of assumed quality of all columns counted in one."""
    assumed = issues.filter(pl.col("code") == _ASSUMED)
    counts: dict[tuple[str | None, str], int] = {}
    for column, text in assumed.select("column", "parameters").rows():
        stated = json.loads(text)
        key = (column, stated["quality"])
        counts[key] = counts.get(key, 0) + int(stated["count"])
    if len(counts) == assumed.height:
        return issues
    merged = Findings()
    for (column, quality), count in counts.items():
        merged.add(Issue(_ASSUMED, None, column, None, {"count": str(count), "quality": quality}))
    return pl.concat([issues.filter(pl.col("code") != _ASSUMED), merged.frame()])


def _rejects(table: Table, parts: Sequence[_Part]) -> Rejects | None:
    """Return the rejected rows; of a wide table without the cells that were taken: they count already."""
    found = [(part, lost) for part in parts if (lost := rejects_of(part.rows, table, part.columns))]
    if not found:
        return None
    kept = [place for place in range(len(table.header)) if not table.is_own(place)]
    frame = pl.concat([lost.rows for _, lost in found]).unique(ROW, keep="first", maintain_order=True)
    for part in parts if len(parts) > 1 else ():
        mine = next((lost.rows[ROW] for other, lost in found if other is part), pl.Series([], dtype=pl.Int64))
        name = str(kept.index(part.value.place))
        frame = frame.with_columns(pl.when(pl.col(ROW).is_in(mine.implode())).then(pl.col(name)).alias(name))
    formats = {title: label for _, lost in found for title, label in lost.formats.items()}
    return Rejects(found[0][1].header, frame.sort(ROW), formats)
