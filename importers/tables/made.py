"""Columns an importer makes beside those of the file: codes it found for texts, units of single cells."""

from dataclasses import replace

import polars as pl

from importers.base import ImportResult, Rejects
from importers.upload.findings import ROW, Findings
from importers.upload.table import OWN, Table


def with_column(table: Table, title: str, texts: pl.Series) -> tuple[Table, int]:
    """Return the table with one more column and its position; it is in no file of rejected rows.

    Args:
        table: of the file.
        title: what issues call it: the column of the file it was made of.
        texts: one per row of the table.
    """
    place = len(table.header)
    frame = table.frame.with_columns(texts.cast(pl.String).alias(str(place)))
    typed = None if table.typed is None else table.typed.with_columns(pl.lit(value=False).alias(str(place)))
    return replace(table, header=(*table.header, OWN + title), frame=frame, typed=typed), place


def with_rows(table: Table, is_kept: pl.Series) -> Table:
    """Return the table with some of its rows; ragged rows and the issues of the file stay with it."""
    typed = None if table.typed is None else table.typed.filter(is_kept)
    return replace(table, frame=table.frame.filter(is_kept), typed=typed)


def refused(table: Table, is_lost: pl.Series, findings: Findings) -> ImportResult:
    """Return rows an importer refuses itself as an import of their own, to be joined with the rest.

    Args:
        table: of the file.
        is_lost: which of its rows.
        findings: an issue for each of them.
    """
    rows = table.frame.filter(is_lost)
    kept = [place for place in range(len(table.header)) if not table.is_own(place)]
    texts = [pl.col(str(place)).alias(str(position)) for position, place in enumerate(kept)]
    header = tuple(table.header[place] for place in kept)
    return ImportResult(
        read=rows.height,
        rejected=rows.height,
        ignored=0,
        issues=findings.frame(),
        rejects=Rejects(header, rows.select(ROW, *texts), {}),
    )
