"""Sheets of an Excel workbook as text, each cell with its place.

Numbers are the shortest text that gives the same double, formula errors the text Excel shows (`#N/A`), blanks
None. Nothing is skipped, so that row 1 is the first row of the sheet.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import polars as pl

from bilanz.errors import FileRefused

if TYPE_CHECKING:
    import fastexcel

Row = tuple[str | None, ...]

_SIGNATURE: Final = b"PK\x03\x04"
_LETTERS: Final = 26
_ERRORS: Final = {"Value": "#VALUE!", "NA": "#N/A", "Div0": "#DIV/0!", "Name": "#NAME?", "Ref": "#REF!"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its rows from the first, all of the same width."""

    name: str
    rows: tuple[Row, ...]

    def row(self, number: int) -> Row:
        """Return a row by its 1-based number; an empty one where the sheet has ended."""
        return self.rows[number - 1] if 0 < number <= len(self.rows) else ()

    def place(self, row: int, column: int | None = None) -> str:
        """Return where a cell stands (1-based row, 0-based column), or a row."""
        return f'sheet "{self.name}" ' + (f"row {row}" if column is None else f"cell {cell(row, column)}")


def cell(row: int, column: int) -> str:
    """Return the name of a cell: (39, 3) → `D39`."""
    letters = ""
    rest = column + 1
    while rest:
        rest, place = divmod(rest - 1, _LETTERS)
        letters = chr(ord("A") + place) + letters
    return f"{letters}{row}"


def sheet_names(path: Path) -> tuple[str, ...]:
    """Return the names of the sheets; none where the file is no workbook. Never raises."""
    import fastexcel

    with suppress(OSError, fastexcel.FastExcelError):
        with path.open("rb") as stream:
            is_package = stream.read(len(_SIGNATURE)) == _SIGNATURE
        return tuple(fastexcel.read_excel(path).sheet_names) if is_package else ()
    return ()


def sheets(path: Path, *, head: int | None = None) -> Mapping[str, Sheet]:
    """Return name → sheet, in the order of the workbook.

    Args:
        path: the file.
        head: number of rows to read of each sheet; None: all.

    Raises:
        FileRefused: the file or a sheet cannot be read.
    """
    import fastexcel

    try:
        reader = fastexcel.read_excel(path)
        return {name: Sheet(name, _rows(reader, name, head)) for name in reader.sheet_names}
    except (OSError, fastexcel.FastExcelError) as error:
        raise FileRefused("{file} cannot be read: {reason}", file=path.name, reason=str(error)) from error


def _rows(reader: "fastexcel.ExcelReader", name: str, head: int | None) -> tuple[Row, ...]:
    loaded = reader.load_sheet(name, header_row=None, skip_rows=0, n_rows=head, dtypes="string")
    batch, errors = loaded.to_arrow_with_errors()
    frame = pl.DataFrame(batch)
    if not frame.width:
        return ()
    stripped = frame.select(pl.all().str.strip_chars().replace("", None))
    rows = [list(row) for row in stripped.iter_rows()]
    for error in errors.errors if errors else ():
        row, column = error.position
        rows[row][column] = _error_text(error.detail)
    return tuple(tuple(row) for row in rows)


def _error_text(detail: str) -> str:
    """Return the text Excel shows, from the reader's `... got 'Error(NA)'`."""
    inside = detail.rpartition("Error(")[2].partition(")")[0]
    return _ERRORS.get(inside, f"#{inside.upper()}!")
