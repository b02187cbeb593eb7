"""Electricity by annual and by hourly factors, side by side: the same kilowatt hours in different books."""

from typing import ClassVar

import polars as pl

from bilanz.messages import Language, translate
from bilanz.result import Result
from reports import charts, names, numbers, theme
from reports.base import Column, Panel, Section, Wording
from reports.charts import Series
from reports.reasons import reason
from reports.sections.months import months_of
from reports.totals import book_column, book_columns, by_book, counted, named, total_of

_PLACE = ["organisation", "source", "activity", "month"]


class Hourly(Section):
    """A supplementary calculation: in no total, and never a headline."""

    name: ClassVar[str] = "hourly"
    position: ClassVar[int] = 85
    is_supplementary: ClassVar[bool] = True

    def title(self, language: Language) -> str:
        """Return the heading."""
        return translate("Supplementary: electricity by the hour", language)

    def panels(self, result: Result, wording: Wording) -> list[Panel]:
        """Return annual and hourly figures of the same source-months, and what was not matched."""
        asked = [book for book in result.manifest.books if book in wording.supplementary]
        found = [_compared(result, book, wording) for book in asked]
        return [*found, *(panel for book in asked for panel in _unmatched(result, book, wording.language))]


def compared(result: Result, book: str) -> pl.DataFrame:
    """Return the lines of every book about the source-months that a supplementary one holds whole."""
    lines = counted(result.lines).filter(pl.col("factor_id").is_not_null())
    held = lines.filter(pl.col("book") == book).select(_PLACE).unique()
    lacking = result.exceptions.filter(pl.col("book") == book).select(_PLACE).unique()
    whole = held.join(lacking, on=_PLACE, how="anti", nulls_equal=True)
    return lines.join(whole, on=_PLACE, how="semi", nulls_equal=True)


def _compared(result: Result, book: str, wording: Wording) -> Panel:
    """Return emissions by month, books side by side."""
    language = wording.language
    others = [name for name in result.manifest.books if name not in wording.supplementary]
    books = [*others, book]
    lines = compared(result, book)
    grid = pl.DataFrame({"month": months_of(result.manifest.year)}, schema={"month": pl.Date})
    frame = grid.join(by_book(lines, ["month"], books), on="month", how="left").sort("month")
    series = [
        Series(
            names.book(name, language),
            charts.in_thousands(frame[book_column(name)].to_list()),
            theme.book_mark(tuple(books), name),
        )
        for name in books
    ]
    return Panel(
        identifier=f"hourly-{book}",
        heading=translate("The same electricity by annual and by hourly factors", language),
        finding=_finding(lines, books, language),
        table=frame,
        columns=(
            Column("month", translate("Month", language), kind="month"),
            *book_columns(books, language),
        ),
        figure=charts.lines(frame["month"].to_list(), series, unit="t CO₂e", language=language)
        if lines.height
        else None,
        note=" ".join(
            [
                translate(
                    "Supplementary: these figures replace none of the balance and are in none of its totals. "
                    "Compared are only source-months whose every reading met a value of its hour; books that "
                    "include upstream chains hold more than direct emissions.",
                    language,
                ),
                *wording.verdicts.get(book, ()),
            ]
        ),
    )


def _finding(lines: pl.DataFrame, books: list[str], language: Language) -> str:
    """Return the totals of the compared source-months in one sentence."""
    said = [
        f"{names.book(book, language)}: {numbers.tonnes(total, language)}"
        for book in books
        if (total := total_of(lines, book)) is not None
    ]
    if not said:
        return translate("No source-month could be matched by the hour throughout.", language)
    count = lines.select(_PLACE).unique().height
    return translate(
        "Source-months compared: {count}. {totals}.",
        language,
        count=numbers.decimal(count, language),
        totals="; ".join(said),
    )


def _unmatched(result: Result, book: str, language: Language) -> list[Panel]:
    """Return the quantities that met no value of their hour, by reason and unit."""
    found = result.exceptions.filter(pl.col("book") == book)
    if found.is_empty():
        return []
    frame = (
        found.group_by("code", "unit")
        .agg(pl.col("quantity").sum(), pl.col("records").sum(), pl.col("source").n_unique().alias("sources"))
        .sort("code", "unit")
    )
    frame = named(frame, "code", lambda code: reason(code or "", language).text)
    return [
        Panel(
            identifier=f"hourly-{book}-unmatched",
            heading=translate("Electricity that was not matched by the hour", language),
            finding=translate(
                "Quantities without a reading or a value of the hour are listed and never estimated.",
                language,
            ),
            table=frame,
            columns=(
                Column("code", translate("Reason", language), kind="long"),
                Column("quantity", translate("Quantity", language), kind="number"),
                Column("unit", translate("Unit", language), kind="code"),
                Column("records", translate("Records", language), kind="number"),
                Column("sources", translate("Sources", language), kind="number"),
            ),
        )
    ]
