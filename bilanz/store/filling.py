"""Every record and series belongs to an organisation and a source before it is stored."""

from typing import Final

import polars as pl

UNCLASSIFIED: Final = "unclassified"


def _synthetic(*owners: str) -> pl.Expr:
    """Return `site:activity` or `organisation:activity`, for what names no source of its own."""
    owner = pl.coalesce([pl.col(name) for name in owners])
    return pl.concat_str([owner, pl.col("activity").fill_null(UNCLASSIFIED)], separator=":")


def fill_activities(activities: pl.DataFrame, organisation: str) -> pl.DataFrame:
    """Return records with organisation and source filled; what the file states is never replaced."""
    owned = activities.with_columns(pl.col("organisation").fill_null(organisation))
    return owned.with_columns(pl.col("source").fill_null(_synthetic("site", "organisation")))


def fill_series(series: pl.DataFrame, organisation: str) -> pl.DataFrame:
    """Return series with `organisation` added and source filled."""
    owned = series.with_columns(organisation=pl.lit(organisation))
    return owned.with_columns(pl.col("source").fill_null(_synthetic("organisation")))
