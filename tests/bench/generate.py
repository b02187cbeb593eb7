"""Synthetic quarter-hour data: the CSV a grid operator would send, and the same as Parquet readings."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

from importers.interval.reading import write

START = datetime(2023, 12, 31, 23, tzinfo=UTC).replace(tzinfo=None)  # 2024-01-01 00:00 in Berlin
HEADER = "Zählpunkt;Zeitstempel;Verbrauch (kWh)\n".encode("cp1252")
_PRIME = 2_654_435_761


def slots(count: int) -> pl.Series:
    """Return `count` quarter hours in UTC from the start of 2024, Berlin time."""
    return pl.datetime_range(START, START + timedelta(minutes=15 * (count - 1)), "15m", eager=True)


def point(meter: int) -> str:
    """Return the identifier of a metering point."""
    return f"DE00056266802AO6G56M11SN51G{meter:06d}"


def milliwatthours(meter: int, count: int) -> pl.Expr:
    """Return reproducible values of a meter: a daily course with noise, in thousandths of a kWh."""
    slot = pl.int_range(count, dtype=pl.Int64)
    noise = ((slot + meter * 40_009) * _PRIME % 4_294_967_296) // 65_536 % 900
    return 100 + (slot % 96 - 48).abs() * 15 + noise + meter % 50


def write_csv(path: Path, rows: int, meters: int) -> int:
    """Write `rows` values of `meters` metering points, point by point; return the number of rows written."""
    each = rows // meters
    stamps = (
        slots(each)
        .dt.replace_time_zone("UTC")
        .dt.convert_time_zone("Europe/Berlin")
        .dt.to_string("%d.%m.%Y %H:%M")
    )
    with path.open("wb") as stream:
        stream.write(HEADER)
        for meter in range(meters):
            value = pl.select(milliwatthours(meter, each)).to_series()
            text = (value // 1000).cast(pl.String) + "," + (value % 1000).cast(pl.String).str.zfill(3)
            frame = pl.DataFrame({"p": pl.repeat(point(meter), each, eager=True), "t": stamps, "v": text})
            frame.write_csv(stream, include_header=False, separator=";", quote_style="never")
    return each * meters


def write_readings(path: Path, rows: int, meters: int) -> int:
    """Write the same data as readings, as the importer writes them."""
    each = rows // meters
    stamps = slots(each)
    return write((_readings(meter, stamps, each).collect() for meter in range(meters)), path)


def _readings(meter: int, stamps: pl.Series, each: int) -> pl.LazyFrame:
    return pl.LazyFrame({"start": stamps}).select(
        pl.lit(meter, dtype=pl.Int32).alias("series"),
        "start",
        pl.lit(15, dtype=pl.Int32).alias("minutes"),
        (milliwatthours(meter, each) * 1000)
        .cast(pl.Decimal(19, 0))
        .cast(pl.Decimal(19, 6))
        .alias("quantity"),
        pl.lit(0, dtype=pl.Int8).alias("status"),
        (pl.int_range(each, dtype=pl.Int64) + 2 + meter * each).alias("source_row"),
    )
