from datetime import date
from typing import ClassVar

import polars as pl

from bilanz.messages import Language, translate
from bilanz.result import Result
from reports import behind, charts, coverage, names, numbers, theme
from reports.base import Column, Panel, Section, Wording
from reports.charts import Series
from reports.totals import book_column, book_columns, by_book, counted, largest


class Months(Section):
    """The course of the year."""

    name: ClassVar[str] = "months"
    position: ClassVar[int] = 40

    def title(self, language: Language) -> str:
        """Return the heading."""
        return translate("Months", language)

    def panels(self, result: Result, wording: Wording) -> list[Panel]:
        """Return emissions by month, and how many sources have data in it."""
        language = wording.language
        return [*_emissions(result, language), *_coverage(result, language)]


def months_of(year: int) -> list[date]:
    """Return the first days of the twelve months of a year."""
    return [date(year, number, 1) for number in range(1, 13)]


def _emissions(result: Result, language: Language) -> list[Panel]:
    """Return one line per book."""
    lines = counted(result.lines)
    if lines.is_empty():
        return []
    books = result.manifest.books
    months = months_of(result.manifest.year)
    grid = pl.DataFrame({"month": months}, schema={"month": pl.Date})
    frame = grid.join(by_book(lines, ["month"], books), on="month", how="full", coalesce=True).sort("month")
    series = [
        Series(
            names.book(book, language),
            charts.in_thousands(frame[book_column(book)].to_list()),
            theme.book_mark(books, book),
        )
        for book in books
    ]
    apportioned = lines.filter(pl.col("is_apportioned")).height
    return [
        Panel(
            identifier="months-emissions",
            heading=translate("Emissions by month", language),
            finding=_finding(frame, books, language),
            table=frame,
            columns=(
                Column("month", translate("Month", language), kind="month"),
                *book_columns(books, language),
            ),
            figure=charts.lines(frame["month"].to_list(), series, unit="t CO₂e", language=language),
            note=_spread(result, apportioned, lines.height, language),
            lines=behind.of_rows(frame, "month", scope=behind.COUNTED),
        )
    ]


def _spread(result: Result, apportioned: int, every: int, language: Language) -> str:
    """Return how bills over several months were spread; empty where there are none."""
    if not apportioned:
        return ""
    said = translate(
        "Bills over more than a month were spread evenly over their days ({count} of {all} balance lines).",
        language,
        count=numbers.decimal(apportioned, language),
        all=numbers.decimal(every, language),
    )
    weighted = result.assumptions.filter(pl.col("code") == "apportioned_by_weights")["subject"].n_unique()
    if not weighted:
        return said
    other = translate(
        "Those of {count} sources went by declared degree days or load profiles instead.",
        language,
        count=numbers.decimal(weighted, language),
    )
    return f"{said} {other}"


def _finding(frame: pl.DataFrame, books: tuple[str, ...], language: Language) -> str:
    """Return the highest month of each book and the months without a value."""
    said = []
    for book in books:
        if top := largest(frame, "month", book_column(book)):
            value = numbers.tonnes(top[1], language)
            said.append(f"{names.book(book, language)}: {numbers.month(top[0], language)} ({value})")
    text = translate("The highest month of each book: {months}.", language, months="; ".join(said))
    empty = frame.filter(pl.all_horizontal([pl.col(book_column(book)).is_null() for book in books]))
    if empty.height:
        listed = ", ".join(numbers.month(day, language) for day in empty["month"].to_list())
        text += " " + translate("No figures for: {months}.", language, months=listed)
    return text


def _coverage(result: Result, language: Language) -> list[Panel]:
    """Return columns: sources with data, estimated, without data."""
    if result.coverage.is_empty():
        return []
    found = coverage.by_month(result)
    grid = pl.DataFrame({"month": months_of(result.manifest.year)}, schema={"month": pl.Date})
    frame = grid.join(found, on="month", how="full", coalesce=True).sort("month").fill_null(0)
    headers = {
        "held": translate("measured or billed", language),
        "estimated": translate("only estimated", language),
        "absent": translate("without data", language),
    }
    marks = {"held": theme.BOOK_MARKS[0], "estimated": theme.BOOK_MARKS[1], "absent": theme.ABSENT}
    return [
        Panel(
            identifier="months-coverage",
            heading=translate("Sources with data by month", language),
            finding=_lacking(frame, language),
            table=frame.select("month", *headers),
            columns=(
                Column("month", translate("Month", language), kind="month"),
                *(Column(name, header, kind="number") for name, header in headers.items()),
            ),
            figure=charts.columns(
                frame["month"].to_list(),
                [Series(header, frame[name].to_list(), marks[name]) for name, header in headers.items()],
                unit=translate("Sources", language),
                language=language,
            ),
        )
    ]


def _lacking(frame: pl.DataFrame, language: Language) -> str:
    """Return the month with the most sources without data."""
    worst = frame.sort("absent", "month", descending=[True, False]).row(0, named=True)
    if not worst["absent"]:
        return translate("Every source has data in every month.", language)
    count = numbers.decimal(worst["absent"], language)
    every = numbers.decimal(worst["held"] + worst["estimated"] + worst["absent"], language)
    if frame["absent"].n_unique() == 1:
        return translate(
            "Sources without data, in every month: {count} of {all}.", language, count=count, all=every
        )
    return translate(
        "{month} lacks the most: sources without data {count} of {all}.",
        language,
        month=numbers.month(worst["month"], language),
        count=count,
        all=every,
    )
