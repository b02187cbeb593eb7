from decimal import Decimal
from pathlib import Path

import pytest
from golden.standard.comparison import compare, read

from importers.building_portfolio import BuildingPortfolio

HERE = Path(__file__).parent
CASES = sorted(path.stem for path in HERE.glob("*.csv") if "." not in path.stem)


def test_there_are_cases() -> None:
    assert CASES == ["clean_de", "dirty_en", "meters_de", "months_en"]


@pytest.mark.parametrize("case", CASES)
def test_records_and_issues_are_expected(case: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    update = bool(request.config.getoption("--golden-update", default=False))
    compare(read(BuildingPortfolio(), HERE / f"{case}.csv", tmp_path), HERE / case, update=update)


def test_clean_german_file_by_hand(tmp_path: Path) -> None:
    result = read(BuildingPortfolio(), HERE / "clean_de.csv", tmp_path)
    # 3 buildings and a total, 5 columns: 20 cells; 5 of the total and 6 empty ones are ignored
    assert (result.read, result.accepted, result.rejected, result.ignored) == (20, 9, 0, 11)
    rows = result.activities.group_by("activity").agg("quantity").sort("activity").rows()
    assert [(name, sum(values)) for name, values in rows] == [
        ("district_heat", Decimal("412.75")),
        ("electricity", Decimal("252678.75")),
        ("heating_oil", Decimal(8400)),
        ("natural_gas", Decimal(231500)),
        ("water_supply", Decimal("2070.5")),
    ]
    assert set(result.activities["site"]) == {"1001 Rathaus", "1002 Grundschule Nord", "1003 Bauhof"}
    gas = result.activities.filter(result.activities["activity"] == "natural_gas")
    assert gas["basis"].to_list() == ["Hs"]
    wrong = result.issues.filter(result.issues["code"] == "control_sum")
    assert wrong["value"].to_list() == ["252678.75"]  # the total states 2 kWh more


def test_a_campus_beside_its_buildings_counts_once(tmp_path: Path) -> None:
    result = read(BuildingPortfolio(), HERE / "dirty_en.csv", tmp_path)
    electricity = result.activities.filter(result.activities["activity"] == "electricity")
    # grid purchase: 682,428 + 307,093 + 170,607 + 68,243 kBtu, without the campus and the row without a date
    assert electricity["quantity"].sum() == Decimal(1228371)
    assert set(electricity["unit"]) == {"kBtu"}
    apart = result.issues.filter(result.issues["code"].is_in(["rollup_row", "rollup_differs"]))
    assert apart["source_row"].to_list() == [2, 2]
    assert apart["value"].to_list() == [None, "1,023,643"]


def test_an_empty_cell_is_filled_by_the_other_unit_of_the_same_energy(tmp_path: Path) -> None:
    result = read(BuildingPortfolio(), HERE / "dirty_en.csv", tmp_path)
    gas = result.activities.filter(result.activities["activity"] == "natural_gas")
    assert gas.select("quantity", "unit", "basis").rows() == [
        (Decimal(900), "therm", "Hs"),
        (Decimal(12000), "kBtu", "Hs"),
    ]
