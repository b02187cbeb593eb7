"""Sums of a result's frames. Exact: every sum is a sum of decimals. Books stay side by side."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, Final

import polars as pl

from bilanz.messages import Language
from bilanz.result import Result
from reports import names
from reports.base import Column
from reports.numbers import missing

COUNTED: Final = ("1", "2", "3")
"""Scopes that make up a book's total; `outside` and `memo` are shown and in no total."""

_PREFIX: Final = "book "


def known_sum(name: str) -> pl.Expr:
    """Sum of a column; null, not zero, where no value is known."""
    return pl.when(pl.col(name).is_not_null().any()).then(pl.col(name).sum()).alias(name)


def counted(lines: pl.DataFrame) -> pl.DataFrame:
    """Return the lines that make up totals."""
    return lines.filter(pl.col("scope").is_in(COUNTED))


def book_column(book: str) -> str:
    """Return the column of `by_book` that holds a book."""
    return _PREFIX + book


def by_book(lines: pl.DataFrame, keys: Sequence[str], books: Sequence[str]) -> pl.DataFrame:
    """Return kg CO2e: one row per distinct keys, one column per book, the largest value first.

    Keys without any value, such as what a book leaves out by rule, have no row.

    Units: kg CO2e. A book without any value for the keys holds null.
    """
    frame = lines.group_by(*keys, maintain_order=True).agg(
        [
            pl.when(((pl.col("book") == book) & pl.col("co2e_kg").is_not_null()).any())
            .then(pl.col("co2e_kg").filter(pl.col("book") == book).sum())
            .alias(book_column(book))
            for book in books
        ]
    )
    values = [pl.col(book_column(book)) for book in books]
    largest = pl.max_horizontal(values)
    return frame.filter(pl.any_horizontal([value.is_not_null() for value in values])).sort(
        [largest, *keys], descending=[True, *[False] * len(keys)], nulls_last=True
    )


def book_columns(books: Sequence[str], language: Language, *, is_totalled: bool = True) -> tuple[Column, ...]:
    """Return the columns that show `by_book`."""
    return tuple(
        Column(
            book_column(book),
            names.book(book, language),
            kind="mass",
            is_totalled=is_totalled,
            lines={"book": book},
        )
        for book in books
    )


def total_of(lines: pl.DataFrame, book: str) -> Decimal | None:
    """Return kg CO2e of scopes 1 to 3 of a book; None where none is known."""
    return _sum(counted(lines).filter(pl.col("book") == book))


def scope_of(lines: pl.DataFrame, book: str, scope: str) -> Decimal | None:
    """Return kg CO2e of one scope of a book; None where none is known."""
    return _sum(lines.filter(pl.col("book") == book, pl.col("scope") == scope))


def _sum(lines: pl.DataFrame) -> Decimal | None:
    """Return the sum of the known kg CO2e; None where none is known."""
    values: list[Decimal] = lines["co2e_kg"].drop_nulls().to_list()
    return sum(values, Decimal(0)) if values else None


def largest(frame: pl.DataFrame, key: str, value: str) -> tuple[Any, Decimal] | None:
    """Return key and value of the row with the largest known value (the first by key on a tie)."""
    known = frame.filter(pl.col(value).is_not_null()).sort([value, key], descending=[True, False])
    return known.select(key, value).row(0) if known.height else None


def ratio(part: Decimal | int | None, whole: Decimal | int | None) -> float | None:
    """Return part / whole; None where it cannot be said."""
    return None if part is None or not whole else float(Decimal(part) / Decimal(whole))


def named(
    frame: pl.DataFrame, column: str, name: Callable[[str | None], str], *, alias: str = ""
) -> pl.DataFrame:
    """Return the frame with the codes of a column replaced by their names (or the names under an alias)."""
    codes = frame[column].unique(maintain_order=True).to_list()
    pairs = pl.DataFrame(
        {column: codes, "_name": [name(code) for code in codes]},
        schema={column: pl.String, "_name": pl.String},
    )
    joined = frame.join(pairs, on=column, how="left", nulls_equal=True, maintain_order="left")
    return joined.with_columns(pl.col("_name").alias(alias or column)).drop("_name")


def organisation_name(result: Result, language: Language) -> Callable[[str | None], str]:
    """Return the function code → name of an organisation; an unregistered code is shown as it is."""
    known = dict(result.organisations.select("organisation", "name").iter_rows())
    return lambda code: missing(language) if code is None else known.get(code) or code
