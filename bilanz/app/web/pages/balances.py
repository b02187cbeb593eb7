"""Balances: which there are, the dashboard of one, and the order to calculate it."""

from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import RedirectResponse, Response
from markupsafe import Markup

from bilanz.access import ALL, Right
from bilanz.app.output import dashboards
from bilanz.app.queue import enqueue
from bilanz.app.shown.balancelist import NEWEST, Branch
from bilanz.app.shown.balancelist import overview as overview_of
from bilanz.app.shown.sight import seen
from bilanz.app.web.guard import Caller, Guard, public
from bilanz.app.web.looking import BADGES, STATES, Looked, address_of, book_of, look, told
from bilanz.app.web.state import Server, ServerOf
from bilanz.app.web.views import address, page
from bilanz.errors import UnknownName
from bilanz.job import JobState
from bilanz.messages import Language, translate
from bilanz.registry import jobs
from reports import names, numbers
from reports.page import foreign_styles
from reports.views import asset

router = APIRouter()

Year = Annotated[int, Path(ge=1900, le=2200)]
Code = Annotated[str, Query(max_length=200)]
Sees = Annotated[Caller, Depends(Guard(Right.READ_RELEASED, "organisation"))]
CALCULATE: Final = "calculate"
ALL_YEARS: Final = "all"
_LARGE: Final = 12
"""Organisations from which on deeper branches are folded."""


@router.get("/static/charts.js", dependencies=[Depends(public)])
def charts() -> Response:
    """Return the script that draws the figures; the self-contained file holds the same."""
    return Response(asset("page.js"), media_type="text/javascript")


@router.get("/balances")
def overview(
    request: Request,
    server: ServerOf,
    caller: Annotated[Caller, Depends(Guard(Right.READ_RELEASED))],
    year: Annotated[str, Query(pattern=r"^(\d{4}|all)?$")] = "",
) -> Response:
    """List organisations and years the caller may see; without a year the newest one."""
    asked = None if year == ALL_YEARS else int(year or NEWEST)
    found = overview_of(caller.settings, server.registry, caller, year=asked)
    size = sum(branch.size for branch in found.branches)
    return page(
        request,
        "balances_list.html.jinja",
        branches=[_branch(branch, caller.language, 0, is_large=size > _LARGE) for branch in found.branches],
        offered=[
            *((str(each), str(each)) for each in found.years),
            (ALL_YEARS, translate("All years", caller.language)),
        ],
        year=ALL_YEARS if found.year is None else str(found.year),
    )


def _branch(branch: Branch, language: Language, depth: int, *, is_large: bool) -> dict[str, Any]:
    """Return a branch of the tree as the page shows it."""
    return {
        "name": branch.name or translate("All organisations", language),
        "years": [
            {
                "year": one.year,
                "is_calculated": one.view is not None,
                "state": "" if one.view is None else translate(STATES[one.view.state], language),
                "badge": "" if one.view is None else BADGES[one.view.state],
                "is_part": one.view is not None and one.view.is_part,
                "totals": [
                    (names.book(book, language), numbers.tonnes(total, language))
                    for book, total in one.totals
                ],
                "href": address(f"/balances/{one.year}", organisation=branch.organisation)
                if one.view is None
                else address_of(one.view),
            }
            for one in branch.years
        ],
        "below": [_branch(each, language, depth + 1, is_large=is_large) for each in branch.below],
        "is_folded": is_large and depth > 0,
        "size": branch.size - 1,
    }


@router.get("/balances/show")
def show(
    server: ServerOf,
    caller: Sees,
    year: Annotated[int, Query(ge=1900, le=2200)],
    of: Code = "",
    book: Code = "",
) -> Response:
    """Lead to the balance chosen by the filters of a dashboard; what is not to be had there is left out."""
    views = seen(caller.settings, server.registry).views(caller, caller.organisation, year)
    source = of if any(view.source == of for view in views) else ""
    chosen = address(f"/balances/{year}", organisation=caller.organisation, of=source, book=book)
    return RedirectResponse(chosen, HTTPStatus.SEE_OTHER)


@router.get("/balances/{year}")
def dashboard(
    request: Request, server: ServerOf, caller: Sees, year: Year, of: Code = "", book: Code = ""
) -> Response:
    """Show the dashboard of a balance; one that has to be made first leads to its job.

    Raises:
        UnknownName: there is none they may see.
    """
    try:
        looked = look(server, caller, year, of)
    except UnknownName:
        if caller.may(Right.READ, caller.organisation):
            return _missing(request, server, caller, year)
        raise
    only = book if book in looked.view.entry.books else None
    asked = dashboards.wanted(looked.found, caller, looked.view, only)
    kept = dashboards.kept(caller.settings, server.registry, looked.found, asked)
    if kept is None:
        job = dashboards.ordered(caller.settings, server.registry, caller, asked)
        server.queue.wake()
        return RedirectResponse(f"/jobs/{job.id}", HTTPStatus.SEE_OTHER)
    figures = kept.figures
    return page(
        request,
        "balances_dashboard.html.jinja",
        **told(looked, caller),
        sections=Markup(kept.sections),  # noqa: S704 - made by our own template, everything in it escaped
        figures=Markup(figures),  # noqa: S704 - JSON with every "<" escaped
        foreign_styles=foreign_styles() if figures else [],
        about=kept.about,
        book=only or "",
        **_filters(looked, caller),
    )


def _filters(looked: Looked, caller: Caller) -> dict[str, Any]:
    """Return what the filters offer: organisations, years and runs the caller may see."""
    view, found, language = looked.view, looked.found, caller.language
    offered = [
        name
        for name in _in_order(looked)
        if name == view.organisation or found.views(caller, name, view.year)
    ]
    years = [
        year for year in found.years if year == view.year or found.views(caller, view.organisation, year)
    ]
    return {
        "organisations": [
            (name, "\u2003" * _depth(looked, name, offered) + looked.name(name, language)) for name in offered
        ],
        "years": [(year, str(year)) for year in years],
        "sources": [
            (
                one.source,
                translate(
                    "{whole} ({state})",
                    language,
                    whole=looked.name(one.of, language),
                    state=translate(STATES[one.state], language),
                ),
            )
            for one in looked.views
        ],
    }


def _in_order(looked: Looked) -> list[str]:
    """Return all organisations, each right before what is below it."""
    units = looked.found.units
    children: dict[str | None, list[str]] = {}
    for name in sorted(units, key=lambda name: (units[name].name.casefold(), name)):
        parent = units[name].parent
        children.setdefault(parent if parent in units else None, []).append(name)
    found, pending = [ALL], list(reversed(children.get(None, [])))
    while pending:
        current = pending.pop()
        found.append(current)
        pending += reversed(children.get(current, []))
    return found


def _depth(looked: Looked, name: str, offered: list[str]) -> int:
    """Return how many of the organisations offered stand above one."""
    depth, seen_names, unit = 0, {name}, looked.found.units.get(name)
    while unit is not None and unit.parent is not None and unit.parent not in seen_names:
        depth += unit.parent in offered
        seen_names.add(unit.parent)
        unit = looked.found.units.get(unit.parent)
    return depth


def _missing(request: Request, server: Server, caller: Caller, year: int) -> Response:
    """Say that a year was not calculated, and offer to."""
    found = seen(caller.settings, server.registry)
    unit = found.units.get(caller.organisation)
    return page(
        request,
        "balances_missing.html.jinja",
        year=year,
        name=translate("All organisations", caller.language) if unit is None else unit.name,
        organisation=caller.organisation,
        may_calculate=caller.may(Right.CALCULATE, caller.organisation),
    )


@router.get("/balances/{year}/tables/{panel}")
def table(
    server: ServerOf,
    caller: Sees,
    year: Year,
    panel: Annotated[str, Path(max_length=200)],
    of: Code = "",
    book: Code = "",
) -> Response:
    """Return the exact values of one table of a dashboard as CSV.

    Raises:
        UnknownName: there is no such balance or table; or the balance has changed since its page was loaded.
    """
    looked = look(server, caller, year, of)
    asked = dashboards.wanted(looked.found, caller, looked.view, book_of(looked.view, book))
    kept = dashboards.kept(caller.settings, server.registry, looked.found, asked)
    text = None if kept is None else kept.table(panel)
    if text is None:
        raise UnknownName("This table is not there any more. Load the page of the balance again.")
    name = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "-_") else "-" for sign in panel)
    return Response(
        text.encode("utf-8-sig"),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}-{year}.csv"'},
    )


@router.post("/balances/{year}/calculate")
def calculate(
    server: ServerOf, caller: Annotated[Caller, Depends(Guard(Right.CALCULATE, "organisation"))], year: Year
) -> Response:
    """Order the calculation of a year; one that is on its way already is followed."""
    subject = str(year)
    for job in jobs.jobs_about(server.registry, CALCULATE, subject):
        if job.organisation == caller.organisation and not JobState(job.state).is_over:
            return RedirectResponse(f"/jobs/{job.id}", HTTPStatus.SEE_OTHER)
    made = enqueue(
        server.registry,
        caller.settings,
        CALCULATE,
        organisation=caller.organisation,
        subject=subject,
        parameters={"year": year},
    )
    server.queue.wake()
    return RedirectResponse(f"/jobs/{made.id}", HTTPStatus.SEE_OTHER)
