"""Rows that sum up other rows: a campus beside its buildings counts them twice.

A row is a roll-up where other rows of the same period name it as their parent. Its name may stand in its own
row, too. A sum that holds more than its children do (a meter of the campus itself) is said aloud.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import polars as pl

from importers.tables.alike import Format, formats, values
from importers.upload.findings import ROW, Findings
from importers.upload.table import Table

_ID: Final = "property"
_PARENT: Final = "parent"
_PERIOD: Final = "period"
_SHARE: Final = 1000
"""A sum may differ from its parts by a thousandth: published figures are rounded."""

_LISTED: Final = 12


def rollups(table: Table, own: int, parent: int, periods: Sequence[int]) -> pl.DataFrame:
    """Return the rows that sum up others: `__row` and `children`, the list of their rows.

    Args:
        table: of the file.
        own: position of the property's identifier.
        parent: position of the identifier of what stands above it.
        periods: positions of the columns that state the period.
    """
    texts = pl.concat_str([_text(place).fill_null("") for place in periods], separator="\x1f")
    rows = table.frame.select(ROW, _text(own).alias(_ID), _text(parent).alias(_PARENT), texts.alias(_PERIOD))
    children = rows.filter(pl.col(_PARENT) != pl.col(_ID)).group_by(_PARENT, _PERIOD).agg(children=ROW)
    return rows.join(children, left_on=[_ID, _PERIOD], right_on=[_PARENT, _PERIOD], how="inner").select(
        ROW, "children"
    )


def set_apart(
    table: Table,
    found: pl.DataFrame,
    places: Sequence[int],
    declared: Mapping[str, str],
    findings: Findings,
) -> Table:
    """Return the rows of the table without those that sum up others; each of these is said.

    Args:
        table: of the file.
        found: see `rollups`.
        places: positions of the quantities.
        declared: column header → declared format.
        findings: of the file.
    """
    listed = (
        pl.col("children").list.sort().list.head(_LISTED).cast(pl.List(pl.String)).list.join(", ").alias("x")
    )
    shown = found.with_columns(listed)
    findings.flag(shown, "rollup_row", children=pl.col("x"))
    for place, fmt in formats(table, places, declared).items():
        _remark(table, shown, place, fmt, findings)
    is_kept = ~table.frame[ROW].is_in(found[ROW].implode())
    typed = None if table.typed is None else table.typed.filter(is_kept)
    return replace(table, frame=table.frame.filter(is_kept), typed=typed)


def _remark(table: Table, found: pl.DataFrame, place: int, fmt: Format, findings: Findings) -> None:
    """Say where a sum states more or less than its children do."""
    amounts = values(table, place, fmt)
    if amounts is None:
        return
    stated = table.frame.select(ROW, _text(place).alias("stated")).with_columns(
        value=amounts.cast(pl.Decimal(38, 6))
    )
    sums = (
        found.explode("children")
        .join(stated, left_on="children", right_on=ROW, how="left")
        .group_by(ROW)
        .agg(parts=pl.col("value").sum())
    )
    rows = found.join(sums, on=ROW).join(stated, on=ROW)
    off = (pl.col("value") - pl.col("parts")).abs() * _SHARE > pl.col("value").abs()
    text = pl.col("parts").cast(pl.String).str.replace(r"\.?0+$", "")
    differing = rows.filter(off.fill_null(value=False)).sort(ROW)
    findings.flag(differing, "rollup_differs", table.header[place], pl.col("stated"), found=text)


def _text(place: int) -> pl.Expr:
    return pl.col(str(place)).str.strip_chars()
