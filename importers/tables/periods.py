"""Periods as tables state them: two dates, one day, a year, a month, twelve months up to a day."""

import re
from datetime import datetime
from functools import cache
from typing import Final

import polars as pl

from bilanz.activity import folded
from bilanz.records import INSTANT
from importers.columns import times
from importers.tables.layout import Period
from importers.upload.columns import Columns
from importers.upload.reading import Instants, stated_instants
from importers.upload.words import with_meaning

_MONTHS: Final = (
    *(("jan", 1), ("feb", 2), ("mar", 3), ("mae", 3), ("mrz", 3), ("apr", 4), ("may", 5), ("mai", 5)),
    *(("jun", 6), ("jul", 7), ("aug", 8), ("sep", 9), ("oct", 10), ("okt", 10), ("nov", 11), ("dec", 12)),
    ("dez", 12),
)
_YEAR: Final = re.compile(r"((?:19|20)\d\d)(?:\.0+)?")
_NUMERIC: Final = (
    re.compile(r"(?P<year>(?:19|20)\d\d)\s*[-/. ]?\s*(?P<month>\d{1,2})(?:\s*[-/.]\s*0?1)?"),
    re.compile(r"(?:0?1\s*[-/.]\s*)?(?P<month>\d{1,2})\s*[-/. ]\s*(?P<year>(?:19|20)\d\d)"),
)
_WORDED: Final = re.compile(r"(?P<word>[a-z]{3,9})(?: (?P<year>(?:19|20)?\d\d))?")
_CENTURY: Final = 100


def instants(period: Period) -> Instants:
    """Return what reads the periods of a table."""
    return _READERS[period]


def _days(rows: pl.DataFrame, columns: Columns) -> pl.DataFrame:
    """One date: the whole day; with a time of day the minute that begins there."""
    rows = columns.instant(rows, "start")
    minute = pl.col("start_utc") + pl.duration(minutes=1)
    return rows.with_columns(end_utc=pl.when("start_day").then("start_close").otherwise(minute))


def _until(rows: pl.DataFrame, columns: Columns) -> pl.DataFrame:
    """Start and end, where the day of the end is the start of the next period."""
    rows = columns.instant(rows, "start", beside="end")
    return columns.instant(rows, "end", beside="start")


def _years(rows: pl.DataFrame, columns: Columns) -> pl.DataFrame:
    """A calendar year."""
    rows = with_meaning(rows, "year", "first", _year)
    first = pl.col("first").str.to_datetime("%Y-%m-%d", time_unit="us", strict=False)
    return _local(rows, first, first.dt.offset_by("1y"), "year", "YYYY", columns)


def _months(rows: pl.DataFrame, columns: Columns) -> pl.DataFrame:
    """A month with its year in one text, or a month beside a column of years."""
    both = pl.concat_str([pl.col("year").fill_null(""), pl.col("month")], separator="\x1f")
    rows = with_meaning(
        rows.with_columns(pl.when(pl.col("month").is_not_null()).then(both).alias("both")),
        "both",
        "first",
        _month,
    )
    first = pl.col("first").str.to_datetime("%Y-%m-%d", time_unit="us", strict=False)
    return _local(rows, first, first.dt.offset_by("1mo"), "month", "YYYY-MM", columns)


def _years_ending(rows: pl.DataFrame, columns: Columns) -> pl.DataFrame:
    """Twelve months up to the end of a day."""
    rows = columns.instant(rows, "end")
    last = times.decide_series(rows["end"].drop_nulls(), columns.declared.get(columns.title("end")))
    if not isinstance(last, times.TimeFormat):
        return rows.with_columns(start_utc=pl.lit(None, dtype=INSTANT), end_utc="end_close")
    after = times.to_local(pl.col("end"), last).dt.truncate("1d").dt.offset_by("1d")
    rows = rows.with_columns(before=after.dt.offset_by("-1y"))
    return rows.with_columns(start_utc=_utc(rows, "before", columns.zone), end_utc="end_close")


def _local(
    rows: pl.DataFrame, first: pl.Expr, after: pl.Expr, name: str, expected: str, columns: Columns
) -> pl.DataFrame:
    """Return the rows with the instants of local days, `start` and `end` as texts for messages."""
    rows = rows.with_columns(first_day=first, day_after=after)
    wrong = rows.filter(pl.col(name).is_not_null() & pl.col("first_day").is_null())
    columns.findings.flag(wrong, "not_a_date", columns.title(name), pl.col(name), expected=expected)
    said = pl.when(pl.col("first_day").is_not_null() | pl.col(name).is_not_null()).then(
        pl.coalesce(pl.col("first_day").dt.to_string("%Y-%m-%d"), name)
    )
    last = (pl.col("day_after") - pl.duration(days=1)).dt.to_string("%Y-%m-%d")
    return rows.with_columns(
        start=said,
        end=pl.coalesce(last, said),
        start_utc=_utc(rows, "first_day", columns.zone),
        end_utc=_utc(rows, "day_after", columns.zone),
    )


def _utc(rows: pl.DataFrame, name: str, zone: str) -> pl.Series:
    first, last = rows.select(pl.col(name).dt.year().min().alias("a"), pl.col(name).dt.year().max()).row(0)
    if first is None:
        return pl.repeat(None, rows.height, dtype=INSTANT, eager=True)
    return rows.select(times.to_utc(pl.col(name), zone, (first, last)).alias("x"))["x"].cast(INSTANT)


def _year(text: str) -> str | None:
    """Return the first day of a year; None: no year."""
    found = _YEAR.fullmatch(text.strip())
    return f"{found[1]}-01-01" if found else None


@cache
def _month(text: str) -> str | None:
    """Return the first day of a month stated as `year␟month`; None: no month, or no year."""
    year, _, month = text.partition("\x1f")
    stated = _YEAR.fullmatch(year.strip())
    bare = month.strip()
    if stated and bare.removesuffix(".0").isdigit():
        return _first(int(stated[1]), int(bare.removesuffix(".0")))
    for pattern in _NUMERIC:
        if (found := pattern.fullmatch(bare)) is not None:
            return _first(int(found["year"]), int(found["month"]))
    return _worded(bare, int(stated[1]) if stated else None)


def _worded(text: str, stated: int | None) -> str | None:
    found = _WORDED.fullmatch(folded(text))
    number = next((number for name, number in _MONTHS if found and found["word"].startswith(name)), None)
    if found is None or number is None:
        return None
    year = int(found["year"]) if found["year"] else stated
    if year is None:
        return None
    return _first(year + 2000 if year < _CENTURY else year, number)


def _first(year: int, month: int) -> str | None:
    try:
        return f"{datetime(year, month, 1):%Y-%m-%d}"  # noqa: DTZ001 - a day of the calendar
    except ValueError:
        return None


_READERS: Final[dict[Period, Instants]] = {
    Period.STATED: stated_instants,
    Period.DAY: _days,
    Period.UNTIL: _until,
    Period.YEAR: _years,
    Period.MONTH: _months,
    Period.YEAR_ENDING: _years_ending,
}
