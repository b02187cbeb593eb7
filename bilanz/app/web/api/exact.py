"""Numbers and times as the API writes them: exact decimals as text, days ISO 8601, months YYYY-MM."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any


def exact(value: Decimal | None) -> str | None:
    """Return a decimal as plain text without trailing zeros; None: not known."""
    return None if value is None else number(value)


def number(value: Decimal) -> str:
    """Return a decimal as plain text without trailing zeros."""
    return "0" if value == 0 else f"{value.normalize():f}"


def instant(at: datetime) -> str:
    """Return a time the store or the registry holds as ISO 8601 in UTC."""
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).isoformat(timespec="seconds")


def utc(text: str) -> str:
    """Return a time as ISO 8601 in UTC; one without an offset is UTC already."""
    at = datetime.fromisoformat(text)
    return instant(at.astimezone(UTC) if at.tzinfo else at)


def month(day: date | None) -> str | None:
    """Return a month as YYYY-MM; None: none."""
    return None if day is None else f"{day:%Y-%m}"


def plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of a frame for other programs; a column `month` as YYYY-MM."""
    return {name: _plain(name, value) for name, value in row.items()}


def rows(found: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return rows of a frame for other programs."""
    return [plain(row) for row in found]


def _plain(name: str, value: object) -> object:
    match value:
        case Decimal():
            return exact(value)
        case datetime():
            return instant(value)
        case date():
            return month(value) if name == "month" else value.isoformat()
        case _:
            return value
