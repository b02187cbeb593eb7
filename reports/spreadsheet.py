"""Tables as sheets of one XLSX file: texts never become formulas, the same tables give the same bytes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

_WIDTH: Final = 22
_LONGEST_NAME: Final = 31
_FIXED: Final = datetime(2024, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: a heading per column, then the rows. None is an empty cell, never a zero."""

    name: str
    header: Sequence[str]
    rows: Sequence[Sequence[object]]


def write(path: Path, title: str, sheets: Sequence[Sheet]) -> None:
    """Write sheets in their order.

    Numbers are written as numbers (a spreadsheet keeps 15 digits), everything else as text.
    """
    import xlsxwriter

    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as workbook:
        workbook.set_properties({"title": title, "author": "bilanz", "created": _FIXED})
        bold = workbook.add_format({"bold": True, "bg_color": "#DDE7F0", "bottom": 1, "text_wrap": True})
        for sheet in sheets:
            _sheet(workbook.add_worksheet(sheet.name[:_LONGEST_NAME]), sheet, bold)


def _sheet(target: Any, sheet: Sheet, bold: object) -> None:  # noqa: ANN401 - xlsxwriter is untyped
    for place, text in enumerate(sheet.header):
        target.write_string(0, place, text, bold)
    for line, row in enumerate(sheet.rows, start=1):
        for place, value in enumerate(row):
            _cell(target, line, place, value)
    target.freeze_panes(1, 0)
    target.set_column(0, max(len(sheet.header) - 1, 0), _WIDTH)


def _cell(target: Any, line: int, place: int, value: object) -> None:  # noqa: ANN401 - xlsxwriter is untyped
    match value:
        case None | "":
            return
        case bool():
            target.write_boolean(line, place, value)
        case int() | float() | Decimal():
            target.write_number(line, place, float(value))
        case date():
            target.write_string(line, place, value.isoformat())
        case _:
            target.write_string(line, place, str(value))
