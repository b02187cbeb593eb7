"""Values as they were handed in: where each came from, whose it is, and whether it counts.

    issue (warnings)  ──► the record of its row, or the day of readings it names ──┐
    record, or source ─────────────────────────────────────────────────────────────┴──► `VALUE_SCHEMA`

Whose a value is, the terms of its source say on its first day; where there are none, the file.
"""

from datetime import datetime
from typing import Final

import polars as pl

from bilanz.correction import IMPORTER
from bilanz.records import INSTANT
from bilanz.store.connection import Store
from bilanz.store.schema import Schema

VALUE_SCHEMA: Final[Schema] = {
    "batch": pl.String,
    "file": pl.String,
    "committed_at": INSTANT,
    "organisation": pl.String,  # whose it is
    "record": pl.Int64,  # null: a day of readings, or no value is known
    "series": pl.Int32,
    "row": pl.Int64,
    "column": pl.String,
    "source": pl.String,
    "activity": pl.String,
    "product_group": pl.String,
    "direction": pl.String,
    "start": INSTANT,  # UTC; of a day of readings null
    "end": INSTANT,
    "day": pl.Date,  # of readings
    "quantity": pl.Decimal(38, 6),
    "unit": pl.String,
    "quality": pl.String,
    "zone": pl.String,
    "state": pl.String,  # STATES
}
COUNTS: Final = "counts"
EXCLUDED: Final = "excluded"
CORRECTED: Final = "corrected"
SUPERSEDED: Final = "superseded"
STATES: Final = (COUNTS, EXCLUDED, CORRECTED, SUPERSEDED)

FINDING_SCHEMA: Final[Schema] = {
    "finding": pl.String,  # sha256 of what identifies it
    "code": pl.String,
    "issue_row": pl.Int64,
    "issue_column": pl.String,
    "value": pl.String,
    "parameters": pl.String,
    **VALUE_SCHEMA,
}

# Noon of a day lies in that day in every zone.
_NOON: Final = """CAST({day} AS TIMESTAMP) + INTERVAL 12 HOUR"""

_STATE: Final = f"""
    CASE WHEN {{met}} IS NULL THEN 'counts'
        WHEN list_contains({{met}}, 'excluded') THEN 'excluded'
        WHEN list_contains({{met}}, '{IMPORTER}') THEN 'corrected' ELSE 'superseded' END"""

_GAVE_WAY: Final = f"""
    lost AS (
        SELECT x.*, CASE WHEN x.rule = 'correction' AND w.importer = '{IMPORTER}' THEN w.importer
            ELSE x.rule END AS cause
        FROM resolution x JOIN batch w ON w.batch_key = x.winner_batch WHERE x.rule <> 'both')"""

_OWNED: Final = """
    owned AS (
        SELECT v.*, coalesce(t.organisation, v.stated) AS owner
        FROM {values} v LEFT JOIN review_term t ON t.source = v.source
            AND (t.valid_from IS NULL OR t.valid_from <= CAST(v.first AS DATE))
            AND (t.valid_to IS NULL OR t.valid_to > CAST(v.first AS DATE))
        QUALIFY row_number() OVER (PARTITION BY v.key ORDER BY
            coalesce(t.activity = v.activity, FALSE) DESC, coalesce(t.organisation = v.stated, FALSE) DESC,
            t.valid_from DESC NULLS LAST, t.organisation) = 1)"""

# That a correction takes the place of a value is no warning: it is the decision.
_WARNED: Final = f"""
    warned AS (
        SELECT DISTINCT i.batch_key, i.code, i.source_row, i."column", i.value, i.parameters, b.batch, b.file,
            b.organisation AS stated, b.committed_at, b.period_start, b.period_end,
            sha256(concat_ws(chr(31), b.batch, i.code, coalesce(CAST(i.source_row AS VARCHAR), ''),
                coalesce(i."column", ''), coalesce(i.value, ''), coalesce(i.parameters, ''))) AS finding
        FROM issue i JOIN batch b USING (batch_key)
        WHERE i.severity = 'warning' AND b.state = 'committed' AND b.period_start IS NOT NULL
            AND NOT (i.code = 'overlap' AND b.importer = '{IMPORTER}')
            AND b.period_start < $2 AND b.period_end >= $1),
    rowed AS (
        SELECT w.finding, CASE WHEN count(*) FILTER (a."column" = w."column") = 1
                THEN min(a.record_id) FILTER (a."column" = w."column")
            WHEN count(*) = 1 THEN min(a.record_id) END AS record_id
        FROM warned w JOIN activity a ON a.batch_key = w.batch_key AND a.source_row = w.source_row
        GROUP BY w.finding),
    dated AS (
        SELECT w.finding, min(s.series_key) AS series_key,
            CAST(any_value(json_extract_string(w.parameters, '$.day')) AS DATE) AS "day"
        FROM warned w JOIN batch_series m USING (batch_key)
        JOIN series s ON s.series_key = m.series_key AND s.source = w.value
            AND ends_with(json_extract_string(w.parameters, '$.quantity'), ' ' || s.unit)
        WHERE w.code = 'outlier_day' GROUP BY w.finding HAVING count(DISTINCT s.series_key) = 1)"""

_FINDINGS: Final = f"""
    WITH {_WARNED}, {_GAVE_WAY},
    gone AS (
        SELECT r.finding, list(x.cause) AS causes FROM rowed r
        JOIN lost x ON x.loser_record = r.record_id GROUP BY r.finding
        UNION ALL
        SELECT d.finding, list(x.cause) FROM dated d JOIN warned w USING (finding)
        JOIN lost x ON x.loser_record IS NULL AND x.series_key = d.series_key AND x.loser_batch = w.batch_key
            AND x."start" <= {_NOON.format(day='d."day"')} AND x."end" > {_NOON.format(day='d."day"')}
        GROUP BY d.finding),
    told AS (
        SELECT w.finding AS key, w.* EXCLUDE (stated), coalesce(s.organisation, w.stated) AS stated,
            a.record_id, s.series_key, coalesce(a.source, s.source) AS source, s.activity, s.product_group,
            s.direction, a."start", a."end", d."day", s.unit, a.quality, s.zone, g.causes,
            coalesce(a.quantity, c.quantity) AS quantity, a."column" AS record_column,
            coalesce(a."start", {_NOON.format(day='d."day"')}, w.period_start) AS first,
            greatest(coalesce(a."end", {_NOON.format(day='d."day"')}, w.period_end),
                coalesce(a."start", w.period_start) + INTERVAL 1 MICROSECOND) AS until
        FROM warned w LEFT JOIN rowed r USING (finding) LEFT JOIN activity a ON a.record_id = r.record_id
        LEFT JOIN dated d USING (finding)
        LEFT JOIN series s ON s.series_key = coalesce(a.series_key, d.series_key)
        LEFT JOIN daily c ON c.series_key = d.series_key AND c."day" = d."day"
        LEFT JOIN gone g USING (finding)),
    {_OWNED.format(values="told")}
    SELECT finding, code, source_row AS issue_row, "column" AS issue_column, value, parameters, batch, file,
        committed_at, owner AS organisation, record_id AS record, series_key AS series, source_row AS "row",
        record_column AS "column", source, activity, product_group, direction, "start", "end", "day",
        quantity, unit, quality, zone, {_STATE.format(met="causes")} AS state
    FROM owned WHERE first < $2 AND until > $1
    ORDER BY code NOT IN ('outlier_day', 'outlier_record'), code, file, source_row, finding"""

_RECORD: Final = f"""
    WITH {_GAVE_WAY},
    told AS (
        SELECT a.record_id AS key, a.record_id, a.series_key, a.source_row, a."column", a.source, s.activity,
            s.product_group, s.direction, a."start", a."end", a.quantity, a.unit, a.quality, s.zone,
            s.organisation AS stated, a."start" AS first, b.batch, b.file, b.committed_at,
            (SELECT list(x.cause) FROM lost x WHERE x.loser_record = a.record_id) AS causes
        FROM activity a JOIN batch b USING (batch_key) JOIN series s ON s.series_key = a.series_key
        WHERE b.state = 'committed' AND a.record_id = $1),
    {_OWNED.format(values="told")}
    SELECT batch, file, committed_at, owner AS organisation, record_id AS record, series_key AS series,
        source_row AS "row", "column", source, activity, product_group, direction, "start", "end",
        NULL::DATE AS "day", quantity, unit, quality, zone, {_STATE.format(met="causes")} AS state
    FROM owned ORDER BY committed_at, file, source_row, record_id"""

SUBJECT_SCHEMA: Final[Schema] = {
    "subject": pl.Int64,
    "source": pl.String,
    "is_any": pl.Boolean,  # whatever its activity and unit
    "activity": pl.String,
    "product_group": pl.String,
    "unit": pl.String,
    "low": INSTANT,  # UTC
    "high": INSTANT,
}
"""What records are asked for. What they are, the classes of spend say (`engine_class`), else the series."""

_BEHIND: Final = f"""
    WITH {_GAVE_WAY},
    told AS (
        SELECT a.record_id || ' ' || w.subject AS key, w.subject, a.record_id, a.series_key, a.source_row,
            a."column", a.source, coalesce(k.activity, s.activity) AS activity,
            nullif(coalesce(k.product_group, s.product_group), '') AS product_group, s.direction, a."start",
            a."end", a.quantity, a.unit, a.quality, s.zone, s.organisation AS stated, a."start" AS first,
            b.batch, b.file, b.committed_at,
            (SELECT list(x.cause) FROM lost x WHERE x.loser_record = a.record_id) AS causes
        FROM review_subject w JOIN activity a ON a.source = w.source AND a."start" < w.high
            AND greatest(a."end", a."start" + INTERVAL 1 MICROSECOND) > w.low
        JOIN batch b USING (batch_key) JOIN series s ON s.series_key = a.series_key
        LEFT JOIN engine_class k ON k.record_id = a.record_id
        WHERE b.state = 'committed' AND (w.is_any OR (a.unit IS NOT DISTINCT FROM w.unit
            AND coalesce(k.activity, s.activity) IS NOT DISTINCT FROM w.activity
            AND nullif(coalesce(k.product_group, s.product_group), '') IS NOT DISTINCT FROM w.product_group
            AND a.record_id NOT IN (SELECT loser_record FROM lost WHERE loser_record IS NOT NULL)))
        QUALIFY row_number() OVER (PARTITION BY w.subject
            ORDER BY b.committed_at, b.file, a.source_row, a.record_id) BETWEEN $1 + 1 AND $1 + $2),
    {_OWNED.format(values="told")}
    SELECT subject, batch, file, committed_at, owner AS organisation, record_id AS record,
        series_key AS series, source_row AS "row", "column", source, activity, product_group, direction,
        "start", "end", NULL::DATE AS "day", quantity, unit, quality, zone,
        {_STATE.format(met="causes")} AS state
    FROM owned ORDER BY subject, committed_at, file, source_row, record_id"""

# Half a day later, and before its end, a local day lies in its year in every zone.
_YEARS: Final = """
    WITH held AS (
        SELECT series_key, first_start AS low, last_end AS high
        FROM batch_series JOIN batch b USING (batch_key) WHERE b.state = 'committed'
        UNION ALL
        SELECT series_key, "start", greatest("end", "start" + INTERVAL 1 DAY) FROM activity
        JOIN batch b USING (batch_key) WHERE b.state = 'committed'),
    told AS (
        SELECT DISTINCT series_key, unnest(range(year(low + INTERVAL 12 HOUR),
            year(high - INTERVAL 12 HOUR) + 1)) AS "year" FROM held)
    SELECT DISTINCT coalesce(t.organisation, s.organisation), told."year"
    FROM told JOIN series s USING (series_key) LEFT JOIN review_term t ON t.source = s.source
        AND (t.valid_from IS NULL OR year(t.valid_from) <= told."year")
        AND (t.valid_to IS NULL OR t.valid_to > make_date(told."year", 1, 1))"""


def findings(store: Store, terms: pl.DataFrame, low: datetime, high: datetime) -> pl.DataFrame:
    """Return the warnings of committed batches about [low, high), `FINDING_SCHEMA`; outliers come first.

    A warning whose row holds several records names no value: it can be confirmed only.

    Args:
        store: open store.
        terms: `SOURCE_TERM_SCHEMA`.
        low: first instant, UTC.
        high: the instant after the last, UTC.
    """
    with store.lend(review_term=_terms(terms)):
        return _typed(store.frame(_FINDINGS, [low, high]), FINDING_SCHEMA)


def record(store: Store, terms: pl.DataFrame, identifier: int) -> pl.DataFrame:
    """Return a record of a committed batch, `VALUE_SCHEMA`; no row: there is none."""
    with store.lend(review_term=_terms(terms)):
        return _typed(store.frame(_RECORD, [identifier]), VALUE_SCHEMA)


def behind(
    store: Store, terms: pl.DataFrame, subjects: pl.DataFrame, *, first: int, count: int
) -> pl.DataFrame:
    """Return of every subject (`SUBJECT_SCHEMA`) `count` records after the first `first`.

    The caller has made `engine_class` (`bilanz.spend.classify`). Of a subject of one kind only what counts.

    Shape: `subject` and `VALUE_SCHEMA`, in the order of the files.
    """
    with store.lend(review_term=_terms(terms), review_subject=subjects):
        return _typed(store.frame(_BEHIND, [first, count]), {"subject": pl.Int64, **VALUE_SCHEMA})


def years(store: Store, terms: pl.DataFrame) -> set[tuple[str, int]]:
    """Return (organisation, year) of which committed batches hold anything."""
    with store.lend(review_term=_terms(terms)):
        return {(organisation, int(year)) for organisation, year in store.rows(_YEARS)}


def _terms(terms: pl.DataFrame) -> pl.DataFrame:
    return terms.select("source", "organisation", "activity", "valid_from", "valid_to")


def _typed(frame: pl.DataFrame, schema: Schema) -> pl.DataFrame:
    return frame.select(pl.col(name).cast(kind) for name, kind in schema.items())
