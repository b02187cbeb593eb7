"""Periods: a year of an organisation is released by one person, closed by another, restated, reopened."""

from decimal import Decimal
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, Query, Response
from pydantic import BaseModel

from bilanz.access import ALL, Right
from bilanz.app.period import closing
from bilanz.app.period.view import period_of
from bilanz.app.web.api.base import (
    Code,
    Exact,
    Given,
    Limit,
    Listed,
    Needed,
    Offset,
    Said,
    Unit,
    Year,
    listed,
    new_router,
)
from bilanz.app.web.api.exact import exact, number, rows
from bilanz.app.web.api.jobs import ACCEPTED, JobTold, started
from bilanz.app.web.api.yearjobs import RELEASE, RESTATE, ordered
from bilanz.app.web.guard import Caller, Guard
from bilanz.app.web.state import ServerOf
from bilanz.errors import UsageError
from bilanz.period import Period

router = new_router("periods")

Reader = Annotated[Caller, Depends(Guard(Right.READ, "organisation"))]
Releaser = Annotated[Caller, Depends(Guard(Right.RELEASE, "organisation"))]
_LINES = 200
"""Lines of a restatement, the largest effects."""


class PeriodTold(BaseModel):
    """A year of an organisation, empty: of all. `state`: open, released or closed; `run`: stands for it.

    `threshold`: share of a total from which a change makes the base year be recalculated.
    """

    organisation: str
    year: int
    state: str
    run: str | None
    result_hash: str | None
    manifest_hash: str | None
    released_by: str | None
    released_at: str | None
    closed_by: str | None
    closed_at: str | None
    exceptions: int
    exceptions_reason: str | None
    threshold: str
    is_base_year: bool


class TotalTold(BaseModel):
    """Total of a book in kg CO2e, with its 95 % interval; null: not known."""

    book: str
    co2e_kg: str
    low_kg: str | None
    high_kg: str | None


class RestatementTold(BaseModel):
    """What a closed year would be today. `totals`: per book and cause; `lines`: the largest of `count`."""

    number: int | None
    by: str
    at: str
    reason: str
    totals: list[dict[str, Any]]
    lines: list[dict[str, Any]]
    count: int


class PeriodWhole(BaseModel):
    """A period with what is looked at before it is released. `run`: stands for it, or is the latest."""

    period: PeriodTold
    run: str | None
    calculated_at: str | None
    exceptions: int
    totals: list[TotalTold]
    restatements: list[RestatementTold]


class Release(Given):
    """What is released: the run that was looked at. Exceptions are accepted with a reason."""

    run: Code
    accepts_exceptions: bool = False
    reason: Said = ""
    threshold: Exact | None = None
    is_base_year: bool = False


class Why(Given):
    """Why, where there is something to say."""

    reason: Said = ""


class Reason(Given):
    """Why; it has to be said."""

    reason: Needed


class Restate(Given):
    """Why a closed year is restated; `dry_run`: only look, nothing is kept, and no reason is needed."""

    reason: Said = ""
    dry_run: bool = False


def _told(period: Period) -> PeriodTold:
    return PeriodTold(**closing.told(period) | {"organisation": period.organisation})


@router.get("/periods")
def all_periods(
    caller: Annotated[Caller, Depends(Guard(Right.READ_RELEASED))],
    year: Annotated[int | None, Query(ge=1900, le=2200, description="Only this year.")] = None,
    offset: Offset = 0,
    limit: Limit = 100,
) -> Listed[PeriodTold]:
    """Return the periods that were ever released, of those the caller may see."""
    found = [
        _told(one)
        for one in closing.listed(caller.settings)
        if year in {None, one.year} and caller.may(Right.READ_RELEASED, one.organisation)
    ]
    return listed(found, offset, limit)


@router.get("/periods/{year}")
def show(caller: Reader, year: Year, organisation: Unit = ALL) -> PeriodWhole:
    """Return how a year stands, with the totals of its run and its restatements."""
    found = period_of(caller.settings, year, organisation, shown=_LINES)
    totals = [
        TotalTold(book=one.book, co2e_kg=number(one.co2e_kg), low_kg=exact(one.low), high_kg=exact(one.high))
        for one in found.totals
    ]
    restatements = [
        RestatementTold(
            number=one.number,
            by=one.by,
            at=one.at,
            reason=one.reason,
            totals=rows(one.totals),
            lines=rows(one.lines),
            count=one.count,
        )
        for one in found.restatements
    ]
    return PeriodWhole(
        period=_told(found.period),
        run=found.run,
        calculated_at=found.calculated_at,
        exceptions=found.exceptions,
        totals=totals,
        restatements=restatements,
    )


@router.post("/periods/{year}/release", status_code=HTTPStatus.ACCEPTED, responses=ACCEPTED)
def release(
    server: ServerOf,
    response: Response,
    caller: Releaser,
    year: Year,
    told: Release,
    organisation: Unit = ALL,
) -> JobTold:
    """Put a run forward as the balance of a year; it is calculated again first and must come out the same."""
    threshold = told.threshold
    parameters = {
        "year": year,
        "run": told.run,
        "accepts_exceptions": told.accepts_exceptions,
        "reason": told.reason.strip(),
        "is_base_year": told.is_base_year,
        "threshold": None if threshold is None else number(Decimal(threshold)),
    }
    if told.accepts_exceptions and not told.reason.strip():
        raise UsageError("Accepting exceptions needs a reason.")
    job = ordered(server, caller, RELEASE, year, organisation, parameters)
    return started(server, response, job, caller)


@router.post("/periods/{year}/close")
def close(caller: Releaser, year: Year, told: Why, organisation: Unit = ALL) -> PeriodTold:
    """Close a released year; who closes is another person than who released."""
    return _told(closing.close(caller.settings, year, organisation or None, told.reason.strip() or None))


@router.post("/periods/{year}/reopen")
def reopen(caller: Releaser, year: Year, told: Reason, organisation: Unit = ALL) -> PeriodTold:
    """Open a released or closed year again; what stood until now remains in the trail."""
    return _told(closing.reopen(caller.settings, year, organisation or None, told.reason))


@router.post("/periods/{year}/restate", status_code=HTTPStatus.ACCEPTED, responses=ACCEPTED)
def restate(
    server: ServerOf,
    response: Response,
    caller: Releaser,
    year: Year,
    told: Restate,
    organisation: Unit = ALL,
) -> JobTold:
    """Calculate a closed year as it would be today and keep the difference; the job's result tells it."""
    if not told.dry_run and not told.reason.strip():
        raise UsageError("A restatement needs a reason.")
    parameters = {"year": year, "reason": told.reason.strip(), "dry_run": told.dry_run}
    job = ordered(server, caller, RESTATE, year, organisation, parameters)
    return started(server, response, job, caller)
