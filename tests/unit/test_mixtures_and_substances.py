"""Fuels as they leave the pump, gases that escape, gases beside CO2, sets of potentials: by hand."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from ledger import Ledger, co2e, factor, with_factors

from bilanz.app.calculation import engine
from bilanz.books import SourceRule
from bilanz.decision import Decision, Key
from bilanz.factor import PROPERTY_SCHEMA, Grade
from bilanz.scopes import OWN_CONSUMPTION
from bilanz.weighting import Weighted, parts_of
from factors.base import Catalogue, catalogue

JUNE = date(2024, 6, 1)


def share(value: str, **told: object) -> dict[str, Any]:
    """Return a property row: share of biodiesel in German B7 by volume, always valid."""
    row = dict.fromkeys(PROPERTY_SCHEMA) | {
        "property_id": f"own:{value}",
        "activity": "diesel_b7",
        "kind": "biofuel_share",
        "region": "DE",
        "value": Decimal(value),
        "unit": "1",
        "per_unit": "1",
        "basis": "none",
        "rank": 1,
        "source": "own",
        "edition": "1",
        "evidence": "custom",
        "publisher": "p",
        "title": "t",
        "locator": "l",
        "licence": "x",
    }
    return row | told


def with_shares(known: Catalogue, *rows: dict[str, Any]) -> Catalogue:
    own = pl.DataFrame(list(rows), schema=PROPERTY_SCHEMA, orient="row")
    told = {name: getattr(known, name) for name in Catalogue.__dataclass_fields__}
    return Catalogue(**(told | {"properties": pl.concat([known.properties, own])}))


FUELS = [
    factor("diesel", "2.65", per_unit="l", factor_id="own:diesel"),
    factor("biodiesel", "0.1", per_unit="l", factor_id="own:fame"),
]


def decided(known: Catalogue, key: Key, book: str = "ghgp_location") -> tuple[Decision, Weighted]:
    weighted = engine(known, year=key.on.year, books=(book,)).books[0]
    return weighted.matcher.decide(key), weighted


def b7(unit: str = "l", on: date = JUNE) -> Key:
    return Key("diesel_b7", "", unit, "none", "DE", on)


def total(known: Catalogue, key: Key, book: str = "ghgp_location") -> Fraction:
    decision, weighted = decided(known, key, book)
    return sum((part.co2e for part in parts_of(decision, weighted, OWN_CONSUMPTION)), Fraction(0))


def test_pump_diesel_is_the_fossil_fuel_and_its_share_of_biodiesel() -> None:
    """0.93 · 2.65 + 0.07 · 0.1 = 2.4645 + 0.007 = 2.4715 kg per litre."""
    known = with_shares(with_factors(FUELS, only=True), share("0.07"))
    assert total(known, b7()) == Fraction("2.4715")
    decision, _ = decided(known, b7())
    assert ("biofuel_share", "diesel_b7", "own:0.07") in decision.assumptions


def test_the_share_is_the_one_of_the_day() -> None:
    """June by 0.05: 0.95 · 2.65 + 0.05 · 0.1 = 2.5225; July by 0.07: 2.4715."""
    known = with_shares(
        with_factors(FUELS, only=True),
        share("0.05", valid_to=date(2024, 7, 1)),
        share("0.07", valid_from=date(2024, 7, 1)),
    )
    assert total(known, b7()) == Fraction("2.5225")
    assert total(known, b7(on=date(2024, 7, 1))) == Fraction("2.4715")


@pytest.mark.parametrize(
    "rows", [[], [share("0.07", region="AT")], [share("0.07", valid_to=date(2024, 1, 1))]]
)
def test_without_a_share_that_holds_it_counts_as_fossil_and_says_so(rows: list[dict[str, Any]]) -> None:
    known = with_shares(with_factors(FUELS, only=True), *rows)
    decision, _ = decided(known, b7())
    assert total(known, b7()) == Fraction("2.65")
    assert decision.grade is Grade.PARENT
    assert ("biofuel_share_unknown", "diesel_b7", "own:diesel") in decision.assumptions


def test_diesel_alone_is_the_fossil_fuel() -> None:
    known = with_shares(with_factors(FUELS, only=True), share("0.07"))
    assert total(known, Key("diesel", "", "l", "none", "DE", JUNE)) == Fraction("2.65")


def test_a_bio_part_without_factor_is_no_number() -> None:
    known = with_shares(with_factors(FUELS[:1], only=True), share("0.07"))
    decision, _ = decided(known, b7())
    assert (decision.hit, decision.code) == (None, "no_factor")


def test_litres_of_pump_diesel_are_one_quantity_in_the_balance() -> None:
    ledger = Ledger()
    ledger.bill("truck", "diesel_b7", "100", JUNE, date(2024, 7, 1), unit="l")
    known = with_shares(with_factors(FUELS, only=True), share("0.07"))
    result = ledger.calculate(catalogue=known, books=("ghgp_location",))
    lead = result.lines.filter("is_lead")
    assert lead["quantity"].to_list() == [Decimal(100)]
    assert co2e(result, "ghgp_location") == Decimal("247.15")
    assert set(result.lines["factor_id"]) == {"own:diesel", "own:fame"}


@pytest.mark.parametrize(
    ("gwp", "expected"),
    [
        ("SAR", "1725"),  # half HFC32 (650), half HFC125 (2800)
        ("AR4", "2087.5"),  # 675 and 3500
        ("AR5", "1923.5"),  # 677 and 3170
        ("AR6", "2255.5"),  # 771 and 3740
    ],
)
def test_a_refrigerant_is_its_own_mass_in_every_set(gwp: str, expected: str) -> None:
    """R410A is half HFC32 and half HFC125 by mass."""
    ledger = Ledger()
    told = {"unit": "kg", "product_group": "R-410A"}
    ledger.bill("chiller", "refrigerant", "1", JUNE, date(2024, 7, 1), **told)
    result = ledger.calculate(gwp=gwp, books=("ghgp_location",))
    line = result.lines.row(0, named=True)
    assert line["co2e_kg"] == Decimal(expected)
    assert (line["mass_kg"], line["gas"], line["grade"]) == (Decimal(1), "R410A", "exact")
    assert (line["scope"], line["category"]) == ("1", "fugitive")


def test_r22_is_shown_outside_the_scopes() -> None:
    """HCFC22 is a gas of the Montreal Protocol: 2 kg · 1810 (AR4) = 3620 kg, in no scope."""
    ledger = Ledger()
    ledger.bill("chiller", "refrigerant", "2", JUNE, date(2024, 7, 1), unit="kg", product_group="R22")
    result = ledger.calculate(gwp="AR4", books=("ghgp_location",))
    line = result.lines.row(0, named=True)
    assert (line["scope"], line["category"], line["co2e_kg"]) == ("outside", "montreal_gases", Decimal(3620))


@pytest.mark.parametrize(("group", "code"), [(None, "substance_missing"), ("R999", "no_factor")])
def test_an_unnamed_or_unknown_refrigerant_is_an_exception(group: str | None, code: str) -> None:
    ledger = Ledger()
    ledger.bill("chiller", "refrigerant", "2", JUNE, date(2024, 7, 1), unit="kg", product_group=group)
    result = ledger.calculate(books=("ghgp_location",))
    assert result.lines.is_empty()
    assert result.exceptions["code"].to_list() == [code]


def test_landfill_methane_measured_by_the_operator() -> None:
    """1000 kg of biogenic CH4 by AR6: 27.0 t CO2e, scope 1, process."""
    ledger = Ledger()
    told = {"unit": "kg", "product_group": "CH4_biogenic"}
    ledger.bill("landfill", "released_gas", "1000", JUNE, date(2024, 7, 1), **told)
    result = ledger.calculate(books=("ghgp_location",))
    line = result.lines.row(0, named=True)
    assert (line["scope"], line["category"], line["co2e_kg"]) == ("1", "process", Decimal(27000))


def test_composting_and_sewage_by_the_defaults() -> None:
    """10 t of wet waste: 40 kg CH4 · 27 + 2.4 kg N2O · 273 = 1080 + 655.2 = 1735.2 kg (AR6)."""
    ledger = Ledger()
    ledger.bill("plant", "composting", "10", JUNE, date(2024, 7, 1), unit="t")
    ledger.bill("works", "sewage_cod", "1000", JUNE, date(2024, 7, 1), unit="kg")  # 7.5 kg CH4 · 27 = 202.5
    result = ledger.calculate(books=("ghgp_location",))
    assert co2e(result, "ghgp_location", activity="composting") == Decimal("1735.2")
    assert co2e(result, "ghgp_location", activity="sewage_cod") == Decimal("202.5")
    assert set(result.lines["grade"]) == {"proxy"}


GAS_SPLIT = [
    factor("natural_gas", "0.2", gas="CO2e", gwp="AR5", basis="Hi", factor_id="own:gas"),
    factor("natural_gas", "0.1954", gas="CO2", basis="Hi", factor_id="own:gas"),
    factor("natural_gas", "0.0028", gas="CH4", gwp="AR5", basis="Hi", factor_id="own:gas"),
    factor("natural_gas", "0.0018", gas="N2O", gwp="AR5", basis="Hi", factor_id="own:gas"),
]


@pytest.mark.parametrize(
    ("gwp", "by_hand"),
    [
        ("AR5", Fraction(200)),  # as published
        ("AR4", Fraction("195.4") + Fraction("2.5") + Fraction("1.8") / 265 * 298),
        ("AR6", Fraction("195.4") + Fraction("2.79") + Fraction("1.8") / 265 * 273),
    ],
)
def test_gases_stated_as_co2e_are_weighted_anew(gwp: str, by_hand: Fraction) -> None:
    """1000 kWh hold 195.4 kg CO2, 2.8 / 28 = 0.1 kg CH4 and 1.8 / 265 kg N2O."""
    known = with_factors(GAS_SPLIT, only=True)
    weighted = engine(known, year=2024, books=("ghgp_location",), gwp=gwp).books[0]
    decision = weighted.matcher.decide(Key("natural_gas", "", "kWh", "Hi", "DE", JUNE))
    parts = parts_of(decision, weighted, OWN_CONSUMPTION)
    assert 1000 * sum(part.co2e for part in parts) == by_hand
    masses = {part.gas: 1000 * part.mass for part in parts if part.mass is not None}
    assert masses == {"CO2": Fraction("195.4"), "CH4": Fraction("0.1"), "N2O": Fraction("1.8") / 265}


def test_three_sets_give_three_results_for_methane() -> None:
    known = with_factors(GAS_SPLIT, only=True)
    key = Key("natural_gas", "", "kWh", "Hi", "DE", JUNE)
    found = set()
    for name in ("AR4", "AR5", "AR6"):
        weighted = engine(known, year=2024, books=("ghgp_location",), gwp=name).books[0]
        parts = parts_of(weighted.matcher.decide(key), weighted, OWN_CONSUMPTION)
        found.add(sum(part.co2e for part in parts if part.gas == "CH4"))
    assert len(found) == 3


def test_co2e_of_another_set_is_used_as_it_is_and_listed() -> None:
    ledger = Ledger()
    ledger.bill("meter", "electricity", "1000", JUNE, date(2024, 7, 1))
    known = with_factors(
        [factor("electricity", "0.4", gwp="AR5", source="uba_strommix", evidence="primary")], only=True
    )
    result = ledger.calculate(catalogue=known, books=("ghgp_location",), gwp="AR6")
    assert co2e(result, "ghgp_location") == Decimal(400)
    told = result.assumptions.filter(pl.col("code") == "gwp_other_set")
    assert told.select("subject", "detail").rows() == [("electricity", "own:electricity (AR5)")]


def test_methane_and_nitrous_oxide_join_a_factor_of_co2_alone() -> None:
    """CO2 0.2 kg from one source, CH4 0.001 kg and N2O 0.0001 kg from the declared other: AR6 0.2552 kg."""
    rows = [
        factor("natural_gas", "0.2", gas="CO2", basis="Hi", source="ebev2030", evidence="primary"),
        *(
            factor(
                "natural_gas",
                value,
                gas=gas,
                basis="Hi",
                source="desnz",
                region="GB",
                factor_id="gb:gas",
                evidence="primary",
            )
            for gas, value in (("CO2", "0.19"), ("CH4", "0.001"), ("N2O", "0.0001"))
        ),
    ]
    key = Key("natural_gas", "", "kWh", "Hi", "DE", JUNE)
    decision, weighted = decided(with_factors(rows, only=True), key)
    parts = parts_of(decision, weighted, OWN_CONSUMPTION)
    assert {part.gas: part.mass for part in parts} == {
        "CO2": Fraction("0.2"),
        "CH4": Fraction("0.001"),
        "N2O": Fraction("0.0001"),
    }
    # 0.2 + 0.001 · 27.9 + 0.0001 · 273
    assert sum(part.co2e for part in parts) == Fraction("0.2552")
    assert [part.hit.grade for part in parts] == [Grade.EXACT, Grade.PROXY, Grade.PROXY]
    codes = {code for code, _, _ in decision.assumptions}
    assert "gases_added" in codes
    assert "co2_only" not in codes


def test_a_definition_holds_everywhere_without_downgrade() -> None:
    assert SourceRule(source="substance", is_universal=True).grade is Grade.EXACT
    for region in ("DE-BB", "US", "JP"):
        decision, _ = decided(catalogue(), Key("refrigerant", "SF6", "kg", "none", region, JUNE))
        assert decision.grade is Grade.EXACT


@pytest.mark.parametrize(
    ("activity", "unit", "is_added"),
    [
        ("natural_gas", "kWh", True),
        ("diesel", "l", True),
        ("heating_oil", "l", False),
        ("hard_coal", "t", False),
    ],
)
def test_no_gases_of_open_fires_and_machines_join_coal_and_heating_oil(
    activity: str, unit: str, *, is_added: bool
) -> None:
    basis = "Hs" if unit == "kWh" else "none"
    decision, _ = decided(catalogue(), Key(activity, "", unit, basis, "DE", JUNE))
    assert (decision.gases is not None) is is_added
    assert ("co2_only" in {code for code, _, _ in decision.assumptions}) is not is_added


def test_a_report_lists_the_rows_taken_and_not_all_of_their_statement() -> None:
    """Gas for Germany: CO2 by the statute, CH4 and N2O by the United Kingdom, without its upstream part."""
    ledger = Ledger()
    ledger.bill("boiler", "natural_gas", "1000", JUNE, date(2024, 7, 1), basis="Hs")
    result = ledger.calculate(books=("ghgp_location",))
    rows = set(result.factors.select("source", "gas", "chain").iter_rows())
    assert rows == {("ebev2030", "CO2", "direct"), ("desnz", "CH4", "direct"), ("desnz", "N2O", "direct")}


def test_a_refrigerant_has_no_supply_chain_of_energy_to_miss() -> None:
    decision, _ = decided(catalogue(), Key("refrigerant", "R32", "kg", "none", "DE", JUNE))
    assert decision.assumptions == ()


def test_pump_diesel_by_litre_and_by_kilogram_is_the_same() -> None:
    """A litre weighs 0.93 · 0.845 + 0.07 · density of FAME; so many kilograms emit what a litre emits."""
    known = with_shares(with_factors(FUELS, only=True), share("0.07"))
    rows = known.properties.filter(pl.col("kind") == "density", pl.col("source") == "ebev2030")
    density = {name: Fraction(value) for name, value in rows.select("activity", "value").iter_rows()}
    weight = Fraction("0.93") * density["diesel"] + Fraction("0.07") * density["biodiesel"]
    assert total(known, b7("kg")) * weight == total(known, b7("l"))
    codes = {code for code, _, _ in decided(known, b7("kg"))[0].assumptions}
    assert "biofuel_share" in codes


def test_a_country_without_own_fuels_takes_the_default_of_the_ipcc() -> None:
    """Austria, before: the figures of Brandenburg. Germany and Brandenburg keep their own."""
    for region, source in (("AT", "ipcc_fuels"), ("DE", "ebev2030"), ("DE-BB", "ebev2030"), ("GB", "desnz")):
        decision, _ = decided(catalogue(), Key("diesel", "", "l", "none", region, JUNE))
        assert decision.hit is not None
        assert decision.hit.statement.source == source


def test_british_travel_is_no_stand_in_in_britain() -> None:
    key = Key("travel_bus", "", "pkm", "none", "GB", JUNE)
    assert decided(catalogue(), key)[0].grade is Grade.EXACT
    assert decided(catalogue(), replace(key, region="AT"))[0].grade is Grade.PROXY


def test_litres_of_compressed_gas_are_no_quantity() -> None:
    """Before, a thousand litres counted as gas at the meter: 2 kg CO2e, where some hundreds are emitted."""
    for unit in ("l", "m3"):
        decision, _ = decided(catalogue(), Key("cng", "", unit, "none", "DE", JUNE))
        assert (decision.hit, decision.code) == (None, "unit_mismatch")
    assert decided(catalogue(), Key("cng", "", "kg", "none", "DE", JUNE))[0].hit is not None
