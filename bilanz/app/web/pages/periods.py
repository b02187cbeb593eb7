"""Release, closing, reopening and restatement of a year."""

from contextlib import suppress
from decimal import Decimal, DecimalException
from http import HTTPStatus
from typing import Annotated, Any, Final

from babel.numbers import NumberFormatError, parse_decimal
from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from bilanz.access import Right
from bilanz.app.explaining.amounts import percent
from bilanz.app.period import closing
from bilanz.app.period.view import PeriodView, Restated, looked_at, period_of
from bilanz.app.period.yearwork import seen
from bilanz.app.queue import enqueue
from bilanz.app.web.guard import Caller, Guard
from bilanz.app.web.problems import status_of
from bilanz.app.web.reviewing import PERIODS, Year, done, named, place, step
from bilanz.app.web.state import Server, ServerOf
from bilanz.app.web.views import address, page
from bilanz.errors import BilanzError, Refused, UsageError
from bilanz.messages import Language, translate
from bilanz.period import PeriodState
from bilanz.restatement import CAUSES
from reports import names, numbers
from reports.closing import base_year_sentence, cause_name

router = APIRouter()

Reader = Annotated[Caller, Depends(Guard(Right.READ, "organisation"))]
Releaser = Annotated[Caller, Depends(Guard(Right.RELEASE, "organisation"))]
Text = Annotated[str, Form(max_length=1000)]
RELEASE: Final = "release"
RESTATE: Final = "restate"
_LINES: Final = 50


class ReleaseForm(BaseModel):
    """What whoever releases a year states."""

    run: str = Field(max_length=64)
    reason: str = Field(default="", max_length=1000)
    accepts: str = Field(default="", max_length=8)
    is_base_year: str = Field(default="", max_length=8)
    threshold: str = Field(default="", max_length=16)


@router.get("/review/{year}/period")
def show(
    request: Request,
    server: ServerOf,
    caller: Reader,
    year: Year,
    job: Annotated[str, Query(max_length=32)] = "",
) -> Response:
    """Show state, steps and totals of a year, and what may be done with it."""
    return _show(request, server, caller, year, job=job)


def _show(
    request: Request,
    server: Server,
    caller: Caller,
    year: int,
    *,
    job: str = "",
    problem: BilanzError | None = None,
) -> Response:
    told, language = place(server, caller, year), caller.language
    found = period_of(caller.settings, year, caller.organisation, shown=_LINES)
    state = PeriodState(found.period.state)
    looked = done(server, caller, job, RESTATE)
    preview = None
    if looked is not None and looked.result is not None and looked.result["number"] is None:
        preview = looked_at(looked.result, looked.by, looked.created_at, _LINES)
    return page(
        request,
        "period_show.html.jinja",
        status=HTTPStatus.OK if problem is None else status_of(problem),
        **told,
        found=found,
        period=found.period,
        code=state.value,
        kind=PERIODS[state][0],
        state=translate(PERIODS[state][1], language),
        steps=_steps(found, language),
        totals=_totals(found, language),
        exceptions=numbers.decimal(found.exceptions, language),
        threshold=numbers.decimal(found.period.threshold * 100, language, digits=2),
        is_own_release=closing.is_same_person(caller.settings.user, found.period.released_by),
        restatements=[_restatement(one, found, told, language) for one in found.restatements],
        preview=None if preview is None else _restatement(preview, found, told, language),
        balance=address(f"/balances/{year}", organisation=caller.organisation or None),
        problem="" if problem is None else translate(problem.template, language, **problem.parameters),
    )


def _steps(found: PeriodView, language: Language) -> list[tuple[str, str]]:
    """Return who took each step and when."""
    period = found.period
    taken = [
        (
            "Calculated",
            None if found.calculated_at is None else numbers.instant(found.calculated_at, language),
        ),
        ("Released", step(period.released_by, period.released_at, language)),
        ("Closed", step(period.closed_by, period.closed_at, language)),
    ]
    rows = [(translate(name, language), said) for name, said in taken if said is not None]
    if period.stands and period.exceptions:
        accepted = translate(
            "{count}, because: {reason}",
            language,
            count=numbers.decimal(period.exceptions, language),
            reason=period.exceptions_reason or "–",
        )
        rows.append((translate("Exceptions that were accepted", language), accepted))
    return rows


def _totals(found: PeriodView, language: Language) -> list[list[str]]:
    return [
        [
            names.book(one.book, language),
            numbers.tonnes(one.co2e_kg, language),
            "–"
            if one.low is None or one.high is None
            else translate(
                "{low} to {high}",
                language,
                low=numbers.tonnes(one.low, language),
                high=numbers.tonnes(one.high, language),
            ),
        ]
        for one in found.totals
    ]


def _restatement(
    one: Restated, found: PeriodView, told: dict[str, Any], language: Language
) -> dict[str, Any]:
    """Return a restatement in words."""
    sums = [
        [
            names.book(row["book"], language),
            _mass(row["co2e_old_kg"], language),
            *(_mass(row[f"{cause}_kg"], language) for cause in CAUSES),
            _mass(row["co2e_new_kg"], language),
            "–" if row["change"] is None else percent(str(row["change"]), language),
        ]
        for row in one.totals
    ]
    lines = [
        [
            names.book(row["book"], language),
            cause_name(row["cause"], language),
            named(row["organisation"], told["units"], language),
            row["source"] or "–",
            names.activity_name(row["activity"], language),
            numbers.month(row["month"], language),
            _mass(row["co2e_before_kg"], language),
            _mass(row["co2e_after_kg"], language),
            _mass(row["effect_kg"], language),
        ]
        for row in one.lines
    ]
    heads = ("Book", "Cause", "Organisation", "Source", "Activity", "Month", "Before", "After", "Difference")
    return {
        "number": one.number,
        "by": step(one.by, one.at, language),
        "reason": one.reason,
        "meaning": base_year_sentence(
            found.period.threshold,
            language,
            is_reached=any(row["is_reached"] for row in one.totals),
            is_base_year=found.period.is_base_year,
        ),
        "heads": [
            translate("Book", language),
            translate("Old total", language),
            *(cause_name(cause, language).partition(" (")[0] for cause in CAUSES),
            translate("New total", language),
            translate("Change", language),
        ],
        "totals": sums,
        "line_heads": [translate(head, language) for head in heads],
        "lines": lines,
        "count": numbers.decimal(one.count, language),
        "shown": numbers.decimal(len(lines), language),
    }


def _mass(kg: Decimal | None, language: Language) -> str:
    """Return a mass in t with three decimals: a restatement may be of kilograms."""
    if kg is None:
        return "–"
    return f"{numbers.thousandth(kg, language, digits=3)}{numbers.NBSP}t"


@router.post("/review/{year}/period/release")
def release(
    request: Request,
    server: ServerOf,
    caller: Releaser,
    year: Year,
    form: Annotated[ReleaseForm, Form()],
) -> Response:
    """Order the release of the run that is shown; what refuses it at once is said on the page."""
    try:
        told = {
            "year": year,
            "run": form.run,
            "accepts_exceptions": bool(form.accepts),
            "reason": form.reason.strip(),
            "is_base_year": bool(form.is_base_year),
            "threshold": _share(form.threshold, caller.language),
        }
        _check_release(caller, year, told)
    except (UsageError, Refused) as error:
        return _show(request, server, caller, year, problem=error)
    return _ordered(server, caller, RELEASE, year, told)


def _check_release(caller: Caller, year: int, told: dict[str, Any]) -> None:
    """Raise where a release would be refused for what the form says."""
    count = seen(caller.settings, told["run"], year, caller.organisation or None).exceptions.height
    if count and not told["accepts_exceptions"]:
        message = (
            "{count} quantities have no figure in the balance. Resolve them, or accept them and state why."
        )
        raise Refused(message, count=count)
    if told["accepts_exceptions"] and not told["reason"]:
        raise UsageError("Accepting exceptions needs a reason.")


def _share(text: str, language: Language) -> str | None:
    """Return a number of percent as a share; None: nothing was entered.

    Raises:
        UsageError: it is no number.
    """
    if not text.strip():
        return None
    with suppress(NumberFormatError, DecimalException):
        share = parse_decimal(text.strip().removesuffix("%").strip(), locale=language, strict=True) / 100
        if share.is_finite():
            return str(share)
    raise UsageError('"{value}" is not a number of percent.', value=text)


@router.post("/review/{year}/period/close")
def close(request: Request, server: ServerOf, caller: Releaser, year: Year, reason: Text = "") -> Response:
    """Close a released year."""
    try:
        closing.close(caller.settings, year, caller.organisation or None, reason.strip() or None)
    except (UsageError, Refused) as error:
        return _show(request, server, caller, year, problem=error)
    return _back(server, caller, year)


@router.post("/review/{year}/period/reopen")
def reopen(request: Request, server: ServerOf, caller: Releaser, year: Year, reason: Text = "") -> Response:
    """Open a released or closed year again."""
    try:
        closing.reopen(caller.settings, year, caller.organisation or None, reason)
    except (UsageError, Refused) as error:
        return _show(request, server, caller, year, problem=error)
    return _back(server, caller, year)


@router.post("/review/{year}/period/restate")
def restate(
    request: Request,
    server: ServerOf,
    caller: Releaser,
    year: Year,
    reason: Text = "",
    only_look: Annotated[str, Form(max_length=8)] = "",
) -> Response:
    """Order a restatement, or only a look at what it would change."""
    if not only_look and not reason.strip():
        problem = UsageError("A restatement needs a reason.")
        return _show(request, server, caller, year, problem=problem)
    told = {"year": year, "reason": reason.strip(), "dry_run": bool(only_look)}
    return _ordered(server, caller, RESTATE, year, told)


def _ordered(server: Server, caller: Caller, kind: str, year: int, told: dict[str, Any]) -> Response:
    job = enqueue(
        server.registry,
        caller.settings,
        kind,
        organisation=caller.organisation,
        subject=str(year),
        parameters=told,
    )
    server.queue.wake()
    return RedirectResponse(f"/jobs/{job.id}", HTTPStatus.SEE_OTHER)


def _back(server: Server, caller: Caller, year: int) -> Response:
    return RedirectResponse(place(server, caller, year)["here"]("/period"), HTTPStatus.SEE_OTHER)
