"""Which period a line stands for: days of the file, inclusive, become [start, end) in UTC."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from bilanz.periods import day_start
from importers.invoice.model import Header, Line, Span

_DAY: Final = timedelta(days=1)
_LENGTH_OF_BASIC_DATE: Final = 8
_LENGTH_OF_DATE: Final = 10


class NotADate(ValueError):
    """A text that is no calendar date in the form its syntax prescribes."""


@dataclass(frozen=True, slots=True)
class Period:
    """Half-open period in UTC and where it was stated: line, invoice, delivery or issue."""

    start: datetime
    end: datetime
    origin: str

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
        NotADate: another form, or no day of the calendar.
    """
    digits = text.strip()
    try:
        if len(digits) == _LENGTH_OF_BASIC_DATE and digits.isdigit():
            return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
        return date.fromisoformat(digits[:_LENGTH_OF_DATE])
    except ValueError:
        raise NotADate(text) from None


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
    return Period(day_start(zone, day(first)), day_start(zone, day(last) + _DAY), origin)
