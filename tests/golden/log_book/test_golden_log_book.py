from decimal import Decimal
from pathlib import Path

import pytest
from golden.standard.comparison import compare, read

from importers.base import ImportRequest
from importers.log_book import LogBook

HERE = Path(__file__).parent
CASES = sorted(path.stem for path in HERE.glob("*.csv") if "." not in path.stem)


def test_there_are_cases() -> None:
    assert CASES == ["clean_de", "dirty_en"]


@pytest.mark.parametrize("case", CASES)
def test_records_and_issues_are_expected(case: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    update = bool(request.config.getoption("--golden-update", default=False))
    compare(read(LogBook(), HERE / f"{case}.csv", tmp_path), HERE / case, update=update)


def test_own_vehicles_stand_in_the_exceptions_and_private_ones_count(tmp_path: Path) -> None:
    result = read(LogBook(), HERE / "clean_de.csv", tmp_path)
    assert (result.read, result.accepted, result.rejected, result.ignored) == (3, 3, 0, 0)
    assert result.activities.select("source", "activity", "quantity", "unit").rows() == [
        ("XX-AB 1", None, Decimal(18), "km"),
        ("XX-AB 1", None, Decimal("19.5"), "km"),  # the second trip of the day is no repetition
        ("XX-CD 2", "travel_car", Decimal("120.25"), "km"),
    ]


def test_nobody_and_no_place_is_kept(tmp_path: Path) -> None:
    result = read(LogBook(), HERE / "clean_de.csv", tmp_path)
    everything = result.activities.write_csv() + result.issues.write_csv()
    assert not [text for text in ("Person A", "Fortbildung", "Akademie") if text in everything]


def test_the_same_two_readings_are_one_trip(tmp_path: Path) -> None:
    result = read(LogBook(), HERE / "dirty_en.csv", tmp_path)
    assert (result.read, result.accepted, result.rejected, result.ignored) == (6, 1, 4, 1)
    assert result.rejects is not None
    assert result.rejects.rows["__row"].to_list() == [3, 6, 7, 8]


def test_a_registered_source_decides_the_activity(tmp_path: Path) -> None:
    request = ImportRequest(activity="travel_car")
    result = read(LogBook(), HERE / "clean_de.csv", tmp_path, request)
    assert set(result.activities["activity"]) == {"travel_car"}
    assert "distance_unassigned" not in result.issues["code"].to_list()
