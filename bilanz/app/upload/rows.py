"""The first rows of a file as they were read: its own header and cells, and what they became."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import polars as pl

from bilanz.app.intake.examination import Examination
from bilanz.app.intake.mapdraft import draft_fields
from bilanz.app.intake.summary import plain
from bilanz.errors import BilanzError
from importers.columns.headers import match
from importers.formats.workbook import ROW
from importers.upload.table import Table, is_workbook, open_table

ROWS: Final = 8
MOST_COLUMNS: Final = 40
_LONGEST: Final = 120
_TABLES: Final = frozenset({".csv", ".txt", ".tsv", ".asc", ".xlsx", ".xlsm", ".xls"})
_HEAD: Final = 1 << 18
_RECORD: Final = ("organisation", "site", "source", "activity", "direction", "unit", "basis")


def preview(path: Path, examined: Examination, directory: Path) -> dict[str, Any]:
    """Return the first rows (`header`, `rows` of `row`, `cells` and `records`).

    Cells are there for tables only; where a file is none, its first records stand alone. A row without
    records was rejected or ignored.

    Args:
        path: the file.
        examined: what was read of it; its readings still at their place.
        directory: where a piece of a large file may lie.
    """
    table = _table(path, examined, directory)
    if table is None:
        records = _records(examined, None)
        rows = list(dict.fromkeys(record["row"] for record in records))[:ROWS]
        return {"header": [], "rows": [_row(row, [], records) for row in rows]}
    first = table.original.head(ROWS)
    records = _records(examined, first[ROW].to_list())
    header = [text for place, text in enumerate(table.header) if not table.is_own(place)]
    return {
        "header": header[:MOST_COLUMNS],
        "rows": [
            _row(row, [(cell or "")[:_LONGEST] for cell in cells[:MOST_COLUMNS]], records)
            for row, *cells in first.iter_rows()
        ],
    }


def _row(row: int | None, cells: list[str], records: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {"row": row, "cells": cells, "records": [one for one in records if one["row"] == row]}


def _table(path: Path, examined: Examination, directory: Path) -> Table | None:
    """Return the table of a file, of a large one its first rows; None: it is none, or none is seen."""
    if path.suffix.lower() not in _TABLES:
        return None
    fields = draft_fields()
    try:
        table = open_table(_piece(path, directory), lambda header: len(match(header, fields).positions))
    except BilanzError:
        return None
    named = {*examined.activities["column"], *examined.series["column"], *examined.issues["column"]}
    return table if named & {text.strip() for text in table.header} else None


def _piece(path: Path, directory: Path) -> Path:
    """Return a file itself where it is small, else its first whole lines as a file."""
    if is_workbook(path) or path.stat().st_size <= _HEAD:
        return path
    directory.mkdir(parents=True, exist_ok=True)
    piece = directory / f"head{path.suffix}"
    with path.open("rb") as source:
        head = source.read(_HEAD)
    piece.write_bytes(head[: head.rfind(b"\n") + 1] or head)
    return piece


def _records(examined: Examination, rows: Sequence[int] | None) -> list[dict[str, Any]]:
    """Return records and readings of some rows of a file; None: the first ones."""
    found = examined.activities if rows is None else examined.activities.filter(_is_in(rows))
    first = found.head(ROWS if rows is None else ROWS * MOST_COLUMNS)
    records = [_record(record) for record in first.to_dicts()]
    return records + _readings(examined, rows)


def _readings(examined: Examination, rows: Sequence[int] | None) -> list[dict[str, Any]]:
    file = examined.result.readings
    if file is None:
        return []
    scanned = pl.scan_parquet(file)
    found = scanned.head(ROWS) if rows is None else scanned.filter(_is_in(rows)).head(ROWS * MOST_COLUMNS)
    end = (pl.col("start") + pl.duration(minutes=pl.col("minutes"))).alias("end")
    series = examined.series.drop("minutes").with_columns(site=pl.lit(None, pl.String))
    joined = found.with_columns(end).collect().join(series, on="series").sort("source_row", "series")
    return [_record(record) for record in joined.to_dicts()]


def _record(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record or reading as it is kept; times in UTC."""
    return {
        "row": record["source_row"],
        **{name: record[name] for name in _RECORD},
        "start": record["start"].isoformat(),
        "end": record["end"].isoformat(),
        "quantity": plain(record["quantity"]),
    }


def _is_in(rows: Sequence[int]) -> pl.Expr:
    return pl.col("source_row").is_in(list(rows))
