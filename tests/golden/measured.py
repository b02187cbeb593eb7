"""Holds an import of meter data against expected readings, series, records and issues beside the input."""

from pathlib import Path

import polars as pl

from bilanz.records import READING_SCHEMA
from importers.base import SURE, Importer, ImportRequest, ImportResult, identify
from tests.golden.standard.comparison import workspace


def readings(result: ImportResult) -> pl.DataFrame:
    return (
        pl.DataFrame(schema=READING_SCHEMA) if result.readings is None else pl.read_parquet(result.readings)
    )


def read_claimed(importer: Importer, path: Path, directory: Path, request: ImportRequest) -> ImportResult:
    """Read a file that this importer alone is sure of."""
    claims = {known.name: claim.confidence for known, claim in identify(path)}
    assert [name for name, sure in claims.items() if sure >= SURE] == [importer.name]
    result = importer.read(path, request, workspace(directory))
    result.check()
    return result


def compare_measured(result: ImportResult, stem: Path, *, update: bool) -> None:
    """Compare with `<stem>.readings.csv`, `.series.csv`, `.records.csv` and `.issues.csv`.

    Nothing of a kind: no file. Columns that hold nothing are left out.
    """
    found = {
        "readings": readings(result),
        "series": result.series,
        "records": result.activities,
        "issues": result.issues,
    }
    for name, frame in found.items():
        path = stem.parent / f"{stem.name}.{name}.csv"
        filled = [column for column in frame.columns if frame[column].null_count() < frame.height]
        text = frame.select(filled).write_csv(datetime_format="%Y-%m-%dT%H:%MZ") if filled else ""
        if update:
            path.unlink(missing_ok=True)
            if text:
                path.write_text(text, encoding="utf-8")
        assert text == (path.read_text(encoding="utf-8") if path.exists() else "")
