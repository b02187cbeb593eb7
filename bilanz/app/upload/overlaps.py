"""Overlaps with what is held already, as somebody chooses among: found by the very commit to be made."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import polars as pl

from bilanz.errors import Refused
from bilanz.registry import uploads as registered
from bilanz.registry.engine import Registry

LISTED: Final = 100
"""Most overlaps kept for people; the key is of all of them."""

_NAMED: Final = 3
_PAIR: Final = ("source", "batch", "file", "organisation", "rule", "new_loses")
_IDENTITY: Final = ("source", "start", "end", "batch", "new_row", "old_row", "column")


def key(overlaps: pl.DataFrame) -> str:
    """Return what tells overlaps from others, whatever rule is chosen for them; "" for none."""
    if overlaps.is_empty():
        return ""
    rows = overlaps.select(pl.col(name).cast(pl.String) for name in _IDENTITY).sort(
        _IDENTITY, nulls_last=True
    )
    return hashlib.sha256(json.dumps(rows.rows(), ensure_ascii=True).encode()).hexdigest()


def told(overlaps: pl.DataFrame, registry: Registry, file: str) -> list[dict[str, Any]]:
    """Return overlaps as they are kept: one entry per source and earlier file, with whose it is.

    Returns:
        source, start and end (UTC, ISO 8601), count, rule, new_loses, new_row, old_row (the first ones),
        batch, file, organisation (of what is held), owner (organisation of the earlier file), by, at, of
        (the file that is new).
    """
    if overlaps.is_empty():
        return []
    grouped = overlaps.group_by(_PAIR, maintain_order=True).agg(
        pl.col("start").min(),
        pl.col("end").max(),
        pl.col("new_row").min(),
        pl.col("old_row").min(),
        count=pl.len(),
    )
    shown = grouped.head(LISTED).to_dicts()
    batches = registered.batches_named(registry, (row["batch"] for row in shown))
    entries = []
    for row in shown:
        batch = batches.get(row["batch"])
        entries.append(
            {
                **row,
                "start": row["start"].isoformat(),
                "end": row["end"].isoformat(),
                "owner": batch.organisation if batch else None,
                "by": batch.uploaded_by if batch else None,
                "at": batch.uploaded_at.isoformat(timespec="seconds") if batch else None,
                "of": file,
            }
        )
    return entries


class Changed(Refused):
    """The overlaps are others than those somebody chose for.

    Attributes:
        file: of which file.
        overlaps: what they are now.
    """

    def __init__(self, file: str, overlaps: pl.DataFrame) -> None:
        self.file, self.overlaps = file, overlaps
        first = overlaps.unique(["source", "file"], maintain_order=True).head(_NAMED)
        named = "; ".join(
            f"{row['source']}, {row['start']:%Y-%m-%d}/{row['end']:%Y-%m-%d}"
            for row in first.iter_rows(named=True)
        )
        message = (
            "{file}: what is held has changed since the preview. It now overlaps here: {overlaps}. Nothing "
            "of this file was taken over. Look at the overlaps and choose again."
        )
        super().__init__(message, code="overlaps_changed", file=file, overlaps=named)


def agreeing(file: str, keys: Mapping[str, str], own: Sequence[str]) -> Callable[[pl.DataFrame], None]:
    """Return who agrees to the overlaps of a file: they are none, or those of the preview.

    Args:
        file: the file, or member of a package.
        keys: file → key of the overlaps in the preview.
        own: batches of the same upload, which the preview could not know; grows while they are made.
    """

    def agree(overlaps: pl.DataFrame) -> None:
        others = overlaps.filter(~pl.col("batch").is_in(list(own)))
        if not others.is_empty() and key(others) != keys.get(file, ""):
            raise Changed(file, others)

    return agree
