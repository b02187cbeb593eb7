from decimal import Decimal
from pathlib import Path

import pytest
from golden.standard.comparison import compare, read

from importers.fuel_card import FuelCard

HERE = Path(__file__).parent
CASES = sorted(path.stem for path in HERE.glob("*.csv") if "." not in path.stem)
URBANA = HERE.parents[3] / "shared" / "data" / "fleet" / "urbana_fuel_card_export.part1_first3000rows.csv"


def test_there_are_cases() -> None:
    assert CASES == ["clean_de", "dirty_en", "log_en"]


@pytest.mark.parametrize("case", CASES)
def test_records_and_issues_are_expected(case: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    update = bool(request.config.getoption("--golden-update", default=False))
    compare(read(FuelCard(), HERE / f"{case}.csv", tmp_path), HERE / case, update=update)


def test_clean_german_file_by_hand(tmp_path: Path) -> None:
    result = read(FuelCard(), HERE / "clean_de.csv", tmp_path)
    assert (result.read, result.accepted, result.rejected, result.ignored) == (7, 5, 0, 2)
    rows = result.activities.select("activity", "unit", "quantity", "cost_net").rows()
    assert rows == [
        ("petrol_e10", "l", Decimal("41.2"), Decimal("60.13")),
        ("diesel", "l", Decimal("180.55"), Decimal("245.02")),
        ("hvo", "l", Decimal(95), Decimal(152)),
        ("electricity_traction", "kWh", Decimal("38.412"), Decimal("19.21")),
        ("cng", "kg", Decimal("14.25"), Decimal("17.8")),
    ]
    start, end = result.activities.select("start", "end").row(0)
    assert (start.isoformat(), end.isoformat()) == ("2024-01-02T06:15:00", "2024-01-02T06:16:00")


def test_no_driver_and_no_card_number_is_kept(tmp_path: Path) -> None:
    result = read(FuelCard(), HERE / "clean_de.csv", tmp_path)
    everything = result.activities.write_csv() + result.issues.write_csv()
    assert "70000000" not in everything
    assert "Fahrer 1" not in everything
    assert result.activities["source"][2].startswith("card-")  # the line without a vehicle


def test_received_export_has_the_totals_of_its_file(tmp_path: Path) -> None:
    if not URBANA.exists():
        pytest.skip(f"{URBANA} is not there")
    result = read(FuelCard(), URBANA, tmp_path)
    assert (result.read, result.accepted, result.rejected, result.ignored) == (3000, 2998, 0, 2)
    assert set(result.activities["activity"]) == {"petrol", "petrol_e10"}
    assert set(result.activities["unit"]) == {"gal_us"}
    assert result.activities["quantity"].sum() == Decimal("35865.07")
    assert {(entry.column, entry.total) for entry in result.control_sums} == {
        ("Units", Decimal("35865.07")),
        ("Net Cost", Decimal("71809.77")),
    }
    issues = result.issues
    dates = issues.filter(issues["code"] == "suspect_date")["value"].to_list()
    assert sorted(date[6:10] for date in dates) == ["1999", "2021"]
    high = issues.filter((issues["code"] == "suspect_odometer") & issues["parameters"].str.contains("900000"))
    assert sorted(high["value"]) == ["1122366", "955017"]
