"""What tables, columns and coded values of master data are called, and what each is for, in plain words.

The words stand in `words.toml` and `fundwords.toml`; they are templates like all others.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from bilanz.activity import activities
from bilanz.messages import Language, translate

_FILES: Final = ("words.toml", "fundwords.toml")


@dataclass(frozen=True, slots=True)
class Words:
    """Templates. `title`: what something is called; `purpose`: what it is for."""

    title: str
    purpose: str


@cache
def _read() -> Mapping[str, dict[str, Any]]:
    """Return the parts of the files, each name in one of them."""
    told: dict[str, dict[str, Any]] = {}
    for name in _FILES:
        with (Path(__file__).parent / name).open("rb") as stream:
            for part, words in tomllib.load(stream).items():
                told[part] = told.get(part, {}) | words
    return told


def table_words(table: str) -> Words:
    """Return what a table is called and what it is for."""
    return Words(*_read()["tables"][table])


def column_words(table: str, column: str) -> Words:
    """Return what a column is called and what it is for."""
    own: Mapping[str, Any] = _read()["columns_of"].get(table, {})
    return Words(*(own.get(column) or _read()["columns"][column]))


def value_word(code: str, language: Language, table: str = "") -> str:
    """Return a coded value in words; what is no code as it is. `table`: where codes have another meaning."""
    told = _read()
    own: Mapping[str, str] = told["values_of"].get(table, {})
    named = own.get(code) or told["values"].get(code)
    return code if named is None else translate(named, language)


def activity_word(code: str, language: Language) -> str:
    """Return the name of an activity; what is none as it is."""
    known = activities().get(code)
    return code if known is None else known.name(language)


def templates() -> list[str]:
    """Return every template of the files."""
    told = _read()
    pairs = [*told["tables"].values(), *told["columns"].values()]
    pairs += [pair for table in told["columns_of"].values() for pair in table.values()]
    values = [
        *told["values"].values(),
        *(word for own in told["values_of"].values() for word in own.values()),
    ]
    return [*(text for pair in pairs for text in pair), *values]
