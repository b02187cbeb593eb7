"""The answer of `bilanz calculate --json`: totals per book and scope, coverage, grades, hashes.

Masses are kg CO2e as decimal strings; shares are strings between 0 and 1. Memo items and biogenic CO2 are
shown beside the scopes and in no total.
"""

from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import polars as pl

import factors
from bilanz.app.beside.verdicts import verdict_of
from bilanz.books import Book, read_all
from bilanz.result import Result

BOOK_FOLDER: Final = Path(factors.__file__).parent / "books"

_COUNTED: Final = ("1", "2", "3")
_SHARE_DIGITS: Final = 6


def text(value: Decimal) -> str:
    """Return a decimal as plain text without trailing zeros."""
    return "0" if value == 0 else f"{value.normalize():f}"


def plain(frame: pl.DataFrame | None) -> list[dict[str, Any]]:
    """Return rows for other programs: exact numbers as text; none where there is no frame."""
    if frame is None:
        return []
    return [
        {name: text(value) if isinstance(value, Decimal) else value for name, value in row.items()}
        for row in frame.iter_rows(named=True)
    ]


def _sum(frame: pl.DataFrame, column: str) -> Decimal:
    total = frame[column].sum() if frame.height else None
    return Decimal(0) if total is None else Decimal(total)


def _sums(frame: pl.DataFrame, column: str) -> dict[str, Decimal]:
    """Return value → sum of co2e_kg, in the order of the values."""
    told = frame.filter(pl.col("co2e_kg").is_not_null())
    sums = told.group_by(column).agg(pl.col("co2e_kg").sum()).sort(column)
    return dict(sums.iter_rows())


def _shown(sums: dict[str, Decimal]) -> dict[str, str]:
    return {name: text(total) for name, total in sums.items()}


def _shares(sums: dict[str, Decimal]) -> dict[str, str]:
    """Return the share of each part; no share where there is no total."""
    total = sum(sums.values(), Decimal(0))
    return {name: text(round(part / total, _SHARE_DIGITS)) for name, part in sums.items()} if total else {}


def _of_book(result: Result, book: Book) -> dict[str, Any]:
    """Return the totals of one book by scope, gas and grade."""
    lines = result.lines.filter(pl.col("book") == book.id)
    counted = lines.filter(pl.col("scope").is_in(_COUNTED))
    missing = result.exceptions.filter(pl.col("book").is_null() | (pl.col("book") == book.id))
    verdict, reasons = verdict_of(result, book)
    return {
        "book": book.id,
        "name": book.name.model_dump(),
        "label": book.label.model_dump(),
        "gwp": result.manifest.potentials[book.id],
        "is_supplementary": book.is_supplementary,
        "verdict": verdict,
        "reasons": [reason.model_dump() for reason in reasons],
        "co2e_kg": text(_sum(counted, "co2e_kg")),
        "interval_95": _interval(result, book.id),
        "scopes": _shown(_sums(lines, "scope")),
        "by_gas": _shown(_sums(counted, "gas")),
        "by_scope_and_gas": {
            scope: _shown(_sums(lines.filter(pl.col("scope") == scope), "gas"))
            for scope in _sums(lines, "scope")
        },
        "grades": _shares(_sums(counted, "grade")),
        "exceptions": missing.height,
    }


def _interval(result: Result, book: str) -> dict[str, str] | None:
    """Return the 95 % interval of a book's total, rounded by uncertainty; None: not computed."""
    from bilanz.rounding import as_quoted
    from bilanz.uncertainty import TOTAL

    found = result.beside.intervals
    if found is None:
        return None
    rows = found.filter((pl.col("kind") == TOTAL) & (pl.col("book") == book))
    quoted = as_quoted(rows.row(0, named=True)) if rows.height else None
    return None if quoted is None else {"low": text(quoted[1]), "high": text(quoted[2])}


def _records(result: Result, books: list[Book]) -> str:
    """Return "with/all": entries (source, month) that have a factor or need none, in the book with fewest.

    A supplementary book tells nothing about the balance, unless it is alone.
    """
    told = []
    main = [book for book in books if not book.is_supplementary]
    for book in (entry.id for entry in main or books):
        held = result.lines.filter((pl.col("book") == book) & pl.col("is_lead")).height
        missing = result.exceptions.filter(pl.col("book").is_null() | (pl.col("book") == book)).height
        told.append((held, held + missing))
    held, total = min(told, key=lambda pair: pair[0] / max(pair[1], 1), default=(0, 0))
    return f"{held}/{total}"


def _coverage(result: Result, books: list[Book]) -> dict[str, Any]:
    """Return what of the year is known: records with a factor, months and days of metered sources, energy."""
    known = pl.col("days_measured") + pl.col("days_billed") + pl.col("days_estimated")
    covered = result.coverage
    days = Decimal(str(round(covered.select(known.sum()).item() or 0, 3)))
    expected = int(covered["days"].sum())
    usage = result.usage.filter(pl.col("role").is_in(["consumed", "delivered"]))
    return {
        "records": _records(result, books),
        "records_without_factor": int(result.exceptions["records"].sum()),
        "records_superseded": int(result.superseded["records"].sum()),
        "sources": covered["source"].n_unique(),
        "months": covered.height,
        "months_with_data": covered.filter(known > 0).height,
        "days": expected,
        "days_known": text(days),
        "share_of_days": text(round(days / expected, _SHARE_DIGITS)) if expected else None,
        "energy_kwh": text(_sum(usage, "energy_kwh")),
    }


def summary(result: Result) -> dict[str, Any]:
    """Return the answer of `bilanz calculate --json`; the schema stands in docs/cli.md."""
    known, pinned = read_all(BOOK_FOLDER), result.manifest
    used = [known[name] for name in pinned.books]
    books = [_of_book(result, book) for book in used]
    return {
        "run": pinned.run,
        "year": pinned.year,
        "region": pinned.region,
        "organisation": pinned.organisation,
        "books": books,
        "coverage": _coverage(result, used),
        "grades": {book["book"]: book["grades"] for book in books},
        "exceptions": result.exceptions.height,
        "exceptions_by_code": dict(result.exceptions.group_by("code").len().sort("code").iter_rows()),
        "superseded_by_reason": dict(result.superseded.group_by("reason").len().sort("reason").iter_rows()),
        "assumptions": result.assumptions.height,
        "release_name": pinned.release_name,
        "factor_release": pinned.factor_release,
        "result_hash": pinned.result_hash,
        "manifest_hash": pinned.manifest_hash,
    }
