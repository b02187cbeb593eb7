"""Which rows state the sum of other rows.

named   by the first text of the row, by its site, source, category or department, or where its period stands
bare    by nothing but a word for a total: "Summe", "Stadt insgesamt", "alle Gebäude"
"""

from collections.abc import Iterator
from typing import Final

import polars as pl

from importers.upload.findings import ROW
from importers.upload.quantities import total
from importers.upload.vocabulary import BARE_TOTAL, ENDS_TOTAL, TOTAL_PATTERN

FIRST_TEXT: Final = "__first_text"
"""The column of the first cell of a row that says anything."""

CONFIRMED: Final = "__confirmed"
"""Whether a row that states a total was found to be the sum of other rows."""

PERIOD: Final = ("year", "month", "start", "end", "date")
_NAMING: Final = ("site", "source", "category", "department")
_OFTEN: Final = 200
"""A name that more rows of one period bear is none of a total (a filling station called "Total")."""

_LEAST: Final = 2
"""Rows a sum has where the name alone does not say that it is one."""


def name_of(rows: pl.DataFrame) -> pl.Expr:
    """Return the text that names a row like a total; null: none does."""
    first = pl.col(FIRST_TEXT)
    named = [pl.when(first.str.contains(TOTAL_PATTERN) | first.str.contains(BARE_TOTAL)).then(first)]
    for name in (name for name in _NAMING if name in rows.columns):
        text = pl.col(name).cast(pl.String)
        is_named = text.str.contains(BARE_TOTAL) | text.str.contains(ENDS_TOTAL)
        named.append(pl.when(is_named).then(text))
    periods = [pl.col(period).cast(pl.String) for period in PERIOD if period in rows.columns]
    named += [pl.when(text.str.contains(BARE_TOTAL)).then(text) for text in periods]
    return pl.coalesce(named)


def has_no_period(rows: pl.DataFrame, start: str) -> pl.Expr:
    """Return whether a row states no period, or a word for a total where its period is expected."""
    cells = [pl.col(name).cast(pl.String) for name in dict.fromkeys((start, *PERIOD)) if name in rows.columns]
    is_word = [cell.str.contains(TOTAL_PATTERN) | cell.str.contains(BARE_TOTAL) for cell in cells]
    return pl.all_horizontal(cell.is_null() for cell in cells) | pl.any_horizontal(
        word.fill_null(value=False) for word in is_word
    )


def sums(rows: pl.DataFrame, named: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    """Return the rows that state the sum of others, and those that only a total can be named like.

    Args:
        rows: all rows, with `quantity_value`, `unit` and `activity`.
        named: those that are named like a total; `__name` is that name.
    """
    valued = rows.filter(pl.col("quantity_value").is_not_null())
    same = ["__name", "unit", "activity", *(name for name in PERIOD if name in named.columns)]
    open_rows = named.filter(pl.col("quantity_value").is_not_null()).filter(pl.len().over(same) <= _OFTEN)
    confirmed: list[int] = []
    plain = valued.filter(~pl.col(ROW).is_in(named[ROW].implode()))
    for row in open_rows.to_dicts():
        least = 1 if _is_plain(row) else _LEAST
        for others in _pools(row, plain, open_rows[ROW]):
            if others.height >= least and total(others["quantity_value"]) == row["quantity_value"]:
                confirmed.append(row[ROW])
                break
    left = open_rows.filter(~pl.col(ROW).is_in(pl.Series(confirmed, dtype=pl.Int64).implode()))
    bare = left.filter(pl.col("__name").str.contains(BARE_TOTAL))
    surely = [row[ROW] for row in bare.to_dicts() if _alike(row, _same_period(row, plain)).height]
    return pl.Series(confirmed, dtype=pl.Int64), pl.Series(surely, dtype=pl.Int64)


def compared_with(row: dict[str, object], rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows a total is held against: those of its own period where it has one."""
    same = _same_period(row, rows)
    return same if same.height else rows


def _is_plain(row: dict[str, object]) -> bool:
    """Return whether the name is a total's at its beginning, or wholly."""
    text = pl.Series([str(row["__name"])])
    return bool(text.str.contains(BARE_TOTAL).item() or text.str.contains(TOTAL_PATTERN).item())


def _pools(row: dict[str, object], plain: pl.DataFrame, named: pl.Series) -> Iterator[pl.DataFrame]:
    """Yield the sets of rows a total may sum up: its period, its activity, its group, the rows above it."""
    unit = plain.filter(pl.col("unit").eq_missing(pl.lit(row["unit"], dtype=pl.String)))
    before = named.filter(named < row[ROW]).max()
    for others in (_same_period(row, unit), unit):
        for part in (others, _alike(row, others)):
            yield part
            for name in (name for name in _NAMING if row.get(name) is not None):
                yield part.filter(pl.col(name) == row[name])
                if stem := _stem(str(row[name])):
                    yield part.filter(pl.col(name).str.starts_with(stem))
            above = part.filter(pl.col(ROW) < pl.lit(row[ROW]))
            yield above if before is None else above.filter(pl.col(ROW) > before)


def _stem(name: str) -> str:
    """Return what stands before the word for a total: "Schule" of "Schule gesamt"."""
    return str(pl.Series([name]).str.replace(ENDS_TOTAL, "").item()).strip(" :-–")


def _alike(row: dict[str, object], others: pl.DataFrame) -> pl.DataFrame:
    same = others.filter(pl.col("unit").eq_missing(pl.lit(row["unit"], dtype=pl.String)))
    return same.filter(pl.col("activity").eq_missing(pl.lit(row["activity"], dtype=pl.String)))


def _same_period(row: dict[str, object], others: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of the period of a row; a cell of it that is no period is left out."""
    names = [name for name in PERIOD if row.get(name) is not None and name in others.columns]
    stated = [name for name in names if not pl.Series([str(row[name])]).str.contains(TOTAL_PATTERN).item()]
    stated = [name for name in stated if not pl.Series([str(row[name])]).str.contains(BARE_TOTAL).item()]
    for name in stated:
        others = others.filter(pl.col(name).cast(pl.String) == str(row[name]))
    return others if stated else others.clear()
