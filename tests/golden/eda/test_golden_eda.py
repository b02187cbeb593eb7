"""ConsumptionRecords (all values invented) and what they become."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from golden.measured import compare_measured, readings
from golden.standard.comparison import read

from importers.eda import Eda

HERE = Path(__file__).parent
CASES = sorted(path.stem for path in HERE.glob("*.xml"))


def test_there_are_cases() -> None:
    assert CASES == ["blemishes", "community_member"]


@pytest.mark.parametrize("case", CASES)
def test_readings_records_and_issues_are_expected(
    case: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    update = bool(request.config.getoption("--golden-update", default=False))
    compare_measured(read(Eda(), HERE / f"{case}.xml", tmp_path), HERE / case, update=update)


def test_shares_of_a_community_are_no_second_consumption(tmp_path: Path) -> None:
    result = read(Eda(), HERE / "community_member.xml", tmp_path)
    # 4 × 0.5 kWh; the shares of 4 × 0.3 and 4 × 0.2 kWh are part of them
    assert (result.read, result.accepted, result.rejected, result.ignored) == (12, 4, 0, 8)
    assert readings(result)["quantity"].sum() == Decimal(2)
    assert readings(result)["status"].to_list() == [0, 0, 0, 1]
    assert result.latest_delivery
    assert result.delivered == datetime.fromisoformat("2024-06-04T06:40:48.704936")


def test_by_hand(tmp_path: Path) -> None:
    result = read(Eda(), HERE / "blemishes.xml", tmp_path)
    # fed in 4 × 2; left over 4 + 4, reactive 2, a reading 1 and a blank ignored;
    # days of 10, 11, 24 and 23 kWh; an unknown code, no length, no end, no begin, below zero and an
    # unknown interval: 6 rejected
    assert (result.read, result.accepted, result.rejected, result.ignored) == (26, 8, 6, 12)
    assert readings(result)["quantity"].sum() == Decimal(8)
    days = result.activities.filter(pl.col("direction") == "consumption").sort("start")
    assert days["quantity"].to_list() == [Decimal(24), Decimal(23), Decimal(10), Decimal(11)]
    hours = [length.total_seconds() / 3600 for length in days["end"] - days["start"]]
    assert hours == [24, 23, 24, 24]
    assert days["quality"].to_list() == ["measured", "measured", "measured", "estimated"]
