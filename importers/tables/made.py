"""Columns an importer makes beside those of the file: codes it found for texts, units of single cells."""

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from importers.base import ImportResult, Rejects
from importers.upload.findings import ROW, Findings
from importers.upload.table import OWN, Table


def with_column(table: Table, name: str, texts: pl.Series) -> tuple[Table, int]:
    """Return the table with one more column and its position; it is in no file of rejected rows.

    Args:
        table: of the file.
        name: of the column, for its header `bilanz: <name>`.
        texts: one per row of the table.
    """
    place = len(table.header)
    frame = table.frame.with_columns(texts.cast(pl.String).alias(str(place)))
    typed = None if table.typed is None else table.typed.with_columns(pl.lit(value=False).alias(str(place)))
    return replace(table, header=(*table.header, f"{OWN} {name}"), frame=frame, typed=typed), place


def with_rows(table: Table, is_kept: pl.Series) -> Table:
    """Return the table with some of its rows; ragged rows and the issues of the file stay with it."""
    typed = None if table.typed is None else table.typed.filter(is_kept)
    return replace(table, frame=table.frame.filter(is_kept), typed=typed)


def retitled(result: ImportResult, titles: Mapping[str, str]) -> ImportResult:
    """Return an import whose issues name columns of the file where an importer made one of them.

    Args:
        result: of the table.
        titles: name of a made column → header of the column it was made of.
    """
    names = {f"{OWN} {name}": title for name, title in titles.items()}
    return replace(result, issues=result.issues.with_columns(pl.col("column").replace(names)))


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
