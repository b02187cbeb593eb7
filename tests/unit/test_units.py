"""Whitelist, dimensions and ratios of `bilanz.units`."""

import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

from bilanz import activity, units
from bilanz.errors import UnitError

READ = {
    "kWh": "kWh",
    "KWH": "kWh",
    "MWH": "MWh",
    "GJ": "GJ",
    "therms": "therm",
    "kBtu": "kBtu",
    "kBtu (thousand Btu)": "kBtu",
    "ton hours": "ton_hour",
    "KWT": "kW",
    "cbm": "m3",
    "m³": "m3",
    "m3": "m3",
    "MTQ": "m3",
    "Liter": "l",
    "Ltr": "l",
    "LTR": "l",
    "l": "l",
    "GA": "gal_us",
    "GAL": "gal_us",
    "GLL": "gal_us",
    "US gallon": "gal_us",
    "GLI": "gal_uk",
    "Nm³": "m3n",
    "SRm": "SRm",
    "Srm": "SRm",
    "rm": "rm",
    "Fm": "Fm",
    "Festmeter": "Fm",
    "fm": "Fm",
    "Rm": "rm",
    "Raummeter": "rm",
    "Ster": "rm",
    "Schüttraummeter": "SRm",
    "to.": "t",
    "KG": "kg",
    "KGM": "kg",
    "t": "t",
    "to": "t",
    "TNE": "t",
    "Tonne": "t",
    "Tonnen": "t",
    "kLbs": "klb",
    "km": "km",
    "Pkm": "pkm",
    "tkm": "tkm",
    "\u00a0MWh ": "MWh",
    "Stk": "count",
    "EA": "count",
    "C62": "count",
    "H87": "count",
    "XPP": "count",
    "DAY": "d",
    "MON": "month",
    "ANN": "a",
    "HUR": "h",
    "€": "EUR",
    "EUR": "EUR",
    "T€": "kEUR",
    "TEUR": "kEUR",
    "keuro": "kEUR",
    "million litres": "Ml",
    "scf": "scf",
    "Fzkm": "km",
    "Fahrzeugkilometer": "km",
    "vkm": "km",
    "vehicle-mile": "mi",
    "passenger.km": "pkm",
    "passenger-mile": "pmi",
    "tonne.km": "tkm",
    "short ton-mile": "short_ton_mile",
    "Room per night": "night",
    "Übernachtungen": "night",
    "FTE Working Hour": "fte_hour",
    "Einwohner": "inhabitant",
    "Einwohnerwerte": "PE",
}

NEVER_READ = [
    "ML",  # a millilitre in systems that write units in capitals; a megalitre is a million litres
    "kt",
    "ton",
    "tons",
    "T",
    "C",
    "M",
    "G",
    "RM",
    "FM",
    "mWh",
    "mJ",
    "mW",
    "gal",
    "ST",
    "KGS",
    "ml",
    "ton-mile",
    "night",
    "Nacht",
    "PE",
    "EW",
    "Kd",
    "kd",
    "",
    " ",
]


@pytest.mark.parametrize(("spelling", "code"), READ.items())
def test_a_whitelisted_spelling_gives_its_code(spelling: str, code: str) -> None:
    assert units.find(spelling) == units.Spelling(code)


@pytest.mark.parametrize("spelling", NEVER_READ)
def test_an_ambiguous_spelling_is_never_read(spelling: str) -> None:
    assert units.find(spelling) is None


@pytest.mark.parametrize(
    ("spelling", "expected"),
    [
        ("MWh Ho", ("MWh", "Hs")),
        ("kWh Hs", ("kWh", "Hs")),
        ("kWh (Hi)", ("kWh", "Hi")),
        ("kWh Hu", ("kWh", "Hi")),
        ("kWh_Hs", ("kWh", "Hs")),
        ("KWH (Brennwert)", ("kWh", "Hs")),
        ("GJ LHV", ("GJ", "Hi")),
    ],
)
def test_the_calorific_basis_is_read_beside_the_unit(spelling: str, expected: tuple[str, str]) -> None:
    found = units.find(spelling)
    assert found is not None
    assert (found.unit, found.basis) == expected


@pytest.mark.parametrize("spelling", ["l Hs", "kg Hi", "Hs", "kWh Hx", "kW Hs"])
def test_a_basis_belongs_to_energy_only(spelling: str) -> None:
    assert units.find(spelling) is None


@pytest.mark.parametrize(
    "name", ["kt", "ton", "T", "C", "RM", "FM", "mWh", "knot", "tesla", "K", "Bq", "gal"]
)
def test_the_registry_knows_nothing_but_our_own_definitions(name: str) -> None:
    # pint's own file would give: knot, US short ton, tesla, coulomb, ronnametre, femtometre, milliwatt hour
    with pytest.raises(UnitError, match="is not known"):
        units.ratio(name, "kg")


def test_near_misses_of_ton_name_the_tons_that_exist() -> None:
    assert units.near("ton") == ["t", "short_ton", "long_ton"]
    assert "kWh" in units.near("kWhh")
    assert units.near("Ω") == []


@pytest.mark.parametrize(
    "spelling", ["W/m²", "kWh/m²", "kWh/(m²a)", "EUR/kWh", "kvarh", "kVA", "kW", "°C", "%"]
)
def test_a_unit_that_is_no_quantity_is_refused_with_a_reason(spelling: str) -> None:
    assert units.refusal(spelling)


@pytest.mark.parametrize("spelling", ["kWh", "m3", "t", "EUR", "n/a", "kt", ""])
def test_quantities_and_unknown_spellings_are_not_refused(spelling: str) -> None:
    assert units.refusal(spelling) is None


def test_a_kilowatt_hour_is_exactly_3_6_megajoules() -> None:
    assert units.ratio("kWh", "MJ") == Fraction(18, 5)


@pytest.mark.parametrize(
    ("unit", "target", "expected"),
    [
        ("GJ", "kWh", Fraction(2500, 9)),  # 10^9 J / (3.6 · 10^6 J)
        ("TJ", "MWh", Fraction(2500, 9)),
        ("therm", "MJ", Fraction("105.4804")),  # NIST SP 811, B.8: therm (U.S.)
        ("MMBtu", "MJ", Fraction("1055.05585262")),  # 10^6 Btu_IT
        ("ton_hour", "kBtu", Fraction(12)),
        ("gal_us", "l", Fraction("3.785411784")),  # 231 · 2.54³ cm³
        ("gal_uk", "l", Fraction("4.54609")),
        ("ft3", "l", Fraction("28.316846592")),  # (12 · 2.54 cm)³
        ("ccf", "m3", Fraction("2.8316846592")),
        ("lb", "kg", Fraction("0.45359237")),
        ("klb", "kg", Fraction("453.59237")),
        ("short_ton", "kg", Fraction("907.18474")),
        ("long_ton", "kg", Fraction("1016.0469088")),
        ("mi", "km", Fraction("1.609344")),
        ("kEUR", "EUR", Fraction(1000)),
        ("a", "month", Fraction(12)),
        ("hl", "m3", Fraction(1, 10)),
        ("Ml", "m3", Fraction(1000)),
        ("pmi", "pkm", Fraction("1.609344")),
        ("short_ton_mile", "tkm", Fraction("0.90718474") * Fraction("1.609344")),
        ("g_CH4", "kg_CH4", Fraction(1, 1000)),
        ("t_CO2e", "kg_CO2e", Fraction(1000)),
        ("lb_HFC134a", "kg_HFC134a", Fraction("0.45359237")),
        ("g_HCFO1233zd(E)", "kg_HCFO1233zd(E)", Fraction(1, 1000)),
    ],
)
def test_ratios_are_the_published_ones(unit: str, target: str, expected: Fraction) -> None:
    assert units.ratio(unit, target) == expected


@pytest.mark.parametrize(
    ("unit", "target"),
    [
        ("EUR", "USD"),
        ("kEUR", "CHF"),
        ("m3", "m3n"),
        ("SRm", "Fm"),
        ("rm", "m3"),
        ("month", "d"),
        ("kWh", "kg"),
        ("kW", "kWh"),
        ("pkm", "km"),
        ("tkm", "km"),
        ("count", "EUR"),
        ("m3n", "scf"),
        ("ft3", "scf"),
        ("rm", "Fm"),
        ("night", "count"),
        ("fte_hour", "h"),
        ("PE", "inhabitant"),
        ("Kd", "d"),
        ("kg_CO2", "kg_CO2e"),
        ("kg_CH4", "kg_CO2e"),
        ("kg_CH4", "kg_N2O"),
        ("kg_CH4", "kg_CH4_fossil"),
        ("kg_HFC134a", "kg_HFC134"),
        ("kg_CO2", "kg"),
    ],
)
def test_what_does_not_fit_raises(unit: str, target: str) -> None:
    with pytest.raises(UnitError, match="cannot be converted"):
        units.ratio(unit, target)


def test_an_unknown_code_raises_with_near_misses() -> None:
    with pytest.raises(UnitError, match=r'"ton" is not known\. Similar: t, short_ton, long_ton'):
        units.ratio("ton", "kg")


@pytest.mark.parametrize("code", ["t_km", "kt_CO2", "kg_", "CO2", "kg_co2", "kg CO2"])
def test_what_has_not_the_form_of_a_mass_of_a_gas_is_no_unit(code: str) -> None:
    with pytest.raises(UnitError, match="is not known"):
        units.unit(code)


def test_a_mass_of_a_gas_is_never_read_from_a_file() -> None:
    assert units.find("kg_CO2") is None
    assert units.mass_of_gas("kg", "CO2") == "kg_CO2"
    assert units.dimension("kg_CO2") == "gas:CO2"


def test_degree_days_are_a_dimension_but_no_quantity_of_a_file() -> None:
    assert units.dimension("Kd") == "degree_days"
    assert units.refusal("Kd") == "degree days"


def test_power_becomes_energy_by_its_interval() -> None:
    assert units.energy_of_power("kW", 15) == ("kWh", Fraction(1, 4))
    assert units.energy_of_power("MW", 60) == ("MWh", Fraction(1))
    assert units.energy_of_power("kWh", 15) is None


def test_every_unit_of_the_whitelist_has_a_definition_and_one_reference_per_dimension() -> None:
    groups: dict[str, list[str]] = {}
    for code, unit in units.units().items():
        assert units.ratio(code, code) == 1
        groups.setdefault(unit.dimension, []).append(code)
    del groups["bulk_volume"]
    for codes in groups.values():
        for code in codes[1:]:
            assert units.ratio(code, codes[0]) > 0


def test_every_dimension_of_an_activity_has_a_unit() -> None:
    kinds = {unit.kind for unit in units.units().values()}
    asked = {dimension for entry in activity.activities().values() for dimension in entry.dimensions}
    assert asked <= kinds


def test_looking_up_spellings_does_not_import_pint() -> None:
    program = (
        "import sys; from bilanz import units; units.find('MWh Ho'); units.near('ton'); "
        "units.refusal('kvarh'); units.dimension('EUR'); sys.exit('pint' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_the_documentation_lists_every_unit_with_its_spellings() -> None:
    page = (Path(units.__file__).parents[1] / "docs" / "units.md").read_text(encoding="utf-8")
    listed = [unit for code, unit in units.units().items() if unit.kind != "money" or code in {"EUR", "kEUR"}]
    assert len(listed) > 40
    for unit in listed:
        others = ", ".join(f"`{spelling}`" for spelling in unit.spellings if spelling != unit.code)
        assert f"| `{unit.code}` | {unit.dimension} | {others} |" in page
