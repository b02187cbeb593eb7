"""Time stamps of a document as instants in UTC: with an offset, in local time, at the end of an interval.

A day on which the clocks change has labels of two kinds, and the file does not say which it uses. The hour
that begins at 01:00 in March may end at `03:00` (what the clock shows then) or at `02:00` (one hour behind
its begin); in October the hour that comes twice is labelled `02:00, 02:00` or `03:00, 03:00`. Both readings
are made for such a day, and the one under which no interval is missing, doubled or impossible holds.
"""

from typing import Final

import polars as pl

from bilanz.records import INSTANT
from importers.columns import times
from importers.columns.numbers import Ambiguous
from importers.interval.findings import ROW, Findings

_ISO: Final = "YYYY-MM-DD"
_SECOND: Final = 2


def read(
    rows: pl.DataFrame, column: str, title: str, zone: str, findings: Findings, declared: str | None = _ISO
) -> pl.DataFrame:
    """Return the rows with `<column>_utc`; what is no time or does not exist is rejected.

    Args:
        rows: with `series` and `__row`.
        column: of texts, with offsets or in local time of the zone.
        title: what issues call it.
        zone: IANA zone of texts without an offset.
        findings: takes issues and counts.
        declared: layout of the dates; None: decided from all values.
    """
    rows, has_offset = local_times(rows, column, title, findings, declared)
    name = f"{column}_utc"
    if has_offset or rows.is_empty():
        return rows.rename({"local": name})
    read_ = _passes(rows, zone)
    _say_twice(read_, column, title, zone, findings)
    gone = read_["utc"].is_null()
    _reject(read_.filter(gone), column, title, "nonexistent_time", findings, zone=zone)
    return read_.filter(~gone).drop("local", "twice").rename({"utc": name})


def read_ends(
    rows: pl.DataFrame, column: str, title: str, zone: str, findings: Findings, declared: str | None = _ISO
) -> pl.DataFrame:
    """Return the rows with `start` in UTC, from labels at the end of intervals of `minutes`.

    Args:
        rows: with `series`, `__row` and `minutes`, the length of each interval.
        column: of texts, with offsets or in local time of the zone.
        title: what issues call it.
        zone: IANA zone of texts without an offset.
        findings: takes issues and counts.
        declared: layout of the dates; None: decided from all values.
    """
    rows, has_offset = local_times(rows, column, title, findings, declared)
    length = pl.duration(minutes="minutes")
    if has_offset or rows.is_empty():
        return rows.with_columns(start=(pl.col("local") - length).cast(INSTANT)).drop("local")
    shown = _passes(rows, zone).with_columns(start=pl.col("utc") - length)
    behind = _passes(rows.with_columns(local=pl.col("local") - length), zone).rename({"utc": "start"})
    day = (pl.col("local") - length).dt.date()
    found = rows.with_columns(
        day=day,
        shown=shown["start"],
        behind=behind["start"],
        twice_shown=shown["twice"],
        twice_behind=behind["twice"],
    )
    better = _doubts("behind") < _doubts("shown")
    found = found.with_columns(is_behind=better).with_columns(
        start=pl.when("is_behind").then("behind").otherwise(pl.coalesce("shown", "behind")),
        twice=pl.when("is_behind").then("twice_behind").otherwise("twice_shown"),
    )
    _say_twice(found, column, title, zone, findings)
    gone = found["start"].is_null()
    _reject(found.filter(gone), column, title, "nonexistent_time", findings, zone=zone)
    return found.filter(~gone).select(*rows.drop("local").columns, pl.col("start").cast(INSTANT))


def local_times(
    rows: pl.DataFrame, column: str, title: str, findings: Findings, declared: str | None = _ISO
) -> tuple[pl.DataFrame, bool]:
    """Return the rows with `local` as written, UTC where the second answer says so; others are rejected."""
    if rows.is_empty():
        return rows.with_columns(local=pl.lit(None, dtype=INSTANT)), True
    fmt = times.decide_series(rows[column], declared)
    if isinstance(fmt, Ambiguous):
        findings.refuse(rows.height, fmt.issue(title))
        return rows.clear().with_columns(local=pl.lit(None, dtype=INSTANT)), True
    if fmt is None:
        _reject(rows, column, title, "not_a_date", findings, expected=_ISO)
        return rows.clear().with_columns(local=pl.lit(None, dtype=INSTANT)), True
    rows = rows.with_columns(local=times.to_local(pl.col(column), fmt).cast(INSTANT))
    wrong = rows["local"].is_null()
    _reject(rows.filter(wrong), column, title, "not_a_date", findings, expected=fmt.label)
    return rows.filter(~wrong), fmt.has_offset


def to_local(utc: pl.Expr, zone: str) -> pl.Expr:
    """Return instants as local time of a zone, for calendar arithmetic."""
    return utc.dt.replace_time_zone("UTC").dt.convert_time_zone(zone).dt.replace_time_zone(None)


def years(rows: pl.DataFrame, column: str) -> tuple[int, int]:
    """Return the first and last year of a column of times that has one."""
    low, high = rows.select(low=pl.col(column).min().dt.year(), high=pl.col(column).max().dt.year()).row(0)
    return low, high


def _passes(rows: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Return the rows with `utc` (null: does not exist) and `twice` (both passes are possible)."""
    local = pl.col("local")
    span = years(rows, "local")
    rows = rows.with_columns(
        utc=times.to_utc(local, zone, span), twice=times.in_fold(local, zone, span).fill_null(value=False)
    )
    if not rows["twice"].any():
        return rows
    folded = rows.filter("twice").select("series", "local", row=ROW)
    number = times.fold_pass(folded)
    places = rows["twice"].arg_true()
    stamps = rows["utc"].gather(places)
    later = stamps + times.fold_length(zone, span)
    utc = pl.select(pl.when(number == _SECOND).then(later).otherwise(stamps)).to_series()
    return rows.with_columns(
        rows["utc"].clone().scatter(places, utc).alias("utc"),
        rows["twice"].clone().scatter(places, number.is_null()).alias("twice"),
    )


def _doubts(column: str) -> pl.Expr:
    """Return how many labels of a day mean nothing, two intervals, or one that another label means."""
    per_day = ["series", "day"]
    none = pl.col(column).null_count().over(per_day)
    doubled = (pl.col(column).len() - pl.col(column).n_unique()).over(per_day)
    return none.cast(pl.Int64) + doubled.cast(pl.Int64) + pl.col(f"twice_{column}").sum().over(per_day)


def _say_twice(rows: pl.DataFrame, column: str, title: str, zone: str, findings: Findings) -> None:
    twice = rows.filter("twice")
    findings.note(twice.select(ROW, pl.col(column).alias("value")), "ambiguous_time", title, zone=zone)


def _reject(
    rows: pl.DataFrame, column: str, title: str, code: str, findings: Findings, **parameters: str
) -> None:
    shown = rows.select(ROW, pl.col(column).fill_null("–").str.head(200).alias("value"))
    findings.reject(shown, code, title, **parameters)
