"""Units of published factors, as publications spell them."""

import csv
import re
from pathlib import Path

import pytest

from bilanz import units
from bilanz.errors import UnitError
from bilanz.published import Published, published, unread
from factors.base import catalogue

REFERENCE = Path(__file__).parents[3] / "shared" / "reference"
GALLON = {"gallon": "gal_us"}

READ = {
    "kg CO2e per kWh (Net CV)": Published("CO2e", "kg", "kWh", "Hi"),
    "kg CO2e per kWh (Gross CV)": Published("CO2e", "kg", "kWh", "Hs"),
    "kgCO2e/kWh PCI": Published("CO2e", "kg", "kWh", "Hi"),
    "g CO2/kWh": Published("CO2", "g", "kWh"),
    "t CO2/MWh": Published("CO2", "t", "MWh"),
    "(lb CH4 / MWh)": Published("CH4", "lb", "MWh"),
    "g N2O per mmBtu": Published("N2O", "g", "MMBtu"),
    "kg CO2e of CH4 per unit": Published("CH4", "kg", None, is_weighted=True),
    "kg CO2e of N2O per kWh (Gross CV)": Published("N2O", "kg", "kWh", "Hs", is_weighted=True),
    "kg CO2e": Published("CO2e", "kg", None),
    "kg CO2e/2022 USD": Published("CO2e", "kg", "USD", price_year=2022),
    "kg CO2e/2022 USD, purchaser price": Published("CO2e", "kg", "USD", price_year=2022, prices="purchaser"),
    "kgCO2e/kEUR HT": Published("CO2e", "kg", "kEUR", vat="excluded"),
    "kgCO2e/keuro": Published("CO2e", "kg", "kEUR"),
    "Metric Tons CO2e / Short Ton Material": Published("CO2e", "t", "short_ton"),
    "kg CO2e per passenger.km": Published("CO2e", "kg", "pkm"),
    "kg CO2e per tonne.km": Published("CO2e", "kg", "tkm"),
    "kg CO2e per Room per night": Published("CO2e", "kg", "night"),
    "kg CO2e per million litres": Published("CO2e", "kg", "Ml"),
    "kg CO2 per scf": Published("CO2", "kg", "scf"),
    "g CH4 / vehicle-mile": Published("CH4", "g", "mi"),
    "kg CO2 / short ton-mile": Published("CO2", "kg", "short_ton_mile"),
    "kg CO2 / passenger-mile": Published("CO2", "kg", "pmi"),
    "kg CO2e per per FTE Working Hour": Published("CO2e", "kg", "fte_hour"),
    "g CO2-Äquivalent pro kWh": Published("CO2e", "g", "kWh"),
    "kg CO2-Äq./kWh": Published("CO2e", "kg", "kWh"),
    "kg CO2e/L": Published("CO2e", "kg", "l"),
    "kg SF6 / kg": Published("SF6", "kg", "kg"),
}

NOT_READ = {
    "kt CO2/TJ": "kt CO2",  # knots
    "kg CO2e per ton": "ton",
    "kg CO2 per gallon": "gallon",
    "kg C per GJ": "kg C",
    "kg CO2e of CO2e per unit": "kg CO2e of CO2e",
    "kg CO2 of CH4 per unit": "kg CO2 of CH4",
    "m3 CH4 / t": "m3 CH4",
    "kg CO2e / 2022 kWh": "2022 kWh",
    "kg CO2e / kWh HT": "kWh HT",
    "kWh": "kWh",
    "mmBtu per scf": "mmBtu",
    "": "",
}


@pytest.mark.parametrize(("text", "expected"), READ.items())
def test_a_published_unit_is_read(text: str, expected: Published) -> None:
    assert published(text) == expected
    assert unread(text) is None


@pytest.mark.parametrize(("text", "part"), NOT_READ.items())
def test_a_word_that_is_not_on_the_list_is_named(text: str, part: str) -> None:
    assert published(text) is None
    found = unread(text)
    assert found is not None
    assert found[0] == part


def test_near_misses_are_those_of_the_whitelist() -> None:
    assert unread("kg CO2e per ton") == ("ton", ["t", "short_ton", "long_ton"])


def test_an_importer_says_what_its_publication_means() -> None:
    assert published("kg CO2 per gallon", words=GALLON) == Published("CO2", "kg", "gal_us")
    with pytest.raises(UnitError):
        published("kg CO2 per gallon", words={"gallon": "gal"})


def test_refrigerants_are_read_where_the_catalogue_knows_them() -> None:
    assert published("kg CO2e of HFC-134a per kg") is None
    read = published("kg CO2e of HFC-134a per kg", known=["HFC134a", "CO2e"])
    assert read == Published("HFC134a", "kg", "kg", is_weighted=True)


def test_the_mass_of_a_factor_is_a_unit_of_its_gas() -> None:
    methane, weighted = published("g CH4 / mi"), published("kg CO2e of CH4 per unit")
    assert methane is not None
    assert weighted is not None
    assert units.ratio(methane.mass, "kg_CH4") * 1000 == 1
    assert weighted.mass == "kg_CO2e"
    with pytest.raises(UnitError):
        units.ratio(methane.mass, weighted.mass)


def test_every_gas_of_the_catalogue_has_a_dimension_of_its_own() -> None:
    gases = sorted({*catalogue().gwp.get_column("gas"), *catalogue().blends.get_column("blend"), "CO2e"})
    assert len(gases) > 200
    dimensions = {units.dimension(units.mass_of_gas("kg", gas)) for gas in gases}
    assert len(dimensions) == len(gases)


# DESNZ writes "per per FTE Working Hour"; the heat contents and the loss of the EPA are no factors.
NO_FACTORS = re.compile(r"mmBtu per (gallon|scf|short ton)|fraction .*")


@pytest.mark.skipif(not REFERENCE.is_dir(), reason="the reference figures (../shared/reference) are not here")
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("desnz_2024_2026_municipal.csv", {}),
        ("epa_hub_2025.csv", GALLON),
        ("epa_supply_chain_v1_3.csv", {}),
        ("uba_transport_tremod.csv", {}),
    ],
)
def test_every_unit_of_a_publication_is_read(name: str, words: dict[str, str]) -> None:
    with (REFERENCE / name).open(encoding="utf-8") as stream:
        texts = {row["unit"] for row in csv.DictReader(stream)}
    factors = [text for text in sorted(texts) if not NO_FACTORS.fullmatch(text)]
    assert factors
    assert [text for text in factors if unread(text, words=words)] == []
