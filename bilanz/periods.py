"""Local time: the only place where civil time of a zone becomes UTC and back.

Stores and frames hold half-open [start, end) in UTC without a zone. A civil day of a zone has 23, 24 or 25
hours (some zones shift by 30 minutes); bulk work uses the precomputed intervals of constant offset below,
never a time-zone call per row.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

from bilanz.errors import UnknownName, UsageError
from bilanz.records import INSTANT

MINUTE: Final = timedelta(minutes=1)
DAY: Final = timedelta(days=1)

OFFSET_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "utc_start": INSTANT,
    "utc_end": INSTANT,
    "offset_minutes": pl.Int32,
}
SEGMENT_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    **OFFSET_SCHEMA,
    "correction_minutes": pl.Int32,
}
DAY_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "day": pl.Date,
    "utc_start": INSTANT,
    "utc_end": INSTANT,
}
MONTH_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "month": pl.Date,
    "utc_start": INSTANT,
    "utc_end": INSTANT,
}


def zone_of(name: str) -> ZoneInfo:
    """Return an IANA zone by its name.

    Raises:
        UnknownName: there is no such zone.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UnknownName('The time zone "{name}" is not known.', name=name) from None


def naive_utc(instant: datetime) -> datetime:
    """Return an aware instant as the store keeps it: UTC without a zone."""
    return instant.astimezone(UTC).replace(tzinfo=None)


def day_start(zone: str, day: date) -> datetime:
    """Return the first instant of a civil day in UTC, also where midnight is skipped or repeated."""
    midnight = datetime.combine(day, time(), tzinfo=zone_of(zone))
    return naive_utc(midnight)


def local_day(zone: str, instant: datetime) -> date:
    """Return the civil day of a UTC instant."""
    return instant.replace(tzinfo=UTC).astimezone(zone_of(zone)).date()


def local_iso(zone: str, instant: datetime) -> str:
    """Return a UTC instant as ISO 8601 with the offset of the zone."""
    return instant.replace(tzinfo=UTC).astimezone(zone_of(zone)).isoformat()


def _offset(zone: ZoneInfo, instant: datetime) -> timedelta:
    return instant.replace(tzinfo=UTC).astimezone(zone).utcoffset() or timedelta()


def _switch(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """Return the minute at which the offset of `low` ends, known to lie in (low, high]."""
    before = _offset(zone, low)
    while high - low > MINUTE:
        middle = low + MINUTE * ((high - low) // MINUTE // 2)
        if _offset(zone, middle) == before:
            low = middle
        else:
            high = middle
    return high


@lru_cache(maxsize=512)
def intervals(zone: str, start: datetime, end: datetime) -> tuple[tuple[datetime, datetime, timedelta], ...]:
    """Return (utc_start, utc_end, offset) of constant offset that tile [start, end).

    Whole minutes; a zone changes its offset at most once a day.
    """
    info = zone_of(zone)
    found: list[tuple[datetime, datetime, timedelta]] = []
    opened, probe = start, start
    while probe < end:
        following = min(probe + DAY, end)
        if _offset(info, following) != _offset(info, probe):
            switch = _switch(info, probe, following)
            if switch < end:
                found.append((opened, switch, _offset(info, probe)))
                opened = switch
        probe = following
    if opened < end:
        found.append((opened, end, _offset(info, opened)))
    return tuple(found)


def _minutes(span: timedelta) -> int:
    return span // MINUTE


def offsets(zone: str, start: datetime, end: datetime) -> pl.DataFrame:
    """Return the intervals of constant UTC offset that tile [start, end) (UTC, whole minutes).

    Shape: one row per interval, `OFFSET_SCHEMA`, ascending.
    """
    rows = [(low, high, _minutes(offset)) for low, high, offset in intervals(zone, start, end)]
    return pl.DataFrame(rows, schema=OFFSET_SCHEMA, orient="row")


def segments(zone: str, start: datetime, end: datetime) -> pl.DataFrame:
    """Return the intervals of `offsets`, cut at the end of each day on which clocks change.

    `correction_minutes` added to the local wall-clock minutes since midnight gives the minutes elapsed since
    the day began: 0 but for the rest of a day after its clock change.
    Shape: one row per interval, `SEGMENT_SCHEMA`, ascending, tiling [start, end).
    """
    # Two days of lead, so that a change shortly before `start` still corrects the rest of its day.
    tiles = intervals(zone, start - 2 * DAY, end)
    rows: list[tuple[datetime, datetime, int, int]] = []
    for index, (low, high, offset) in enumerate(tiles):
        if index == 0:
            rows.append((low, high, _minutes(offset), 0))
            continue
        next_midnight = day_start(zone, local_day(zone, low) + DAY)
        cut = min(next_midnight, high)
        rows.append((low, cut, _minutes(offset), _minutes(tiles[index - 1][2] - offset)))
        if cut < high:
            rows.append((cut, high, _minutes(offset), 0))
    clipped = [(max(low, start), high, *rest) for low, high, *rest in rows if high > start]
    return pl.DataFrame(clipped, schema=SEGMENT_SCHEMA, orient="row")


def slots_of_day(zone: str, day: date, minutes: int) -> int:
    """Return how many whole intervals of a length fit a civil day: 92, 96 or 100 quarter hours."""
    return _minutes(day_start(zone, day + DAY) - day_start(zone, day)) // minutes


def days(zone: str, first: date, last: date) -> pl.DataFrame:
    """Return the civil days from first to last (inclusive) with their bounds in UTC (`DAY_SCHEMA`)."""
    count = (last - first).days + 1
    starts = [day_start(zone, first + DAY * index) for index in range(count + 1)]
    rows = [(first + DAY * index, starts[index], starts[index + 1]) for index in range(count)]
    return pl.DataFrame(rows, schema=DAY_SCHEMA, orient="row")


def year_bounds(zone: str, year: int) -> tuple[datetime, datetime]:
    """Return [start, end) of a civil year in UTC."""
    return day_start(zone, date(year, 1, 1)), day_start(zone, date(year + 1, 1, 1))


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def month_starts(zone: str, first: date, last: date) -> pl.DataFrame:
    """Return the civil months that hold the days from first to last, with bounds in UTC (`MONTH_SCHEMA`)."""
    month, rows = first.replace(day=1), []
    while month <= last:
        following = _next_month(month)
        rows.append((month, day_start(zone, month), day_start(zone, following)))
        month = following
    return pl.DataFrame(rows, schema=MONTH_SCHEMA, orient="row")


def _instant(text: str, zone: str) -> datetime:
    stamp = datetime.fromisoformat(text.strip())
    return naive_utc(stamp if stamp.tzinfo else stamp.replace(tzinfo=zone_of(zone)))


def parse_period(text: str, zone: str) -> tuple[datetime, datetime]:
    """Return [start, end) in UTC of `A/B`: ISO 8601 dates or times, local where no offset is given.

    The end is exclusive: `2024-01-01/2025-01-01` is the year 2024.

    Raises:
        UsageError: not two dates, or the end does not lie after the start.
    """
    first, separator, second = text.partition("/")
    try:
        start, end = _instant(first, zone), _instant(second, zone)
    except ValueError:
        message = (
            'The period "{text}" is not START/END in ISO 8601, e.g. 2024-01-01/2025-01-01 (end exclusive).'
        )
        raise UsageError(message, text=text) from None
    if not separator or end <= start:
        raise UsageError('The period "{text}" ends before it starts (the end is exclusive).', text=text)
    return start, end
