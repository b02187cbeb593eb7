"""Workbooks in the manner of grid operators (all values invented) and what they become."""

from decimal import Decimal
from pathlib import Path

import pytest

from importers.base import ImportRequest, ImportResult
from importers.interval_workbook import IntervalWorkbook
from tests.golden.measured import compare_measured, read_claimed, readings

HERE = Path(__file__).parent
CASES = {
    "clean_end_stamps.xlsx": ImportRequest(),
    "dirty_daily_rows.xlsx": ImportRequest(),
}


def read(case: str, directory: Path) -> ImportResult:
    return read_claimed(IntervalWorkbook(), HERE / case, directory, CASES[case])


def test_every_input_is_a_case() -> None:
    inputs = {path.name for path in HERE.glob("*.xlsx") if path.name.count(".") == 1}
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
        # 24 hours at 1.234 kWh
        ("clean_end_stamps.xlsx", (24, 24, 0, 0), "29.616"),
        # 96 + 90 quarter hours at 0.25 kWh less a text, a blank and an error; three daily rows
        ("dirty_daily_rows.xlsx", (189, 183, 2, 4), "45.75"),
    ],
)
def test_by_hand(case: str, numbers: tuple[int, ...], total: str, tmp_path: Path) -> None:
    result = read(case, tmp_path)
    assert (result.read, result.accepted, result.rejected, result.ignored) == numbers
    assert readings(result)["quantity"].sum() == Decimal(total)
