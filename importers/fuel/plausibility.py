"""What cannot be right at a pump, though the row is imported: dates, odometers, quantities."""

from decimal import Decimal
from typing import Final

import polars as pl

from bilanz import units
from importers.upload.columns import Columns
from importers.upload.findings import ROW

_YEAR: Final = pl.duration(days=365)
_MOST_DISTANCE: Final = 900_000
"""No odometer of a municipal vehicle shows more, in kilometres or miles."""

_MOST_BETWEEN: Final = 10_000
"""Nobody drives further between two refuellings."""

_MOST: Final = {"volume": (1500, "l"), "mass": (500, "kg"), "energy": (1500, "kWh")}
"""More than the tanks or the battery of the largest lorry or bus hold."""


def remark_dates(rows: pl.DataFrame, columns: Columns) -> None:
    """Flag dates more than a year before the first or after the third quartile of the file's dates."""
    date = pl.col("date_utc")
    first = date.quantile(0.25, "lower") - _YEAR
    third = date.quantile(0.75, "higher") + _YEAR
    far = rows.filter(~date.is_between(first, third))
    columns.findings.flag(far, "suspect_date", columns.title("date"), pl.col("date"))


def with_odometer(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with `odometer_value`: whole numbers, whatever sign groups their digits.

    A reading decides nothing but a remark, so `45.120` may be read as 45 120 without a declared format.
    """
    digits = (
        pl.col("odometer")
        .str.replace_all(r"[.,'\s](\d{3})\b", "$1")
        .str.extract(r"^(\d{1,12})(?:[.,]\d+)?$", 1)
    )
    return rows.with_columns(odometer_value=digits.cast(pl.Int64))


def remark_odometers(rows: pl.DataFrame, columns: Columns) -> None:
    """Flag odometers that no vehicle shows or that break the order of their vehicle's readings.

    A reading is compared with the plausible ones before and after it: where those two fit each other and it
    lies outside of them, it is the wrong one.
    """
    value, reading = pl.col("odometer_value"), pl.col("odometer")
    title = columns.title("odometer")
    high = rows.filter(value > _MOST_DISTANCE)
    columns.findings.flag(high, "suspect_odometer", title, reading, reason=f"> {_MOST_DISTANCE}")
    order = rows.filter((value > 0) & (value <= _MOST_DISTANCE) & pl.col("vehicle").is_not_null())
    order = order.sort("vehicle", "date_utc", ROW).with_columns(
        before=value.shift(1).over("vehicle"), after=value.shift(-1).over("vehicle")
    )
    fits = (pl.col("before") <= pl.col("after")) & (pl.col("after") - pl.col("before") <= 2 * _MOST_BETWEEN)
    outside = order.filter(fits & ~value.is_between(pl.col("before"), pl.col("after")))
    reason = pl.format("{} → {} → {}", "before", value, "after")
    columns.findings.flag(outside, "suspect_odometer", title, reading, reason=reason)


def remark_quantities(rows: pl.DataFrame, columns: Columns) -> None:
    """Flag quantities no tank or battery holds."""
    limits = {code: limit for code in rows["unit_code"].drop_nulls().unique() if (limit := _limit(code))}
    most = pl.col("unit_code").replace_strict(limits, default=None, return_dtype=pl.Decimal(19, 6))
    above = rows.filter(pl.col("quantity_value") > most)
    reason = pl.lit("more than a tank holds")
    columns.findings.flag(
        above, "suspect_value", columns.title("quantity"), pl.col("quantity"), reason=reason
    )


def _limit(code: str) -> Decimal | None:
    """Return the largest plausible quantity in a unit; None: no rule."""
    kind = units.unit(code).kind
    if kind not in _MOST:
        return None
    most, unit = _MOST[kind]
    limit = most * units.ratio(unit, code)
    return round(Decimal(limit.numerator) / Decimal(limit.denominator), 3)
