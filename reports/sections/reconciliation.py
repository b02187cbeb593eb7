"""Why the books differ: each against the first, cause by cause; side by side and never added."""

from decimal import Decimal
from typing import ClassVar

import polars as pl

from bilanz.messages import Language, translate
from bilanz.result import Result
from reports import names, numbers
from reports.base import Column, Panel, Section, Wording
from reports.totals import named, total_of


class Reconciliation(Section):
    """A bridge and its details per pair of books."""

    name: ClassVar[str] = "reconciliation"
    position: ClassVar[int] = 84

    def title(self, language: Language) -> str:
        """Return the heading."""
        return translate("Why the books differ", language)

    def panels(self, result: Result, wording: Wording) -> list[Panel]:
        """Return the panels; nothing where a run holds one book only."""
        found = result.beside.reconciliation
        if found is None:
            return []
        pairs = found.select("book_a", "book_b").unique(maintain_order=True).rows()
        return [
            panel
            for first, second in pairs
            for panel in _pair(
                result,
                found.filter(pl.col("book_a") == first, pl.col("book_b") == second),
                (first, second),
                wording.language,
            )
        ]


def _pair(result: Result, found: pl.DataFrame, books: tuple[str, str], language: Language) -> list[Panel]:
    """Return bridge and details of one pair."""
    return [_bridge(result, found, books, language), _details(found, books, language)]


def _bridge(result: Result, found: pl.DataFrame, books: tuple[str, str], language: Language) -> Panel:
    """Return the way from one total to the other by cause."""
    first, second = (names.book(book, language) for book in books)
    sums = dict(found.group_by("cause").agg(pl.col("effect_kg").sum()).iter_rows())
    totals = [total_of(result.lines, book) for book in books]
    rows = [
        (first, totals[0]),
        *(
            (names.cause(cause, language), sums[cause])
            for cause in names.CAUSES
            if cause in sums and cause != "scope"
        ),
        (second, totals[1]),
    ]
    return Panel(
        identifier=f"reconciliation-{books[1].replace('_', '-')}",
        heading=translate("From {first} to {second}", language, first=first, second=second),
        finding=_difference(totals[0], totals[1], language),
        table=pl.DataFrame(rows, schema={"step": pl.String, "co2e_kg": pl.Decimal(38, 12)}, orient="row"),
        columns=(
            Column("step", translate("Step", language)),
            Column("co2e_kg", translate("Emissions", language), kind="mass"),
        ),
        note=translate(
            "Books answer different questions. They stand side by side and are never added.", language
        ),
    )


def _difference(first: Decimal | None, second: Decimal | None, language: Language) -> str:
    """Return by how much two totals differ; a total that is not known differs from none."""
    if first is None or second is None:
        return translate("A book holds no figure: by how much the totals differ cannot be said.", language)
    return translate(
        "The totals differ by {difference} t CO₂e; the causes add up to it exactly.",
        language,
        difference=numbers.thousandth(second - first, language),
    )


def _details(found: pl.DataFrame, books: tuple[str, str], language: Language) -> Panel:
    """Return the causes by activity and scope."""
    first, second = (names.book(book, language) for book in books)
    frame = named(found, "activity", lambda code: names.activity_name(code, language))
    frame = named(frame, "cause", lambda code: names.cause(code, language))
    largest = frame.filter(pl.col("effect_kg") != 0).head(1)
    said = translate("No cause moves a total.", language)
    for activity, cause, effect in largest.select("activity", "cause", "effect_kg").iter_rows():
        said = translate(
            "The largest single cause: {activity}, {cause} ({effect} t CO₂e).",
            language,
            activity=activity,
            cause=cause,
            effect=numbers.thousandth(effect, language),
        )
    return Panel(
        identifier=f"reconciliation-{books[1].replace('_', '-')}-lines",
        heading=translate("{second} less {first}, by activity", language, first=first, second=second),
        finding=said,
        table=frame,
        columns=(
            Column("activity", translate("Activity", language)),
            Column("cause", translate("Cause", language), kind="long"),
            Column("scope_a", translate("Scope in {book}", language, book=first)),
            Column("scope_b", translate("Scope in {book}", language, book=second)),
            Column("slices", translate("Source-months", language), kind="number"),
            Column("effect_kg", translate("Effect", language), kind="mass", is_totalled=True),
        ),
    )
