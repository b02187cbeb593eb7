"""When a session began and ended: one or two columns, a duration, an end without a date."""

from datetime import timedelta
from typing import Final

import polars as pl

from importers.columns import times
from importers.upload.columns import Columns

_MIDNIGHT: Final = r"[ T]00:00(:00(\.0+)?)?$"
_CLOCK: Final = r"^\d{1,2}:\d\d(:\d\d)?$"
_DATE: Final = r"^(\S+)"
_DAY: Final = timedelta(days=1)
_MINUTE: Final = timedelta(minutes=1)
_PER_UNIT: Final = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds", "sek", "sekunden"), 1),
    **dict.fromkeys(("min", "mins", "minute", "minutes", "minuten"), 60),
    **dict.fromkeys(("h", "hour", "hours", "hrs", "std", "stunde", "stunden"), 3600),
}
_HOURS: Final = r"(?:(\d{1,4})\s*(?:h|std|hours?|stunden?)\.?)?"
_PARTS: Final = rf"^{_HOURS}[\s,]*(?:(\d{{1,5}})\s*(?:min|mins|minutes?|minuten|m)\.?)?$"
_WITH_SECONDS: Final = r"^(\d{1,4}):([0-5]\d):([0-5]\d)$"
_WITH_MINUTES: Final = r"^(\d{1,4}):([0-5]\d)$"


def with_texts(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with date and time of start and end in one text each.

    An end that is a time of day without a date is of the day of the start; `end_bare` says so.
    """
    rows = rows.with_columns(_joined("start"), _joined("end"))
    bare = pl.col("end").str.contains(_CLOCK).fill_null(value=False)
    date = pl.col("start").str.extract(_DATE, 1)
    together = pl.concat_str(date, "end", separator=" ")
    return rows.with_columns(pl.when(bare).then(together).otherwise("end").alias("end"), end_bare=bare)


def with_period(rows: pl.DataFrame, columns: Columns) -> pl.DataFrame:
    """Return the rows with `begin` and `until` in UTC; `until` is null where nothing states an end."""
    rows = columns.instant(rows, "start", beside="end")
    rows = columns.instant(rows, "end", beside="start")
    rows = columns.without_midnights(rows, "start", "end")
    begin, end = pl.col("start_utc"), pl.col("end_close")
    lasted = pl.duration(seconds=_seconds(columns.title("duration")))
    day = pl.when("start_day").then("start_close")
    rows = rows.with_columns(begin=begin, until=pl.coalesce(end, begin + lasted, day))
    over = (pl.col("until") < begin) & pl.col("end_bare")
    rows = rows.with_columns(until=pl.when(over).then(pl.col("until") + _DAY).otherwise("until"))
    return _second_pass(rows, columns)


def at_least_a_minute(until: pl.Expr, begin: pl.Expr) -> pl.Expr:
    """Return the end of a session, a minute behind its start where the two are in the same minute."""
    return pl.when(until > begin).then(until).otherwise(begin + _MINUTE)


def _joined(name: str) -> pl.Expr:
    date = pl.col(name).str.replace(_MIDNIGHT, "")
    return pl.coalesce(pl.concat_str(date, f"{name}_time", separator=" "), name).alias(name)


def _second_pass(rows: pl.DataFrame, columns: Columns) -> pl.DataFrame:
    """Take an end that seems to lie before the start in the hour that comes twice as of its second pass."""
    early = pl.col("until") < pl.col("begin")
    if rows.is_empty() or not rows.select(early.any()).item():
        return rows
    low, high = rows.select(low=pl.col("until").min().dt.year(), high=pl.col("until").max().dt.year()).row(0)
    aware = pl.col("until").dt.replace_time_zone("UTC").dt.convert_time_zone(columns.zone)
    twice = times.in_fold(aware.dt.replace_time_zone(None), columns.zone, (low, high))
    later = pl.col("until") + times.fold_length(columns.zone, (low, high))
    moved = (early & twice & (later >= pl.col("begin"))).fill_null(value=False)
    return rows.with_columns(until=pl.when(moved).then(later).otherwise("until"))


def _seconds(title: str) -> pl.Expr:
    """Return a duration in seconds; null where it is none or a number whose unit no header names."""
    text = pl.col("duration").str.to_lowercase()
    full = [text.str.extract(_WITH_SECONDS, place).cast(pl.Int64) for place in (1, 2, 3)]
    short = [text.str.extract(_WITH_MINUTES, place).cast(pl.Int64) for place in (1, 2)]
    words = [text.str.extract(_PARTS, place).cast(pl.Int64) for place in (1, 2)]
    spoken = pl.when(words[0].is_not_null() | words[1].is_not_null()).then(
        words[0].fill_null(0) * 3600 + words[1].fill_null(0) * 60
    )
    found = [full[0] * 3600 + full[1] * 60 + full[2], short[0] * 3600 + short[1] * 60, spoken]
    unit = next((_PER_UNIT[word] for word in _words(title) if word in _PER_UNIT), None)
    if unit is not None:
        number = text.str.replace(",", ".", literal=True).str.extract(r"^(\d{1,7}(?:\.\d{1,9})?)$", 1)
        found.append((number.cast(pl.Float64) * unit).round().cast(pl.Int64))
    return pl.coalesce(found)


def _words(title: str) -> list[str]:
    return title.lower().replace("(", " ").replace(")", " ").replace("[", " ").replace("]", " ").split()
