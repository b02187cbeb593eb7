"""What a run makes of the verdict of a book: an own factor the book has no room for makes it not conform."""

from typing import Final

import polars as pl

from bilanz.books import Book, Text
from bilanz.factor import Evidence
from bilanz.result import Result

NOT_CONFORM: Final = "not_conform"

_OWN: Final = Text(
    de="Nicht konform: eigene Faktoren an Stelle der Reihe des Buches ({factors}).",
    en="Not conform: own factors in place of the series of the book ({factors}).",
)

_LACKING: Final = Text(
    de="Für eine Bilanz nach GHG Protocol fehlen Angaben: {items}.",
    en="Statements an inventory by the GHG Protocol needs are missing: {items}.",
)
_ITEMS: Final = {
    "consolidation_approach": Text(de="Konsolidierungsansatz", en="consolidation approach"),
    "operational_boundary": Text(de="operative Grenze", en="operational boundary"),
    "base_year": Text(de="Basisjahr", en="base year"),
    "base_year_reason": Text(de="Begründung des Basisjahrs", en="reason for the base year"),
    "recalculation_policy": Text(de="Regel zur Neuberechnung", en="recalculation policy"),
    "exclusions": Text(de="Ausschlüsse mit Gründen", en="exclusions with reasons"),
    "scope3": Text(de="Aussagen zu Kategorien von Scope 3", en="statements about scope 3 categories"),
}
"""What `bilanz.inventory.NEEDED` is called."""


def forbidden(result: Result, book: Book) -> list[str]:
    """Return the own factors of a run that its book forbids, by identifier."""
    closed = [code for family in book.families if family.custom_makes for code in family.activities]
    own = result.factors.filter(pl.col("evidence") == Evidence.CUSTOM.value)["factor_id"]
    lines = result.lines.filter(
        pl.col("book") == book.id,
        pl.col("activity").is_in(closed),
        pl.col("factor_id").is_in(own.implode()),
    )
    return sorted(lines["factor_id"].unique())


def verdict_of(result: Result, book: Book) -> tuple[str, tuple[Text, ...]]:
    """Return (verdict, reasons) of a book for a run; the book's own where no own factor breaks it."""
    found, reasons = forbidden(result, book), (*_missing(result, book), *book.reasons)
    if not found:
        return book.verdict, reasons
    told = {name: getattr(_OWN, name).format(factors=", ".join(found)) for name in ("de", "en")}
    return NOT_CONFORM, (Text(**told), *reasons)


def _missing(result: Result, book: Book) -> tuple[Text, ...]:
    """Return the sentence that names what the book asks for and nobody stated; none where all is there."""
    asked = result.beside.disclosures
    if asked is None:
        return ()
    lacking = asked.filter(pl.col("book") == book.id, ~pl.col("is_stated"))["item"].to_list()
    if not lacking:
        return ()
    said = {
        language: getattr(_LACKING, language).format(
            items=", ".join(getattr(_ITEMS[item], language) for item in lacking)
        )
        for language in ("de", "en")
    }
    return (Text(**said),)
