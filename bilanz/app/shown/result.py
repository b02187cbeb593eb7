"""The result a view shows: the run with what stands beside it, or the part an organisation has of a run.

Nothing foreign is in it: no file, factor or assumption of organisations that are not shown, no year before
that nobody has released where only released ones may be seen.
"""

from dataclasses import replace
from typing import Any

import polars as pl

from bilanz.access import ALL
from bilanz.app.balances import ledger, with_views
from bilanz.app.beside.intervals import with_intervals
from bilanz.app.period.earlier import earlier
from bilanz.app.period.standing import check_unchanged
from bilanz.app.settings import Settings
from bilanz.app.shown.sight import View
from bilanz.result import Beside, Closing, Result
from bilanz.store import runs
from reports.part import of_organisation
from reports.supplementary import without


def result_of(
    settings: Settings, view: View, *, book: str | None = None, with_municipality: bool = True
) -> Result:
    """Return the result a view shows.

    Args:
        settings: of the data directory.
        view: what is shown.
        book: only this one; None: all of the run.
        with_municipality: a territory may be shown less what its municipality itself has by a run of its own.

    Raises:
        BilanzError: the run is released or closed, and its lines are not those that were.
    """
    with ledger(settings) as data:
        whole = runs.load(data.store, view.entry.run)
        check_unchanged(data.registry, whole)
        if view.is_part:
            before = earlier(settings, data, whole, only_released=not view.sees_open)
            around = replace(whole, beside=Beside(earlier=before))
            found = with_intervals(settings, of_organisation(around, view.organisation))
            return _of_book(found, book)
    found = with_views(settings, whole, only_released=not view.sees_open)
    if view.organisation != ALL:
        found = _theirs(found, view.organisation)
    beside = found.beside
    if not with_municipality and beside.territory is not None:
        beside = replace(beside, territory=None)
    if not view.sees_open and beside.closing is not None:
        beside = replace(beside, closing=_released_only(beside.closing))
    return _of_book(replace(found, beside=beside), book)


def _theirs(result: Result, organisation: str) -> Result:
    """Return a run restricted to an organisation, without files, names, sites and sizes of others."""
    part, beside = of_organisation(result, organisation), result.beside
    within = pl.col("organisation").is_in(part.organisations["organisation"].implode())
    sites, figures = (None if one is None else one.filter(within) for one in (beside.sites, beside.figures))
    return replace(part, beside=replace(beside, sites=sites, figures=figures))


def _released_only(closing: Closing) -> Closing:
    """Return the state of a period without its restatements, which nobody has released."""
    return replace(closing, restatements=())


def _of_book(result: Result, book: str | None) -> Result:
    """Return a result with one book only; what compares books falls away."""
    others = [name for name in result.manifest.books if name != book]
    if book is None or not others:
        return result
    kept = without(result, others)
    before = tuple(without(year, others) for year in result.beside.earlier)
    return replace(kept, beside=replace(_frames_of(result.beside, book), earlier=before, reconciliation=None))


def _frames_of(beside: Beside, book: str) -> Beside:
    """Return what stands beside a run without rows about other books."""
    told: dict[str, Any] = {}
    for name in Beside.__slots__:
        frame = getattr(beside, name)
        if isinstance(frame, pl.DataFrame) and "book" in frame.columns:
            told[name] = frame.filter(pl.col("book").is_null() | (pl.col("book") == book))
    return replace(beside, **told)
