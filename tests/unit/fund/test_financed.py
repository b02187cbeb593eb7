"""Financed emissions by hand: α · emissions of scope 1 and 2, where an observation states them."""

from datetime import date
from decimal import Decimal
from typing import Any

from unit.fund.money import paid, project

from bilanz.fund.attribution import attribute
from bilanz.fund.exchange import Exchange
from bilanz.fund.financed import EMISSIONS, FinancedEmissions, FinancedState, financed
from bilanz.fund.project import FundObservation, Sight

D = Decimal
PROJECTS = [project("P", total_cost=D(400)), project("Q", total_cost=None), project("R", total_cost=D(100))]
SHARES = {
    one.id: attribute(one, [paid(2024, "100", one.id)], [], Exchange("EUR"), date(2024, 12, 31))
    for one in PROJECTS
}


def stated(value: str, of: str = "P", **told: Any) -> FundObservation:  # noqa: ANN401 - columns
    columns: dict[str, Any] = {
        "id": f"{of}-{value}",
        "project": of,
        "indicator": EMISSIONS,
        "year": 2024,
        "value": D(value),
        "unit": "t CO2e",
        "sight": Sight.EX_POST,
        "evidence": "report",
    }
    return FundObservation(**columns | told)


def of(*observations: FundObservation, sight: Sight = Sight.EX_POST) -> FinancedEmissions:
    return financed(PROJECTS, observations, SHARES, 2024, sight)


def test_the_emissions_of_a_project_count_by_the_share_of_the_fund() -> None:
    # P: 100/400 · 80 t = 20 t, ± 0.25 · 8; R: 100/100 · 5 000 kg = 5 t
    found = of(
        stated("80", half_width=D(8), data_quality=2, verified_by="auditor"),
        stated("5000", "R", unit="kg CO2e"),
    )
    first, _, third = found.projects
    assert (first.financed_t, first.half_width_t, first.data_quality) == (D(20), D(2), 2)
    assert (third.emissions_t, third.financed_t, third.half_width_t) == (D(5), D(5), None)
    assert found.total_t == D(25)


def test_what_nobody_stated_or_shares_is_named_and_not_zero() -> None:
    found = of(stated("80", "Q"))
    assert [(one.project, one.state) for one in found.without_figure] == [
        ("P", FinancedState.NOT_STATED),
        ("Q", FinancedState.NO_SHARE),
        ("R", FinancedState.NOT_STATED),
    ]
    assert found.total_t is None


def test_other_years_indicators_and_expectations_are_not_taken() -> None:
    wrong = [
        stated("1", year=2023),
        stated("2", indicator="flats renovated"),
        stated("3", sight=Sight.EX_ANTE),
    ]
    assert of(*wrong).total_t is None
    assert of(*wrong, sight=Sight.EX_ANTE).total_t == D("0.75")


def test_two_statements_or_a_unit_that_is_no_mass_give_no_figure() -> None:
    found = of(stated("80"), stated("90"), stated("7", "R", unit="kWh"))
    assert [one.state for one in found.projects] == [
        FinancedState.STATED_TWICE,
        FinancedState.NOT_STATED,
        FinancedState.UNKNOWN_UNIT,
    ]


def test_a_project_nobody_attributed_has_no_figure() -> None:
    found = financed(PROJECTS[:1], [stated("80")], {}, 2024, Sight.EX_POST)
    assert found.projects[0].state == FinancedState.NO_SHARE
    assert found.projects[0].emissions_t == D(80)


def test_the_result_says_that_it_is_no_avoided_emission() -> None:
    assert "never added or offset" in of().sentence("en")
    assert "nie addiert oder verrechnet" in of().sentence("de")
