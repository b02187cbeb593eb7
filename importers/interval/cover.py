"""How much of a period others cover: the minutes of their union, whatever their number and length."""

from collections.abc import Sequence
from typing import Final

import polars as pl

MOSTLY: Final = 0.95
"""From this share of its minutes on a value says nothing the others do not say."""


def shares(values: pl.DataFrame, others: pl.DataFrame) -> pl.Series:
    """Return which share of each value's period the periods of others of the same key cover, 0 to 1.

    Args:
        values: `key`, `start`, `end`; one row per value.
        others: `key`, `start`, `end`; they may overlap and repeat.

    Shape: one Float64 per row of `values`, in their order; 0 for a value without length.
    """
    if values.is_empty() or others.is_empty():
        return pl.repeat(0.0, values.height, eager=True, dtype=pl.Float64)
    merged = _merged(others)
    rows = values.select("key", "start", "end").with_row_index("place")
    until = [_covered_until(rows, bound, merged) for bound in ("start", "end")]
    minutes = (pl.col("end") - pl.col("start")).dt.total_seconds()
    share = pl.when(minutes > 0).then((until[1] - until[0]) / minutes).otherwise(0.0)
    return rows.select(share.alias("share")).to_series()


def sums(values: pl.DataFrame, others: pl.DataFrame) -> pl.Series:
    """Return the sum of the quantities of others of the same key that begin in each value's period.

    Args:
        values: `key`, `start`, `end`; one row per value.
        others: `key`, `start`, `quantity`.

    Shape: one Decimal per row of `values`, in their order.
    """
    running = pl.col("quantity").cast(pl.Decimal(38, 6)).cum_sum().over("key")
    parts = others.sort("start").select("key", "start", total=running)
    rows = values.select("key", "start", "end").with_row_index("place")
    before = [
        rows.select("place", "key", at=pl.col(bound) - pl.duration(microseconds=1))
        .sort("at")
        .join_asof(parts, left_on="at", right_on="start", by="key", check_sortedness=False)
        .sort("place")["total"]
        .fill_null(0)
        for bound in ("start", "end")
    ]
    return before[1] - before[0]


def beside(points: pl.DataFrame, keys: Sequence[str], is_better: Sequence[bool]) -> pl.Series:
    """Return which share of each point the points of better series of its key cover; 0 for those themselves.

    Args:
        points: `series`, `start` (UTC), `minutes`.
        keys: by number of the series: what must be alike.
        is_better: by number of the series: whether it counts before the others.
    """
    if points.is_empty() or not any(is_better):
        return pl.repeat(0.0, points.height, eager=True, dtype=pl.Float64)
    order = pl.int_range(len(keys), eager=True, dtype=pl.Int32)
    facts = pl.DataFrame({"series": order, "key": list(keys), "better": list(is_better)})
    rows = points.select("series", "start", end=pl.col("start") + pl.duration(minutes="minutes"))
    rows = rows.with_columns(pl.col("series").cast(pl.Int32)).join(facts, on="series", maintain_order="left")
    found = shares(rows, rows.filter("better"))
    return rows.select(pl.when("better").then(0.0).otherwise(found).alias("share")).to_series()


def _merged(others: pl.DataFrame) -> pl.DataFrame:
    """Return the union of the periods of each key, with the seconds covered `before` each of its parts."""
    rows = others.select("key", "start", "end").filter(pl.col("end") > pl.col("start")).sort("key", "start")
    latest = pl.col("end").cum_max().shift(1).over("key")
    rows = rows.with_columns(part=(latest.is_null() | (pl.col("start") > latest)).cum_sum())
    parts = rows.group_by("part", maintain_order=True).agg(
        pl.col("key").first(), pl.col("start").first(), pl.col("end").max()
    )
    length = (pl.col("end") - pl.col("start")).dt.total_seconds()
    return parts.select("key", "start", "end", before=(length.cum_sum() - length).over("key")).sort("start")


def _covered_until(rows: pl.DataFrame, bound: str, merged: pl.DataFrame) -> pl.Series:
    """Return the seconds of the union before a bound of each row."""
    at = rows.select("place", "key", at=bound).sort("at")
    parts = merged.rename({"start": "since", "end": "until"})
    joined = at.join_asof(
        parts, left_on="at", right_on="since", by="key", strategy="backward", check_sortedness=False
    )
    inside = (pl.min_horizontal("at", "until") - pl.col("since")).dt.total_seconds()
    seconds = (pl.col("before") + inside).fill_null(0)
    return joined.sort("place").select(seconds.alias(bound)).to_series()
