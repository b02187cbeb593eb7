"""Master data as a workbook (XLSX): a sheet for each table, named after it."""

import io
import zipfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bilanz.app.master.cells import NUMBERS, written
from bilanz.app.master.csvfiles import Sheet, bare, escaped, of_rows
from bilanz.app.master.tables import BY_NAME, Table
from bilanz.errors import FileRefused
from bilanz.issues import Issue
from bilanz.masterrow import MasterRow
from bilanz.messages import Language
from importers.formats import workbook
from reports.spreadsheet import Grid, Value, write_grids

NAME: Final = "masterdata.xlsx"
MEDIA: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Rows = Sequence[tuple[MasterRow, frozenset[str]]]
"""Rows, each with the columns whose content is not shown."""

_PARTS: Final = "xl/"
_OLD: Final = b"\xd0\xcf\x11\xe0"  # .xls
_ZIP: Final = b"PK\x03\x04"


def is_workbook(content: bytes) -> bool:
    """Tell whether bytes are a workbook; other archives are not."""
    if content.startswith(_OLD):
        return True
    if not content.startswith(_ZIP):
        return False
    with suppress(zipfile.BadZipFile), zipfile.ZipFile(io.BytesIO(content)) as archive:
        return any(name.startswith(_PARTS) for name in archive.namelist())
    return False


def read(content: bytes, file: str, table: str) -> dict[str, Sheet]:
    """Return table → rows of a workbook.

    Args:
        content: of the workbook.
        file: its name, for messages.
        table: whose rows the first sheet holds, where no sheet is named after a table.

    Raises:
        FileRefused: it cannot be read, or holds no table.
    """
    found = _sheets(content, file)
    named = {sheet.name.strip().lower(): sheet for sheet in found}
    chosen = {name: sheet for name, sheet in named.items() if name in BY_NAME}
    if not chosen and found and table in BY_NAME:
        chosen = {table: found[0]}
    if not chosen:
        message = "{file} holds no table of master data. Name it after its table, for example terms.csv."
        raise FileRefused(message, file=file, code="no_table")
    sheets = {name: _rows(sheet, BY_NAME[name], f"{file}: {sheet.name}") for name, sheet in chosen.items()}
    first = next(iter(sheets))
    left = [sheet.name for sheet in found if all(sheet is not one for one in chosen.values())]
    read_ones = ", ".join(chosen)
    ignored = [Issue("sheet_ignored", value=name, parameters={"sheet": read_ones}) for name in left]
    return sheets | {first: replace(sheets[first], issues=[*sheets[first].issues, *ignored])}


def _sheets(content: bytes, file: str) -> list[workbook.Sheet]:
    """Return the sheets of a workbook that hold something; the reader wants a file."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / (Path(file).name or NAME)
        path.write_bytes(content)
        refused = workbook.refusal(path)
        if refused is not None:
            raise refused
        return workbook.all_sheets(path)


def _rows(sheet: workbook.Sheet, table: Table, file: str) -> Sheet:
    decimals = {column.name for column in table.columns if column.read in NUMBERS}
    hold = [name in decimals for name in sheet.header]
    texts, typed = sheet.frame.rows(), sheet.typed.rows()
    lines = [
        (
            line,
            [
                bare(_text(cell, is_typed=is_typed, is_decimal=is_decimal))
                for cell, is_typed, is_decimal in zip(cells, kinds, hold, strict=True)
            ],
        )
        for (line, *cells), kinds in zip(texts, typed, strict=True)
        if any(cell is not None and cell.strip() for cell in cells)
    ]
    return of_rows(sheet.header, lines, table, file, sheet.header_row)


def _text(cell: str | None, *, is_typed: bool, is_decimal: bool) -> str:
    """Return what a cell says; a number in the fewest digits that mean it and are no thousands."""
    if cell is None or not is_typed:
        return cell or ""
    try:
        number = float(cell)
    except ValueError:
        return cell  # a day, or a truth
    if number.is_integer():
        return str(int(number))
    return written(Decimal(repr(number))) if is_decimal else repr(number)


def write(rows: Iterable[tuple[Table, Rows]], language: Language) -> bytes:
    """Return the rows of tables as a workbook that reads back unchanged."""
    grids = [
        Grid(table.name, [column.name for column in table.columns], [_cells(table, row) for row in held])
        for table, held in rows
    ]
    with TemporaryDirectory() as folder:
        path = Path(folder) / NAME
        write_grids(path, NAME, language, grids)
        return path.read_bytes()


def _cells(table: Table, row: tuple[MasterRow, frozenset[str]]) -> list[Value]:
    held, hidden = row
    return [
        escaped(value, is_hidden=name in hidden) if isinstance(value, str) else value
        for name, value in table.values(held).items()
    ]
