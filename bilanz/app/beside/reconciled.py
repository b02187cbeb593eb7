"""Why books of a run differ: every other main book against the first, or one pair that is asked for."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from bilanz.app.beside.standards import potentials
from bilanz.app.settings import Settings
from bilanz.app.shown.summary import BOOK_FOLDER, text
from bilanz.books import read_all
from bilanz.errors import Refused, UnknownName
from bilanz.reconciliation import RECONCILIATION_SCHEMA, difference, reconciliation
from bilanz.result import Result

_PAIR = 2


def with_the_first(settings: Settings, result: Result) -> pl.DataFrame | None:
    """Return why each main book of a run differs from the first; None where it holds one only."""
    known = read_all(BOOK_FOLDER)
    books = [name for name in result.manifest.books if not known[name].is_supplementary]
    if len(books) < _PAIR:
        return None
    sets = potentials(settings, result)
    tables = [reconciliation(result, books[0], other, sets) for other in books[1:]]
    return pl.concat([pl.DataFrame(schema=RECONCILIATION_SCHEMA), *tables])


def reconcile_year(
    settings: Settings, year: int, books: Sequence[str] = (), organisation: str | None = None
) -> dict[str, Any]:
    """Return why books of the latest calculation of a year differ, as a JSON object.

    Args:
        settings: where the data lies.
        year: calendar year.
        books: none: each other main book against the first; one: it against the first; two: these.
        organisation: the calculation restricted to it; None: over all.

    Raises:
        UnknownName: a book is not in the calculation.
        Refused: the year has not been calculated so, or holds one book only.
    """
    from bilanz.app.balances import latest_result

    result = latest_result(settings, year, organisation)
    sets = potentials(settings, result)
    pairs = _pairs(result, books)
    return {
        "year": year,
        "run": result.manifest.run,
        "organisation": organisation,
        "result_hash": result.manifest.result_hash,
        "pairs": [
            _pair(result, first, second, reconciliation(result, first, second, sets))
            for first, second in pairs
        ],
    }


def _pairs(result: Result, books: Sequence[str]) -> list[tuple[str, str]]:
    held = result.manifest.books
    for name in books:
        if name not in held:
            message = 'The calculation holds no book "{name}". It holds: {near}.'
            raise UnknownName(message, name=name, near=", ".join(held))
    if len(books) > _PAIR or len(set(books)) != len(books):
        raise Refused("Name two different books at most: what is compared is a pair.")
    if len(books) == _PAIR:
        return [(books[0], books[1])]
    others = [name for name in held[1:] if not books or name == books[0]]
    if not others:
        raise Refused("The calculation holds no second book to compare with {book}.", book=held[0])
    return [(held[0], other) for other in others]


def _pair(result: Result, first: str, second: str, table: pl.DataFrame) -> dict[str, Any]:
    """Return one pair: totals by cause, and every row."""
    sums = dict(table.group_by("cause").agg(pl.col("effect_kg").sum()).sort("cause").iter_rows())
    return {
        "book_a": first,
        "book_b": second,
        "difference_kg": text(difference(result, first, second)),
        "causes_kg": {cause: text(total) for cause, total in sums.items()},
        "rows": [
            {name: text(value) if name == "effect_kg" else value for name, value in row.items()}
            for row in table.drop("book_a", "book_b").iter_rows(named=True)
        ],
    }
