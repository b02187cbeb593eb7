"""What other factors do to a balance, line by line: the same year, calculated twice.

    lines with A ─┐  per slice and chain part         (factor in A, factor in B)
                  ├──────────────────────────► effect = co2e with B − co2e with A, summed per pair
    lines with B ─┘

A slice whose chain parts differ (a total in A, direct and upstream in B) is one pair as a whole. What stands
in only one of the balances is an effect too: the effects add up to the difference of the totals, exactly.
"""

from collections.abc import Collection
from decimal import Decimal
from typing import Any, Final

import polars as pl

from bilanz.result import MASS, Result
from bilanz.slices import QuantityLost

EFFECT_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "book": pl.String,
    "is_counted": pl.Boolean,  # false: memo and biogenic CO2, in no total
    "activity": pl.String,
    "chain": pl.String,  # null: several parts at once
    "factor_a": pl.String,  # null: no factor with A; " + " between several
    "factor_b": pl.String,
    "cause": pl.String,
    "slices": pl.Int64,  # quantities of a source and month
    "co2e_a_kg": MASS,
    "co2e_b_kg": MASS,
    "effect_kg": MASS,
}

CAUSES: Final = {
    "other_factor": "another factor",
    "value": "another value",
    "conversion": "heating value or potential",
    "found": "counted only with B",
    "lost": "counted only with A",
}
"""Code → words."""

_SLICE: Final = (
    "book", "organisation", "site", "source", "activity", "product_group", "role", "region", "month",
    "quantity", "unit", "basis", "quality", "is_apportioned", "is_counted",
)  # fmt: skip
_PAIR: Final = ("book", "is_counted", "activity", "chain", "factor_a", "factor_b")
_COUNTED: Final = ("1", "2", "3")
_BETWEEN: Final = " + "


def effects(old: Result, new: Result, changed: Collection[str]) -> pl.DataFrame:
    """Return the effect of every pair of factors that differs or whose effect is not zero.

    Args:
        old: the year with A.
        new: the same year, books and organisation with B.
        changed: factor_ids whose statements differ between A and B.

    Shape: `EFFECT_SCHEMA`, the largest effect of a book first.

    Raises:
        QuantityLost: the effects do not add up to the difference of the totals (a defect).
    """
    both = pl.concat([_side(old.lines, "a"), _side(new.lines, "b")])
    alike = _parts("a").over(_SLICE) == _parts("b").over(_SLICE)
    alone = (_parts("a").over(_SLICE) == "") | (_parts("b").over(_SLICE) == "")
    chain = pl.when(alike | alone).then("chain")
    told = (
        both.with_columns(chain)
        .group_by(*_SLICE, "chain")
        .agg(
            *(_named(f"factor_{side}") for side in "ab"), *(pl.col(f"co2e_{side}_kg").sum() for side in "ab")
        )
    )
    sums = told.group_by(_PAIR).agg(
        pl.len().cast(pl.Int64).alias("slices"), pl.col("co2e_a_kg", "co2e_b_kg").sum()
    )
    table = sums.with_columns(effect_kg=(pl.col("co2e_b_kg") - pl.col("co2e_a_kg")).cast(MASS))
    _check(old, new, table)
    table = table.filter((pl.col("effect_kg") != 0) | pl.col("factor_a").ne_missing(pl.col("factor_b")))
    causes = [_cause(row["factor_a"], row["factor_b"], changed) for row in table.iter_rows(named=True)]
    table = table.with_columns(pl.Series("cause", causes, dtype=pl.String))
    size = pl.col("effect_kg").abs()
    order = [pl.col("book"), ~pl.col("is_counted"), -size, *(pl.col(name) for name in _PAIR[2:])]
    return table.sort(order, nulls_last=True).select(
        pl.col(name).cast(kind) for name, kind in EFFECT_SCHEMA.items()
    )


def totals(result: Result) -> dict[tuple[str, bool], Decimal]:
    """Return (book, counted or not) → kg CO2e of a balance; a book without lines has zero."""
    found = {(book, counted): Decimal(0) for book in result.manifest.books for counted in (True, False)}
    sums = _told(result.lines).group_by("book", "is_counted").agg(pl.col("co2e_kg").sum())
    return found | {(book, counted): Decimal(total) for book, counted, total in sums.iter_rows()}


def _told(lines: pl.DataFrame) -> pl.DataFrame:
    told = lines.filter(pl.col("co2e_kg").is_not_null())
    return told.with_columns(is_counted=pl.col("scope").is_in(_COUNTED))


def _side(lines: pl.DataFrame, side: str) -> pl.DataFrame:
    """Return the lines of one balance with their factor and mass in the columns of its side."""
    zero, none = pl.lit(0).cast(MASS), pl.lit(None, dtype=pl.String)
    mine = {"a": (pl.col("factor_id"), pl.col("co2e_kg")), "b": (none, zero)}
    theirs = {"a": mine["b"], "b": mine["a"]}
    (factor_a, mass_a), (factor_b, mass_b) = mine[side], theirs[side]
    return _told(lines).select(
        *_SLICE,
        "chain",
        factor_a=factor_a,
        factor_b=factor_b,
        co2e_a_kg=mass_a,
        co2e_b_kg=mass_b,
    )


def _parts(side: str) -> pl.Expr:
    """Return the chain parts of a side; empty where it has no line."""
    return pl.col("chain").filter(pl.col(f"factor_{side}").is_not_null()).unique().sort().str.join(" ")


def _named(column: str) -> pl.Expr:
    """Return the factors of a group by name, or null where there is none."""
    text = pl.col(column).drop_nulls().unique().sort().str.join(_BETWEEN)
    return pl.when(text != "").then(text).alias(column)


def _cause(old: str | None, new: str | None, changed: Collection[str]) -> str:
    if old is None or new is None:
        return "found" if old is None else "lost"
    if old != new:
        return "other_factor"
    return "value" if any(factor in changed for factor in old.split(_BETWEEN)) else "conversion"


def _check(old: Result, new: Result, table: pl.DataFrame) -> None:
    """Raise unless the effects of every book add up to the difference of its totals."""
    before, after = totals(old), totals(new)
    sums: dict[tuple[Any, ...], Decimal] = {
        (book, counted): Decimal(total)
        for book, counted, total in table.group_by("book", "is_counted")
        .agg(pl.col("effect_kg").sum())
        .iter_rows()
    }
    for key in before.keys() | after.keys() | sums.keys():
        zero = Decimal(0)
        difference, found = after.get(key, zero) - before.get(key, zero), sums.get(key, zero)
        if difference != found:
            message = "{book}: effects of {found} kg, difference of the totals {difference} kg"
            raise QuantityLost(message, book=key[0], found=found, difference=difference)
