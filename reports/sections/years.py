"""Years side by side: the totals of every book, and what each organisation had of them."""

from typing import ClassVar

import polars as pl

from bilanz.messages import Language, translate
from bilanz.result import MASS, Result
from reports import charts, coverage, names, numbers, theme
from reports.base import Column, Panel, Section, Wording
from reports.charts import Series
from reports.totals import book_column, book_columns, counted, organisation_name, total_of


class Years(Section):
    """The years there are runs of; a page of one year alone leaves the section out."""

    name: ClassVar[str] = "years"
    position: ClassVar[int] = 14

    def title(self, language: Language) -> str:
        """Return the heading."""
        return translate("Years", language)

    def panels(self, result: Result, wording: Wording) -> list[Panel]:
        """Return the totals by year, and one table per book by organisation."""
        if not result.beside.earlier:
            return []
        language = wording.language
        years = sorted([result, *result.beside.earlier], key=lambda each: each.manifest.year)
        books = result.manifest.books
        return [
            _totals(years, books, language),
            *(panel for book in books if (panel := _organisations(years, book, language)) is not None),
        ]


def totals_by_year(years: list[Result], books: tuple[str, ...]) -> pl.DataFrame:
    """Return one row per year: total of each book (kg CO2e), expected source-months, share with data."""
    rows = [
        (
            str(each.manifest.year),
            *(total_of(each.lines, book) for book in books),
            coverage.source_months(each).whole,
            coverage.source_months(each).share,
        )
        for each in years
    ]
    masses = dict.fromkeys((book_column(book) for book in books), MASS)
    schema: dict[str, pl.DataType | type[pl.DataType]] = {"year": pl.String, **masses}
    schema |= {"expected": pl.Int64, "share": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _totals(years: list[Result], books: tuple[str, ...], language: Language) -> Panel:
    table = totals_by_year(years, books)
    series = [
        Series(
            names.book(book, language),
            charts.in_thousands(table[book_column(book)].to_list()),
            theme.book_mark(books, book),
        )
        for book in books
    ]
    return Panel(
        identifier="years-totals",
        heading=translate("Totals by year", language),
        finding=_finding(table, books, language),
        table=table,
        columns=(
            Column("year", translate("Year", language)),
            *book_columns(books, language, is_totalled=False),
            Column("expected", translate("Expected months", language), kind="number"),
            Column("share", translate("Coverage", language), kind="share"),
        ),
        figure=charts.bars(table["year"].to_list(), series, unit="t CO₂e", language=language),
        note=_note(years, language),
    )


def _finding(table: pl.DataFrame, books: tuple[str, ...], language: Language) -> str:
    """Return first and last total of each book in one sentence; whether they differ is not for it to say."""
    first, last = table.row(0, named=True), table.row(-1, named=True)
    said = [
        translate(
            "{book}: {first} → {last}",
            language,
            book=names.book(book, language),
            first=numbers.tonnes(first[book_column(book)], language),
            last=numbers.tonnes(last[book_column(book)], language),
        )
        for book in books
    ]
    return translate(
        "{first} and {last}: {totals}.",
        language,
        first=first["year"],
        last=last["year"],
        totals="; ".join(said),
    )


def _note(years: list[Result], language: Language) -> str:
    """Return how to read the table, and what was not calculated alike."""
    unlike = {
        translate("factors", language): {each.manifest.factor_release for each in years},
        translate("methods of the books", language): {each.manifest.book_hash for each in years},
        translate("global warming potentials", language): {each.manifest.gwp for each in years},
        translate("version of the program", language): {each.manifest.code_version for each in years},
    }
    said = [name for name, kinds in unlike.items() if len(kinds) > 1]
    note = translate(
        "Totals of years differ by what happened and by what is known: compare the coverage as well. Whether "
        "a difference is more than uncertainty is said where intervals are shown.",
        language,
    )
    if not said:
        return note
    return f"{note} " + translate("Not alike in all years: {names}.", language, names=", ".join(said))


def _organisations(years: list[Result], book: str, language: Language) -> Panel | None:
    """Return what each organisation had of a book, one column per year."""
    frames = [
        counted(each.lines)
        .filter(pl.col("book") == book)
        .group_by("organisation")
        .agg(
            pl.when(pl.col("co2e_kg").is_not_null().any())
            .then(pl.col("co2e_kg").sum())
            .alias(str(each.manifest.year))
        )
        for each in years
    ]
    table = frames[0]
    for frame in frames[1:]:
        table = table.join(frame, on="organisation", how="full", coalesce=True, nulls_equal=True)
    columns = [str(each.manifest.year) for each in years]
    table = table.filter(pl.any_horizontal(pl.col(columns).is_not_null()))
    if table.is_empty():
        return None
    name = organisation_name(years[-1], language)
    table = table.sort([columns[-1], "organisation"], descending=[True, False], nulls_last=True)
    shown = table.with_columns(
        pl.Series("organisation", [name(code) for code in table["organisation"]], dtype=pl.String)
    )
    return Panel(
        identifier=f"years-{book.replace('_', '-')}",
        heading=translate("Organisations by year: {book}", language, book=names.book(book, language)),
        finding=translate(
            "{count} organisations have emissions in at least one of the years.",
            language,
            count=numbers.decimal(table.height, language),
        ),
        table=shown.select("organisation", *columns),
        columns=(
            Column("organisation", translate("Organisation", language)),
            *(Column(year, year, kind="mass", is_totalled=True) for year in columns),
        ),
    )
