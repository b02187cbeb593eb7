"""What a commit finds, as issues."""

from typing import Final

import polars as pl

from bilanz.issues import ISSUE_SCHEMA
from bilanz.kinds import kind

_LOCAL: Final = "%Y-%m-%dT%H:%M%z"
RUNS: Final = 10
"""Up to so many ranges of readings of one source and batch are named one by one; more become one issue."""


def _local(name: str, zone: str) -> pl.Expr:
    return pl.col(name).dt.replace_time_zone("UTC").dt.convert_time_zone(zone).dt.strftime(_LOCAL)


def _gathered(overlaps: pl.DataFrame) -> pl.DataFrame:
    """Return overlaps with those of a source and batch made one where readings meet in many short ranges."""
    pair = ["source", "batch", "file", "rule"]
    is_many = pl.col("column").is_null() & (pl.len().over(pair) > RUNS)
    many = overlaps.filter(is_many).group_by(pair, maintain_order=True)
    one = many.agg(
        pl.col("start").min(), pl.col("end").max(), *(pl.col(name).first() for name in ("new_row", "old_row"))
    ).with_columns(column=pl.lit(None, pl.String))
    return pl.concat([overlaps.filter(~is_many), one.select(overlaps.columns)])


def overlap_issues(overlaps: pl.DataFrame, *, batch: str, file: str, zone: str) -> pl.DataFrame:
    """Return one issue per overlap that names both batches, files and rows (`ISSUE_SCHEMA`).

    `overlaps` is what `bilanz.store.overlaps.resolve_overlaps` returns.
    """
    parameters = pl.struct(
        period=_local("start", zone) + "/" + _local("end", zone),
        first=pl.col("batch"),
        first_file=pl.col("file"),
        first_row=pl.col("old_row").cast(pl.String).fill_null("–"),
        second=pl.lit(batch),
        second_file=pl.lit(file),
        rule=pl.col("rule"),
    )
    return (
        _gathered(overlaps.drop("organisation", "new_loses", strict=False))
        .select(
            source_row=pl.col("new_row").cast(pl.Int64),
            column=pl.col("column"),
            value=pl.col("source"),
            code=pl.lit("overlap"),
            severity=pl.lit(kind("overlap").severity.value),
            parameters=parameters.struct.json_encode(),
        )
        .cast(pl.Schema(ISSUE_SCHEMA))
    )
