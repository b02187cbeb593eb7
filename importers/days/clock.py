"""Columns of a civil day → instants, on days of 23 and 25 hours too.

British settlement periods are counted in local time: 46 on the day the clocks go forward, 50 on the day they
go back (Elexon, BSC section X, annex X-2, "Settlement Period"). Exports with columns by the clock leave the
hour that does not exist empty. A file that has values there keeps standard time all the year round.

    numbers      period n begins n-1 intervals after local midnight; none lies behind the end of the day
    clock        the local time; the hour that occurs twice has one column: its first pass
"""

from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl

from bilanz.records import INSTANT
from importers.columns import times
from importers.days.columns import Day

ZONE: Final = "Europe/London"
_WINTER: Final = (1, 15)


def begins(days: pl.Series, day: Day, zone: str) -> list[pl.Series]:
    """Return per column the begin in UTC; null: the day has no such interval, or its date is none.

    Args:
        days: midnights as written.
        day: the columns.
        zone: IANA zone of the days.
    """
    frame, years = days.to_frame("day"), _years(days)
    if day.is_clock:
        local = [
            pl.col("day") + pl.duration(minutes=day.offset + n * day.minutes) for n in range(len(day.places))
        ]
        return frame.select(
            times.to_utc(one, zone, years).alias(str(n)) for n, one in enumerate(local)
        ).get_columns()
    bounds = frame.select(
        low=times.to_utc(pl.col("day"), zone, years),
        high=times.to_utc(pl.col("day") + pl.duration(days=1), zone, years),
    )
    found = [
        pl.when(start < pl.col("high")).then(start).cast(INSTANT).alias(str(n))
        for n in range(len(day.places))
        for start in (pl.col("low") + pl.duration(minutes=n * day.minutes),)
    ]
    return bounds.select(found).get_columns()


def _years(days: pl.Series) -> tuple[int, int]:
    """Return the years whose changes of the clock may matter."""
    known = days.dt.year().drop_nulls()
    return (
        (int(str(known.min())), int(str(known.max())) + 1)
        if known.len()
        else (times.FIRST_YEAR, times.FIRST_YEAR)
    )


def is_doubled(days: pl.Series, day: Day, place: int, zone: str) -> pl.Series:
    """Return on which days the clock time of a column occurs twice."""
    local = pl.col("day") + pl.duration(minutes=day.offset + place * day.minutes)
    return days.to_frame("day").select(
        times.in_fold(local, zone, _years(days)).fill_null(value=False).alias("x")
    )["x"]


def standard(zone: str) -> str:
    """Return the zone of fixed offset that has the standard time of a zone."""
    moment = datetime(2024, *_WINTER, tzinfo=UTC).astimezone(ZoneInfo(zone))
    offset = moment.utcoffset()
    hours = round(offset.total_seconds() / 3600) if offset else 0
    return f"Etc/GMT{-hours:+d}" if hours else "UTC"
