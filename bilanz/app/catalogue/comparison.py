"""`bilanz factors diff A B`: what changed between two sets of factors, and what that does to a balance."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import polars as pl

from bilanz.app.catalogue import releases
from bilanz.app.catalogue.effects import effects, totals
from bilanz.app.settings import Settings
from bilanz.app.shown.summary import text
from bilanz.errors import UsageError
from bilanz.result import Manifest, Result
from factors.base import Catalogue
from factors.changes import changes


@dataclass(frozen=True, slots=True)
class Asked:
    """The balance the effects are told for.

    Attributes:
        run: the run whose year, organisation, books and potentials are taken; None: the year as a whole.
    """

    year: int
    region: str
    organisation: str | None
    books: tuple[str, ...]
    gwp: str | None
    run: Manifest | None


def compare(
    settings: Settings,
    a: str,
    b: str,
    *,
    year: int | None = None,
    run: str | None = None,
    books: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Return what differs between two releases and, for a year or a run, the effects in kg CO2e.

    The year is calculated with A and with B on the data as they are now; nothing is kept.

    Args:
        settings: of the data directory.
        a: name or hash of a release, or `current`.
        b: likewise.
        year: the balance of this year.
        run: the balance of this run, with its organisation, books and potentials.
        books: only these books; none: those of the run, else all.

    Returns:
        `{"a", "b", "counts", "changes", "balance"}`; `balance` is null without year and run.

    Raises:
        UsageError: a year and a run, or books without either.
        UnknownName: there is no such release, run or book.
    """
    if (year is not None and run is not None) or (books and year is None and run is None):
        raise UsageError("A balance is named by --year or by --run; --book needs one of them.")
    old, new = releases.named(settings, a), releases.named(settings, b)
    table = changes(old, new)
    counts: dict[str, dict[str, int]] = {}
    for frame, kind, rows in table.group_by("frame", "kind", maintain_order=True).len().iter_rows():
        counts.setdefault(frame, {})[kind] = rows
    subject = year if run is None else run
    balance = None if subject is None else _balance(settings, (old, new), table, subject, books)
    return {
        "a": _about(old),
        "b": _about(new),
        "counts": counts,
        "changes": table.to_dicts(),
        "balance": balance,
    }


def _about(known: Catalogue) -> dict[str, str | None]:
    return {"release_name": known.name, "factor_release": known.release}


def _balance(
    settings: Settings,
    sides: tuple[Catalogue, Catalogue],
    table: pl.DataFrame,
    subject: int | str,
    books: tuple[str, ...],
) -> dict[str, Any]:
    """Calculate a year or the year of a run with both catalogues and return totals and effects."""
    from bilanz.app.balances import ledger
    from bilanz.app.calculation import calculate
    from bilanz.app.catalogue.series import series_for
    from bilanz.store import runs

    with ledger(settings) as data:
        pinned = runs.manifest(data.store, subject) if isinstance(subject, str) else subject
        asked = _asked(settings, pinned, books)
        before, after = (
            calculate(
                data.store,
                data.organisations,
                data.source_terms,
                shelf,
                year=asked.year,
                books=asked.books,
                gwp=asked.gwp,
                region=asked.region,
                zone=settings.zone,
                organisation=asked.organisation,
                series=series_for(settings, asked.books),
                instruments=data.instruments,
                declared=data.declared,
            )
            for shelf in sides
        )
    told = table.filter((pl.col("frame") == "factors") & (pl.col("kind") == "changed"))
    found = effects(before, after, set(told["key"]))
    return {
        "year": asked.year,
        "organisation": asked.organisation,
        "run": None if asked.run is None else asked.run.run,
        "is_reproduced": _reproduced(asked, before, after),
        "books": _books(before, after),
        "effects": [_plain(row) for row in found.iter_rows(named=True)],
    }


def _asked(settings: Settings, run: Manifest | int, books: tuple[str, ...]) -> Asked:
    if isinstance(run, int):
        return Asked(run, settings.region, None, books, None, None)
    return Asked(run.year, run.region, run.organisation, books or run.books, run.shared_potentials, run)


def _reproduced(asked: Asked, *results: Result) -> bool | None:
    """Tell whether the run comes out as it was; None: neither side has its factors, or not all its books."""
    run = asked.run
    if run is None or set(asked.books) != set(run.books):
        return None
    same = [one.manifest for one in results if one.manifest.factor_release == run.factor_release]
    return any(one.result_hash == run.result_hash for one in same) if same else None


def _books(before: Result, after: Result) -> list[dict[str, Any]]:
    """Return per book the totals of both sides and their difference: what counts, and what is aside."""
    old, new = totals(before), totals(after)
    missing = [Counter(_missing(result)) for result in (before, after)]
    return [
        {
            "book": book,
            "co2e_a_kg": text(old[book, True]),
            "co2e_b_kg": text(new[book, True]),
            "difference_kg": text(new[book, True] - old[book, True]),
            "aside_difference_kg": text(new[book, False] - old[book, False]),
            "exceptions_a": missing[0][book] + missing[0][None],
            "exceptions_b": missing[1][book] + missing[1][None],
        }
        for book in before.manifest.books
    ]


def _missing(result: Result) -> dict[str | None, int]:
    return dict(result.exceptions.group_by("book").len().iter_rows())


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: text(value) if name.endswith("_kg") else value for name, value in row.items()}
