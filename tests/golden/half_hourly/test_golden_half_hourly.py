"""Tables of one row per day (all values invented) and what they become."""

from decimal import Decimal
from pathlib import Path

import pytest

from importers.base import ImportRequest, ImportResult
from importers.half_hourly import HalfHourly
from tests.golden.measured import compare_measured, read_claimed, readings

HERE = Path(__file__).parent
CASES = {
    "numbered_short_day.csv": ImportRequest(),
    "dirty_clock.csv": ImportRequest(),
    "standard_time.csv": ImportRequest(zone="Europe/Berlin"),
}


def read(case: str, directory: Path) -> ImportResult:
    return read_claimed(HalfHourly(), HERE / case, directory, CASES[case])


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
        # two meters, 48 + 46 + 48 half hours at 0.5 kWh; the last two columns of the short day are blank
        ("numbered_short_day.csv", (288, 284, 0, 4), "142"),
        # A: 48 + 47 + 48, one at 0.5; B: 47; days without meter or date, reactive, twice
        ("dirty_clock.csv", (384, 190, 193, 1), "47.75"),
        # three days of 96 quarter hours at 1.5 kWh, no hour left out in March
        ("standard_time.csv", (288, 288, 0, 0), "432"),
    ],
)
def test_by_hand(case: str, numbers: tuple[int, ...], total: str, tmp_path: Path) -> None:
    result = read(case, tmp_path)
    assert (result.read, result.accepted, result.rejected, result.ignored) == numbers
    assert readings(result)["quantity"].sum() == Decimal(total)
