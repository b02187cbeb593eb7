"""The CO2 a bill states by law is held against what our factor makes of its quantity."""

import json
from datetime import date

import pytest
from ledger import Ledger

from bilanz.app.catalogue.releases import catalogue_of
from bilanz.app.settings import Settings
from factors.base import Catalogue

YEAR = (date(2024, 1, 1), date(2025, 1, 1))


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    return catalogue_of(Settings(data=tmp_path_factory.mktemp("data") / "data"))


def found(known: Catalogue, *bills: dict[str, object], **asked: object) -> list[tuple[str, ...]]:
    ledger = Ledger()
    for number, told in enumerate(bills):
        stated = told.pop("stated", None)
        attributes = None if stated is None else json.dumps({"co2_stated_kg": stated})
        given = {"unit": "kWh", "basis": "Hi", "quantity": "10000", "activity": "natural_gas", **told}
        ledger.bill(
            f"G-{number}", str(given.pop("activity")), str(given.pop("quantity")), *YEAR,
            attributes=attributes, **given,
        )  # fmt: skip
    result = ledger.calculate(catalogue=known, **asked)
    return [row for row in result.assumptions.rows() if row[0] == "co2_statement_differs"]


# EBeV 2030: 0.0558 t CO2/GJ (Hi) × 3.6 GJ/MWh = 0.20088 kg/kWh, so 10 000 kWh (Hi) are 2008.8 kg.
@pytest.mark.parametrize(
    ("stated", "differs"),
    [("2008.8", False), ("2048", False), ("1970", False), ("2051", True), ("1969", True), ("2008800", True)],
)
def test_two_percent_are_the_limit(known: Catalogue, stated: str, *, differs: bool) -> None:
    assert bool(found(known, {"stated": stated})) is differs


def test_bill_and_both_figures_are_named(known: Catalogue) -> None:
    assert found(known, {"stated": "1810"}) == [
        ("co2_statement_differs", "natural_gas", "G-0: 1810.0 / 2008.8 kg")
    ]


def test_gross_energy_is_compared_as_net(known: Catalogue) -> None:
    # × 0.903 from Hs to Hi (EBeV 2030): 9030 kWh (Hi), 1813.9 kg
    assert found(known, {"basis": "Hs", "stated": "1813.9"}) == []
    assert len(found(known, {"basis": "Hs", "stated": "2008.8"})) == 1


@pytest.mark.parametrize("stated", [None, "", "none", "0", "NaN"])
def test_what_states_nothing_is_compared_with_nothing(known: Catalogue, stated: str | None) -> None:
    assert found(known, {"stated": stated}) == []


def test_a_carrier_whose_burning_is_not_ours_is_left_alone(known: Catalogue) -> None:
    assert found(known, {"activity": "electricity", "basis": "none", "stated": "1"}) == []


def test_another_book_alone_compares_as_well(known: Catalogue) -> None:
    assert len(found(known, {"stated": "1810"}, books=("ghgp_market",))) == 1
