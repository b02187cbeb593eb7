"""Overlaps between interval readings, slot by slot.

Two gapless series of one interval overlap exactly where their bounds do, which needs no look at the readings.
Only pairs with gaps or different intervals are compared slot by slot.
"""

from typing import Final

from bilanz.store.connection import Store

_CANDIDATES: Final = """
    CREATE OR REPLACE TEMP TABLE reading_pair AS
    SELECT row_number() OVER () AS pair, sn.source, n.series AS new_series, n.series_key AS new_key,
        o.series AS old_series, o.series_key AS old_key, o.batch_key AS old_batch, b.batch AS old_name,
        greatest(n.first_start, o.first_start) AS "start", least(n.last_end, o.last_end) AS "end",
        -- fine enough for both intervals wherever in the hour they begin (a zone may lie 45 minutes off)
        gcd(gcd(sn.minutes, so.minutes), gcd(epoch_us(n.first_start) // 60000000,
            epoch_us(o.first_start) // 60000000)) AS grid,
        n.readings * sn.minutes = date_diff('minute', n.first_start, n.last_end)
            AND o.readings * so.minutes = date_diff('minute', o.first_start, o.last_end) AS is_gapless
    FROM batch_series n JOIN series sn ON sn.series_key = n.series_key
    JOIN series so ON so.source = sn.source AND so.activity IS NOT DISTINCT FROM sn.activity
        AND so.direction = sn.direction AND so.minutes IS NOT NULL
    JOIN batch_series o ON o.series_key = so.series_key AND o.batch_key <> n.batch_key
        AND n.first_start < o.last_end AND o.first_start < n.last_end
    JOIN batch b ON b.batch_key = o.batch_key AND b.state = 'committed'
    WHERE n.batch_key = ?"""

_RANGES: Final = """
    CREATE OR REPLACE TEMP TABLE reading_range (
        pair BIGINT, "start" TIMESTAMP, "end" TIMESTAMP, new_row BIGINT, old_row BIGINT)"""

# One range per pair: its first readings are looked up in both files.
_GAPLESS: Final = """
    INSERT INTO reading_range
    SELECT p.pair, p."start", p."end", n.source_row, o.source_row FROM reading_pair p
    JOIN ({new}) n ON n.pair = p.pair JOIN ({old}) o ON o.pair = p.pair"""

_FIRST_ROW: Final = """
    SELECT p.pair, min(r.source_row) AS source_row
    FROM read_parquet('{file}') r JOIN reading_pair p ON p.{side}_series = r.series
    WHERE p.is_gapless AND p.old_batch = {old_batch}
        AND r.start <= p."start" AND r.start + to_minutes(r.minutes) > p."start"
    GROUP BY p.pair"""

_SLOTS: Final = """
    SELECT p.pair, p.grid, r.source_row, unnest(range(epoch_us(r.start) // 60000000 // p.grid,
        (epoch_us(r.start) // 60000000 + r.minutes + p.grid - 1) // p.grid)) AS slot
    FROM read_parquet('{file}') r JOIN reading_pair p ON p.{side}_series = r.series
    WHERE NOT p.is_gapless AND p.old_batch = {old_batch}
        AND r.start < p."end" AND r.start + to_minutes(r.minutes) > p."start" """

# A run of neighbouring slots is one range: slot minus its rank is the same all along the run.
_RUNS: Final = """
    INSERT INTO reading_range
    SELECT pair, make_timestamp(min(slot) * any_value(grid) * 60000000),
        make_timestamp((max(slot) + 1) * any_value(grid) * 60000000),
        min_by(new_row, slot), min_by(old_row, slot)
    FROM (SELECT *, slot - row_number() OVER (PARTITION BY pair ORDER BY slot) AS run
        FROM (SELECT n.pair, n.slot, any_value(n.grid) AS grid, min(n.source_row) AS new_row,
                min(o.source_row) AS old_row
            FROM ({new}) n JOIN ({old}) o ON n.pair = o.pair AND n.slot = o.slot
            GROUP BY n.pair, n.slot))
    GROUP BY pair, run"""

_FOUND: Final = """
    INSERT INTO overlap_found
    SELECT p.source, g."start", g."end", p.old_batch, p.new_key, p.old_key, NULL, NULL,
        g.new_row, g.old_row, NULL, false
    FROM reading_range g JOIN reading_pair p ON p.pair = g.pair"""


def find_reading_overlaps(store: Store, batch_key: int) -> None:
    """Add the overlaps of a batch's readings to the temporary table `overlap_found`."""
    store.con.execute(_CANDIDATES, [batch_key])
    held = store.rows("SELECT old_batch, old_name, bool_and(is_gapless) FROM reading_pair GROUP BY ALL")
    if not held:
        return
    ((name,),) = store.rows("SELECT batch FROM batch WHERE batch_key = ?", [batch_key])
    store.con.execute(_RANGES)
    for old_batch, old_name, is_gapless in held:
        sides = {"new": _file(store, name), "old": _file(store, old_name)}
        store.con.execute(_GAPLESS.format(**_both(_FIRST_ROW, sides, old_batch)))
        if not is_gapless:
            store.con.execute(_RUNS.format(**_both(_SLOTS, sides, old_batch)))
    store.con.execute(_FOUND)


def _file(store: Store, batch: str) -> str:
    return str(store.readings_file(batch)).replace("'", "''")


def _both(template: str, sides: dict[str, str], old_batch: int) -> dict[str, str]:
    return {side: template.format(file=file, side=side, old_batch=old_batch) for side, file in sides.items()}
