"""The layouts of a table of buildings: one column per carrier, one row per reading, one column per month."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from bilanz import activity
from bilanz.activity import folded
from importers.columns.headers import Match, match
from importers.portfolio.carriers import columns_of
from importers.portfolio.fields import declared_fields, master_fields
from importers.portfolio.wide import Choice
from importers.tables.layout import Layout, Period, ValueColumn

_LONG: Final = ("activity", "quantity")
_KEPT: Final = ("cost_net", "currency", "quality", "note", "unit", "source")
_MONTHS: Final = 6
_MONTH: Final = re.compile(
    r"(?:jan(?:uary|uar)?|jan?nner|feb(?:ruary|ruar)?|mar(?:ch|z)?|mrz|maerz|apr(?:il)?|may|mai|june?|juni|jul[yi]?|"
    r"aug(?:ust)?|sept?(?:ember)?|o[ck]t(?:ober)?|nov(?:ember)?|de[cz](?:ember)?)(?: (?:19|20)?\d\d)?"
)
_STARS: Final = ("energy star score", "energystarscore", "site eui", "siteeui", "source eui", "sourceeui")


@dataclass(frozen=True, slots=True)
class Shape:
    """What a header is worth.

    Attributes:
        found: the header against the fields.
        carriers: number of columns with a carrier and a unit.
        months: positions of columns named after months.
        registers: number of columns that describe a building.
    """

    found: Match
    carriers: int
    months: tuple[int, ...]
    registers: int

    @classmethod
    def of(cls, header: Sequence[str]) -> "Shape":
        """Look at a header."""
        found = match(header, declared_fields())
        months = tuple(place for place, text in enumerate(found.header) if _MONTH.fullmatch(folded(text)))
        registers = len(match(header, master_fields()).positions)
        return cls(found, columns_of(found.header), months if len(months) >= _MONTHS else (), registers)

    @property
    def names_building(self) -> bool:
        """Whether a column names a building."""
        return bool({"property_id", "property_name"} & set(self.found.positions))

    @property
    def period(self) -> Period | None:
        """How the period is stated; None: in the headers or not at all."""
        has = set(self.found.positions)
        if {"start", "end"} <= has:
            return Period.STATED
        if "month" in has or (self.months and "year" in has):
            return Period.MONTH
        if "year_ending" in has:
            return Period.YEAR_ENDING
        return Period.YEAR if "year" in has else None

    @property
    def has_years(self) -> bool:
        """Whether each row is a year, or each column names its own."""
        return self.period in (Period.YEAR, Period.YEAR_ENDING, None)

    @property
    def is_long(self) -> bool:
        """Whether each row states one quantity of one carrier."""
        has = set(self.found.positions)
        return set(_LONG) <= has and ("unit" in has or bool(self.found.brackets.get("quantity")))

    @property
    def is_matrix(self) -> bool:
        """Whether each row states the months of one carrier."""
        has = set(self.found.positions)
        return bool(self.months) and {"activity", "unit", "year"} <= has

    @property
    def points(self) -> int:
        """Likeness to the header of a table of buildings."""
        return len(self.found.positions) + 3 * self.carriers + len(self.months) + self.registers

    @property
    def is_energy_star(self) -> bool:
        """Whether the columns are those of ENERGY STAR Portfolio Manager."""
        return any(folded(text).startswith(_STARS) for text in self.found.header)


def wide(shape: Shape, choice: Choice, values: Sequence[ValueColumn]) -> Layout:
    """Return the layout of a table with one column per carrier.

    Fuels in the reports of ENERGY STAR are gross energy; see `docs/formats/buildings.md`.
    """
    if shape.is_energy_star:
        values = [
            replace(value, given={**value.given, "basis": "Hs"}) if _is_fuel(value) else value
            for value in values
        ]
    kept = [name for name in ("cost_net", "currency", "quality", "note") if name in shape.found.positions]
    layout = _base(shape, kept)
    return replace(layout, values=tuple(values), aside=(*layout.aside, *choice.said))


def long(shape: Shape) -> Layout:
    """Return the layout of a table with one row per meter and month, or per building and carrier."""
    layout = _base(shape, [*_LONG, *_KEPT])
    unit = shape.found.brackets.get("quantity")
    return replace(layout, units={"quantity": unit} if unit else {})


def matrix(shape: Shape) -> Layout:
    """Return the layout of a table with one column per month."""
    values = tuple(ValueColumn(place, {"month": shape.found.header[place]}) for place in shape.months)
    return replace(_base(shape, ["activity", *_KEPT]), values=values)


def _is_fuel(value: ValueColumn) -> bool:
    return activity.activity(value.given["activity"]).needs_basis


def _base(shape: Shape, kept: Sequence[str]) -> Layout:
    """Return places of building, source and period."""
    at = shape.found.positions
    building = tuple(at[name] for name in ("property_id", "property_name") if name in at)
    places = {name: at[name] for name in kept if name in at}
    joined = {"site": building}
    if "source" not in places:
        joined["source"] = building
    period = shape.period or Period.YEAR
    if period is Period.STATED:
        places |= {"start": at["start"], "end": at["end"]}
    elif period is Period.YEAR_ENDING:
        places |= {"start": at["year_ending"], "end": at["year_ending"]}
    else:
        places |= {name: at[name] for name in ("year", "month") if name in at}
    known = tuple(at[name] for name in ("year", "parent_id") if name in at)
    return Layout(places, joined=joined, period=period, aside=known)
