"""The common fund: contributions, projects with their money and effects, and the workbook."""

from decimal import Decimal
from typing import Annotated

from fastapi import Depends, Path
from fastapi.responses import Response
from pydantic import BaseModel

from bilanz.access import Right
from bilanz.app.fund.board import board_in, workbook_of, years_of
from bilanz.app.web.api.base import media, new_router
from bilanz.app.web.api.exact import exact
from bilanz.app.web.guard import Caller, Guard
from bilanz.app.web.pages.fund import workbook_answer
from bilanz.app.web.state import ServerOf
from bilanz.fund.accounts import Account
from bilanz.fund.board import Board
from bilanz.fund.contributions import Contribution
from bilanz.fund.portfolio import Holding

router = new_router("fund")

Sees = Annotated[Caller, Depends(Guard(Right.READ_RELEASED, "fund"))]
Year = Annotated[int, Path(ge=1900, le=2200, description="Calendar year.")]


class ContributionTold(BaseModel):
    """What a member owes for a year and paid, in the fund's currency. `missing`: why a figure is null."""

    organisation: str
    per_head: str | None
    due: str | None
    due_own: str | None
    own_currency: str
    paid: str | None
    arrears: str | None
    burden: str | None
    missing: list[str]


class ProjectTold(BaseModel):
    """A project at the end of a year. Money in the fund's currency, tonnes in t CO2e; null: not known.

    `alpha`: share of the fund in the cost; `sum_of_shares`: with all others who pay, null: not checked.
    `half_width_t`: of the 95 % interval; `fund_measured_t`: by the fund's share of the cost.
    """

    project: str
    organisation: str
    title: str
    committed: str
    disbursed: str
    alpha: str | None
    sum_of_shares: str | None
    unit: str | None
    promised: str | None
    saved: str | None
    saved_half_width: str | None
    expected_t: str | None
    measured_t: str | None
    half_width_t: str | None
    fund_measured_t: str | None


class FundTold(BaseModel):
    """A year of the fund."""

    year: int
    league: str
    currency: str
    key: str | None
    due: str | None
    contributions: list[ContributionTold]
    projects: list[ProjectTold]


class FundYears(BaseModel):
    """Years the fund has money or members in."""

    years: list[int]


@router.get("/fund")
def years(server: ServerOf, caller: Sees) -> FundYears:
    """Return the years there is something to see of."""
    del caller
    return FundYears(years=years_of(server.registry))


@router.get("/fund/{year}")
def show(server: ServerOf, caller: Sees, year: Year) -> FundTold:
    """Return contributions and projects of a year."""
    found = board_in(server.registry, caller.settings, year)
    given = found.contributions
    accounts = {one.organisation: one for one in found.accounts.accounts if one.year == year}
    rows = () if given is None else given.rows
    return FundTold(
        year=year,
        league=found.terms.league,
        currency=found.terms.currency,
        key=None if given is None else given.key.id,
        due=None if given is None else exact(given.due),
        contributions=[_contribution(row, accounts.get(row.organisation), caller) for row in rows],
        projects=[_project(holding, found) for holding in found.holdings],
    )


def _contribution(row: Contribution, account: Account | None, caller: Caller) -> ContributionTold:
    gaps = dict.fromkeys(gap.text(caller.language) for gap in (*row.gaps, *row.unshown))
    return ContributionTold(
        organisation=row.organisation,
        per_head=exact(row.per_head),
        due=exact(row.due),
        due_own=exact(row.due_own),
        own_currency=row.own_currency,
        paid=None if account is None else exact(account.paid),
        arrears=None if account is None else exact(account.arrears),
        burden=exact(row.burden),
        missing=list(gaps),
    )


def _project(holding: Holding, found: Board) -> ProjectTold:
    project, effect = holding.project, found.effect(holding.project.id)
    saved = effect.saved
    return ProjectTold(
        project=project.id,
        organisation=project.organisation,
        title=project.title,
        committed=_money(holding.committed),
        disbursed=_money(holding.disbursed),
        alpha=exact(holding.alpha),
        sum_of_shares=exact(found.shares[project.id].sum_of_shares),
        unit=effect.unit,
        promised=exact(effect.promised),
        saved=None if saved is None else exact(saved.value),
        saved_half_width=None if saved is None else exact(saved.half_width),
        expected_t=exact(holding.expected_t),
        measured_t=exact(holding.measured_t),
        half_width_t=exact(holding.half_width_t),
        fund_measured_t=exact(holding.fund_measured_t),
    )


def _money(amount: Decimal) -> str:
    return f"{amount:f}"


@router.get(
    "/fund/{year}/workbook",
    response_class=Response,
    responses=media(
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "ICMA table, allocation and impact.",
    ),
)
def workbook(server: ServerOf, caller: Sees, year: Year) -> Response:
    """Return ICMA table, allocation and impact of a year as a workbook."""
    found = board_in(server.registry, caller.settings, year)
    with workbook_of(found, caller.language) as path:
        body = path.read_bytes()
    return workbook_answer(body, year)
