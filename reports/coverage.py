"""How complete a result is: source-months with data, source-months with a factor, shares by grade."""

from dataclasses import dataclass
from typing import Final

import polars as pl

from bilanz.factor import Grade
from bilanz.result import Result
from bilanz.scopes import EXCLUDED_CATEGORY
from reports.totals import counted, ratio

_SERIES: Final = ("organisation", "source", "activity")
_ITEM: Final = ("organisation", "source", "activity", "product_group", "month")
_DAYS: Final = ("days_measured", "days_billed", "days_estimated")

_KNOWN: Final = pl.sum_horizontal(_DAYS)
_IS_HELD: Final = _KNOWN > 0
_IS_ESTIMATED: Final = _IS_HELD & (pl.col("days_measured") + pl.col("days_billed") == 0)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a whole, both counted."""

    part: int
    whole: int

    @property
    def share(self) -> float | None:
        """Part of the whole from 0 to 1; None where there is nothing to count."""
        return ratio(self.part, self.whole)


def by_organisation(result: Result) -> pl.DataFrame:
    """Return organisation, sources, expected, held and estimated source-months, their share, share of days.

    Every row of the coverage is an expected source-month; it is held where at least one day of it is
    measured, billed or estimated.
    """
    return (
        _filled(result)
        .group_by("organisation")
        .agg(
            pl.struct(_SERIES).n_unique().cast(pl.Int64).alias("sources"),
            pl.len().cast(pl.Int64).alias("expected"),
            _IS_HELD.sum().cast(pl.Int64).alias("held"),
            _IS_ESTIMATED.sum().cast(pl.Int64).alias("estimated"),
            (_KNOWN.sum() / pl.col("days").sum()).alias("days_share"),
        )
        .with_columns((pl.col("held") / pl.col("expected")).alias("share"))
        .sort("organisation")
    )


def source_months(result: Result) -> Part:
    """Return source-months with data of those expected."""
    frame = _filled(result)
    return Part(int(frame.filter(_IS_HELD).height), frame.height)


def by_month(result: Result) -> pl.DataFrame:
    """Return month, and how many expected sources have measured or billed, estimated, or no data in it."""
    return (
        _filled(result)
        .group_by("month")
        .agg(
            (_IS_HELD & ~_IS_ESTIMATED).sum().cast(pl.Int64).alias("held"),
            _IS_ESTIMATED.sum().cast(pl.Int64).alias("estimated"),
            (~_IS_HELD).sum().cast(pl.Int64).alias("absent"),
        )
        .sort("month")
    )


def _filled(result: Result) -> pl.DataFrame:
    """Return the coverage with days that are not stated as none."""
    return result.coverage.with_columns(pl.col(_DAYS).fill_null(0.0))


def with_factor(result: Result, book: str) -> Part:
    """Return the source-months of a book that have a factor, of those that need one.

    What the book leaves out by its own rule is in neither.
    """
    has = (
        result.lines.filter(pl.col("book") == book, pl.col("factor_id").is_not_null()).select(_ITEM).unique()
    )
    lacks = exceptions_of(result, book).select(_ITEM).unique()
    return Part(
        has.join(lacks, on=_ITEM, how="anti", nulls_equal=True).height,
        pl.concat([has, lacks]).unique().height,
    )


def exceptions_of(result: Result, book: str) -> pl.DataFrame:
    """Return the exceptions that lower the coverage of a book: its own and those of every book."""
    return result.exceptions.filter((pl.col("book") == book) | pl.col("book").is_null())


def left_out(result: Result) -> pl.DataFrame:
    """Return book and activity of what books leave out by their own rule, each once."""
    memo = result.lines.filter(pl.col("category") == EXCLUDED_CATEGORY)
    return memo.select("book", "activity").unique().sort("book", "activity")


def by_grade(result: Result) -> pl.DataFrame:
    """Return book, grade, co2e_kg, its share of the book's total, lines: scopes 1 to 3, best grade first.

    Shares are of the sum of absolute amounts, so that credits do not make them exceed the whole.
    """
    grades = [grade.value for grade in Grade]
    books = list(result.manifest.books)
    sums = (
        counted(result.lines)
        .filter(pl.col("co2e_kg").is_not_null())
        .group_by("book", "grade")
        .agg(
            pl.col("co2e_kg").sum(),
            pl.col("co2e_kg").cast(pl.Float64).abs().sum().alias("_size"),
            pl.len().cast(pl.Int64).alias("lines"),
        )
        .with_columns(
            pl.col("book").replace_strict(books, range(len(books)), default=len(books)).alias("_book"),
            pl.col("grade").replace_strict(grades, range(len(grades)), default=len(grades)).alias("_grade"),
        )
        .sort("_book", "_grade", "grade")
    )
    whole = pl.col("_size").sum().over("book")
    return sums.with_columns(pl.when(whole > 0).then(pl.col("_size") / whole).alias("share")).drop(
        "_book", "_grade", "_size"
    )
