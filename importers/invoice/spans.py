"""Which period a line stands for: days of the file, inclusive, become [start, end) in UTC."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from bilanz.periods import day_start
from importers.columns.times import FIRST_YEAR, LAST_YEAR
from importers.invoice.model import Header, Line, Span

_DAY: Final = timedelta(days=1)
_BASIC: Final = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)
_EXTENDED: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:Z|[+-]\d\d:\d\d|T.*)?", re.ASCII)


class NotADate(ValueError):
    """A text that is no calendar date in the form its syntax prescribes."""


@dataclass(frozen=True, slots=True)
class Period:
    """Half-open period in UTC.

    Attributes:
        start, end: [start, end).
        origin: where it was stated: line, invoice, delivery or issue.
        text: its days as written.
    """

    start: datetime
    end: datetime
    origin: str
    text: str = ""

    @property
    def days(self) -> int:
        """Length in whole days, at least one."""
        return max(1, round((self.end - self.start) / _DAY))

    def overlap(self, other: "Period") -> int:
        """Return the common time with another period in whole days (rounded)."""
        return max(0, round((min(self.end, other.end) - max(self.start, other.start)) / _DAY))


def day(text: str) -> date:
    """Return a date of UBL (2019-01-31, also with a zone behind it) or CII (20190131).

    Raises:
        NotADate: another form, no day of the calendar, or a year that no bill has.
    """
    found = _BASIC.fullmatch(text.strip()) or _EXTENDED.fullmatch(text.strip())
    try:
        read = date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        read = None
    if read is None or not FIRST_YEAR <= read.year <= LAST_YEAR:
        raise NotADate(text)
    return read


def period(line: Line, header: Header, *, zone: str) -> Period | None:
    """Return the period of a line: its own, the invoice's, the delivery date, the issue date; None: none.

    A line that states one of its two days takes the other from the invoice.

    Raises:
        NotADate: the first date that should decide is none.
    """
    own = Span(line.span.start or header.span.start, line.span.end or header.span.end)
    if line.span != Span() and own.start and own.end:
        return _of(own.start, own.end, zone, "line")
    if header.span.start and header.span.end:
        return _of(header.span.start, header.span.end, zone, "invoice")
    if header.delivered:
        return _of(header.delivered, header.delivered, zone, "delivery")
    if header.issued:
        return _of(header.issued, header.issued, zone, "issue")
    return None


def _of(first: str, last: str, zone: str, origin: str) -> Period:
    text = first if first == last else f"{first} – {last}"
    return Period(day_start(zone, day(first)), day_start(zone, day(last) + _DAY), origin, text)
