"""The EPA hub: values read by eye, sums taken another way, changed layouts, bad cells."""

import csv
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import fastexcel
import polars as pl
import pytest
import xlsxwriter

from factors import intake, table
from factors.base import catalogue
from factors.publication import LayoutChanged, recognise
from factors.publishers.epa_hub import EpaHub, _activities

FILE = Path(__file__).parents[5] / "shared/reference/publications/epa_ghg-emission-factors-hub-2025.xlsx"
official = pytest.mark.skipif(not FILE.is_file(), reason="the official workbook is not beside the repository")

Cells = dict[str, str | float]


def small() -> Cells:
    """One or two lines of every table, in the cells of a workbook of our own."""
    return {
        "B2": "Emission Factors for Greenhouse Gas Inventories",
        "F3": "Last Modified: January 15, 2025",
        "B12": "Table 1", "C12": "Stationary Combustion",
        "C13": "Fuel Type", "D13": "Heat Content (HHV)",
        "D14": "mmBtu per short ton", "E14": "kg CO2 per mmBtu", "F14": "g CH4 per mmBtu",
        "G14": "g N2O per mmBtu", "H14": "kg CO2 per short ton", "I14": "g CH4 per short ton",
        "J14": "g N2O per short ton",
        "C15": "Biomass Fuels - Solid",
        "C16": "Peat", "D16": 8, "E16": 111.84, "F16": 32, "G16": 4.2, "H16": 895, "I16": 256, "J16": 34,
        "D17": "mmBtu per scf", "E17": "kg CO2 per mmBtu", "F17": "g CH4 per mmBtu", "G17": "g N2O per mmBtu",
        "H17": "kg CO2 per scf", "I17": "g CH4 per scf", "J17": "g N2O per scf",
        "C18": "Natural Gas",
        "C19": "Natural Gas", "D19": 0.001026, "E19": 53.06, "F19": 1, "G19": 0.1,
        "H19": 0.05444, "I19": 0.00103, "J19": 0.0001,
        "C20": "Source:",
        "B22": "Table 2", "C22": "Mobile Combustion CO2",
        "C23": "Fuel Type", "D23": "kg CO2 per unit", "E23": "Unit",
        "C24": "Diesel Fuel", "D24": 10.21, "E24": "gallon",
        "C25": "Ethanol (100%)", "D25": 5.75, "E25": "gallon", "C26": "Source:",
        "B30": "Table 3", "C30": "Gasoline Vehicles",
        "C31": "Vehicle Type", "D31": "Model Year", "E31": "CH4 Factor \n(g CH4 / vehicle-mile)",
        "F31": "N2O Factor \n(g N2O / vehicle-mile)",
        "C32": "Gasoline Light-Duty Trucks", "D32": "1975", "E32": 0.1634, "F32": 0.0513,
        "C33": "(Vans)", "D33": "1976", "E33": 0.1594, "F33": 0.0555, "C34": "Source",
        "B40": "Table 4", "C40": "Diesel Vehicles",
        "C41": "Vehicle Type", "D41": "Fuel Type", "E41": "Model Year",
        "F41": "(g CH4 / vehicle-mile)", "G41": "(g N2O / vehicle-mile)",
        "C42": "Passenger Cars", "D42": "Diesel", "E42": "1960-1982", "F42": 0.0006, "G42": 0.0012,
        "E43": "1983-2006", "F43": 0.0005, "G43": 0.001,
        "C44": "Buses", "D44": "CNG", "F44": 2.719, "G44": 0.017, "D45": "LPG", "F45": 0.272, "G45": 0.017,
        "B50": "Table 5", "C50": "Non-Road Vehicles",
        "C51": "Vehicle Type", "D51": "Fuel Type", "E51": "(g CH4 / gallon) ", "F51": "(g N2O / gallon) ",
        "C52": "Agricultural EquipmentA", "D52": "LPG", "E52": 0.33, "F52": 0.94,
        "B60": "Table 6", "C60": "Electricity",
        "E61": "Total Output Emission Factors", "H61": "Non-Baseload Emission Factors",
        "C62": "eGRID Subregion Acronym", "D62": "eGRID Subregion Name", "K62": "Grid Gross Loss (%)",
        "E63": "(lb CO2 / MWh)", "F63": "(lb CH4 / MWh)", "G63": "(lb N2O / MWh)",
        "H63": "(lb CO2 / MWh)", "I63": "(lb CH4 / MWh)", "J63": "(lb N2O / MWh)",
        "C64": "US Average", "D64": "US Average", "E64": 771.523, "F64": 0.057, "G64": 0.008,
        "H64": 1393.7, "I64": 0.104, "J64": 0.015, "K64": 0.042,
        "B70": "Table 7", "C70": "Steam and Heat",
        "D71": "(kg CO2 / mmBtu)", "E71": "(g CH4 / mmBtu)", "F71": "(g N2O / mmBtu)",
        "C72": "Steam and Heat", "D72": 66.33, "E72": 1.25, "F72": 0.125,
        "B80": "Table 8", "C80": "Transport",
        "C81": "Vehicle Type", "D81": "(kg CO2 / unit)", "E81": "(g CH4 / unit)", "F81": "(g N2O / unit)",
        "G81": "Units",
        "C82": "Medium- and Heavy-Duty TruckC", "D82": 0.186, "E82": 0.0016, "F82": 0.0054,
        "G82": "short ton-mile",
        "B90": "Table 9", "C90": "Waste",
        "D91": "Metric Tons CO2e / Short Ton Material", "C92": "Material", "D92": "RecycledA",
        "E92": "LandfilledB",
        "C93": "Mixed MSW", "D93": "NA", "E93": 0.58,
        "C94": "Notes: AR4 GWP values are used to convert all waste emission factors into CO2e.",
        "B100": "Table 10", "C100": "Travel",
        "C101": "Vehicle Type", "D101": "(kg CO2 / unit)", "E101": "(g CH4 / unit)", "F101": "(g N2O / unit)",
        "G101": "Units", "C102": "Passenger Car A", "D102": 0.297, "E102": 0.0059, "F102": 0.0053,
        "G102": "vehicle-mile",
        "B110": "Table 11", "C110": "GWP", "E111": "100-Year GWP", "C112": "Methane", "E112": 28,
        "B120": "Table 12", "C120": "Blends", "D121": "100-year GWP", "C122": "R-404A", "D122": 3943,
    }  # fmt: skip


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    def write(**changed: str | float) -> Path:
        path = tmp_path / "hub.xlsx"
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet("Emission Factors Hub")
            for cell, value in (small() | changed).items():
                sheet.write(cell, value)
        return path

    return write


def taken(path: Path) -> intake.Taken:
    found = recognise(path)
    assert found is not None
    return intake.take(path, found[0])


# 3 + 3 peat, 3 + 3 gas, 2, 4, 8, 2, 6, 3, 3, 1, 3
def test_a_small_workbook_line_by_line(written: Callable[..., Path]) -> None:
    found = EpaHub().read(written())
    assert (found.edition, found.n_read, found.rows.height) == ("2025", 44, 44)
    assert dict(found.ignored) == {
        "Heat contents are properties of fuels, not factors.": 2,
        "Grid losses are shares, not factors.": 1,
        "The publication states no value (NA).": 1,
        "Global warming potentials are not factors; they are kept in a table of their own.": 2,
    }
    rows = found.rows
    peat = rows.filter(item="Peat").select("gas", "chain", "basis", "value", "mass_unit", "per_unit").rows()
    assert peat[0] == ("CO2", "biogenic", "Hs", "111.84", "kg", "MMBtu")
    assert peat[4] == ("CH4", "direct", "none", "256", "g", "short_ton")
    assert rows.filter(item="Ethanol (100%)")["chain"].to_list() == ["biogenic"]
    assert set(rows["item"]) >= {
        "Gasoline Light-Duty Trucks, 1976",
        "Passenger Cars, Diesel, 1983-2006",
        "Buses, LPG",
        "Agricultural Equipment, LPG",
        "Medium- and Heavy-Duty Truck",
        "US Average",
    }
    waste = rows.filter(gas="CO2e").row(0, named=True)
    assert (waste["value"], waste["mass_unit"], waste["chain"], waste["gwp"]) == ("0.58", "t", "total", "AR4")


def test_the_small_workbook_passes_the_gate(written: Callable[..., Path]) -> None:
    assert taken(written()).quarantined.height == 0


def test_a_column_in_another_unit_or_order_is_read_as_it_is_headed(written: Callable[..., Path]) -> None:
    path = written(
        E31="(g N2O / vehicle-mile)", F31="(g CH4 / vehicle-mile)", D24=0.01021, D23="kg CO2 / unit"
    )
    rows = EpaHub().read(path).rows
    truck = rows.filter(item="Gasoline Light-Duty Trucks, 1975")
    assert dict(truck.select("gas", "value").iter_rows()) == {"N2O": "0.1634", "CH4": "0.0513"}
    assert rows.filter(item="Diesel Fuel")["value"].to_list() == ["0.01021"]


@pytest.mark.parametrize(
    ("cell", "value", "place", "expected"),
    [
        ("F3", "2025", "rows 1 to 5", "Last Modified"),
        ("B60", "Table 60", "column B", "Table 1 to Table 12"),
        ("C31", "Vehicle", "Table 3, cell C31", "Vehicle Type"),
        ("F14", "CH4 per mmBtu", "Table 1, cell F14", "kg CO2, g CH4 or g N2O / unit"),
        ("F14", "g CH4 per therm", "Table 1, cell F14", "kg CO2, g CH4 or g N2O / unit"),
        ("E61", "Output", "Table 6, cell E63", "Total Output Emission Factors"),
        ("E24", "litre", "Table 2, cell E24", "gallon"),
        ("H31", "CO2", "Table 3, cell H31", '""'),
        ("C92", "Stuff", "Table 9, cell C91", "Material"),
        ("D91", "kg CO2e", "Table 9, cell D91", "Metric Tons CO2e / Short Ton Material"),
        ("E111", "GWP", "Table 11, cell E112", "100-Year GWP"),
        ("C53", "All equipment", "Table 5, cell E53", "a value"),
    ],
)
def test_a_changed_layout_names_place_and_expectation(
    written: Callable[..., Path], cell: str, value: str, place: str, expected: str
) -> None:
    path = written(**{cell: value})
    with pytest.raises(LayoutChanged) as raised:
        EpaHub().read(path)
    assert place in str(raised.value)
    assert expected in str(raised.value)


def test_a_bad_cell_takes_its_factor_with_it_and_nothing_else(written: Callable[..., Path]) -> None:
    found = taken(written(F19="l", D24="10,21"))
    assert found.extract.n_read == found.n_accepted + found.quarantined.height == 44
    assert [row for row, _, _ in found.quarantined.iter_rows()] == [19, 19, 19, 24]
    assert 'hub.xlsx, sheet "Emission Factors Hub" cell F19' in found.quarantined["place"].to_list()
    assert {row["reason"] for row in found.summary()["quarantined"]} == {
        'A plain decimal with a point is expected ("0.25").',
        "Another row of the same factor was refused.",
    }


def test_another_workbook_is_not_claimed(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        book.add_worksheet("Emission Factors Hub").write("A1", "Something else")
    assert EpaHub().identify(tmp_path / "a.xlsx") is None
    assert EpaHub().identify(tmp_path / "absent.xlsx") is None


BY_EYE = [
    ("t1:anthracite:MMBtu", "CO2", "direct", "103.69"),
    ("t1:bituminous:short_ton", "CO2", "direct", "2325"),
    ("t1:tires:MMBtu", "N2O", "direct", "4.2"),
    ("t1:wood_and_wood_residuals:MMBtu", "CO2", "biogenic", "93.8"),
    ("t1:wood_and_wood_residuals:MMBtu", "CH4", "direct", "7.2"),
    ("t1:natural_gas:MMBtu", "CO2", "direct", "53.06"),
    ("t1:natural_gas:scf", "CH4", "direct", "0.00103"),
    ("t1:blast_furnace_gas:scf", "CH4", "direct", "0.000002"),
    ("t1:distillate_fuel_oil_no_2:gal_us", "CO2", "direct", "10.21"),
    ("t1:propane:gal_us", "N2O", "direct", "0.05"),
    ("t1:straw:MMBtu", "CO2", "biogenic", "95.1"),
    ("t2:diesel_fuel:gal_us", "CO2", "direct", "10.21"),
    ("t2:motor_gasoline:gal_us", "CO2", "direct", "8.78"),
    ("t2:compressed_natural_gas_cng:scf", "CO2", "direct", "0.05444"),
    ("t3:gasoline_passenger_cars_1973_1974:mi", "CH4", "direct", "0.1696"),
    ("t3:gasoline_light_duty_trucks_1985:mi", "N2O", "direct", "0.0806"),
    ("t3:gasoline_motorcycles_2006_2022:mi", "N2O", "direct", "0.066"),
    ("t4:medium_and_heavy_duty_vehicles_diesel_2007_2022:mi", "N2O", "direct", "0.0431"),
    ("t4:buses_lng:mi", "CH4", "direct", "2.719"),
    ("t5:aircraft_jet_fuel:gal_us", "CH4", "direct", "0"),
    ("t5:recreational_equipment_lpg:gal_us", "N2O", "direct", "0.61"),
    ("t6:camx_wecc_california:total_output_emission_factors:MWh", "CO2", "direct", "436.655"),
    ("t6:us_average:total_output_emission_factors:MWh", "CO2", "direct", "771.523"),
    ("t6:nyup_npcc_upstate_ny:non_baseload_emission_factors:MWh", "CH4", "direct", "0.041"),
    ("t7:steam_and_heat:MMBtu", "CO2", "direct", "66.33"),
    ("t8:rail:short_ton_mile", "CO2", "direct", "0.021"),
    ("t8:light_duty_truck:mi", "N2O", "direct", "0.0088"),
    ("t9:hdpe:combusted:short_ton", "CO2e", "total", "2.8"),
    ("t9:grains:landfilled:short_ton", "CO2e", "total", "2.06"),
    ("t9:branches:anaerobically_digested_dry_digestate_with_curing:short_ton", "CO2e", "total", "0.15"),
    ("t10:motorcycle:mi", "CO2", "direct", "0.368"),
    ("t10:air_travel_long_haul_2300_miles:pmi", "CO2", "direct", "0.163"),
]


@pytest.mark.parametrize(("name", "gas", "chain", "value"), BY_EYE)
def test_shipped_values_by_eye(name: str, gas: str, chain: str, value: str) -> None:
    rows = catalogue().factors.filter(factor_id=f"epa_hub:2025:{name}", gas=gas, chain=chain)
    assert rows["value"].to_list() == [Decimal(value)]


def test_every_line_of_the_map_is_in_use() -> None:
    hub = catalogue().factors.filter(source="epa_hub")
    mapped = (
        hub.filter(pl.col("activity").is_not_null()).select("activity", "per_unit", "item").unique().rows()
    )
    wanted = {(activity, per, item) for (_, _, item, per), (activity, _) in _activities().items()}
    assert set(mapped) == wanted
    assert len(wanted) == len(_activities())


@official
def test_everything_of_the_official_file_is_shipped() -> None:
    found = taken(FILE)
    assert (found.extract.n_read, found.n_accepted, found.n_shipped) == (1162, 1162, 1162)
    assert found.quarantined.height == 0
    assert found.factors.height == 0
    assert sorted(found.extract.ignored.values()) == [15, 27, 58, 62, 183]
    assert dict(found.gases) == {"CO2": 207, "CH4": 386, "N2O": 386, "CO2e": 183}


@official
def test_the_shipped_table_is_what_the_importer_reads() -> None:
    path = table.DATA / "epa_hub" / "2025.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        shipped = [{name: cell or None for name, cell in row.items()} for row in csv.DictReader(stream)]
    read = EpaHub().read(FILE).rows
    assert read.select(list(shipped[0])).to_dicts() == shipped


# table → first and last row of the sheet, and the columns of values of the reader, which begins at column B
PLACES = {
    1: (16, 89, (3, 4, 5, 6, 7, 8)), 2: (103, 113, (2,)), 3: (126, 241, (3, 4)), 4: (248, 282, (4, 5)),
    5: (289, 329, (3, 4)), 6: (338, 366, (3, 4, 5, 6, 7, 8)), 7: (409, 410, (2, 3, 4)),
    8: (421, 428, (2, 3, 4)), 9: (435, 496, (2, 3, 4, 5, 6, 7)), 10: (503, 515, (2, 3, 4)),
}  # fmt: skip


@official
def test_the_sum_of_every_table_taken_with_another_reader() -> None:
    sheet = (
        fastexcel.read_excel(FILE).load_sheet(0, header_row=None, skip_rows=0, dtypes="string").to_polars()
    )
    own = catalogue().factors.filter(source="epa_hub")
    total = 0
    for number, (first, last, columns) in PLACES.items():
        block = sheet[first - 1 : last]
        texts = [cell for column in columns for cell in block[:, column]]
        values = [
            Decimal(text) for text in texts if text and text.replace(".", "", 1).isdigit() and text != "NA"
        ]
        rows = own.filter(pl.col("factor_id").str.starts_with(f"epa_hub:2025:t{number}:"))["value"].to_list()
        total += len(values)
        assert len(values) == len(rows), number
        assert abs(sum(values) - sum(rows)) < Decimal("0.000000001"), number
    assert total == 1162


@official
def test_every_reference_row_is_shipped() -> None:
    """1309 rows: 1162 factors, 58 heat contents, 27 losses, 62 potentials; one has ten decimals there."""
    per = {"mmBtu": "MMBtu", "short ton": "short_ton", "gallon": "gal_us", "vehicle-mile": "mi"}
    per |= {"passenger-mile": "pmi", "short ton-mile": "short_ton_mile", "short ton material": "short_ton"}
    with (FILE.parents[1] / "epa_hub_2025.csv").open(encoding="utf-8-sig", newline="") as stream:
        reference = list(csv.DictReader(stream))
    wanted: Counter[tuple[str, str, str, Decimal]] = Counter()
    for row in reference:
        words = row["unit"].replace(" per ", " / ").split(" / ")
        if row["gas"] in ("energy", "loss") or row["scope_part"] == "characterisation factor":
            continue
        at = row["source_locator"].rpartition(" ")[2]
        wanted[at, row["gas"], per.get(words[1], words[1]), Decimal(row["value"])] += 1
    rows = (
        catalogue().factors.filter(source="epa_hub").select("locator", "gas", "per_unit", "value").iter_rows()
    )
    found = Counter(
        (place.rpartition(" ")[2].lstrip("ABCDEFGHIJ"), gas, unit, round(value, 10))
        for place, gas, unit, value in rows
    )
    assert (len(reference), wanted.total()) == (1309, 1162)
    assert found == wanted
