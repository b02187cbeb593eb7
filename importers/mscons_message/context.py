"""What stands around a value: its message, metering point, OBIS code, own begin and end.

    UNH ─ BGM ─ NAD ─ UNS ─┬─ NAD+DP ─ LOC ─ (DTM, RFF, CCI) ─┬─ LIN ─ PIA ─┬─ QTY ─ DTM+163 ─ DTM+164
                           └─ … next point                    └─ … next     └─ … next value

The period of a value is the one behind it; that of the metering point, which senders fill as they like, is
not read. A statement holds until the next segment of its level.
"""

from typing import Final

import polars as pl

from importers.interval.findings import ROW

METERING_POINT: Final = "172"
"""Qualifier of LOC that names a metering point; the others name grid areas and balance groups."""

METERED: Final = "MSCONS"
_POINT: Final = ("UNH", "LOC")
_LINE: Final = (*_POINT, "LIN")
_VALUE: Final = (*_LINE, "PIA", "CCI", "RFF", "NAD", "UNS", "UNT", "UNZ", "UNB", "QTY")
_WAYS: Final = ("Z06", "Z07")
_BOTH: Final = "719"
_HALF: Final = 12
_TAG: Final = pl.col("tag")


def with_messages(table: pl.DataFrame) -> pl.DataFrame:
    """Add `message` (number of the UNH, 0 before the first) and `is_metered` (it is an MSCONS)."""
    starts = _TAG == "UNH"
    return table.with_columns(
        message=starts.cum_sum().cast(pl.Int32),
        is_metered=pl.when(starts).then(pl.col("b") == METERED).forward_fill(),
    )


def values(table: pl.DataFrame) -> pl.DataFrame:
    """Return one row per QTY of the metering messages, with what it stands below.

    Shape: `__row`, `message`, `qualifier`, `value`, `unit`, `point`, `place` (qualifier of the LOC), `meter`,
    `code` (OBIS or other), `way` (Z06 or Z07), `start_text`, `start_format`, `end_text`, `end_format` (null
    where the value has none), `is_reading` (only a date of reading stands behind it).
    """
    table = table.filter("is_metered")
    within = _TAG.is_in(_POINT) | ((_TAG == "NAD") & (pl.col("a") == "DP"))
    line = within | (_TAG == "LIN")
    is_value = _TAG == "QTY"
    held = table.select(
        loc=_held(_TAG == "LOC", within),
        meter=_held((_TAG == "RFF") & (pl.col("a") == "MG"), within),
        way=_held((_TAG == "CCI") & pl.col("c").is_in(_WAYS), within),
        code=_held((_TAG == "PIA") & (pl.col("a") == "5"), line),
        number=pl.when(is_value)
        .then(is_value.cum_sum())
        .when(_TAG.is_in(_VALUE))
        .then(0)
        .forward_fill()
        .cast(pl.UInt32),
    )
    at = table.select(is_value.alias("x"))["x"]
    found, above = table.filter(at), held.filter(at)
    found = found.select(
        ROW,
        "message",
        point=_stated(table["b"], above["loc"]),
        place=_stated(table["a"], above["loc"]),
        meter=_stated(table["a2"], above["meter"]),
        way=_stated(table["c"], above["way"]),
        code=_stated(table["b"], above["code"]),
        number=above["number"],
        qualifier="a",
        value="a2",
        unit="a3",
    )
    moments = table.select("tag", "a", "a2", "a3", held["number"]).filter(_TAG == "DTM", pl.col("number") > 0)
    return _with_times(found, moments)


def _held(is_stated: pl.Expr, until: pl.Expr) -> pl.Expr:
    """Return the place of the segment that states something, for the rows behind it; null: none does.

    It holds until a segment of a higher level, which has no place of its own.
    """
    place = pl.int_range(pl.len(), dtype=pl.UInt32)
    last = pl.when(is_stated).then(place + 1).when(until).then(0).forward_fill()
    return pl.when(last > 0).then(last - 1)


def _stated(column: pl.Series, places: pl.Series) -> pl.Series:
    return column.gather(places).fill_null("")


def _with_times(found: pl.DataFrame, moments: pl.DataFrame) -> pl.DataFrame:
    for name, qualifier in (("start", "163"), ("end", "164")):
        found = found.join(_moment(moments, qualifier, name), on="number", how="left", maintain_order="left")
    whole = moments.filter((pl.col("a") == "324") & (pl.col("a3") == _BOTH)).unique("number", keep="first")
    if whole.height:
        spans = whole.select("number", both=pl.col("a2"))
        found = found.join(spans, on="number", how="left", maintain_order="left").with_columns(
            pl.coalesce(name + "_text", pl.col("both").str.slice(first, _HALF)).alias(name + "_text")
            for name, first in (("start", 0), ("end", _HALF))
        )
        code = pl.when(pl.col("both").is_not_null()).then(pl.lit("203"))
        found = found.with_columns(
            pl.coalesce(name + "_format", code).alias(name + "_format") for name in ("start", "end")
        )
    read = moments.filter(pl.col("a").is_in(["9", "7"]))["number"].unique()
    has_none = pl.col("start_text").is_null() & pl.col("end_text").is_null()
    return found.with_columns(is_reading=has_none & pl.col("number").is_in(read.implode()))


def _moment(moments: pl.DataFrame, qualifier: str, name: str) -> pl.DataFrame:
    mine = moments.filter(pl.col("a") == qualifier).unique("number", keep="first", maintain_order=True)
    return mine.select("number", pl.col("a2").alias(f"{name}_text"), pl.col("a3").alias(f"{name}_format"))
