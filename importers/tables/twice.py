"""Columns of one table that may state the same quantities: both count, and that is said."""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Final

import polars as pl

from bilanz.issues import Issue
from importers.tables.layout import ValueColumn
from importers.upload.words import activity_name

_SAME: Final = ("source_row", "activity", "direction", "role", "site", "source", "start", "end")


def same_columns(parts: Sequence[tuple[ValueColumn, pl.DataFrame]], header: Sequence[str]) -> Iterator[Issue]:
    """Yield a warning for each two columns that state one activity of the same rows and periods.

    Args:
        parts: columns of quantities with their records; those known to stand for themselves are left out.
        header: of the table.
    """
    unsure = [(value, records) for value, records in parts if not value.is_own and records.height]
    for (one, first), (two, second) in combinations(unsure, 2):
        both = _keys(first).join(_keys(second), on=_SAME, how="inner", nulls_equal=True)
        for code, count in both.group_by("activity").len().sort("activity").rows():
            parameters = {
                "activity": activity_name(str(code)),
                "other": header[one.place],
                "count": str(count),
            }
            yield Issue("same_activity_columns", None, header[two.place], header[two.place], parameters)


def _keys(records: pl.DataFrame) -> pl.DataFrame:
    return records.filter(pl.col("activity").is_not_null()).select(_SAME).unique()
