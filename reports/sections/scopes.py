from typing import ClassVar

import polars as pl

from bilanz.messages import Language, translate
from bilanz.result import Result
from reports import behind, charts, names, numbers, theme
from reports.base import Column, Panel, Section, Wording
from reports.charts import Series
from reports.totals import COUNTED, book_columns, by_book, counted, named, ratio, scope_of, total_of


class Scopes(Section):
    """Emissions by scope and its lines."""

    name: ClassVar[str] = "scopes"
    position: ClassVar[int] = 20

    def title(self, language: Language) -> str:
        """Return the heading."""
        return translate("Scopes", language)

    def panels(self, result: Result, wording: Wording) -> list[Panel]:
        """Return scopes by book, lines of the scopes and gases."""
        language = wording.language
        if result.lines.is_empty():
            return []
        return [*_scopes(result, language), _categories(result, language), _gases(result, language)]


def _scopes(result: Result, language: Language) -> list[Panel]:
    """Return stacked bars: one per book, scopes 1 to 3."""
    books = result.manifest.books
    frame = by_book(result.lines, ["scope"], books).sort("scope")
    scopes = [scope for scope in COUNTED if scope in set(frame["scope"].to_list())]
    series = [
        Series(
            names.scope(scope, language),
            charts.in_thousands([scope_of(result.lines, book, scope) for book in books]),
            theme.scope_mark(scope),
        )
        for scope in scopes
    ]
    if not series:
        return []
    labels = [names.book(book, language) for book in books]
    return [
        Panel(
            identifier="scopes-books",
            heading=translate("Emissions by scope", language),
            finding=_largest_scope(result, language),
            table=named(frame, "scope", lambda code: names.scope(code, language)),
            columns=(
                Column("scope", translate("Scope", language)),
                *book_columns(books, language, is_totalled=False),
            ),
            figure=charts.bars(labels, series, unit="t CO₂e", language=language, is_stacked=True),
            note=translate(
                "Biogenic CO₂ and memo items stand in the table only: they are in no total.", language
            ),
            lines=behind.of_rows(frame, "scope"),
        )
    ]


def _largest_scope(result: Result, language: Language) -> str:
    """Return the largest scope of each book in one sentence."""
    said = []
    for book in result.manifest.books:
        values = [(scope_of(result.lines, book, scope), scope) for scope in COUNTED]
        known = [(value, scope) for value, scope in values if value is not None]
        if known:
            value, scope = max(known)
            share = numbers.share(ratio(value, total_of(result.lines, book)), language)
            said.append(f"{names.book(book, language)}: {names.scope(scope, language)} ({share})")
    return translate("The largest scope of each book: {scopes}.", language, scopes="; ".join(said))


def _categories(result: Result, language: Language) -> Panel:
    """Return the table of the lines of each scope."""
    books = result.manifest.books
    frame = by_book(result.lines, ["scope", "category"], books)
    frame = frame.sort("scope", maintain_order=True)
    count = counted(result.lines).select("scope", "category").unique().height
    lines = behind.of_rows(frame, "scope", "category")
    frame = named(frame, "scope", lambda code: names.scope(code, language))
    return Panel(
        identifier="scopes-categories",
        heading=translate("Lines of the scopes", language),
        finding=translate(
            "Lines of scopes 1 to 3 with a figure: {count}.",
            language,
            count=numbers.decimal(count, language),
        ),
        table=named(frame, "category", lambda code: names.category(code, language)),
        columns=(
            Column("scope", translate("Scope", language)),
            Column("category", translate("Line", language)),
            *book_columns(books, language, is_totalled=False),
        ),
        lines=lines,
    )


def _gases(result: Result, language: Language) -> Panel:
    """Return the table of gases: CO2e of each, scopes 1 to 3."""
    books = result.manifest.books
    frame = by_book(counted(result.lines), ["gas"], books)
    only = set(frame["gas"].to_list()) <= {"CO2e"}
    said = (
        translate("Every factor in use states CO₂e only; the gases cannot be told apart.", language)
        if only
        else translate(
            "Scopes 1 to 3 by gas (warming potentials: {gwp}). CO2e stands for factors that state no "
            "single gases.",
            language,
            gwp=names.potentials(result.manifest.gwp, language),
        )
    )
    return Panel(
        identifier="scopes-gases",
        heading=translate("Gases", language),
        finding=said,
        table=frame.with_columns(pl.col("gas").fill_null(numbers.missing(language))),
        columns=(Column("gas", translate("Gas", language), kind="code"), *book_columns(books, language)),
        lines=behind.of_rows(frame, "gas", scope=behind.COUNTED),
    )
