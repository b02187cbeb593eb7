"""The common fund: contributions, projects with their money and effects, and the workbook."""

from decimal import Decimal
from typing import Annotated

from fastapi import Depends, Path
from fastapi.responses import Response
from pydantic import BaseModel

from bilanz.access import Right
from bilanz.app.fund.assessment import Assessed, as_json, assess_in, beside, history_in, holding
from bilanz.app.fund.board import board_in, workbook_of, years_of
from bilanz.app.web.api.base import MOST, Code, Given, Listed, Said, listed, media, new_router
from bilanz.app.web.api.exact import exact
from bilanz.app.web.guard import Caller, Guard
from bilanz.app.web.pages.fund import workbook_answer
from bilanz.app.web.state import ServerOf
from bilanz.fund.accounts import Account
from bilanz.fund.board import Board
from bilanz.fund.contributions import Contribution
from bilanz.fund.portfolio import Holding
from reports.board.unmeasured import gone_said
from reports.board.upcoming import of_project

router = new_router("fund")

Sees = Annotated[Caller, Depends(Guard(Right.READ_RELEASED, "fund"))]
Assesses = Annotated[Caller, Depends(Guard(Right.MASTER, "fund"))]
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


class AssessmentTold(BaseModel):
    """The assessment that holds for a year. `assessed_at`: UTC; `inputs_sha256`: of what it rests on."""

    number: int
    key: str
    total: str
    assessed_at: str
    reason: str | None
    inputs_sha256: str


class DifferenceTold(BaseModel):
    """A member of whom today's rows would ask something else; it is not applied.

    `assessed` null: it is not in the assessment; `reckoned` null: it is no member, or figures are missing;
    `difference` null: not known. `own_…` in `own_currency`.
    """

    organisation: str
    own_currency: str
    assessed: str | None
    reckoned: str | None
    difference: str | None
    own_assessed: str | None
    own_reckoned: str | None


class AmountTold(BaseModel):
    """What an assessment asks of a member, in the fund's and its own currency; null: nothing any more.

    `former`: by the assessment before; null: it was not in it. `difference`: to it; null: there was none.
    """

    organisation: str
    days: int | None
    due: str | None
    due_own: str | None
    own_currency: str
    former: str | None
    difference: str | None


class AssessmentWhole(AssessmentTold):
    """An assessment of a year with its amounts. `is_kept`: false: it was only looked at."""

    year: int
    currency: str
    is_kept: bool
    amounts: list[AmountTold]


class Assess(Given):
    """Why contributions are assessed; needed for a further assessment of a year.

    `dry_run`: only look, nothing is kept. `seen`: `inputs_sha256` of such a look; refused where it changed.
    """

    reason: Said = ""
    dry_run: bool = False
    seen: Code | None = None


class ProjectTold(BaseModel):
    """A project at the end of a year. Money in the fund's currency, tonnes in t CO2e; null: not known.

    `alpha`: share of the fund in the cost; `sum_of_shares`: with all others who pay, null: not checked.
    `half_width_t`: of the 95 % interval; `fund_measured_t`: by the fund's share of the cost; `upcoming_*`:
    expected a year from a later year on, in no sum; `unmeasured`: why nothing is measured; `outdated`:
    figures left out because the meters say otherwise.
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
    upcoming_from: int | None
    upcoming_saving: str | None
    upcoming_t: str | None
    unmeasured: str | None
    outdated: list[str]


class FundTold(BaseModel):
    """A year of the fund. `assessment` null: what is owed is provisional."""

    year: int
    league: str
    currency: str
    key: str | None
    due: str | None
    assessment: AssessmentTold | None
    differences: list[DifferenceTold]
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
    given, holds = found.contributions, holding(found)
    accounts = {one.organisation: one for one in found.accounts.accounts if one.year == year}
    rows = () if given is None else given.rows
    return FundTold(
        year=year,
        league=found.terms.league,
        currency=found.terms.currency,
        key=None if given is None else given.key.id,
        due=None if given is None else exact(given.due),
        assessment=None if holds is None else AssessmentTold(**holds),
        differences=[DifferenceTold(**row) for row in beside(found)],
        contributions=[_contribution(row, accounts.get(row.organisation), caller) for row in rows],
        projects=[_project(holding, found, caller) for holding in found.holdings],
    )


@router.get("/fund/{year}/assessments")
def assessments(server: ServerOf, caller: Sees, year: Year) -> Listed[AssessmentWhole]:
    """Return the assessments of a year, the first one first; the last one holds."""
    found = [_assessment(one, is_kept=True) for one in history_in(server.registry, caller.settings, year)]
    return listed(found, 0, MOST)


@router.post("/fund/{year}/assessments")
def assess(server: ServerOf, caller: Assesses, year: Year, told: Assess) -> AssessmentWhole:
    """Fix what each member owes for a year; a further assessment holds instead of the one before."""
    found = assess_in(
        server.registry,
        caller.settings,
        year,
        reason=told.reason,
        is_trial=told.dry_run,
        seen=told.seen,
    )
    return _assessment(found, is_kept=not told.dry_run)


def _assessment(one: Assessed, *, is_kept: bool) -> AssessmentWhole:
    told = as_json(one)
    return AssessmentWhole.model_validate({**told, "is_kept": is_kept})


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


def _project(holding: Holding, found: Board, caller: Caller) -> ProjectTold:
    project, effect = holding.project, found.effect(holding.project.id)
    saved, later = effect.saved, of_project(found, project.id)
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
        upcoming_from=None if later is None else later.from_year,
        upcoming_saving=None if later is None else exact(later.saving),
        upcoming_t=None if later is None else exact(later.expected_t),
        unmeasured=next(
            (one.reason.text(caller.language) for one in found.unmeasured if one.project == project.id), None
        ),
        outdated=[
            gone_said(one, caller.language)
            for one in found.outdated
            if (one.observation.project, one.observation.year) == (project.id, found.year)
        ],
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
