"""Periods of rows: inside the declared period, ending after they start, not counted twice.

Two rows of the same source, activity and direction must not cover the same time, or their quantity counts
twice. The row that stands first in the file is kept. Rows that may stand beside each other are not compared:
money, corrections, credits and instalments, rows of different quality (the better one counts later), and
rows that name no source, because nothing says that they are the same one.
"""

from bisect import bisect_left, bisect_right, insort
from datetime import datetime
from typing import Final

import polars as pl

from bilanz.periods import zone_of
from bilanz.records import DocumentType, Role
from importers.upload.columns import Columns
from importers.upload.findings import ROW

_TWO_YEARS: Final = pl.duration(days=2 * 366)
_BESIDE: Final = (str(DocumentType.INSTALMENT), str(DocumentType.CORRECTION), str(DocumentType.CREDIT))
_KEY: Final = (
    "organisation",
    "site",
    "source",
    "meter_id",
    "activity_code",
    "direction",
    "role_code",
    "quality_code",
    "delivery",
)


def check_bounds(rows: pl.DataFrame, columns: Columns, period: tuple[datetime, datetime] | None) -> None:
    """Refuse rows that end before they start or lie outside the declared period."""
    start, end = pl.col("start_utc"), pl.col("end_utc")
    span = pl.format("{} – {}", "start", "end")
    findings = columns.findings
    backwards = rows.filter((end <= start).fill_null(value=False))
    findings.flag(backwards, "end_before_start", columns.title("end"), span)
    if period is None:
        return
    first, last = (moment.replace(tzinfo=None) for moment in period)
    outside = rows.filter(((start < first) | (end > last)).fill_null(value=False))
    expected = shown_period(period, columns.zone)
    findings.flag(outside, "outside_period", columns.title("start"), span, expected=expected)


def remark_periods(rows: pl.DataFrame, columns: Columns) -> None:
    """Say of accepted rows which period is longer than two years: mostly a slip in one of the years."""
    long = rows.filter(pl.col("end_utc") - pl.col("start_utc") > _TWO_YEARS)
    span = pl.format("{} – {}", "start", "end")
    columns.findings.flag(long, "suspect_period", columns.title("end"), span)


def remark_doubles(rows: pl.DataFrame, table: pl.DataFrame, columns: Columns) -> None:
    """Say which accepted rows repeat an earlier one in every cell, though nothing says they are the same."""
    cells = [name for name in table.columns if name != ROW]
    same = table.filter(pl.col(ROW).is_in(rows[ROW].implode())).filter(pl.struct(cells).is_duplicated())
    first = same.with_columns(first=pl.col(ROW).min().over(cells))
    doubled = first.filter(pl.col("first") != pl.col(ROW))
    columns.findings.flag(doubled, "suspect_double", first=pl.col("first"))


def shown_period(period: tuple[datetime, datetime], zone: str) -> str:
    """Return a declared period in the local time the file is written in; its end is exclusive."""
    start, end = (moment.astimezone(zone_of(zone)) for moment in period)
    return f"{start:%Y-%m-%d %H:%M} – {end:%Y-%m-%d %H:%M}"


def check_overlaps(rows: pl.DataFrame, columns: Columns) -> None:
    """Refuse rows whose period is covered by an earlier row of the same source, naming that row."""
    named = pl.col("source").is_not_null() | pl.col("meter_id").is_not_null()
    alone = (pl.col("kind") != "money") & ~pl.col("document_type_code").is_in(_BESIDE).fill_null(value=False)
    # two deliveries on one day are two when their documents differ
    delivery = pl.when(pl.col("role_code") == Role.DELIVERED).then("document")
    compared = columns.findings.without_rejected(rows.filter(named & alone)).with_columns(delivery=delivery)
    if compared.is_empty():
        return
    # nulls must meet in the key: a row without site is compared with the others without site
    key = pl.struct(pl.col(_KEY)).rank("dense")
    compared = compared.with_columns(key.alias("key"), pl.format("{} – {}", "start", "end").alias("span"))
    same = pl.col(ROW).min().over("key", "start_utc", "end_utc")
    compared = compared.with_columns(first=same)
    doubled = compared.filter(pl.col("first") != pl.col(ROW))
    first = pl.col("first").cast(pl.String)
    columns.findings.flag(doubled, "duplicate_interval", columns.title("start"), pl.col("span"), first=first)
    once = compared.filter(pl.col("first") == pl.col(ROW))
    crossing = _crossing(once)
    columns.findings.flag(
        crossing, "overlapping_interval", columns.title("start"), pl.col("span"), first=first
    )


def _crossing(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows that overlap an earlier one, with its row in `first`.

    Sorted by start, a row meets another where it starts before the latest end so far; only the runs in which
    that happens are looked at one by one.
    """
    rows = rows.sort("key", "start_utc", ROW).with_columns(
        latest=pl.col("end_utc").cum_max().shift(1).over("key"),
    )
    rows = rows.with_columns(
        run=(pl.col("latest").is_null() | (pl.col("start_utc") >= pl.col("latest"))).cum_sum()
    )
    runs = rows.filter(pl.len().over("run") > 1)
    lost: list[tuple[int, int]] = []
    for _, run in runs.sort(ROW).group_by("run", maintain_order=True):
        lost += _lost(run.select(ROW, "start_utc", "end_utc").rows())
    found = pl.DataFrame(lost, schema={ROW: pl.Int64, "first": pl.Int64}, orient="row")
    return rows.drop("first").join(found, on=ROW, how="inner").sort(ROW)


def _lost(spans: list[tuple[int, datetime, datetime]]) -> list[tuple[int, int]]:
    """Return (row, kept row it overlaps) for spans in file order; the kept ones never overlap each other."""
    kept: list[tuple[datetime, datetime, int]] = []
    lost = []
    for row, start, end in spans:
        after = bisect_left(kept, end, key=lambda span: span[0])
        before = bisect_right(kept, start, key=lambda span: span[1])
        if before < after:
            lost.append((row, kept[before][2]))
        else:
            insort(kept, (start, end, row))
    return lost
