from collections.abc import Iterator
from decimal import Decimal
from typing import ClassVar

import polars as pl

from bilanz.causes import Cause, total
from bilanz.messages import Language, translate
from bilanz.result import Result
from reports import names, numbers, words
from reports.base import Column, Panel, Section, Wording
from reports.totals import named, organisation_name
from reports.waterfall import waterfall


class Causes(Section):
    """Why the totals differ from the year before."""

    name: ClassVar[str] = "causes"
    position: ClassVar[int] = 16

    def title(self, language: Language) -> str:
        """Return the heading."""
        return translate("Change against the year before", language)

    def panels(self, result: Result, wording: Wording) -> list[Panel]:
        """Return one waterfall per book, and every source with its causes."""
        frame = result.beside.causes
        if frame is None or not result.beside.earlier:
            return []
        before = result.beside.earlier[0]
        books = [book for book in result.manifest.books if book in before.manifest.books]
        panels = [
            _book(book, before, result, frame.filter(pl.col("book") == book), wording)
            for book in books
            if book not in wording.supplementary
        ]
        return [*panels, *_details(result, frame.filter(pl.col("book").is_in(books)), wording.language)]


def by_cause(frame: pl.DataFrame) -> pl.DataFrame:
    """Return cause, co2e_kg and how many sources are not assessed, in the order of `Cause`.

    Units: kg CO2e; null where nothing of a cause is assessed.
    """
    order = pl.DataFrame({"cause": [cause.value for cause in Cause]})
    known = pl.col("co2e_kg").is_not_null()
    sums = frame.group_by("cause").agg(
        pl.when(known.any()).then(pl.col("co2e_kg").sum()).alias("co2e_kg"),
        (~known).sum().alias("unknown"),
    )
    return order.join(sums, on="cause", how="inner", maintain_order="left")


def _book(book: str, before: Result, after: Result, frame: pl.DataFrame, wording: Wording) -> Panel:
    language = wording.language
    told = by_cause(frame)
    table = named(told, "cause", lambda code: words.cause(code or "", language))
    shown = table.filter(pl.col("co2e_kg").is_not_null())
    changes = [float(value) / 1000 for value in shown["co2e_kg"].to_list()]
    return Panel(
        identifier=f"causes-{book}",
        heading=translate(
            "{book}: change from {before} to {after}",
            language,
            book=names.book(book, language),
            before=before.manifest.year,
            after=after.manifest.year,
        ),
        finding=_finding(total(before, book), total(after, book), shown, before, after, language),
        table=table,
        columns=(
            Column("cause", translate("Cause", language), kind="long"),
            Column("co2e_kg", translate("Change", language), kind="mass", is_totalled=True),
            Column("unknown", translate("Sources not assessed", language), kind="number"),
        ),
        figure=waterfall(
            shown["cause"].to_list(),
            changes,
            translate("Change in all", language),
            unit="t CO₂e",
            language=language,
        )
        if changes
        else None,
        note=" ".join(_notes(told, before, after, language)),
    )


def _finding(
    old: Decimal, new: Decimal, shown: pl.DataFrame, before: Result, after: Result, language: Language
) -> str:
    """Return both totals, their difference and the largest cause."""
    said = translate(
        "{before}: {old}; {after}: {new}; change {change}.",
        language,
        before=before.manifest.year,
        after=after.manifest.year,
        old=numbers.tonnes(old, language),
        new=numbers.tonnes(new, language),
        change=_signed(new - old, language),
    )
    if shown.is_empty():
        return said
    top = shown.sort(pl.col("co2e_kg").abs(), descending=True, maintain_order=True).row(0, named=True)
    largest = translate(
        "The largest cause: {cause} ({change}).",
        language,
        cause=top["cause"],
        change=_signed(top["co2e_kg"], language),
    )
    return f"{said} {largest}"


def _signed(kg: Decimal, language: Language) -> str:
    return f"+{numbers.tonnes(kg, language)}" if kg > 0 else numbers.tonnes(kg, language)


def _notes(told: pl.DataFrame, before: Result, after: Result, language: Language) -> Iterator[str]:
    yield translate(
        "The causes add up to the difference exactly. Activity: change of the quantity at the mean of both "
        "factors; emission factors: change of the factor at the mean of both quantities.",
        language,
    )
    if told.filter(pl.col("cause") == Cause.MIX.value).height:
        yield translate(
            "Mix: the same source with other carriers, product groups or units in one of the years.", language
        )
    if told.filter(pl.col("unknown") > 0).height:
        yield translate(
            "Where the weather is not assessed, it is contained in the activity; it is not zero.", language
        )
    elif told.filter(pl.col("cause") == Cause.WEATHER.value).is_empty():
        yield translate("The weather was not assessed; it is contained in the activity.", language)
    if before.manifest.gwp != after.manifest.gwp:
        yield translate(
            "The years were weighted with different potentials ({old} and {new}); that is in the factors.",
            language,
            old=names.potentials(before.manifest.gwp, language),
            new=names.potentials(after.manifest.gwp, language),
        )
    yield translate("Whether the difference exceeds its uncertainty is not said here.", language)


def _details(result: Result, frame: pl.DataFrame, language: Language) -> Iterator[Panel]:
    """Yield the table of every source and cause, the largest change first."""
    if frame.is_empty():
        return
    sizes = pl.col("co2e_kg").abs()
    table = frame.sort(
        [sizes, "book", "organisation", "source", "activity", "product_group", "cause"],
        descending=[True, *[False] * 6],
        nulls_last=True,
    )
    top = table.row(0, named=True)
    table = named(table, "book", lambda code: names.book(code, language))
    table = named(table, "organisation", organisation_name(result, language))
    table = named(table, "activity", lambda code: names.activity_name(code, language))
    table = named(table, "cause", lambda code: words.cause(code or "", language))
    yield Panel(
        identifier="causes-sources",
        heading=translate("Change by source and cause", language),
        finding=translate(
            "The largest single change is that of {source} ({organisation}): {change}.",
            language,
            source=top["source"] or numbers.missing(language),
            organisation=table["organisation"][0],
            change=numbers.missing(language) if top["co2e_kg"] is None else _signed(top["co2e_kg"], language),
        ),
        table=table.drop("year_before", "year"),
        columns=(
            Column("book", translate("Book", language)),
            Column("organisation", translate("Organisation", language)),
            Column("source", translate("Source", language), kind="code"),
            Column("activity", translate("Activity", language)),
            Column("product_group", translate("Product group", language), kind="code"),
            Column("cause", translate("Cause", language), kind="long"),
            Column("co2e_kg", translate("Change", language), kind="mass"),
        ),
    )
