"""Vehicle kilometres of a territory by kind of vehicle and road: mileage, no energy yet.

No activity of the vocabulary is the road traffic of a territory; business travel is not. The records keep no
activity and stand in the exceptions until a territorial balance takes them.
"""

import polars as pl

from importers.forms.rows import Sheet
from importers.forms.rules import sectors


def read(rows: pl.DataFrame, sheet: Sheet) -> list[pl.DataFrame]:
    """Return the rows of the sector transport, each with its source."""
    rows = sectors.with_source(sheet.require(rows, "vehicle"), sheet)
    return [rows.with_columns(sector=pl.lit("transport"))]
