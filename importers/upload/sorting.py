"""Which rows of the table are records: examples, totals and empty rows are set apart and said."""

from typing import Final

import polars as pl

from bilanz.issues import Issue
from importers.upload.columns import Columns
from importers.upload.findings import ROW, Findings
from importers.upload.quantities import total
from importers.upload.template import example_quantities
from importers.upload.vocabulary import EXAMPLE_NOTES, TOTAL_PATTERN

FIRST_TEXT: Final = "__first_text"
"""The column of the first cell of a row that says anything."""


def with_first_text(rows: pl.DataFrame, table: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with the first cell of the table that says anything; null: an empty row."""
    cells = [
        pl.when(pl.col(column).str.strip_chars() != "").then(pl.col(column).str.strip_chars())
        for column in table.columns
        if column != ROW
    ]
    first = table.select(ROW, pl.coalesce(cells).alias(FIRST_TEXT))
    return rows.join(first, on=ROW, how="left", maintain_order="left")


def is_total(start: str) -> pl.Expr:
    """Return whether a row states a total: it begins with such a word and has no start."""
    return _is_named_total() & (pl.col(start).is_null() | pl.col(start).str.contains(TOTAL_PATTERN))


def split_empty(rows: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    """Return the rows that are not empty; the others are ignored, and said."""
    empty = pl.col(FIRST_TEXT).is_null()
    findings.flag(rows.filter(empty), "blank_row")
    return rows.filter(~empty)


def split_totals(rows: pl.DataFrame, start: str, findings: Findings) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the records and the rows that state a total, which are ignored, and said.

    A row named like a total that has a start is one where its quantity is the sum of all other rows or of
    those of its activity; else it is a record, and said to be suspect.
    """
    is_sum = is_total(start) | pl.col(ROW).is_in(_sums(rows, start).implode())
    totals = rows.filter(is_sum)
    findings.flag(totals, "total_row", "", pl.col(FIRST_TEXT))
    rows = rows.filter(~is_sum)
    findings.flag(rows.filter(_is_named_total()), "suspect_total", "", pl.col(FIRST_TEXT))
    return rows, totals


def _is_named_total() -> pl.Expr:
    return pl.col(FIRST_TEXT).str.contains(TOTAL_PATTERN).fill_null(value=False)


def _sums(rows: pl.DataFrame, start: str) -> pl.Series:
    """Return the rows that are named like a total, have a start, and state the sum of the other rows."""
    found: list[int] = []
    if {"quantity_value", "activity"} <= set(rows.columns):
        named = rows.filter(_is_named_total() & ~is_total(start) & pl.col("quantity_value").is_not_null())
        others = rows.filter(~_is_named_total() & pl.col("quantity_value").is_not_null())
        for row, unit, kind, value in named.select(ROW, "unit", "activity", "quantity_value").rows():
            same = others.filter(pl.col("unit").eq_missing(unit))
            alike = same.filter(pl.col("activity").eq_missing(kind))
            if any(part.height and total(part["quantity_value"]) == value for part in (same, alike)):
                found.append(row)
    return pl.Series(found, dtype=pl.Int64)


def split_examples(rows: pl.DataFrame, columns: Columns) -> pl.DataFrame:
    """Return the rows that are no examples of the template; those are ignored, and said.

    A row whose quantity was overwritten is a record, whatever its note still says.
    """
    digits = pl.col("quantity").str.replace_all(r"\D", "").str.strip_chars_end("0")
    is_noted = pl.col("note").is_in(list(EXAMPLE_NOTES.values()))
    example = (is_noted & digits.is_in(example_quantities())).fill_null(value=False)
    columns.findings.flag(rows.filter(example), "example_row", columns.title("note"), pl.col("note"))
    return rows.filter(~example)


def compare_totals(rows: pl.DataFrame, totals: pl.DataFrame, columns: Columns) -> None:
    """Hold the totals a file states against the sum of its values; a subtotal is left alone.

    Both frames carry `quantity_value`; a total with a unit is compared with the rows of that unit.
    """
    stated = totals.filter(
        pl.col("quantity_value").is_not_null() & ~pl.col(FIRST_TEXT).str.contains("(?i)^(zwischen|sub)")
    )
    for row, unit, value in stated.select(ROW, "unit", "quantity_value").rows():
        if unit is None and rows["unit"].n_unique() > 1:
            continue  # kWh and litres have no sum
        same = rows if unit is None else rows.filter(pl.col("unit") == unit)
        counted = total(same["quantity_value"])
        if counted != value:
            parameters = {"expected": f"{value.normalize():f}"}
            text = f"{counted.normalize():f}"
            columns.findings.add(Issue("control_sum", row, columns.title("quantity"), text, parameters))
