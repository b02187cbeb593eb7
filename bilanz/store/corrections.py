"""What a correction made here takes the place of: the one value it names, whatever else is told of its time.

A record says which value it corrects in its attributes: the batch, and the row and column of a record, or
the local day of readings. It must be of the same organisation, source, activity and direction: a file that
somebody wrote for it reaches nothing else. Nothing else that counts gives way to it. What had given way to
the value it corrects gives way to it too, so that it stays away when the batch of that value is withdrawn.
"""

from typing import Final

from bilanz.correction import BATCH, COLUMN, ROW
from bilanz.store.connection import Store

IS_CORRECTION: Final = f"(json_extract_string({{t}}.attributes, '$.{BATCH}') IS NOT NULL)"
"""Whether a record `t` corrects a value it names."""

_NAMED: Final = f"""
    CREATE OR REPLACE TEMP TABLE corrected AS
    SELECT n.record_id, n.series_key, n.batch_key, n.organisation, n.source, n.activity, n.direction,
        n."start", n."end", n.source_row, n."column", b.batch_key AS named_batch,
        TRY_CAST(json_extract_string(n.attributes, '$.{ROW}') AS BIGINT) AS named_row,
        coalesce(json_extract_string(n.attributes, '$.{COLUMN}'), '') AS named_column
    FROM activity n JOIN batch b ON b.batch = json_extract_string(n.attributes, '$.{BATCH}')
        AND b.state = 'committed'
    WHERE n.batch_key = $1"""

_RECORDS: Final = """
    INSERT INTO overlap_found
    SELECT n.source, greatest(n."start", o."start"), least(n."end", o."end"), o.batch_key,
        n.series_key, o.series_key, n.record_id, o.record_id, n.source_row, o.source_row, n."column", true
    FROM corrected n JOIN activity o ON o.batch_key = n.named_batch AND o.source_row = n.named_row
        AND coalesce(o."column", '') = n.named_column AND o.organisation = n.organisation
        AND o.source = n.source AND o.direction = n.direction
        AND o.activity IS NOT DISTINCT FROM n.activity"""

_READINGS: Final = """
    INSERT INTO overlap_found
    SELECT n.source, greatest(n."start", m.first_start), least(n."end", m.last_end), m.batch_key,
        n.series_key, s.series_key, n.record_id, NULL, n.source_row, NULL, n."column", true
    FROM corrected n JOIN series s ON s.source = n.source AND s.direction = n.direction
        AND s.organisation = n.organisation AND s.activity IS NOT DISTINCT FROM n.activity
        AND s.minutes IS NOT NULL
    JOIN batch_series m ON m.series_key = s.series_key
        AND m.first_start < n."end" AND n."start" < m.last_end
    JOIN batch b ON b.batch_key = m.batch_key AND b.state = 'committed'
    WHERE n.named_row IS NULL"""

_GIVEN_WAY: Final = """
    INSERT INTO overlap_found
    SELECT DISTINCT n.source, greatest(n."start", x."start"), least(n."end", x."end"), x.loser_batch,
        n.series_key, x.series_key, n.record_id, x.loser_record, n.source_row, NULL, n."column", true
    FROM corrected n JOIN resolution x ON x.winner_batch = n.named_batch
        AND x.rule NOT IN ('both', 'excluded') AND x."start" < n."end" AND n."start" < x."end"
    JOIN series s ON s.series_key = x.series_key AND s.source = n.source AND s.direction = n.direction
        AND s.activity IS NOT DISTINCT FROM n.activity"""


def find_corrected(store: Store, batch_key: int) -> None:
    """Add what the corrections of a batch take the place of to the temporary table `overlap_found`."""
    store.con.execute(_NAMED, [batch_key])
    if store.rows("SELECT 1 FROM corrected LIMIT 1"):
        for statement in (_RECORDS, _READINGS, _GIVEN_WAY):
            store.con.execute(statement)
