from decimal import Decimal
from pathlib import Path

import pytest
from golden.standard.comparison import compare, read

from importers.travel_expenses import TravelExpenses

HERE = Path(__file__).parent
CASES = sorted(path.stem for path in HERE.glob("*.csv") if "." not in path.stem)


def test_there_are_cases() -> None:
    assert CASES == ["clean_de", "dirty_en"]


@pytest.mark.parametrize("case", CASES)
def test_records_and_issues_are_expected(case: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    update = bool(request.config.getoption("--golden-update", default=False))
    compare(read(TravelExpenses(), HERE / f"{case}.csv", tmp_path), HERE / case, update=update)


def test_clean_claims_by_hand(tmp_path: Path) -> None:
    result = read(TravelExpenses(), HERE / "clean_de.csv", tmp_path)
    assert (result.read, result.accepted, result.rejected, result.ignored) == (5, 4, 0, 1)
    assert result.activities.select("activity", "quantity", "unit", "quality").rows() == [
        ("travel_rail_long", Decimal("412.5"), "pkm", "estimated"),
        ("travel_car", Decimal(38), "km", "estimated"),
        ("travel_taxi", Decimal("7.2"), "km", "estimated"),
        ("travel_flight", Decimal(310), "EUR", "spend"),  # no distance, and none is guessed
    ]
    everything = result.activities.write_csv() + result.issues.write_csv()
    assert not [text for text in ("Person A", "Hauptstadt") if text in everything]


def test_an_amount_does_not_count_beside_a_distance(tmp_path: Path) -> None:
    result = read(TravelExpenses(), HERE / "clean_de.csv", tmp_path)
    assert [(one.unit, one.total) for one in result.control_sums] == [
        ("pkm", Decimal("412.5")),
        ("km", Decimal("45.2")),  # 38 + 7.2
        ("EUR", Decimal(310)),
    ]


def test_unknown_ways_of_travelling_stand_in_the_exceptions(tmp_path: Path) -> None:
    result = read(TravelExpenses(), HERE / "dirty_en.csv", tmp_path)
    assert (result.read, result.accepted, result.rejected, result.ignored) == (9, 4, 4, 1)
    assert result.activities.select("document", "activity").rows() == [
        ("1", None),  # a train may be a long-distance or a regional one
        ("3", "travel_car"),
        ("4", None),
        ("9", None),  # the fuel of a pool car counts by its bills
    ]
