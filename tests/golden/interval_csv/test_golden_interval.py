"""Files in the manner of grid operators (all values invented) and what they become."""

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from scratch import NoScratch

from bilanz.issues import ISSUE_SCHEMA
from bilanz.records import READING_SCHEMA
from importers.base import FileSample, ImportRequest, ImportResult, Workspace
from importers.interval_csv import IntervalCsv

HERE = Path(__file__).parent
CASES = sorted(path.stem for path in HERE.glob("*.csv") if "." not in path.stem)


def read(case: str, directory: Path) -> ImportResult:
    path = HERE / f"{case}.csv"
    claim = IntervalCsv().identify(FileSample.of(path))
    assert claim is not None
    assert claim.confidence >= 0.9
    result = IntervalCsv().read(path, ImportRequest(), Workspace(directory, NoScratch))
    result.check()
    return result


def readings(result: ImportResult) -> pl.DataFrame:
    return (
        pl.DataFrame(schema=READING_SCHEMA) if result.readings is None else pl.read_parquet(result.readings)
    )


def compare(frame: pl.DataFrame, path: Path, *, update: bool) -> None:
    text = frame.write_csv()
    if update:
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_there_are_cases() -> None:
    assert CASES == ["begin_end_utf16", "blemished_meters", "notes_and_clock_change", "side_by_side"]


@pytest.mark.parametrize("case", CASES)
def test_readings_series_and_issues_are_expected(
    case: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    update = bool(request.config.getoption("--golden-update", default=False))
    result = read(case, tmp_path)
    compare(readings(result), HERE / f"{case}.readings.csv", update=update)
    compare(result.series, HERE / f"{case}.series.csv", update=update)
    compare(result.issues.select(*ISSUE_SCHEMA), HERE / f"{case}.issues.csv", update=update)


@pytest.mark.parametrize(
    ("case", "numbers", "totals"),
    [
        # two days of 96 quarter hours at 0.25 kWh
        ("begin_end_utf16", (192, 192, 0, 0), ["48"]),
        # 27 October: 100 quarter hours at 0.1 kWh
        ("notes_and_clock_change", (100, 100, 0, 0), ["10"]),
        # 3 May: 96 at 0.5 kWh, and the sum of the day beside them
        ("side_by_side", (97, 96, 0, 1), ["48"]),
        # A: 24 hours at 2 kWh, one twice, one blank, one no number; B: 24 hours at 3 kWh, two missing
        ("blemished_meters", (47, 44, 2, 1), ["44", "66"]),
    ],
)
def test_by_hand(case: str, numbers: tuple[int, ...], totals: list[str], tmp_path: Path) -> None:
    result = read(case, tmp_path)
    assert (result.read, result.accepted, result.rejected, result.ignored) == numbers
    sums = readings(result).group_by("series").agg(pl.col("quantity").sum()).sort("series")["quantity"]
    assert sums.to_list() == [Decimal(total) for total in totals]
