"""Totals and period of several imports together."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import polars as pl

from bilanz.app.importsummary import TOTAL_SCHEMA, ImportSummary, plain

_KEYS: Final = ["activity", "direction", "unit", "basis"]


def totals_of(members: Sequence[ImportSummary]) -> list[dict[str, Any]]:
    """Return accepted quantities of all members by activity, direction, unit and basis."""
    every = pl.concat([pl.DataFrame(schema=TOTAL_SCHEMA), *(member.totals for member in members)])
    summed = every.group_by(_KEYS).agg(pl.col("quantity").sum(), pl.col("records").sum()).sort(_KEYS)
    return [{**row, "quantity": plain(row["quantity"])} for row in summed.to_dicts()]


def period_of(members: Sequence[ImportSummary]) -> tuple[datetime, datetime] | None:
    """Return [start, end) in UTC from the first to the last of all members; None: nothing was accepted."""
    periods = [member.period for member in members if member.period is not None]
    return (min(first for first, _ in periods), max(last for _, last in periods)) if periods else None
