"""Declared overlaps: what is a part of something else, or the same purchase twice, counts once.

    part_of        the part stays where it is; a negative entry takes it off the whole (as for tenants)
    same_purchase  the part is superseded in months in which the whole is known as a quantity

The statements are pieces of `bilanz.slices`; what they did is listed as assumptions, with quantities.
"""

from typing import Final

import polars as pl

from bilanz.connection import Database, lend
from bilanz.declared import Declared

# Which segment is a part or a whole of what, in which months; `activity` of the whole is settled here.
LINKS: Final = """
CREATE OR REPLACE TEMP TABLE engine_overlap_link AS
SELECT o.id, o.kind, p.segment, o.whole_source, COALESCE(o.whole_activity, p.activity) AS whole_activity,
    o.valid_from, o.valid_to
FROM engine_overlap o
JOIN engine_segment p ON p.source = o.part_source
    AND (o.part_activity IS NULL OR p.activity = o.part_activity)
WHERE p.activity IS NOT NULL
    AND NOT (p.source = o.whole_source AND p.activity = COALESCE(o.whole_activity, p.activity))
"""

# A purchase known as a quantity: segment and month of what does not count. `held`: what counts in the month.
SAME_PURCHASE: Final = """
CREATE OR REPLACE TEMP TABLE engine_same AS
SELECT DISTINCT l.segment, s.month
FROM engine_overlap_link l
JOIN engine_segment g ON g.source = l.whole_source AND g.activity = l.whole_activity
JOIN engine_sum s ON s.segment = g.segment AND s.reason IS NULL AND s.role IN ('consumed', 'delivered')
    AND s.unit NOT IN (SELECT unit FROM engine_money)
WHERE l.kind = 'same_purchase' AND (l.valid_from IS NULL OR l.valid_from <= s.month)
    AND (l.valid_to IS NULL OR l.valid_to > s.month)
"""

# The parts of wholes, in the shape of tenants: what leaves the slice of `parent`.
PARTS: Final = """
    SELECT s.segment, s.month, s.unit, s.basis, s.quality, s.is_apportioned, s.quantity,
        l.whole_source AS parent, l.whole_activity AS activity
    FROM told s JOIN engine_overlap_link l ON l.segment = s.segment AND l.kind = 'part_of'
        AND (l.valid_from IS NULL OR l.valid_from <= s.month) AND (l.valid_to IS NULL OR l.valid_to > s.month)
    WHERE s.reason IS NULL AND s.role IN ('consumed', 'delivered')
        AND s.unit NOT IN (SELECT unit FROM engine_money)
"""

_PLAIN: Final = "RTRIM(RTRIM(CAST({value} AS VARCHAR), '0'), '.')"
"""A decimal without the zeros at its end."""

# `held` asks all organisations: a run restricted to that of the part does not miss a whole that is elsewhere.
_ASSUMED: Final = """
WITH linked AS (
    SELECT l.*, p.source AS part FROM engine_overlap_link l JOIN engine_segment p ON p.segment = l.segment
), taken AS (
    SELECT l.id, l.part, l.whole_source, s.unit, s.month, -s.quantity AS quantity
    FROM engine_slice s JOIN engine_segment w ON w.segment = s.segment
    JOIN linked l ON l.segment = s.origin AND l.kind = 'part_of' AND l.whole_source = w.source
        AND l.whole_activity = w.activity
    WHERE s.is_deduction
), same AS (
    SELECT l.id, l.part, l.whole_source, s.unit, s.quantity
    FROM engine_slice s JOIN linked l ON l.segment = s.segment AND l.kind = 'same_purchase'
    WHERE s.reason = 'same_purchase'
), held AS (
    SELECT DISTINCT g.source, g.activity, s.month FROM engine_sum s
    JOIN engine_segment g ON g.segment = s.segment
    WHERE s.reason IS NULL AND s.role IN ('consumed', 'delivered')
        AND s.unit NOT IN (SELECT unit FROM engine_money)
), alone AS (
    SELECT l.id, l.part, l.whole_source, s.month
    FROM engine_slice s JOIN linked l ON l.segment = s.segment AND l.kind = 'part_of'
        AND (l.valid_from IS NULL OR l.valid_from <= s.month) AND (l.valid_to IS NULL OR l.valid_to > s.month)
    LEFT JOIN held h ON h.source = l.whole_source AND h.activity = l.whole_activity AND h.month = s.month
    WHERE s.outcome = 'counted' AND NOT s.is_deduction AND s.role IN ('consumed', 'delivered')
        AND h.source IS NULL
), wholes AS (
    SELECT w.source, w.activity, s.month, s.unit, SUM(s.quantity) AS quantity
    FROM engine_slice s JOIN engine_segment w ON w.segment = s.segment
    WHERE s.outcome = 'counted' AND s.role IN ('consumed', 'delivered')
    GROUP BY w.source, w.activity, s.month, s.unit HAVING SUM(s.quantity) < 0 AND BOOL_OR(s.is_deduction)
)
SELECT 'overlap_subtracted' AS code, id AS subject,
    part || ' → ' || whole_source || ': ' || {sum} || ' ' || unit AS detail
FROM taken GROUP BY id, part, whole_source, unit
UNION ALL
SELECT 'overlap_superseded', id,
    part || ' → ' || whole_source || ': ' || {sum} || ' ' || unit
FROM same GROUP BY id, part, whole_source, unit
UNION ALL
SELECT 'overlap_open', id, part || ' → ' || whole_source || ': '
    || string_agg(DISTINCT strftime(month, '%Y-%m'), ', ' ORDER BY strftime(month, '%Y-%m'))
FROM alone GROUP BY id, part, whole_source
UNION ALL
SELECT 'overlap_exceeds', source, strftime(month, '%Y-%m') || ': ' || {one} || ' ' || unit
FROM wholes WHERE source IN (SELECT whole_source FROM engine_overlap_link WHERE kind = 'part_of')
ORDER BY ALL
"""


def lend_overlaps(con: Database, declared: Declared) -> None:
    """Lend the overlaps as `engine_overlap`, and which segments they link as `engine_overlap_link`."""
    lend(con, "engine_overlap", declared.overlaps)
    con.execute(LINKS)


def assumptions(con: Database) -> pl.DataFrame:
    """Return what the overlaps of the slices did: code, subject (overlap), detail with quantities."""
    frame: pl.DataFrame = con.sql(
        _ASSUMED.format(sum=_PLAIN.format(value="SUM(quantity)"), one=_PLAIN.format(value="quantity"))
    ).pl()
    return frame.select(pl.col(name).cast(pl.String) for name in ("code", "subject", "detail"))
