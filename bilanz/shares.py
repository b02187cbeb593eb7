"""From stored rows to what counts on which day: ownership segments, day shares of records, one rank a day.

    series × terms ──► engine_segment   who had what on what terms, from day to day
    activity       ──► engine_record    records touching the year, in local time
                   ──► engine_share     their shares in integer micro-units (the parts add up)
    daily          ──► engine_day       day rows, only where records or other series compete for the day
                   ──► engine_month     all other day rows, summed by month: the roll-up is read once
    both           ──► engine_best      the best rank per rival and day

Rivals are what speaks of the same consumption: one organisation, source, direction and activity. All tables
are temporary. Days are expanded only where there is something to decide: `daily` rows without a rival are
summed as they are, and records whose source has no two rows for one day are shared by month (the same
cumulative positions, hence the same sums).
"""

from datetime import date, timedelta
from typing import Final

import polars as pl

from bilanz.apportionment import spread
from bilanz.connection import Database, lend
from bilanz.declared import NOTHING, Declared
from bilanz.periods import offsets
from bilanz.records import INSTANT
from bilanz.spend import Spending, classify

TERM_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "source": pl.String,
    "organisation": pl.String,
    "activity": pl.String,
    "region": pl.String,
    "site": pl.String,
    "parent": pl.String,  # source of the parent meter, or null
    "role": pl.String,
    "tenure": pl.String,
    "control": pl.Boolean,
    "valid_from": pl.Date,  # null: always
    "valid_to": pl.Date,  # exclusive; null: open
    "is_assumed": pl.Boolean,  # made by an import, confirmed by nobody
    "area": pl.String,  # supply area of the grid; null or absent: not known
}

_SEGMENT: Final = """
CREATE OR REPLACE TEMP TABLE engine_term_span AS
WITH bound AS (
    SELECT series_key, CAST('{first}' AS DATE) AS day FROM series
    UNION
    SELECT s.series_key, t.valid_from FROM series s JOIN engine_term t ON t.source = s.source
    WHERE t.valid_from > CAST('{first}' AS DATE) AND t.valid_from < CAST('{last}' AS DATE)
    UNION
    SELECT s.series_key, t.valid_to FROM series s JOIN engine_term t ON t.source = s.source
    WHERE t.valid_to > CAST('{first}' AS DATE) AND t.valid_to < CAST('{last}' AS DATE)
), span AS (
    SELECT series_key, day AS first_day,
        COALESCE(LEAD(day) OVER (PARTITION BY series_key ORDER BY day), CAST('{last}' AS DATE)) AS end_day
    FROM bound
), candidate AS (
    SELECT p.series_key, p.first_day, p.end_day, s.source, s.direction, s.activity, s.unit, s.basis,
        s.minutes, COALESCE(s.product_group, '') AS product_group,
        COALESCE(t.organisation, s.organisation) AS organisation, t.site, t.region AS own_region, t.parent,
        COALESCE(t.role, 'consumed') AS role, COALESCE(t.tenure, 'owned') AS tenure,
        COALESCE(t.control, TRUE) AS control, COALESCE(t.is_assumed, TRUE) AS is_assumed,
        COALESCE(t.area, '') AS area,
        ROW_NUMBER() OVER (
            PARTITION BY p.series_key, p.first_day
            ORDER BY CASE WHEN t.activity = s.activity THEN 0 ELSE 1 END,
                CASE WHEN t.organisation = s.organisation THEN 0 ELSE 1 END,
                t.valid_from DESC NULLS LAST, t.organisation
        ) AS choice
    FROM span p
    JOIN series s ON s.series_key = p.series_key
    LEFT JOIN engine_term t ON t.source = s.source
        AND (t.valid_from IS NULL OR t.valid_from <= p.first_day)
        AND (t.valid_to IS NULL OR t.valid_to > p.first_day)
)
SELECT c.* EXCLUDE (choice, own_region), COALESCE(c.own_region, o.region, '{region}') AS region
FROM candidate c LEFT JOIN engine_organisation o ON o.organisation = c.organisation
WHERE c.choice = 1
"""

# Records that state a code of spend get segments of their own, with activity and product group of the code.
_CLASSED: Final = """
CREATE OR REPLACE TEMP TABLE engine_segment AS
WITH class AS (
    SELECT DISTINCT r.series_key, k.activity, k.product_group, k.spend_class
    FROM engine_record r JOIN engine_class k ON k.record_id = r.record_id
), whole AS (
    SELECT *, '' AS spend_class FROM engine_term_span
    UNION ALL
    SELECT t.* REPLACE (k.activity AS activity, k.product_group AS product_group), k.spend_class
    FROM engine_term_span t JOIN class k ON k.series_key = t.series_key
)
SELECT ROW_NUMBER() OVER (ORDER BY series_key, first_day, spend_class) AS segment,
    DENSE_RANK() OVER (ORDER BY organisation, source, direction, activity) AS rival, *
FROM whole
"""

_RECORD: Final = """
CREATE OR REPLACE TEMP TABLE engine_record AS
WITH timed AS (
    SELECT a.record_id, a.batch_key, a.series_key, a.site, a.role, a.quality, a.document_type, a.currency,
        a.attributes, a.activity, s.source, s.direction,
        COALESCE(k.spend_class, '') AS spend_class, COALESCE(s.zone, o.zone, '{zone}') AS zone,
        CAST(a.quantity * 1000000 AS HUGEINT) AS micro, CAST(a.cost_net * 1000000 AS HUGEINT) AS cost_micro,
        a.record_id IN (SELECT loser_record FROM resolution WHERE loser_record IS NOT NULL AND rule <> 'both')
            AS is_lost,
        a.record_id IN (SELECT loser_record FROM resolution WHERE loser_record IS NOT NULL
            AND rule = 'excluded') AS is_excluded,
        CASE a.quality WHEN 'measured' THEN 1 WHEN 'billed' THEN 2 WHEN 'estimated' THEN 3 ELSE 4 END AS rank,
        a."start" + to_minutes(f.offset_minutes) AS local_start,
        GREATEST(a."start", a."end") + to_minutes(g.offset_minutes) AS local_end
    FROM activity a
    JOIN batch b ON b.batch_key = a.batch_key AND b.state = 'committed'
    JOIN series s ON s.series_key = a.series_key
    LEFT JOIN engine_class k ON k.record_id = a.record_id
    LEFT JOIN engine_organisation o ON o.organisation = s.organisation
    JOIN engine_offset f ON f.zone = COALESCE(s.zone, o.zone, '{zone}')
        AND a."start" >= f.utc_start AND a."start" < f.utc_end
    JOIN engine_offset g ON g.zone = COALESCE(s.zone, o.zone, '{zone}')
        AND GREATEST(a."start", a."end") >= g.utc_start AND GREATEST(a."start", a."end") < g.utc_end
    WHERE a."end" >= CAST('{first}' AS TIMESTAMP) - INTERVAL 1 DAY
        AND a."start" < CAST('{last}' AS TIMESTAMP) + INTERVAL 1 DAY
), dated AS (
    SELECT *, CAST(local_start AS DATE) AS first_day,
        CAST(CASE WHEN local_end > local_start THEN local_end - INTERVAL 1 MICROSECOND ELSE local_start END
            AS DATE) AS last_day,
        date_diff('second', local_start, local_end) AS seconds
    FROM timed
)
SELECT * FROM dated WHERE first_day < CAST('{last}' AS DATE) AND last_day >= CAST('{first}' AS DATE)
"""

# A record is calm where its source says nothing else about any of its days, and its terms do not change.
_CALM: Final = """
CREATE OR REPLACE TEMP TABLE engine_calm AS
WITH span AS (
    SELECT source, direction, activity, first_day, MAX(last_day) OVER (
        PARTITION BY source, direction, activity ORDER BY first_day, last_day, record_id
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS latest
    FROM engine_record
), busy AS (
    SELECT source, direction, activity FROM span WHERE latest >= first_day
    UNION
    SELECT source, direction, activity FROM series WHERE minutes IS NOT NULL
    UNION
    SELECT source, direction, activity FROM engine_segment WHERE first_day > CAST('{first}' AS DATE)
)
SELECT r.record_id FROM engine_record r
LEFT JOIN busy b ON b.source = r.source AND b.direction = r.direction AND b.activity = r.activity
WHERE b.source IS NULL AND r.activity IS NOT NULL AND r.first_day < r.last_day
"""

# Cumulative positions share their ends, so the parts of a record add up to it exactly, over every year.
_SHARE: Final = """
CREATE OR REPLACE TEMP TABLE engine_share AS
WITH told AS (
    SELECT r.*, c.record_id IS NOT NULL AS is_calm
    FROM engine_record r LEFT JOIN engine_calm c ON c.record_id = r.record_id
), position AS (
    SELECT r.record_id, r.series_key, r.micro, r.cost_micro, r.seconds, r.is_calm, t.month,
        r.rank, r.quality, r.document_type, r.spend_class, r.is_lost, r.is_excluded,
        r.first_day = r.last_day AS is_whole,
        GREATEST(t.first_day, r.first_day) AS day,
        date_diff('day', GREATEST(t.first_day, r.first_day), LEAST(t.end_day, r.last_day + 1)) AS days,
        GREATEST(0, date_diff('second', r.local_start, CAST(t.first_day AS TIMESTAMP))) AS before,
        LEAST(r.seconds, date_diff('second', r.local_start, CAST(t.end_day AS TIMESTAMP))) AS until
    FROM told r
    JOIN engine_tile t ON t.is_calm = r.is_calm AND t.first_day <= r.last_day AND t.end_day > r.first_day
)
SELECT p.record_id, g.segment, g.rival, p.day, p.days, p.month, p.rank, p.quality, p.document_type,
    g.activity, p.is_lost, p.is_excluded, p.is_calm,
    CASE WHEN p.is_whole THEN p.micro
        ELSE p.micro * p.until // NULLIF(p.seconds, 0) - p.micro * p.before // NULLIF(p.seconds, 0)
        END AS micro,
    CASE WHEN p.is_whole THEN p.cost_micro
        ELSE p.cost_micro * p.until // NULLIF(p.seconds, 0)
            - p.cost_micro * p.before // NULLIF(p.seconds, 0) END AS cost_micro
FROM position p
JOIN engine_segment g ON g.series_key = p.series_key AND g.spend_class = p.spend_class
    AND p.day >= g.first_day AND p.day < g.end_day
"""

# Day rows are needed only where records or a second series speak about the same days, or terms change.
_CONTESTED: Final = """
CREATE OR REPLACE TEMP TABLE engine_contested AS
WITH told AS (
    SELECT DISTINCT source, direction, activity FROM engine_record
    UNION ALL
    SELECT source, direction, activity FROM series WHERE minutes IS NOT NULL
    GROUP BY source, direction, activity HAVING COUNT(*) > 1
)
SELECT s.series_key FROM series s
JOIN told t ON t.source = s.source AND t.direction = s.direction AND t.activity = s.activity
WHERE s.minutes IS NOT NULL
UNION
SELECT g.series_key FROM engine_segment g WHERE g.minutes IS NOT NULL
GROUP BY g.series_key HAVING COUNT(*) > 1
"""

_DAY: Final = """
CREATE OR REPLACE TEMP TABLE engine_day AS
SELECT d.series_key, d.day, CAST(DATE_TRUNC('month', d.day) AS DATE) AS month, d.quantity,
    d.n_measured + d.n_estimated AS records, d.n_expected, d.n_measured, d.n_estimated,
    CASE WHEN d.n_measured > 0 THEN 1 ELSE 3 END AS rank, g.segment, g.rival,
    ROW_NUMBER() OVER (
        PARTITION BY g.rival, d.day
        ORDER BY CASE WHEN d.n_measured > 0 THEN 1 ELSE 3 END,
            CAST(d.n_measured + d.n_estimated AS DOUBLE) / GREATEST(d.n_expected, 1) DESC,
            g.minutes, g.unit, g.basis, d.series_key
    ) AS choice
FROM daily d
JOIN engine_contested c ON c.series_key = d.series_key
JOIN engine_segment g ON g.series_key = d.series_key AND d.day >= g.first_day AND d.day < g.end_day
WHERE d.day >= CAST('{first}' AS DATE) AND d.day < CAST('{last}' AS DATE) AND d.n_measured + d.n_estimated > 0
"""

# Year and month are known by the number of the month: grouping by it takes half the time of DATE_TRUNC.
_MONTH: Final = """
CREATE OR REPLACE TEMP TABLE engine_month AS
WITH told AS (
    SELECT d.series_key, MONTH(d.day) AS number, d.n_measured > 0 AS is_measured, d.n_expected,
        SUM(d.quantity) AS quantity, SUM(d.n_measured) AS n_measured, SUM(d.n_estimated) AS n_estimated
    FROM daily d ANTI JOIN engine_contested c ON c.series_key = d.series_key
    WHERE d.day >= CAST('{first}' AS DATE) AND d.day < CAST('{last}' AS DATE)
        AND d.n_measured + d.n_estimated > 0
    GROUP BY d.series_key, MONTH(d.day), d.n_measured > 0, d.n_expected
)
SELECT g.segment, MAKE_DATE(YEAR(CAST('{first}' AS DATE)), t.number, 1) AS month, t.is_measured, t.n_expected,
    t.quantity, t.n_measured, t.n_estimated
FROM told t JOIN engine_segment g ON g.series_key = t.series_key
"""

_BEST: Final = """
CREATE OR REPLACE TEMP TABLE engine_best AS
SELECT rival, day, MIN(rank) AS best
FROM (
    SELECT rival, day, rank FROM engine_share
    WHERE NOT is_calm AND NOT is_lost AND activity IS NOT NULL AND activity <> 'no_emission_payment'
        AND COALESCE(document_type, '') NOT IN ('instalment', 'contract')
    UNION ALL
    SELECT rival, day, rank FROM engine_day
) AS told
GROUP BY rival, day
"""


def year_days(year: int) -> tuple[date, date]:
    """Return the first day of a year and the first day after it."""
    return date(year, 1, 1), date(year + 1, 1, 1)


def _with_zone(organisations: pl.DataFrame) -> pl.DataFrame:
    """Return organisation, region and zone; a zone that is not stated is null."""
    zone = pl.col("zone") if "zone" in organisations.columns else pl.lit(None, pl.String).alias("zone")
    return organisations.select("organisation", "region", zone)


def _offsets(con: Database, year: int, zone: str) -> pl.DataFrame:
    """Return the UTC offsets of every zone in use, over every instant a record of the year may have."""
    held = "SELECT zone FROM series UNION SELECT zone FROM engine_organisation"
    zones = [row[0] for row in con.execute(f"FROM ({held}) WHERE zone IS NOT NULL").fetchall()]
    first, last = year_days(year)
    span = con.execute(
        """SELECT MIN("start"), MAX(GREATEST("start", "end")) FROM activity
        WHERE "end" >= ? AND "start" < ?""",
        [first - timedelta(days=1), last + timedelta(days=1)],
    ).fetchall()[0]
    instants = pl.Series([*span], dtype=INSTANT).drop_nulls()
    if instants.is_empty():
        return pl.DataFrame(
            schema={"zone": pl.String, "utc_start": INSTANT, "utc_end": INSTANT, "offset_minutes": pl.Int32}
        )
    ordered = [instant.replace(second=0, microsecond=0) for instant in instants.sort()]
    low, high = ordered[0], ordered[-1]
    return pl.concat(
        offsets(name, low - timedelta(days=2), high + timedelta(days=2)).select(
            pl.lit(name).alias("zone"), "utc_start", "utc_end", "offset_minutes"
        )
        for name in sorted({zone, *zones})
    )


def _tiles(first: date, last: date, every: str) -> pl.DataFrame:
    """Return the days or months of a year: first_day, end_day (exclusive), month, is_calm (by month)."""
    starts = pl.date_range(first, last, every, closed="left", eager=True).alias("first_day").to_frame()
    return starts.select(
        "first_day",
        pl.col("first_day").dt.offset_by(every).alias("end_day"),
        pl.col("first_day").dt.truncate("1mo").alias("month"),
        pl.lit(every == "1mo").alias("is_calm"),
    )


def prepare(
    con: Database,
    organisations: pl.DataFrame,
    source_terms: pl.DataFrame,
    *,
    spending: Spending,
    year: int,
    region: str,
    zone: str,
    declared: Declared = NOTHING,
) -> None:
    """Make every `engine_*` table this module describes, for one calendar year (local days).

    Shape: see the module docstring; one row per segment, record, share, contested day, and day's best rank.
    """
    first, last = year_days(year)
    names = {
        "first": first,
        "last": last,
        "region": region.replace("'", "''"),
        "zone": zone.replace("'", "''"),
    }
    lend(
        con, "engine_term", source_terms.select(pl.col(name).cast(kind) for name, kind in TERM_SCHEMA.items())
    )
    lend(con, "engine_organisation", _with_zone(organisations))
    lend(con, "engine_tile", pl.concat([_tiles(first, last, "1d"), _tiles(first, last, "1mo")]))
    lend(con, "engine_offset", _offsets(con, year, zone))
    classify(con, spending)
    for statement in (_SEGMENT, _RECORD, _CLASSED, _CALM, _SHARE):
        con.execute(statement.format(**names))
    spread(con, declared)
    for statement in (_CONTESTED, _DAY, _MONTH, _BEST):
        con.execute(statement.format(**names))
