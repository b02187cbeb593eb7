"""How much of the year each metered source is known, counted on the data before anything is spread or filled.

A day counts as measured to the share of its readings that are there; a day inside a bill counts as billed.
Deliveries, refuellings and money have no coverage in days and are left out.
"""

from typing import Final

import polars as pl

from bilanz.connection import Database, lend
from bilanz.result import COVERAGE_SCHEMA

METERED: Final = (
    "electricity", "electricity_heating", "electricity_traction", "district_heat", "district_steam",
    "district_cooling", "natural_gas", "biomethane", "water_supply", "waste_water",
)  # fmt: skip

_COVERAGE = """
WITH told AS (
    SELECT g.organisation, g.source, g.activity, p.month,
        CAST(p.n_measured AS DOUBLE) / GREATEST(p.n_expected, 1) AS measured, 0.0 AS billed,
        CAST(p.n_estimated AS DOUBLE) / GREATEST(p.n_expected, 1) AS estimated
    FROM engine_month p JOIN engine_segment g ON g.segment = p.segment
    WHERE g.direction = 'consumption' AND g.role <> 'delivered'
    UNION ALL
    SELECT r.organisation, r.source, r.activity, CAST(DATE_TRUNC('month', b.day) AS DATE),
        CASE WHEN d.day IS NOT NULL THEN CAST(d.n_measured AS DOUBLE) / GREATEST(d.n_expected, 1)
            WHEN b.best = 1 THEN 1.0 ELSE 0.0 END,
        CASE WHEN b.best = 2 THEN 1.0 ELSE 0.0 END,
        CASE WHEN d.day IS NOT NULL THEN CAST(d.n_estimated AS DOUBLE) / GREATEST(d.n_expected, 1)
            WHEN b.best = 3 THEN 1.0 ELSE 0.0 END
    FROM engine_best b
    JOIN (SELECT DISTINCT rival, organisation, source, direction, activity FROM engine_segment) AS r
        ON r.rival = b.rival
    LEFT JOIN engine_day d ON d.rival = b.rival AND d.day = b.day AND d.choice = 1 AND d.rank = b.best
    WHERE b.best < 4 AND r.direction = 'consumption'
    UNION ALL
    SELECT g.organisation, g.source, g.activity, s.month,
        CASE WHEN s.rank = 1 THEN s.days ELSE 0.0 END, CASE WHEN s.rank = 2 THEN s.days ELSE 0.0 END,
        CASE WHEN s.rank = 3 THEN s.days ELSE 0.0 END
    FROM engine_share s JOIN engine_segment g ON g.segment = s.segment
    WHERE s.is_calm AND NOT s.is_lost AND s.rank < 4 AND g.direction = 'consumption'
        AND COALESCE(s.document_type, '') <> 'instalment'
), known AS (
    SELECT organisation, source, activity, month, ROUND(SUM(measured), 6) AS days_measured,
        ROUND(SUM(billed), 6) AS days_billed, ROUND(SUM(estimated), 6) AS days_estimated
    FROM told GROUP BY organisation, source, activity, month
), month AS (
    SELECT month, COUNT(*) AS days FROM engine_tile WHERE NOT is_calm GROUP BY month
), expected AS (
    SELECT t.organisation, t.source, t.activity, m.month, m.days FROM engine_term t
    JOIN month m ON (t.valid_from IS NULL OR t.valid_from < m.month + to_days(CAST(m.days AS INTEGER)))
        AND (t.valid_to IS NULL OR t.valid_to > m.month)
    WHERE t.role = 'consumed'
    UNION
    SELECT k.organisation, k.source, k.activity, m.month, m.days
    FROM (
        SELECT DISTINCT n.organisation, n.source, n.activity
        FROM known n ANTI JOIN engine_term t ON t.source = n.source
    ) AS k
    CROSS JOIN month m
    UNION
    SELECT k.organisation, k.source, k.activity, m.month, m.days
    FROM known k JOIN month m ON m.month = k.month
)
SELECT e.organisation, e.source, e.activity, e.month, e.days,
    COALESCE(k.days_measured, 0) AS days_measured, COALESCE(k.days_billed, 0) AS days_billed,
    COALESCE(k.days_estimated, 0) AS days_estimated
FROM expected e
JOIN engine_metered w ON w.activity = e.activity
LEFT JOIN known k ON k.organisation = e.organisation AND k.source = e.source AND k.activity = e.activity
    AND k.month = e.month
WHERE {within}
ORDER BY e.organisation, e.source, e.activity, e.month
"""


def coverage(con: Database, *, is_limited: bool) -> pl.DataFrame:
    """Return one row per metered source and month it should be known, in `COVERAGE_SCHEMA`.

    The year is that of the slices. Sources of the registry without any data are there with zeros: what is missing must be seen.
    `is_limited`: only the organisations of `engine_within`.
    """
    lend(con, "engine_metered", pl.DataFrame({"activity": list(METERED)}))
    within = "e.organisation IN (SELECT organisation FROM engine_within)" if is_limited else "TRUE"
    frame: pl.DataFrame = con.sql(_COVERAGE.format(within=within)).pl()
    return frame.select(pl.col(name).cast(kind) for name, kind in COVERAGE_SCHEMA.items())
