"""Figures that moved a lot from one year to the next: flagged for a reader, never refused.

A grid mix may fall by a quarter because the data year changed (DESNZ 2026), or because a decimal point
slipped. Only a person can tell.
"""

from typing import Final

import polars as pl

LIMIT: Final = 0.2
"""Relative change from one statement to the next that is flagged."""

_SAME: Final = (
    "source", "activity", "product_group", "category", "item", "region", "gas", "chain", "per_unit", "basis",
    "mass_unit", "delivery", "method", "price_basis",
)  # fmt: skip

JUMP_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "factor_id": pl.String,
    "gas": pl.String,
    "chain": pl.String,
    "before": pl.Decimal(38, 18),
    "after": pl.Decimal(38, 18),
    "change": pl.Float64,  # relative to before
    "since": pl.Date,  # begin of validity of the value before
}


def jumps(factors: pl.DataFrame, *, limit: float = LIMIT) -> pl.DataFrame:
    """Return values that differ from the one before by more than a limit.

    Args:
        factors: rows of `FACTOR_SCHEMA`. Compared is what one source says about one line in the same unit,
            the newest edition of each year; a value of zero has no relative change and is not compared.
        limit: relative change, 0.2 = 20 %.

    Shape: one row per jump in `JUMP_SCHEMA`, the largest change first.
    """
    newest = factors.sort("edition").unique([*_SAME, "valid_from"], keep="last", maintain_order=True)
    told = newest.sort("valid_from", maintain_order=True).with_columns(
        pl.col("value").shift().over(_SAME).alias("before"),
        pl.col("valid_from").shift().over(_SAME).alias("since"),
    )
    told = told.filter(pl.col("before") != 0).with_columns(
        change=pl.col("value").cast(pl.Float64) / pl.col("before").cast(pl.Float64) - 1
    )
    found = told.filter(pl.col("change").abs() > limit).rename({"value": "after"})
    ordered = found.sort(pl.col("change").abs(), "factor_id", descending=[True, False])
    return ordered.select(pl.col(name).cast(kind) for name, kind in JUMP_SCHEMA.items())
