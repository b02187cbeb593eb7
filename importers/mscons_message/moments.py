"""Times of DTM segments: value and format code (UN/EDIFACT data element 2379) → UTC.

303  CCYYMMDDHHMMZZZ   201912140000+01   with the offset from UTC
203  CCYYMMDDHHMM      201912140000      local time of the organisation
102  CCYYMMDD          20191214          a day
719  CCYYMMDDHHMM twice                  begin and end in one text (qualifier 324)
"""

from typing import Final

import polars as pl

from bilanz.records import INSTANT
from importers.columns import times
from importers.interval import grid
from importers.interval.findings import ROW, Findings
from importers.interval.grid import Clock

DAYS: Final = frozenset({"101", "102"})
_DIGITS: Final = {"101": 6, "102": 8, "201": 10, "203": 12, "204": 14, "301": 10, "303": 12, "304": 14}
_SHORT_YEARS: Final = ("101", "201", "301")
_ZONED: Final = ("301", "303", "304")
_OFFSETS: Final = {
    "": None,
    "Z": 0,
    "UTC": 0,
    "GMT": 0,
    "MEZ": 60,
    "CET": 60,
    "MESZ": 120,
    "MES": 120,
    "CEST": 120,
    "CES": 120,
}
EXPECTED: Final = "CCYYMMDDHHMMZZZ"
_FOLD: Final = pl.duration(hours=1)


def with_local(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    """Read `<name>_text` and `<name>_format` as `<name>_local` and `<name>_offset` (minutes; null: none).

    Both are null where the text is no time in its format, or the format none of those above. Each text is
    read once: the quarter hours of all metering points are the same.
    """
    key = [f"{name}_text", f"{name}_format"]
    return rows.join(_read(rows.select(key).unique(), name), on=key, how="left", maintain_order="left")


def _read(texts: pl.DataFrame, name: str) -> pl.DataFrame:
    text, code = pl.col(f"{name}_text").str.strip_chars(), pl.col(f"{name}_format")
    digits, zone = text.str.extract(r"^(\d+)"), text.str.replace(r"^\d+", "").str.strip_chars()
    full = pl.when(code.is_in(_SHORT_YEARS)).then(pl.lit("20") + digits).otherwise(digits)
    day = full.str.slice(0, 8).str.to_date("%Y%m%d", strict=False)
    hours = full.str.slice(8, 2).cast(pl.Int32, strict=False).fill_null(0)
    minutes = full.str.slice(10, 2).cast(pl.Int32, strict=False).fill_null(0)
    seconds = full.str.slice(12, 2).cast(pl.Int32, strict=False).fill_null(0)
    is_clock = (minutes < 60) & (seconds < 60) & ((hours < 24) | ((hours == 24) & (minutes == 0)))  # noqa: PLR2004
    length = code.replace_strict(_DIGITS, default=None, return_dtype=pl.UInt32)
    is_read = (digits.str.len_bytes() == length) & is_clock
    is_year = day.dt.year().is_between(times.FIRST_YEAR, times.LAST_YEAR)
    offset = _offset(zone)
    is_zone = pl.when(code.is_in(_ZONED)).then(offset.is_not_null()).otherwise(zone == "")
    moment = day.cast(INSTANT) + pl.duration(hours=hours, minutes=minutes, seconds=seconds)
    return texts.with_columns(
        pl.when(is_read & is_year & is_zone).then(moment).alias(f"{name}_local"),
        pl.when(code.is_in(_ZONED)).then(offset).alias(f"{name}_offset"),
    )


def _offset(zone: pl.Expr) -> pl.Expr:
    """Return minutes ahead of UTC of "+01", "-0330", "+01:00" or a listed name; null: none."""
    parts = zone.str.extract_groups(r"^([+-])(\d{1,2}):?(\d\d)?$")
    size = parts.struct.field("2").cast(pl.Int32, strict=False) * 60 + (
        parts.struct.field("3").cast(pl.Int32, strict=False).fill_null(0)
    )
    named = zone.replace_strict(_OFFSETS, default=None, return_dtype=pl.Int32)
    is_known = size <= 14 * 60
    return (
        pl.when(is_known)
        .then(pl.when(parts.struct.field("1") == "-").then(-size).otherwise(size))
        .otherwise(named)
    )


def with_instants(rows: pl.DataFrame, zone: str, title: str, findings: Findings) -> pl.DataFrame:
    """Add `start` and `end` in UTC; rows whose local begin does not exist are rejected.

    Shape: rows with `series`, `start_local`, `end_local` and the offsets, in the order of the file.
    """
    stated = pl.col("start_offset").is_not_null()
    local = rows.filter(~stated)
    if local.height:
        cells = local.with_columns(local="start_local")
        local = grid.to_instants(cells, Clock(zone, zone), title, findings).rename({"stamp": "start"})
        rows = pl.concat([rows.filter(stated).with_columns(start=_utc("start")), local.drop("local")]).sort(
            ROW
        )
    else:
        rows = rows.with_columns(start=_utc("start"))
    return rows.with_columns(end=_end(zone))


def _utc(name: str) -> pl.Expr:
    return pl.col(f"{name}_local") - pl.duration(minutes=f"{name}_offset")


def _end(zone: str) -> pl.Expr:
    """Return the end: by its own offset or, of local time, the first such time after the begin."""
    first = times.to_utc(pl.col("end_local"), zone)
    second = pl.when(times.in_fold(pl.col("end_local"), zone)).then(first + _FOLD)
    local = pl.when((first <= pl.col("start")) & second.is_not_null()).then(second).otherwise(first)
    return pl.when(pl.col("end_offset").is_not_null()).then(_utc("end")).otherwise(local)
