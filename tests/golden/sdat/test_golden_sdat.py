"""SDAT-CH messages (all values invented) and what they become."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from golden.measured import compare_measured, readings
from golden.standard.comparison import read

from importers.sdat import Sdat

HERE = Path(__file__).parent
CASES = sorted(path.stem for path in HERE.glob("*.xml"))


def test_there_are_cases() -> None:
    assert CASES == ["blemishes", "clock_change"]


@pytest.mark.parametrize("case", CASES)
def test_readings_series_and_issues_are_expected(
    case: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    update = bool(request.config.getoption("--golden-update", default=False))
    result = read(Sdat(), HERE / f"{case}.xml", tmp_path)
    compare_measured(result, HERE / case, update=update)


@pytest.mark.parametrize(
    ("case", "numbers", "total", "delivered"),
    [
        # 8 × 0.25 kWh drawn and 8 × 0.1 kWh fed in
        ("clock_change", (16, 16, 0, 0), "2.8", "2024-04-01T07:30"),
        # 4 announced; 5.5 + 0 + 6 + 2 + 0.123457 of the 12 of a day: the second 4th, −1, "1,5", the 13th and
        # "x" are rejected, two blanks ignored; reactive 2 and those without an end 2 rejected; virtual 8 + 8
        ("blemishes", (22, 7, 9, 6), "29.623457", "2024-02-03T06:30"),
    ],
)
def test_by_hand(case: str, numbers: tuple[int, ...], total: str, delivered: str, tmp_path: Path) -> None:
    result = read(Sdat(), HERE / f"{case}.xml", tmp_path)
    assert (result.read, result.accepted, result.rejected, result.ignored) == numbers
    assert readings(result)["quantity"].sum() == Decimal(total)
    assert result.latest_delivery
    assert result.delivered == datetime.fromisoformat(delivered)
