"""The flat file: one table with one value a row.

    ID | Scope | Level 1 … Level 4 | Column Text | UOM | GHG/Unit | GHG Conversion Factor 2024

The header is found by its labels; the table ends with END.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from factors.desnz import grid
from factors.desnz.grid import Row, Sheet
from factors.desnz.lines import ENERGIES, MEASURES, Line, Volume, gwp_of_lines
from factors.publication import LayoutChanged

SHEET: Final = "Factors by Category"
LEVELS: Final = ("Level 1", "Level 2", "Level 3", "Level 4", "Column Text")
_LABELS: Final = ("ID", "Scope", *LEVELS, "UOM", "GHG/Unit")
_VALUE: Final = re.compile(r"GHG Conversion Factor (\d{4})")
_HEAD: Final = 50
_END: Final = "END"


def read(path: Path) -> Volume:
    """Return the lines of a flat file.

    Raises:
        LayoutChanged: the table or one of its columns is not where it is expected.
    """
    sheet = grid.read(path, SHEET)
    header = _header(path.name, sheet)
    columns, year = _columns(path.name, sheet, header)
    lines = tuple(_lines(path.name, sheet, header, columns))
    return Volume(year, gwp_of_lines(path.name, f'sheet "{SHEET}"', lines), lines)


def _header(file: str, sheet: Sheet) -> int:
    """Return the row that has most of the labels."""
    scores = [(len({*row} & {*_LABELS}), -number) for number, row in enumerate(sheet.rows[:_HEAD], start=1)]
    best, number = max(scores, default=(0, 0))
    if best <= len(_LABELS) // 2:
        raise LayoutChanged(file, sheet.place(-number or 1), ", ".join(_LABELS), "–")
    return -number


def _columns(file: str, sheet: Sheet, header: int) -> tuple[dict[str, int], str]:
    """Return label → column, and the year the values are for."""
    row = sheet.row(header)
    found = {label: column for column, label in enumerate(row) if label}
    named = [(label, match.group(1)) for label in found if (match := _VALUE.fullmatch(label))]
    told = ", ".join(label for label in row if label)
    for label in _LABELS:
        if label not in found:
            raise LayoutChanged(file, sheet.place(header), label, told)
    if len(named) != 1:
        raise LayoutChanged(file, sheet.place(header), "GHG Conversion Factor and a year", told)
    (label, year) = named[0]
    return {**found, "value": found[label]}, year


def _lines(file: str, sheet: Sheet, header: int, columns: dict[str, int]) -> Iterator[Line]:
    for number in range(header + 1, len(sheet.rows) + 1):
        row = sheet.row(number)
        if row[columns["Scope"]] == _END:
            return
        if any(row[columns[label]] for label in (*_LABELS, "value")):
            yield _line(file, sheet, number, row, columns)
    raise LayoutChanged(file, sheet.place(len(sheet.rows)), _END, "–")


def _line(file: str, sheet: Sheet, number: int, row: Row, columns: dict[str, int]) -> Line:
    def told(label: str, *, known: frozenset[str] | None = None) -> str:
        text = row[columns[label]]
        if not text or (known is not None and text not in known):
            expected = label if known is None else " / ".join(sorted(known))
            raise LayoutChanged(file, sheet.place(number, columns[label]), expected, text or "–")
        return text

    unit = told("UOM")
    measure = told("GHG/Unit", known=frozenset(MEASURES) | ENERGIES)
    levels = [told("Level 1"), told("Level 2"), *(row[columns[label]] for label in LEVELS[2:])]
    # electricity and heat repeat the unit as a level
    kept = tuple(level for level in levels if level and level != unit)
    return Line(kept, unit, measure, row[columns["value"]], number, sheet.place(number))
