"""The full set: one sheet a category, with tables below each other.

                        Diesel                    Petrol
    Activity   Type     Unit   kg CO2e   …        kg CO2e   …
    Cars       Small    km     0.1434             0.14308
                        miles  0.23078            0.23027

A label is printed once and holds for the rows below it; the year beside some units is skipped.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from factors import sheets
from factors.desnz import grid
from factors.desnz.grid import Row, Sheet
from factors.desnz.lines import ENERGIES, MEASURES, Line, Volume, gwp_of_texts
from factors.publication import LayoutChanged

INTRODUCTION: Final = "Introduction"
_FIRST: Final = "Activity"
_UNIT: Final = "Unit"
_YEAR: Final = "Year"
_ASIDE: Final = frozenset(
    {INTRODUCTION, "What's new", "Index", "Conversions", "Fuel properties", "Haul definition"}
)
_WITHOUT: Final = frozenset({"Overseas electricity"})  # no longer published, the sheet says so
_TITLE_ROW: Final = 2


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a sheet.

    Attributes:
        header: its 1-based row.
        labels: columns of the labels, the unit's among them last.
        values: column → heading above it (None: there is none) and heading of the value.
    """

    header: int
    labels: tuple[int, ...]
    values: dict[int, tuple[str | None, str]]


def read(path: Path) -> Volume:
    """Return the lines of a full set.

    Raises:
        LayoutChanged: a table is not laid out as expected.
    """
    front = grid.read(path, INTRODUCTION)
    texts = [text for row in front.rows for text in row]
    year, gwp = fact(front, f"{_YEAR}:"), gwp_of_texts(texts)
    if year is None or not year.isdecimal():
        raise LayoutChanged(path.name, f'sheet "{INTRODUCTION}"', f"{_YEAR}:", year or "–")
    if gwp is None:
        raise LayoutChanged(path.name, f'sheet "{INTRODUCTION}"', "Assessment Report (AR5)", "–")
    names = (name for name in sheets.names(path) if name not in _ASIDE)
    lines = (line for name in names for line in _lines(path.name, grid.read(path, name)))
    return Volume(year, gwp, tuple(lines))


def fact(sheet: Sheet, label: str) -> str | None:
    """Return the text beside a label in the head of a sheet, or None."""
    for row in sheet.rows:
        for text, beside in pairwise(row):
            if text == label:
                return beside
    return None


def _lines(file: str, sheet: Sheet) -> Iterator[Line]:
    title = (sheet.row(_TITLE_ROW) or (None,))[0]
    if title is None:
        raise LayoutChanged(file, sheet.place(_TITLE_ROW, 0), "the title of the sheet", "–")
    number, has_table = 1, False
    while number <= len(sheet.rows):
        if sheet.row(number)[0] != _FIRST:
            _refuse_headings(file, sheet, number)
            number += 1
            continue
        table, has_table = _table(file, sheet, number), True
        number += 1
        labels: list[str | None] = [None] * (len(table.labels) - 1)
        while not _has_ended(sheet, number, table):
            labels = _filled(labels, sheet.row(number), table)
            yield from _of_row(file, sheet, number, table, (title, *labels))
            number += 1
    if not has_table and title not in _WITHOUT:
        raise LayoutChanged(file, f'sheet "{sheet.name}"', _FIRST, "–")


def _refuse_headings(file: str, sheet: Sheet, number: int) -> None:
    """Refuse a row that has the headings of values, but not the beginning of a table."""
    row = sheet.row(number)
    if any(text in MEASURES for text in row):
        raise LayoutChanged(file, sheet.place(number, 0), _FIRST, row[0] or "–")


def _table(file: str, sheet: Sheet, header: int) -> Table:
    row = sheet.row(header)
    told = ", ".join(text for text in row if text)
    if _UNIT not in row:
        raise LayoutChanged(file, sheet.place(header), _UNIT, told)
    unit = row.index(_UNIT)
    first = unit + 2 if row[unit + 1 : unit + 2] == (_YEAR,) else unit + 1
    if not all(row[:unit]):
        raise LayoutChanged(file, sheet.place(header, row.index(None)), "the heading of a label", "–")
    values = _values(file, sheet, header, first)
    if not values:
        raise LayoutChanged(file, sheet.place(header, first), " / ".join(MEASURES), "–")
    return Table(header, tuple(range(unit + 1)), values)


def _values(file: str, sheet: Sheet, header: int, first: int) -> dict[int, tuple[str | None, str]]:
    """Return the columns of values with both their headings."""
    row, above = sheet.row(header), sheet.row(header - 1)
    values: dict[int, tuple[str | None, str]] = {}
    group = None
    for column in range(first, len(row)):
        heading = row[column]
        if heading is None:
            break
        group = above[column] or group
        if heading not in MEASURES and heading not in ENERGIES:
            raise LayoutChanged(file, sheet.place(header, column), " / ".join(MEASURES), heading)
        if (group, heading) in values.values():
            raise LayoutChanged(file, sheet.place(header - 1, column), "a heading above", group or "–")
        values[column] = (group, heading)
    return values


def _has_ended(sheet: Sheet, number: int, table: Table) -> bool:
    row = sheet.row(number)
    return not any(row[column] for column in (table.labels[-1], *table.values) if column < len(row))


def _filled(labels: list[str | None], row: Row, table: Table) -> list[str | None]:
    """Return the labels of a row: its own, before them those of the row above."""
    own = [row[column] for column in table.labels[:-1]]
    first = next((place for place, text in enumerate(own) if text), len(own))
    return [*labels[:first], *own[first:]] if first < len(own) else labels


def _of_row(
    file: str, sheet: Sheet, number: int, table: Table, labels: tuple[str | None, ...]
) -> Iterator[Line]:
    row = sheet.row(number)
    unit = row[table.labels[-1]]
    if unit is None:
        raise LayoutChanged(file, sheet.place(number, table.labels[-1]), _UNIT, "–")
    if not all(labels):
        raise LayoutChanged(file, sheet.place(number, labels.index(None) - 1), _FIRST, "–")
    for column, (group, measure) in table.values.items():
        levels = tuple(text for text in (*labels, group) if text)
        yield Line(levels, unit, measure, row[column], number, sheet.place(number, column))
