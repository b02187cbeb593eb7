"""The empty standard upload: what `bilanz template` writes.

Two rows show how a row is filled in. Their note says that they are examples, and the importer ignores them:
the template imported as it is gives no record.
"""

import csv
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bilanz.errors import UsageError
from bilanz.messages import Language, translate
from importers.upload.fields import UPLOAD_FIELDS
from importers.upload.vocabulary import EXAMPLE_NOTES, VOCABULARIES, offered

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

_ROWS: Final = 5000  # so many rows of the workbook offer the words of the closed vocabularies
_NUMBERS: Final = frozenset(
    {
        "quantity",
        "cost_net",
        "opening_reading",
        "closing_reading",
        "multiplier",
        "stock_before",
        "stock_after",
    }
)


_EXAMPLES: Final[dict[Language, tuple[dict[str, str], ...]]] = {
    "de": (
        {
            "site": "Rathaus",
            "source": "Stromzähler Haupthaus",
            "activity": "Strom",
            "start": "01.01.2024",
            "end": "31.12.2024",
            "quantity": "12345,6",
            "unit": "kWh",
            "cost_net": "3210,98",
            "currency": "EUR",
            "quality": "abgerechnet",
            "document_type": "Schlussrechnung",
        },
        {
            "site": "Grundschule Nord",
            "source": "Gaszähler",
            "activity": "Erdgas",
            "start": "01.01.2024",
            "end": "31.01.2024",
            "quantity": "45,678",
            "unit": "MWh",
            "basis": "Hs",
            "quality": "gemessen",
        },
    ),
    "en": (
        {
            "site": "Town hall",
            "source": "Electricity meter main building",
            "activity": "Electricity",
            "start": "2024-01-01",
            "end": "2024-12-31",
            "quantity": "12345.6",
            "unit": "kWh",
            "cost_net": "3210.98",
            "currency": "EUR",
            "quality": "billed",
            "document_type": "final",
        },
        {
            "site": "Northern primary school",
            "source": "Gas meter",
            "activity": "Natural gas",
            "start": "2024-01-01",
            "end": "2024-01-31",
            "quantity": "45.678",
            "unit": "MWh",
            "basis": "Hs",
            "quality": "measured",
        },
    ),
}


def example_quantities() -> list[str]:
    """Return the digits of the quantities of the example rows, whatever the number format."""
    texts = [example["quantity"] for examples in _EXAMPLES.values() for example in examples]
    return sorted({re.sub(r"\D", "", text).rstrip("0") for text in texts})


def write_template(path: Path, language: Language) -> None:
    """Write the template as CSV (semicolon, UTF-8 with byte order mark) or XLSX, by the name's ending.

    Raises:
        UsageError: the ending is neither `.csv` nor `.xlsx`.
    """
    match path.suffix.lower():
        case ".csv":
            _write_csv(path, language)
        case ".xlsx":
            _write_workbook(path, language)
        case _:
            raise UsageError("A template is written as .csv or .xlsx, not {name}.", name=path.name)


def example_rows(language: Language) -> list[list[str]]:
    """Return the example rows as texts in the order of the columns."""
    note = EXAMPLE_NOTES[language]
    return [
        [{**example, "note": note}.get(field.name, "") for field in UPLOAD_FIELDS]
        for example in _EXAMPLES[language]
    ]


def _write_csv(path: Path, language: Language) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, delimiter=";", lineterminator="\r\n")
        writer.writerow([field.header(language) for field in UPLOAD_FIELDS])
        writer.writerows(example_rows(language))


def _write_workbook(path: Path, language: Language) -> None:
    from datetime import UTC, datetime

    import xlsxwriter

    with xlsxwriter.Workbook(path) as workbook:
        # a fixed date: the same template is the same bytes
        workbook.set_properties({"title": "bilanz", "created": datetime(2024, 1, 1, tzinfo=UTC)})
        _data_sheet(workbook, language)
        _notes_sheet(workbook, language)


def _data_sheet(workbook: "Workbook", language: Language) -> None:
    sheet = workbook.add_worksheet(translate("Data", language))
    heading = workbook.add_format({"bold": True, "bg_color": "#DDE7F0", "bottom": 1})
    needed = workbook.add_format({"bold": True, "bg_color": "#BFD3E6", "bottom": 1})
    example = workbook.add_format({"italic": True, "font_color": "#6B6B6B"})
    for column, field in enumerate(UPLOAD_FIELDS):
        sheet.write_string(0, column, field.header(language), needed if field.is_needed else heading)
        sheet.write_comment(0, column, translate(field.meaning, language), {"x_scale": 2})
        _offer(sheet, column, field.name, language)
    for row, texts in enumerate(example_rows(language), start=1):
        for column, text in enumerate(texts):
            if text:
                _write_example(sheet, row, column, text, example)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(UPLOAD_FIELDS) - 1, 16)


def _write_example(sheet: "Worksheet", row: int, column: int, text: str, form: object) -> None:
    if UPLOAD_FIELDS[column].name in _NUMBERS:
        sheet.write_number(row, column, float(text.replace(",", ".")), form)
    else:
        sheet.write_string(row, column, text, form)


def _offer(sheet: "Worksheet", column: int, name: str, language: Language) -> None:
    """Offer the words of a closed vocabulary in the cells of its column."""
    if name in VOCABULARIES:
        rule = {"validate": "list", "source": offered(name, language), "error_type": "warning"}
        sheet.data_validation(1, column, _ROWS, column, rule)


def _notes_sheet(workbook: "Workbook", language: Language) -> None:
    sheet = workbook.add_worksheet(translate("Notes", language))
    heading = workbook.add_format({"bold": True})
    wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})
    titles = ("Column", "Meaning", "Needed", "Words")
    for column, title in enumerate(titles):
        sheet.write_string(0, column, translate(title, language), heading)
    for row, field in enumerate(UPLOAD_FIELDS, start=1):
        words = ", ".join(offered(field.name, language)) if field.name in VOCABULARIES else ""
        yes = translate("yes", language) if field.is_needed else ""
        texts = (field.header(language), translate(field.meaning, language), yes, words)
        for column, text in enumerate(texts):
            sheet.write_string(row, column, text, wrapped)
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 1, 80)
    sheet.set_column(3, 3, 60)
