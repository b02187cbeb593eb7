"""Review of a year: what is missing, what has no figure, what is suspect; and the decisions on values."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from http import HTTPStatus
from typing import Annotated, Final, Literal

from fastapi import Depends, Path, Query, Response
from pydantic import Field

from bilanz.access import ALL, Right
from bilanz.app.review.calendar import calendar_of
from bilanz.app.review.corrections import Corrected
from bilanz.app.review.decisions import (
    confirm,
    correct,
    exclude_value,
    include_value,
    take_confirmation_back,
)
from bilanz.app.review.findings import (
    Finding,
    Subject,
    Value,
    finding_of,
    findings_of,
    records_of,
    value_of,
)
from bilanz.app.review.suspected import Pair, chosen, confirm_pair, pairs_of
from bilanz.app.review.tasks import year_of, years_of
from bilanz.app.review.unresolved import groups_of
from bilanz.app.upload.view import readable
from bilanz.app.web.api.base import (
    Code,
    Exact,
    Given,
    Limit,
    Listed,
    Needed,
    Offset,
    Only,
    Said,
    Unit,
    Year,
    check,
    listed,
    new_router,
    of_list,
)
from bilanz.app.web.api.exact import plain
from bilanz.app.web.api.jobs import ACCEPTED, JobTold, started
from bilanz.app.web.api.reviewanswers import (
    CalendarMonth,
    ExceptionTold,
    FindingTold,
    PairTold,
    ValueTold,
    YearTold,
    exception_told,
    finding_told,
    pair_told,
    value_told,
)
from bilanz.app.web.api.yearjobs import FILL, ordered
from bilanz.app.web.guard import Caller, Guard
from bilanz.app.web.reviewing import is_theirs, within
from bilanz.app.web.state import Server, ServerOf
from bilanz.errors import Refused, UnknownName

router = new_router("review")

Reader = Annotated[Caller, Depends(Guard(Right.READ, "organisation"))]
Resolver = Annotated[Caller, Depends(Guard(Right.RESOLVE, "organisation"))]
Identifier = Annotated[str, Path(max_length=64, description="Identifier of the finding.")]
Record = Annotated[int, Path(ge=0, le=2**63 - 1, description="Number of the record.")]


_RECORDS: Final = 10_000


class Why(Given):
    """Why, where there is something to say."""

    reason: Said = ""


class Reason(Given):
    """Why; it has to be said."""

    reason: Needed


class Correction(Given):
    """What a value should be. `quantity`: exact, in `unit`, which measures what the value is stated in."""

    quantity: Exact
    unit: Annotated[Code, Field(min_length=1)]
    reason: Needed


class Filling(Given):
    """How months of which nothing is known are estimated; empty `source`: of every source with a gap."""

    method: Literal["own_history", "degree_days", "profile", "floor_area"]
    reason: Needed
    source: Code = ""


@router.get("/review")
def years(
    caller: Annotated[Caller, Depends(Guard(Right.READ))],
    organisation: Only = "",
    offset: Offset = 0,
    limit: Limit = 100,
) -> Listed[YearTold]:
    """Return the years of the organisations the caller may read, the newest first of each."""
    if organisation:
        check(caller, Right.READ, organisation)
    found = years_of(caller.settings, caller, organisation or None)
    told = [
        YearTold(
            organisation=one.organisation,
            year=one.year,
            state=one.state.value,
            exceptions=one.exceptions,
            open_findings=one.open_findings,
        )
        for one in found
    ]
    return listed(told, offset, limit)


@router.get("/review/{year}/calendar")
def calendar(
    caller: Reader, year: Year, organisation: Unit = ALL, offset: Offset = 0, limit: Limit = 100
) -> Listed[CalendarMonth]:
    """Return which months of which source are known, how, and which are missing."""
    frame = calendar_of(caller.settings, year, organisation or None).frame
    part = frame.slice(offset, limit)
    items = [CalendarMonth(**plain(row)) for row in part.iter_rows(named=True)]
    return of_list(items, frame.height, offset)


@router.get("/review/{year}/exceptions")
def exceptions(
    server: ServerOf,
    caller: Reader,
    year: Year,
    organisation: Unit = ALL,
    offset: Offset = 0,
    limit: Limit = 100,
) -> Listed[ExceptionTold]:
    """Return what has no figure in the balance that is shown, by reason, and what can be done."""
    found = year_of(caller.settings, caller, organisation, year)
    if found.view is None:
        return listed([], offset, limit)
    groups = groups_of(caller.settings, found.view.entry.books, found.exceptions)
    every = [(group, one) for group in groups for one in group.subjects]
    part = every[offset : offset + limit]
    seen = _seen(server, caller, (value for _, one in part for value in one.values))
    items = [exception_told(group, one, seen, caller.language) for group, one in part]
    return of_list(items, len(every), offset)


def _seen(server: Server, caller: Caller, values: Iterable[Value]) -> set[str]:
    return readable(server.settings, caller, sorted({value.batch for value in values}))


@router.get("/review/{year}/findings")
def findings(
    server: ServerOf,
    caller: Reader,
    year: Year,
    organisation: Unit = ALL,
    state: Annotated[
        Literal["", "open", "confirmed", "corrected", "excluded", "superseded"],
        Query(description="Only those that are so; empty: all."),
    ] = "",
    offset: Offset = 0,
    limit: Limit = 100,
) -> Listed[FindingTold]:
    """Return the warnings about values of a year, outliers first, and what became of them."""
    del organisation
    every = findings_of(caller.settings, year, within(caller))
    kept = [one for one in every if state in {"", one.state}]
    part = kept[offset : offset + limit]
    seen = _seen(server, caller, (one.value for one in part))
    items = [finding_told(one, seen, caller.language) for one in part]
    return of_list(items, len(kept), offset)


def _finding(caller: Caller, year: int, identifier: str) -> Finding:
    """Return a finding of the organisation that is named, or below.

    Raises:
        UnknownName: there is none.
    """
    found = finding_of(caller.settings, year, identifier)
    _check(caller, found.value)
    return found


def _check(caller: Caller, value: Value) -> None:
    inside = within(caller)
    if inside is not None and value.organisation not in inside:
        raise UnknownName("There is nothing here, or nothing you may see.")
    check(caller, Right.RESOLVE, value.organisation)


def _again(server: Server, caller: Caller, year: int, identifier: str) -> FindingTold:
    found = finding_of(caller.settings, year, identifier)
    return finding_told(found, _seen(server, caller, [found.value]), caller.language)


@router.post("/review/{year}/findings/{finding}/confirm")
def confirmed(
    server: ServerOf, caller: Resolver, year: Year, finding: Identifier, told: Why, organisation: Unit = ALL
) -> FindingTold:
    """Let a warning be open no more: somebody looked, and the value stands."""
    del organisation
    confirm(caller.settings, _finding(caller, year, finding), told.reason)
    return _again(server, caller, year, finding)


@router.post("/review/{year}/findings/{finding}/reopen")
def reopened(
    server: ServerOf, caller: Resolver, year: Year, finding: Identifier, organisation: Unit = ALL
) -> FindingTold:
    """Take a confirmation back.

    Raises:
        Refused: the warning is not confirmed.
    """
    del organisation
    found = _finding(caller, year, finding)
    if found.confirmation is None:
        raise Refused("It is not confirmed.")
    take_confirmation_back(caller.settings, found.confirmation)
    return _again(server, caller, year, finding)


@router.post("/review/{year}/findings/{finding}/correct")
def corrected(
    server: ServerOf,
    caller: Resolver,
    year: Year,
    finding: Identifier,
    told: Correction,
    organisation: Unit = ALL,
) -> FindingTold:
    """Correct the value of a warning. The correction is a file of its own: withdraw it to undo this."""
    del organisation
    _correct(caller, _finding(caller, year, finding).value, told)
    return _again(server, caller, year, finding)


def _correct(caller: Caller, value: Value, told: Correction) -> None:
    stated = Corrected(Decimal(told.quantity), told.unit.strip(), told.reason.strip())
    correct(caller.settings, value, stated)


@router.post("/review/{year}/findings/{finding}/exclude")
def excluded(
    server: ServerOf,
    caller: Resolver,
    year: Year,
    finding: Identifier,
    told: Reason,
    organisation: Unit = ALL,
) -> FindingTold:
    """Let the value of a warning count no more."""
    del organisation
    exclude_value(caller.settings, _finding(caller, year, finding).value, told.reason)
    return _again(server, caller, year, finding)


@router.post("/review/{year}/findings/{finding}/include")
def included(
    server: ServerOf, caller: Resolver, year: Year, finding: Identifier, told: Why, organisation: Unit = ALL
) -> FindingTold:
    """Let a value that was excluded count again."""
    del organisation
    include_value(caller.settings, _finding(caller, year, finding).value, told.reason)
    return _again(server, caller, year, finding)


@router.get("/review/{year}/pairs")
def pairs(
    caller: Reader, year: Year, organisation: Unit = ALL, offset: Offset = 0, limit: Limit = 100
) -> Listed[PairTold]:
    """Return pairs of sources that may be the same consumption."""
    found = [pair_told(one, caller.language) for one in _pairs(caller, year, organisation)]
    return listed(found, offset, limit)


def _pairs(caller: Caller, year: int, organisation: str) -> list[Pair]:
    found = year_of(caller.settings, caller, organisation, year)
    return [] if found.view is None else pairs_of(caller.settings, found.view.entry.run, within(caller))


def _pair(caller: Caller, year: int, organisation: str, pair: str) -> Pair:
    one = chosen(_pairs(caller, year, organisation), pair)
    check(caller, Right.RESOLVE, one.organisation)
    return one


@router.post("/review/{year}/pairs/{pair}/confirm")
def pair_confirmed(
    caller: Resolver, year: Year, pair: Identifier, told: Why, organisation: Unit = ALL
) -> PairTold:
    """Confirm that two sources are two things."""
    confirm_pair(caller.settings, _pair(caller, year, organisation, pair), told.reason)
    return pair_told(_pair(caller, year, organisation, pair), caller.language)


@router.post("/review/{year}/pairs/{pair}/reopen")
def pair_reopened(caller: Resolver, year: Year, pair: Identifier, organisation: Unit = ALL) -> PairTold:
    """Take back that two sources are two things.

    Raises:
        Refused: nobody confirmed it.
    """
    one = _pair(caller, year, organisation, pair)
    if one.confirmation is None:
        raise Refused("It is not confirmed.")
    take_confirmation_back(caller.settings, one.confirmation)
    return pair_told(_pair(caller, year, organisation, pair), caller.language)


@router.get("/review/{year}/records")
def records(
    server: ServerOf,
    caller: Reader,
    year: Year,
    source: Annotated[Code, Query(min_length=1, description="Meter or other source.")],
    organisation: Unit = ALL,
    offset: Offset = 0,
    limit: Limit = 100,
) -> Listed[ValueTold]:
    """Return the records of a source in a year, those that do not count too; 10 000 at most."""
    del organisation
    inside = within(caller)
    asked = Subject(source, date(year, 1, 1), date(year, 12, 31))
    (every,) = records_of(caller.settings, [asked], count=_RECORDS)
    mine = [value for value in every if is_theirs(caller, value, inside)]
    part = mine[offset : offset + limit]
    seen = _seen(server, caller, part)
    return of_list([value_told(value, seen) for value in part], len(mine), offset)


def _record(caller: Caller, record: int) -> Value:
    value = value_of(caller.settings, record)
    _check(caller, value)
    return value


def _value_again(server: Server, caller: Caller, record: int) -> ValueTold:
    value = value_of(caller.settings, record)
    return value_told(value, _seen(server, caller, [value]))


@router.post("/review/records/{record}/correct")
def record_corrected(
    server: ServerOf, caller: Resolver, record: Record, told: Correction, organisation: Unit = ALL
) -> ValueTold:
    """Correct a record. The correction is a file of its own; withdrawn, the record counts again."""
    del organisation
    _correct(caller, _record(caller, record), told)
    return _value_again(server, caller, record)


@router.post("/review/records/{record}/exclude")
def record_excluded(
    server: ServerOf, caller: Resolver, record: Record, told: Reason, organisation: Unit = ALL
) -> ValueTold:
    """Let a record count no more."""
    del organisation
    exclude_value(caller.settings, _record(caller, record), told.reason)
    return _value_again(server, caller, record)


@router.post("/review/records/{record}/include")
def record_included(
    server: ServerOf, caller: Resolver, record: Record, told: Why, organisation: Unit = ALL
) -> ValueTold:
    """Let a record that was excluded count again."""
    del organisation
    include_value(caller.settings, _record(caller, record), told.reason)
    return _value_again(server, caller, record)


@router.post("/review/{year}/fill", status_code=HTTPStatus.ACCEPTED, responses=ACCEPTED)
def fill(
    server: ServerOf,
    response: Response,
    caller: Resolver,
    year: Year,
    told: Filling,
    organisation: Unit = ALL,
) -> JobTold:
    """Estimate the months of a year of which nothing is known, as one file; withdrawn, they are gaps again.

    Raises:
        UnknownName: the source has no missing month, or is not theirs.
    """
    gaps = calendar_of(caller.settings, year, organisation or None).gaps
    if told.source and told.source not in gaps:
        raise UnknownName("This source has no missing month.")
    parameters = {
        "year": year,
        "method": told.method,
        "reason": told.reason.strip(),
        "source": told.source or None,
    }
    job = ordered(server, caller, FILL, year, organisation, parameters)
    return started(server, response, job, caller)
