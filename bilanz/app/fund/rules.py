"""Which other rows the rules of the fund look at; the rules stand in `bilanz.fund`."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from bilanz.app.master.groups import Rows, alike
from bilanz.errors import UnknownName
from bilanz.fund.finding import check_finding
from bilanz.fund.member import FundFigure, FundKey, FundMember, FundPayment
from bilanz.fund.memberchecks import check_figure, check_key, check_member, check_payment
from bilanz.fund.project import (
    FundClaim,
    FundFinancing,
    FundFinding,
    FundFlow,
    FundObservation,
    FundProject,
)
from bilanz.fund.projectchecks import (
    check_claim,
    check_covered,
    check_financing,
    check_flow,
    check_observation,
    check_project,
)
from bilanz.fund.rate import FundFactor, FundRate
from bilanz.fund.ratechecks import check_factor, check_rate, check_series
from bilanz.masterrow import MasterRow


def _flows(rows: Rows, project: str) -> list[FundFlow]:
    return alike(rows, "fund_flows", FundFlow, project)


def _project(rows: Rows, name: str) -> FundProject:
    """Return a project.

    Raises:
        UnknownName: there is none.
    """
    found = rows["fund_projects"].get((name,))
    if not isinstance(found, FundProject):
        raise UnknownName('The project "{name}" is not known.', name=name)
    return found


def _check_project(row: FundProject, rows: Rows) -> None:
    check_project(row, _flows(rows, row.id))
    check_series(row, alike(rows, "fund_factors", FundFactor, row.factor_series))


def _check_flow(row: FundFlow, rows: Rows) -> None:
    """Hold a flow against its project; one that moves leaves its old project within what is committed."""
    others = [flow for flow in _flows(rows, row.project) if flow.id != row.id]
    check_flow(row, _project(rows, row.project), others)
    before = rows["fund_flows"].get((row.id,))
    if isinstance(before, FundFlow) and before.project != row.project:
        rest = [flow for flow in _flows(rows, before.project) if flow.id != row.id]
        check_covered(_project(rows, before.project), rest)


def _check_claim(row: FundClaim, rows: Rows) -> None:
    check_claim(row, alike(rows, "fund_claims", FundClaim, row.project))


def _check_rate(row: FundRate, rows: Rows) -> None:
    key = (row.kind, row.time_preference, row.year)
    same = alike(rows, "fund_rates", FundRate, row.set)
    check_rate(row, [rate for rate in same if (rate.kind, rate.time_preference, rate.year) != key])


def _check_factor(row: FundFactor, rows: Rows) -> None:
    projects = alike(rows, "fund_projects", FundProject, row.series)
    same = alike(rows, "fund_factors", FundFactor, row.series)
    check_factor(row, same, projects)


FUND_RULES: Final[Mapping[type[MasterRow], Callable[[Any, Rows], None]]] = {
    FundMember: lambda row, _rows: check_member(row),
    FundFigure: lambda row, _rows: check_figure(row),
    FundKey: lambda row, _rows: check_key(row),
    FundPayment: lambda row, _rows: check_payment(row),
    FundProject: _check_project,
    FundFlow: _check_flow,
    FundFinancing: lambda row, _rows: check_financing(row),
    FundObservation: lambda row, _rows: check_observation(row),
    FundFinding: lambda row, _rows: check_finding(row),
    FundClaim: _check_claim,
    FundRate: _check_rate,
    FundFactor: _check_factor,
}
"""Kind of row → how it is held against the rules."""
