"""Who is inside the boundary of whom, day by day: dated memberships under a declared approach.

    memberships ──► Edge ──► Span (days on which nothing changes) ──► what each node holds of each

An organisation belongs to one parent at a time. Indirect shares multiply: 60 % of a company that owns 50 % of
another is 30 % of the other. Under control a share is all or nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise, product
from typing import Final

import polars as pl

from bilanz.errors import UsageError

MEMBERSHIP_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "organisation": pl.String,
    "parent": pl.String,
    "valid_from": pl.Date,  # null: always
    "valid_to": pl.Date,  # exclusive; null: open
    "equity_share": pl.Decimal(7, 6),
    "operational_control": pl.Boolean,
    "financial_control": pl.Boolean,
    "is_declared": pl.Boolean,  # false: the present parent, since no membership is declared
}

_PLACES: Final = 24
WEIGHT: Final = pl.Decimal(38, _PLACES)
"""A share of a month or of a quantity: exact fractions to 24 decimals."""

SHARE_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "node": pl.String,
    "organisation": pl.String,  # the node itself, or below it on a day of the year
    "month": pl.Date,
    "held": WEIGHT,  # mean over the days of the month of the share of the node
    "minority": WEIGHT,  # of others, on days on which the node holds a part
    "is_split": pl.Boolean,  # the share changes within the month: it is split by days
}

_WHOLE: Final = Fraction(1)


class Approach(StrEnum):
    """How a boundary is drawn."""

    OPERATIONAL = "operational"
    FINANCIAL = "financial"
    EQUITY = "equity"


@dataclass(frozen=True, slots=True)
class Edge:
    """One membership: an organisation below a parent on the days [first, end)."""

    organisation: str
    parent: str
    first: date
    end: date
    equity: Fraction
    operational: bool
    financial: bool
    is_declared: bool

    def share(self, approach: Approach) -> Fraction:
        """Return the share of the parent under an approach."""
        match approach:
            case Approach.OPERATIONAL:
                return Fraction(self.operational)
            case Approach.FINANCIAL:
                return Fraction(self.financial)
            case Approach.EQUITY:
                return self.equity


@dataclass(frozen=True, slots=True)
class Span:
    """Days [first, end) of one month on which no membership changes.

    Attributes:
        above: organisation → (parent, share of the parent); roots are not in it.
    """

    first: date
    end: date
    above: Mapping[str, tuple[str, Fraction]]
    _lines: dict[str, dict[str, Fraction]] = field(default_factory=dict, compare=False)

    @property
    def month(self) -> date:
        """Return the first day of the month."""
        return self.first.replace(day=1)

    @property
    def days(self) -> Fraction:
        """Return the days as a share of the month."""
        return Fraction((self.end - self.first).days, length(self.month))

    def line(self, organisation: str) -> dict[str, Fraction]:
        """Return node → its share of an organisation: itself first, then from its parent to the root."""
        if organisation not in self._lines:
            self._lines[organisation] = dict(self._upwards(organisation))
        return self._lines[organisation]

    def _upwards(self, organisation: str) -> Iterator[tuple[str, Fraction]]:
        current, share = organisation, _WHOLE
        yield current, share
        while current in self.above:
            current, part = self.above[current]
            share *= part
            yield current, share

    def lowest(self, first: str, second: str) -> str | None:
        """Return the lowest node that holds both organisations, or None."""
        line = self.line(second)
        return next((node for node in self.line(first) if node in line), None)


def edges(memberships: pl.DataFrame) -> tuple[Edge, ...]:
    """Return the rows of `MEMBERSHIP_SCHEMA` as edges, by organisation and day."""
    found = [
        Edge(
            row["organisation"],
            row["parent"],
            row["valid_from"] or date.min,
            row["valid_to"] or date.max,
            Fraction(row["equity_share"]),
            row["operational_control"],
            row["financial_control"],
            row["is_declared"],
        )
        for row in memberships.select(list(MEMBERSHIP_SCHEMA)).iter_rows(named=True)
    ]
    return tuple(sorted(found, key=lambda edge: (edge.organisation, edge.first)))


def check_circle(name: str, days: Iterable[date], parent_on: Callable[[str, date], str | None]) -> None:
    """Raise where an organisation is its own ancestor on one of some days.

    Raises:
        UsageError: it is.
    """
    for day in days:
        seen: set[str] = set()
        current: str | None = name
        while current is not None:
            if current in seen:
                raise UsageError('The organisation "{name}" is its own ancestor.', name=name)
            seen.add(current)
            current = parent_on(current, day)


def spans(
    held: Iterable[Edge], year: int, approach: Approach, changes: Iterable[date] = ()
) -> tuple[Span, ...]:
    """Return the days of a year cut wherever a month begins or a membership changes.

    Args:
        held: the memberships.
        year: calendar year.
        approach: decides the share of each membership.
        changes: further days to cut at.

    Raises:
        UsageError: an organisation is its own ancestor on some day, or belongs to two at once.
    """
    known, last = tuple(held), date(year + 1, 1, 1)
    cuts = {date(year, number, 1) for number in range(1, 13)} | {last}
    cuts |= {day for edge in known for day in (edge.first, edge.end)} | set(changes)
    days = sorted(day for day in cuts if date(year, 1, 1) <= day <= last)
    return tuple(Span(first, end, _parents(known, first, approach)) for first, end in pairwise(days))


def shares(held: tuple[Span, ...], organisations: Iterable[str]) -> pl.DataFrame:
    """Return what every node holds of every organisation, month by month.

    Shape: `SHARE_SCHEMA`; twelve rows for each organisation and itself, and for each node it was below on a
    day of the year.
    """
    months = sorted({span.month for span in held})
    rows: list[tuple[str, str, date, Fraction, Fraction, bool]] = []
    for organisation in sorted(set(organisations)):
        kept: dict[tuple[str, date], list[tuple[Fraction, Fraction]]] = {}
        for span in held:
            for node, share in span.line(organisation).items():
                kept.setdefault((node, span.month), []).append((share, span.days))
        nodes = sorted({node for node, _ in kept})
        for node, month in product(nodes, months):
            rows.append((node, organisation, month, *_month(kept.get((node, month), []))))
    return weighted(rows, SHARE_SCHEMA)


def weighted(
    rows: Iterable[tuple[object, ...]], schema: dict[str, pl.DataType | type[pl.DataType]]
) -> pl.DataFrame:
    """Return rows as a frame; fractions become decimals with 24 places, rounded half-even."""
    told = [tuple(_decimal(cell) if isinstance(cell, Fraction) else cell for cell in row) for row in rows]
    return pl.DataFrame(told, schema=schema, orient="row")


def _decimal(share: Fraction) -> Decimal:
    """Return a share of at most one as a decimal with 24 places; what is less than that is nothing."""
    return Decimal(round(share * 10**_PLACES)).scaleb(-_PLACES)


def _month(parts: list[tuple[Fraction, Fraction]]) -> tuple[Fraction, Fraction, bool]:
    """Return (held, minority, is_split) of a month from (share, days as a share of the month)."""
    held = sum((share * days for share, days in parts), Fraction(0))
    minority = sum(((1 - share) * days for share, days in parts if share), Fraction(0))
    days = sum((days for _, days in parts), Fraction(0))
    is_split = len({share for share, _ in parts}) > 1 or 0 < days < 1
    return held, minority, is_split


def _parents(held: tuple[Edge, ...], day: date, approach: Approach) -> dict[str, tuple[str, Fraction]]:
    above: dict[str, tuple[str, Fraction]] = {}
    for edge in held:
        if not edge.first <= day < edge.end:
            continue
        if edge.organisation in above:
            message = 'The organisation "{name}" belongs to two others at once on {day}.'
            raise UsageError(message, name=edge.organisation, day=str(day))
        above[edge.organisation] = (edge.parent, edge.share(approach))
    for name in above:
        _walk(name, above)
    return above


def _walk(name: str, above: Mapping[str, tuple[str, Fraction]]) -> None:
    seen, current = {name}, name
    while current in above:
        current = above[current][0]
        if current in seen:
            raise UsageError('The organisation "{name}" is its own ancestor.', name=name)
        seen.add(current)


def length(month: date) -> int:
    """Return the days of a month."""
    following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return (following - month).days
