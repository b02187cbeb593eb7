"""What was promised and what was measured in a year: no year stands in for another."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from bilanz.fund.observed import AVOIDED, SAVED, YearlyEffect, yearly_effects
from bilanz.fund.project import FundObservation, FundProject
from bilanz.fund.rate import FundFactor

YEAR = 2024


def project(**told: object) -> FundProject:
    given: dict[str, Any] = {
        "organisation": "town",
        "programme": "G",
        "title": "Boiler",
        "nature_share": Decimal(1),
        "social_share": Decimal(0),
        "democracy_share": Decimal(0),
        "starts_on": date(2022, 1, 1),
        "planned_completion": date(2022, 10, 1),
        "completed_on": date(2022, 11, 1),
        "lifetime_years": 15,
        "currency": "EUR",
        "unit": "kWh",
        "expected_saving": Decimal(20000),
        "factor_series": "grid",
        "evidence": "x",
    }
    return FundProject(id="P", **(given | told))


def observed(indicator: str, value: str, **told: object) -> FundObservation:
    given: dict[str, Any] = {
        "year": YEAR,
        "unit": "kWh" if indicator == SAVED else "t CO2e",
        "sight": "ex_post",
    }
    key = f"{indicator}-{told}"
    return FundObservation(
        id=key, project="P", indicator=indicator, value=Decimal(value), evidence="meters", **(given | told)
    )


FACTOR = FundFactor(
    series="grid", year=YEAR, organisation="league", value=Decimal("0.4"), unit="kWh", source="x"
)


def effect(*rows: FundObservation, **told: object) -> YearlyEffect:
    (found,) = yearly_effects([project(**told)], rows, [FACTOR], YEAR)
    return found


def test_a_promise_becomes_tonnes_by_the_declared_factor() -> None:
    found = effect()
    assert (found.promised, found.expected_t) == (20000, 8)  # 20 000 kWh × 0.4 kg / 1000
    assert (found.saved, found.measured_t, found.delivered) == (None, None, None)


def test_an_expectation_that_is_stated_stands_before_the_product() -> None:
    found = effect(observed(AVOIDED, "7", sight="ex_ante"))
    assert (found.expected_t, found.measured_t) == (7, None)


def test_what_was_measured_is_held_against_the_promise() -> None:
    found = effect(observed(SAVED, "15000", half_width=Decimal(900)), observed(AVOIDED, "6"))
    assert found.delivered == Decimal("0.75")
    assert found.effect.measured_t == 6
    assert found.effect.half_width_t is None, "the tonnes state none"
    assert found.evidence == "meters"


@pytest.mark.parametrize("promised", [0, -20000])
def test_who_promised_no_saving_delivered_no_part_of_it(promised: int) -> None:
    """Who expected to use 20 000 kWh more and used 25 000 more has not delivered 125 %."""
    found = effect(observed(SAVED, "-25000"), expected_saving=Decimal(promised))
    assert (found.promised, found.delivered) == (promised, None)


@pytest.mark.parametrize(
    "rows",
    [
        (observed(SAVED, "15000", year=2023),),  # another year
        (observed(SAVED, "15", unit="MWh"),),  # another unit
        (observed(SAVED, "15000"), observed(SAVED, "14000", verified_by="x")),  # twice
    ],
)
def test_what_is_of_another_year_or_unit_or_stated_twice_is_not_measured(
    rows: tuple[FundObservation, ...],
) -> None:
    found = effect(*rows)
    assert found.saved is None
    assert found.delivered is None
    assert found.contradicted == (("saved (ex_post)",) if len(rows) > 1 else ())


@pytest.mark.parametrize(
    ("told", "is_due"),
    [
        ({}, True),
        ({"completed_on": date(2024, 1, 2)}, False),  # in the year itself: no whole year yet
        ({"completed_on": None, "planned_completion": date(2023, 12, 31)}, True),
        ({"completed_on": None, "planned_completion": date(2024, 6, 1)}, False),
        ({"completed_on": date(2025, 3, 1), "planned_completion": date(2022, 6, 1)}, True),  # late
        ({"completed_on": date(2010, 5, 1), "lifetime_years": 14}, True),
        ({"completed_on": date(2010, 5, 1), "lifetime_years": 13}, False),  # past its lifetime
        ({"completed_on": date(2010, 5, 1), "lifetime_years": None}, True),
    ],
)
def test_a_promise_is_due_in_whole_years_of_the_lifetime(told: dict[str, Any], *, is_due: bool) -> None:
    found = effect(**told)
    assert (found.promised is not None, found.expected_t is not None) == (is_due, is_due)


def test_without_factor_series_or_unit_there_are_no_tonnes() -> None:
    assert effect(factor_series=None).expected_t is None
    assert effect(factor_series="other").expected_t is None
    assert effect(unit="MWh").expected_t is None, "the factor is per kWh"
    (found,) = yearly_effects([project()], [], [], YEAR)
    assert (found.promised, found.expected_t) == (20000, None)
