"""The balance lines behind a figure: asked for by what they have in common, summed exactly, page by page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from bilanz.access import ALL
from bilanz.app.settings import Settings
from bilanz.app.shown.sight import View
from bilanz.errors import UnknownName, UsageError
from bilanz.store.connection import open_store
from bilanz.store.runlines import GROUPS, Sums, Wanted, factors, grouped, lines, sums, trees, within
from reports import behind

if TYPE_CHECKING:
    from bilanz.store.connection import Store

SHOWN: Final = 50
"""Lines of one page."""

FILTERS: Final = ("scope", "category", "source", "activity", "gas", "month", "factor")
_COLUMNS: Final = {"factor": "factor_id"}


@dataclass(frozen=True, slots=True)
class Asked:
    """Which lines of a view, as an address says it.

    Attributes:
        book: one book; lines of several are never added.
        filters: of `FILTERS`; see `reports.behind`.
        unit: an organisation within the view; empty: the whole view.
        is_itself: only lines of the very organisation.
    """

    book: str
    filters: Mapping[str, str]
    unit: str = ""
    is_itself: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """Lines with what they add up to.

    Attributes:
        sums: over all lines asked for.
        lines: those of the page, `LINE_SCHEMA`.
        factors: factor_id → publisher, title, edition, locator.
        names: organisation → name, as it was.
        page: number, from 1.
        pages: how many there are.
    """

    sums: Sums
    lines: pl.DataFrame
    factors: Mapping[str, Mapping[str, Any]]
    names: Mapping[str, str]
    page: int
    pages: int


def found(
    settings: Settings,
    view: View,
    asked: Asked,
    page: int = 1,
    *,
    first: int | None = None,
    count: int = SHOWN,
) -> Found:
    """Return the lines asked for.

    `page`: of `SHOWN` lines; `first`: `count` lines after as many, instead.

    Raises:
        UnknownName: the organisation is not in the view, or the run lacks the book.
        UsageError: a month is none.
    """
    with open_store(settings.store_file, wait=settings.wait, read_only=True) as store:
        wanted = _wanted(store, view, asked)
        total = sums(store, wanted)
        pages = max(1, -(-total.lines // SHOWN))
        shown = min(max(page, 1), pages)
        after = (shown - 1) * SHOWN if first is None else first
        rows = lines(store, wanted, first=after, count=count)
        used = factors(store, view.entry.run, rows["factor_id"].drop_nulls().unique().to_list())
        return Found(
            total,
            rows,
            {row["factor_id"]: row for row in used.iter_rows(named=True)},
            _names(store, view),
            shown,
            pages,
        )


def summed(
    settings: Settings, view: View, asked: Asked, by: str
) -> tuple[Sums, pl.DataFrame, dict[str, str]]:
    """Return the sums of the lines asked for by a column of `GROUPS`, and names of organisations.

    Raises:
        UsageError: there is no such column, or a month is none.
        UnknownName: the organisation is not in the view, or the run lacks the book.
    """
    if by not in GROUPS:
        raise UsageError('Lines cannot be summed by "{name}".', name=by)
    with open_store(settings.store_file, wait=settings.wait, read_only=True) as store:
        wanted = _wanted(store, view, asked)
        return sums(store, wanted), grouped(store, wanted, by), _names(store, view)


def _wanted(store: "Store", view: View, asked: Asked) -> Wanted:
    if asked.book not in view.entry.books:
        raise UnknownName("There is nothing here, or nothing you may see.")
    equal: dict[str, str | date | None] = {"book": asked.book}
    is_counted = asked.filters.get("scope") == behind.COUNTED
    for name, value in asked.filters.items():
        if name in FILTERS and value and not (name == "scope" and is_counted):
            equal[_COLUMNS.get(name, name)] = _value(name, value)
    return Wanted(view.entry.run, _organisations(store, view, asked), equal, is_counted)


def _value(name: str, value: str) -> str | date | None:
    if value == behind.MISSING:
        return None
    if name != "month":
        return value
    try:
        return date.fromisoformat(f"{value[:7]}-01")
    except ValueError:
        raise UsageError('"{value}" is not a month (YYYY-MM expected).', value=value) from None


def _organisations(store: "Store", view: View, asked: Asked) -> tuple[str, ...] | None:
    """Return whose lines are asked for, never those of others than the view shows; None: the whole run."""
    run = view.entry.run
    tree = trees(store, [run])[run]
    is_whole = view.organisation == ALL
    shown = tuple(tree) if is_whole else within(tree, view.organisation)
    if not asked.unit:
        return None if is_whole else shown
    if asked.unit not in shown:
        raise UnknownName("There is nothing here, or nothing you may see.")
    below = (asked.unit,) if asked.is_itself else within(tree, asked.unit)
    return tuple(name for name in below if name in shown)


def _names(store: "Store", view: View) -> dict[str, str]:
    query = "SELECT organisation, name FROM run_organisation WHERE run = ?"
    return {code: name or code for code, name in store.rows(query, [view.entry.run])}
