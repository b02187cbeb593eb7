"""The balance of an administration: one boundary, electricity by location and by contract side by side."""

from typing import ClassVar

from bilanz.messages import Language, translate
from bilanz.result import Result
from reports import behind, names, numbers
from reports.base import Column, Panel, Section, Wording
from reports.totals import book_columns, by_book, counted, named, total_of


class Administration(Section):
    """Books of one boundary that differ in their electricity rule only: never added, never netted."""

    name: ClassVar[str] = "administration"
    position: ClassVar[int] = 82
    is_supplementary: ClassVar[bool] = True

    def title(self, language: Language) -> str:
        """Return the heading."""
        return translate("Balance of the administration", language)

    def panels(self, result: Result, wording: Wording) -> list[Panel]:
        """Return one panel for each pair of books in the run."""
        held, seen = result.manifest.books, set[str]()
        found = []
        for book in held:
            other = wording.pairs.get(book)
            if other is not None and book not in seen:
                seen |= {book, other}
                found.append(_pair(result, [name for name in (book, other) if name in held], wording))
        return found


def _pair(result: Result, books: list[str], wording: Wording) -> Panel:
    """Return the lines of the scopes of the books of one boundary."""
    language = wording.language
    frame = by_book(counted(result.lines), ["scope", "category"], books).sort("scope", maintain_order=True)
    lines = behind.of_rows(frame, "scope", "category")
    frame = named(frame, "scope", lambda code: names.scope(code, language))
    note = translate(
        "The columns are two ways to count the same electricity: they are never added. What lies outside the "
        "boundary is memo. Compensation is never deducted.",
        language,
    )
    return Panel(
        identifier=f"administration-{books[0].replace('_', '-')}",
        heading=translate("Scope 1, scope 2 and business travel", language),
        finding=_finding(result, books, language),
        table=named(frame, "category", lambda code: names.category(code, language)),
        columns=(
            Column("scope", translate("Scope", language)),
            Column("category", translate("Line", language)),
            *book_columns(books, language),
        ),
        note=" ".join([note, *wording.verdicts.get(books[0], ())]),
        lines=lines,
    )


def _finding(result: Result, books: list[str], language: Language) -> str:
    """Return the total of each way in one sentence."""
    said = [
        f"{names.book(book, language)}: {numbers.thousandth(total_of(result.lines, book), language)} t CO₂e"
        for book in books
        if total_of(result.lines, book) is not None
    ]
    if not said:
        return translate("No quantity within the boundary has a figure.", language)
    return translate("Totals side by side: {totals}.", language, totals="; ".join(said))
