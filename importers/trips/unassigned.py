"""Distances nobody can assign to an activity: kept as records, for the exceptions.

The engine of tables takes no record without an activity. Such rows are read under one that is measured alike,
and lose it again.
"""

from dataclasses import replace
from typing import Final

import polars as pl

from bilanz import units
from bilanz.issues import ISSUE_SCHEMA
from importers.base import ImportResult

_STAND_INS: Final = {"distance": "travel_car", "passenger_distance": "travel_bus"}


def stand_in(unit: str) -> str:
    """Return an activity that is measured in the unit of a distance."""
    found = units.find(unit)
    return _STAND_INS[units.unit(found.unit).kind] if found else _STAND_INS["distance"]


def without_activity(result: ImportResult, rows: pl.Series) -> ImportResult:
    """Return the import, the records of some rows without an activity.

    Args:
        result: of the table.
        rows: physical rows that were read under a stand-in.
    """
    is_open = pl.col("source_row").is_in(rows.implode())
    activity = pl.when(~is_open).then("activity").alias("activity")
    return replace(result, activities=result.activities.with_columns(activity))


def with_issues(result: ImportResult, issues: pl.DataFrame) -> ImportResult:
    """Return the import with more to say."""
    every = pl.concat([result.issues, issues.select(*ISSUE_SCHEMA)])
    return replace(result, issues=every.sort("source_row", maintain_order=True, nulls_last=False))
