"""The change of a balance between two years, by cause: beside a run, and for `bilanz compare`."""

from decimal import Decimal
from typing import Any, Final

import polars as pl

from bilanz.app import balances
from bilanz.app.beside.weather import weather
from bilanz.app.settings import Settings
from bilanz.app.shown.summary import text
from bilanz.causes import Cause, causes, total
from bilanz.errors import Refused, UsageError
from bilanz.result import Result

_YEARS: Final = 2


def causes_of(
    result: Result, earlier: tuple[Result, ...], corrected: pl.DataFrame | None
) -> pl.DataFrame | None:
    """Return `CAUSE_SCHEMA` against the year before; None where that year was not calculated."""
    if not earlier or earlier[0].manifest.year != result.manifest.year - 1:
        return None
    return causes(earlier[0], result, corrected)


def compare_years(settings: Settings, years: list[int], organisation: str | None = None) -> dict[str, Any]:
    """Return the difference of two years by cause, in every book both were calculated in.

    Nothing is calculated: the runs that stand for the years are read.

    Raises:
        UsageError: not two different years.
        Refused: one of them has not been calculated so, or they share no book.
    """
    if len(set(years)) != _YEARS:
        raise UsageError("Two different years are compared: --year 2023 --year 2024.")
    first, second = sorted(set(years))
    before, after = (balances.latest_result(settings, year, organisation) for year in (first, second))
    books = [book for book in after.manifest.books if book in before.manifest.books]
    if not books:
        raise Refused(
            "{first} and {second} were calculated in no book in common.", first=first, second=second
        )
    with balances.ledger(settings) as data:
        corrected = weather(settings, data, after, (before,))
    table = causes(before, after, corrected)
    return {
        "year_before": first,
        "year": second,
        "organisation": organisation,
        "runs": {"before": before.manifest.run, "after": after.manifest.run},
        "is_same_release": before.manifest.factor_release == after.manifest.factor_release,
        "books": [_of_book(book, before, after, table) for book in books],
    }


def _of_book(book: str, before: Result, after: Result, table: pl.DataFrame) -> dict[str, Any]:
    rows = table.filter(pl.col("book") == book)
    old, new = total(before, book), total(after, book)
    return {
        "book": book,
        "co2e_before_kg": text(old),
        "co2e_kg": text(new),
        "difference_kg": text(new - old),
        "causes": [_cause(cause, rows.filter(pl.col("cause") == cause.value)) for cause in Cause],
        "details": [row | {"co2e_kg": _kg(row["co2e_kg"])} for row in _details(rows).iter_rows(named=True)],
    }


def _cause(cause: Cause, rows: pl.DataFrame) -> dict[str, Any]:
    """Return one cause: its sum, and how many sources are not assessed. Nothing assessed has no sum."""
    known: list[Decimal] = rows["co2e_kg"].drop_nulls().to_list()
    is_unknown = rows.height > 0 and not known
    return {
        "cause": cause.value,
        "co2e_kg": None if is_unknown else text(sum(known, Decimal(0))),
        "not_assessed": rows.height - len(known),
    }


def _details(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.drop("book", "year_before", "year")


def _kg(value: Decimal | None) -> str | None:
    return None if value is None else text(value)
