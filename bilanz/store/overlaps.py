"""Two batches, one source, the same time: found, resolved by rule, and reported.

    new readings  × readings held   slot by slot, joined to ranges
    new records   × records held    by [start, end), same quality (other qualities are ranked by the engine)
    measured records × readings     either way round
    spend         × spend held      document, amount, date and counterparty all equal

Who gives way: under `first` the batch that came later, under `replace` the earlier one; under `both` nobody.
What a person excluded never keeps anything out: it gives way, so that it stays away when it is taken back.
A record its document calls a correction replaces under `first` too, and so does a file that its standard
calls the latest delivery, unless the message held says that it was made later: then the new one gives way.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

import polars as pl

from bilanz.store.connection import Store
from bilanz.store.corrections import IS_CORRECTION, find_corrected
from bilanz.store.exclude import mark_excluded
from bilanz.store.reading_overlaps import find_reading_overlaps

Rule = Literal["first", "replace", "both"]

SYNTHETIC: Final = (
    "{t}.source = coalesce({t}.site, {t}.organisation) || ':' || coalesce({t}.activity, 'unclassified')"
)

_COUNTABLE: Final = """quality <> 'spend'
    AND coalesce(activity, '') NOT IN ('purchase', 'purchase_capital', 'no_emission_payment')"""

# Records meet through the weeks they touch: without them every record of a source would meet every other.
_RECORDS: Final = f"""
    WITH bucketed AS (
        SELECT a.*, {SYNTHETIC.format(t="a")} AS is_synthetic,
            unnest(generate_series(date_trunc('week', a."start"),
                greatest(a."start", a."end" - INTERVAL 1 MICROSECOND), INTERVAL 7 DAY)) AS week
        FROM activity a JOIN batch b USING (batch_key)
        WHERE b.state = 'committed' AND {_COUNTABLE}
            AND a.source IN (SELECT source FROM activity WHERE batch_key = $1))
    SELECT DISTINCT n.record_id AS new_record, o.record_id AS old_record
    FROM (SELECT * FROM bucketed WHERE batch_key = $1 AND {IS_CORRECTION.format(t="bucketed")} IS NOT TRUE) n
    JOIN (SELECT * FROM bucketed WHERE batch_key <> $1) o
        ON n.source = o.source AND n.activity IS NOT DISTINCT FROM o.activity
        AND n.direction = o.direction AND n.quality = o.quality AND n.week = o.week
        AND n."start" < o."end" AND o."start" < n."end"
        -- instalments and credits stand beside what they belong to
        AND (coalesce(n.document_type, '') = 'instalment') = (coalesce(o.document_type, '') = 'instalment')
        AND (coalesce(n.document_type, '') = 'credit') = (coalesce(o.document_type, '') = 'credit')
        AND (coalesce(n.document_type, '') = 'contract') = (coalesce(o.document_type, '') = 'contract')
        -- two refuellings on one day are two events where their documents differ
        AND NOT (n.document <> o.document AND n."end" - n."start" <= INTERVAL 25 HOUR
            AND o."end" - o."start" <= INTERVAL 25 HOUR) IS TRUE
        -- where the file names no source, two meters look alike: only the same bill is the same thing
        AND (NOT n.is_synthetic OR (n.counterparty IS NOT DISTINCT FROM o.counterparty
            AND CASE WHEN n.document IS NOT NULL AND o.document IS NOT NULL THEN n.document = o.document
                ELSE n.quantity = o.quantity AND n.unit = o.unit END))
"""

_SPEND: Final = """
    SELECT DISTINCT n.record_id AS new_record, o.record_id AS old_record
    FROM (SELECT * FROM activity WHERE batch_key = $1 AND quality = 'spend') n
    JOIN (SELECT a.* FROM activity a JOIN batch b USING (batch_key)
        WHERE b.state = 'committed' AND a.batch_key <> $1 AND a.quality = 'spend') o
        ON n.document = o.document AND n.quantity = o.quantity AND n.unit = o.unit AND n."start" = o."start"
        AND n.counterparty IS NOT DISTINCT FROM o.counterparty
        -- a payment never gives way to the contract that promised it
        AND (coalesce(n.document_type, '') = 'contract') = (coalesce(o.document_type, '') = 'contract')
"""

_FOUND: Final = """
    CREATE OR REPLACE TEMP TABLE overlap_found (
        source VARCHAR, "start" TIMESTAMP, "end" TIMESTAMP, old_batch INTEGER,
        new_key INTEGER, old_key INTEGER, new_record BIGINT, old_record BIGINT,
        new_row BIGINT, old_row BIGINT, "column" VARCHAR, is_correction BOOLEAN)"""

_PAIRS: Final = """
    INSERT INTO overlap_found
    SELECT n.source, greatest(n."start", o."start"), least(n."end", o."end"), o.batch_key,
        n.series_key, o.series_key, n.record_id, o.record_id, n.source_row, o.source_row, n."column",
        coalesce(n.document_type, '') = 'correction'
    FROM ({pairs}) p JOIN activity n ON n.record_id = p.new_record
    JOIN activity o ON o.record_id = p.old_record"""

_RECORD_ON_READINGS: Final = f"""
    INSERT INTO overlap_found
    SELECT n.source, greatest(n."start", m.first_start), least(n."end", m.last_end), m.batch_key,
        n.series_key, s.series_key, n.record_id, NULL, n.source_row, NULL, n."column",
        coalesce(n.document_type, '') = 'correction'
    FROM activity n JOIN series s ON s.source = n.source AND s.activity = n.activity
        AND s.direction = n.direction AND s.minutes IS NOT NULL
    JOIN batch_series m ON m.series_key = s.series_key AND m.batch_key <> n.batch_key
        AND m.first_start < n."end" AND n."start" < m.last_end
    JOIN batch b ON b.batch_key = m.batch_key AND b.state = 'committed'
    WHERE n.batch_key = $1 AND n.quality = 'measured' AND {IS_CORRECTION.format(t="n")} IS NOT TRUE"""

_READINGS_ON_RECORD: Final = """
    INSERT INTO overlap_found
    SELECT o.source, greatest(o."start", m.first_start), least(o."end", m.last_end), o.batch_key,
        s.series_key, o.series_key, NULL, o.record_id, NULL, o.source_row, NULL, false
    FROM batch_series m JOIN series s USING (series_key)
    JOIN activity o ON s.source = o.source AND s.activity = o.activity AND s.direction = o.direction
        AND m.first_start < o."end" AND o."start" < m.last_end
    JOIN batch b ON b.batch_key = o.batch_key AND b.state = 'committed'
    WHERE m.batch_key = $1 AND o.batch_key <> $1 AND o.quality = 'measured'"""

_DECIDED: Final = """
    CREATE OR REPLACE TEMP TABLE overlap_decided AS
    SELECT *, rule IN ('first', 'both') OR (rule = 'latest_delivery' AND is_older) AS new_loses
    FROM (SELECT f.*, coalesce(o.delivered > n.delivered, false) AS is_older,
            CASE WHEN $1 = 'both' THEN 'both' WHEN is_excluded THEN 'replace' WHEN $2 THEN 'latest_delivery'
                WHEN is_correction THEN 'correction' ELSE $1 END AS rule
        FROM overlap_marked f JOIN batch o ON o.batch_key = f.old_batch JOIN batch n ON n.batch_key = $3)"""

# Under `first` (and `both`, where nobody does) the newer is the one that would give way.
_RESOLVE: Final = """
    INSERT INTO resolution
    SELECT DISTINCT
        CASE WHEN new_loses THEN new_key ELSE old_key END,
        coalesce(r."start", d."start"), coalesce(r."end", d."end"),
        CASE WHEN new_loses THEN old_batch ELSE $1 END, CASE WHEN new_loses THEN $1 ELSE old_batch END,
        rule, $2, $3, $4, loser_record
    FROM (SELECT *, CASE WHEN new_loses THEN new_record ELSE old_record END AS loser_record
        FROM overlap_decided) d
    LEFT JOIN activity r ON r.record_id = d.loser_record"""


@dataclass(frozen=True, slots=True)
class Choice:
    """How overlaps of one import are resolved, by whom and why."""

    rule: Rule
    reason: str | None
    by: str
    at: datetime
    is_latest_delivery: bool = False


def resolve_overlaps(store: Store, batch_key: int, choice: Choice) -> pl.DataFrame:
    """Find the overlaps of a batch just inserted, write their resolutions, and return what was found.

    Shape: one row per overlap: source, start, end (UTC), rule, new_row, column, old_row, batch, file of the
    batch it meets, its organisation, new_loses (the new gives way). Runs inside the caller's transaction.
    """
    store.con.execute(_FOUND)
    for pairs in (_RECORDS, _SPEND):
        store.con.execute(_PAIRS.format(pairs=pairs), [batch_key])
    for statement in (_RECORD_ON_READINGS, _READINGS_ON_RECORD):
        store.con.execute(statement, [batch_key])
    find_reading_overlaps(store, batch_key)
    find_corrected(store, batch_key)
    mark_excluded(store)
    store.con.execute(_DECIDED, [choice.rule, choice.is_latest_delivery, batch_key])
    store.con.execute(_RESOLVE, [batch_key, choice.reason, choice.by, choice.at])
    return store.frame("""
        SELECT d.source, d."start", d."end", d.rule, d.new_row, d."column", d.old_row, b.batch, b.file,
            (SELECT any_value(organisation) FROM series s WHERE s.series_key = d.old_key) AS organisation,
            d.new_loses
        FROM overlap_decided d JOIN batch b ON b.batch_key = d.old_batch
        ORDER BY d.new_row, d.old_row, d.source, d."start" """)


def resolutions_of(store: Store, batch_key: int) -> list[dict[str, str | int]]:
    """Return what counts instead of what since a batch was committed, for the audit trail.

    Returns:
        Per rule and pair of batches: rule, winner, loser, count, documents (of corrections, else empty).
    """
    found = store.rows(
        """
        SELECT x.rule, w.batch, l.batch, count(*), CASE WHEN x.rule = 'correction' THEN coalesce((
            SELECT string_agg(DISTINCT document, ', ' ORDER BY document) FROM activity a
            WHERE a.batch_key = $1 AND a.document_type = 'correction'), '') ELSE '' END
        FROM resolution x JOIN batch w ON w.batch_key = x.winner_batch
        JOIN batch l ON l.batch_key = x.loser_batch
        WHERE x.winner_batch = $1 OR x.loser_batch = $1
        GROUP BY x.rule, w.batch, l.batch ORDER BY ALL""",
        [batch_key],
    )
    names = ("rule", "winner", "loser", "count", "documents")
    return [dict(zip(names, row, strict=True)) for row in found]
