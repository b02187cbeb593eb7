"""Series of a feed that repeat others of their point: in longer intervals, as power, as one tariff."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import polars as pl

from importers.meterxml import espi
from importers.meterxml.espi import Meaning
from importers.meterxml.espi_feed import Series
from importers.meterxml.metercodes import TARIFF
from importers.meterxml.values import POWER

COARSER: Final = "the same energy in longer intervals"


@dataclass(frozen=True, slots=True)
class Measured:
    """One series with its meaning and its name in issues."""

    series: Series
    meaning: Meaning
    name: str


@dataclass(frozen=True, slots=True)
class Span:
    """What the values of a series cover.

    Attributes:
        minutes: usual length of an interval; 0: none is known.
    """

    count: int
    minutes: int
    low: datetime
    high: datetime

    def overlaps(self, other: "Span") -> bool:
        """Return whether some interval of one may lie among those of the other."""
        return self.low <= other.high and other.low <= self.high


def spans(rows: pl.DataFrame) -> dict[int, Span]:
    """Return what each series covers, from `series`, `start_at` and `minutes`."""
    found = rows.group_by("series").agg(
        pl.len(),
        pl.col("minutes").mode().min().fill_null(0).alias("usual"),
        pl.col("start_at").min().alias("low"),
        pl.col("start_at").max().alias("high"),
    )
    return {number: Span(*rest) for number, *rest in found.sort("series").iter_rows()}


def repeated(known: Mapping[int, Span], every: Sequence[Measured]) -> dict[int, str]:
    """Return the series that repeat another one, with the reason (an English template).

    Two series are of the same energy where point, activity, direction and kind of accumulation are the same
    and their times overlap: energy counts before power, the total of all tariffs (`tou` 0) before each, and
    shorter intervals before longer ones. Two tariffs are energy of their own.
    """
    alike: dict[tuple[object, ...], list[int]] = {}
    for number in known:
        one = every[number]
        if one.series.point is not None and one.meaning.refused is None:
            meaning = one.meaning
            key = (one.series.point.path, meaning.activity, meaning.direction, meaning.is_register)
            alike.setdefault(key, []).append(number)
    found = {}
    for numbers in alike.values():
        best = sorted(numbers, key=lambda number: _rank(known[number], every[number]))
        for place, number in enumerate(best):
            reason = _reason(number, best[:place], known, every)
            if reason is not None:
                found[number] = reason
    return found


def _rank(span: Span, one: Measured) -> tuple[bool, bool, bool, int]:
    return espi.is_power(one.meaning.unit), bool(_tariff(one)), not span.minutes, span.minutes


def _tariff(one: Measured) -> str:
    """Return the time of use a series is of; "": all of them."""
    texts = one.series.type.texts if one.series.type is not None else {}
    return texts.get("tou", "").lstrip("0")


def _reason(
    number: int, better: Sequence[int], known: Mapping[int, Span], every: Sequence[Measured]
) -> str | None:
    mine, is_power = known[number], espi.is_power(every[number].meaning.unit)
    for other in better:
        if not mine.overlaps(known[other]):
            continue
        if is_power and not espi.is_power(every[other].meaning.unit):
            return POWER
        tariff, its = _tariff(every[number]), _tariff(every[other])
        if tariff and not its:
            return TARIFF
        if tariff == its and mine.minutes > known[other].minutes > 0:
            return COARSER
    return None
