"""What a Parquet file of readings holds, series by series: looked at once, for every check that follows."""

from pathlib import Path
from typing import Final

import polars as pl

from bilanz.records import INSTANT
from bilanz.store.scratch import scratch

MEASURED_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "series": pl.Int32,
    "records": pl.Int64,
    "quantity": pl.Decimal(38, 6),
    "low": INSTANT,  # begin of the first reading
    "high": INSTANT,  # end of the last
    "shortest": pl.Int32,  # intervals in minutes
    "longest": pl.Int32,
}
"""One row per series of a file."""

_SUMS: Final = """
    SELECT series, count(*) AS records, sum(quantity)::DECIMAL(38,6) AS quantity, min(start) AS low,
        max(start) + to_minutes(max(minutes)) AS high, min(minutes) AS shortest, max(minutes) AS longest
    FROM read_parquet('{file}') GROUP BY series"""


def measured(readings: Path | None, directory: Path) -> pl.DataFrame:
    """Measure a file of readings (`MEASURED_SCHEMA`); no file holds none.

    Args:
        readings: the Parquet file.
        directory: where the database may spill to.
    """
    if readings is None:
        return pl.DataFrame(schema=MEASURED_SCHEMA)
    with scratch(directory) as database:
        found = database.frame(_SUMS.format(file=str(readings).replace("'", "''")))
    return found.cast(pl.Schema(MEASURED_SCHEMA))
