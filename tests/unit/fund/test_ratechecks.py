"""Rules of rates and factor series."""

from decimal import Decimal

import pytest
from fundrows import project

from bilanz.errors import Refused
from bilanz.fund.rate import FundFactor, FundRate
from bilanz.fund.ratechecks import check_factor, check_rate, check_series


def rate(**told: object) -> FundRate:
    given: dict[str, object] = {
        "set": "uba-mk-3.2",
        "kind": "climate_cost",
        "time_preference": Decimal("0.01"),
        "year": 2024,
        "organisation": "league",
        "value": Decimal(300),
        "unit": "EUR/t",
        "price_year": 2024,
        "source": "guide",
    }
    return FundRate(**(given | told))


DISCOUNT = {"kind": "discount", "value": Decimal("0.02"), "unit": "1", "price_year": None}


@pytest.mark.parametrize(
    "told", [{}, {"value": Decimal(0)}, DISCOUNT, DISCOUNT | {"value": Decimal("-0.01")}]
)
def test_rates_that_are_taken(told: dict[str, object]) -> None:
    check_rate(rate(**told), [rate(year=2030)])


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"unit": "EUR"}, "currency per tonne"),
        ({"unit": "kWh/t"}, "currency per tonne"),
        ({"value": Decimal(-1)}, "not be negative"),
        ({"unit": "PLN/t"}, "others of the set are not"),
        (DISCOUNT | {"unit": "EUR/t"}, "0.02 is two percent"),
        (DISCOUNT | {"unit": "%"}, "0.02 is two percent"),
        (DISCOUNT | {"value": Decimal(-1)}, "above −1"),
    ],
)
def test_rates_that_are_refused(told: dict[str, object], said: str) -> None:
    with pytest.raises(Refused, match=said):
        check_rate(rate(**told), [rate(year=2030)])


def factor(**told: object) -> FundFactor:
    given: dict[str, object] = {"series": "grid", "year": 2024, "organisation": "league", "unit": "kWh"}
    return FundFactor(**(given | {"value": Decimal("0.38"), "source": "resolution"} | told))


def test_a_series_has_one_unit_and_that_of_its_projects() -> None:
    others = [factor(), factor(year=2025)]
    check_factor(factor(year=2026), others, [project(factor_series="grid")])
    check_factor(factor(unit="MWh"), [factor()], [])  # the only year of the series is changed
    with pytest.raises(Refused, match="other years of the series are not"):
        check_factor(factor(year=2026, unit="MWh"), others, [])
    with pytest.raises(Refused, match='saves kWh; its factor series "grid" is per MWh'):
        check_factor(factor(unit="MWh"), [], [project(factor_series="grid")])
    with pytest.raises(Refused, match="not be negative"):
        check_factor(factor(value=Decimal("-0.1")), [], [])
    with pytest.raises(Refused, match="not be negative"):
        check_factor(factor(half_width=Decimal("-0.1")), [], [])


def test_a_project_names_a_series_of_its_unit() -> None:
    check_series(project(factor_series="grid"), [factor(), factor(series="bus", unit="km")])
    check_series(project(factor_series="unknown yet"), [factor()])
    with pytest.raises(Refused, match="saves km"):
        check_series(project(factor_series="grid", unit="km"), [factor()])
