"""JSON as Python values: numbers keep every digit, size and depth are bounded, nothing else is read.

Fractions are `Decimal`, whole numbers `int`. NaN and infinities, which JSON does not know, are refused.
"""

import json
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final, NoReturn

from bilanz.errors import FileRefused
from importers.formats.encoding import guess

LIMIT: Final = 256 * 1024**2
"""Largest file read, in bytes: the values of a file are held together."""


def head_text(head: bytes) -> str | None:
    """Return the first bytes of a file as text where they may begin a JSON document; never raises."""
    encoding = guess(head)
    if encoding is None:
        return None
    text = head[encoding.bom :].decode(encoding.name, errors="replace").lstrip()
    return text if text.startswith(("{", "[")) else None


def read(path: Path, *, limit: int = LIMIT) -> Any:  # noqa: ANN401 - what a JSON document holds
    """Return the document of a file.

    Raises:
        FileRefused: `too_large`, `binary_file`, or `malformed_json` with the line.
    """
    size = path.stat().st_size
    if size > limit:
        message = "{file} has {size} MB; JSON is read up to {limit} MB."
        raise FileRefused(
            message, code="too_large", file=path.name, size=size // 1024**2, limit=limit // 1024**2
        )
    data = path.read_bytes()
    encoding = guess(data)
    if encoding is None:
        _refuse(path, 1, "binary data")
    try:
        text = data[encoding.bom :].decode(encoding.name)
        return json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        _refuse(path, error.lineno, error.msg)
    except RecursionError:
        _refuse(path, 1, "nested too deeply")
    except (ValueError, InvalidOperation) as error:
        _refuse(path, 1, str(error)[:80])


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _refuse(path: Path, row: int, reason: str) -> NoReturn:
    message = "{file}, row {row}: this is no well-formed JSON ({reason})."
    raise FileRefused(message, code="malformed_json", file=path.name, row=row, reason=reason)
