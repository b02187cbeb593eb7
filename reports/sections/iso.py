"""The GHG Protocol books by category of ISO 14064-1."""

from typing import ClassVar

import polars as pl

from bilanz.messages import Language, translate
from bilanz.result import Result
from reports import names, numbers
from reports.base import Column, Panel, Section, Wording
from reports.totals import book_columns, by_book, named, total_of


class Iso(Section):
    """Categories 1 to 6: another order of the same lines."""

    name: ClassVar[str] = "iso"
    position: ClassVar[int] = 85

    def title(self, language: Language) -> str:
        """Return the heading."""
        return translate("Categories of ISO 14064-1", language)

    def panels(self, result: Result, wording: Wording) -> list[Panel]:
        """Return one table; nothing where no book fits or nothing has a figure."""
        found = result.beside.iso
        if found is None:
            return []
        books = [book for book in result.manifest.books if book in set(found["book"])]
        return (
            [_sums(result, found, books, wording.language), _lines(found, books, wording.language)]
            if books
            else []
        )


def _with_code(found: pl.DataFrame) -> pl.DataFrame:
    return found.with_columns(iso=pl.col("iso_category").cast(pl.String))


def _sums(result: Result, found: pl.DataFrame, books: list[str], language: Language) -> Panel:
    """Return the categories, books side by side."""
    frame = by_book(_with_code(found), ["iso"], books).sort("iso")
    said = "; ".join(
        f"{names.book(book, language)}: {numbers.thousandth(total_of(result.lines, book), language)} t CO₂e"
        for book in books
    )
    return Panel(
        identifier="iso-categories",
        heading=translate("Emissions by category", language),
        finding=translate(
            "The categories of each book add up to its total: {totals}.", language, totals=said
        ),
        table=named(frame, "iso", lambda code: names.iso_category(code, language)),
        columns=(Column("iso", translate("Category", language)), *book_columns(books, language)),
        note=translate(
            "A view of the same lines by a map that can be changed: upstream of fuels and energy (3.3) "
            "stands under 4 unless the map puts it under 2. Which indirect emissions are significant is for "
            "the organisation to decide and document.",
            language,
        ),
    )


def _lines(found: pl.DataFrame, books: list[str], language: Language) -> Panel:
    """Return the lines of the scopes each category is made of."""
    frame = by_book(_with_code(found), ["iso", "category"], books).sort("iso", maintain_order=True)
    frame = named(frame, "iso", lambda code: names.iso_category(code, language))
    return Panel(
        identifier="iso-lines",
        heading=translate("What the categories are made of", language),
        finding=translate("Every line of scopes 1 to 3 stands in one category.", language),
        table=named(frame, "category", lambda code: names.category(code, language)),
        columns=(
            Column("iso", translate("Category", language)),
            Column("category", translate("Line", language)),
            *book_columns(books, language),
        ),
    )
