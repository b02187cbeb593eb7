"""An import as its page shows it: what it holds, what counts instead of what, what was found."""

import json
from collections.abc import Collection
from typing import Any, Final

import polars as pl

from bilanz.access import Right
from bilanz.app.intake.summary import plain
from bilanz.app.settings import Settings
from bilanz.app.shown.sight import Seer
from bilanz.app.upload.issues import PART
from bilanz.batch import ImportBatch
from bilanz.store.connection import Store, open_store

_TOTALS: Final = """
    SELECT activity, direction, unit, basis, sum(quantity)::DECIMAL(38,6) AS quantity, count(*) AS records
    FROM activity WHERE batch_key = ? GROUP BY ALL ORDER BY ALL"""
_READ: Final = """
    SELECT s.activity, s.direction, s.unit, s.basis, sum(r.quantity)::DECIMAL(38,6) AS quantity,
        count(*) AS records
    FROM read_parquet('{file}') r JOIN batch_series m ON m.series = r.series AND m.batch_key = {key}
    JOIN series s ON s.series_key = m.series_key
    GROUP BY ALL ORDER BY ALL"""
_RESOLVED: Final = """
    SELECT x.rule, w.batch AS winner, l.batch AS loser, s.source, min(x."start") AS "start",
        max(x."end") AS "end", any_value(x.reason) AS reason, any_value(x."by") AS "by"
    FROM resolution x JOIN batch w ON w.batch_key = x.winner_batch JOIN batch l ON l.batch_key = x.loser_batch
    JOIN series s USING (series_key)
    WHERE x.winner_batch = $1 OR x.loser_batch = $1
    GROUP BY ALL ORDER BY "start", s.source LIMIT 100"""
_ISSUES: Final = """
    SELECT * EXCLUDE (batch_key) FROM issue WHERE batch_key = ? AND code NOT IN ('overlap', 'withdrawn')
    ORDER BY CASE severity WHEN 'error' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END, source_row
    LIMIT ? OFFSET ?"""
_HOLDERS: Final = """
    WITH wanted AS (SELECT batch, batch_key, organisation FROM batch WHERE list_contains($1, batch)),
    held AS (
        SELECT DISTINCT batch_key, series_key FROM activity SEMI JOIN wanted USING (batch_key)
        UNION SELECT batch_key, series_key FROM batch_series SEMI JOIN wanted USING (batch_key))
    SELECT w.batch, s.organisation FROM wanted w JOIN held USING (batch_key) JOIN series s USING (series_key)
    UNION SELECT batch, organisation FROM wanted"""


def batch_view(settings: Settings, batch: ImportBatch, *, offset: int = 0) -> dict[str, Any]:
    """Return what the store knows of a batch.

    Returns:
        totals, period (start and end in UTC, or None), resolutions, issues (`ISSUE_SCHEMA` and `file`),
        issue_count, organisations (whose data it holds), withdrawn (the reason, or None).

    Raises:
        StoreBusy: another process holds the store.
    """
    with open_store(settings.store_file, wait=settings.wait, read_only=True) as store:
        found = store.rows(
            "SELECT batch_key, period_start, period_end FROM batch WHERE batch = ?", [batch.id]
        )
        if not found:  # a commit that has just begun
            return _nothing()
        ((key, start, end),) = found
        ((count,),) = store.rows(
            "SELECT count(*) FROM issue WHERE batch_key = ? AND code NOT IN ('overlap', 'withdrawn')", [key]
        )
        issues = store.frame(_ISSUES, [key, PART, offset])
        return {
            "totals": _totals(store, key, batch.id),
            "period": None if start is None else (start, end),
            "resolutions": store.frame(_RESOLVED, [key]).to_dicts(),
            "issues": issues.with_columns(file=pl.lit(batch.file)),
            "issue_count": count,
            "organisations": holders_in(store, [batch.id])[batch.id],
            "withdrawn": _withdrawn(store, key),
        }


def _nothing() -> dict[str, Any]:
    return {
        "totals": [],
        "period": None,
        "resolutions": [],
        "issues": pl.DataFrame(),
        "issue_count": 0,
        "organisations": set(),
        "withdrawn": None,
    }


def _totals(store: Store, key: int, batch: str) -> list[dict[str, Any]]:
    rows = store.frame(_TOTALS, [key]).to_dicts()
    file = store.readings_file(batch)
    if file.exists():
        quoted = str(file).replace("'", "''")
        rows += store.frame(_READ.format(file=quoted, key=key)).to_dicts()
    return [{**row, "quantity": plain(row["quantity"])} for row in rows]


def holders_in(store: Store, batches: Collection[str]) -> dict[str, set[str]]:
    """Return batch → the organisations whose data it holds, with the one it was handed in for."""
    told: dict[str, set[str]] = {}
    for batch, name in store.rows(_HOLDERS, [list(batches)]):
        told.setdefault(batch, set()).add(name)
    return told


def holders(settings: Settings, batches: Collection[str]) -> dict[str, set[str]]:
    """Return batch → the organisations whose data it holds; of one that is not committed nothing is known."""
    if not batches:
        return {}
    with open_store(settings.store_file, wait=settings.wait, read_only=True) as store:
        return holders_in(store, batches)


def readable(settings: Settings, seer: Seer, batches: Collection[str]) -> set[str]:
    """Return those of some batches somebody may look at: who may read all whose data they hold."""
    held = holders(settings, batches)
    return {name for name, theirs in held.items() if all(seer.may(Right.READ, one) for one in theirs)}


def _withdrawn(store: Store, key: int) -> str | None:
    found = store.rows("SELECT parameters FROM issue WHERE batch_key = ? AND code = 'withdrawn'", [key])
    told: dict[str, str] = json.loads(found[0][0]) if found else {}
    return told.get("reason")
