"""A table with one column per carrier: which columns count, and which repeat, normalise or sum up others.

columns of one energy    the earliest name counts, in the unit its meters count in; where its cell is empty
                         and the other is not, the other stands in, with its own unit
sums and their parts     the sum counts; so does a column named a total where others of its activity are not
generated on site        counts as generated
energy without a carrier said aloud with its total, not counted
all else with a unit     normalised, per area, totals, emissions: named, not counted
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

import polars as pl

from bilanz import units
from bilanz.errors import FileRefused
from bilanz.issues import Issue
from bilanz.records import Role
from importers.columns.declared import unit_of
from importers.portfolio.carriers import (
    MEASURES,
    Carrier,
    Header,
    find,
    header_of,
    is_other_measure,
    says_aside,
    unnamed,
)
from importers.tables.alike import Format, values
from importers.tables.layout import ValueColumn
from importers.tables.missing import without_placeholders
from importers.tables.standing import filled_from, is_empty
from importers.upload.findings import ROW, Findings
from importers.upload.table import Table
from importers.upload.words import activity_name, measures

_DERIVED: Final = frozenset({"kBtu", "MMBtu", "MJ", "GJ"})
"""Units in which reports repeat what a meter counted in another one."""

_PERCENT: Final = 100


@dataclass(frozen=True, slots=True)
class Column:
    """One column that states a quantity of a carrier."""

    place: int
    title: str
    header: Header
    carrier: Carrier

    @property
    def rank(self) -> tuple[int, int, int]:
        """The column with the least counts among those of one energy."""
        unit = units.find(self.header.unit)
        if unit is None:
            return 3, self.carrier.order, self.place
        is_measured = measures(self.carrier.activity, units.unit(unit.unit).kind)
        return (
            (self.carrier.order if is_measured else 2**10),
            int(unit.unit in _DERIVED),
            self.place,
        )


@dataclass(frozen=True, slots=True)
class Choice:
    """What the columns of a table are.

    Attributes:
        taken: the columns that count, each with those that state the same energy.
        unknown: columns of a carrier without a unit that is known.
        unnamed: columns of energy without a carrier.
        aside: columns with a unit that state no consumption.
        parts: columns that are part of one that is named a total, each with that.
        rates: columns stated per year in a table whose rows are no years.
        empty: columns of a carrier without a single value.
    """

    taken: tuple[tuple[Column, tuple[Column, ...]], ...]
    unknown: tuple[Column, ...]
    unnamed: tuple[int, ...]
    aside: tuple[int, ...]
    empty: tuple[int, ...] = ()
    parts: tuple[tuple[Column, Column], ...] = ()
    rates: tuple[int, ...] = ()

    @property
    def places(self) -> tuple[int, ...]:
        """Positions of the columns that count."""
        return tuple(column.place for column, _ in self.taken)

    @property
    def others(self) -> tuple[int, ...]:
        """Positions of the columns that are looked into and do not count."""
        return (*(column.place for _, others in self.taken for column in others), *self.unnamed)

    @property
    def said(self) -> tuple[int, ...]:
        """Positions of the columns of which something is said here."""
        apart = (*self.unknown, *(part for part, _ in self.parts))
        return (*self.others, *(column.place for column in apart), *self.aside, *self.empty, *self.rates)


def choose(
    header: Sequence[str], free: Sequence[int], declared: Mapping[str, str], *, has_years: bool = True
) -> Choice:
    """Decide what the columns of a table are.

    Args:
        header: of the table.
        free: positions no other field took.
        declared: column header → what was declared of it, a unit where the header states none.
        has_years: each row is a year, so that a quantity per year is its quantity.
    """
    found: list[Column] = []
    nameless, aside, rates = [], [], []
    for place in free:
        parts = header_of(header[place], unit_of(declared.get(header[place])))
        carrier = find(parts.name)
        if parts.is_yearly and not has_years:
            rates.append(place)
        elif carrier is not None and not is_other_measure(parts):
            found.append(Column(place, header[place], parts, carrier))
        elif parts.unit and (parts.name in unnamed() or not says_aside(parts)):
            nameless.append(place)
        elif parts.unit or is_other_measure(parts):
            aside.append(place)
    known = [column for column in found if column.header.unit]
    parts_of = tuple(_parts(known))
    held = {part.place for part, _ in parts_of}
    known = [column for column in known if column.place not in held]
    taken = tuple(_taken(known))
    lost = {column.place for column in known} - {
        column.place for one, others in taken for column in (one, *others)
    }
    unknown = tuple(column for column in found if not column.header.unit)
    return Choice(
        taken,
        unknown,
        tuple(nameless),
        tuple(sorted([*aside, *lost])),
        parts=parts_of,
        rates=tuple(rates),
    )


def _parts(found: Sequence[Column]) -> Iterator[tuple[Column, Column]]:
    """Yield the columns another one of their activity and year is the named total of, with that."""
    used = [it for it in found if not it.carrier.is_generated and not it.carrier.is_own]
    for column in used:
        same = [it for it in used if _is_alike(it, column)]
        sums = [it for it in same if it.header.is_sum]
        if sums and not any(it.carrier.energy == column.carrier.energy for it in sums):
            yield column, sums[0]


def _is_alike(one: Column, other: Column) -> bool:
    return (one.carrier.activity, one.header.year) == (other.carrier.activity, other.header.year)


def _taken(found: Sequence[Column]) -> Iterator[tuple[Column, tuple[Column, ...]]]:
    """Yield the columns that count, each with those of the same energy; parts of a sum are left out."""
    sums = {
        (it.carrier.activity, it.header.year)
        for it in found
        if not it.carrier.is_part and not it.carrier.is_generated
    }
    groups: dict[tuple[str, str, str | None], list[Column]] = {}
    for column in found:
        carrier, year = column.carrier, column.header.year
        if not (carrier.is_part and (carrier.activity, year) in sums):
            groups.setdefault((carrier.activity, carrier.energy, year), []).append(column)
    for group in groups.values():
        first, *others = sorted(group, key=lambda column: column.rank)
        yield first, tuple(others)


def without_empty(choice: Choice, table: Table) -> Choice:
    """Return the choice without energies of which no row states anything; if none does, all of them stay."""
    bare = without_placeholders(table, [*choice.places, *choice.others])
    filled = tuple(
        (column, others)
        for column, others in choice.taken
        if any(not bare.frame.select(is_empty(it.place).all()).item() for it in (column, *others))
    )
    if not filled or len(filled) == len(choice.taken):
        return choice
    kept = {column.place for one, others in filled for column in (one, *others)}
    every = [column.place for one, others in choice.taken for column in (one, *others)]
    return replace(choice, taken=filled, empty=tuple(place for place in every if place not in kept))


def say(choice: Choice, table: Table, formats: Mapping[int, Format], findings: Findings, file: str) -> None:
    """Say what is not counted, and why.

    Raises:
        FileRefused: `duplicate_column`, a column is there twice with different contents.
    """
    for column, others in choice.taken:
        for other in others:
            _refuse_double(table, column, other, file)
            parameters = {"taken": column.title}
            findings.add(Issue("same_energy", None, other.title, other.title, parameters))
        if column.carrier.includes_own:
            findings.add(Issue("own_generation_included", None, column.title, column.title))
    for part, column in choice.parts:
        _say_part(table, part, column, findings)
    for place in choice.rates:
        findings.add(Issue("quantity_per_year", None, table.header[place], table.header[place]))
    for column in choice.unknown:
        near = ", ".join(filter(_measures_something, units.near(column.header.addition)))
        parameters = {"activity": activity_name(column.carrier.activity), "near": near or "–"}
        text = column.header.addition or "–"
        findings.add(Issue("carrier_unit", None, column.title, text, parameters))
    idle = [place for place in choice.unnamed if not _say_unnamed(table, place, formats[place], findings)]
    for code, places in (("not_consumption", [*choice.aside, *idle]), ("columns_empty", choice.empty)):
        titles = [table.header[place] for place in sorted(places)]
        if titles:
            parameters = {"count": str(len(titles))}
            findings.add(Issue(code, value=", ".join(titles), parameters=parameters))


def values_of(choice: Choice) -> tuple[ValueColumn, ...]:
    """Return the columns that count as the engine takes them."""
    columns = []
    for column, _ in choice.taken:
        given = {"activity": column.carrier.activity, "unit": column.header.unit}
        if column.header.year is not None:
            given["year"] = column.header.year
        if column.carrier.is_generated:
            given["role"] = str(Role.GENERATED)
        columns.append(ValueColumn(column.place, given, is_own=column.carrier.is_own))
    return tuple(columns)


def with_stand_ins(
    table: Table,
    choice: Choice,
    columns: Sequence[ValueColumn],
    formats: Mapping[int, Format],
    findings: Findings,
) -> tuple[Table, tuple[ValueColumn, ...]]:
    """Return table and columns, empty cells filled from the column of the same energy, with its unit."""
    filled, stated = [], table
    for given, (column, others) in zip(columns, choice.taken, strict=True):
        value = given
        for other in others:
            _compare(stated, column, other, formats, findings)
            empty = is_empty(column.place) & ~is_empty(other.place)
            rows = table.frame.filter(empty)
            if rows.is_empty():
                continue
            text = pl.col(str(other.place))
            findings.flag(rows, "stood_in", column.title, text, taken=other.title)
            table, value = filled_from(table, value, other.place, other.header.unit)
        filled.append(value)
    return table, tuple(filled)


def _compare(
    table: Table, column: Column, other: Column, formats: Mapping[int, Format], findings: Findings
) -> None:
    """Say where two columns of one energy differ by more than a hundredth, and by more than one unit."""
    one, two = (units.find(it.header.unit) for it in (column, other))
    if one is None or two is None or units.dimension(one.unit) != units.dimension(two.unit):
        return
    ratio = units.ratio(two.unit, one.unit)
    stated, repeated = (values(table, it.place, formats[it.place]) for it in (column, other))
    if stated is None or repeated is None:
        return
    factor = float(ratio)
    rows = table.frame.select(ROW, pl.col(str(column.place)).alias("text"), text2=str(other.place))
    rows = rows.with_columns(a=stated.cast(pl.Float64), b=repeated.cast(pl.Float64) * factor)
    rounding = pl.max_horizontal(pl.col("a").abs() / _PERCENT, pl.lit(1.0))
    apart = (pl.col("a") - pl.col("b")).abs() > rounding
    differing = rows.filter(apart.fill_null(value=False))
    findings.flag(
        differing, "energies_differ", column.title, pl.col("text"), other=other.title, found=pl.col("text2")
    )


def _say_part(table: Table, part: Column, column: Column, findings: Findings) -> None:
    """Say that a column is part of another, and where the part is stated and the other is not."""
    findings.add(Issue("part_of_sum", None, part.title, part.title, {"taken": column.title}))
    rows = table.frame.filter(is_empty(column.place) & ~is_empty(part.place))
    findings.flag(rows, "part_without_sum", part.title, pl.col(str(part.place)), taken=column.title)


def _say_unnamed(table: Table, place: int, fmt: Format, findings: Findings) -> bool:
    """Say what a column of energy without a carrier holds; False: nothing but zeros."""
    amounts, title = values(table, place, fmt), table.header[place]
    if amounts is None:
        findings.add(Issue("carrier_unnamed", None, title, title, {"count": "–", "total": "–"}))
        return True
    stated = amounts.filter(amounts != 0)
    total = f"{Decimal(stated.cast(pl.Decimal(38, 6)).sum()).normalize():f}"
    if stated.len():
        parameters = {"count": str(stated.len()), "total": total}
        findings.add(Issue("carrier_unnamed", None, title, title, parameters))
    return bool(stated.len())


def _refuse_double(table: Table, column: Column, other: Column, file: str) -> None:
    if column.title != other.title or table.frame[str(column.place)].equals(table.frame[str(other.place)]):
        return
    raise FileRefused(
        '{file}: the column "{column}" is there more than once, with different contents. '
        "Rename or delete the one that does not apply.",
        code="duplicate_column",
        file=file,
        column=column.title,
    )


def _measures_something(spelling: str) -> bool:
    found = units.find(spelling)
    return found is not None and units.unit(found.unit).kind in MEASURES
