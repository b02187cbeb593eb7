"""Inhabitants, floor area and staff are master data, no activity: the form only points there."""

import polars as pl

from bilanz.errors import FileRefused
from importers.forms.rows import Sheet


def read(_rows: pl.DataFrame, _sheet: Sheet) -> list[pl.DataFrame]:
    """Refuse the file.

    Raises:
        FileRefused: `master_data`, always.
    """
    raise FileRefused(
        "The file states inhabitants, floor area or staff. These are master data: save it as figures.csv in "
        "a folder and run `bilanz masterdata import FOLDER`. Nothing was imported.",
        code="master_data",
    )
