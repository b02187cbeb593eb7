"""Texts that come back in the same order: the meters of a file mostly run through the same times."""

from collections.abc import Callable
from typing import Final

import polars as pl

LEAST: Final = 1000
"""A shorter run is not worth remembering."""

_PATIENCE: Final = 3
"""After so many blocks that did not go on as the last run did, nothing is expected any more."""


class Repeated:
    """Reads texts by a function of each text alone; what repeats the last run is compared, not read again.

    The outcome is that of the function, whatever the texts are. Comparing costs a fifth of reading a time.
    """

    def __init__(self, read: Callable[[pl.Series], pl.Series]) -> None:
        """Take the function: a series of texts to a series of as many values."""
        self._read = read
        self._run: tuple[pl.Series, pl.Series] | None = None  # texts and their values
        self._place = 0  # in the run, of the text expected next
        self._misses = 0

    def read(self, texts: pl.Series) -> pl.Series:
        """Return the values of the texts of the next block."""
        found: list[pl.Series] = []
        done = 0
        while self._run is not None and done < texts.len():
            run, values = self._run
            count = min(run.len() - self._place, texts.len() - done)
            if not texts.slice(done, count).equals(run.slice(self._place, count)):
                self._misses += 1
                self._run = None
                break
            found.append(values.slice(self._place, count))
            self._place = (self._place + count) % run.len()
            done += count
        if done < texts.len():
            found.append(self._learnt(texts.slice(done)))
        return pl.concat(found, rechunk=True) if found else self._read(texts)

    def _learnt(self, texts: pl.Series) -> pl.Series:
        """Read texts, and remember them from the first up to where that comes back."""
        values = self._read(texts)
        if self._misses < _PATIENCE:
            first = pl.Series([texts[0]], dtype=texts.dtype)
            back = (texts == first).arg_true().slice(1, 1)
            length = int(back[0]) if back.len() else 0
            if length >= LEAST:
                self._run = texts.head(length), values.head(length)
                self._place = texts.len() % length
            else:
                self._misses += 1
        return values
