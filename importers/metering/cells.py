"""Values of a document with the texts that stand around them, before anything is converted."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from importers.interval.findings import ROW
from importers.interval.points import Facts

_TEXTS: Final = ("text", "stamp", "until", "length", "position", "quality")


@dataclass(slots=True)
class Cells:
    """Collects the values of a document in its order; the number of a value is its row.

    Attributes:
        facts: one per series.
        read: values met.
    """

    facts: list[Facts] = field(default_factory=list)
    read: int = 0
    _numbers: dict[tuple[Hashable, ...], int] = field(default_factory=dict)
    _series: list[int] = field(default_factory=list)
    _rows: list[int] = field(default_factory=list)
    _texts: dict[str, list[str | None]] = field(default_factory=lambda: {name: [] for name in _TEXTS})

    def series(self, make: Callable[..., Facts], *key: Hashable) -> int:
        """Return the number of a series by what tells it apart; its facts are made of that when it is new."""
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.facts)
            self.facts.append(make(*key))
        return number

    def take(self, series: int, row: int | None = None, **texts: str | None) -> None:
        """Take one value with its texts: `text`, `stamp`, `until`, `length`, `position`, `quality`.

        Args:
            series: its number.
            row: number of the value or of its row in the document; None: counted.
            texts: those the format has; the others are null.
        """
        self.read += 1
        self._series.append(series)
        self._rows.append(self.read if row is None else row)
        for name, values in self._texts.items():
            values.append(texts.get(name))

    def frame(self) -> pl.DataFrame:
        """Return all values: `series`, `__row` and the texts."""
        return pl.DataFrame(
            {"series": self._series, ROW: self._rows, **self._texts},
            schema={"series": pl.Int32, ROW: pl.Int64, **dict.fromkeys(_TEXTS, pl.String)},
        )
