"""What the books find outside Germany: the United States and neighbours; and that Germany finds its own."""

from datetime import date

import pytest

from bilanz.app.calculation import engine
from bilanz.decision import Decision, Key
from bilanz.factor import Grade
from factors.base import catalogue

LOCATION, MARKET = "ghgp_location", "ghgp_market"


def decide(region: str, activity: str, unit: str, year: int = 2025, **told: str) -> Decision:
    key = Key(activity, told.get("group", ""), unit, told.get("basis", "none"), region, date(year, 6, 1))
    book = told.get("book", LOCATION)
    return engine(catalogue(), year=year, books=(book,)).books[0].matcher.decide(key)


def factor(decision: Decision) -> str:
    return decision.hit.statement.id if decision.hit else decision.code


@pytest.mark.parametrize(
    ("activity", "unit", "basis", "name"),
    [
        ("electricity", "kWh", "none", "t6:us_average:total_output_emission_factors:MWh"),
        ("district_heat", "MMBtu", "none", "t7:steam_and_heat:MMBtu"),
        ("natural_gas", "therm", "Hs", "t1:natural_gas:MMBtu"),
        ("natural_gas", "scf", "none", "t1:natural_gas:scf"),
        ("heating_oil", "gal_us", "none", "t1:distillate_fuel_oil_no_2:gal_us"),
        ("hard_coal", "short_ton", "none", "t1:bituminous:short_ton"),
        ("diesel", "gal_us", "none", "t2:diesel_fuel:gal_us"),
        ("diesel", "l", "none", "t2:diesel_fuel:gal_us"),
        ("travel_car", "mi", "none", "t10:passenger_car:mi"),
        ("travel_rail_long", "pkm", "none", "t10:intercity_rail_national_average:pmi"),
        ("freight_road", "short_ton_mile", "none", "t8:medium_and_heavy_duty_truck:short_ton_mile"),
        ("waste_residual", "t", "none", "t9:mixed_msw:landfilled:short_ton"),
    ],
)
def test_the_united_states_find_their_own_factors(activity: str, unit: str, basis: str, name: str) -> None:
    for region in ("US", "US-CA"):
        decision = decide(region, activity, unit, basis=basis)
        assert factor(decision) == f"epa_hub:2025:{name}"


def test_burning_biodiesel_is_biogenic() -> None:
    decision = decide("US", "wood_chips", "MMBtu", basis="Hs")
    assert decision.hit is not None
    assert {chain.value for chain in decision.hit.chains} == {"direct", "biogenic"}


def test_market_based_power_in_the_united_states_says_that_there_is_no_residual_mix() -> None:
    decision = decide("US", "electricity", "kWh", book=MARKET)
    assert factor(decision).startswith("epa_hub:2025:t6:us_average")
    assert decision.grade is Grade.PROXY
    assert ("no_residual_mix", "electricity") in [entry[:2] for entry in decision.assumptions]


def test_factors_of_2025_are_not_taken_for_the_power_of_2024() -> None:
    assert factor(decide("US", "electricity", "kWh", 2024)) == "no_factor"


def test_a_naics_group_in_dollars_is_matched_in_the_united_states_only() -> None:
    soy = "epa_supply_chain:v1_3:111110:with_margins"
    assert factor(decide("US", "purchase", "USD", 2022, group="NAICS:111110")) == soy
    later = decide("US-CA", "purchase", "USD", 2024, group="NAICS:111110")
    assert (factor(later), later.grade) == (soy, Grade.OLDER_EDITION)
    assert factor(decide("US", "purchase", "EUR", 2022, group="NAICS:111110")) == soy  # at the rate of 2022
    assert factor(decide("US", "purchase", "ARS", 2022, group="NAICS:111110")) == "unit_mismatch"
    assert factor(decide("US", "purchase", "USD", 2022)) == "group_missing"
    assert factor(decide("DE", "purchase", "USD", 2022, group="NAICS:111110")) == "no_factor"


def test_german_spend_never_meets_the_american_groups() -> None:
    decision = decide("DE", "purchase", "EUR", 2023, group="C26")
    assert factor(decision) == "figaro:26ed:purchase:DE:2023:C26:total"
    matcher = engine(catalogue(), year=2023, books=(LOCATION,)).books[0].matcher
    assert not [one for one in matcher.losers(decision.key) if one.subject.startswith("epa_supply_chain")]


@pytest.mark.parametrize(
    ("region", "year", "name", "grade"),
    [
        ("DE", 2024, "uba_strommix:cc16_2026:electricity:DE:2024:direct", Grade.EXACT),
        ("FR", 2024, "eea_grid:2026:electricity:FR:2024:generation", Grade.EXACT),
        ("CH", 2023, "ember_grid:2023:electricity:CH:2023:lifecycle", Grade.PROXY),
        ("NO", 2024, "ember_grid:2023:electricity:NO:2023:lifecycle", Grade.PROXY),
    ],
)
def test_power_of_a_country_comes_from_its_own_source(
    region: str, year: int, name: str, grade: Grade
) -> None:
    decision = decide(region, "electricity", "kWh", year)
    assert factor(decision) == name
    assert decision.grade is grade


@pytest.mark.parametrize(
    ("activity", "unit", "basis", "name"),
    [
        ("electricity", "kWh", "none", "electricity:GB:2024:kWh"),
        ("natural_gas", "kWh", "Hs", "natural_gas:GB:2024:kWh_Hs"),
        ("diesel", "l", "none", "diesel_mineral:GB:2024:l"),
        ("petrol_e10", "l", "none", "petrol:GB:2024:l"),  # the blend it publishes, not the mineral fuel
        ("hard_coal", "t", "none", "hard_coal:GB:2024:t"),
    ],
)
def test_the_united_kingdom_finds_its_own_factors(activity: str, unit: str, basis: str, name: str) -> None:
    decision = decide("GB", activity, unit, 2024, basis=basis)
    assert factor(decision) == f"desnz:2024:{name}"
    assert decision.grade is Grade.EXACT
    assert decision.hit is not None
    assert {"direct", "upstream"} <= {chain.value for chain in decision.hit.chains}


def test_the_factors_of_the_united_kingdom_stand_in_below_those_of_germany() -> None:
    assert factor(decide("DE", "diesel", "l", 2024)).startswith("ebev2030:")
    pellets = decide("DE", "wood_pellets", "kg", 2024)
    assert factor(pellets) == "desnz:2024:wood_pellets:GB:2024:t"
    assert pellets.grade is Grade.PROXY
