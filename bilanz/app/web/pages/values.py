"""Review of values: exceptions of the balance, suspect values and pairs, and the decision on one of them."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from bilanz.access import Right
from bilanz.app.review.corrections import Corrected, quantity_of
from bilanz.app.review.decisions import (
    confirm,
    correct,
    exclude_value,
    include_value,
    standing_periods,
    take_confirmation_back,
)
from bilanz.app.review.findings import (
    CONFIRMED,
    OPEN,
    Finding,
    Value,
    correction,
    exclusion,
    finding_of,
    findings_of,
    value_of,
)
from bilanz.app.review.suspected import Pair, chosen, confirm_pair, pairs_of
from bilanz.app.review.tasks import year_of
from bilanz.app.settings import Settings
from bilanz.app.upload.view import readable
from bilanz.app.web.guard import Caller, Guard
from bilanz.app.web.problems import status_of
from bilanz.app.web.reviewing import (
    STATES,
    Year,
    is_theirs,
    place,
    quantity,
    stands,
    step,
    told,
    within,
)
from bilanz.app.web.state import Server, ServerOf
from bilanz.app.web.views import address, page
from bilanz.errors import BilanzError, Refused, UnitError, UnknownName, UsageError
from bilanz.messages import Language, translate
from bilanz.records import Quality
from bilanz.store.values import CORRECTED, COUNTS, EXCLUDED
from reports import names, numbers
from reports.sections.overlaps import SUSPICIONS

router = APIRouter()

Reader = Annotated[Caller, Depends(Guard(Right.READ, "organisation"))]
Resolver = Annotated[Caller, Depends(Guard(Right.RESOLVE, "organisation"))]
Number = Annotated[int, Query(alias="page", ge=1, le=100_000)]
Identifier = Annotated[str, Query(max_length=64)]
Text = Annotated[str, Form(max_length=1000)]
RecordNumber = Annotated[int, Field(ge=0, le=2**63 - 1)]
_PART: Final = 50
_NOTHING: Final = "There is nothing here, or nothing you may see."


@dataclass(frozen=True, slots=True)
class Chosen:
    """A value, and the warning about it where it was chosen by one."""

    value: Value
    warned: Finding | None = None

    @property
    def identity(self) -> dict[str, Any]:
        """How an address or form names it."""
        return {"record": self.value.record} if self.warned is None else {"finding": self.warned.id}


class DecisionForm(BaseModel):
    """What somebody decides on a value."""

    decision: str = Field(max_length=16)
    finding: str = Field(default="", max_length=64)
    record: RecordNumber | None = None
    reason: str = Field(default="", max_length=1000)
    quantity: str = Field(default="", max_length=64)
    unit: str = Field(default="", max_length=32)


SAID: Final = {
    "confirm": "The value is confirmed.",
    "reopen": "The warning is open again.",
    "correct": "The value is corrected. The correction is a file of its own; withdraw it to undo this.",
    "exclude": "The value counts no more.",
    "include": "The value counts again.",
}
"""Decision → what was done, in words."""


@router.get("/review/{year}/findings")
def findings(
    request: Request,
    server: ServerOf,
    caller: Reader,
    year: Year,
    number: Number = 1,
    state: Annotated[str, Query(max_length=16)] = OPEN,
    said: Annotated[str, Query(max_length=16)] = "",
) -> Response:
    """List the warnings about values, and the pairs of sources that may be counted twice."""
    shown, language = place(server, caller, year), caller.language
    inside = within(caller)
    every = findings_of(caller.settings, year, inside)
    kept = [one for one in every if state != OPEN or one.state == OPEN]
    part = kept[(number - 1) * _PART : number * _PART]
    found = year_of(caller.settings, caller, caller.organisation, year)
    pairs = [] if found.view is None else pairs_of(caller.settings, found.view.entry.run, inside)
    return page(
        request,
        "review_findings.html.jinja",
        **shown,
        rows=[_finding(one, shown, language) for one in part],
        count=len(every),
        waiting=sum(one.state == OPEN for one in every),
        state=state,
        newer=shown["here"]("/findings", page=number - 1, state=state) if number > 1 else None,
        older=shown["here"]("/findings", page=number + 1, state=state)
        if len(kept) > number * _PART
        else None,
        pairs=[_pair(one, language) for one in pairs],
        said=translate(SAID[said], language) if said in SAID else "",
    )


def _finding(one: Finding, shown: dict[str, Any], language: Language) -> dict[str, Any]:
    kind, state = STATES[one.state]
    return {
        **told(one.value, language, shown["units"]),
        "text": one.text(language),
        "kind": kind,
        "state": translate(state, language),
        "is_open": one.state == OPEN,
        "href": shown["here"]("/value", finding=one.id),
    }


def _pair(one: Pair, language: Language) -> dict[str, Any]:
    kind, state = STATES[OPEN if one.confirmation is None else CONFIRMED]
    confirmed = one.confirmation
    activities = (one.first_activity, one.second_activity)
    return {
        "id": one.id,
        "text": translate(SUSPICIONS[one.kind], language),
        "first": one.first_source or translate("own meters", language),
        "second": one.second_source or translate("several", language),
        "activities": " / ".join(dict.fromkeys(names.activity_name(code, language) for code in activities)),
        "months": numbers.decimal(one.months, language),
        "first_quantity": quantity(one.first_quantity, one.unit, language),
        "second_quantity": quantity(one.second_quantity, one.unit, language),
        "kind": kind,
        "state": translate(state, language),
        "by": None if confirmed is None else step(confirmed.by, confirmed.at, language),
        "reason": "" if confirmed is None else confirmed.reason or "",
        "declare": address(
            "/master/overlaps/new",
            part_source=one.first_source,
            part_activity=one.first_activity,
            whole_source=one.second_source,
            whole_activity=one.second_activity,
        )
        if one.first_source and one.second_source
        else None,
    }


@router.post("/review/{year}/pairs")
def pair(
    server: ServerOf,
    caller: Resolver,
    year: Year,
    identifier: Annotated[str, Form(alias="pair", max_length=64)],
    decision: Annotated[str, Form(max_length=16)],
    reason: Text = "",
) -> Response:
    """Confirm that two sources are two things, or take that back."""
    found = year_of(caller.settings, caller, caller.organisation, year)
    pairs = [] if found.view is None else pairs_of(caller.settings, found.view.entry.run, within(caller))
    one = chosen(pairs, identifier)
    if not caller.may(Right.RESOLVE, one.organisation):
        raise UnknownName(_NOTHING)
    match decision:
        case "confirm":
            confirm_pair(caller.settings, one, reason)
        case "reopen" if one.confirmation is not None:
            take_confirmation_back(caller.settings, one.confirmation)
        case _:
            raise UsageError("This decision is not possible here.")
    then = place(server, caller, year)["here"]("/findings")
    return RedirectResponse(f"{then}#pairs", HTTPStatus.SEE_OTHER)


@router.get("/review/{year}/value")
def show(
    request: Request,
    server: ServerOf,
    caller: Reader,
    year: Year,
    finding: Identifier = "",
    record: RecordNumber | None = None,
    said: Annotated[str, Query(max_length=16)] = "",
) -> Response:
    """Show one value, what is suspect about it, and what was decided."""
    return _value(
        request, server, caller, year, _chosen(caller, year, finding, record, Right.READ), said=said
    )


def _value(
    request: Request,
    server: Server,
    caller: Caller,
    year: int,
    found: Chosen,
    *,
    said: str = "",
    problem: BilanzError | None = None,
    form: DecisionForm | None = None,
) -> Response:
    value, warned = found.value, found.warned
    shown, language = place(server, caller, year), caller.language
    state = warned.state if warned else (OPEN if value.state == COUNTS else value.state)
    corrected = correction(caller.settings, value) if value.is_known and value.state == CORRECTED else None
    excluded = exclusion(caller.settings, value) if value.is_known and value.state == EXCLUDED else None
    may = caller.may(Right.RESOLVE, value.organisation)
    counts = value.state == COUNTS
    confirmed = None if warned is None else warned.confirmation
    return page(
        request,
        "review_value.html.jinja",
        status=HTTPStatus.OK if problem is None else status_of(problem),
        **shown,
        value=told(value, language, shown["units"]),
        is_known=value.is_known,
        warning="" if warned is None else warned.text(language),
        remedy="" if warned is None else warned.remedy(language),
        identity=found.identity,
        action=shown["here"]("/value"),
        kind=STATES[state][0],
        state=translate(STATES[state][1] if warned or not counts else "counts", language),
        file_href=f"/files/{value.batch}" if readable(server.settings, caller, [value.batch]) else None,
        confirmed=None if confirmed is None else step(confirmed.by, confirmed.at, language),
        confirmed_reason="" if confirmed is None else confirmed.reason or "",
        corrected=None if corrected is None else step(corrected[1].by, corrected[1].at, language),
        corrected_reason="" if corrected is None else corrected[1].reason,
        correction_href=f"/files/{corrected[0]}"
        if corrected is not None and readable(server.settings, caller, [corrected[0]])
        else None,
        is_open=state == OPEN,
        excluded=None if excluded is None else step(excluded.by, excluded.at, language),
        excluded_reason="" if excluded is None else excluded.reason,
        may_confirm=may and warned is not None and counts and confirmed is None,
        may_reopen=may and confirmed is not None,
        may_exclude=may and counts and value.is_known,
        may_include=may and excluded is not None,
        may_correct=may and counts and value.is_known and _is_correctable(value),
        unit=value.unit or "",
        example=numbers.decimal(1234.5, language, digits=1),
        stands=stands(
            standing_periods(caller.settings, value.organisation, value.days), shown["units"], language
        ),
        said=translate(SAID[said], language) if said in SAID else "",
        problem="" if problem is None else translate(problem.template, language, **problem.parameters),
        entered=(form or DecisionForm(decision="")).model_dump(),
    )


def _is_correctable(value: Value) -> bool:
    return value.activity is not None and value.quality != Quality.SPEND.value


@router.post("/review/{year}/value")
def decide(
    request: Request,
    server: ServerOf,
    caller: Resolver,
    year: Year,
    form: Annotated[DecisionForm, Form()],
) -> Response:
    """Take a decision on a value, or take it back."""
    found = _chosen(caller, year, form.finding, form.record, Right.RESOLVE)
    try:
        _decide(caller.settings, found, form)
    except UnknownName:
        raise
    except (UsageError, UnitError, Refused) as error:
        return _value(request, server, caller, year, found, problem=error, form=form)
    then = place(server, caller, year)["here"]("/value", **found.identity, said=form.decision)
    return RedirectResponse(then, HTTPStatus.SEE_OTHER)


def _decide(settings: Settings, found: Chosen, form: DecisionForm) -> None:
    """Do what the form says.

    Raises:
        UsageError, UnitError, Refused: it cannot be done so.
    """
    value, warned = found.value, found.warned
    match form.decision:
        case "confirm" if warned is not None:
            confirm(settings, warned, form.reason)
        case "reopen" if warned is not None and warned.confirmation is not None:
            take_confirmation_back(settings, warned.confirmation)
        case "correct":
            stated = quantity_of(form.quantity, settings)
            correct(settings, value, Corrected(stated, form.unit.strip(), form.reason.strip()))
        case "exclude":
            exclude_value(settings, value, form.reason)
        case "include":
            include_value(settings, value, form.reason)
        case _:
            raise UsageError("This decision is not possible here.")


def _chosen(caller: Caller, year: int, finding: str, record: int | None, right: Right) -> Chosen:
    """Return a value, by its warning or by its record.

    Raises:
        UnknownName: there is none, or it is not of the organisation of the page or below, or not theirs.
    """
    if finding:
        warned = finding_of(caller.settings, year, finding)
        found = Chosen(warned.value, warned)
    elif record is not None:
        found = Chosen(value_of(caller.settings, record))
    else:
        raise UnknownName(_NOTHING)
    if not is_theirs(caller, found.value, within(caller)) or not caller.may(right, found.value.organisation):
        raise UnknownName(_NOTHING)
    return found
