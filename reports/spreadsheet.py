"""A workbook (XLSX) written from top to bottom: text that is never a formula, numbers with their exact text.

A spreadsheet holds 15 digits of a number. Where a reader may need all of them, the exact decimal stands
beside it as text. The same cells give the same bytes: the file states no time it was made at.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeGuard

from bilanz.errors import Refused
from bilanz.messages import Language, heading, translate
from reports.table import harmless

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

MAX_ROWS: Final = 1_048_576
"""Rows of one sheet of an XLSX file."""

_LONGEST_NAME: Final = 31  # of a sheet
_GRID_WIDTH: Final = 22.0
_MAX_TEXT: Final = 32_000  # of 32 767 signs a cell can hold
_NO_TIME: Final = datetime(2000, 1, 1)  # noqa: DTZ001 - a fixed stamp, not a time
_LETTERS: Final = 26
_FORMATS: Final[dict[str, dict[str, Any]]] = {
    "title": {"bold": True, "font_size": 14},
    "head": {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#E8EBF0"},
    "text": {"valign": "top"},
    "long": {"text_wrap": True, "valign": "top"},
    "strong": {"bold": True, "text_wrap": True, "valign": "top"},
    "number": {"num_format": "#,##0.00####", "valign": "top"},
    "whole": {"num_format": "#,##0", "valign": "top"},
    "date": {"num_format": "yyyy-mm-dd", "valign": "top"},
    "year": {"num_format": "0", "valign": "top"},
    "share": {"num_format": "0.0 %", "valign": "top"},
}


@dataclass(frozen=True, slots=True)
class Exact:
    """A decimal written as text with all its digits."""

    value: Decimal | None

    def __str__(self) -> str:
        return "" if self.value is None else f"{self.value:f}"


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula and the value it has now; None: the value of an empty cell."""

    text: str
    value: Decimal | float | str | None


@dataclass(frozen=True, slots=True)
class Share:
    """A share from 0 to 1, shown in percent; None where it cannot be said."""

    value: float | None


@dataclass(frozen=True, slots=True)
class Year:
    """A calendar year: a number without separators."""

    value: int


Value = str | bool | int | float | Decimal | date | Exact | Formula | Share | Year | None


def _numbered(value: Value) -> tuple[float, str] | None:
    """Return a number and its format; None for everything else, and for a share nobody can say."""
    match value:
        case bool():
            return None
        case int():
            return value, "whole"
        case Decimal() | float():
            return float(value), "number"
        case Share(float() as share):
            return share, "share"
        case Year():
            return value.value, "year"
        case _:
            return None


@dataclass(slots=True)
class Sheet:
    """One sheet, filled row by row.

    Attributes:
        name: as shown on its tab.
        row: the next row, counted from 0.
    """

    name: str
    _sheet: "Worksheet"
    _formats: dict[str, Any]
    row: int = 0

    def title(self, text: str) -> None:
        """Write a heading into a row of its own."""
        self._text(0, text, "title")
        self.row += 1

    def blank(self) -> None:
        """Leave a row empty."""
        self.row += 1

    def pair(self, label: str, text: str) -> None:
        """Write a label and what it says beside it."""
        self._text(0, label, "strong")
        self._text(1, text, "long")
        self.row += 1

    def heads(self, names: Sequence[str], *, is_frozen: bool = False) -> None:
        """Write the heads of a table. `is_frozen`: they stay in sight and repeat on every page."""
        for column, name in enumerate(names):
            self._text(column, name, "head")
        if is_frozen:
            self._sheet.freeze_panes(self.row + 1, 0)
            self._sheet.repeat_rows(self.row)
        self.row += 1

    def cells(self, values: Sequence[Value], *, style: str = "") -> None:
        """Write a row. `style`: of its texts (`strong`, `long`)."""
        for column, value in enumerate(values):
            self._cell(column, value, style)
        self.row += 1

    def range(self, column: int, first: int, last: int) -> str:
        """Return the address of a part of a column; rows counted from 0, both included."""
        letters = letters_of(column)
        return f"{quoted(self.name)}!${letters}${first + 1}:${letters}${last + 1}"

    def _cell(self, column: int, value: Value, style: str) -> None:
        if (number := _numbered(value)) is not None:
            self._sheet.write_number(self.row, column, number[0], self._formats[number[1]])
            return
        match value:
            case str():
                self._text(column, value, style or "text")
            case bool():
                self._text(column, "true" if value else "false", "text")
            case date():
                self._sheet.write_datetime(self.row, column, value, self._formats["date"])
            case Exact(Decimal()):
                self._sheet.write_string(self.row, column, str(value), self._formats["text"])
            case Formula():
                self._formula(column, value)

    def _formula(self, column: int, formula: Formula) -> None:
        now = formula.value if isinstance(formula.value, str) else float(formula.value or 0)
        kind = "text" if isinstance(now, str) else "number"
        self._sheet.write_formula(self.row, column, formula.text, self._formats[kind], now)

    def _text(self, column: int, text: str, style: str) -> None:
        if text:
            told = harmless(text)
            told = told if len(told) <= _MAX_TEXT else f"{told[:_MAX_TEXT]} …"
            self._sheet.write_string(self.row, column, told, self._formats[style])


@dataclass(slots=True)
class Spreadsheet:
    """The workbook."""

    language: Language
    _book: "Workbook"
    _formats: dict[str, Any] = field(default_factory=dict)

    def sheet(self, name: str, widths: Sequence[float]) -> Sheet:
        """Return a new sheet. `widths`: of its columns, in characters."""
        made = self._book.add_worksheet(name)
        made.set_landscape()
        made.set_paper(9)  # A4
        made.fit_to_pages(1, 0)
        for column, width in enumerate(widths):
            made.set_column(column, column, width)
        return Sheet(name, made, self._formats)

    def heading(self, name: str) -> str:
        """Return the head of a column of a frame."""
        return heading(name, self.language)

    def name(self, name: str, sheet: Sheet, row: int, column: int) -> None:
        """Give a cell a name other programs find it by."""
        self._book.define_name(name, f"={quoted(sheet.name)}!${letters_of(column)}${row + 1}")


@contextmanager
def spreadsheet(path: Path, title: str, language: Language) -> Iterator[Spreadsheet]:
    """Open a workbook to write; it is there when the block ends."""
    import xlsxwriter

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(path, options) as book:
        book.set_properties({"title": title, "created": _NO_TIME})
        formats = {name: book.add_format(told) for name, told in _FORMATS.items()}
        yield Spreadsheet(language, book, formats)


@dataclass(frozen=True, slots=True)
class Grid:
    """A sheet that is one table: a head per column, then the rows. None is an empty cell, never a zero."""

    name: str
    header: Sequence[str]
    rows: Sequence[Sequence[Value]]


def write_grids(path: Path, title: str, language: Language, grids: Sequence[Grid]) -> None:
    """Write tables as sheets of one workbook, in their order; whole numbers stand without separators."""
    with spreadsheet(path, title, language) as book:
        for grid in grids:
            sheet = book.sheet(grid.name[:_LONGEST_NAME], [_GRID_WIDTH] * len(grid.header))
            sheet.heads(grid.header, is_frozen=True)
            for row in grid.rows:
                sheet.cells([Year(value) if _is_whole(value) else value for value in row])


def _is_whole(value: Value) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def refuse_too_long(name: str, rows: int, language: Language) -> None:
    """Refuse a table that one sheet cannot hold; its head takes a row.

    Raises:
        Refused: names the table and where it can be had whole.
    """
    if rows >= MAX_ROWS:
        message = (
            "{name} has {rows} rows; a sheet holds {most}. Take the exports `tables` or `parquet`, which "
            "hold all, or restrict the calculation to one organisation."
        )
        raise Refused(message, name=translate(name, language), rows=rows, most=MAX_ROWS - 1)


def quoted(sheet: str) -> str:
    """Return the name of a sheet as formulas write it."""
    escaped = sheet.replace("'", "''")
    return f"'{escaped}'"


def letters_of(column: int) -> str:
    """Return the letters of a column counted from 0: A, …, Z, AA."""
    letters = ""
    left = column + 1
    while left:
        left, place = divmod(left - 1, _LETTERS)
        letters = chr(ord("A") + place) + letters
    return letters
