"""Targets, measures and growth of the registry beside a run."""

from typing import TYPE_CHECKING, Any

from bilanz.activity import activities
from bilanz.app.settings import Settings
from bilanz.app.shown.summary import BOOK_FOLDER, plain
from bilanz.books import Book, read_all
from bilanz.errors import UnknownName
from bilanz.result import Result

if TYPE_CHECKING:
    import polars as pl

    from bilanz.targets import Pathways, Plan


def check_book(name: str) -> None:
    """Raise unless a book of this name is shipped.

    Raises:
        UnknownName: there is none; the message names those there are.
    """
    known = read_all(BOOK_FOLDER)
    if name not in known:
        message = 'The book "{name}" is not known. There are: {near}.'
        raise UnknownName(message, name=name, near=", ".join(known))


def plan_of(settings: Settings) -> "Plan":
    """Return what is resolved, out of the registry."""
    from bilanz.registry.engine import open_registry
    from bilanz.registry.plan import growth_frame, measures_frame, targets_frame
    from bilanz.targets import Plan

    registry = open_registry(settings.registry)
    try:
        return Plan(targets_frame(registry), measures_frame(registry), growth_frame(registry))
    finally:
        registry.close()


def pathways_of(
    settings: Settings, result: Result, earlier: tuple[Result, ...], intervals: "pl.DataFrame | None" = None
) -> "tuple[Plan, Pathways]":
    """Return what is resolved and what it says beside a run."""
    from bilanz.targets import pathways

    plan = plan_of(settings)
    counted = {name: _counted(book) for name, book in read_all(BOOK_FOLDER).items()}
    return plan, pathways(result, earlier, plan, counted, intervals)


def _counted(book: Book) -> frozenset[str]:
    """Return the activities that can be in a total of a book."""
    return frozenset(
        code
        for code, activity in activities().items()
        if book.exclusion(code) is None and not (book.is_fleet_memo and activity.is_fleet)
    )


def targets_of_year(settings: Settings, year: int, organisation: str | None = None) -> dict[str, Any]:
    """Return the targets of the latest calculation of a year with their points, effects and verdicts.

    Raises:
        Refused: the year has not been calculated so.
    """
    from bilanz.app.balances import reported_result

    beside = reported_result(settings, year, organisation).beside
    return {
        "year": year,
        "organisation": organisation,
        "targets": plain(beside.targets),
        "points": plain(beside.paths),
        "effects": plain(beside.effects),
    }
