"""Writing an empty table to be filled in: CSV, or a workbook with offered words and a sheet of notes."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bilanz.errors import UsageError
from bilanz.messages import Language, translate

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

_ROWS: Final = 5000  # so many rows of the workbook offer the words of the closed vocabularies


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """One column of a template, in one language.

    Attributes:
        words: what the cells may say; empty: anything.
        is_number: examples are written as numbers.
    """

    header: str
    meaning: str
    is_needed: bool = False
    words: Sequence[str] = ()
    is_number: bool = False


def write_sheet(
    path: Path, columns: Sequence[SheetColumn], examples: Sequence[Sequence[str]], language: Language
) -> None:
    """Write a template as CSV (semicolon, UTF-8 with byte order mark) or XLSX, by the name's ending.

    Args:
        path: where to write it.
        columns: in their order.
        examples: rows of texts in the order of the columns; numbers in the writing of the language.
        language: of sheet names and notes.

    Raises:
        UsageError: the ending is neither `.csv` nor `.xlsx`.
    """
    match path.suffix.lower():
        case ".csv":
            _write_csv(path, columns, examples)
        case ".xlsx":
            _write_workbook(path, columns, examples, language)
        case _:
            raise UsageError("A template is written as .csv or .xlsx, not {name}.", name=path.name)


def _write_csv(path: Path, columns: Sequence[SheetColumn], examples: Sequence[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, delimiter=";", lineterminator="\r\n")
        writer.writerow([column.header for column in columns])
        writer.writerows(examples)


def _write_workbook(
    path: Path, columns: Sequence[SheetColumn], examples: Sequence[Sequence[str]], language: Language
) -> None:
    from datetime import UTC, datetime

    import xlsxwriter

    with xlsxwriter.Workbook(path) as workbook:
        # a fixed date: the same template is the same bytes
        workbook.set_properties({"title": "bilanz", "created": datetime(2024, 1, 1, tzinfo=UTC)})
        _data_sheet(workbook, columns, examples, language)
        _notes_sheet(workbook, columns, language)


def _data_sheet(
    workbook: "Workbook",
    columns: Sequence[SheetColumn],
    examples: Sequence[Sequence[str]],
    language: Language,
) -> None:
    sheet = workbook.add_worksheet(translate("Data", language))
    heading = workbook.add_format({"bold": True, "bg_color": "#DDE7F0", "bottom": 1})
    needed = workbook.add_format({"bold": True, "bg_color": "#BFD3E6", "bottom": 1})
    example = workbook.add_format({"italic": True, "font_color": "#6B6B6B"})
    for place, column in enumerate(columns):
        sheet.write_string(0, place, column.header, needed if column.is_needed else heading)
        sheet.write_comment(0, place, column.meaning, {"x_scale": 2})
        _offer(sheet, place, column.words)
    for row, texts in enumerate(examples, start=1):
        for place, text in enumerate(texts):
            if text:
                _write_example(sheet, (row, place), text, example, is_number=columns[place].is_number)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(columns) - 1, 16)


def _write_example(
    sheet: "Worksheet", cell: tuple[int, int], text: str, form: object, *, is_number: bool
) -> None:
    if is_number:
        sheet.write_number(*cell, float(text.replace(",", ".")), form)
    else:
        sheet.write_string(*cell, text, form)


def _offer(sheet: "Worksheet", place: int, words: Sequence[str]) -> None:
    """Offer the words of a closed vocabulary in the cells of its column."""
    if words:
        rule = {"validate": "list", "source": list(words), "error_type": "warning"}
        sheet.data_validation(1, place, _ROWS, place, rule)


def _notes_sheet(workbook: "Workbook", columns: Sequence[SheetColumn], language: Language) -> None:
    sheet = workbook.add_worksheet(translate("Notes", language))
    heading = workbook.add_format({"bold": True})
    wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})
    for place, title in enumerate(("Column", "Meaning", "Needed", "Words")):
        sheet.write_string(0, place, translate(title, language), heading)
    for row, column in enumerate(columns, start=1):
        yes = translate("yes", language) if column.is_needed else ""
        for place, text in enumerate((column.header, column.meaning, yes, ", ".join(column.words))):
            sheet.write_string(row, place, text, wrapped)
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 1, 80)
    sheet.set_column(3, 3, 60)
