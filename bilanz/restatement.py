"""What a closed balance would be today, by line and by cause: one thing changed at a time, in this order.

    closed run ──method──► ──data──► ──factor──► ──boundary──► run of today
      rules, potentials,    files,      release     organisations,
      program               decisions               sources, instruments

Each step starts where the one before ended, so the effects add up to the difference of the totals, exactly.
Which part of an interaction a cause gets follows from the order: a new quantity counts with the old factor.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal, localcontext
from itertools import pairwise
from typing import Final

import polars as pl

from bilanz.result import MASS
from bilanz.slices import QuantityLost

CAUSES: Final = ("method", "data", "factor", "boundary")
"""In the order of the steps."""

DIFFERENCE_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "book": pl.String,
    "is_counted": pl.Boolean,  # false: memo and biogenic CO2, in no total
    "cause": pl.String,
    "organisation": pl.String,
    "source": pl.String,
    "activity": pl.String,
    "product_group": pl.String,
    "month": pl.Date,
    "scope": pl.String,
    "category": pl.String,
    "co2e_before_kg": MASS,  # before this step
    "co2e_after_kg": MASS,
    "effect_kg": MASS,
}

TOTAL_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "book": pl.String,
    "co2e_old_kg": MASS,
    **{f"{cause}_kg": MASS for cause in CAUSES},
    "co2e_new_kg": MASS,
    "change": pl.Decimal(38, 6),  # share of the old total; null where that is zero
    "is_reached": pl.Boolean,  # the threshold
}

_LINE: Final = (
    "book", "is_counted", "organisation", "source", "activity", "product_group", "month", "scope", "category",
)  # fmt: skip
_COUNTED: Final = ("1", "2", "3")
_SHARE_DIGITS: Final = 6
_PRECISION: Final = 60
"""Digits of a difference or share: more than any mass has, so that nothing is rounded on the way."""


def differences(steps: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Return what each cause does to each line.

    Args:
        steps: the lines of the closed run and of each step after it, in the order of `CAUSES`.

    Shape: `DIFFERENCE_SCHEMA`, one row per line and cause with an effect, the largest of a book first.

    Raises:
        QuantityLost: the effects do not add up to the difference of the totals (a defect).
    """
    sums = [_sums(lines) for lines in steps]
    pairs = zip(CAUSES, pairwise(sums), strict=True)
    found = pl.concat([_step(cause, before, after) for cause, (before, after) in pairs])
    _check(sums[0], sums[-1], found)
    order = [pl.col("book"), ~pl.col("is_counted"), -pl.col("effect_kg").abs(), pl.col("cause")]
    return found.sort([*order, *(pl.col(name) for name in _LINE[2:])], nulls_last=True)


def totals(steps: Sequence[pl.DataFrame], books: Sequence[str], threshold: Decimal) -> pl.DataFrame:
    """Return what each cause does to the total of each book, and whether the change reaches the threshold.

    Shape: `TOTAL_SCHEMA`, in the order of the books. old + causes = new, exactly.
    """
    with localcontext(prec=_PRECISION):
        rows = [_row(book, [_total(lines, book) for lines in steps], threshold) for book in books]
    return pl.DataFrame(rows, schema=TOTAL_SCHEMA, orient="row")


def _row(book: str, told: Sequence[Decimal], threshold: Decimal) -> list[object]:
    """Return the row of a book: its total before and after each step."""
    old, new = told[0], told[-1]
    effects = [after - before for before, after in pairwise(told)]
    change = None if old == 0 else round((new - old) / abs(old), _SHARE_DIGITS)
    is_reached = old != new and abs(new - old) >= threshold * abs(old)
    return [book, old, *effects, new, change, is_reached]


def _sums(lines: pl.DataFrame) -> pl.DataFrame:
    """Return the mass per line, gases and parts of the chain added up."""
    told = lines.filter(pl.col("co2e_kg").is_not_null())
    counted = told.with_columns(is_counted=pl.col("scope").is_in(_COUNTED))
    return counted.group_by(_LINE).agg(pl.col("co2e_kg").sum().cast(MASS))


def _step(cause: str, before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Return the lines a step changes; a line that stands on one side only is zero on the other."""
    zero = pl.lit(0).cast(MASS)
    sides = pl.concat(
        [
            before.select(*_LINE, co2e_before_kg="co2e_kg", co2e_after_kg=zero),
            after.select(*_LINE, co2e_before_kg=zero, co2e_after_kg="co2e_kg"),
        ]
    )
    both = sides.group_by(_LINE).agg(pl.col("co2e_before_kg", "co2e_after_kg").sum())
    told = both.with_columns(
        cause=pl.lit(cause), effect_kg=(pl.col("co2e_after_kg") - pl.col("co2e_before_kg")).cast(MASS)
    )
    changed = told.filter(pl.col("effect_kg") != 0)
    return changed.select(pl.col(name).cast(kind) for name, kind in DIFFERENCE_SCHEMA.items())


def _total(lines: pl.DataFrame, book: str) -> Decimal:
    told = lines.filter((pl.col("book") == book) & pl.col("scope").is_in(_COUNTED))
    total = told["co2e_kg"].sum() if told.height else None
    return Decimal(total or 0)


def _check(old: pl.DataFrame, new: pl.DataFrame, found: pl.DataFrame) -> None:
    before, after, effect = (
        _by_book(frame, column)
        for frame, column in ((old, "co2e_kg"), (new, "co2e_kg"), (found, "effect_kg"))
    )
    for key in before.keys() | after.keys() | effect.keys():
        with localcontext(prec=_PRECISION):
            difference = after.get(key, Decimal(0)) - before.get(key, Decimal(0))
        if difference != effect.get(key, Decimal(0)):
            message = "{book}: effects of {found} kg, difference of the totals {difference} kg"
            raise QuantityLost(message, book=key[0], found=effect.get(key), difference=difference)


def _by_book(frame: pl.DataFrame, column: str) -> Mapping[tuple[str, bool], Decimal]:
    sums = frame.group_by("book", "is_counted").agg(pl.col(column).sum())
    return {(book, counted): Decimal(total) for book, counted, total in sums.iter_rows()}
