from decimal import Decimal
from pathlib import Path

import pytest
from golden.standard.comparison import compare, read

from importers.mileage_table import MileageTable

HERE = Path(__file__).parent
CASES = sorted(path.stem for path in HERE.glob("*.csv") if "." not in path.stem)


def test_there_are_cases() -> None:
    assert CASES == ["clean_de", "dirty_en"]


@pytest.mark.parametrize("case", CASES)
def test_records_and_issues_are_expected(case: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    update = bool(request.config.getoption("--golden-update", default=False))
    compare(read(MileageTable(), HERE / f"{case}.csv", tmp_path), HERE / case, update=update)


def test_vehicles_and_passengers_are_never_added(tmp_path: Path) -> None:
    result = read(MileageTable(), HERE / "clean_de.csv", tmp_path)
    assert (result.read, result.accepted, result.rejected, result.ignored) == (8, 6, 0, 2)
    assert [(one.column, one.unit, one.total) for one in result.control_sums] == [
        ("Fahrzeugkilometer", "km", Decimal("54500.75")),  # 12500.5 + 11900 + 30100.25
        ("Personenkilometer in Tsd.", "Tsd. pkm", Decimal("801.75")),  # 150.25 + 141 + 510.5
    ]
    assert result.activities["activity"].null_count() == 6


def test_useful_kilometres_repeat_those_of_the_vehicles(tmp_path: Path) -> None:
    result = read(MileageTable(), HERE / "clean_de.csv", tmp_path)
    said = result.issues.filter(result.issues["code"] == "same_distance")
    assert said["column"].to_list() == ["Nutzwagenkilometer (Tsd. km)"]
