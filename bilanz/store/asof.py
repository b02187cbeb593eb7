"""The store as it was: only some batches committed, with their resolutions, for as long as a block lasts.

BEGIN ──► states · resolutions · daily of the touched days ──► whatever is calculated ──► ROLLBACK

Nothing of it is ever written: the transaction is always undone, also by a crash.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import polars as pl

from bilanz.errors import UnknownName
from bilanz.store.connection import Store
from bilanz.store.rollup import TOUCHED_SCHEMA, recompute, touched_days
from bilanz.store.schema import Schema, names

RESOLUTION_SCHEMA: Final[Schema] = {
    "series_key": pl.Int32,
    "start": pl.Datetime("us"),
    "end": pl.Datetime("us"),
    "winner_batch": pl.Int32,
    "loser_batch": pl.Int32,
    "rule": pl.String,
    "reason": pl.String,
    "by": pl.String,
    "at": pl.Datetime("us"),
    "loser_record": pl.Int64,
}


@dataclass(frozen=True, slots=True)
class Held:
    """A batch of the store, whatever its state. `withdrawn`: why, where it is."""

    key: int
    batch: str
    sha256: str
    importer: str  # with its version
    file: str
    is_committed: bool
    committed_at: datetime
    withdrawn: str | None


def held(store: Store) -> list[Held]:
    """Return every batch the store ever had, the oldest first."""
    rows = store.rows("""
        SELECT b.batch_key, b.batch, b.sha256, b.importer || ' ' || b.importer_version, b.file,
            b.state = 'committed', b.committed_at, (SELECT json_extract_string(i.parameters, '$.reason')
                FROM issue i WHERE i.batch_key = b.batch_key AND i.code = 'withdrawn' LIMIT 1)
        FROM batch b ORDER BY b.batch_key""")
    return [Held(*row) for row in rows]


def resolutions(store: Store) -> pl.DataFrame:
    """Return what counts where batches overlap, `RESOLUTION_SCHEMA`, sorted."""
    frame = store.frame(f"SELECT {names(RESOLUTION_SCHEMA)} FROM resolution")
    return frame.select(pl.col(name).cast(kind) for name, kind in RESOLUTION_SCHEMA.items()).sort(pl.all())


@contextmanager
def only(store: Store, batches: Collection[str], decided: pl.DataFrame | None = None) -> Iterator[None]:
    """Show the store as if exactly these batches were committed, and undo it afterwards.

    Args:
        store: the open store, in no transaction.
        batches: names of batches; withdrawn ones count again.
        decided: resolutions that hold, `RESOLUTION_SCHEMA`; None: those there are among these batches.

    Raises:
        UnknownName: the store never had one of them.
    """
    known = {entry.batch: entry for entry in held(store)}
    for name in batches:
        if name not in known:
            raise UnknownName('The batch "{name}" is not known.', name=name)
    kept = pl.Series([known[name].key for name in batches], dtype=pl.Int32)
    changed = [entry.key for entry in known.values() if entry.is_committed != (entry.batch in batches)]
    before = resolutions(store)
    among = pl.col("winner_batch").is_in(kept.implode()) & pl.col("loser_batch").is_in(kept.implode())
    after = (before if decided is None else decided).filter(among)
    if not changed and after.equals(before):
        yield
        return
    store.con.execute("BEGIN TRANSACTION")
    try:
        touched = [touched_days(store, key) for key in changed] + [_days(before, after), _days(after, before)]
        store.con.execute(
            "UPDATE batch SET state = CASE WHEN list_contains(?, batch_key) THEN 'committed' "
            "ELSE 'withdrawn' END",
            [kept.to_list()],
        )
        store.con.execute("DELETE FROM resolution")
        with store.lend(decided=after):
            columns = names(RESOLUTION_SCHEMA)
            store.con.execute(f"INSERT INTO resolution ({columns}) SELECT {columns} FROM decided")
        recompute(store, pl.concat(touched))
        yield
    finally:
        store.con.execute("ROLLBACK")


def _days(frame: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """Return the series-days of resolutions of readings that stand in one of two frames only."""
    single = frame.join(other, on=frame.columns, how="anti", nulls_equal=True)
    readings = single.filter(pl.col("loser_record").is_null())
    day = pl.duration(days=1)
    days = readings.select(
        "series_key",
        (pl.col("start").cast(pl.Date) - day).alias("first_day"),
        (pl.col("end").cast(pl.Date) + day).alias("last_day"),
    )
    return days.select(pl.col(name).cast(kind) for name, kind in TOUCHED_SCHEMA.items())
