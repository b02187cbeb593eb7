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

# Places are numbered first: months are joined and counted by number, and names come in at the end.
_COVERAGE = """
WITH place AS (
    SELECT ROW_NUMBER() OVER (ORDER BY p.organisation, p.source, p.activity) AS place,
        p.organisation, p.source, p.activity
    FROM (
        SELECT organisation, source, activity FROM engine_segment
        UNION SELECT organisation, source, activity FROM engine_term
    ) AS p
    JOIN engine_metered w ON w.activity = p.activity
    WHERE {within}
), spot AS (
    SELECT g.segment, g.rival, g.role, p.place FROM engine_segment g
    JOIN place p ON p.organisation = g.organisation AND p.source = g.source AND p.activity = g.activity
    WHERE g.direction = 'consumption'
), told AS (
    SELECT s.place, m.month, CAST(m.n_measured AS DOUBLE) / GREATEST(m.n_expected, 1) AS measured,
        0.0 AS billed, CAST(m.n_estimated AS DOUBLE) / GREATEST(m.n_expected, 1) AS estimated
    FROM engine_month m JOIN spot s ON s.segment = m.segment
    WHERE s.role <> 'delivered'
    UNION ALL
    SELECT r.place, CAST(DATE_TRUNC('month', b.day) AS DATE),
        CASE WHEN d.day IS NOT NULL THEN CAST(d.n_measured AS DOUBLE) / GREATEST(d.n_expected, 1)
            WHEN b.best = 1 THEN 1.0 ELSE 0.0 END,
        CASE WHEN b.best = 2 THEN 1.0 ELSE 0.0 END,
        CASE WHEN d.day IS NOT NULL THEN CAST(d.n_estimated AS DOUBLE) / GREATEST(d.n_expected, 1)
            WHEN b.best = 3 THEN 1.0 ELSE 0.0 END
    FROM engine_best b
    JOIN (SELECT DISTINCT rival, place FROM spot) AS r ON r.rival = b.rival
    LEFT JOIN engine_day d ON d.rival = b.rival AND d.day = b.day AND d.choice = 1 AND d.rank = b.best
    WHERE b.best < 4
    UNION ALL
    SELECT s.place, h.month,
        CASE WHEN h.rank = 1 THEN h.days ELSE 0.0 END, CASE WHEN h.rank = 2 THEN h.days ELSE 0.0 END,
        CASE WHEN h.rank = 3 THEN h.days ELSE 0.0 END
    FROM engine_share h JOIN spot s ON s.segment = h.segment
    WHERE h.is_calm AND NOT h.is_lost AND h.rank < 4
        AND COALESCE(h.document_type, '') NOT IN ('instalment', 'contract')
), known AS (
    SELECT place, month, ROUND(SUM(measured), 6) AS days_measured, ROUND(SUM(billed), 6) AS days_billed,
        ROUND(SUM(estimated), 6) AS days_estimated
    FROM told GROUP BY place, month
), month AS (
    SELECT month, COUNT(*) AS days FROM engine_tile WHERE NOT is_calm GROUP BY month
), expected AS (
    SELECT p.place, m.month FROM engine_term t
    JOIN place p ON p.organisation = t.organisation AND p.source = t.source
        AND (t.activity IS NULL OR p.activity = t.activity)
    JOIN month m ON (t.valid_from IS NULL OR t.valid_from < m.month + to_days(CAST(m.days AS INTEGER)))
        AND (t.valid_to IS NULL OR t.valid_to > m.month)
    WHERE t.role = 'consumed'
    UNION
    SELECT k.place, m.month
    FROM (SELECT DISTINCT place FROM known) AS k
    JOIN place p ON p.place = k.place
    ANTI JOIN engine_term t ON t.source = p.source
    CROSS JOIN month m
    UNION
    SELECT place, month FROM known
)
SELECT p.organisation, p.source, p.activity, e.month, m.days,
    COALESCE(k.days_measured, 0) AS days_measured, COALESCE(k.days_billed, 0) AS days_billed,
    COALESCE(k.days_estimated, 0) AS days_estimated
FROM expected e
JOIN place p ON p.place = e.place
JOIN month m ON m.month = e.month
LEFT JOIN known k ON k.place = e.place AND k.month = e.month
ORDER BY e.place, e.month
"""


def coverage(con: Database, *, is_limited: bool) -> pl.DataFrame:
    """Return one row per metered source and month it should be known, in `COVERAGE_SCHEMA`.

    The year is that of the slices. Sources of the registry without any data are there with zeros: what is
    missing must be seen.
    `is_limited`: only the organisations of `engine_within`.
    """
    lend(con, "engine_metered", pl.DataFrame({"activity": list(METERED)}))
    within = "p.organisation IN (SELECT organisation FROM engine_within)" if is_limited else "TRUE"
    frame: pl.DataFrame = con.sql(_COVERAGE.format(within=within)).pl()
    return frame.select(pl.col(name).cast(kind) for name, kind in COVERAGE_SCHEMA.items())
