"""Instants of a message as its writers put them: ISO 8601, with an offset or in local time."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import polars as pl

from bilanz.records import INSTANT
from importers.columns import times
from importers.columns.numbers import Ambiguous
from importers.columns.times import FIRST_YEAR, LAST_YEAR


def utc(text: str | None, zone: str | None = None) -> datetime | None:
    """Return an instant in UTC without a zone; None: missing, no instant, or a year no data of a city has.

    Args:
        text: ISO 8601.
        zone: IANA zone of an instant without an offset; None: such an instant is none.
    """
    try:
        stamp = datetime.fromisoformat((text or "").strip())
        if stamp.tzinfo is None:
            if zone is None:
                return None
            stamp = stamp.replace(tzinfo=ZoneInfo(zone))
        moment = stamp.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None
    return moment if FIRST_YEAR <= moment.year <= LAST_YEAR else None


def placed(rows: pl.DataFrame, column: str, zone: str) -> pl.DataFrame:
    """Return rows with `<column>_at`: a column of ISO 8601 texts in UTC; null where blank or no instant.

    Args:
        rows: with the column.
        column: its name.
        zone: IANA zone, where no text of the column has an offset.
    """
    name, fmt = f"{column}_at", times.decide_series(rows[column])
    if fmt is None or isinstance(fmt, Ambiguous):
        return rows.with_columns(pl.lit(None, dtype=INSTANT).alias(name))
    moment = times.to_local(pl.col(column), fmt)
    return rows.with_columns((moment if fmt.has_offset else times.to_utc(moment, zone)).alias(name))
