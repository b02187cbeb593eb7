"""The official workbooks of the UK conversion factors against the reference figures and the shipped tables.

The workbooks are not part of the repository; these tests skip, saying so, where they are absent.
"""

import csv
from collections import Counter, defaultdict
from decimal import Decimal
from functools import cache
from pathlib import Path

import fastexcel
import polars as pl
import pytest

from factors import intake, publication
from factors.base import catalogue
from factors.desnz import statements
from factors.desnz.vocabulary import meanings
from factors.intake import Taken

REFERENCE = Path(__file__).parents[4] / "shared" / "reference"
PUBLICATIONS = REFERENCE / "publications"
FILES = {
    "2024": "ghg-conversion-factors-2024-FlatFormat_v1_1.xlsx",
    "2025": "ghg-conversion-factors-2025-full-set.xlsx",
}
YEARS = ("2024", "2025")
official = pytest.mark.skipif(
    not PUBLICATIONS.is_dir(), reason="the official workbooks are not beside the repository"
)


@cache
def taken(year: str) -> Taken:
    path = PUBLICATIONS / FILES[year]
    found = publication.recognise(path)
    assert found is not None
    return intake.take(path, found[0])


def by_place(year: str) -> dict[str, dict[str, str]]:
    return {row["locator"]: row for row in taken(year).extract.rows.iter_rows(named=True)}


@official
@pytest.mark.parametrize(("year", "empty"), [("2024", 1648), ("2025", 1606)])
def test_every_value_is_accepted_and_all_that_is_shipped_is_found(year: str, empty: int) -> None:
    """8740 values of the flat file: 6524 factors, 1648 empty, 514 amounts of energy, 54 with forcing."""
    found = taken(year)
    assert found.quarantined.is_empty()
    assert (found.extract.n_read, found.n_accepted) == (6524, 6524)
    assert dict(found.extract.ignored) == {
        statements.EMPTY: empty,
        statements.ENERGY: 514,
        statements.FORCED: 54,
    }
    assert dict(found.gases) == {"CH4": 1284, "CO2": 1340, "CO2e": 2616, "N2O": 1284}
    shipped = catalogue().factors.filter(source="desnz", edition=year)
    assert found.n_shipped == shipped.height == 2628
    read = found.extract.rows.join(
        shipped.select("factor_id", "gas", "chain"), on=["factor_id", "gas", "chain"]
    )
    assert read.height == shipped.height


@official
@pytest.mark.parametrize("year", YEARS)
def test_what_is_not_shipped_is_what_no_municipality_uses(year: str) -> None:
    left = taken(year).factors.filter(pl.col("per_unit") != "mi")
    tables = {tuple(name.split(" > ")[:2]) for name in left["category"].unique()}
    assert {first for first, _ in tables} == {
        "Passenger vehicles",
        "UK electricity for EVs",
        "UK electricity T&D for EVs",
        "Business travel- land",
        "WTT- pass vehs & travel- land",
        "Freighting goods",
        "WTT- delivery vehs & freight",
        "Managed assets- electricity",
        "Managed assets- vehicles",
    }
    vehicles = {"Passenger vehicles", "Business travel- land", "WTT- pass vehs & travel- land"}
    assert {second.removeprefix("WTT- ").casefold() for first, second in tables if first in vehicles} == {
        "cars (by market segment)"
    }


@official
@pytest.mark.parametrize("year", YEARS)
def test_every_reference_row_by_its_cell(year: str) -> None:
    """1344 rows an edition: the same cell holds the same value under the same path and unit."""
    units = {code: name for name, code in statements._UNITS.items()}  # noqa: SLF001 - as printed
    units |= {"kWh": "kWh"}
    bases = {"Hi": " (Net CV)", "Hs": " (Gross CV)", "none": ""}
    cells, compared = by_place(year), 0
    with (REFERENCE / "desnz_2024_2026_municipal.csv").open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            if row["year_from"] != year:
                continue
            found = cells["sheet" + row["source_locator"].partition(" sheet")[2].replace("'", '"')]
            assert Decimal(found["value"]) == Decimal(row["value"]), row
            path, unit = f"{found['category']} > {found['item']}", units[found["per_unit"]]
            assert row["activity"] in (path, f"{path} > {unit}")
            printed = "" if path.startswith(("Bioenergy", "WTT- bioenergy")) else bases[found["basis"]]
            assert row["unit"] == f"kg CO2e per {unit}{printed}"
            compared += 1
    assert compared == 1344


def flat_sums() -> dict[str, Decimal]:
    """Return Level 1 → sum of all kg CO2e, read without the importer."""
    reader = fastexcel.read_excel(PUBLICATIONS / FILES["2024"])
    sheet = reader.load_sheet("Factors by Category", header_row=5, dtypes="string").to_polars()
    rows = sheet.filter(pl.col("GHG/Unit") == "kg CO2e").drop_nulls("GHG Conversion Factor 2024")
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for name, value in rows.select("Level 1", "GHG Conversion Factor 2024").iter_rows():
        sums[name] += Decimal(value)
    return sums


def full_sums() -> dict[str, Decimal]:
    """Return sheet → sum of the columns below "kg CO2e", read without the importer."""
    reader = fastexcel.read_excel(PUBLICATIONS / FILES["2025"])
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for name in reader.sheet_names:
        sheet = reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string").to_polars()
        columns: list[int] = []
        for row in sheet.iter_rows():
            if "kg CO2e" in row:
                columns = [place for place, text in enumerate(row) if text == "kg CO2e"]
            elif not any(text and text.strip() for text in row[1:]):
                columns = []  # a row with nothing beside its first cell ends a table
            else:
                sums[name] += sum((Decimal(row[place] or 0) for place in columns), Decimal(0))
    return {name: total for name, total in sums.items() if total}


@official
@pytest.mark.parametrize(("year", "independent"), [("2024", flat_sums), ("2025", full_sums)])
def test_sums_of_every_category(year: str, independent: object) -> None:
    assert callable(independent)
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in taken(year).extract.rows.filter(gas="CO2e").iter_rows(named=True):
        sums[row["category"].split(" > ")[0]] += Decimal(row["value"])
    assert dict(sums) == dict(independent())
    assert len(sums) == 30


BY_EYE_2024 = [
    (7, "3033.38067", "CO2e", "direct", "fuels_gaseous_fuels_butane:GB:2024:t"),
    (10, "1.60067", "N2O", "direct", "fuels_gaseous_fuels_butane:GB:2024:t"),
    (11, "1.74532", "CO2e", "direct", "fuels_gaseous_fuels_butane:GB:2024:l"),
    (79, "0.20264", "CO2e", "direct", "natural_gas:GB:2024:kWh_Hi"),
    (8746, "0.11507", "CO2", "biogenic", "electricity:GB:2024:kWh"),
]
BY_EYE_2025 = [
    ("Fuels", "D24", "1.74533", "CO2e", "direct", "fuels_gaseous_fuels_butane:GB:2025:l"),
    ("Fuels", "F27", "3.8528", "CH4", "direct", "cng:GB:2025:t"),
    ("Fuels", "G59", "26.5", "N2O", "direct", "fuels_liquid_fuels_aviation_spirit:GB:2025:t"),
    ("Fuels", "E72", "2.53763", "CO2", "direct", "diesel:GB:2025:l"),
    ("Fuels", "D138", "0.36549", "CO2e", "direct", "hard_coal:GB:2025:kWh_Hi"),
    ("Bioenergy", "D37", "0.04562", "CO2e", "direct", "hvo:GB:2025:kg"),
    ("Bioenergy", "D44", "0.01402", "CO2e", "direct", "bioenergy_biofuel_development_petrol:GB:2025:l"),
    ("UK electricity", "E26", "0.177", "CO2e", "direct", "electricity:GB:2025:kWh"),
    ("UK electricity", "F26", "0.17489", "CO2", "direct", "electricity:GB:2025:kWh"),
    ("Heat and steam", "G22", "0.00122", "CH4", "direct", "district_heat:GB:2025:kWh"),
    ("WTT- fuels", "D40", "0.03347", "CO2e", "upstream", "natural_gas:GB:2025:kWh_Hi"),
    ("WTT- bioenergy", "D36", "0.72358", "CO2e", "upstream", "hvo:GB:2025:kg"),
    (
        "Transmission and distribution",
        "E22",
        "0.01853",
        "CO2e",
        "upstream",
        "transmission_and_distribution_t_d_uk_electricity_electricity_uk:GB:2025:kWh",
    ),
    (
        "UK electricity T&D for EVs",
        "J66",
        "0.00004",
        "CH4",
        "upstream",
        "uk_electricity_t_d_for_evs_vans_class_iii_1_74_to_3_5_tonnes_battery_electric_vehicle:GB:2025:mi",
    ),
    (
        "WTT- UK electricity",
        "E24",
        "0.00397",
        "CO2e",
        "upstream",
        "wtt_uk_electricity_wtt_uk_electricity_t_d_electricity_uk:GB:2025:kWh",
    ),
    ("WTT- heat and steam", "E20", "0.03341", "CO2e", "upstream", "district_heat:GB:2025:kWh"),
    ("Water supply", "D19", "191.30156", "CO2e", "total", "water_supply:GB:2025:Ml"),
    ("Water treatment", "D17", "0.17088", "CO2e", "total", "waste_water:GB:2025:m3"),
    (
        "Material use",
        "E33",
        "731.21789",
        "CO2e",
        "total",
        "material_use_construction_tyres_re_used:GB:2025:t",
    ),
    ("Material use", "D87", "1345.0779", "CO2e", "total", "paper:GB:2025:t"),
    (
        "Waste disposal",
        "H36",
        "925.34348",
        "CO2e",
        "total",
        "waste_disposal_construction_wood_landfill:GB:2025:t",
    ),
    ("Waste disposal", "F48", "4.68568", "CO2e", "total", "waste_residual:GB:2025:t"),
    (
        "Business travel- air",
        "E36",
        "0.43663",
        "CO2e",
        "direct",
        "business_travel_air_flights_international_to_from_non_uk_first_class_with_rf:GB:2025:pkm",
    ),
    (
        "WTT- business travel- air",
        "F23",
        "0.03373",
        "CO2e",
        "upstream",
        "business_travel_air_flights_short_haul_to_from_uk_business_class_without_rf:GB:2025:pkm",
    ),
    ("Business travel- sea", "D20", "0.1127", "CO2e", "direct", "travel_ferry:GB:2025:pkm"),
    (
        "Business travel- land",
        "P53",
        "0.17414",
        "CO2e",
        "direct",
        "business_travel_land_cars_by_size_average_car_cng:GB:2025:km",
    ),
    ("Business travel- land", "D65", "0.11367", "CO2e", "direct", "travel_motorbike:GB:2025:km"),
    ("Business travel- land", "D71", "0.14861", "CO2e", "direct", "travel_taxi:GB:2025:pkm"),
    ("Business travel- land", "G82", "0.00048", "N2O", "direct", "travel_coach:GB:2025:pkm"),
    ("WTT- pass vehs & travel- land", "D67", "0.03697", "CO2e", "upstream", "travel_taxi:GB:2025:pkm"),
    (
        "Freighting goods",
        "F111",
        "0.0029",
        "CO2",
        "direct",
        "freighting_goods_sea_tanker_crude_tanker_200_000_dwt:GB:2025:tkm",
    ),
    ("WTT- delivery vehs & freight", "G57", "0.02359", "CO2e", "upstream", "freight_road:GB:2025:tkm"),
    ("Hotel stay", "D43", "13.2", "CO2e", "total", "hotel_stay:DE:2025:night"),
    ("Homeworking", "C24", "0.33378", "CO2e", "total", "homeworking:GB:2025:fte_hour"),
    (
        "Outside of scopes",
        "D23",
        "0.01",
        "CO2",
        "biogenic",
        "diesel:GB:2025:kWh_Hi",
    ),
    ("Outside of scopes", "D78", "1677.18", "CO2", "biogenic", "wood_pellets:GB:2025:t"),
]


@official
@pytest.mark.parametrize(("row", "value", "gas", "chain", "name"), BY_EYE_2024)
def test_values_of_2024_read_by_eye(row: int, value: str, gas: str, chain: str, name: str) -> None:
    found = by_place("2024")[f'sheet "Factors by Category" row {row}']
    told = (value, gas, chain, f"desnz:2024:{name}")
    assert (found["value"], found["gas"], found["chain"], found["factor_id"]) == told


@official
@pytest.mark.parametrize(("sheet", "cell", "value", "gas", "chain", "name"), BY_EYE_2025)
def test_values_of_2025_read_by_eye(
    sheet: str, cell: str, value: str, gas: str, chain: str, name: str
) -> None:
    found = by_place("2025")[f'sheet "{sheet}" cell {cell}']
    told = (value, gas, chain, f"desnz:2025:{name}")
    assert (found["value"], found["gas"], found["chain"], found["factor_id"]) == told


@official
def test_both_layouts_give_the_same_identifiers() -> None:
    """What differs between 2024 and 2025 was renamed: a way of disposal, two refrigerants."""
    names = {
        year: {name.replace(year, "Y") for name in taken(year).extract.rows["factor_id"].unique()}
        for year in YEARS
    }
    renamed = ("_combustion:", "_incineration_with_energy_recovery:", "_r1270_", "_r601_")
    apart = names["2024"] ^ names["2025"]
    assert not [name for name in apart if not any(word in name for word in renamed)]
    assert (len(names["2024"]), len(apart)) == (len(names["2025"]), 66)


@official
@pytest.mark.parametrize("year", YEARS)
def test_gases_add_up_to_their_co2e(year: str) -> None:
    """Each of the four is rounded to five decimals: they agree within two units of the last, or 0.01 %."""
    parts: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(dict)
    for row in taken(year).extract.rows.iter_rows(named=True):
        parts[row["factor_id"], row["chain"]][row["gas"]] = Decimal(row["value"])
    split = [gases for gases in parts.values() if len(gases) == 4]
    assert len(split) == 1284
    for gases in split:
        total = gases.pop("CO2e")
        assert abs(sum(gases.values()) - total) <= max(Decimal("0.00002"), total / 10000)


def test_the_energy_of_biofuels_is_net() -> None:
    """CO2e per tonne / CO2e per kWh is the net calorific value: 55.19389 / 0.0115 · 0.0036 = 17.28 GJ/t.

    The sheets say so ("All factors are on a net calorific value basis"); the flat file does not repeat it.
    """
    known = catalogue()
    gross = {"wood_pellets": "18.694", "wood_chips": "14.713", "firewood": "16.256"}
    net = {"wood_pellets": "17.28", "wood_chips": "13.6", "firewood": "14.71"}
    rows = known.factors.filter(source="desnz", chain="direct", gas="CO2e")
    for year in ("2024", "2025", "2026"):
        for fuel, calorific in net.items():
            values = dict(rows.filter(edition=year, activity=fuel).select("per_unit", "value").iter_rows())
            found = values["t"] / values["kWh"] * Decimal("0.0036")
            assert abs(found / Decimal(calorific) - 1) < Decimal("0.005")
            assert abs(found / Decimal(gross[fuel]) - 1) > Decimal("0.07")


def test_flights_with_radiative_forcing_have_no_mass_of_co2() -> None:
    """0.22771 kg with forcing beside 0.13395 without: the surplus is an effect, no gas."""
    name = (
        "desnz:2025:business_travel_air_flights_domestic_to_from_uk_average_passenger_without_rf:GB:2025:pkm"
    )
    rows = catalogue().factors
    forced = rows.filter(factor_id="desnz:2025:travel_flight_domestic:GB:2025:pkm")
    plain = rows.filter(factor_id=name)
    assert set(forced["gas"]) == {"CO2e"}
    assert plain.filter(chain="direct", gas="CO2")["value"].to_list() == [Decimal("0.13395")]


def test_one_line_for_each_activity_unit_basis_and_part() -> None:
    rows = catalogue().factors.filter(pl.col("activity").is_not_null(), source="desnz")
    key = ("edition", "activity", "region", "per_unit", "basis", "chain", "gas")
    assert not rows.select(key).is_duplicated().any()
    assert rows.height > 800


def test_every_line_of_the_map_is_published() -> None:
    rows = catalogue().factors.filter(source="desnz")
    lines = {(c.casefold(), i.casefold()) for c, i in rows.select("category", "item").unique().iter_rows()}
    unpublished = {key[1] for key in meanings() if key[:2] not in lines}
    # hotels of countries whose cell is empty in all three editions
    assert all(meanings()["hotel stay > hotel stay", name, ""].region for name in unpublished)
    assert len(unpublished) < 20
    activities = Counter(known.activity for known in meanings().values() if known.activity)
    assert activities["hotel_stay"] > 50
    assert len(activities) > 35


def test_a_fuel_is_one_statement_with_its_supply_chain_and_its_biogenic_part() -> None:
    rows = catalogue().factors.filter(factor_id="desnz:2025:wood_pellets:GB:2025:t")
    assert {(row["chain"], row["gas"], str(row["value"].normalize())) for row in rows.to_dicts()} == {
        ("direct", "CO2e", "55.19389"),
        ("upstream", "CO2e", "177"),
        ("biogenic", "CO2", "1677.18"),
    }


def test_the_blend_is_a_pump_fuel_and_mineral_diesel_is_diesel() -> None:
    """The blend keeps its identifier of before; its biogenic CO2 is never added to fossil diesel."""
    rows = catalogue().factors.filter(source="desnz", edition="2025", per_unit="l")
    told = {
        (row["factor_id"], row["chain"], row["gas"]): (row["activity"], str(row["value"].normalize()))
        for row in rows.iter_rows(named=True)
        if row["activity"] in {"diesel", "diesel_b7"} and row["gas"] in {"CO2e", "CO2"}
    }
    blend, mineral = "desnz:2025:diesel:GB:2025:l", "desnz:2025:diesel_mineral:GB:2025:l"
    assert told == {
        (blend, "direct", "CO2e"): ("diesel_b7", "2.57082"),
        (blend, "direct", "CO2"): ("diesel_b7", "2.53763"),
        (blend, "upstream", "CO2e"): ("diesel_b7", "0.61101"),
        (blend, "biogenic", "CO2"): ("diesel_b7", "0.14"),
        (mineral, "direct", "CO2e"): ("diesel", "2.66155"),
        (mineral, "direct", "CO2"): ("diesel", "2.62818"),
        (mineral, "upstream", "CO2e"): ("diesel", "0.62409"),
    }
