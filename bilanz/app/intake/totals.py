"""Totals and period of several imports together, and what of them gave way to others."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import polars as pl

from bilanz.app.intake.summary import TOTAL_SCHEMA, ImportSummary, plain
from bilanz.app.settings import Settings
from bilanz.store.connection import open_store

_KEYS: Final = ["activity", "direction", "unit", "basis"]
_REPLACED: Final = """
    WITH mine AS (SELECT batch_key FROM batch WHERE batch IN (SELECT unnest($1::VARCHAR[])))
    SELECT s.activity, s.direction, s.unit, s.basis, sum(l.quantity)::DECIMAL(38,6) AS quantity,
        sum(l.n)::BIGINT AS records
    FROM (
        SELECT series_key, quantity, readings AS n FROM daily_superseded SEMI JOIN mine USING (batch_key)
        UNION ALL
        SELECT series_key, quantity, 1 FROM activity_live SEMI JOIN mine USING (batch_key) WHERE is_superseded
    ) l JOIN series s USING (series_key)
    GROUP BY ALL ORDER BY ALL"""


def totals_of(members: Sequence[ImportSummary]) -> list[dict[str, Any]]:
    """Return accepted quantities of all members by activity, direction, unit and basis."""
    every = pl.concat([pl.DataFrame(schema=TOTAL_SCHEMA), *(member.totals for member in members)])
    summed = every.group_by(_KEYS).agg(pl.col("quantity").sum(), pl.col("records").sum()).sort(_KEYS)
    return [{**row, "quantity": plain(row["quantity"])} for row in summed.to_dicts()]


def period_of(members: Sequence[ImportSummary]) -> tuple[datetime, datetime] | None:
    """Return [start, end) in UTC from the first to the last of all members; None: nothing was accepted."""
    periods = [member.period for member in members if member.period is not None]
    return (min(first for first, _ in periods), max(last for _, last in periods)) if periods else None


def replaced_in(settings: Settings, batches: list[str]) -> list[dict[str, Any]]:
    """Return what of some batches gave way to other deliveries of the same time, as `totals_of` does.

    Raises:
        StoreBusy: another process holds the store.
    """
    with open_store(settings.store_file, wait=settings.wait, read_only=True) as store:
        found = store.frame(_REPLACED, [batches])
    return [{**row, "quantity": plain(row["quantity"])} for row in found.to_dicts()]
