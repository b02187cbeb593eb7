"""Organisations in the order of an indicator: a reason to ask, no judgement."""

from typing import ClassVar

import polars as pl

from bilanz.consolidated import Consolidation
from bilanz.messages import Language, translate
from bilanz.result import Result
from reports import charts, names, numbers, theme
from reports.base import Column, Panel, Section, Wording
from reports.charts import Series
from reports.consolidation import UNITS
from reports.totals import organisation_name

_DIGITS = {"population": 1, "floor_area_m2": 2, "staff": 1}
_FEWEST = 2


class League(Section):
    """One table per indicator over the organisations that hold no others."""

    name: ClassVar[str] = "league"
    position: ClassVar[int] = 57

    def title(self, language: Language) -> str:
        """Return the heading."""
        return translate("Organisations compared", language)

    def panels(self, result: Result, wording: Wording) -> list[Panel]:
        """Return a table for every indicator that at least two organisations have."""
        found = result.beside.consolidation
        if found is None:
            return []
        tables = [(code, ranked(found, code, result.manifest.books)) for code in UNITS]
        return [
            _panel(result, code, table, wording.language) for code, table in tables if table.height >= _FEWEST
        ]


def ranked(found: Consolidation, indicator: str, books: tuple[str, ...]) -> pl.DataFrame:
    """Return kg CO2e per unit of an indicator: one row per organisation, one column per book.

    Only organisations without others below them, and with a value; in the order of the first book that has
    values, the smallest first. Shape: `rank`, `node`, the books.
    """
    leaves = found.nodes.filter(pl.col("members") == 0)["node"].implode()
    held = found.indicators.filter(
        pl.col("indicator") == indicator, pl.col("value").is_not_null(), pl.col("node").is_in(leaves)
    )
    named = [book for book in books if book in set(held["book"])]
    wide = held.group_by("node").agg(
        pl.col("value").filter(pl.col("book") == book).first().alias(book) for book in named
    )
    ordered = wide.sort([*named, "node"], nulls_last=True)
    return ordered.with_row_index("rank", offset=1)


def _panel(result: Result, indicator: str, table: pl.DataFrame, language: Language) -> Panel:
    """Return chart and table of one indicator."""
    name = organisation_name(result, language)
    books = [book for book in result.manifest.books if book in table.columns]
    unit = translate(UNITS[indicator], language)
    labels = [name(node) for node in table["node"].to_list()]
    shown = table.with_columns(pl.Series("node", labels, dtype=pl.String))
    series = [
        Series(
            names.book(book, language),
            [None if value is None else float(value) for value in table[book].to_list()][: charts.LONGEST],
            theme.book_mark(result.manifest.books, book),
        )
        for book in books
    ]
    known = shown.filter(pl.col(books[0]).is_not_null())
    first, last = known.row(0, named=True), known.row(-1, named=True)
    return Panel(
        identifier=f"league-{indicator.replace('_', '-')}",
        heading=translate("Emissions per {unit}", language, unit=unit),
        finding=translate(
            "{book}, from {least} ({low} kg CO₂e) to {most} ({high} kg CO₂e) per {unit}.",
            language,
            book=names.book(books[0], language),
            least=first["node"],
            low=numbers.decimal(first[books[0]], language, digits=_DIGITS[indicator]),
            most=last["node"],
            high=numbers.decimal(last[books[0]], language, digits=_DIGITS[indicator]),
            unit=unit,
        ),
        table=shown,
        columns=(
            Column("rank", translate("Rank", language), kind="number"),
            Column("node", translate("Organisation", language)),
            *(
                Column(
                    book, names.book(book, language), kind="number", digits=_DIGITS[indicator], unit="kg CO₂e"
                )
                for book in books
            ),
        ),
        figure=charts.bars(labels[: charts.LONGEST], series, unit=f"kg CO₂e / {unit}", language=language),
        note=translate(
            "Organisations do different things: a pool needs more than an office. The order is a reason to "
            "ask, no judgement. Organisations without the figure, or without data, are not in it.",
            language,
        ),
    )
