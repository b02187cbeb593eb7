"""What a person excluded: a record, or the readings of a series in a range. It counts no more; it can again.

An exclusion is a resolution in which nothing wins: winner and loser are the batch it came with. So it goes
with the batch where that is withdrawn, and a released run keeps the exclusions of its time.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import polars as pl

from bilanz.correction import IMPORTER
from bilanz.errors import Refused, UnknownName
from bilanz.store.connection import Store
from bilanz.store.rollup import TOUCHED_SCHEMA, recompute

RULE: Final = "excluded"


@dataclass(frozen=True, slots=True)
class Part:
    """What is excluded: a record, or where that is None the readings of a series that touch [start, end).

    Times: UTC.
    """

    batch: str
    series: int
    start: datetime
    end: datetime
    record: int | None = None


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Who excluded something, when (UTC) and why."""

    by: str
    at: datetime
    reason: str


_SAME: Final = """x.rule = 'excluded' AND x.series_key = $2 AND x."start" = $3 AND x."end" = $4
    AND x.loser_record IS NOT DISTINCT FROM $5
    AND x.loser_batch = (SELECT batch_key FROM batch WHERE batch = $1 AND state = 'committed')"""


def exclusion_of(store: Store, part: Part) -> Exclusion | None:
    """Return who excluded a part and why, or None where it counts."""
    rows = store.rows(f'SELECT x."by", x."at", x.reason FROM resolution x WHERE {_SAME}', _key(part))
    return Exclusion(*rows[0]) if rows else None


def correction_of(store: Store, part: Part) -> tuple[str, Exclusion] | None:
    """Return the batch that corrects a part, with who, when and why; None where none does."""
    rows = store.rows(
        """SELECT w.batch, x."by", x."at", x.reason FROM resolution x
        JOIN batch w ON w.batch_key = x.winner_batch JOIN batch l ON l.batch_key = x.loser_batch
        WHERE x.rule = 'correction' AND w.importer = $1 AND l.batch = $2 AND x.series_key = $3
            AND x."start" < $5 AND x."end" > $4 AND x.loser_record IS NOT DISTINCT FROM $6
        ORDER BY x."at" DESC LIMIT 1""",
        [IMPORTER, part.batch, part.series, part.start, part.end, part.record],
    )
    return (rows[0][0], Exclusion(*rows[0][1:])) if rows else None


def exclude(store: Store, part: Part, exclusion: Exclusion) -> None:
    """Let a part count no more.

    Raises:
        UnknownName: its batch is not there or withdrawn.
        Refused: it is excluded already.
    """
    found = store.rows("SELECT batch_key FROM batch WHERE batch = ? AND state = 'committed'", [part.batch])
    if not found:
        raise UnknownName('The batch "{name}" is not known.', name=part.batch)
    if exclusion_of(store, part) is not None:
        raise Refused("It is excluded already.")
    ((batch,),) = found
    with store.transaction():
        store.con.execute(
            "INSERT INTO resolution VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                *(part.series, part.start, part.end, batch, batch, RULE),
                *(exclusion.reason, exclusion.by, exclusion.at, part.record),
            ],
        )
        _recompute(store, part)


def include(store: Store, part: Part) -> None:
    """Let a part count again.

    Raises:
        Refused: it is not excluded.
    """
    if exclusion_of(store, part) is None:
        raise Refused("It is not excluded.")
    with store.transaction():
        store.con.execute(f"DELETE FROM resolution x WHERE {_SAME}", _key(part))
        _recompute(store, part)


def _key(part: Part) -> list[object]:
    return [part.batch, part.series, part.start, part.end, part.record]


def _recompute(store: Store, part: Part) -> None:
    """Compute the days of readings anew; records are summed by every run."""
    if part.record is not None:
        return
    day = pl.duration(days=1)
    touched = pl.DataFrame(
        {"series_key": [part.series], "first_day": [part.start.date()], "last_day": [part.end.date()]}
    ).with_columns(pl.col("first_day") - day, pl.col("last_day") + day)
    recompute(store, touched.select(pl.col(name).cast(kind) for name, kind in TOUCHED_SCHEMA.items()))


# A range of readings is cut where an exclusion begins or ends; a record is excluded as a whole.
_MARKED: Final = """
    CREATE OR REPLACE TEMP TABLE overlap_marked AS
    WITH found AS (SELECT *, row_number() OVER () AS number FROM overlap_found),
    met AS (
        SELECT f.number, greatest(f."start", x."start") AS low, least(f."end", x."end") AS high
        FROM found f JOIN resolution x ON x.rule = 'excluded' AND x.loser_record IS NULL
            AND x.series_key = f.old_key AND x.loser_batch = f.old_batch
            AND x."start" < f."end" AND f."start" < x."end"
        WHERE f.old_record IS NULL),
    bound AS (
        SELECT number, low AS edge FROM met UNION SELECT number, high FROM met
        UNION SELECT number, "start" FROM found SEMI JOIN met USING (number)
        UNION SELECT number, "end" FROM found SEMI JOIN met USING (number)),
    piece AS (
        SELECT number, edge AS low, lead(edge) OVER (PARTITION BY number ORDER BY edge) AS high FROM bound)
    SELECT f.* EXCLUDE (number) REPLACE (p.low AS "start", p.high AS "end"),
        EXISTS (FROM met m WHERE m.number = p.number AND m.low <= p.low AND p.high <= m.high) AS is_excluded
    FROM piece p JOIN found f USING (number) WHERE p.high IS NOT NULL
    UNION ALL
    SELECT f.* EXCLUDE (number), coalesce(f.old_record IN (SELECT loser_record FROM resolution
        WHERE rule = 'excluded' AND loser_record IS NOT NULL), FALSE)
    FROM found f ANTI JOIN met USING (number)"""


def mark_excluded(store: Store) -> None:
    """Make `overlap_marked` of `overlap_found`: with `is_excluded`, what the batch held is excluded."""
    store.con.execute(_MARKED)
