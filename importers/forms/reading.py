"""A file of a form → records: its rows become rows of the upload by the rule of the form.

    table ──► named texts ──► rows that are records ──► rule ──► rows of the upload ──► tables.reading
                                                          │
                        more than one statement a row (the owner's part and the tenants' part): one table each

read = rows of the file × statements a row. What a rule sets apart is ignored, or rejected where it found an
error.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Final

import polars as pl

from bilanz.issues import ISSUE_SCHEMA, Issue
from bilanz.records import ACTIVITY_SCHEMA
from importers.base import ControlSum, ImportRequest, ImportResult
from importers.columns.headers import Match
from importers.forms.form import Form
from importers.forms.rows import ORIGINAL, TOLD_BY, TYPED, WORD, Sheet, read_words, without_asides
from importers.forms.rules import RULES
from importers.tables.layout import EXTRA, Layout, Period
from importers.tables.reading import DEFAULT_ZONE, read_table, unused
from importers.upload.columns import Columns
from importers.upload.findings import ROW, Findings
from importers.upload.quantities import plain
from importers.upload.reading import NAMES
from importers.upload.records import json_object
from importers.upload.rejects import rejects_of
from importers.upload.table import Table, no_rows, refuse_doubled

TERRITORY: Final = "territory"


def read_form(form: Form, table: Table, found: Match, request: ImportRequest, path: Path) -> ImportResult:
    """Return the import of a table that is a form.

    Raises:
        FileRefused: a needed column is missing, or is there twice with different contents.
    """
    found.require(path.name)
    refuse_doubled(table, found, [column.field for column in form.columns if column.is_needed], path.name)
    declared = {**table.declared, **request.declared}
    columns = Columns(found, declared, request.zone or DEFAULT_ZONE, Findings())
    sheet = Sheet(form, columns, request, units=dict(found.brackets))
    _say(table, found, sheet)
    fields = [column.field for column in form.columns if not column.is_personal]
    named = columns.named(table, list(dict.fromkeys([*fields, "note"])))
    rows = read_words(without_asides(named, table.original, sheet), sheet)
    rule = RULES[form.rule]
    # a row rejected on the way is rejected in each of its statements
    parts = [_kept(sheet.without_rejected(part), sheet) for part in rule.read(rows, sheet)]
    return _result(table, sheet, [(part, _read(part, sheet)) for part in parts], rule.statements)


def _say(table: Table, found: Match, sheet: Sheet) -> None:
    needed = [column.field for column in sheet.form.columns if column.is_needed]
    sheet.add(*table.issues, *no_rows(table), *found.duplicate_issues(), *found.rival_issues(needed))
    personal = [column.field for column in sheet.form.columns if column.is_personal]
    titles = [found.title(name) for name in personal if name in found.positions]
    if titles:
        sheet.add(Issue("personal_data", value=", ".join(titles), parameters={"count": str(len(titles))}))
    sheet.add(*unused(table, Layout(places=found.positions)))
    if sheet.form.is_territory:
        sheet.add(Issue("territory_figures"))


def _kept(rows: pl.DataFrame, sheet: Sheet) -> pl.DataFrame:
    """Return the rows with their attributes, and an end where the form lets it be empty."""
    form = sheet.form
    kept = {name: _attribute(rows, field) for field, name in form.kept.items() if field in rows.columns}
    if form.is_territory:
        kept["boundary"] = pl.lit(TERRITORY)
    rows = rows.with_columns((json_object(kept) if kept else pl.lit(None, dtype=pl.String)).alias("__more"))
    if form.period != "day" or "start" not in rows.columns:
        return rows
    if "end" not in rows.columns:
        rows = rows.with_columns(pl.lit(None, dtype=pl.String).alias("end"))
    open_end = pl.col("end").is_null()
    if "start" + TYPED in rows.columns:
        other = pl.col("end" + TYPED) if "end" + TYPED in rows.columns else pl.lit(value=False)
        typed = pl.when(open_end).then("start" + TYPED).otherwise(other)
        rows = rows.with_columns(typed.alias("end" + TYPED))
    return rows.with_columns(end=pl.coalesce("end", "start"))


def _attribute(rows: pl.DataFrame, field: str) -> pl.Expr:
    """Return what is kept of a field: the number read from it, else its text or code."""
    value = f"{field}_value"
    return plain(pl.col(value)) if value in rows.columns else pl.col(field)


def _read(rows: pl.DataFrame, sheet: Sheet) -> ImportResult:
    """Return the import of rows of the upload."""
    if rows.is_empty():
        return ImportResult(read=0, rejected=0, ignored=0)
    names = [name for name in (*NAMES, *EXTRA) if name in rows.columns]
    order = sheet.columns.match.positions
    names.sort(key=lambda name: order.get(name, len(order) + len(names)))
    frame = rows.select(ROW, *(pl.col(name).alias(str(place)) for place, name in enumerate(names)))
    typed = rows.select(ROW, *(_typed(rows, name).alias(str(place)) for place, name in enumerate(names)))
    places = {name: place for place, name in enumerate(names)}
    if "year" in places:
        places |= {"start": places["year"], "end": places["year"]}  # what issues about the period call it
    layout = Layout(
        places=places,
        given=sheet.form.given,
        period=Period.YEAR if sheet.form.period == "year" else Period.STATED,
        units={name: unit for name, unit in sheet.units.items() if name in names},
        declared=sheet.columns.declared,
    )
    titles = {"quantity": rows[TOLD_BY][0]} if TOLD_BY in rows.columns else {}
    table = Table(tuple(titles.get(name) or sheet.title(name) for name in names), frame, typed.drop(ROW))
    result = read_table(table, layout, sheet.request)
    records = _with_more(result.activities, rows)
    if field := sheet.form.unclassified:
        taken = rows.filter(pl.col(ROW).is_in(records["source_row"].implode()))
        first = taken.unique(field, keep="first", maintain_order=True)
        sheet.flag(first, "not_classified", field, pl.col(field + WORD))
        records = records.with_columns(activity=pl.lit(None, dtype=pl.String))
    return replace(result, activities=records)


def _typed(rows: pl.DataFrame, name: str) -> pl.Expr:
    """Return whether the cell of a field is a number or date by itself, of a workbook or computed."""
    is_typed = pl.col(name + TYPED) if name + TYPED in rows.columns else pl.lit(value=False)
    return is_typed.fill_null(value=False)  # rows of parts that were put together


def _with_more(activities: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Return records with the attributes of the form, and how a computed quantity came about."""
    more = rows.select(
        pl.col(ROW).alias("source_row"),
        "__more",
        (pl.col(ORIGINAL) if ORIGINAL in rows.columns else pl.lit(None, dtype=pl.String)).alias(ORIGINAL),
    )
    joined = activities.join(more, on="source_row", how="left", maintain_order="left")
    inside = [pl.col(name).str.strip_prefix("{").str.strip_suffix("}") for name in ("attributes", "__more")]
    both = pl.concat_str(inside, separator=",", ignore_nulls=True)
    braced = pl.when(both != "").then(pl.concat_str([pl.lit("{"), both, pl.lit("}")]))
    original = pl.coalesce(ORIGINAL, "original_quantity")
    return joined.with_columns(attributes=braced, original_quantity=original).select(*ACTIVITY_SCHEMA)


def _result(
    table: Table, sheet: Sheet, parts: Sequence[tuple[pl.DataFrame, ImportResult]], statements: int
) -> ImportResult:
    findings, height = sheet.columns.findings, table.frame.height
    by_rule = findings.rejected()
    ruled = by_rule.filter(by_rule.is_in(table.frame[ROW].implode())).len() * statements
    lost = [result.rejects.rows[ROW] for _, result in parts if result.rejects]
    apart = height * statements - sum(rows.height for rows, _ in parts) - ruled
    for rows in lost:
        findings.reject(rows)
    for _, result in parts:
        known = result.rejects.formats if result.rejects else {}
        sheet.columns.formats.update({it: form for it, form in known.items() if it in table.header})
    issues = pl.concat([findings.frame(), *(result.issues for _, result in parts)])
    activities = pl.concat(
        [pl.DataFrame(schema=ACTIVITY_SCHEMA), *(result.activities for _, result in parts)]
    )
    return ImportResult(
        read=height * statements + table.ragged,
        rejected=ruled + sum(result.rejected for _, result in parts) + table.ragged,
        ignored=apart + sum(result.ignored for _, result in parts),
        activities=activities.sort("source_row", maintain_order=True),
        issues=issues.unique(maintain_order=True)
        .sort("source_row", maintain_order=True, nulls_last=False)
        .select(*ISSUE_SCHEMA),
        control_sums=_sums([one for _, result in parts for one in result.control_sums]),
        rejects=None if sheet.form.is_whole else rejects_of(table.frame.select(ROW), table, sheet.columns),
    )


def _sums(sums: Sequence[ControlSum]) -> tuple[ControlSum, ...]:
    """Return one control sum per column and unit."""
    found: dict[tuple[str, str], tuple[Decimal, int]] = {}
    for one in sums:
        total, records = found.get((one.column, one.unit), (Decimal(0), 0))
        found[one.column, one.unit] = (total + one.total, records + one.records)
    return tuple(ControlSum(*key, *value) for key, value in found.items())
