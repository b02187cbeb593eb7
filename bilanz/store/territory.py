"""What the records of territories say beside their quantities: sector, grade of data, confirmed zeros."""

from typing import Final

import polars as pl

from bilanz.store.connection import Store
from bilanz.territory import RECORD_SCHEMA

BOUNDARY: Final = "territory"

# A record counts for a year where it touches more than a turn of it: half a day at either end is a time zone.
_RECORDS: Final = """
SELECT s.organisation, s.source, a.activity,
    json_extract_string(a.attributes, '$.sector') AS sector,
    json_extract_string(a.attributes, '$.data_grade') AS grade,
    json_extract_string(a.attributes, '$.vehicle') AS vehicle,
    a.unit, SUM(a.quantity) AS quantity, a.quantity = 0 AS is_zero,
    COALESCE(json_extract_string(a.attributes, '$.zero_confirmed') = 'yes', FALSE) AS is_confirmed,
    BOOL_OR(a."start" < make_timestamp($2 - 1, 12, 31, 12, 0, 0)
        OR a."end" > make_timestamp($2 + 1, 1, 1, 12, 0, 0)) AS leaves_year,
    COUNT(*) AS records
FROM activity_live a JOIN series s ON s.series_key = a.series_key
WHERE NOT a.is_superseded AND a.attributes LIKE '%"boundary"%'
    AND json_extract_string(a.attributes, '$.boundary') = $1
    AND a."end" > make_timestamp($2, 1, 1, 12, 0, 0)
    AND a."start" < make_timestamp($2, 12, 31, 12, 0, 0)
GROUP BY ALL ORDER BY ALL
"""


def territory_records(store: Store, year: int) -> pl.DataFrame:
    """Return what the records of every territory say of a year.

    Shape: `RECORD_SCHEMA`; one row per organisation, source, activity, unit and set of statements.
    """
    frame = store.frame(_RECORDS, [BOUNDARY, year])
    return frame.select(pl.col(name).cast(kind) for name, kind in RECORD_SCHEMA.items())
