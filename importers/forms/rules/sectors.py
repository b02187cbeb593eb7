"""The sectors of a territorial balance, and the source figures of a territory are kept under."""

from typing import Final

import polars as pl

from importers.forms.rows import Sheet

_PARTS: Final = ("source", "sector", "vehicle", "road", "technology", "age")


def read(rows: pl.DataFrame, sheet: Sheet) -> list[pl.DataFrame]:
    """Return the rows of a territory, each with its sector and source."""
    return [with_source(sheet.require(rows, "sector"), sheet)]


def with_source(rows: pl.DataFrame, sheet: Sheet) -> pl.DataFrame:
    """Return the rows of a territory with the source `operator / sector / kind`: none replaces another.

    What is not filled in is left out; rows of forms that are no territory stay as they are.
    """
    if not sheet.form.is_territory:
        return rows
    names = [name for name in _PARTS if name in rows.columns]
    return rows.with_columns(source=pl.concat_str(names, separator=" / ", ignore_nulls=True))
