"""All a board sees of a year, put together from the rows of the registry; arithmetic is in the other modules.

members, figures, keys, payments ─► ledger, scenarios ─────────────┐
projects, flows ─► spending ─► thirds, tags, liquidity, lateness ──┤
financing ─► shares of the fund (α) ───────────────────────────────┼─► Board
observations, factors ─► promised and measured effects ────────────┤
findings ─►    what meters no longer tell, why nothing is measured ┤
rates ─► cost per tonne, climate costs avoided ────────────────────┘
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from bilanz.errors import Refused
from bilanz.fund.accounts import Ledger, ledger
from bilanz.fund.assessed import by_year
from bilanz.fund.assessment import FundAssessedAmount, FundAssessment
from bilanz.fund.attribution import Attribution, attributions
from bilanz.fund.claims import Claims, claimed
from bilanz.fund.contributions import Contributions, key_in_force
from bilanz.fund.cost import CostPerTonne, Discount, MacConvention, NotPriced, discounting, of_project
from bilanz.fund.damage import Damage, climate_costs_avoided
from bilanz.fund.exchange import Exchange
from bilanz.fund.figures import Figures
from bilanz.fund.financed import FinancedEmissions, financed
from bilanz.fund.finding import Outdated, outdated
from bilanz.fund.lateness import Late, late
from bilanz.fund.liquidity import Liquidity, liquidity
from bilanz.fund.member import FigureKind, FundFigure, FundKey, FundMember, FundPayment
from bilanz.fund.observed import AVOIDED, SAVED, YearlyEffect, is_indistinct, yearly_effects
from bilanz.fund.payout import Payout, payout
from bilanz.fund.portfolio import (
    Dimension,
    Group,
    Holding,
    groups,
    holdings,
    net_of_overlap,
    outstanding,
    total,
)
from bilanz.fund.project import (
    FlowKind,
    FundClaim,
    FundFinancing,
    FundFinding,
    FundFlow,
    FundObservation,
    FundProject,
    Sight,
)
from bilanz.fund.rate import FundFactor, FundRate
from bilanz.fund.rates import choose
from bilanz.fund.scenarios import Scenario, compare
from bilanz.fund.scoring import DataQuality, data_quality, scores
from bilanz.fund.spending import Spending, book
from bilanz.fund.standing import Standing
from bilanz.fund.tags import EU_2021_2027, TaggedSpending, tagged
from bilanz.fund.terms import Terms
from bilanz.fund.thirds import Thirds, thirds
from bilanz.fund.unassessed import Unassessed, unassessed
from bilanz.fund.unmeasured import Unmeasured, unmeasured
from bilanz.fund.upcoming import Upcoming, upcoming
from bilanz.fund.withdrawn import Withdrawn
from bilanz.money import Money

CONTRADICTED: Final = "one_statement"
DISTINCT: Final = "distinct_effect"
"""What a cost of a tonne lacks where the interval of the effect contains zero."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What the registry holds of a fund. `withdrawn`: what it no longer holds; in no figure."""

    members: Sequence[FundMember] = ()
    figures: Sequence[FundFigure] = ()
    keys: Sequence[FundKey] = ()
    payments: Sequence[FundPayment] = ()
    projects: Sequence[FundProject] = ()
    flows: Sequence[FundFlow] = ()
    financing: Sequence[FundFinancing] = ()
    observations: Sequence[FundObservation] = ()
    claims: Sequence[FundClaim] = ()
    rates: Sequence[FundRate] = ()
    factors: Sequence[FundFactor] = ()
    assessments: Sequence[FundAssessment] = ()
    assessed: Sequence[FundAssessedAmount] = ()
    findings: Sequence[FundFinding] = ()
    withdrawn: Sequence[Withdrawn] = ()


@dataclass(frozen=True, slots=True)
class Board:
    """A year of a fund; money in the fund's currency, tonnes in t CO2e.

    Attributes:
        names: organisation → name.
        members: organisation → the member it belongs to.
        accounts: due and paid of every year up to this one.
        contributions: of the year, as assessed, else provisional; None: no key is in force.
        standing: whether the year is assessed, and what today's rows would ask; None: no key is in force.
        thirds: by kind of money; None: the rule is not stated (`fund.toml`).
        effects: of the year, by project.
        outdated: observations of any year that their meters no longer tell; they are in no figure.
        unmeasured: projects without a measured effect in the year, and why.
        upcoming: what is expected of projects from a later year on; in no sum.
        costs: by project; empty: no discount rate or convention is stated, or `unpriced`.
        unpriced: why no discount rate holds in the year; None: one does, or none is stated.
        damage: at each time preference; empty: no set of rates is stated.
        liquidity: None: what was at hand before the first year is not stated.
    """

    year: int
    terms: Terms
    names: Mapping[str, str]
    members: Mapping[str, str]
    rows: Rows
    accounts: Ledger
    contributions: Contributions | None
    standing: Standing | None
    scenarios: tuple[Scenario, ...]
    spending: Spending
    thirds: Mapping[FlowKind, Thirds] | None
    tags: Mapping[FlowKind, TaggedSpending]
    shares: Mapping[str, Attribution]
    effects: tuple[YearlyEffect, ...]
    outdated: tuple[Outdated, ...]
    unmeasured: tuple[Unmeasured, ...]
    upcoming: tuple[Upcoming, ...]
    holdings: tuple[Holding, ...]
    whole: Group
    groups: Mapping[Dimension, tuple[Group, ...]]
    quality: DataQuality
    financed: FinancedEmissions
    claims: Claims
    costs: tuple[CostPerTonne | NotPriced, ...]
    unpriced: Refused | None
    damage: tuple[Damage, ...]
    late: tuple[Late, ...]
    liquidity: Liquidity | None
    unassessed: tuple[Unassessed, ...]
    projects: Mapping[str, FundProject] = field(default_factory=dict)

    def effect(self, project: str) -> YearlyEffect:
        """Return the effect of a project."""
        return next(one for one in self.effects if one.project == project)

    def name(self, organisation: str) -> str:
        """Return the name of an organisation; one without a name is called by its identifier."""
        return self.names.get(organisation, organisation)


def board(
    year: int,
    terms: Terms,
    rows: Rows,
    names: Mapping[str, str],
    members: Mapping[str, str],
    *,
    today: date,
) -> Board:
    """Put together what a board sees of a year.

    Args:
        year: calendar year; money and effects up to its end.
        terms: what the board has resolved.
        rows: of the registry; those of later years are kept out of all sums.
        names: organisation → name.
        members: organisation → the member it belongs to.
        today: a year that is not over yet is not judged as if it were.

    Raises:
        Refused: the keys are in another currency than the fund or contradict each other, or rates cannot be
            compared.
        UnknownName: a set of rates is not known.
    """
    end = date(year, 12, 31)
    rows = _up_to(rows, end, terms.league)
    check_currency(rows, terms)
    exchange = exchange_of(rows, terms.currency)
    spending = book(rows.projects, rows.flows, exchange)
    shares = attributions(rows.projects, rows.flows, rows.financing, exchange, end)
    gone = outdated(rows.observations, rows.findings)
    current = _without(rows.observations, gone)
    effects = yearly_effects(rows.projects, current, rows.factors, year)
    held = holdings(rows.projects, spending, shares, [one.effect for one in effects])
    figures = Figures(rows.figures)
    accounts = ledger(
        year,
        members=rows.members,
        figures=figures,
        keys=rows.keys,
        payments=rows.payments,
        assessments=by_year(rows.assessments, rows.assessed),
    )
    standing = next((one for one in accounts.standing if one.year == year), None)
    costs, unpriced = _costs(rows, terms, effects, year)
    measured = {
        (holding.project.id, year): holding.measured_t for holding in held if holding.measured_t is not None
    }
    return Board(
        year=year,
        terms=terms,
        names=names,
        members=members,
        rows=rows,
        accounts=accounts,
        contributions=next((one for one in accounts.years if one.year == year), None),
        standing=standing,
        scenarios=_scenarios(year, rows, figures, standing),
        spending=spending,
        thirds=_thirds(spending, terms, min(year, today.year - 1)),
        tags={kind: tagged(rows.projects, spending, kind, EU_2021_2027) for kind in FlowKind},
        shares=shares,
        effects=effects,
        outdated=gone,
        unmeasured=unmeasured(rows.projects, effects, rows.findings, current, year),
        upcoming=upcoming(rows.projects, rows.flows, rows.observations, rows.factors, year),
        holdings=held,
        whole=total(held),
        groups={by: groups(held, by, members) for by in Dimension},
        quality=data_quality(outstanding(held), scores(current, year, (SAVED, AVOIDED))),
        financed=financed(rows.projects, rows.observations, shares, year, Sight.EX_POST),
        claims=claimed(rows.claims, measured),
        costs=costs,
        unpriced=unpriced,
        damage=_damage(rows, terms, effects, year),
        late=late(rows.projects, min(end, today)),
        liquidity=_liquidity(rows, terms, spending, exchange, year),
        unassessed=unassessed(rows.projects),
        projects={project.id: project for project in rows.projects},
    )


def _without(rows: Sequence[FundObservation], gone: Sequence[Outdated]) -> list[FundObservation]:
    """Return the observations that stand."""
    names = {one.observation.id for one in gone}
    return [row for row in rows if row.id not in names]


def check_currency(rows: Rows, terms: Terms) -> None:
    """Refuse keys in another currency than the fund's: what is due would be told in the wrong one.

    Raises:
        Refused: there is one.
    """
    others = sorted({key.currency for key in rows.keys} - {terms.currency})
    if others:
        message = "Keys are in {found}; the fund is in {expected} (fund.toml)."
        raise Refused(message, found=", ".join(others), expected=terms.currency)


def exchange_of(rows: Rows, currency: str) -> Exchange:
    """Return the exchange rates members have stated, in units of theirs for one of the fund's.

    A rate the other way round, or to a third currency, is none; one that two members state differently holds
    for neither.
    """
    currencies = {member.organisation: member.currency for member in rows.members}
    stated: dict[tuple[str, int], set[Decimal]] = {}
    for row in rows.figures:
        own = currencies.get(row.organisation)
        if row.kind == FigureKind.EXCHANGE_RATE and own is not None and row.unit == f"{own}/{currency}":
            stated.setdefault((own, row.year), set()).add(row.value)
    return Exchange(
        currency, {place: next(iter(values)) for place, values in stated.items() if len(values) == 1}
    )


def _up_to(rows: Rows, end: date, league: str) -> Rows:
    """Return rows without money of later days; what is expected of projects stays.

    Keys, rates, factors and assessments are those of the league: nobody else resolves on them.
    """
    return Rows(
        rows.members,
        rows.figures,
        [one for one in rows.keys if one.organisation == league],
        [one for one in rows.payments if one.paid_on <= end],
        rows.projects,
        [one for one in rows.flows if one.on <= end],
        [one for one in rows.financing if one.on is None or one.on <= end],
        rows.observations,
        rows.claims,
        [one for one in rows.rates if one.organisation == league],
        [one for one in rows.factors if one.organisation == league],
        [one for one in rows.assessments if one.league == league],
        [one for one in rows.assessed if one.league == league],
        rows.findings,
        rows.withdrawn,
    )


def _scenarios(year: int, rows: Rows, figures: Figures, standing: Standing | None) -> tuple[Scenario, ...]:
    """Return the key in force beside all others that are registered, by today's rows."""
    if standing is None or standing.reckoned is None:
        return ()
    in_force = key_in_force(rows.keys, year)
    if in_force is None:
        return ()
    others = [key for key in rows.keys if key.is_proposal or key.first_year > year]
    return compare(year, members=rows.members, figures=figures, in_force=in_force, others=others)


def _thirds(spending: Spending, terms: Terms, closed_until: int) -> dict[FlowKind, Thirds] | None:
    if terms.thirds is None:
        return None
    rule = terms.thirds.rule
    return {kind: thirds(spending, kind, rule, closed_until=closed_until) for kind in FlowKind}


_Costs = tuple[tuple[CostPerTonne | NotPriced, ...], Refused | None]


def _costs(rows: Rows, terms: Terms, effects: Sequence[YearlyEffect], year: int) -> _Costs:
    """Return the cost of a tonne by project, of what was measured, else of what was promised; or why none."""
    if terms.discount is None or terms.convention is None:
        return (), None
    try:
        rate = choose(terms.discount, rows.rates).discount(year)
    except Refused as refusal:
        return (), refusal
    discount = discounting(rate, terms.discount)
    by_project = {one.project: one for one in effects}
    costs = tuple(
        _cost(project, by_project[project.id], discount, terms.convention)
        for project in rows.projects
        if project.activity is not None
    )
    return costs, None


def _cost(
    project: FundProject, effect: YearlyEffect, discount: Discount, convention: MacConvention
) -> CostPerTonne | NotPriced:
    if is_indistinct(effect.measured_t) or is_indistinct(effect.saved):
        return NotPriced(project.id, (DISTINCT,))
    if effect.contradicted:
        return NotPriced(project.id, (CONTRADICTED,))
    return of_project(project, net_of_overlap(project, priced_by(effect)), discount, convention)


def priced_by(effect: YearlyEffect) -> Decimal | None:
    """Return the tonnes a cost is told by: what was measured; what was expected where nothing was."""
    if effect.measured_t is not None:
        return effect.measured_t.value
    return effect.expected_t if effect.saved is None else None


def _damage(rows: Rows, terms: Terms, effects: Sequence[YearlyEffect], year: int) -> tuple[Damage, ...]:
    """Return the climate costs avoided in the year by what was measured."""
    by_name = {project.id: project for project in rows.projects}
    measured = [
        net
        for one in effects
        if one.measured_t is not None
        and (net := net_of_overlap(by_name[one.project], one.measured_t.value)) is not None
    ]
    if terms.rates is None or not measured:
        return ()
    return climate_costs_avoided({year: sum(measured, Decimal(0))}, choose(terms.rates, rows.rates))


def _liquidity(
    rows: Rows, terms: Terms, spending: Spending, exchange: Exchange, year: int
) -> Liquidity | None:
    if terms.opening is None:
        return None
    rule = terms.payout.of()
    values = {int(at): Money(value, terms.currency) for at, value in terms.market_values.items()}
    first = min(
        (
            *(one.paid_on.year for one in rows.payments),
            *(one.on.year for one in rows.flows),
            year,
        )
    )
    payouts: dict[int, Payout] = {
        at: payout(rule, values, at, currency=terms.currency) for at in range(first, year + 1)
    }
    return liquidity(
        rows.payments, payouts, rows.projects, spending, exchange, opening=terms.opening, this_year=year
    )
