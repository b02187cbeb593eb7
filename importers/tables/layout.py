"""What the columns of a table are: fields of the upload, and one or more columns of quantities.

    long   one row, one quantity       places: quantity, unit, activity, …
    wide   one row, several quantities  values: one entry per column, with its own activity and unit

A layout is data. An importer declares the fields its kind of table has and finds them in the header; a
mapping profile names the headers of one sender. Both give a `Layout`; `tables.reading` makes records of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from importers.columns.headers import Match
from importers.tables.money import Money
from importers.upload.reading import MORE, NAMES

EXTRA: Final = ("year", "month", *MORE)
"""Fields a table may have beyond those of the upload: what a period is made of, and texts that are kept."""


class Period(StrEnum):
    """How a table states the period of a row."""

    STATED = "stated"  # columns start and end, the last day included
    DAY = "day"  # one column of days (or moments, a minute each); `start` and `end` both stand on it
    YEAR = "year"  # field year: a calendar year
    MONTH = "month"  # fields year and month, or month alone written with its year (2024-03, März 2024)
    UNTIL = "until"  # columns start and end, the day of the end not included
    YEAR_ENDING = "year_ending"  # one column with the last day of twelve months; `start` and `end` on it


class Negative(StrEnum):
    """What a negative quantity means."""

    REFUSED = "refused"  # as in the upload: only in a correction or credit
    CREDIT = "credit"  # money that comes back: the sign is kept
    REVERSED = "reversed"  # the sender writes what counts with a minus sign


@dataclass(frozen=True, slots=True)
class ValueColumn:
    """One column of quantities.

    Attributes:
        place: position.
        given: field → text that holds for every value of the column (activity, unit, basis, role, month, …).
        places: field → position of columns that belong to this one (its cost, its unit).
        is_own: it is known to repeat no other column of its activity and to be no part of one.
    """

    place: int
    given: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, int] = field(default_factory=dict)
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a table.

    Attributes:
        places: field (of the upload, or of `EXTRA`) → position; `quantity` only where `values` is empty.
        values: the columns of quantities of a wide table.
        given: field → text that holds for all rows that say nothing else.
        joined: field → positions whose texts together are the field, parted by a blank.
        period: how the period is stated.
        negative: what a minus sign means.
        units: field → unit or currency the header states behind the name.
        declared: header → declared format.
        zone: IANA zone of local times; None: as requested.
        are_events: each row is something that happened: several may lie on one day.
        money: the quantities are amounts of money, read as `tables.money` says; None: they are not.
        aside: columns of which the importer has spoken itself, or which it used to understand the rows.
        has_mixed_dates: one column of dates may have several layouts; each is read by itself.
    """

    places: Mapping[str, int] = field(default_factory=dict)
    values: tuple[ValueColumn, ...] = ()
    given: Mapping[str, str] = field(default_factory=dict)
    joined: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    period: Period = Period.STATED
    negative: Negative = Negative.REFUSED
    units: Mapping[str, str] = field(default_factory=dict)
    declared: Mapping[str, str] = field(default_factory=dict)
    zone: str | None = None
    are_events: bool = False
    money: Money | None = None
    aside: tuple[int, ...] = ()
    has_mixed_dates: bool = False

    def columns(self) -> tuple[ValueColumn, ...]:
        """Return the columns of quantities; of a long table the one it has."""
        return self.values or (ValueColumn(self.places["quantity"]),)

    def used(self) -> set[int]:
        """Return the positions of all columns of which nothing needs to be said any more."""
        found = {*self.aside, *self.places.values()}
        found |= {place for places in self.joined.values() for place in places}
        if self.money is not None and self.money.mark is not None:
            found.add(self.money.mark)
        for value in self.values:
            found |= {value.place, *value.places.values()}
        return found

    def match(self, header: Sequence[str], value: ValueColumn) -> Match:
        """Return the header as the reading of one column of quantities sees it."""
        places = {**self.places, **value.places, "quantity": value.place}
        known = {name: place for name, place in places.items() if name in {*NAMES, *EXTRA}}
        return Match(tuple(header), known, self.units, (), (), {}, ())

    def texts(self, value: ValueColumn, unit: str | None = None) -> dict[str, str]:
        """Return the texts given for the rows of one column of quantities; its own before the table's.

        A declared unit stands between them: what the column itself says is not declared away.
        """
        return {**self.given, **({"unit": unit} if unit else {}), **value.given}
