"""Texts of the values of a message, gathered column by column while its elements pass."""

from typing import Final

import polars as pl

from importers.interval.findings import ROW
from importers.upload.findings import SHOWN

CHUNK: Final = 65_536
"""So many texts are packed at a time."""


class Texts:
    """Columns of texts, one value at a time; packed whenever a chunk is full.

    A reader appends to the lists of `columns` itself and calls `packed` now and then: a call per value would
    take longer than parsing it.

    Attributes:
        columns: name → the texts not packed yet, all of one length between two values.
    """

    def __init__(self, *names: str, numbers: tuple[str, ...] = ()) -> None:
        """Start empty.

        Args:
            names: columns of texts.
            numbers: columns of whole numbers.
        """
        self.columns: dict[str, list[str | int | None]] = {name: [] for name in (*names, *numbers)}
        self._schema: dict[str, type[pl.DataType]] = {
            **dict.fromkeys(names, pl.String),
            **dict.fromkeys(numbers, pl.Int64),
        }
        self._first = next(iter(self.columns.values()))
        self._frames = [pl.DataFrame(schema=self._schema)]

    def packed(self, *, least: int = CHUNK) -> None:
        """Turn the texts gathered so far into a frame, where they are as many as `least`."""
        if len(self._first) < max(least, 1):
            return
        self._frames.append(pl.DataFrame(self.columns, schema=self._schema, strict=False))
        for texts in self.columns.values():
            texts.clear()

    def frame(self) -> pl.DataFrame:
        """Return everything gathered, trimmed, with `__row`: the number of the value in the message.

        A text longer than anyone reads is cut with a sign that makes it no number.
        """
        self.packed(least=1)
        rows = pl.concat(self._frames)
        names = [name for name, kind in self._schema.items() if kind is pl.String]
        return (
            rows.with_columns(_bounded(name) for name in names)
            .with_row_index(ROW, offset=1)
            .cast({ROW: pl.Int64})
        )


def _bounded(name: str) -> pl.Expr:
    text = pl.col(name).str.strip_chars()
    return pl.when(text.str.len_chars() > SHOWN).then(text.str.head(SHOWN) + "…").otherwise(text).alias(name)


def shown(text: str | None) -> str:
    """Return a text of a message as an issue repeats it."""
    bare = (text or "").strip()
    return f"{bare[:SHOWN]}…" if len(bare) > SHOWN else bare or "–"
