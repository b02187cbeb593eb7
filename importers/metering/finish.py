"""Cells → points → an import: quality, quantity, length and place in time, the same for every data hub."""

from collections.abc import Mapping
from typing import Final

import polars as pl

from bilanz.issues import Issue
from bilanz.records import QUANTITY, STATUS_ESTIMATED, STATUS_MEASURED
from importers.base import ImportRequest, ImportResult, Workspace
from importers.columns import numbers, times
from importers.interval import points
from importers.interval.findings import ROW, Findings
from importers.interval.points import POINT_SCHEMA, Facts
from importers.metering import duration, instants
from importers.metering.cells import Cells

MEASURED: Final = STATUS_MEASURED
ESTIMATED: Final = STATUS_ESTIMATED
MISSING: Final = None
"""A quality that says there is no value, whatever number stands beside it."""

_FORMAT: Final = numbers.NumberFormat(".")
_SHOWN: Final = 200  # signs of a text of the file that an issue repeats


def with_status(
    rows: pl.DataFrame, codes: Mapping[str, int | None], title: str, findings: Findings
) -> pl.DataFrame:
    """Return the rows with `status`; values marked as missing are ignored, an unknown mark is an estimate.

    Args:
        rows: with `quality` and `text`.
        codes: quality in upper case → `MEASURED`, `ESTIMATED` or `MISSING`. A blank one is measured, unless
            the codes name "" themselves.
        title: what issues call the values.
        findings: takes issues and counts.
    """
    code = pl.col("quality").fill_null("").str.strip_chars().str.to_uppercase()
    known = {"": MEASURED, **codes}
    missing = [name for name, status in known.items() if status is MISSING]
    stated = {name: status for name, status in known.items() if status is not MISSING}
    rows = rows.with_columns(code=code)
    gone = rows.filter(pl.col("code").is_in(missing))
    blank = numbers.is_blank(pl.col("text"))
    findings.ignore(gone.filter(blank).select(ROW), "blank", title)
    marked = gone.filter(~blank).select(ROW, _shown("text"), _as_parameters("quality"))
    findings.ignore(marked, "marked_missing", title)
    rows = rows.filter(~pl.col("code").is_in(missing))
    unknown = rows.filter(~pl.col("code").is_in(list(stated)))["quality"].unique().sort()
    findings.add(*(Issue("unknown_status", value=word[:_SHOWN]) for word in unknown))
    status = pl.col("code").replace_strict(stated, default=ESTIMATED, return_dtype=pl.Int8)
    return rows.with_columns(status=status).drop("code")


def with_quantities(rows: pl.DataFrame, facts: list[Facts], findings: Findings) -> pl.DataFrame:
    """Return the rows with `quantity`, each told under the title of its series; none is negative.

    Series that are not taken are rejected as a whole, whatever their values and times are like.
    """
    rows = _without_refused(rows, facts, findings)
    if rows.is_empty():
        return rows.with_columns(quantity=pl.lit(None, dtype=QUANTITY))
    titles = pl.col("series").replace_strict(
        {number: one.title for number, one in enumerate(facts)}, return_dtype=pl.String
    )
    rows = rows.with_columns(title=titles)
    parts = []
    for (title,), part in rows.group_by("title", maintain_order=True):
        read = points.with_quantities(part, "text", str(title), findings, _FORMAT)
        negative = read["quantity"] < 0
        findings.reject(read.filter(negative).select(ROW, _shown("text")), "negative_quantity", str(title))
        parts.append(read.filter(~negative))
    return pl.concat(parts).sort(ROW, maintain_order=True).drop("title")


def _without_refused(rows: pl.DataFrame, facts: list[Facts], findings: Findings) -> pl.DataFrame:
    for number, one in enumerate(facts):
        mine = rows.filter(pl.col("series") == number) if one.refused else rows.clear()
        if one.refused is not None and mine.height:
            code, value, parameters = one.refused
            shown = None if value is None else value[:_SHOWN]
            findings.refuse(mine.height, Issue(code, mine[ROW][0], one.title, shown, dict(parameters)))
            rows = rows.filter(pl.col("series") != number)
    return rows


def with_clock_minutes(
    rows: pl.DataFrame, title: str, findings: Findings, *, stamp: str = "stamp"
) -> pl.DataFrame:
    """Return the rows with `minutes` of their `length`; what is no length of the clock is rejected."""
    known = {text: duration.parse(text) for text in rows["length"].drop_nulls().unique()}
    clock = {text: one.minutes for text, one in known.items() if one is not None and not one.is_calendar}
    return _with(
        rows,
        pl.col("length").replace_strict(clock, default=None, return_dtype=pl.Int32),
        title,
        findings,
        stamp,
    )


def with_minutes(rows: pl.DataFrame, zone: str, title: str, findings: Findings) -> pl.DataFrame:
    """Return the rows with `minutes` from `start` in UTC and their `length`, days and months of the zone."""
    minutes = pl.lit(None, dtype=pl.Int32)
    if rows.height:
        span = instants.years(rows, "start")
        for text in rows["length"].drop_nulls().unique().sort():
            one = duration.parse(text)
            if one is None:
                continue
            whole = pl.lit(one.minutes, dtype=pl.Int64)
            if one.is_calendar:
                local = instants.to_local(pl.col("start"), zone).dt.offset_by(one.offset)
                end = times.to_utc(local, zone, (span[0], span[1] + 1 + one.months // 12))
                whole = (end - pl.col("start")).dt.total_minutes()
            minutes = pl.when(pl.col("length") == text).then(whole).otherwise(minutes)
    return _with(rows, minutes, title, findings, "stamp")


def minutes_until(rows: pl.DataFrame, title: str, findings: Findings) -> pl.DataFrame:
    """Return the rows with `minutes` between `start` and `end` in UTC; without any they are rejected."""
    span = (pl.col("end") - pl.col("start")).dt.total_seconds()
    minutes = pl.when((span > 0) & (span % 60 == 0)).then(span // 60)
    return _with(rows, minutes, title, findings, "stamp")


def delivered(
    rows: pl.DataFrame,
    cells: Cells,
    *,
    civil: str,
    request: ImportRequest,
    workspace: Workspace,
    findings: Findings,
) -> ImportResult:
    """Return the import of rows with `start` in UTC, `minutes`, `quantity` and `status`."""
    if not cells.read:
        findings.add(Issue("no_rows"))
    ready = rows.select(pl.col(name).cast(dtype) for name, dtype in POINT_SCHEMA.items())
    return points.deliver(
        ready,
        cells.facts,
        read=cells.read,
        civil=civil,
        request=request,
        workspace=workspace,
        findings=findings,
    )


def _with(rows: pl.DataFrame, minutes: pl.Expr, title: str, findings: Findings, stamp: str) -> pl.DataFrame:
    rows = rows.with_columns(minutes=minutes.cast(pl.Int32, strict=False))
    unknown = rows["minutes"].is_null() | (rows["minutes"] <= 0)
    shown = rows.filter(unknown).select(ROW, _shown(stamp))
    findings.reject(shown, "no_length", title)
    return rows.filter(~unknown)


def _shown(column: str) -> pl.Expr:
    return pl.col(column).fill_null("–").str.head(_SHOWN).alias("value")


def _as_parameters(column: str) -> pl.Expr:
    return pl.struct(pl.col(column).fill_null("–").str.head(_SHOWN).alias("status")).alias("parameters")
