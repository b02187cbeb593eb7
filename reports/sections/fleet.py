from typing import ClassVar

import polars as pl

from bilanz.activity import activities
from bilanz.messages import Language, translate
from bilanz.result import Result
from reports import charts, gaps, names, numbers, theme
from reports.base import Column, Panel, Section, Wording
from reports.charts import Series
from reports.totals import (
    COUNTED,
    book_column,
    book_columns,
    by_book,
    known_sum,
    largest,
    named,
    organisation_name,
)


class Fleet(Section):
    """Vehicles: fuels and their emissions."""

    name: ClassVar[str] = "fleet"
    position: ClassVar[int] = 70

    def title(self, language: Language) -> str:
        """Return the heading."""
        return translate("Fleet", language)

    def panels(self, result: Result, wording: Wording) -> list[Panel]:
        """Return emissions by fuel and the fuels by organisation."""
        language = wording.language
        lines = result.lines.filter(
            pl.col("activity").is_in(fuels()), pl.col("scope").is_in([*COUNTED, "memo"])
        )
        usage = result.usage.filter(
            pl.col("activity").is_in(fuels()),
            pl.col("product_group").is_null(),
            pl.col("quantity").is_not_null(),
        )
        return [*_emissions(result, lines, language), *_fuels(result, usage, language)]


def fuels() -> list[str]:
    """Return the activities that move vehicles."""
    return [code for code, activity in activities().items() if activity.is_fleet]


def _emissions(result: Result, lines: pl.DataFrame, language: Language) -> list[Panel]:
    """Return bars by fuel, books side by side; memo items are shown here."""
    if lines.is_empty():
        return []
    books = result.manifest.books
    frame = by_book(lines, ["activity"], books)
    shown = frame.head(charts.LONGEST)
    said = []
    for book in books:
        if top := largest(frame, "activity", book_column(book)):
            value = numbers.tonnes(top[1], language)
            said.append(f"{names.book(book, language)}: {names.activity_name(top[0], language)} ({value})")
    return [
        Panel(
            identifier="fleet-emissions",
            heading=translate("Emissions of vehicles by fuel", language),
            finding=translate("The largest fuel of each book: {fuels}.", language, fuels="; ".join(said))
            + gaps.sentence(result, language, activities=fuels()),
            table=named(frame, "activity", lambda code: names.activity_name(code, language)),
            columns=(Column("activity", translate("Fuel", language)), *book_columns(books, language)),
            figure=charts.bars(
                [names.activity_name(code, language) for code in shown["activity"].to_list()],
                [
                    Series(
                        names.book(book, language),
                        charts.in_thousands(shown[book_column(book)].to_list()),
                        theme.book_mark(books, book),
                    )
                    for book in books
                ],
                unit="t CO₂e",
                language=language,
            ),
            note=_memo_note(lines, language),
        )
    ]


def _memo_note(lines: pl.DataFrame, language: Language) -> str:
    """Return which books show vehicles as a memo item only."""
    memo = lines.filter(pl.col("scope") == "memo")["book"].unique().sort().to_list()
    if not memo:
        return ""
    books = ", ".join(names.book(book, language) for book in memo)
    return translate("Memo item, in no total: {books}.", language, books=books)


def _fuels(result: Result, usage: pl.DataFrame, language: Language) -> list[Panel]:
    """Return the table of fuels by organisation."""
    frame = (
        usage.group_by("organisation", "activity", "unit")
        .agg(
            known_sum("quantity"),
            known_sum("energy_kwh"),
        )
        .sort("organisation", "activity", "unit")
    )
    if frame.is_empty():
        return []
    organisations = frame["organisation"].n_unique()
    frame = named(frame, "organisation", organisation_name(result, language))
    frame = named(frame, "activity", lambda code: names.activity_name(code, language))
    frame = named(frame, "unit", lambda code: names.unit(code, language))
    return [
        Panel(
            identifier="fleet-fuels",
            heading=translate("Fuels by organisation", language),
            finding=translate(
                "{count} organisations run vehicles whose fuel is known.",
                language,
                count=numbers.decimal(organisations, language),
            )
            if organisations > 1
            else translate(
                "{organisation} runs vehicles whose fuel is known.",
                language,
                organisation=frame["organisation"][0],
            ),
            table=frame,
            columns=(
                Column("organisation", translate("Organisation", language)),
                Column("activity", translate("Fuel", language)),
                Column("quantity", translate("Quantity", language), kind="number"),
                Column("unit", translate("Unit", language)),
                Column("energy_kwh", translate("Energy", language), kind="energy"),
            ),
        )
    ]
