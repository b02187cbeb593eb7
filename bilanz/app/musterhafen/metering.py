"""Quarter-hour files of the grid operator: consumption of the town hall, feed-in of the school's roof."""

from datetime import UTC, datetime
from math import pi
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from bilanz.app.musterhafen.chance import noise
from bilanz.app.musterhafen.city import CITY, YEARS

ZONE = "Europe/Berlin"
TOWN_HALL = "DE0000000000000000000000000RH0001"
ROOF = "DE000000000000000000000000GES0002"
"""Metering points of a grid operator "000000" that does not exist."""


def write_metering(inbox: Path) -> list[Path]:
    """Write one file per meter and year; 2023's town hall file is there twice, as it happens by mail."""
    folder = inbox / "rathaus"
    folder.mkdir(parents=True, exist_ok=True)
    files: list[Path] = []
    for year in YEARS:
        slots = quarter_hours(year)
        files += [
            _write(folder / f"Lastgang_Rathaus_{year}.csv", _town_hall(slots), TOWN_HALL, "Netzbezug"),
            _write(folder / f"Einspeisung_Gesamtschule_{year}.csv", _roof(slots), ROOF, "Einspeisung"),
        ]
    twice = folder / "Lastgang_Rathaus_2023 (1).csv"
    twice.write_bytes((folder / "Lastgang_Rathaus_2023.csv").read_bytes())
    return [*files, twice]


def quarter_hours(year: int) -> pl.DataFrame:
    """Return the quarter hours of a local year: `start` (local, with zone), `hour`, `day`, `is_workday`.

    A year has 35 040 or 35 136 of them; the days on which clocks change have 92 and 100.
    """
    zone = ZoneInfo(ZONE)
    first, after = (datetime(when, 1, 1, tzinfo=zone).astimezone(UTC) for when in (year, year + 1))
    start = pl.datetime_range(first, after, "15m", closed="left", time_zone="UTC", eager=True)
    frame = start.dt.convert_time_zone(ZONE).alias("start").to_frame().with_row_index("slot")
    return frame.with_columns(
        hour=pl.col("start").dt.hour() + pl.col("start").dt.minute() / 60,
        day=pl.col("start").dt.ordinal_day().cast(pl.Float64),
        is_workday=pl.col("start").dt.weekday().le(5),
    )


def _town_hall(slots: pl.DataFrame) -> pl.DataFrame:
    """Add `wh`: a base load, office hours, more light in winter."""
    in_office = pl.col("is_workday") & pl.col("hour").is_between(6.5, 17.5)
    winter = ((pl.col("day") - 15) * (2 * pi / 365)).cos()
    watts = (
        16_000 + in_office.cast(pl.Float64) * (58_000 + 13_000 * winter) + 3_500 * noise(pl.col("slot"), 1)
    )
    return slots.with_columns(wh=(watts / 4).round().cast(pl.Int64))


def _roof(slots: pl.DataFrame) -> pl.DataFrame:
    """Add `wh`: what 99 kWp feed in after the school has taken its share on workdays."""
    daylight = 12 + 4.6 * ((pl.col("day") - 172) * (2 * pi / 365)).cos()
    height = ((pl.col("hour") - 12.5) / daylight * pi).cos()
    is_day = (pl.col("hour") - 12.5).abs() < daylight / 2
    clouds = 0.55 + 0.4 * noise(pl.col("day").cast(pl.Int64), 7)
    own_use = pl.col("is_workday").cast(pl.Float64) * 17_000
    watts = is_day.cast(pl.Float64) * height.clip(0, 1) * clouds * 68_000 - own_use
    return slots.with_columns(wh=(watts.clip(0, None) / 4).round().cast(pl.Int64))


def _write(path: Path, slots: pl.DataFrame, source: str, direction: str) -> Path:
    """Write kWh with a decimal comma below the operator's preamble, in its code page."""
    first, last = slots["start"][0], slots["start"][-1]
    preamble = [
        "Kundennummer;4711-FIKTIV",
        f"Kundenname;{CITY}",
        f"Zählpunkt;{source}",
        f"Beginn;{first:%d.%m.%Y}",
        f"Ende;{last:%d.%m.%Y}",
        f"Energierichtung;{direction}",
        "",
        "",
        "Datum;Zeit;kWh;Status",
    ]
    is_substitute = pl.col("slot").mod(4_999).eq(17)  # a few substitute values a year
    # Without trailing zeros: a column in which every value has exactly three decimals could be thousands.
    kwh = pl.format("{},{}", pl.col("wh") // 1000, (pl.col("wh") % 1000).cast(pl.String).str.zfill(3))
    rows = slots.select(
        pl.format(
            "{};{};{}",
            pl.col("start").dt.strftime("%d.%m.%Y;%H:%M:%S"),
            kwh.str.strip_chars_end("0").str.strip_chars_end(","),
            pl.when(is_substitute).then(pl.lit("Ersatzwert")).otherwise(pl.lit("Der Wert ist gültig")),
        )
    ).to_series()
    path.write_bytes("\r\n".join([*preamble, *rows, ""]).encode("cp1252"))
    return path
