"""Hand-kept readings of meters that count what is fed in or generated."""

from decimal import Decimal
from pathlib import Path

from golden.standard.comparison import workspace

from importers.base import ImportRequest, ImportResult
from importers.town_metering import MeterReadings


def read(tmp_path: Path, *lines: str) -> ImportResult:
    path = tmp_path / "readings.csv"
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    result = MeterReadings().read(path, ImportRequest(), workspace(tmp_path))
    result.check()
    return result


def test_a_meter_named_feed_in_without_a_role_is_said_once(tmp_path: Path) -> None:
    rows = [f"PV Einspeisung;Strom;01.01.{year};{stand},5;kWh" for year, stand in ((2023, 1), (2024, 9))]
    result = read(tmp_path, "Zähler;Energieträger;Ablesedatum;Zählerstand;Einheit", *rows)
    said = result.issues.filter(code="role_by_name")
    assert said.select("source_row", "severity").rows() == [(2, "warning")]
    assert result.activities["direction"].to_list() == ["consumption"]


def test_the_registers_of_one_meter_are_told_apart_by_their_role(tmp_path: Path) -> None:
    rows = (
        "PV;Strom;Bezug;01.01.2023;100,5;kWh", "PV;Strom;Einspeisung;01.01.2023;1000,5;kWh",
        "PV;Strom;Bezug;01.01.2024;150,5;kWh", "PV;Strom;Einspeisung;01.01.2024;1700,5;kWh",
    )  # fmt: skip
    result = read(tmp_path, "Zähler;Energieträger;Rolle;Ablesedatum;Zählerstand;Einheit", *rows)
    assert result.activities.select("role", "direction", "quantity").rows() == [
        ("consumed", "consumption", Decimal(50)),
        ("fed_in", "feed_in", Decimal(700)),
    ]
    assert "role_by_name" not in result.issues["code"].to_list()


def test_a_role_stated_once_holds_for_the_meter(tmp_path: Path) -> None:
    rows = ("PV;Strom;eingespeist;01.01.2023;1,5;kWh", "PV;Strom;;01.01.2024;9,5;kWh")
    result = read(tmp_path, "Zähler;Energieträger;Rolle;Ablesedatum;Zählerstand;Einheit", *rows)
    assert result.activities.select("role", "quantity").rows() == [("fed_in", Decimal(8))]
