"""Which sign is the decimal point of a column of a text file: decided from all its cells, as in uploads.

`1.234` is 1234 in German and 1.234 in English. Where another cell of the column decides, it is written so
that nothing is open any more; where none does, it stays as it is, and reading it refuses it.
"""

from collections.abc import Sequence
from contextlib import suppress

import polars as pl

from bilanz.app.master.cells import NUMBERS, CellError, number, written
from bilanz.app.master.table import Table
from importers.columns.numbers import Ambiguous, NumberFormat, decide_series, parse


def settled(
    header: Sequence[str], lines: Sequence[tuple[int, Sequence[str]]], table: Table
) -> list[tuple[int, list[str]]]:
    """Return lines (number, cells) whose decimals say which they are, where their column tells."""
    kinds = {column.name: column.read for column in table.columns}
    formats = {
        place: found
        for place, name in enumerate(header)
        if kinds.get(name) in NUMBERS and isinstance(found := _format(lines, place), NumberFormat)
    }
    return [
        (line, [_cell(text, formats.get(place)) for place, text in enumerate(cells)]) for line, cells in lines
    ]


def _format(lines: Sequence[tuple[int, Sequence[str]]], place: int) -> NumberFormat | Ambiguous:
    column = [cells[place] for _, cells in lines if place < len(cells)]
    return decide_series(pl.Series(column, dtype=pl.String))


def _cell(text: str, found: NumberFormat | None) -> str:
    """Return a cell that reads as its column says; as it was wherever that is so already, for messages."""
    value = None if found is None else parse(text, found)
    if value is None:
        return text
    for told in (text, f"{text}0"):
        with suppress(CellError):
            if number(told) == value:
                return told
    return written(value)
