"""Where the distance of values changes for good, the length of the intervals from there on is not known.

15 min, 15 min, 15 min, 60 min, 60 min, 60 min, …  ──►  hours as mean power would count as quarters of an hour
"""

from typing import Final

import polars as pl

from importers.interval.findings import ROW, Findings

_STEADY: Final = 12
"""So many equal distances in a row are no gaps."""


def without_other_intervals(cells: pl.DataFrame, stamp: str, column: str, findings: Findings) -> pl.DataFrame:
    """Reject values in a steady row of other distances than the interval of their series.

    Shape: cells by series and stamp with `step` and `minutes`, whose lengths are not stated. Single gaps stay
    gaps, and repeats stay repeats.

    Args:
        cells: of complete series.
        stamp: "begin" or "end": whether a value lasts until the next stamp or since the one before.
        column: header of the times.
        findings: of the file.
    """
    step, minutes = pl.col("step"), pl.col("minutes")
    if cells.select((step != minutes).sum() < _STEADY - 1).item():
        return cells
    own = pl.coalesce(step.shift(-1), step) if stamp == "begin" else pl.coalesce(step, step.shift(-1))
    runs = cells.with_columns(distance=own).with_columns(run=pl.struct("series", "distance").rle_id())
    differs = (pl.col("distance") > 0) & (pl.col("distance") != minutes)
    steady = (differs & (pl.len().over("run") >= _STEADY)).fill_null(value=False)
    beside = steady.shift(1 if stamp == "begin" else -1).over("series").fill_null(value=False)
    runs = runs.with_columns(
        is_other=steady | (differs & beside).fill_null(value=False)
    )  # with the one at the gap
    wrong = runs.filter("is_other").select(
        ROW,
        pl.col("stamp").dt.to_string("%Y-%m-%dT%H:%MZ").alias("value"),
        pl.struct(pl.col("distance", "minutes").cast(pl.String)).alias("parameters"),
    )
    findings.reject(wrong, "interval_changes", column)
    return runs.filter(~pl.col("is_other")).select(cells.columns)
