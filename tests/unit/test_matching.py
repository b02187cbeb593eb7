from datetime import date
from typing import Any

import pytest
from ledger import factor, with_factors

from bilanz.app.calculation import engine
from bilanz.errors import CatalogueError
from bilanz.factor import Grade
from bilanz.matching import Decision, Key, regions_of

POWER = Key("electricity", "", "kWh", "none", "DE", date(2024, 6, 1))


def decide(rows: list[dict[str, Any]], key: Key = POWER, book: str = "ghgp_location") -> Decision:
    return engine(with_factors(rows, only=True), year=key.on.year, books=(book,)).books[0].matcher.decide(key)


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
    assert [(lost.factor_id, lost.reason) for lost in decision.tried] == [
        ("old", "comes later by the rules of the book")
    ]


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
    told = {lost.factor_id: lost.reason for lost in decision.tried}
    assert decision.hit is None
    assert decision.grade is Grade.NONE
    assert told["region"] == "region AT"
    assert told["newer"] == "valid only from 2025-01-01"
    assert told["older"] == "13 years older than the activity; 2 are allowed"
    assert told["chain"] == "holds total only"
    assert told["unit"].startswith("unit_mismatch")
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
    from factors.base import catalogue

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
