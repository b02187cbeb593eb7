"""Green Button feeds (all values invented) and what they become."""

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from golden.measured import compare_measured, readings
from golden.standard.comparison import read

from importers.base import ImportRequest, ImportResult
from importers.green_button import GreenButton

HERE = Path(__file__).parent
CASES = sorted(path.stem for path in HERE.glob("*.xml"))


def imported(case: str, directory: Path, request: ImportRequest | None = None) -> ImportResult:
    return read(GreenButton(), HERE / f"{case}.xml", directory, request)


def test_there_are_cases() -> None:
    assert CASES == ["blemishes", "export_time", "house"]


@pytest.mark.parametrize("case", CASES)
def test_readings_records_and_issues_are_expected(
    case: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    update = bool(request.config.getoption("--golden-update", default=False))
    compare_measured(imported(case, tmp_path), HERE / case, update=update)


def test_a_house_counts_its_energy_once(tmp_path: Path) -> None:
    result = imported("house", tmp_path)
    # 4 × 2 + 4 × 3 kWh drawn, 4 × 125 Wh fed in; the same as power (4) and by the hour (1) is ignored
    assert (result.read, result.accepted, result.rejected, result.ignored) == (17, 12, 0, 5)
    sums = readings(result).group_by("series").agg(pl.col("quantity").sum()).sort("series")
    assert sums["quantity"].to_list() == [Decimal(20), Decimal(500)]
    assert result.series["unit"].to_list() == ["kWh", "Wh"]
    assert result.series["direction"].to_list() == ["consumption", "feed_in"]
    assert result.series["zone"].unique().to_list() == ["America/New_York"]
    assert readings(result)["status"].sum() == 1


def test_blemishes_by_hand(tmp_path: Path) -> None:
    result = imported("blemishes", tmp_path, ImportRequest(zone="Europe/Vienna"))
    records = result.activities.select("activity", "quantity", "unit", "quality").rows()
    assert records == [
        # the register of water: 1500 − 1000 and, after the change of the meter, 450 − 200 litres
        ("water_supply", Decimal("0.5"), "m3", "measured"),
        ("water_supply", Decimal("0.25"), "m3", "estimated"),
        # gas: 105 and 77 tenths of a therm; the forecast of 66 is none
        ("natural_gas", Decimal("10.5"), "therm", "measured"),
        ("natural_gas", Decimal("7.7"), "therm", "estimated"),
    ]
    # 2 × 10^9 nWh = 2 Wh, 1500 nWh = 0.0000015 → 0.000002 Wh, 4 × 10^9 nWh = 4 Wh
    quantities = readings(result)["quantity"].to_list()
    assert quantities == [Decimal(2), Decimal("0.000002"), Decimal(4)]
    # 4 + 3 + 7 × 2 + 12 + 2 values; ignored: opening reading, forecast, blank
    assert (result.read, result.accepted, result.rejected, result.ignored) == (35, 7, 25, 3)
    assert result.series["zone"].to_list() == ["Europe/Berlin"]


def test_intervals_that_all_begin_at_the_export_are_refused(tmp_path: Path) -> None:
    result = imported("export_time", tmp_path, ImportRequest(unit="m3"))
    assert (result.read, result.accepted, result.rejected) == (3, 0, 3)
    assert "shared_start" in result.issues["code"].to_list()
