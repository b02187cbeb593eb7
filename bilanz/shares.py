"""From stored rows to what counts on which day: ownership segments, day shares of records, one rank a day.

    series × terms ──► engine_segment   who had what on what terms, from day to day
    activity       ──► engine_record    records touching the year, in local time
                   ──► engine_share     their day shares in integer micro-units (the parts add up)
    daily          ──► engine_day        day rows, only where records or other series compete for the day
    both           ──► engine_best      the best rank per organisation, source, direction, activity and day

All tables are temporary. `daily` rows that nothing competes with are never expanded; see `bilanz.slices`.
"""

from datetime import date, timedelta
from typing import Any, Final, Protocol

import polars as pl

from bilanz.periods import offsets
from bilanz.records import INSTANT


class Database(Protocol):
    """The connection the store lends: SQL in, rows or a frame out."""

    def execute(self, query: str, parameters: object = ...) -> Any:  # noqa: ANN401 - a driver's own type
        """Run one statement."""

    def sql(self, query: str) -> Any:  # noqa: ANN401 - a driver's own type
        """Return a relation with `.pl()`."""

    def register(self, view_name: str, python_object: object) -> Any:  # noqa: ANN401 - a driver's own type
        """Make a frame readable under a name."""

    def unregister(self, view_name: str) -> Any:  # noqa: ANN401 - a driver's own type
        """Forget a frame."""


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
    "contract": pl.String,  # factor_id named by the contract of the source; null or absent: none
}

_SEGMENT = """
CREATE OR REPLACE TEMP TABLE engine_segment AS
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
    SELECT p.series_key, p.first_day, p.end_day, s.source, s.direction, s.activity, s.unit, s.basis, s.minutes,
        COALESCE(s.product_group, '') AS product_group,
        COALESCE(t.organisation, s.organisation) AS organisation, t.site, t.region AS own_region, t.parent,
        COALESCE(t.role, 'consumed') AS role, COALESCE(t.tenure, 'owned') AS tenure,
        COALESCE(t.control, TRUE) AS control, COALESCE(t.is_assumed, TRUE) AS is_assumed,
        COALESCE(t.contract, '') AS contract,
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
SELECT ROW_NUMBER() OVER (ORDER BY c.series_key, c.first_day) AS segment, c.* EXCLUDE (choice, own_region),
    COALESCE(c.own_region, o.region, '{region}') AS region
FROM candidate c LEFT JOIN engine_organisation o ON o.organisation = c.organisation
WHERE c.choice = 1
"""

_RECORD = """
CREATE OR REPLACE TEMP TABLE engine_record AS
WITH timed AS (
    SELECT a.record_id, a.batch_key, a.series_key, a.site, a.role, a.quality, a.document_type, a.currency,
        a.attributes, a.activity, s.source, s.direction, COALESCE(s.zone, '{zone}') AS zone,
        CAST(a.quantity * 1000000 AS HUGEINT) AS micro, CAST(a.cost_net * 1000000 AS HUGEINT) AS cost_micro,
        a.record_id IN (SELECT loser_record FROM resolution WHERE loser_record IS NOT NULL AND rule <> 'both')
            AS is_lost,
        CASE a.quality WHEN 'measured' THEN 1 WHEN 'billed' THEN 2 WHEN 'estimated' THEN 3 ELSE 4 END AS rank,
        a."start" + to_minutes(f.offset_minutes) AS local_start,
        GREATEST(a."start", a."end") + to_minutes(g.offset_minutes) AS local_end
    FROM activity a
    JOIN batch b ON b.batch_key = a.batch_key AND b.state = 'committed'
    JOIN series s ON s.series_key = a.series_key
    JOIN engine_offset f ON f.zone = COALESCE(s.zone, '{zone}')
        AND a."start" >= f.utc_start AND a."start" < f.utc_end
    JOIN engine_offset g ON g.zone = COALESCE(s.zone, '{zone}')
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

# Cumulative positions share their ends, so the parts of a record add up to it exactly, over every year.
_SHARE = """
CREATE OR REPLACE TEMP TABLE engine_share AS
WITH position AS (
    SELECT r.record_id, c.day, c.month, r.micro, r.cost_micro, r.seconds,
        r.first_day = r.last_day AS is_whole,
        GREATEST(0, date_diff('second', r.local_start, CAST(c.day AS TIMESTAMP))) AS before,
        LEAST(r.seconds, date_diff('second', r.local_start, CAST(c.day AS TIMESTAMP)) + 86400) AS until
    FROM engine_record r JOIN engine_calendar c ON c.day >= r.first_day AND c.day <= r.last_day
), part AS (
    SELECT record_id, day, month,
        CASE WHEN is_whole THEN micro
            ELSE micro * until // NULLIF(seconds, 0) - micro * before // NULLIF(seconds, 0) END AS micro,
        CASE WHEN is_whole THEN cost_micro
            ELSE cost_micro * until // NULLIF(seconds, 0) - cost_micro * before // NULLIF(seconds, 0)
            END AS cost_micro
    FROM position
)
SELECT p.record_id, p.day, p.month, p.micro, p.cost_micro, r.rank, r.quality, r.document_type, r.activity,
    g.segment, g.organisation, r.source, r.direction, r.is_lost
FROM part p
JOIN engine_record r ON r.record_id = p.record_id
JOIN engine_segment g ON g.series_key = r.series_key AND p.day >= g.first_day AND p.day < g.end_day
"""

# Day rows of a series are needed only where records or a second series speak about the same days.
_CONTESTED = """
CREATE OR REPLACE TEMP TABLE engine_contested AS
WITH told AS (
    SELECT DISTINCT source, direction, activity FROM engine_record
    UNION ALL
    SELECT source, direction, activity FROM series WHERE minutes IS NOT NULL
    GROUP BY source, direction, activity HAVING COUNT(*) > 1
)
SELECT DISTINCT s.series_key FROM series s
JOIN told t ON t.source = s.source AND t.direction = s.direction AND t.activity = s.activity
WHERE s.minutes IS NOT NULL
"""

_DAY = """
CREATE OR REPLACE TEMP TABLE engine_day AS
SELECT d.series_key, d.day, CAST(DATE_TRUNC('month', d.day) AS DATE) AS month, d.quantity,
    d.n_measured + d.n_estimated AS records, d.n_expected, d.n_measured, d.n_estimated,
    CASE WHEN d.n_measured > 0 THEN 1 ELSE 3 END AS rank,
    g.segment, g.organisation, g.source, g.direction, g.activity,
    ROW_NUMBER() OVER (
        PARTITION BY g.organisation, g.source, g.direction, g.activity, d.day
        ORDER BY CASE WHEN d.n_measured > 0 THEN 1 ELSE 3 END,
            CAST(d.n_measured + d.n_estimated AS DOUBLE) / GREATEST(d.n_expected, 1) DESC,
            g.minutes, g.unit, g.basis, d.series_key
    ) AS choice
FROM daily d
JOIN engine_contested c ON c.series_key = d.series_key
JOIN engine_segment g ON g.series_key = d.series_key AND d.day >= g.first_day AND d.day < g.end_day
WHERE d.day >= CAST('{first}' AS DATE) AND d.day < CAST('{last}' AS DATE) AND d.n_measured + d.n_estimated > 0
"""

_BEST = """
CREATE OR REPLACE TEMP TABLE engine_best AS
SELECT organisation, source, direction, activity, day, MIN(rank) AS best
FROM (
    SELECT organisation, source, direction, activity, day, rank FROM engine_share
    WHERE NOT is_lost AND activity IS NOT NULL AND activity <> 'no_emission_payment'
        AND COALESCE(document_type, '') <> 'instalment'
    UNION ALL
    SELECT organisation, source, direction, activity, day, rank FROM engine_day
) AS told
GROUP BY organisation, source, direction, activity, day
"""


def lend(con: Database, name: str, frame: pl.DataFrame) -> None:
    """Copy a frame into a temporary table of that name."""
    con.register(f"{name}_frame", frame)
    con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM {name}_frame")
    con.unregister(f"{name}_frame")


def year_days(year: int) -> tuple[date, date]:
    """Return the first day of a year and the first day after it."""
    return date(year, 1, 1), date(year + 1, 1, 1)


def terms_with_contract(source_terms: pl.DataFrame) -> pl.DataFrame:
    """Return the terms in `TERM_SCHEMA`; a registry without contract factors has none."""
    missing = [
        pl.lit(None, dtype=dtype).alias(name)
        for name, dtype in TERM_SCHEMA.items()
        if name not in source_terms.columns
    ]
    return source_terms.with_columns(missing).select(
        pl.col(name).cast(kind) for name, kind in TERM_SCHEMA.items()
    )


def _offsets(con: Database, year: int, zone: str) -> pl.DataFrame:
    """Return the UTC offsets of every zone in use, over every instant a record of the year may have."""
    zones = [
        row[0] for row in con.execute("SELECT DISTINCT zone FROM series WHERE zone IS NOT NULL").fetchall()
    ]
    first, last = year_days(year)
    span = con.execute(
        """SELECT MIN("start"), MAX(GREATEST("start", "end")) FROM activity WHERE "end" >= ? AND "start" < ?""",
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


def prepare(
    con: Database,
    organisations: pl.DataFrame,
    source_terms: pl.DataFrame,
    *,
    year: int,
    region: str,
    zone: str,
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
    lend(con, "engine_term", terms_with_contract(source_terms))
    lend(con, "engine_organisation", organisations.select("organisation", "region"))
    days = pl.date_range(first, last, closed="left", eager=True).alias("day").to_frame()
    lend(con, "engine_calendar", days.with_columns(month=pl.col("day").dt.truncate("1mo")))
    lend(con, "engine_offset", _offsets(con, year, zone))
    for statement in (_SEGMENT, _RECORD, _SHARE, _CONTESTED, _DAY, _BEST):
        con.execute(statement.format(**names))
