"""Both layouts of the UK conversion factors on small workbooks of our own, and what a changed one is told."""

from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

from factors import intake, publication
from factors.publication import LayoutChanged
from factors.sheets import address

Grid = list[list[object]]
Book = dict[str, Grid]

FLAT = "Factors by Category"
SPLIT = ["kg CO2e", "kg CO2e of CO2 per unit", "kg CO2e of CH4 per unit", "kg CO2e of N2O per unit"]
HEADER = [
    "ID",
    "Scope",
    "Level 1",
    "Level 2",
    "Level 3",
    "Level 4",
    "Column Text",
    "UOM",
    "GHG/Unit",
    "GHG Conversion Factor 2031",
]
TOTAL = "Total emissions including non-Kyoto products"
KYOTO = "Kyoto protocol products"
GAS = ("Fuels", "Gaseous fuels", "Natural gas", None, None, "kWh (Net CV)")


def flat_row(*path: str | None, measure: str, value: object) -> list[object]:
    return ["1_1", "Scope 1", *path, measure, value]


def flat() -> Book:
    """Natural gas direct, well to tank and losses; methane and nitrous oxide tell the potentials."""
    refrigerant = ("Refrigerant & other", KYOTO)
    table = [
        [*HEADER],
        *(flat_row(*GAS, measure=m, value=v) for m, v in zip(SPLIT, (0.2, 0.197, 0.001, 0.002), strict=True)),
        flat_row("WTT- fuels", *GAS[1:], measure="kg CO2e", value=0.03),
        flat_row(
            "UK electricity",
            "Electricity generated",
            "Electricity: UK",
            "kWh",
            None,
            "kWh",
            measure="kg CO2e",
            value=0.17,
        ),
        flat_row(*refrigerant, "Methane", None, TOTAL, "kg", measure="kg CO2e", value=28),
        flat_row(*refrigerant, "Nitrous oxide", None, TOTAL, "kg", measure="kg CO2e", value=265),
        flat_row(
            "SECR kWh pass & delivery vehs",
            "Motorbike",
            "Small",
            None,
            None,
            "km",
            measure="kWh (net)",
            value=0.4,
        ),
        flat_row("Waste disposal", "Other", "Glass", None, "Re-use", "tonnes", measure="kg CO2e", value=None),
        [],
        [None, "END"],
    ]
    return {
        "Front page": [["Front page"]],
        FLAT: [["UK Government GHG Conversion Factors"], [FLAT], [], *table],
    }


def full() -> Book:
    """Cars by fuel in two tables, natural gas with its gases, its well-to-tank part, biogenic diesel."""
    cars = ("Activity", "Type", "Unit", "kg CO2e", "kg CO2e")
    return {
        "Introduction": [
            ["UK Government"],
            ["Introduction"],
            [],
            ["Version:", 1, "Year:", 2031],
            ["The GWPs used are based on the IPCC Fifth Assessment Report (AR5)."],
        ],
        "What's new": [[], ["What's new"]],
        "Fuels": [
            ["UK Government"],
            ["Fuels"],
            ["Activity data are multiplied."],
            [],
            ["Activity", "Fuel", "Unit", *SPLIT],
            ["Gaseous fuels", "Natural gas", "kWh (Net CV)", 0.2, 0.197, 0.001, 0.002, None, " "],
            [None, None, "kWh (Gross CV)", 0.18, 0.177, 0.001, 0.002],
            [None, "LNG", "tonnes", None, None, None, None],
            [None, None, None, None, None, None, None, " "],
            ["FAQs"],
        ],
        "WTT- fuels": [
            [],
            ["WTT- fuels"],
            ["Activity", "Fuel", "Unit", "Year", "kg CO2e"],
            ["Gaseous fuels", "Natural gas", "kWh (Net CV)", 2031, 0.03],
        ],
        "Passenger vehicles": [
            [],
            ["Passenger vehicles"],
            [None, None, None, "Diesel", "Petrol"],
            [*cars],
            ["Cars (by size)", "Small car", "km", 0.14, 0.15],
            [None, None, "miles", 0.22, None],
            [],
            [None, None, None, "Diesel", "Petrol"],
            [*cars],
            ["Vans", "Small van", "km", 0.2, 0.21],
        ],
        "Overseas electricity": [[], ["Overseas electricity"], ["No longer published."]],
        "Conversions": [[], ["Conversions"], ["Activity", 1]],
        "Outside of scopes": [
            [],
            ["Outside of scopes"],
            ["Activity", "Type", "Unit", "kg CO2e of CO2 per unit"],
            ["Forecourt fuels containing biofuel", "Diesel (average biofuel blend)", "kWh", 0.01],
        ],
    }


def written(tmp_path: Path, book: Book) -> Path:
    path = tmp_path / "factors.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        for name, grid in book.items():
            sheet = workbook.add_worksheet(name)
            for row, cells in enumerate(grid):
                for column, value in enumerate(cells):
                    if isinstance(value, str) and value.startswith("="):
                        sheet.write_formula(row, column, value, None, "#N/A")
                    elif value is not None:
                        sheet.write(row, column, value)
    return path


def taken(tmp_path: Path, book: Book) -> intake.Taken:
    path = written(tmp_path, book)
    found = publication.recognise(path)
    assert found is not None
    return intake.take(path, found[0])


def test_the_flat_file(tmp_path: Path) -> None:
    found = taken(tmp_path, flat())
    rows = {(r["factor_id"], r["chain"], r["gas"]): r for r in found.factors.to_dicts()}
    gas = "desnz:2031:natural_gas:GB:2031:kWh_Hi"
    light = "desnz:2031:electricity:GB:2031:kWh"
    assert {key: str(row["value"].normalize()) for key, row in rows.items() if key[0] in (gas, light)} == {
        (gas, "direct", "CO2e"): "0.2",
        (gas, "direct", "CO2"): "0.197",
        (gas, "direct", "CH4"): "0.001",
        (gas, "direct", "N2O"): "0.002",
        (gas, "upstream", "CO2e"): "0.03",
        (light, "direct", "CO2e"): "0.17",
    }
    assert [rows[gas, "direct", name]["gwp"] for name in ("CO2e", "CO2", "CH4", "N2O")] == [
        "AR5",
        None,
        "AR5",
        "AR5",
    ]
    assert rows[gas, "upstream", "CO2e"]["locator"] == f'sheet "{FLAT}" row 9'
    assert rows[light, "direct", "CO2e"]["item"] == "Electricity: UK"  # the unit is no level
    assert (found.extract.n_read, found.n_accepted, sum(found.extract.ignored.values())) == (8, 8, 2)
    methane = [row for row in rows.values() if row["item"] == f"Methane > {TOTAL}"]
    assert [(row["activity"], row["gwp"]) for row in methane] == [(None, "unstated")]


def test_the_full_set(tmp_path: Path) -> None:
    found = taken(tmp_path, full())
    rows = {(r["factor_id"], r["chain"], r["gas"]): r for r in found.factors.to_dicts()}
    by_place = {row["locator"]: (str(row["value"].normalize()), *key) for key, row in rows.items()}
    gas = "desnz:2031:natural_gas:GB:2031:kWh"
    car = "desnz:2031:passenger_vehicles_cars_by_size_small_car"
    assert by_place['sheet "Fuels" cell D6'] == ("0.2", f"{gas}_Hi", "direct", "CO2e")
    assert by_place['sheet "Fuels" cell F7'] == ("0.001", f"{gas}_Hs", "direct", "CH4")
    assert by_place['sheet "WTT- fuels" cell E4'] == ("0.03", f"{gas}_Hi", "upstream", "CO2e")
    assert by_place['sheet "Passenger vehicles" cell E5'][1] == f"{car}_petrol:GB:2031:km"
    assert by_place['sheet "Passenger vehicles" cell D6'][1] == f"{car}_diesel:GB:2031:mi"
    blend = (
        "0.01",
        "desnz:2031:diesel:GB:2031:kWh_Hi",
        "biogenic",
        "CO2",
    )
    assert by_place['sheet "Outside of scopes" cell D4'] == blend
    assert len(by_place) == found.n_accepted == 15
    assert dict(found.extract.ignored).popitem()[1] == 5  # LNG four times, petrol per mile
    assert found.quarantined.is_empty()


def test_the_same_statement_has_the_same_identifier_in_both(tmp_path: Path) -> None:
    one, other = (set(taken(tmp_path, book).factors["factor_id"]) for book in (flat(), full()))
    assert one & other == {"desnz:2031:natural_gas:GB:2031:kWh_Hi"}


@pytest.mark.parametrize(
    ("sheet", "row", "column", "value", "place", "refused"),
    [
        ("Fuels", 6, 4, "n/a", "E6", 4),  # text: with it the gases beside it, and not their upstream part
        ("Fuels", 6, 4, "=NA()", "E6", 4),
        ("Fuels", 6, 2, "therms", "D6", 4),
        ("Passenger vehicles", 5, 3, "0,14", "D5", 1),
    ],
)
def test_a_bad_value_is_quarantined_with_its_place(
    tmp_path: Path, sheet: str, row: int, column: int, value: object, place: str, refused: int
) -> None:
    book = full()
    book[sheet][row - 1][column] = value
    found = taken(tmp_path, book)
    # the well-to-tank line is part of the same statement wherever the unit is read
    whole = refused + (sheet == "Fuels" and column > 2)
    assert found.quarantined.height == whole
    assert f'factors.xlsx, sheet "{sheet}" cell {place}' in found.quarantined["place"].to_list()
    assert found.n_accepted == 15 - whole
    assert found.extract.n_read == found.n_accepted + found.quarantined.height


def put(sheet: str, name: str, value: object) -> Callable[[Book], None]:
    """Return the change of one cell."""

    def change(book: Book) -> None:
        grid = book[sheet]
        places = {address(row, column): (row, column) for row in range(1, 30) for column in range(12)}
        row, column = places[name]
        grid[row - 1] += [None] * (column + 1 - len(grid[row - 1]))
        grid[row - 1][column] = value

    return change


@pytest.mark.parametrize(
    ("book", "change", "words"),
    [
        (
            flat,
            put(FLAT, "C4", "Level one"),
            f'sheet "{FLAT}" row 4: Level 1 is expected, found: ID, Scope, ',
        ),
        (flat, put(FLAT, "H4", None), f'sheet "{FLAT}" row 4: UOM is expected'),
        (flat, put(FLAT, "J4", "GHG Conversion Factor"), "GHG Conversion Factor and a year is expected"),
        (flat, put(FLAT, "I6", "kg CO2"), f'sheet "{FLAT}" cell I6: kWh / '),
        (flat, put(FLAT, "H6", None), f'sheet "{FLAT}" cell H6: UOM is expected, found: –'),
        (flat, put(FLAT, "C5", "Space travel"), f'sheet "{FLAT}" row 5: Fuels, Bioenergy'),
        (flat, put(FLAT, "B16", None), f'sheet "{FLAT}" row 14: END is expected'),
        (flat, put(FLAT, "J11", 21), "methane and nitrous oxide (AR4 25 298 / AR5 28 265) is expected"),
        (
            full,
            put("Fuels", "C5", None),
            'sheet "Fuels" row 5: Unit is expected, found: Activity, Fuel, kg CO2e',
        ),
        (
            full,
            put("Fuels", "A5", "Emission"),
            'sheet "Fuels" cell A5: Activity is expected, found: Emission',
        ),
        (full, put("Fuels", "B5", None), 'sheet "Fuels" cell B5: the heading of a label is expected'),
        (full, put("Fuels", "F5", "kg of CH4"), 'sheet "Fuels" cell F5: kg CO2e / '),
        (full, put("Fuels", "C6", None), 'sheet "Fuels" cell C6: Unit is expected, found: –'),
        (full, put("Fuels", "A6", None), 'sheet "Fuels" cell A6: Activity is expected'),
        (full, put("Fuels", "A2", "Petrol"), 'sheet "Fuels" cell D6: Fuels, Bioenergy'),
        (full, put("Passenger vehicles", "E3", None), "cell E3: a heading above is expected, found: Diesel"),
        (full, put("Passenger vehicles", "A9", None), 'sheet "Passenger vehicles" cell A9: Activity'),
        (full, put("Outside of scopes", "A3", None), 'sheet "Outside of scopes" cell A3: Activity'),
        (full, put("What's new", "A2", None), None),
        (full, put("Introduction", "D4", "next"), 'sheet "Introduction": Year: is expected, found: next'),
        (full, put("Introduction", "A5", "GWPs"), "Assessment Report (AR5) is expected"),
    ],
)
def test_a_changed_layout_names_sheet_cell_and_expectation(
    tmp_path: Path, book: Callable[[], Book], change: Callable[[Book], None], words: str | None
) -> None:
    altered = book()
    change(altered)
    if words is None:  # a sheet of text may say what it likes
        assert taken(tmp_path, altered).n_accepted == 15
        return
    with pytest.raises(LayoutChanged) as told:
        taken(tmp_path, altered)
    assert words in str(told.value)
    assert str(told.value).startswith("factors.xlsx, ")
    assert str(told.value).endswith("Nothing was taken.")


def test_a_sheet_without_a_table_is_a_changed_layout(tmp_path: Path) -> None:
    book = full()
    book["WTT- fuels"] = [[], ["WTT- fuels"], ["Moved to the internet."]]
    with pytest.raises(LayoutChanged, match='sheet "WTT- fuels": Activity is expected'):
        taken(tmp_path, book)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no workbook", b"factor_id;value\n"])
def test_what_is_no_workbook_is_not_recognised(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "factors.xlsx"
    path.write_bytes(content)
    assert publication.recognise(path) is None
