from datetime import date
from typing import Any

import pytest
from ledger import factor, with_factors

from bilanz.app.calculation import engine
from bilanz.decision import Decision, Key, Tried
from bilanz.errors import CatalogueError
from bilanz.factor import Grade
from bilanz.matching import regions_of
from factors.base import catalogue

POWER = Key("electricity", "", "kWh", "none", "DE", date(2024, 6, 1))


def decide(rows: list[dict[str, Any]], key: Key = POWER, book: str = "ghgp_location") -> Decision:
    return engine(with_factors(rows, only=True), year=key.on.year, books=(book,)).books[0].matcher.decide(key)


def losers(rows: list[dict[str, Any]], key: Key = POWER, book: str = "ghgp_location") -> tuple[Tried, ...]:
    return engine(with_factors(rows, only=True), year=key.on.year, books=(book,)).books[0].matcher.losers(key)


def mix(value: str, **told: object) -> dict[str, Any]:
    return factor("electricity", value, source="uba_strommix", evidence="primary", **told)


def test_the_newest_edition_wins_and_the_loser_is_listed() -> None:
    rows = [
        mix("0.3", factor_id="old", edition="cc13_2025"),
        mix("0.4", factor_id="new", edition="cc16_2026"),
    ]
    decision = decide(rows)
    assert decision.hit is not None
    assert decision.hit.statement.id == "new"
    assert [lost.text("en") for lost in losers(rows)] == ["old: comes later by the rules of the book"]


def test_co2e_comes_before_co2_alone() -> None:
    rows = [
        mix("0.3", factor_id="co2", gas="CO2", edition="2026"),
        mix("0.4", factor_id="co2e", edition="2024"),
    ]
    decision = decide(rows)
    assert decision.hit is not None
    assert decision.hit.statement.id == "co2e"


def test_two_statements_no_rule_tells_apart_are_a_defect_of_the_catalogue() -> None:
    with pytest.raises(CatalogueError, match="fit electricity alike"):
        decide([mix("0.3", factor_id="one"), mix("0.4", factor_id="two")])


def test_every_loser_has_its_reason() -> None:
    rows = [
        mix("0.1", factor_id="region", region="AT"),
        mix("0.1", factor_id="newer", valid_from=date(2025, 1, 1)),
        mix("0.1", factor_id="older", valid_to=date(2012, 1, 1)),
        mix("0.1", factor_id="chain", chain="total"),
        mix("0.1", factor_id="unit", per_unit="l"),
        factor("electricity", "0.1", factor_id="source", source="elsewhere", evidence="primary"),
    ]
    decision = decide(rows)
    told = {lost.subject: lost.sentence.text("en") for lost in losers(rows)}
    assert decision.hit is None
    assert decision.grade is Grade.NONE
    assert "region" not in told  # what holds elsewhere says nothing about here
    assert told["newer"] == "valid only from 2025-01-01"
    assert told["older"] == "13 years older than the activity; the book allows 2"
    assert told["chain"] == "holds only direct emissions and upstream part in one figure"
    assert told["unit"] == "no heating value or density leads from kWh to l"
    assert "source" not in told  # the book does not name it


def test_a_wider_activity_stands_in_and_is_graded() -> None:
    decision = decide([mix("0.3")], Key("electricity_traction", "", "kWh", "none", "DE", date(2024, 6, 1)))
    assert decision.grade is Grade.PARENT


def test_a_wider_region_is_graded() -> None:
    key = Key("electricity", "", "kWh", "none", "AT", date(2024, 6, 1))
    wide = factor("electricity", "0.2", source="eea_grid", evidence="primary", region="EU27")
    decision = decide([wide], key)
    assert decision.grade is Grade.WIDER_REGION
    swiss = Key("electricity", "", "kWh", "none", "CH", date(2024, 6, 1))
    assert decide([wide], swiss).hit is None


def test_an_older_carbon_content_keeps_its_grade() -> None:
    key = Key("diesel", "", "GJ", "Hi", "DE", date(2024, 6, 1))
    told = {"per_unit": "GJ", "basis": "Hi", "valid_to": date(2021, 1, 1)}
    decision = decide([factor("diesel", "74", source="ebev2030", evidence="primary", **told)], key)
    assert decision.grade is Grade.EXACT


def fuel(**told: object) -> dict[str, Any]:
    given: dict[str, Any] = {"per_unit": "GJ", "basis": "Hi", "source": "ebev2030", "evidence": "primary"}
    return factor("diesel", "74", **(given | {"valid_from": date(2023, 1, 1)} | told))


def diesel_of(year: int) -> Key:
    return Key("diesel", "", "GJ", "Hi", "DE", date(year, 6, 1))


@pytest.mark.parametrize(("year", "found"), [(2017, None), (2018, Grade.EXACT), (2022, Grade.EXACT)])
def test_a_carbon_content_may_serve_five_years_early(year: int, found: Grade | None) -> None:
    decision = decide([fuel()], diesel_of(year))
    assert decision.grade is (found or Grade.NONE)
    listed = [detail for code, _, detail in decision.assumptions if code == "outside_validity"]
    assert listed == ([f"own:diesel (2023-01-01/..) → {year}"] if found else [])


def test_valid_comes_before_older_and_older_before_early() -> None:
    rows = [
        fuel(factor_id="early"),
        fuel(factor_id="valid", valid_from=date(2020, 1, 1), valid_to=date(2023, 1, 1)),
        fuel(factor_id="older", valid_from=date(2010, 1, 1), valid_to=date(2020, 1, 1)),
    ]
    decision = decide(rows, diesel_of(2022))
    assert decision.hit is not None
    assert decision.hit.statement.id == "valid"
    without = decide([rows[0], rows[2]], diesel_of(2022))
    assert without.hit is not None
    assert without.hit.statement.id == "older"
    assert [lost.subject for lost in losers([rows[0], rows[2]], diesel_of(2022))] == ["early"]


def test_only_what_burning_sets_free_is_a_property_of_the_fuel() -> None:
    parts = [fuel(factor_id="f", chain=chain) for chain in ("direct", "upstream", "biogenic")]
    decision = decide(parts, diesel_of(2022))
    assert decision.hit is not None
    assert [chain.value for chain in decision.hit.chains] == ["direct", "biogenic"]
    assert ("no_upstream", "diesel", "f") in decision.assumptions
    assert decide([fuel(chain="total")], diesel_of(2022), book="bisko").hit is None


@pytest.mark.parametrize(
    ("region", "found"), [("DE", None), ("DE-BB", None), ("GB", None), ("US-CA", None), ("AT", Grade.PROXY)]
)
def test_a_default_of_the_world_never_stands_in_for_countries_with_their_own(
    region: str, found: Grade | None
) -> None:
    world = fuel(source="ipcc_fuels", region="World", factor_id="world")
    decision = decide([world], Key("diesel", "", "GJ", "Hi", region, date(2024, 6, 1)))
    assert decision.grade is (found or Grade.NONE)


def test_a_default_of_the_world_comes_before_the_figure_of_another_country() -> None:
    rows = [
        fuel(source="ipcc_fuels", region="World", factor_id="world"),
        fuel(source="desnz", region="GB", factor_id="british", mass_unit="kg", gas="CO2"),
    ]
    decision = decide(rows, Key("diesel", "", "GJ", "Hi", "AT", date(2024, 6, 1)))
    assert decision.hit is not None
    assert decision.hit.statement.id == "world"


@pytest.mark.parametrize(
    "row",
    [
        fuel(evidence="custom"),  # holds for the time its owner states
        mix("0.3", valid_from=date(2025, 1, 1)),
        factor("purchase", "0.3", source="figaro", evidence="primary", product_group="J61", per_unit="EUR"),
        factor("travel_car", "0.3", source="tremod", evidence="primary", per_unit="km", chain="total"),
    ],
    ids=["own factor", "electricity", "spend", "transport"],
)
def test_nothing_else_counts_before_it_is_valid(row: dict[str, Any]) -> None:
    row |= {"valid_from": date(2025, 1, 1)}
    place = (row["activity"], row["product_group"] or "", row["per_unit"], row["basis"], "DE")
    key = Key(*place, date(2024, 6, 1))
    assert decide([row], key).hit is None
    assert [lost.text("en") for lost in losers([row], key)] == [
        f"{row['factor_id']}: valid only from 2025-01-01"
    ]


def test_what_came_nearest_in_time_is_named_first() -> None:
    rows = [
        mix("0.3", factor_id=f"mix{year}", valid_from=date(year, 1, 1), valid_to=date(year + 1, 1, 1))
        for year in (2010, 2012, 2018, 2020, 2030)
    ]
    decision = decide(rows)
    assert [remark.subject for remark in decision.detail] == ["mix2020", "mix2018", "mix2030"]


def test_spend_on_nobody_knows_what_needs_a_product_group() -> None:
    matcher = engine(catalogue(), year=2024, books=("ghgp_location",)).books[0].matcher
    decision = matcher.decide(Key("purchase", "", "EUR", "none", "DE", date(2024, 6, 1)))
    assert decision.code == "group_missing"
    assert [remark.text("de") for remark in decision.detail] == [
        "Ausgaben brauchen eine Gütergruppe, einen CPV-Code oder ein Konto"
    ]


def test_total_is_one_figure_or_both_parts_of_one_statement() -> None:
    both = [mix("0.3", factor_id="both"), mix("0.05", factor_id="both", chain="upstream")]
    decision = decide(both, book="bisko")
    assert decision.hit is not None
    assert [chain.value for chain in decision.hit.chains] == ["direct", "upstream"]
    assert decide([mix("0.3"), mix("0.05", factor_id="x", chain="upstream")], book="bisko").hit is None


def test_an_activity_without_family_has_no_source() -> None:
    decision = decide([mix("0.3")], Key("no_emission_payment", "", "EUR", "none", "DE", date(2024, 6, 1)))
    assert decision.code == "no_source"


def test_months_with_the_same_validity_share_a_decision() -> None:
    matcher = engine(with_factors([mix("0.3")]), year=2024, books=("ghgp_location",)).books[0].matcher
    june = matcher.decide(POWER)
    assert matcher.decide(Key("electricity", "", "kWh", "none", "DE", date(2024, 7, 1))) is june


@pytest.mark.parametrize(
    ("region", "wider", "expected"),
    [
        ("DE-HH", ("EU27",), ("DE-HH", "DE", "EU27")),
        ("CH", ("EU27",), ("CH",)),
        ("CH", ("EU27", "World"), ("CH", "World")),
        ("EU27", ("EU27",), ("EU27",)),
    ],
)
def test_region_chains(region: str, wider: tuple[str, ...], expected: tuple[str, ...]) -> None:
    assert regions_of(region, wider) == expected


def test_the_shipped_catalogue_has_no_ties() -> None:
    from bilanz.activity import activities
    from bilanz.units import units

    by_dimension = {"energy": ["kWh"], "volume": ["l", "m3"], "mass": ["t"], "money": ["EUR"]}
    by_dimension |= {"passenger_distance": ["pkm"], "distance": ["km"], "freight": ["tkm"]}
    assert {unit for names in by_dimension.values() for unit in names} <= set(units())
    decided = 0
    for year in (2022, 2023, 2024, 2025):
        for weighted in engine(catalogue(), year=year).books:
            for entry in activities().values():
                for unit in [unit for kind in entry.dimensions for unit in by_dimension.get(kind, ())]:
                    for basis in ("Hi", "Hs") if entry.needs_basis else ("none",):
                        weighted.matcher.decide(Key(entry.code, "J61", unit, basis, "DE", date(year, 6, 1)))
                        decided += 1
    assert decided > 1000


def test_older_editions_are_listed_among_the_losers_and_decide_nothing() -> None:
    rows = [mix(f"0.{number}", factor_id=f"e{number}", edition=f"e{number}") for number in range(1, 6)]
    decision = decide(rows)
    assert decision.hit is not None
    assert decision.hit.statement.id == "e5"
    assert {lost.subject for lost in losers(rows)} == {"e1", "e2", "e3", "e4"}


def test_of_many_years_the_nearest_are_named() -> None:
    rows = [
        mix("0.3", factor_id=str(year), valid_from=date(year, 1, 1), valid_to=date(year + 1, 1, 1))
        for year in range(2000, 2015)
    ]
    decision = decide(rows)
    assert decision.hit is None
    assert [remark.subject for remark in decision.detail] == ["2014", "2013", "2012"]


def own(edition: str, value: str, **told: object) -> dict[str, Any]:
    name = {"factor_id": f"custom:{edition}:heat", "source": "custom", "edition": edition}
    return factor("district_heat", value, **(name | told))


HEAT = Key("district_heat", "", "kWh", "none", "DE", date(2024, 6, 1))


def test_two_files_of_own_factors_for_the_same_are_no_number() -> None:
    """No name of a file decides: before, the one last in the alphabet counted without a word."""
    for first, second in (("a", "b"), ("b", "a")):
        decision = decide([own(first, "0.19"), own(second, "0.777")], HEAT)
        assert (decision.hit, decision.code) == (None, "own_factors_alike")
        assert {remark.subject for remark in decision.detail} == {"custom:a:heat", "custom:b:heat"}


@pytest.mark.parametrize(
    "other",
    [
        {"region": "AT"},
        {"valid_from": date(2025, 1, 1)},
        {"organisation": "somebody"},
        {"factor_id": "custom:a:heat_mwh", "per_unit": "MWh", "edition": "a"},  # the same file
    ],
)
def test_own_factors_that_say_something_else_are_no_rivals(other: dict[str, Any]) -> None:
    decision = decide([own("a", "0.19"), own("b", "0.777") | other], HEAT)
    assert decision.hit is not None
    assert decision.hit.statement.edition == "a"


def test_a_certificate_with_upstream_counts_in_every_book() -> None:
    rows = [own("a", "0.1825", chain="total", method="exergy")]
    for book in ("bisko", "ghgp_location", "ghgp_market"):
        decision = decide(rows, HEAT, book)
        assert decision.hit is not None
        assert decision.hit.statement.id == "custom:a:heat"
        is_told = "total_in_scope" in {code for code, _, _ in decision.assumptions}
        assert is_told is (book != "bisko")
