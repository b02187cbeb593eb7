"""What a commit finds, as issues."""

from typing import Final

import polars as pl

from bilanz.issues import ISSUE_SCHEMA, kind

_LOCAL: Final = "%Y-%m-%dT%H:%M%z"


def _local(name: str, zone: str) -> pl.Expr:
    return pl.col(name).dt.replace_time_zone("UTC").dt.convert_time_zone(zone).dt.strftime(_LOCAL)


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
    return overlaps.select(
        source_row=pl.col("new_row").cast(pl.Int64),
        column=pl.col("column"),
        value=pl.col("source"),
        code=pl.lit("overlap"),
        severity=pl.lit(kind("overlap").severity.value),
        parameters=parameters.struct.json_encode(),
    ).cast(ISSUE_SCHEMA)  # type: ignore[arg-type]
