"""A panel's table as it is read on the page, and as CSV with exact values."""

import base64
import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from bilanz.messages import Language
from reports import numbers, states
from reports.base import Column, Panel

ROWS_SHOWN: Final = 100
"""Rows of one table on the page; the CSV always holds all."""

_HASH_SHOWN: Final = 12
_UNITS: Final = {"mass": ("t CO₂e", "kg CO2e"), "energy": ("MWh", "kWh")}
_STYLES: Final = {"code": "code", "hash": "code", "long": "long"}
_NUMERIC: Final = ("exact", "number", "mass", "energy", "money", "share")
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What makes a spreadsheet take a text for a formula (OWASP ASVS 5.0, 1.2.10)."""

_WRITERS: Final[dict[str, Callable[[Any, Column, Language], str]]] = {
    "number": lambda value, column, language: numbers.decimal(value, language, digits=column.digits),
    "money": lambda value, column, language: numbers.decimal(value, language, digits=column.digits),
    "mass": lambda value, _column, language: numbers.thousandth(value, language),
    "energy": lambda value, _column, language: numbers.thousandth(value, language),
    "share": lambda value, _column, language: numbers.share(value, language),
    "month": lambda value, _column, language: numbers.month(value, language),
    "hash": lambda value, _column, _language: str(value)[:_HASH_SHOWN],
}


Address = Callable[[Mapping[str, str]], str]
"""What lines have → where they are shown."""


@dataclass(frozen=True, slots=True)
class Header:
    """One column's head."""

    text: str
    unit: str
    is_numeric: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its text and how it is set."""

    text: str
    style: str  # CSS classes: "", "num", "code", "long", "none" (missing)
    title: str = ""
    href: str = ""  # where what stands behind the figure is shown


def headers(panel: Panel) -> list[Header]:
    """Return the heads of the columns with their units."""
    return [
        Header(column.header, column.unit or _UNITS.get(column.kind, ("", ""))[0], column.kind in _NUMERIC)
        for column in panel.columns
    ]


def rows(panel: Panel, language: Language, address: Address | None = None) -> list[list[Cell]]:
    """Return the first rows as they are shown.

    `address`: where the lines behind a figure are shown; None: nowhere.
    """
    frame = panel.table.select([column.name for column in panel.columns]).head(ROWS_SHOWN)
    shown = [
        [cell(value, column, language) for value, column in zip(row, panel.columns, strict=True)]
        for row in frame.iter_rows()
    ]
    if address is None or not panel.lines:
        return shown
    return [
        [_linked(found, column, behind, address) for found, column in zip(cells, panel.columns, strict=True)]
        for cells, behind in zip(shown, panel.lines, strict=False)  # no more rows are shown than there are
    ]


def _linked(found: Cell, column: Column, behind: Mapping[str, str], address: Address) -> Cell:
    """Return a figure that is a sum of lines with the way to them; a missing one has none."""
    if column.lines is None or "none" in found.style:
        return found
    return replace(found, href=address({**behind, **column.lines}))


def cell(value: Any, column: Column, language: Language) -> Cell:  # noqa: ANN401 - a value of a frame
    """Return a value as it is shown; a missing one says so."""
    style = "num" if column.kind in _NUMERIC else _STYLES.get(column.kind, "")
    if value is None or value == "":
        return Cell(numbers.missing(language), "num none" if style == "num" else "none")
    if column.kind == "state":
        return Cell(str(value), states.style(str(value)))
    writer = _WRITERS.get(column.kind)
    text = writer(value, column, language) if writer else str(value)
    return Cell(text, style, title=str(value) if column.kind == "hash" else "")


def totals(panel: Panel, language: Language) -> list[Cell] | None:
    """Return the foot: the sum of each column that adds up; None where none does or one row is all."""
    if panel.table.height <= 1 or not any(column.is_totalled for column in panel.columns):
        return None
    foot = []
    for column in panel.columns:
        known = panel.table[column.name].drop_nulls() if column.is_totalled else None
        if known is None:
            foot.append(Cell("", "num" if column.kind in _NUMERIC else ""))
        else:
            foot.append(cell(known.sum() if known.len() else None, column, language))
    return foot


def as_csv(panel: Panel, language: Language) -> str:
    """Return all rows with exact values in base units (kg, kWh).

    German: semicolon and decimal comma; English: comma and decimal point. Text that a spreadsheet would take
    for a formula is marked with an apostrophe.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";" if language == "de" else ",", lineterminator="\r\n")
    writer.writerow([_plain_header(column) for column in panel.columns])
    for row in panel.table.select([column.name for column in panel.columns]).iter_rows():
        writer.writerow([_plain(value, language) for value in row])
    return buffer.getvalue()


def as_data_uri(panel: Panel, language: Language) -> str:
    """Return the CSV as a `data:` address: a download without a request."""
    encoded = base64.b64encode(as_csv(panel, language).encode("utf-8-sig")).decode("ascii")
    return f"data:text/csv;charset=utf-8;base64,{encoded}"


def _plain_header(column: Column) -> str:
    """Return header and base unit."""
    unit = column.unit or _UNITS.get(column.kind, ("", ""))[1]
    return f"{column.header} ({unit})" if unit else column.header


def _plain(value: Any, language: Language) -> str:  # noqa: ANN401 - a value of a frame
    """Return an exact value as text."""
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool | int):
        return str(value)
    if isinstance(value, Decimal | float):
        text = format(value.normalize() if isinstance(value, Decimal) else Decimal(repr(value)), "f")
        return text.replace(".", ",") if language == "de" else text
    return harmless(str(value))


def harmless(text: str) -> str:
    """Return text that a spreadsheet would take for a formula with an apostrophe before it."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
