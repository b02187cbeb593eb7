from typing import ClassVar

from bilanz.messages import Language, translate
from bilanz.result import Result
from reports import behind, charts, gaps, names, numbers, theme
from reports.base import Column, Panel, Section, Wording
from reports.charts import Series
from reports.totals import (
    book_column,
    book_columns,
    by_book,
    counted,
    largest,
    named,
    ratio,
    total_of,
)


class Carriers(Section):
    """Emissions by energy carrier and other activities."""

    name: ClassVar[str] = "carriers"
    position: ClassVar[int] = 30

    def title(self, language: Language) -> str:
        """Return the heading."""
        return translate("Energy carriers and activities", language)

    def panels(self, result: Result, wording: Wording) -> list[Panel]:
        """Return bars of activities, books side by side."""
        language = wording.language
        books = result.manifest.books
        lines = counted(result.lines)
        if lines.is_empty():
            return []
        frame = by_book(lines, ["activity"], books)
        codes = frame["activity"].to_list()
        labels = [names.activity_name(code, language) for code in codes][: charts.LONGEST]
        series = [
            Series(
                names.book(book, language),
                charts.in_thousands(frame[book_column(book)].to_list()[: charts.LONGEST]),
                theme.book_mark(books, book),
            )
            for book in books
        ]
        said = []
        for book in books:
            if top := largest(frame, "activity", book_column(book)):
                share = numbers.share(ratio(top[1], total_of(result.lines, book)), language)
                name = names.activity_name(top[0], language)
                said.append(f"{names.book(book, language)}: {name} ({share})")
        return [
            Panel(
                identifier="carriers-emissions",
                heading=translate("Emissions by carrier and activity", language),
                finding=translate(
                    "The largest source of each book: {sources}.", language, sources="; ".join(said)
                )
                + gaps.sentence(result, language),
                table=named(frame, "activity", lambda code: names.activity_name(code, language)),
                columns=(
                    Column("activity", translate("Activity", language)),
                    *book_columns(books, language),
                ),
                figure=charts.bars(labels, series, unit="t CO₂e", language=language),
                note=charts.cut_note(frame.height, language),
                lines=behind.of_rows(frame, "activity", scope=behind.COUNTED),
            )
        ]
