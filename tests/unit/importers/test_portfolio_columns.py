"""Columns of tables of buildings: per year, generated, of another year, and two of one activity."""

from decimal import Decimal
from pathlib import Path

import pytest
from golden.standard.comparison import workspace

from importers.base import ImportRequest, ImportResult
from importers.building_portfolio import BuildingPortfolio


def read(tmp_path: Path, header: str, *lines: str) -> ImportResult:
    path = tmp_path / "portfolio.csv"
    path.write_text("\n".join([header, *lines, ""]), encoding="utf-8")
    result = BuildingPortfolio().read(path, ImportRequest(), workspace(tmp_path))
    result.check()
    return result


def codes(result: ImportResult) -> set[str]:
    return set(result.issues["code"])


@pytest.mark.parametrize(
    "unit", ["[kWh/a]", "(kWh / a)", "[kWh/Jahr]", "[kWh p.a.]", "(kWh pro Jahr)", "(kWh per year)", "kWh/a"]
)
def test_a_quantity_per_year_is_the_quantity_of_a_year(tmp_path: Path, unit: str) -> None:
    result = read(tmp_path, f"Jahr;Liegenschaft;Strom {unit};Wasser [m³/Jahr]", "2023;Rathaus;100,5;3")
    assert result.activities.select("activity", "quantity", "unit").rows() == [
        ("electricity", Decimal("100.5"), "kWh"),
        ("water_supply", Decimal(3), "m3"),
    ]


def test_a_quantity_per_year_is_not_the_quantity_of_a_month(tmp_path: Path) -> None:
    result = read(tmp_path, "Monat;Liegenschaft;Strom [kWh/a];Gas [kWh Hi]", "2023-01;Rathaus;100,5;3")
    assert result.activities["activity"].to_list() == ["natural_gas"]
    assert "quantity_per_year" in codes(result)


def test_a_quantity_per_year_and_area_does_not_count(tmp_path: Path) -> None:
    result = read(
        tmp_path, "Jahr;Liegenschaft;Strom [kWh];Strom [kWh/m²a];Gas (kWh/m²/a)", "2023;A;100,5;3;4"
    )
    assert result.activities["quantity"].to_list() == [Decimal("100.5")]


@pytest.mark.parametrize("name", ["Photovoltaik (kWh)", "PV (kWh)", "Electric - Solar (kWh)"])
def test_current_of_an_own_plant_is_generated_and_not_consumed(tmp_path: Path, name: str) -> None:
    result = read(tmp_path, f"Jahr;Liegenschaft;Strom [kWh];{name}", "2023;Rathaus;100;50")
    assert result.activities.select("role", "direction", "quantity").rows() == [
        (None, "consumption", Decimal(100)),
        ("generated", "generation", Decimal(50)),
    ]
    assert "same_activity_columns" not in codes(result)


def test_the_year_of_a_column_wins_over_that_of_its_row(tmp_path: Path) -> None:
    result = read(tmp_path, "Berichtsjahr;Liegenschaft;Strom 2022 [kWh];Strom 2023 [kWh]", "2023;A;100;200")
    assert [(row[0].year, row[1]) for row in result.activities.select("end", "quantity").rows()] == [
        (2022, Decimal(100)),
        (2023, Decimal(200)),
    ]


def test_green_current_is_the_current_of_the_building(tmp_path: Path) -> None:
    result = read(tmp_path, "Jahr;Liegenschaft;Strom [kWh];Ökostrom [kWh]", "2023;A;100;60", "2023;B;;30")
    assert result.activities["quantity"].to_list() == [Decimal(100), Decimal(30)]
    assert {"same_energy", "stood_in", "energies_differ"} <= codes(result)


def test_a_part_of_a_named_total_does_not_count(tmp_path: Path) -> None:
    header = "Jahr;Liegenschaft;Strom gesamt [kWh];Allgemeinstrom [kWh]"
    result = read(tmp_path, header, "2023;A;100;60", "2023;B;;30")
    assert result.activities["quantity"].to_list() == [Decimal(100)]
    assert {"part_of_sum", "part_without_sum"} <= codes(result)


def test_two_columns_of_one_activity_count_and_are_said(tmp_path: Path) -> None:
    header = "Jahr;Liegenschaft;Strom [kWh];Allgemeinstrom [kWh]"
    result = read(tmp_path, header, "2023;A;100;60", "2023;B;200;30")
    assert result.activities["quantity"].sum() == 390
    said = result.issues.filter(code="same_activity_columns")
    assert said.select("column", "severity").rows() == [("Allgemeinstrom [kWh]", "warning")]
    assert "Strom [kWh]" in said["parameters"].item()


def test_columns_known_to_stand_beside_each_other_need_no_warning(tmp_path: Path) -> None:
    header = "Year,Property Name,Fuel Oil #1 Use (kBtu),Fuel Oil #2 Use (kBtu)"
    result = read(tmp_path, header, "2023,A,100.5,60.5")
    assert result.accepted == 2
    assert "same_activity_columns" not in codes(result)
