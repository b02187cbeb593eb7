"""Holds an import of messages against expected readings, series, records and issues beside the input."""

from pathlib import Path

import polars as pl

from importers.base import ImportResult


def total(result: ImportResult) -> pl.DataFrame:
    """Return what was accepted by source, direction and unit, readings and records together."""
    records = result.activities.select("source", "direction", "unit", "quantity")
    if result.readings is not None:
        facts = result.series.select("series", "source", "direction", "unit")
        readings = pl.read_parquet(result.readings).join(facts, on="series", how="left")
        records = pl.concat([readings.select(records.columns), records])
    return records.group_by("source", "direction", "unit").agg(pl.col("quantity").sum()).sort(pl.all())


def compare(result: ImportResult, stem: Path, *, update: bool) -> None:
    """Compare with `<stem>.<kind>.csv`; where there is nothing of a kind, there is no file."""
    readings = pl.DataFrame() if result.readings is None else pl.read_parquet(result.readings)
    found = {
        "readings": readings,
        "series": result.series,
        "records": result.activities,
        "issues": result.issues,
    }
    for kind, frame in found.items():
        path = stem.parent / f"{stem.name}.{kind}.csv"
        filled = [name for name in frame.columns if frame[name].null_count() < frame.height]
        text = frame.select(filled).write_csv(datetime_format="%Y-%m-%dT%H:%MZ") if filled else ""
        if update and text:
            path.write_text(text, encoding="utf-8")
        elif update:
            path.unlink(missing_ok=True)
        assert text == (path.read_text(encoding="utf-8") if path.exists() else "")
