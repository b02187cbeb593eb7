"""Rows of the standard upload with German headers, as an agency would fill in the template."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

NOTE = "fiktiv (Musterhafen)"

HEADERS = {
    "organisation": "Organisation",
    "site": "Standort",
    "source": "Quelle",
    "activity": "Aktivität",
    "start": "Beginn",
    "end": "Ende",
    "quantity": "Menge",
    "unit": "Einheit",
    "basis": "Bezug",
    "cost_net": "Kosten netto",
    "currency": "Währung",
    "quality": "Qualität",
    "document_type": "Belegart",
    "role": "Rolle",
    "counterparty": "Lieferant",
    "account": "Konto",
    "cpv": "CPV",
    "stock_before": "Bestand vorher",
    "stock_after": "Bestand nachher",
    "note": "Bemerkung",
}
_KEPT = ("organisation", "site", "source", "activity", "start", "end", "quantity", "unit", "note")


@dataclass(frozen=True, slots=True)
class Row:
    """One row; every cell is the text that stands in the file."""

    organisation: str
    site: str = ""
    source: str = ""
    activity: str = ""
    start: str = ""
    end: str = ""
    quantity: str = ""
    unit: str = ""
    basis: str = ""
    cost_net: str = ""
    currency: str = ""
    quality: str = ""
    document_type: str = ""
    role: str = ""
    counterparty: str = ""
    account: str = ""
    cpv: str = ""
    stock_before: str = ""
    stock_after: str = ""
    note: str = NOTE


def german(value: float | Decimal, digits: int = 2) -> str:
    """Return a number with points between thousands and a decimal comma; integers stay without points."""
    if digits == 0:
        return f"{value:.0f}"
    return f"{value:,.{digits}f}".translate(str.maketrans(",.", ".,"))


def day(value: date) -> str:
    """Return a date as DD.MM.YYYY."""
    return value.strftime("%d.%m.%Y")


def month_bounds(year: int, month: int) -> tuple[date, date]:
    """Return the first and the last day of a month."""
    after = date(year + month // 12, month % 12 + 1, 1)
    return date(year, month, 1), after - timedelta(days=1)


def write_rows(path: Path, rows: Sequence[Row], *, encoding: str = "utf-8-sig") -> Path:
    """Write the standard upload; optional columns that stay empty are left out."""
    filled = {name for name in HEADERS if any(getattr(row, name) for row in rows)}
    used = [name for name in HEADERS if name in filled or name in _KEPT]
    lines = [[HEADERS[name] for name in used], *([getattr(row, name) for name in used] for row in rows)]
    return write_lines(path, lines, encoding=encoding)


def write_lines(path: Path, lines: Iterable[Sequence[str]], *, encoding: str) -> Path:
    """Write lines of cells as a semicolon file the way a German spreadsheet does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(";".join(_quoted(cell) for cell in cells) + "\r\n" for cells in lines)
    path.write_bytes(text.encode(encoding))
    return path


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if any(sign in cell for sign in ';"\n') else cell
