"""Which balance lines stand behind a figure: what they have in common, said so that others can look for them.

book, category, activity, gas    as in `LINE_SCHEMA`; `MISSING`: the line has none
scope                            as there, or `COUNTED`: one of those that make up a total
month                            YYYY-MM
unit                             an organisation; with `reach` = `ITSELF` its own lines, else also those below
"""

from collections.abc import Mapping
from datetime import date
from typing import Final

import polars as pl

COUNTED: Final = "1-3"
"""Scopes 1 to 3 together."""

ITSELF: Final = "itself"
"""Only lines of the very organisation."""

MISSING: Final = "-"
"""What stands where a line has no value."""

MONTH: Final = "%Y-%m"


def of_rows(frame: pl.DataFrame, *keys: str, **fixed: str) -> tuple[Mapping[str, str], ...]:
    """Return for each row what its lines have: its values of the keys, and what holds for all rows."""
    return tuple({**fixed, **{key: _text(row[key]) for key in keys}} for row in frame.iter_rows(named=True))


def _text(value: object) -> str:
    if value is None:
        return MISSING
    return value.strftime(MONTH) if isinstance(value, date) else str(value)
