"""Review: which years there are, how one stands, and its completeness calendar."""

from http import HTTPStatus
from typing import Annotated, Any, Final

from babel.dates import get_month_names
from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from bilanz.access import Right
from bilanz.app.queue import enqueue
from bilanz.app.review.calendar import Calendar, Row, calendar_of
from bilanz.app.review.findings import OPEN, findings_of
from bilanz.app.review.suspected import pairs_of
from bilanz.app.review.tasks import YearState, YearView, order, year_of, years_of
from bilanz.app.web.guard import Caller, Guard
from bilanz.app.web.reviewing import PERIODS, Year, done, named, place, stands, within
from bilanz.app.web.state import Server, ServerOf
from bilanz.app.web.views import address, page
from bilanz.errors import UnknownName, UsageError
from bilanz.filling import METHODS
from bilanz.messages import Language, translate
from bilanz.period import PeriodState
from bilanz.registry.organisations import organisations
from reports import names, numbers, states

router = APIRouter()

Reader = Annotated[Caller, Depends(Guard(Right.READ, "organisation"))]
Number = Annotated[int, Query(alias="page", ge=1, le=100_000)]
FILL: Final = "fill"
CALCULATE: Final = "calculate"
_PART: Final = 40
_METHOD_HINT: Final = (
    "Only months of which nothing is known are estimated. Each estimate states what it rests on and is one "
    "row of a file of its own: withdraw that file to undo it."
)


@router.get("/review")
def overview(
    request: Request,
    server: ServerOf,
    caller: Annotated[Caller, Depends(Guard(Right.READ))],
    organisation: Annotated[str | None, Query(max_length=64)] = None,
) -> Response:
    """List the years of the organisations the caller may read."""
    if organisation and not caller.may(Right.READ, organisation):
        raise UnknownName("There is nothing here, or nothing you may see.")
    units, language = organisations(server.registry), caller.language
    rows = years_of(caller.settings, caller, organisation or None)
    readable = set(caller.where(Right.READ))
    offered = [
        (name, f"{'– ' * depth}{named(name, units, language)}")
        for name, depth in order(units)
        if name in readable
    ]
    return page(
        request,
        "review_list.html.jinja",
        heads=[
            translate(text, language)
            for text in ("Organisation", "Year", "State", "Exceptions", "Warnings to be decided")
        ],
        rows=[_row(one, named(one.organisation, units, language), language) for one in rows],
        offered=[("", translate("All you may see", language)), *offered],
        chosen=organisation or "",
    )


def _row(one: YearState, name: str, language: Language) -> dict[str, Any]:
    kind, state = PERIODS[one.state]
    return {
        "name": name,
        "depth": one.depth,
        "year": one.year,
        "href": address(f"/review/{one.year}", organisation=one.organisation or None),
        "kind": kind,
        "state": translate(state, language),
        "exceptions": translate("not calculated", language)
        if one.exceptions is None
        else numbers.decimal(one.exceptions, language),
        "findings": numbers.decimal(one.open_findings, language),
    }


@router.get("/review/{year}")
def show(
    request: Request,
    server: ServerOf,
    caller: Reader,
    year: Year,
    job: Annotated[str, Query(max_length=32)] = "",
) -> Response:
    """Show how a year of an organisation stands, and what is to be done."""
    told, found = place(server, caller, year), year_of(caller.settings, caller, caller.organisation, year)
    inside = within(caller)
    calendar = calendar_of(caller.settings, year, caller.organisation or None)
    findings = findings_of(caller.settings, year, inside)
    pairs = [] if found.view is None else pairs_of(caller.settings, found.view.entry.run, inside)
    finished = done(server, caller, job, CALCULATE)
    kind, state = PERIODS[PeriodState(found.period.state)]
    return page(
        request,
        "review_year.html.jinja",
        **told,
        found=found,
        kind=kind,
        state=translate(state, caller.language),
        stands=stands(found.standing, told["units"], caller.language),
        calculated=None
        if found.view is None
        else numbers.instant(found.view.entry.created_at, caller.language),
        part_of=_part_of(found, told, caller.language),
        tiles=[
            _completeness(calendar, told, caller.language),
            *_exceptions(found, told, caller.language),
            _findings([one.state for one in findings], told, caller.language),
            _pairs(sum(one.confirmation is None for one in pairs), told, caller.language),
            _period(found, told, caller.language),
        ],
        finished=None if finished is None else finished.result,
        balance=address(f"/balances/{year}", organisation=caller.organisation or None),
    )


def _part_of(found: YearView, told: dict[str, Any], language: Language) -> str:
    """Return whose run is shown where it is that of something larger."""
    if found.view is None or not found.view.is_part:
        return ""
    return translate(
        "What is shown is the part of the balance of {name}.",
        language,
        name=named(found.view.of, told["units"], language),
    )


def _tile(title: str, text: str, href: str, language: Language, *, waits: bool = False) -> dict[str, Any]:
    return {"title": translate(title, language), "text": text, "href": href, "waits": waits}


def _completeness(calendar: Calendar, told: dict[str, Any], language: Language) -> dict[str, Any]:
    text = translate(
        "{complete} of {expected} expected months are complete, {estimated} of these with estimates.",
        language,
        **{
            name: numbers.decimal(getattr(calendar, name), language)
            for name in ("complete", "expected", "estimated")
        },
    )
    waits = calendar.complete < calendar.expected
    return _tile("Completeness", text, told["here"]("/calendar"), language, waits=waits)


def _exceptions(found: YearView, told: dict[str, Any], language: Language) -> list[dict[str, Any]]:
    if found.view is None:
        return []
    count = found.exceptions.height
    text = translate("Every quantity has a figure.", language)
    if count:
        message = "{count} quantities of a month and book have no figure in the balance."
        text = translate(message, language, count=numbers.decimal(count, language))
    return [_tile("Exceptions", text, told["here"]("/exceptions"), language, waits=count > 0)]


def _findings(found: list[str], told: dict[str, Any], language: Language) -> dict[str, Any]:
    waiting = found.count(OPEN)
    text = translate(
        "{open} of {count} warnings about values are to be decided.",
        language,
        open=numbers.decimal(waiting, language),
        count=numbers.decimal(len(found), language),
    )
    return _tile("Suspect values", text, told["here"]("/findings"), language, waits=waiting > 0)


def _pairs(count: int, told: dict[str, Any], language: Language) -> dict[str, Any]:
    text = translate("No pair of sources is suspected.", language)
    if count:
        message = "{count} pairs of sources may be the same consumption."
        text = translate(message, language, count=numbers.decimal(count, language))
    href = f"{told['here']('/findings')}#pairs"
    return _tile("Counted twice?", text, href, language, waits=count > 0)


def _period(found: YearView, told: dict[str, Any], language: Language) -> dict[str, Any]:
    text = {
        PeriodState.OPEN: "Release the balance when nothing is left to be done.",
        PeriodState.RELEASED: "Another person closes the year.",
        PeriodState.CLOSED: "The year is closed; late changes are a restatement.",
    }[PeriodState(found.period.state)]
    return _tile("Release and closing", translate(text, language), told["here"]("/period"), language)


@router.get("/review/{year}/calendar")
def calendar(
    request: Request,
    server: ServerOf,
    caller: Reader,
    year: Year,
    number: Number = 1,
    source: Annotated[str, Query(max_length=200)] = "",
    job: Annotated[str, Query(max_length=32)] = "",
) -> Response:
    """Show which months of which source are known, and let gaps be estimated."""
    return _calendar(request, server, caller, year, number=number, source=source, job=job)


def _calendar(
    request: Request,
    server: Server,
    caller: Caller,
    year: int,
    *,
    number: int = 1,
    source: str = "",
    job: str = "",
    problem: str = "",
) -> Response:
    told, language = place(server, caller, year), caller.language
    found = calendar_of(caller.settings, year, caller.organisation or None)
    sources, gaps = found.sources, found.gaps
    part = sources[(number - 1) * _PART : number * _PART]
    finished = done(server, caller, job, FILL)
    short, wide = (get_month_names(width, "stand-alone", language) for width in ("abbreviated", "wide"))
    return page(
        request,
        "review_calendar.html.jinja",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK,
        **told,
        months=[(short[month], wide[month]) for month in range(1, 13)],
        rows=[_cells(row, told, language) for row in found.rows(part)],
        legend=[
            (code, sign, states.name(code, language))
            for code, sign in states.SYMBOLS.items()
            if code != "event"
        ],
        calendar=found,
        first=(number - 1) * _PART + 1,
        total=len(sources),
        newer=told["here"]("/calendar", page=number - 1) if number > 1 else None,
        older=told["here"]("/calendar", page=number + 1) if len(sources) > number * _PART else None,
        gaps=[("", translate("All sources with a missing month", language)), *((one, one) for one in gaps)],
        source=source if source in gaps else "",
        methods=[
            (code, translate(states.METHODS[code], language)) for code in METHODS if code in states.METHODS
        ],
        hint=translate(_METHOD_HINT, language),
        finished=None if finished is None else finished.result,
        problem=problem,
    )


def _cells(row: Row, told: dict[str, Any], language: Language) -> dict[str, Any]:
    """Return a row of the calendar in words."""
    estimate = f"{told['here']('/calendar', source=row.source)}#estimate" if row.has_whole_gap else None
    return {
        "source": row.source,
        "organisation": named(row.organisation, told["units"], language),
        "activity": names.activity_name(row.activity, language),
        "cells": [
            {
                "state": cell.state,
                "sign": states.SYMBOLS[cell.state],
                "word": states.cell(
                    {
                        "state": cell.state,
                        "days_missing": cell.days_missing,
                        "days_estimated": cell.days_estimated,
                    },
                    language,
                ).removeprefix(f"{states.SYMBOLS[cell.state]} ")
                if cell.state != "not_expected"
                else states.name(cell.state, language),
            }
            for cell in row.cells
        ],
        "missing": numbers.decimal(row.days_missing, language),
        "has_gap": row.days_missing > 0,
        "estimate": estimate,
    }


@router.post("/review/{year}/fill")
def fill(
    request: Request,
    server: ServerOf,
    caller: Annotated[Caller, Depends(Guard(Right.RESOLVE, "organisation"))],
    year: Year,
    method: Annotated[str, Form(max_length=32)],
    reason: Annotated[str, Form(max_length=1000)] = "",
    source: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Order the estimates of missing months."""
    if method not in METHODS:
        raise UsageError('"{name}" is not one of {expected}.', name=method, expected=", ".join(METHODS))
    if not reason.strip():
        problem = translate("State why months are estimated.", caller.language)
        return _calendar(request, server, caller, year, source=source, problem=problem)
    gaps = calendar_of(caller.settings, year, caller.organisation or None).gaps
    if source and source not in gaps:  # also keeps out sources of others
        raise UnknownName("This source has no missing month.")
    job = enqueue(
        server.registry,
        caller.settings,
        FILL,
        organisation=caller.organisation,
        subject=str(year),
        parameters={"year": year, "method": method, "reason": reason.strip(), "source": source or None},
    )
    server.queue.wake()
    return RedirectResponse(f"/jobs/{job.id}", HTTPStatus.SEE_OTHER)
