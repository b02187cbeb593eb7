from decimal import Decimal
from pathlib import Path

import pytest
from golden.standard.comparison import compare, read

from importers.fuelio import Fuelio

HERE = Path(__file__).parent
CASES = sorted(path.stem for path in HERE.glob("*.csv") if "." not in path.stem)


def test_there_are_cases() -> None:
    assert CASES == ["clean_en", "dirty_units"]


@pytest.mark.parametrize("case", CASES)
def test_records_and_issues_are_expected(case: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    update = bool(request.config.getoption("--golden-update", default=False))
    compare(read(Fuelio(), HERE / f"{case}.csv", tmp_path), HERE / case, update=update)


def test_clean_log_by_hand(tmp_path: Path) -> None:
    result = read(Fuelio(), HERE / "clean_en.csv", tmp_path)
    assert (result.read, result.accepted, result.rejected, result.ignored) == (3, 3, 0, 0)
    assert result.activities.select("source", "activity", "quantity", "unit").rows() == [
        ("XX-YY 12", "petrol", Decimal("41.35"), "l"),
        ("XX-YY 12", "electricity_traction", Decimal("18.4"), "kWh"),
        ("XX-YY 12", "petrol", Decimal(38), "l"),
    ]
    assert "somebody" not in result.activities.write_csv() + result.issues.write_csv()


def test_a_fuel_against_its_tank_and_a_broken_row_are_said(tmp_path: Path) -> None:
    result = read(Fuelio(), HERE / "dirty_units.csv", tmp_path)
    assert (result.read, result.accepted, result.rejected, result.ignored) == (6, 2, 3, 1)
    kept = result.activities.select("source_row", "activity", "unit").rows()
    assert kept == [(6, "diesel", "gal_us"), (11, None, "gal_us")]
    unclear = result.issues.filter(result.issues["code"] == "not_classified")
    assert unclear["value"].to_list() == ["110 / 200"]


RECEIVED = HERE.parents[3] / "shared" / "data" / "fleet" / "fuelio_backup_sample.csv"


def test_received_backup_has_the_total_of_its_log(tmp_path: Path) -> None:
    if not RECEIVED.exists():
        pytest.skip(f"{RECEIVED} is not there")
    result = read(Fuelio(), RECEIVED, tmp_path)
    assert (result.read, result.accepted) == (1, 1)
    assert result.activities["quantity"].to_list() == [Decimal("46.301")]
    assert result.activities["unit"].to_list() == ["l"]
    assert result.activities["activity"].to_list() == ["petrol"]  # of the tank: the fill names no fuel
