from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction

import polars as pl
import pytest

from bilanz.activity import activities
from bilanz.conversion import Conversion, Converter, Misfit
from bilanz.factor import PROPERTY_SCHEMA
from factors.base import catalogue

DE = ("DE",)
DAY = date(2024, 6, 1)


@pytest.fixture(scope="module")
def converter() -> Converter:
    return Converter(catalogue().properties)


@pytest.mark.parametrize(
    ("activity", "unit", "basis", "per_unit", "per_basis", "expected"),
    [
        ("electricity", "MWh", "none", "kWh", "none", Fraction(1000)),
        ("electricity", "kWh", "Hs", "kWh", "none", Fraction(1)),  # electricity has no calorific basis
        (
            "diesel",
            "l",
            "none",
            "GJ",
            "Hi",
            Fraction(845, 1_000_000) * Fraction(428, 10),
        ),  # 0.845 t/m3, 42.8 GJ/t
        ("diesel", "kg", "none", "GJ", "Hi", Fraction(428, 10_000)),
        ("natural_gas", "kWh", "Hs", "kWh", "Hi", Fraction(903, 1000)),  # EBeV: 3.2508 GJ Hi per MWh Hs
        ("natural_gas", "kWh", "Hi", "kWh", "Hs", Fraction(1000, 903)),
        ("natural_gas", "m3", "none", "kWh", "Hi", Fraction(10)),  # HeizkostenV § 9: 10 kWh/m3
        ("diesel", "GJ", "Hi", "m3", "none", 1 / (Fraction(428, 10) * Fraction(845, 1000))),
        ("wood_pellets", "t", "none", "kWh", "Hi", Fraction(5000)),  # HeizkostenV § 9: 5 kWh/kg
        ("purchase", "EUR", "none", "kEUR", "none", Fraction(1, 1000)),
    ],
)
def test_ratios_are_exact(
    converter: Converter,
    activity: str,
    unit: str,
    basis: str,
    per_unit: str,
    per_basis: str,
    expected: Fraction,
) -> None:
    found = converter.convert(activity, unit, basis, per_unit, per_basis, DE, DAY)
    assert isinstance(found, Conversion)
    assert found.ratio == expected
    product = Fraction(1)
    for step in found.steps:
        product *= step.value
    assert product == expected


@pytest.mark.parametrize(
    ("activity", "unit", "basis", "per_unit", "per_basis", "code"),
    [
        ("natural_gas", "kWh", "none", "GJ", "Hi", "basis_missing"),
        ("electricity", "kWh", "none", "l", "none", "unit_mismatch"),
        ("purchase", "EUR", "none", "USD", "none", "unit_mismatch"),
        ("electricity", "parsec", "none", "kWh", "none", "unit_mismatch"),
        ("hydrogen", "kWh", "Hs", "kWh", "Hi", "basis"),  # no published Hs/Hi of hydrogen
        ("cng", "l", "none", "kWh", "Hi", "unit_mismatch"),  # compressed: 10 kWh/m3 is gas at the meter
    ],
)
def test_what_cannot_be_converted_says_why(
    converter: Converter, activity: str, unit: str, basis: str, per_unit: str, per_basis: str, code: str
) -> None:
    found = converter.convert(activity, unit, basis, per_unit, per_basis, DE, DAY)
    assert isinstance(found, Misfit)
    assert found.code == code


@pytest.mark.parametrize("region", ["DE", "GB", "FR", "US"])
def test_gross_energy_is_more_than_net_of_the_same_fuel(converter: Converter, region: str) -> None:
    fuels = [code for code, entry in activities().items() if entry.needs_basis]
    found = {code: converter.convert(code, "kWh", "Hs", "kWh", "Hi", (region,), DAY) for code in fuels}
    ratios = {code: each.ratio for code, each in found.items() if isinstance(each, Conversion)}
    assert {"hard_coal", "heating_oil", "petrol", "wood_pellets"} <= set(ratios)
    assert [code for code, ratio in ratios.items() if not Fraction(89, 100) < ratio < Fraction(97, 100)] == []


def test_two_calorific_values_of_a_path_are_of_one_publication(converter: Converter) -> None:
    # DESNZ states both of hard coal, the EBeV 25.8 GJ/t (Hi): gross of one and net of the other made 1.08.
    found = converter.convert("hard_coal", "kWh", "Hs", "kWh", "Hi", DE, DAY)
    assert isinstance(found, Conversion)
    assert {name.split(":")[0] for name in found.properties} == {"desnz"}
    assert round(float(found.ratio), 3) == 0.95
    assert found.is_foreign


def test_a_well_ranked_chain_comes_before_one_worse_step(converter: Converter) -> None:
    # EBeV 2030: 0.845 t/m3 and 42.8 GJ/t, not the 10 kWh/l of HeizkostenV § 9
    found = converter.convert("heating_oil", "l", "none", "GJ", "Hi", DE, DAY)
    assert isinstance(found, Conversion)
    assert found.ratio == Fraction(845, 1_000_000) * Fraction(428, 10)


def test_a_property_stated_later_stands_in_and_is_marked(converter: Converter) -> None:
    old = converter.convert(
        "diesel", "l", "none", "GJ", "Hi", DE, date(2022, 6, 1)
    )  # EBeV 2030 holds from 2023
    assert isinstance(old, Conversion)
    assert old.is_later
    now = converter.convert("diesel", "l", "none", "GJ", "Hi", DE, DAY)
    assert isinstance(now, Conversion)
    assert not now.is_later
    assert now.ratio == old.ratio


def test_a_property_of_another_region_stands_in_and_is_marked(converter: Converter) -> None:
    found = converter.convert("diesel", "l", "none", "GJ", "Hi", ("FR",), DAY)
    assert isinstance(found, Conversion)
    assert found.is_foreign
    home = converter.convert("diesel", "l", "none", "GJ", "Hi", DE, DAY)
    assert isinstance(home, Conversion)
    assert not home.is_foreign


BILL = {
    "activity": "natural_gas",
    "area": "Nord",
    "valid_from": date(2024, 1, 1),
    "valid_to": date(2025, 1, 1),
}
STATE = BILL | {"kind": "state_number", "value": "0.9512", "unit": "m3n", "per_unit": "m3"}
GROSS = BILL | {
    "kind": "gross_calorific_value", "value": "11.432", "unit": "kWh", "per_unit": "m3n", "basis": "Hs"
}  # fmt: skip
WHOLE = {"area": None}


def with_own(*rows: Mapping[str, object]) -> Converter:
    """Return a converter that knows own properties besides the shipped ones."""
    known = {"region": "DE", "basis": "none", "rank": 0, "source": "custom", "edition": "bill"}
    known |= {"evidence": "custom", "publisher": "–", "title": "bill", "locator": "row", "licence": "–"}
    full = [
        dict.fromkeys(PROPERTY_SCHEMA) | known | {"property_id": f"custom:{index}"} | row | {
            "value": Decimal(str(row["value"]))
        }
        for index, row in enumerate(rows)
    ]  # fmt: skip
    own = pl.DataFrame(full, schema=PROPERTY_SCHEMA, orient="row")
    return Converter(pl.concat([catalogue().properties, own]))


def gas(converter: Converter, area: str = "Nord", on: date = DAY, **told: str) -> Conversion | Misfit:
    wanted = {"unit": "m3", "per_unit": "kWh", "per_basis": "Hs"} | told
    return converter.convert(
        "natural_gas", wanted["unit"], "none", wanted["per_unit"], wanted["per_basis"], DE, on, area
    )


def ratio_of(found: Conversion | Misfit) -> Fraction:
    assert isinstance(found, Conversion)
    return found.ratio


def test_a_gas_bill_is_recomputed_exactly() -> None:
    # 1000 m3 × 0.9512 = 951.2 m3n; × 11.432 kWh/m3n = 10 874.1184 kWh (Hs)
    found = gas(with_own(STATE, GROSS))
    assert ratio_of(found) * 1000 == Fraction("10874.1184")
    # × 0.903 (EBeV) = 9 819.3289152 kWh (Hi), not the 10 000 of HeizkostenV
    net = gas(with_own(STATE, GROSS), per_basis="Hi")
    assert ratio_of(net) * 1000 == Fraction("9819.3289152")
    assert isinstance(net, Conversion)
    assert [step.kind for step in net.steps] == ["state_number", "gross_calorific_value", "hi_per_hs"]
    assert not net.is_general


def test_standard_cubic_metres_need_the_calorific_value_only() -> None:
    assert ratio_of(gas(with_own(GROSS), unit="m3n")) == Fraction("11.432")
    assert isinstance(gas(with_own(), unit="m3n"), Misfit)


def test_a_state_number_alone_leaves_the_general_heating_value_and_says_so() -> None:
    # 1 m3n = 1 / 0.9512 m3; 10 kWh (Hi) per m3 (HeizkostenV); 1 / 0.903 Hs per Hi
    found = gas(with_own(STATE), unit="m3n")
    assert ratio_of(found) == 10 / Fraction("0.9512") / Fraction("0.903")
    assert isinstance(found, Conversion)
    assert found.is_general


@pytest.mark.parametrize(
    ("area", "on"), [("Süd", DAY), ("", DAY), ("Nord", date(2025, 6, 1)), ("Nord", date(2023, 6, 1))]
)
def test_parameters_of_another_area_or_time_are_not_taken(area: str, on: date) -> None:
    found = gas(with_own(STATE, GROSS), area, on, per_basis="Hi")
    assert ratio_of(found) == 10  # HeizkostenV § 9
    assert isinstance(found, Conversion)
    assert found.is_general


def test_the_area_comes_before_the_region_and_both_before_what_is_shipped() -> None:
    region = [STATE | WHOLE | {"value": "0.9"}, GROSS | WHOLE | {"value": "10"}]
    own = with_own(STATE, GROSS, *region)
    assert ratio_of(gas(own)) == Fraction("0.9512") * Fraction("11.432")
    elsewhere = gas(own, "Süd")
    assert ratio_of(elsewhere) == 9
    assert isinstance(elsewhere, Conversion)
    assert not elsewhere.is_general


def test_an_expired_property_is_marked() -> None:
    converter = with_own(GROSS | WHOLE | {"valid_to": date(2024, 2, 1)})
    found = gas(converter, unit="m3n")
    assert isinstance(found, Conversion)
    assert found.is_expired
    now = gas(converter, unit="m3n", on=date(2024, 1, 15))
    assert isinstance(now, Conversion)
    assert not now.is_expired


@pytest.mark.parametrize(
    ("activity", "unit", "per_unit", "expected"),
    [
        ("wood_chips", "SRm", "Fm", Fraction("0.4")),
        ("wood_chips", "Fm", "kWh", 650 / Fraction("0.4")),  # HeizkostenV: 650 kWh/SRm; RVR: 0.4 Fm/SRm
        ("firewood", "rm", "Fm", Fraction("0.65")),
        ("firewood", "rm", "SRm", Fraction("0.65") / Fraction("0.4")),
    ],
)
def test_measures_of_wood_convert_over_a_sourced_row(
    converter: Converter, activity: str, unit: str, per_unit: str, expected: Fraction
) -> None:
    basis = "Hi" if per_unit == "kWh" else "none"
    found = converter.convert(activity, unit, "none", per_unit, basis, DE, DAY)
    assert ratio_of(found) == expected


@pytest.mark.parametrize(
    ("activity", "unit", "per_unit"),
    [("wood_chips", "rm", "SRm"), ("wood_pellets", "SRm", "Fm"), ("firewood", "rm", "kWh")],
)
def test_measures_of_wood_never_convert_without_one(
    converter: Converter, activity: str, unit: str, per_unit: str
) -> None:
    basis = "Hi" if per_unit == "kWh" else "none"
    found = converter.convert(activity, unit, "none", per_unit, basis, DE, DAY)
    assert isinstance(found, Misfit)
    assert found.code == "unit_mismatch"
