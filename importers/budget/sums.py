"""The sums a budget states of its accounts, held against the accounts."""

from collections.abc import Iterator
from typing import Final

import polars as pl

from bilanz.issues import Issue
from bilanz.records import QUANTITY
from importers.budget.rows import GROUP
from importers.columns import numbers
from importers.upload.findings import ROW
from importers.upload.table import Table

_CELL: Final = numbers.NumberFormat(".")
_WIDE: Final = pl.Decimal(38, QUANTITY.scale)
_CENTS: Final = 2


def compare_rollups(table: Table, rows: pl.DataFrame, place: int, declared: str | None) -> Iterator[Issue]:
    """Yield one issue per roll-up whose amount is not the sum of the accounts that begin with its code.

    Args:
        table: of the file.
        rows: `importers.budget.rows.understood`.
        place: of the amounts.
        declared: format of the amounts.
    """
    amounts = _amounts(table, place, declared)
    if amounts is None:
        return
    valued = rows.with_columns(amounts).filter(pl.col("amount").is_not_null() & pl.col("code").is_not_null())
    accounts = valued.filter(pl.col("role").is_in(["record", "income", "repeated"]))
    rollups = valued.filter(pl.col("role") == "rollup").with_columns(length=pl.col("code").str.len_chars())
    for (length,), some in rollups.group_by("length", maintain_order=True):
        below = accounts.group_by(*GROUP, pl.col("code").str.head(length)).agg(counted=pl.col("amount").sum())
        both = some.join(below, on=[*GROUP, "code"], how="left", nulls_equal=True, maintain_order="left")
        both = both.with_columns(pl.col("counted").fill_null(pl.lit(0, dtype=_WIDE)))
        off = both.filter(pl.col("counted").round(_CENTS) != pl.col("amount").round(_CENTS))
        for row, counted, stated in off.select(ROW, "counted", "amount").iter_rows():
            parameters = {"expected": f"{stated.normalize():f}"}
            yield Issue("control_sum", row, table.header[place], f"{counted.normalize():f}", parameters)


def _amounts(table: Table, place: int, declared: str | None) -> pl.Series | None:
    """Return the amounts of a column; None: nothing decides how they are written."""
    text = table.frame[str(place)].str.strip_chars()
    typed = table.typed[str(place)] if table.typed is not None else pl.repeat(False, len(text), eager=True)
    fmt = numbers.decide_series(text.filter(~typed), declared)
    if isinstance(fmt, numbers.Ambiguous):
        return None
    cells = pl.DataFrame({"text": text, "typed": typed})
    cell, written = (numbers.to_decimal(pl.col("text"), one) for one in (_CELL, fmt))
    return cells.select(pl.when("typed").then(cell).otherwise(written).cast(_WIDE).alias("amount"))["amount"]
