"""Holds an import against expected records and issues, which stand beside the input as CSV."""

import io
from pathlib import Path

import polars as pl

from importers.base import FileSample, Importer, ImportRequest, ImportResult, Workspace


def workspace(directory: Path) -> Workspace:
    def no_scratch() -> None:
        message = "this importer needs no scratch database"
        raise AssertionError(message)

    return Workspace(directory, no_scratch)  # type: ignore[arg-type]


def read(
    importer: Importer, path: Path, directory: Path, request: ImportRequest | None = None
) -> ImportResult:
    claim = importer.identify(FileSample.of(path))
    assert claim is not None
    assert claim.confidence >= 0.9, claim
    result = importer.read(path, request or ImportRequest(), workspace(directory))
    result.check()
    return result


def compare(result: ImportResult, stem: Path, *, update: bool) -> None:
    """Compare records and issues with `<stem>.records.csv` and `<stem>.issues.csv`."""
    for name, frame in (("records", result.activities), ("issues", result.issues)):
        filled = [
            column
            for column in frame.columns
            if frame[column].null_count() < frame.height or column == "code"
        ]
        text = frame.select(filled).write_csv(datetime_format="%Y-%m-%dT%H:%MZ")
        path = stem.parent / f"{stem.name}.{name}.csv"
        if update:
            path.write_text(text, encoding="utf-8")
        expected = path.read_text(encoding="utf-8")
        found, wanted = (
            pl.read_csv(io.StringIO(one), infer_schema=False, raise_if_empty=False)
            for one in (text, expected)
        )
        assert found.to_dicts() == wanted.to_dicts()
