"""Files in the manner of the utility (all values invented) and what they become."""

from decimal import Decimal
from pathlib import Path

import pytest

from importers.base import ImportRequest, ImportResult
from importers.sce_csv import SceCsv
from tests.golden.measured import compare_measured, read_claimed, readings

HERE = Path(__file__).parent
CASES = {
    "clean_hours.csv": ImportRequest(),
    "dirty_hours.csv": ImportRequest(),
}


def read(case: str, directory: Path) -> ImportResult:
    return read_claimed(SceCsv(), HERE / case, directory, CASES[case])


def test_every_input_is_a_case() -> None:
    inputs = {path.name for path in HERE.glob("*.csv") if path.name.count(".") == 1}
    assert inputs == set(CASES)


@pytest.mark.parametrize("case", CASES)
def test_readings_series_and_issues_are_expected(
    case: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    update = bool(request.config.getoption("--golden-update", default=False))
    compare_measured(read(case, tmp_path), HERE / Path(case).stem, update=update)


@pytest.mark.parametrize(
    ("case", "numbers", "total"),
    [
        # two days of 24 hours at 0.25 kWh
        ("clean_hours.csv", (48, 48, 0, 0), "12"),
        # 24 hours and two fields: a blank; no number, one time, an hour twice, an end too early
        ("dirty_hours.csv", (25, 19, 5, 1), "4.75"),
    ],
)
def test_by_hand(case: str, numbers: tuple[int, ...], total: str, tmp_path: Path) -> None:
    result = read(case, tmp_path)
    assert (result.read, result.accepted, result.rejected, result.ignored) == numbers
    assert readings(result)["quantity"].sum() == Decimal(total)
