from datetime import date
from fractions import Fraction

import pytest

from bilanz.conversion import Conversion, Converter, Misfit
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
    ],
)
def test_what_cannot_be_converted_says_why(
    converter: Converter, activity: str, unit: str, basis: str, per_unit: str, per_basis: str, code: str
) -> None:
    found = converter.convert(activity, unit, basis, per_unit, per_basis, DE, DAY)
    assert isinstance(found, Misfit)
    assert found.code == code


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
