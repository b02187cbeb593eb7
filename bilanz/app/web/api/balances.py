"""Balances: which there are, their totals, lines, explanations and files; calculated by a job."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal

from fastapi import Depends, Query, Response

from bilanz.access import ALL, Right
from bilanz.app.balances import explain_year
from bilanz.app.explaining.figurelines import found, summed
from bilanz.app.output import downloads
from bilanz.app.output.dashboards import wanted
from bilanz.app.queue import enqueue
from bilanz.app.shown.answer import summary_of
from bilanz.app.shown.balancelist import Branch
from bilanz.app.shown.balancelist import listed as listed_branches
from bilanz.app.web.api.balanceanswers import (
    BalanceTold,
    BalanceWhole,
    BookTotal,
    Explanation,
    FactorTold,
    FormTold,
    LinesTold,
    LineTold,
    QuantityTold,
    SummaryTold,
    SumsListed,
    SumsTold,
    SumTold,
    view_told,
)
from bilanz.app.web.api.base import (
    Code,
    Given,
    Limit,
    Listed,
    Offset,
    Unit,
    Year,
    listed,
    new_router,
    of_list,
)
from bilanz.app.web.api.exact import exact, number, plain
from bilanz.app.web.api.jobs import ACCEPTED, JobTold, started
from bilanz.app.web.api.yearjobs import CALCULATE, ordered
from bilanz.app.web.guard import Caller, Guard
from bilanz.app.web.linefilters import Asks
from bilanz.app.web.looking import look
from bilanz.app.web.state import ServerOf
from bilanz.errors import UnknownName
from bilanz.store.runlines import Sums

router = new_router("balances")

Sees = Annotated[Caller, Depends(Guard(Right.READ_RELEASED, "organisation"))]
Of = Annotated[
    Code,
    Query(description="Whose run it is taken from, `*`: that over all; empty: its own, else the next above."),
]
_BUSY: Final = 20.0
"""Seconds an explanation waits for others to finish writing."""


class Export(Given):
    """The file that is to be made, one of `forms`."""

    form: Code


@router.get("/balances")
def all_balances(
    server: ServerOf,
    caller: Annotated[Caller, Depends(Guard(Right.READ_RELEASED))],
    year: Annotated[int | None, Query(ge=1900, le=2200, description="Only this year.")] = None,
    offset: Offset = 0,
    limit: Limit = 100,
) -> Listed[BalanceTold]:
    """Return organisations and years the caller may see something of, each organisation before its parts."""
    branches = listed_branches(caller.settings, server.registry, caller, year=year)
    return listed([told for branch in branches for told in _of_branch(branch)], offset, limit)


def _of_branch(branch: Branch) -> Iterator[BalanceTold]:
    for one in branch.years:
        shown = None if one.view is None else view_told(one.view)
        yield BalanceTold(
            organisation=branch.organisation,
            name=branch.name,
            year=one.year,
            is_calculated=shown is not None,
            of=shown and shown.of,
            is_part=shown and shown.is_part,
            state=shown and shown.state,
            run=shown and shown.run,
            calculated_at=shown and shown.calculated_at,
            totals=[BookTotal(book=book, co2e_kg=exact(total)) for book, total in one.totals],
        )
    for below in branch.below:
        yield from _of_branch(below)


@router.get("/balances/{year}")
def show(server: ServerOf, caller: Sees, year: Year, organisation: Unit = ALL, of: Of = "") -> BalanceWhole:
    """Return the summary of a balance, per book: what `bilanz calculate --json` answers.

    Raises:
        UnknownName: there is none they may see.
    """
    del organisation
    view = look(server, caller, year, of).view
    return BalanceWhole(view=view_told(view), summary=SummaryTold(**summary_of(caller.settings, view)))


@router.get("/balances/{year}/lines")
def lines(
    server: ServerOf,
    caller: Sees,
    year: Year,
    filters: Asks,
    organisation: Unit = ALL,
    of: Of = "",
    offset: Offset = 0,
    limit: Limit = 100,
) -> LinesTold:
    """Return balance lines, the largest first, with exact sums."""
    del organisation
    view = look(server, caller, year, of).view
    held = found(caller.settings, view, filters.asked(view), first=offset, count=limit)
    items = [_line(row, held.factors) for row in held.lines.iter_rows(named=True)]
    part = of_list(items, held.sums.lines, offset)
    return LinesTold(sums=_sums(held.sums), items=part.items, total=part.total, next=part.next)


def _line(row: Mapping[str, Any], factors: Mapping[str, Mapping[str, Any]]) -> LineTold:
    factor = factors.get(row["factor_id"] or "")
    told = plain(row)
    where = None if factor is None else FactorTold(**{name: factor[name] for name in FactorTold.model_fields})
    return LineTold(**told, factor=where)


def _sums(total: Sums) -> SumsTold:
    quantities = [
        QuantityTold(unit=unit, basis=basis, quantity=number(held)) for unit, basis, held in total.quantities
    ]
    return SumsTold(lines=total.lines, co2e_kg=exact(total.co2e_kg), quantities=quantities)


@router.get("/balances/{year}/sums")
def sums(
    server: ServerOf,
    caller: Sees,
    year: Year,
    filters: Asks,
    organisation: Unit = ALL,
    of: Of = "",
    by: Annotated[
        Literal["organisation", "source", "activity", "category", "month", "gas", "factor_id"],
        Query(description="What the lines are summed by."),
    ] = "source",
) -> SumsListed:
    """Return the sums of balance lines by what they differ in, the largest first."""
    del organisation
    view = look(server, caller, year, of).view
    total, frame, _ = summed(caller.settings, view, filters.asked(view), by)
    items = [
        SumTold(
            key=None if row[by] is None else str(plain(row)[by]),
            scope=row.get("scope"),
            lines=row["lines"],
            co2e_kg=exact(row["co2e_kg"]),
        )
        for row in frame.iter_rows(named=True)
    ]
    return SumsListed(sums=_sums(total), items=items)


@router.get("/balances/{year}/explain")
def explain(
    server: ServerOf,
    caller: Annotated[Caller, Depends(Guard(Right.READ, "organisation"))],
    year: Year,
    filters: Asks,
    organisation: Unit = ALL,
    of: Of = "",
) -> Explanation:
    """Follow balance lines of one organisation back to factor, file and row.

    `book`, `source`, `activity` and `month` choose them. Of files that hold data of organisations the
    caller may not read, name, row and share are told, not what the row says.

    Raises:
        UnknownName: no organisation is named, or there is no such balance.
    """
    if organisation == ALL:
        raise UnknownName("There is nothing here, or nothing you may see.")
    view = look(server, caller, year, of).view
    settings = caller.settings.model_copy(update={"wait": min(caller.settings.wait, _BUSY)})
    told = explain_year(
        settings,
        year,
        book=filters.asked(view).book,
        run=view.entry.run,
        readers=caller.where(Right.READ),
        organisation=organisation,
        source=filters.get("source"),
        activity=filters.get("activity"),
        month=filters.get("month"),
    )
    for line in told["lines"]:
        line["month"] = line["month"][:7]
    return Explanation(**told)


@router.post("/balances/{year}/calculate", status_code=HTTPStatus.ACCEPTED, responses=ACCEPTED)
def calculate(
    server: ServerOf,
    response: Response,
    caller: Annotated[Caller, Depends(Guard(Right.CALCULATE, "organisation"))],
    year: Year,
    organisation: Unit = ALL,
) -> JobTold:
    """Calculate a year; one that is on its way already is followed."""
    job = ordered(server, caller, CALCULATE, year, organisation, {"year": year})
    return started(server, response, job, caller)


@router.get("/balances/{year}/exports")
def forms(
    server: ServerOf, caller: Sees, year: Year, organisation: Unit = ALL, of: Of = ""
) -> Listed[FormTold]:
    """Return the files a balance can be taken along in."""
    del organisation
    look(server, caller, year, of)
    told = [FormTold(form=one.name, title=one.title) for one in downloads.forms(caller.language)]
    return of_list(told, len(told), 0)


@router.post("/balances/{year}/exports", status_code=HTTPStatus.ACCEPTED, responses=ACCEPTED)
def export(
    server: ServerOf,
    response: Response,
    caller: Sees,
    year: Year,
    told: Export,
    organisation: Unit = ALL,
    of: Of = "",
) -> JobTold:
    """Make a file of a balance; the job of it leads to `/jobs/{job}/file`.

    Raises:
        UnknownName: there is no such form, or no such balance they may see.
    """
    looked = look(server, caller, year, of)
    sees = wanted(looked.found, caller, looked.view, None).sees_municipality
    job = enqueue(
        server.registry,
        caller.settings,
        downloads.KIND,
        organisation=organisation,
        subject=str(year),
        parameters=downloads.parameters(looked.view, downloads.checked(told.form), sees_municipality=sees),
    )
    return started(server, response, job, caller)
