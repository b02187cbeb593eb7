"""The dates of a row-per-day table: read in the order under which the days follow each other.

`10/12/2019` can be October or December; above 12 a number gives the order away, and so do the rows: read
rightly, the days of a meter lie one day apart, read wrongly, a month or a year. Where neither decides, the
dates of British meters (by the check digit of the MPAN, or the zone) are taken day first, as they are written
there, and it is said; any other column is refused until declared.
"""

from dataclasses import dataclass
from typing import Final

import polars as pl

from bilanz.issues import Issue
from importers.columns import numbers, times
from importers.columns.numbers import Ambiguous
from importers.columns.times import TimeFormat

_ORDERS: Final = (
    ("DD/MM/YYYY", "MM/DD/YYYY"),
    ("DD-MM-YYYY", "MM-DD-YYYY"),
    ("DD/MM/YY", "MM/DD/YY"),
    ("DD.MM.YY",),
    ("YY-MM-DD",),
)
_DAY_FIRST: Final = frozenset(["DD/MM/YYYY", "DD-MM-YYYY", "DD/MM/YY"])


@dataclass(frozen=True, slots=True)
class Dated:
    """The dates of a table.

    Attributes:
        days: Datetime at midnight as written; null: no date.
        expected: the format, for messages.
        issues: how it was concluded, or why nothing decides.
    """

    days: pl.Series
    expected: str
    issues: tuple[Issue, ...] = ()


def read(texts: pl.Series, meters: pl.Series, title: str, *, declared: str | None, is_british: bool) -> Dated:
    """Read a column of dates.

    Args:
        texts: the cells.
        meters: whose row it is.
        title: of the column.
        declared: its format as the caller declares it.
        is_british: the meters are.
    """
    decided = times.decide_series(texts, declared)
    if isinstance(decided, Ambiguous):
        return _concluded(texts, meters, title, decided, is_british=is_british)
    if decided is None:
        return Dated(_none(texts), "DD.MM.YYYY")
    return Dated(_midnights(texts, decided), decided.label)


def _concluded(
    texts: pl.Series, meters: pl.Series, title: str, ambiguous: Ambiguous, *, is_british: bool
) -> Dated:
    """Choose between the candidates of an ambiguous column."""
    candidates = [label for labels in _ORDERS if set(labels) & set(ambiguous.candidates) for label in labels]
    read_as = {label: _midnights(texts, fmt) for label in candidates if (fmt := _format(texts, label))}
    steps = {label: _single_days(days, meters) for label, days in read_as.items()}
    best = max(steps.values(), default=0)
    chosen = [label for label, count in steps.items() if count == best and best]
    if len(chosen) == 1:
        return _said(read_as[chosen[0]], title, chosen[0], "the days follow each other so")
    british = [label for label in read_as if label in _DAY_FIRST]
    if is_british and len(british) == 1:
        return _said(read_as[british[0]], title, british[0], "day before month, as at British meters")
    return Dated(_none(texts), " / ".join(ambiguous.candidates), (ambiguous.issue(title),))


def _said(days: pl.Series, title: str, label: str, reason: str) -> Dated:
    issue = Issue("date_order", column=title, parameters={"layout": label, "reason": reason})
    return Dated(days, label, (issue,))


def _format(texts: pl.Series, label: str) -> TimeFormat | None:
    found = times.decide_series(texts, label)
    return None if isinstance(found, numbers.Ambiguous) else found


def _midnights(texts: pl.Series, fmt: TimeFormat) -> pl.Series:
    """Return the dates; a time of day in the cell (12:00AM) belongs to no interval and is left out."""
    return (
        texts.to_frame("x")
        .select(times.to_local(pl.col("x"), fmt).dt.truncate("1d").alias("day"))
        .to_series()
    )


def _single_days(days: pl.Series, meters: pl.Series) -> int:
    """Return how many days of a meter follow the one before."""
    frame = pl.DataFrame({"meter": meters, "day": days}).drop_nulls("day").unique().sort("meter", "day")
    step = pl.col("day").diff().over("meter")
    return int(frame.select((step == pl.duration(days=1)).sum()).item())


def _none(texts: pl.Series) -> pl.Series:
    return pl.repeat(None, texts.len(), dtype=pl.Datetime("us"), eager=True)
