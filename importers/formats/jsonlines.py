"""Logs in JSON: one document a line, or all of them in one array."""

import json as parser
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

from importers.formats import json
from importers.formats.encoding import guess

BROKEN: Final = object()
"""What stands for a line that is no JSON."""


def read(path: Path) -> list[tuple[int, Any]]:
    """Return the entries of a log with their rows: physical lines, or numbers within the array.

    A line that is no JSON, such as the last one of a log that was cut, is `BROKEN`.

    Raises:
        FileRefused: see `importers.formats.json.read`.
    """
    if path.stat().st_size <= json.LIMIT and (lines := _lines(path)):
        return [(row, _parsed(line)) for row, line in lines]
    document = json.read(path)
    entries = document if isinstance(document, list) and not _is_frame(document) else [document]
    return list(enumerate(entries, start=1))


def _lines(path: Path) -> list[tuple[int, str]]:
    """Return the lines that say something, where each is a document by itself; else none."""
    data = path.read_bytes()
    encoding = guess(data)
    if encoding is None:
        return []
    text = data[encoding.bom :].decode(encoding.name, errors="replace")
    lines = [(row, line) for row, line in enumerate(text.split("\n"), start=1) if line.strip()]
    return lines if len(lines) > 1 and _parsed(lines[0][1]) is not BROKEN else []


def _parsed(line: str) -> Any:  # noqa: ANN401 - what a JSON document holds
    try:
        return parser.loads(line, parse_float=Decimal)
    except (ValueError, RecursionError, InvalidOperation):
        return BROKEN


def _is_frame(document: list[Any]) -> bool:
    """Return whether an array is one message, which begins with a number, and no list of messages."""
    return bool(document) and isinstance(document[0], int)
