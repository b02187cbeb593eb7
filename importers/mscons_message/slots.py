"""Intervals whose clock was disturbed, put onto the slots they fill.

    stated   20:00 ──── 20:16 ──── 20:30      two values, half an hour, the middle beside the quarter hour
    kept     20:00 ─── 20:15 ───── 20:30      the same two values on the two quarter hours there are

Only where nothing else is possible: values that follow each other without a break from one slot boundary to
the next, as many as there are slots between.
"""

from typing import Final

import polars as pl

from bilanz.issues import Issue
from bilanz.periods import local_iso
from importers.interval.findings import ROW, Findings

_HOUR: Final = 60
_RUN: Final = ["series", "run"]


def on_slots(values: pl.DataFrame, zone: str, findings: Findings) -> pl.DataFrame:
    """Return the values with `start` and `end` on the slots of their series, where only one way leads there.

    Shape: rows with `series`, `start` and `end` (UTC); the same rows out. How many were moved is noted.
    """
    minutes = (pl.col("end") - pl.col("start")).dt.total_minutes()
    usual = (
        values.group_by("series")
        .agg(usual=minutes.mode().min())
        .filter((pl.col("usual") < _HOUR) & (_HOUR % pl.col("usual") == 0))
    )
    begun = values.join(usual, on="series", how="left", maintain_order="left").sort("series", "start", ROW)
    off = (pl.col("start").dt.epoch("s") % (pl.col("usual") * 60) != 0).fill_null(value=False)
    if not begun.select(off.any()).item():
        return values
    begun = begun.with_columns(run=(~off).cum_sum())
    follows = (pl.col("start") == pl.col("end").shift(1)).fill_null(value=False)
    runs = begun.group_by(_RUN).agg(
        first=pl.col("start").first(),
        is_slots=(pl.col("end").last() - pl.col("start").first()).dt.total_minutes()
        == pl.len() * pl.col("usual").first(),
        is_whole=follows.slice(1).all() & ~off.first() & off.any(),
    )
    begun = begun.join(runs.filter("is_slots", "is_whole"), on=_RUN, how="left", maintain_order="left")
    moved = pl.col("first").is_not_null() & off
    count = begun.select(moved.sum()).item()
    if not count:
        return values
    shown = begun.filter(moved).row(0, named=True)
    value = local_iso(zone, shown["start"])
    findings.add(Issue("interval_moved", shown[ROW], "DTM", value, {"count": str(count)}))
    place = pl.int_range(pl.len()).over(_RUN)
    start = pl.col("first") + pl.duration(minutes=place * pl.col("usual"))
    is_slotted = pl.col("first").is_not_null()
    return begun.with_columns(
        start=pl.when(is_slotted).then(start).otherwise("start"),
        end=pl.when(is_slotted).then(start + pl.duration(minutes="usual")).otherwise("end"),
    ).drop("usual", "run", "first", "is_slots", "is_whole")
