"""The empty standard upload: what `bilanz template` writes.

Two rows show how a row is filled in. Their note says that they are examples, and the importer ignores them:
the template imported as it is gives no record.
"""

import re
from pathlib import Path
from typing import Final

from bilanz.messages import Language, translate
from importers.upload.fields import UPLOAD_FIELDS
from importers.upload.sheet import SheetColumn, write_sheet
from importers.upload.vocabulary import EXAMPLE_NOTES, VOCABULARIES, offered

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
    columns = [
        SheetColumn(
            header=field.header(language),
            meaning=translate(field.meaning, language),
            is_needed=field.is_needed,
            words=offered(field.name, language) if field.name in VOCABULARIES else (),
            is_number=field.name in _NUMBERS,
        )
        for field in UPLOAD_FIELDS
    ]
    write_sheet(path, columns, example_rows(language), language)


def example_rows(language: Language) -> list[list[str]]:
    """Return the example rows as texts in the order of the columns."""
    note = EXAMPLE_NOTES[language]
    return [
        [{**example, "note": note}.get(field.name, "") for field in UPLOAD_FIELDS]
        for example in _EXAMPLES[language]
    ]
