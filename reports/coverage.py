"""How complete a result is: source-months with data, source-months with a factor, shares by grade."""

from dataclasses import dataclass
from typing import Final

import polars as pl

from bilanz.factor import Grade
from bilanz.result import Result
from reports.totals import counted, ratio

MONTHS: Final = 12
_SERIES: Final = ("organisation", "source", "activity")
_ITEM: Final = ("organisation", "source", "activity", "product_group", "month")


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
    """Return organisation, sources, expected, held and estimated source-months.

    Every source with a row in the year is expected in all twelve months; a month is held where at least one
    day of it is measured, billed or estimated.
    """
    has_days = (pl.col("days_measured") + pl.col("days_billed") + pl.col("days_estimated")) > 0
    only_estimated = (pl.col("days_measured") + pl.col("days_billed") == 0) & (pl.col("days_estimated") > 0)
    months = result.coverage.with_columns(
        pl.col("days_measured", "days_billed", "days_estimated").fill_null(0.0)
    )
    return (
        months.group_by("organisation")
        .agg(
            pl.struct(_SERIES).n_unique().cast(pl.Int64).alias("sources"),
            pl.struct(*_SERIES, "month").filter(has_days).n_unique().cast(pl.Int64).alias("held"),
            pl.struct(*_SERIES, "month").filter(only_estimated).n_unique().cast(pl.Int64).alias("estimated"),
        )
        .with_columns((pl.col("sources") * MONTHS).alias("expected"))
        .with_columns((pl.col("held") / pl.col("expected")).alias("share"))
        .sort("organisation")
    )


def source_months(result: Result) -> Part:
    """Return source-months with data of those expected."""
    frame = by_organisation(result)
    return Part(int(frame["held"].sum()), int(frame["expected"].sum()))


def by_month(result: Result) -> pl.DataFrame:
    """Return month, and how many sources have measured or billed, estimated, or no data in it."""
    is_held = (pl.col("days_measured") + pl.col("days_billed")) > 0
    is_estimated = ~is_held & (pl.col("days_estimated") > 0)
    filled = result.coverage.with_columns(
        pl.col("days_measured", "days_billed", "days_estimated").fill_null(0.0)
    )
    sources = filled.select(pl.struct(_SERIES).n_unique()).item()
    return (
        filled.group_by("month")
        .agg(
            pl.struct(_SERIES).filter(is_held).n_unique().cast(pl.Int64).alias("held"),
            pl.struct(_SERIES).filter(is_estimated).n_unique().cast(pl.Int64).alias("estimated"),
        )
        .with_columns((pl.lit(sources) - pl.col("held") - pl.col("estimated")).alias("absent"))
        .sort("month")
    )


def with_factor(result: Result, book: str) -> Part:
    """Return the source-months of a book that have a factor, of those that need one.

    What the book leaves out by its own rule is in neither.
    """
    has = (
        result.lines.filter(pl.col("book") == book, pl.col("factor_id").is_not_null()).select(_ITEM).unique()
    )
    lacks = exceptions_of(result, book).select(_ITEM).unique()
    return Part(has.height, pl.concat([has, lacks]).unique().height)


def exceptions_of(result: Result, book: str) -> pl.DataFrame:
    """Return the exceptions that lower the coverage of a book: its own and those of every book."""
    mine = (pl.col("book") == book) | pl.col("book").is_null()
    return result.exceptions.filter(mine, ~pl.col("code").is_in(BY_RULE))


def by_rule(result: Result) -> pl.DataFrame:
    """Return book and activity of what books leave out by their own rule."""
    listed = result.exceptions.filter(pl.col("code").is_in(BY_RULE))
    memo = result.lines.filter(pl.col("category") == EXCLUDED)
    return pl.concat([frame.select("book", "activity") for frame in (listed, memo)])


EXCLUDED: Final = "excluded"
"""Category of memo lines a book leaves out by its own rule."""

BY_RULE: Final = ("excluded", "excluded_by_book", "no_emission_payment")
"""Codes of exceptions that are decisions of a book, no gap in the data."""


def by_grade(result: Result) -> pl.DataFrame:
    """Return book, grade, co2e_kg, its share of the book's total: scopes 1 to 3, best grade first."""
    order = [grade.value for grade in Grade]
    sums = (
        counted(result.lines)
        .filter(pl.col("co2e_kg").is_not_null())
        .group_by("book", "grade")
        .agg(pl.col("co2e_kg").sum(), pl.len().cast(pl.Int64).alias("lines"))
        .with_columns(
            pl.col("grade").replace_strict(order, range(len(order)), default=len(order)).alias("_rank"),
            pl.col("book")
            .replace_strict(list(result.manifest.books), range(len(result.manifest.books)), default=99)
            .alias("_book"),
        )
        .sort("_book", "_rank", "grade")
    )
    whole = pl.col("co2e_kg").cast(pl.Float64).abs().sum().over("book")
    share = pl.when(whole > 0).then(pl.col("co2e_kg").cast(pl.Float64).abs() / whole)
    return sums.with_columns(share.alias("share")).drop("_rank", "_book")
