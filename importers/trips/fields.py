"""The columns of tables of trips."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from importers.columns.headers import Field, anything
from importers.upload.fields import is_layout, is_unit, transliterated

_MEASURES: Final = ("distance", "amount", "opening", "closing", "private")
_DATES: Final = ("date", "start", "end")
PERSONAL: Final = ("driver", "traveller", "purpose", "partner", "from", "to", "note")
"""Fields never kept: who travelled, why, and between which places."""


@cache
def log_fields() -> tuple[Field, ...]:
    """Return the fields of a log book."""
    return fields_of("log")


@cache
def travel_fields() -> tuple[Field, ...]:
    """Return the fields of a table of travel expenses."""
    return fields_of("travel")


@cache
def fields_of(table: str) -> tuple[Field, ...]:
    """Return the fields of one kind of table."""
    return tuple(_field(name, tuple(names)) for name, names in vocabulary()[table].items())


@cache
def vocabulary() -> Mapping[str, Mapping[str, str | list[str]]]:
    """Return the headers of all kinds of tables."""
    with (Path(__file__).parent / "fields.toml").open("rb") as stream:
        return tomllib.load(stream)


def _field(name: str, names: tuple[str, ...]) -> Field:
    every = tuple(dict.fromkeys([*names, *map(transliterated, names)]))
    if name in _MEASURES:
        return Field(name, every, takes=is_unit, is_measure=True)
    return Field(name, every, takes=is_layout if name in _DATES else anything)
