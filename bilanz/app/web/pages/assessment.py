"""Assess the contributions of a year: what would be fixed is looked at, then confirmed."""

from decimal import Decimal
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from bilanz.access import Right
from bilanz.app.fund.assessment import Assessed, assess_in
from bilanz.app.fund.board import board_in, title_of
from bilanz.app.web.guard import Caller, Guard
from bilanz.app.web.problems import status_of
from bilanz.app.web.state import Server, ServerOf
from bilanz.app.web.views import address, page
from bilanz.errors import BilanzError, Refused, UsageError
from bilanz.fund.board import Board
from bilanz.messages import Language, translate
from reports import numbers
from reports.board.assessment import finding
from reports.board.words import cents

router = APIRouter()

Assesses = Annotated[Caller, Depends(Guard(Right.MASTER, "fund"))]
Asked = Annotated[int, Query(ge=1900, le=2200)]
_HEADS: Final = ("League member", "Amount", "Due in own currency", "Until now", "Difference")


@router.get("/fund/assess")
def show(request: Request, server: ServerOf, caller: Assesses, year: Asked) -> Response:
    """Show what an assessment of a year would fix, or why there can be none."""
    return _show(request, server, caller, year)


@router.post("/fund/assess")
def assess(
    request: Request,
    server: ServerOf,
    caller: Assesses,
    year: Annotated[int, Form(ge=1900, le=2200)],
    seen: Annotated[str, Form(max_length=64)],
    reason: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """Fix what was looked at: `seen` is the hash of what it rests on."""
    try:
        assess_in(server.registry, caller.settings, year, reason=reason, seen=seen)
    except (UsageError, Refused) as error:
        return _show(request, server, caller, year, problem=error, reason=reason)
    return RedirectResponse(address("/fund", year=year), HTTPStatus.SEE_OTHER)


def _show(
    request: Request,
    server: Server,
    caller: Caller,
    year: int,
    *,
    problem: BilanzError | None = None,
    reason: str = "",
) -> Response:
    board = board_in(server.registry, caller.settings, year)
    found: Assessed | None = None
    refused: BilanzError | None = None
    try:
        found = assess_in(server.registry, caller.settings, year, is_trial=True)
    except (UsageError, Refused) as error:
        refused = error
    language = caller.language
    return page(
        request,
        "fund_assess.html.jinja",
        status=HTTPStatus.OK if problem is None else status_of(problem),
        title=title_of(board),
        year=year,
        state=finding(board, language),
        problem=_said(problem, language),
        refused=_said(refused, language),
        following=None if found is None else found.assessment.head.number,
        seen="" if found is None else found.assessment.head.sha256,
        total="" if found is None else cents(found.assessment.total, board.terms.currency, language),
        heads=[translate(head, language) for head in _HEADS],
        rows=[] if found is None else _rows(found, board, language),
        reason=reason,
    )


def _said(error: BilanzError | None, language: Language) -> str:
    return "" if error is None else translate(error.template, language, **error.parameters)


def _rows(found: Assessed, board: Board, language: Language) -> list[list[str]]:
    """Return what would be asked of each member, and what was asked until now."""
    unit = board.terms.currency

    def money(value: Decimal | None, currency: str) -> str:
        return numbers.missing(language) if value is None else cents(value, currency, language)

    return [
        [
            board.name(one.organisation),
            money(one.reckoned, unit),
            money(one.own_reckoned, one.own_currency),
            money(one.assessed, unit),
            "–" if found.former is None else money(one.difference, unit),
        ]
        for one in found.differences
    ]
