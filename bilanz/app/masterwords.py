"""What tables, columns and coded values of master data are called, and what each is for, in plain words.

The words stand in `masterwords.toml`; they are templates like all others.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bilanz.activity import activities
from bilanz.messages import Language, translate


@dataclass(frozen=True, slots=True)
class Words:
    """Templates. `title`: what something is called; `purpose`: what it is for."""

    title: str
    purpose: str


@cache
def _read() -> Mapping[str, Any]:
    with (Path(__file__).parent / "masterwords.toml").open("rb") as stream:
        return tomllib.load(stream)


def table_words(table: str) -> Words:
    """Return what a table is called and what it is for."""
    return Words(*_read()["tables"][table])


def column_words(table: str, column: str) -> Words:
    """Return what a column is called and what it is for."""
    own: Mapping[str, Any] = _read()["columns_of"].get(table, {})
    return Words(*(own.get(column) or _read()["columns"][column]))


def value_word(code: str, language: Language) -> str:
    """Return a coded value in words; what is no code as it is."""
    named: Mapping[str, str] = _read()["values"]
    return translate(named[code], language) if code in named else code


def activity_word(code: str, language: Language) -> str:
    """Return the name of an activity; what is none as it is."""
    known = activities().get(code)
    return code if known is None else known.name(language)


def templates() -> list[str]:
    """Return every template of the file."""
    told = _read()
    pairs = [*told["tables"].values(), *told["columns"].values()]
    pairs += [pair for table in told["columns_of"].values() for pair in table.values()]
    return [*(text for pair in pairs for text in pair), *told["values"].values()]
