"""A whole result as one JSON object, for programs: what it rests on, its totals, its lines and their gaps."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, Final, TextIO

import polars as pl

from bilanz.messages import Language, translate
from bilanz.result import Result
from reports.base import Wording
from reports.datapackage import pinned
from reports.export import Export

_FRAMES: Final = ("lines", "exceptions", "assumptions", "factors")
_ROWS_AT_ONCE: Final = 10_000


class JsonObject(Export):
    """One object: manifest, totals, lines, exceptions, assumptions, factors; the same in every language."""

    name: ClassVar[str] = "json"
    suffix: ClassVar[str] = ".json"

    def title(self, language: Language) -> str:
        """Return what the form is."""
        return translate("The whole balance as one object (JSON)", language)

    def write(self, result: Result, wording: Wording, path: Path) -> None:
        """Write the object, one row of a frame per line of the file.

        `totals` is the answer of `bilanz calculate --json`. Decimals are strings with all digits, absent
        values are null.
        """
        with path.open("w", encoding="utf-8", newline="\n") as stream:
            stream.write(f'{{"manifest": {_text(pinned(result.manifest))},\n')
            stream.write(f'"totals": {_text(dict(wording.summary))}')
            for name in _FRAMES:
                _write_rows(stream, name, getattr(result, name))
            stream.write("}\n")


def _write_rows(stream: TextIO, name: str, frame: pl.DataFrame) -> None:
    """Write one member of the object: a list with one row per line."""
    stream.write(f',\n"{name}": [')
    separator = "\n"
    for row in _rows(frame):
        stream.write(f"{separator}{_text(row)}")
        separator = ",\n"
    stream.write("]")


def _rows(frame: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield the rows with decimals and days as text."""
    exact = [name for name, kind in frame.schema.items() if kind.is_decimal() or kind == pl.Date]
    for part in frame.iter_slices(_ROWS_AT_ONCE):
        yield from part.with_columns(pl.col(exact).cast(pl.String)).iter_rows(named=True)


def _text(value: Any) -> str:  # noqa: ANN401 - any JSON value
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
