"""Taking a batch out of every later balance. Its bytes, records and readings stay for whoever asks."""

import json
from datetime import date, timedelta

from bilanz.errors import Refused, UnknownName
from bilanz.store.connection import Store
from bilanz.store.rollup import recompute, touched_days


def withdraw(store: Store, batch: str, *, reason: str) -> None:
    """Withdraw a batch: what gave way to it counts again, and the touched days are computed anew.

    Raises:
        UnknownName: there is no such batch.
        Refused: it is withdrawn already.
    """
    found = store.rows("SELECT batch_key, state FROM batch WHERE batch = ?", [batch])
    if not found:
        raise UnknownName('The batch "{name}" is not known.', name=batch)
    ((key, state),) = found
    if state == "withdrawn":
        raise Refused("The batch {batch} is withdrawn already.", batch=batch)
    with store.transaction():
        touched = touched_days(store, key)
        store.con.execute("UPDATE batch SET state = 'withdrawn' WHERE batch_key = ?", [key])
        # Each pair of batches has its own resolutions, so the others still say who counts among themselves.
        store.con.execute("DELETE FROM resolution WHERE winner_batch = $1 OR loser_batch = $1", [key])
        store.con.execute(
            "INSERT INTO issue VALUES (?, NULL, NULL, ?, 'withdrawn', 'info', ?)",
            [key, batch, json.dumps({"reason": reason}, ensure_ascii=False)],
        )
        recompute(store, touched)


def days_of(store: Store, batch: str) -> tuple[date, date] | None:
    """Return the first and last day (UTC) a batch speaks about, or None where it is undated."""
    ((first, end),) = store.rows("SELECT period_start, period_end FROM batch WHERE batch = ?", [batch])
    return None if first is None else (first.date(), max(first, end - timedelta(microseconds=1)).date())
