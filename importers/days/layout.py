"""Where the date, the meter, the unit and the sum of the day stand in a row-per-day table."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import polars as pl

from importers.columns import numbers, times
from importers.days.columns import LENGTHS, Day, days
from importers.formats.delimited import Line
from importers.interval import vocabulary

Fits: TypeAlias = Callable[[str], bool]

_DATES: Final = frozenset(["date", "datum", "day", "tag", "readdate", "readingdate", "settlementdate"])
_METERS: Final = ("mpan", "mpan core", "mpxn", "mprn", "mpr", "meter point", "metering point")
_TOTALS: Final = frozenset(["total", "sum", "summe", "gesamt", "tagessumme", "daily total", "day total"])
_TYPES: Final = frozenset(
    ["type", "fuel", "fuel type", "commodity", "utility", "energy type", "medium", "sparte"]
)
_FLOWS: Final = frozenset(
    ["direction", "richtung", "energierichtung", "flow", "flow direction", "import export"]
)
_MEASURED: Final = frozenset(["measurement quantity", "measurement quantity id", "mq", "mq id", "channel"])
_PRIMES: Final = (3, 5, 7, 13, 17, 19, 23, 29, 31, 37, 41, 43)
_MPAN: Final = re.compile(r"[0-9]{13}")
_NUMBER: Final = re.compile(r"[+-]?[0-9]*[.,]?[0-9]+")
_MOST: Final = 0.5
_LEAST_ROWS: Final = 1


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a row-per-day table (positions).

    Attributes:
        date: of the day.
        days: the quantities.
        meter, unit, total, status, kind, measured, flow: metering point, unit of the row, sum of the row,
            status of the row, energy carrier, measured quantity (AI, AE, RI, RE), direction; None: there is
            no such column.
        has_dates: the first rows hold dates in that column.
        is_mpan: the metering points are British, by their check digit.
        has_header: the first row names the columns.
    """

    date: int
    days: tuple[Day, ...]
    meter: int | None = None
    unit: int | None = None
    total: int | None = None
    status: int | None = None
    kind: int | None = None
    measured: int | None = None
    flow: int | None = None
    has_dates: bool = True
    is_mpan: bool = False
    has_header: bool = True

    def places(self) -> list[int]:
        """Return the positions of all columns that are read, ascending."""
        more = (self.meter, self.unit, self.total, self.status, self.kind, self.measured, self.flow)
        found = {self.date, *(place for place in more if place is not None)}
        for day in self.days:
            found |= {*day.places, *day.status}
        return sorted(found)


def is_mpan(text: str) -> bool:
    """Return whether a text is a British metering point number with its check digit (MPAN core, 13 digits).

    Source: Elexon, BSC and MRA: digits times the first twelve primes from 3 on without 11, modulo 11 and 10.
    """
    bare = text.strip()
    if not _MPAN.fullmatch(bare):
        return False
    return sum(int(digit) * prime for digit, prime in zip(bare, _PRIMES, strict=False)) % 11 % 10 == int(
        bare[12]
    )


def score(fields: Sequence[str]) -> int:
    """Return how much a line looks like the header of such a table (see `formats.delimited.Score`)."""
    if not any(_is_date(text) for text in fields):
        return 0
    return sum(len(day.places) for day in days(fields))


def with_header(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Layout | None:
    """Return the layout of a table with a header; `rows` are some of its first rows.

    None: there is no date or no day of columns.
    """
    found = days(header)
    dates = [place for place, text in enumerate(header) if _is_date(text)]
    if not found or not dates:
        return None
    some = [list(row) for row in rows]
    taken = {place for day in found for place in (*day.places, *day.status)}
    free = [place for place in range(len(header)) if place not in taken]
    date = next((place for place in dates if _are_dates(_texts(some, place))), dates[0])
    meter, by_digit = _meter(header, some, [place for place in free if place != date])
    return Layout(
        date,
        tuple(found),
        meter,
        unit=_first(header, free, lambda text: vocabulary.role(text) == "unit"),
        total=_first(header, free, lambda text: bool(_TOTALS & {_words(text), *_words(text).split()})),
        status=_first(header, free, lambda text: vocabulary.role(text) == "status"),
        kind=_first(header, free, lambda text: _words(text) in _TYPES),
        measured=_first(header, free, lambda text: _words(text) in _MEASURED),
        flow=_first(header, free, lambda text: _words(text) in _FLOWS),
        has_dates=_are_dates(_texts(some, date)),
        is_mpan=by_digit,
    )


def without_header(lines: Sequence[Line]) -> Layout | None:
    """Return the layout of rows that no header names: a date, and behind it a day of numbers to the end.

    None: some row is another.
    """
    rows = [fields for _, fields in lines]
    widths = {len(row) for row in rows}
    if len(rows) < _LEAST_ROWS or len(widths) != 1:
        return None
    width = widths.pop()
    for date in range(min(width, 6)):
        count = width - date - 1
        if count not in LENGTHS or not _are_dates(_texts(rows, date)):
            continue
        places = tuple(range(date + 1, width))
        if not all(_are_numbers(_texts(rows, place)) for place in places):
            return None
        meter, by_digit = _meter([""] * width, rows, list(range(date)))
        day = Day(places, LENGTHS[count], 0, is_clock=False, title=f"{date + 2} … {width}")
        return Layout(date, (day,), meter, is_mpan=by_digit, has_header=False)
    return None


def _meter(
    header: Sequence[str], rows: Sequence[Sequence[str]], free: Sequence[int]
) -> tuple[int | None, bool]:
    """Return the column of metering points, and whether their check digits prove them British."""
    proved = [place for place in free if _share(_texts(rows, place), is_mpan) >= _MOST]
    if proved:
        return proved[0], True
    for name in _METERS:
        for place in free:
            if _words(header[place]) == name:
                return place, False
    known = [place for place in free if vocabulary.role(header[place]) == "meter"]
    known.sort(key=lambda place: vocabulary.meter_rank(header[place]))
    return (known[0] if known else None), False


def _first(header: Sequence[str], free: Sequence[int], fits: Fits) -> int | None:
    return next((place for place in free if header[place] and fits(header[place])), None)


def _words(text: str) -> str:
    return " ".join(vocabulary.words(text))


def _is_date(text: str) -> bool:
    found = vocabulary.words(text)
    return bool(_DATES & {*found})


def _texts(rows: Sequence[Sequence[str]], place: int) -> list[str]:
    return [row[place].strip() for row in rows if place < len(row)]


def _are_dates(texts: Sequence[str]) -> bool:
    """Return whether nearly all texts are dates, in whatever order of day and month."""
    filled = [text for text in texts if text]
    if not filled:
        return False
    counts = pl.Series(filled).to_frame("x").select(times.survey(pl.col("x")).alias("s")).item()
    decided = times.decide(counts)
    if isinstance(decided, numbers.Ambiguous):
        return True
    if decided is None:
        return False
    read = pl.Series(filled).to_frame("x").select(times.to_local(pl.col("x"), decided)).to_series()
    return read.null_count() <= _MOST * len(filled)


def _are_numbers(texts: Sequence[str]) -> bool:
    return all(not text or _NUMBER.fullmatch(text) for text in texts)


def _share(texts: Sequence[str], fits: Fits) -> float:
    filled = [text for text in texts if text]
    return sum(map(fits, filled)) / len(filled) if filled else 0.0
