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
    found = forbidden(result, book)
    if not found:
        return book.verdict, book.reasons
    told = {name: getattr(_OWN, name).format(factors=", ".join(found)) for name in ("de", "en")}
    return NOT_CONFORM, (Text(**told), *book.reasons)
