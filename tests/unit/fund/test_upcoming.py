"""What is expected before completion stands apart and begins where the promise of the year begins."""

from datetime import date
from decimal import Decimal

import pytest
from unit.fund.money import committed, paid, project

from bilanz.fund.observed import AVOIDED, yearly_effects
from bilanz.fund.project import FundObservation, FundProject
from bilanz.fund.rate import FundFactor
from bilanz.fund.upcoming import Upcoming, upcoming

D = Decimal
YEAR = 2024
FACTOR = FundFactor(
    series="grid", year=YEAR, organisation="league", value=D("0.4"), unit="kWh", source="resolution"
)
MONEY = committed(2023, "1000")


def promising(**told: object) -> FundProject:
    """Return a project that promises 20 000 kWh a year, to be completed in June 2025."""
    given = {
        "planned_completion": date(2025, 6, 30),
        "unit": "kWh",
        "expected_saving": D(20000),
        "factor_series": "grid",
    }
    return project(**(given | told))


def expected(tonnes: str, year: int) -> FundObservation:
    return FundObservation(
        id=f"e{tonnes}{year}",
        project="P",
        indicator=AVOIDED,
        year=year,
        value=D(tonnes),
        unit="t CO2e",
        sight="ex_ante",
        evidence="plan",
    )


def found(of: FundProject, *stated: FundObservation, year: int = YEAR) -> tuple[Upcoming, ...]:
    return upcoming([of], [MONEY], stated, [FACTOR], year)


def test_the_saving_promised_becomes_tonnes_by_the_factor_of_the_year_looked_at() -> None:
    """20 000 kWh × 0.4 kg / 1000 = 8 t, a quarter of which another measure brings about as well."""
    (one,) = found(promising(overlap_share=D("0.25")))
    assert (one.from_year, one.completion, one.is_completed) == (2026, date(2025, 6, 30), False)
    assert (one.saving, one.expected_t) == (20000, 6)


def test_it_is_in_no_figure_of_the_year() -> None:
    (effect,) = yearly_effects([promising()], [], [FACTOR], YEAR)
    assert (effect.promised, effect.expected_t) == (None, None)


@pytest.mark.parametrize("year", range(2023, 2029))
def test_a_promise_is_either_to_come_or_counts_and_never_both(year: int) -> None:
    factor = FundFactor(**(FACTOR.model_dump() | {"year": year}))
    (effect,) = yearly_effects([promising()], [], [factor], year)
    assert (effect.promised is None) == bool(found(promising(), year=year))
    assert bool(found(promising(), year=year)) == (year <= 2025)


def test_what_is_completed_counts_from_the_year_after() -> None:
    (one,) = found(promising(completed_on=date(2024, 3, 1)))
    assert (one.from_year, one.is_completed) == (2025, True)
    (planned,) = found(promising(completed_on=date(2025, 9, 1)))
    assert not planned.is_completed, "at the end of 2024 it was not"
    assert found(promising(completed_on=date(2023, 3, 1))) == ()


def test_an_estimate_of_the_first_year_that_counts_stands_before_the_product() -> None:
    (one,) = found(promising(), expected("7", 2026), expected("5", 2027))
    assert one.expected_t == 7
    (twice,) = found(promising(), expected("7", 2026), expected("6", 2026))
    assert twice.expected_t is None, "two statements: neither counts"


def test_without_a_factor_there_are_no_tonnes_and_without_a_promise_nothing_is_stated() -> None:
    (one,) = upcoming([promising()], [MONEY], [], [], YEAR)
    assert (one.expected_t, one.is_stated) == (None, True)
    (none,) = found(promising(expected_saving=None))
    assert not none.is_stated


def test_without_money_promised_nothing_is_expected() -> None:
    taken_back = committed(2024, "-1000")
    for flows in ((), (paid(2024, "5"),), (MONEY, taken_back)):
        assert upcoming([promising()], flows, [], [FACTOR], YEAR) == ()
