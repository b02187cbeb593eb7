"""How complete the interval values of one import are, by source and month, before anything is spread."""

from typing import Final

import polars as pl

from bilanz.store.connection import Store

SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "source": pl.String,
    "activity": pl.String,
    "direction": pl.String,
    "month": pl.Date,
    "expected": pl.Int64,  # intervals from the first to the last day of the import within the month
    "measured": pl.Int64,
    "estimated": pl.Int64,
}

# Days without any value have no row in `daily`; they are expected all the same, at the usual length of a day.
_MONTHS: Final = """
    WITH span AS (
        SELECT m.series_key, s.source, s.activity, s.direction, s.minutes,
            min(d."day") AS first_day, max(d."day") AS last_day
        FROM batch_series m JOIN series s USING (series_key)
        JOIN daily d ON d.series_key = m.series_key
            AND d."day" BETWEEN CAST(m.first_start AS DATE) AND CAST(m.last_end AS DATE) + 1
        WHERE m.batch_key = $1 AND s.minutes IS NOT NULL GROUP BY ALL
    ), tile AS (
        SELECT p.*, CAST(unnest(generate_series(p.first_day, p.last_day, INTERVAL 1 DAY)) AS DATE) AS "day"
        FROM span p
    )
    SELECT t.source, t.activity, t.direction, CAST(date_trunc('month', t."day") AS DATE) AS month,
        CAST(sum(coalesce(d.n_expected, 1440 // t.minutes)) AS BIGINT) AS expected,
        CAST(sum(coalesce(d.n_measured, 0)) AS BIGINT) AS measured,
        CAST(sum(coalesce(d.n_estimated, 0)) AS BIGINT) AS estimated
    FROM tile t LEFT JOIN daily d ON d.series_key = t.series_key AND d."day" = t."day"
    GROUP BY ALL ORDER BY ALL"""


def completeness(store: Store, batch_key: int) -> pl.DataFrame:
    """Return expected, measured and estimated intervals by series and local month (`SCHEMA`)."""
    return store.frame(_MONTHS, [batch_key]).cast(pl.Schema(SCHEMA))
