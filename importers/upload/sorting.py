"""Which rows of the table are records: examples, totals and empty rows are set apart and said."""

import polars as pl

from bilanz.issues import Issue
from importers.upload.columns import Columns
from importers.upload.findings import ROW, Findings
from importers.upload.quantities import total
from importers.upload.template import example_quantities
from importers.upload.totals import CONFIRMED, FIRST_TEXT, compared_with, has_no_period, name_of, sums
from importers.upload.vocabulary import BARE_TOTAL, EXAMPLE_NOTES, TOTAL_PATTERN

__all__ = ["FIRST_TEXT"]

_NO_ROWS = pl.Series([], dtype=pl.Int64)


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
    first = pl.col(FIRST_TEXT)
    is_named = (first.str.contains(TOTAL_PATTERN) | first.str.contains(BARE_TOTAL)).fill_null(value=False)
    return is_named & (pl.col(start).is_null() | pl.col(start).str.contains(TOTAL_PATTERN))


def split_empty(rows: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    """Return the rows that are not empty; the others are ignored, and said."""
    empty = pl.col(FIRST_TEXT).is_null()
    findings.flag(rows.filter(empty), "blank_row")
    return rows.filter(~empty)


def split_totals(rows: pl.DataFrame, start: str, findings: Findings) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the records and the rows that state a total, which are ignored, and said.

    A row named like a total that has a period is one where its quantity is the sum of other rows, those of
    its period first; and where its name is nothing but a word for a total and its period has other rows of
    its activity: then it is held against their sum. Else it is a record, and said to be suspect.
    """
    named = rows.with_columns(__name=name_of(rows)).filter(pl.col("__name").is_not_null())
    timeless = named.filter(has_no_period(rows, start))
    confirmed, surely = _NO_ROWS, _NO_ROWS
    if named.height and {"quantity_value", "activity", "unit"} <= set(rows.columns):
        confirmed, surely = sums(rows, named)
    is_sum = pl.col(ROW).is_in(pl.concat([timeless[ROW], confirmed, surely]).implode())
    is_confirmed = pl.col(ROW).is_in(confirmed.implode())
    totals = rows.filter(is_sum).with_columns(is_confirmed.alias(CONFIRMED))
    findings.flag(totals.with_columns(__name=name_of(rows)), "total_row", "", pl.col("__name"))
    findings.flag(named.filter(~is_sum), "suspect_total", "", pl.col("__name"))
    return rows.filter(~is_sum), totals


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

    Both frames carry `quantity_value`; a total with a unit is compared with the rows of that unit, one with a
    period with the rows of that period. A total that was found to be a sum is none to be compared again.
    """
    stated = totals.filter(
        pl.col("quantity_value").is_not_null() & ~pl.col(FIRST_TEXT).str.contains("(?i)^(zwischen|sub)")
    )
    if CONFIRMED in stated.columns:
        stated = stated.filter(~pl.col(CONFIRMED))
    for total_row in stated.to_dicts():
        unit, value = total_row["unit"], total_row["quantity_value"]
        same = compared_with(total_row, rows)
        if unit is None and same["unit"].n_unique() > 1:
            continue  # kWh and litres have no sum
        same = same if unit is None else same.filter(pl.col("unit") == unit)
        counted = total(same["quantity_value"])
        if counted != value:
            parameters = {"expected": f"{value.normalize():f}"}
            text = f"{counted.normalize():f}"
            columns.findings.add(
                Issue("control_sum", total_row[ROW], columns.title("quantity"), text, parameters)
            )
