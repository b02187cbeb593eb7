"""Values far from what their source has shown before: flagged, never changed.

days of readings     the sum of a day against the other days of the series, imports before included
records              quantity per day against the other records of the series
"""

from typing import Final

import polars as pl

from bilanz.issues import ISSUE_SCHEMA
from bilanz.kinds import kind
from bilanz.store.connection import Store

_DAYS: Final = 30
_TIMES: Final = 5
_RECORDS: Final = 3
_HIGH: Final = 5
_LOW: Final = 100

# The 95th percentile stands for a day of much use: summer and winter, working days and weekends lie below it.
_DAILY: Final = f"""
    WITH mine AS (
        SELECT series_key, CAST(first_start AS DATE) AS low, CAST(last_end AS DATE) + 1 AS high
        FROM batch_series WHERE batch_key = $1
    ), usual AS (
        SELECT d.series_key, quantile_disc(d.quantity, 0.95) AS usual, count(*) AS days
        FROM daily d SEMI JOIN mine USING (series_key) GROUP BY d.series_key
    )
    SELECT s.source, d."day" AS "start", d.quantity, u.usual, s.unit,
        count(*) OVER (PARTITION BY d.series_key) AS cases
    FROM daily d JOIN mine m ON m.series_key = d.series_key AND d."day" BETWEEN m.low AND m.high
    JOIN usual u ON u.series_key = d.series_key JOIN series s ON s.series_key = d.series_key
    WHERE u.days >= {_DAYS} AND u.usual > 0 AND d.quantity > {_TIMES} * u.usual
    QUALIFY row_number() OVER (PARTITION BY d.series_key ORDER BY d.quantity DESC) = 1
    ORDER BY ALL"""

_RATES: Final = f"""
    WITH rate AS (
        SELECT a.record_id, a.batch_key, a.series_key, a.source_row, a."column", a.source, a.unit, a.quantity,
            CAST(a.quantity AS DOUBLE) / (epoch(a."end" - a."start") / 86400) AS per_day
        FROM activity_live a
        WHERE NOT a.is_superseded AND a.quality <> 'spend' AND a.document_type IS DISTINCT FROM 'credit'
            AND a.document_type IS DISTINCT FROM 'correction' AND a."end" - a."start" >= INTERVAL 20 DAY
            AND a.series_key IN (SELECT series_key FROM activity WHERE batch_key = $1)
    ), compared AS (
        SELECT n.record_id, n.source_row, n."column", n.source, n.unit, n.quantity, n.per_day,
            count(*) AS n, min(o.per_day) AS low, max(o.per_day) AS high
        FROM rate n JOIN rate o ON o.series_key = n.series_key AND o.record_id <> n.record_id
        WHERE n.batch_key = $1 GROUP BY ALL
    )
    SELECT source, source_row, "column", quantity, unit, per_day, low, high FROM compared
    WHERE n >= {_RECORDS}
        AND ((high > 0 AND per_day > {_HIGH} * high) OR (low > 0 AND per_day < low / {_LOW}))
    ORDER BY ALL"""


def outliers(store: Store, batch_key: int) -> pl.DataFrame:
    """Return one issue per series with a day, and per record, far from its own history (`ISSUE_SCHEMA`)."""
    days = store.frame(_DAILY, [batch_key]).select(
        source_row=pl.lit(None, dtype=pl.Int64),
        column=pl.lit(None, dtype=pl.String),
        value=pl.col("source"),
        parameters=pl.struct(
            day=pl.col("start").cast(pl.String),
            quantity=_short("quantity") + " " + pl.col("unit"),
            usual=_short("usual") + " " + pl.col("unit"),
        ).struct.json_encode(),
        code=pl.lit("outlier_day"),
    )
    records = store.frame(_RATES, [batch_key]).select(
        source_row=pl.col("source_row").cast(pl.Int64),
        column=pl.col("column"),
        value=_short("quantity") + " " + pl.col("unit"),
        parameters=pl.struct(
            rate=_rate("per_day"), low=_rate("low"), high=_rate("high"), unit=pl.col("unit"), source="source"
        ).struct.json_encode(),
        code=pl.lit("outlier_record"),
    )
    found = pl.concat([days, records]).with_columns(
        severity=pl.lit(kind("outlier_day").severity.value, dtype=pl.String)
    )
    return found.select(*ISSUE_SCHEMA).cast(pl.Schema(ISSUE_SCHEMA))


def _short(name: str) -> pl.Expr:
    """Return a DECIMAL as text without trailing zeros."""
    return pl.col(name).cast(pl.Decimal(38, 6)).cast(pl.String).str.replace(r"\.?0+$", "")


def _rate(name: str) -> pl.Expr:
    return pl.col(name).round_sig_figs(3).cast(pl.String).str.strip_suffix(".0")
