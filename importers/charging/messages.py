"""Charging sessions of messages, as rows of the same columns a table has.

Numbers of JSON are numbers, times carry their zone: nothing is decided from all values as in a table.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from bilanz.issues import Issue
from importers.base import ImportRequest, ImportResult
from importers.charging import sessions
from importers.charging.fields import NAMES
from importers.columns.headers import Match
from importers.metering.document import Node, nodes
from importers.upload.columns import Columns
from importers.upload.findings import ROW, Findings

_TYPED: Final = ("start", "end", "quantity", "cost_net")
_EXTRA: Final = {"is_credit": pl.Boolean, "__cells": pl.String}

Row = Mapping[str, str | bool | int | None]
"""`__row`, and what is stated of the columns of a table; `is_credit`."""


def columns_of(titles: Mapping[str, str], request: ImportRequest, findings: Findings) -> Columns:
    """Return what reads the columns of messages.

    Args:
        titles: column of a table → member of the message, for issues and control sums.
        request: declared formats.
        findings: of the file.
    """
    positions = {name: place for place, name in enumerate(titles)}
    found = Match(tuple(titles.values()), positions, {}, (), (), {}, ())
    return Columns(found, request.declared, sessions.UTC, findings)


def delivered(
    rows: Sequence[Row],
    columns: Columns,
    request: ImportRequest,
    *,
    read: int,
    rejected: int = 0,
    is_billed: bool = False,
) -> ImportResult:
    """Return the import of the sessions of a file.

    Args:
        rows: finished sessions.
        columns: see `columns_of`.
        request: see `sessions.read`.
        read: sessions met, those already rejected or ignored included.
        rejected: sessions rejected before.
        is_billed: their energy is billed.
    """
    if not read:
        columns.findings.add(Issue("no_rows"))
    schema = {ROW: pl.Int64, **dict.fromkeys(NAMES, pl.String), **_EXTRA}
    frame = pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)
    frame = frame.with_columns(
        pl.col("is_credit").fill_null(value=False),
        *(pl.col(name).str.strip_chars().replace("", None) for name in NAMES),
        *(pl.lit(value=True).alias(f"{name}__typed") for name in _TYPED),
    )
    frame = frame.with_columns(
        pl.concat_str([pl.col(name).fill_null("") for name in NAMES], separator="\x1f").alias("__cells")
    )
    found = sessions.read(frame, columns, request)
    return sessions.result(found, columns, read=read, rejected=rejected, is_billed=is_billed)


def with_zone(moment: str | None) -> str | None:
    """Return a time of OCPI or OCPP with its zone: one without is UTC, as the specifications say."""
    if moment is None:
        return None
    text = moment.strip()
    clock = text[11:]  # behind YYYY-MM-DDT
    return text if not clock or clock[-1:] in "Zz" or "+" in clock or "-" in clock else f"{text}Z"


def envelope(document: object) -> list[Node]:
    """Return the objects of a document: one, a list, or either in the `data` of a response."""
    if isinstance(document, dict) and isinstance(document.get("data"), list | dict):
        return nodes(document["data"])
    return nodes(document)
