"""Gas in cubic metres with the parameters of its own bill."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from golden.standard.comparison import workspace

from bilanz.app.intake.controls import controls_of, record_sums
from importers.base import ControlSum, ImportRequest, ImportResult
from importers.standard import StandardUpload

HEADER = "Quelle;Aktivität;Beginn;Ende;Menge;Einheit;Zustandszahl;Brennwert;Belegnummer"


def read(directory: Path, *lines: str, header: str = HEADER) -> ImportResult:
    path = directory / "gas.csv"
    path.write_text("\n".join((header, *lines)) + "\n", encoding="utf-8")
    result = StandardUpload().read(path, ImportRequest(), workspace(directory))
    result.check()
    return result


def line(
    quantity: str, unit: str, state: str, calorific: str, *, source: str = "G-1", what: str = "Erdgas"
) -> str:
    return f"{source};{what};01.01.2024;31.12.2024;{quantity};{unit};{state};{calorific};R-1"


def codes(result: ImportResult) -> list[str]:
    return result.issues.filter(result.issues["severity"] != "info")["code"].to_list()


@pytest.mark.parametrize(
    ("row", "energy"),
    [
        # 1000 × 0.9512 × 11.432 = 10 874.1184
        (line("1000,5", "m³", "0,9512", "11,432"), Decimal("1000.5") * Decimal("10.8741184")),
        (line("1000,5", "m3", "0.9512", "11.432"), Decimal("1000.5") * Decimal("10.8741184")),
        (line("951,2", "Nm³", "", "11,432"), Decimal("10874.1184")),
        (line("951,2", "Nm³", "0,9512", "11,432"), Decimal("10874.1184")),  # not twice
        (line("100,5", "ccf", "0,9512", "11,432"), Decimal("284.5843082496") * Decimal("10.8741184")),
    ],
)
def test_the_bill_decides(tmp_path: Path, row: str, energy: Decimal) -> None:
    result = read(tmp_path, row)
    (record,) = result.activities.rows(named=True)
    assert (record["unit"], record["basis"]) == ("kWh", "Hs")
    assert record["quantity"] == round(energy, 6)
    assert record["original_unit"] == row.split(";")[5]
    assert record["column"] == "Brennwert"
    assert '"calorific_value":"11' in record["attributes"]
    assert record["start"] == datetime(2023, 12, 31, 23)  # noqa: DTZ001 - UTC without a zone, as stored
    assert codes(result) == []


def test_the_control_sums_hold_for_rows_with_and_without_parameters(tmp_path: Path) -> None:
    rows = [
        line("1000,5", "m³", "0,9512", "11,432"),
        line("500,5", "m³", "", "", source="G-2"),
        line("2,5", "MWh Hs", "0,9", "11,1", source="G-3"),
    ]
    result = read(tmp_path, *rows)
    energy = Decimal("1000.5") * Decimal("10.8741184")
    assert result.control_sums == (
        ControlSum("Menge", "m³", Decimal("500.5"), 1),
        ControlSum("Menge", "MWh Hs", Decimal("2.5"), 1),
        ControlSum("Brennwert", "kWh", round(energy, 6), 1),
    )
    stored = record_sums(result.activities)
    for control in controls_of(result):
        assert stored[control.key] == (control.total, control.records)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (line("1000,5", "m³", "11,432", "0,9512"), "unknown_value"),
        (line("1000,5", "m³", "0,95", "39,8"), "unknown_value"),  # MJ per m³
        (line("1000,5", "m³", "0,95", "n/a"), "unknown_value"),
    ],
)
def test_an_impossible_parameter_refuses_the_row(tmp_path: Path, row: str, code: str) -> None:
    result = read(tmp_path, row, line("1000,5", "m³", "0,9512", "11,432", source="G-2"))
    assert set(codes(result)) == {code}
    assert result.rejected == 1
    assert result.activities.height == 1


@pytest.mark.parametrize(("state", "calorific"), [("0,9512", ""), ("", "11,432")])
def test_one_parameter_alone_changes_nothing_and_is_said(tmp_path: Path, state: str, calorific: str) -> None:
    result = read(tmp_path, line("1000,5", "m³", state, calorific))
    assert result.activities.select("quantity", "unit", "column").rows() == [
        (Decimal("1000.5"), "m3", "Menge")
    ]
    assert codes(result) == ["suspect_value"]


@pytest.mark.parametrize(
    ("what", "unit", "expected"),
    [("Erdgas", "kWh Hs", "kWh"), ("Wasser", "m³", "m3"), ("Heizöl", "Liter", "l")],
)
def test_parameters_of_what_is_no_gas_in_cubic_metres_are_left_alone(
    tmp_path: Path, what: str, unit: str, expected: str
) -> None:
    result = read(tmp_path, line("1000,5", unit, "0,95", "39,8", what=what))
    assert result.activities.select("quantity", "unit").rows() == [(Decimal("1000.5"), expected)]
    assert result.rejected == 0
