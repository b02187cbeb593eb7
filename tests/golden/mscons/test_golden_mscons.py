"""Messages in the manner of German and Swiss operators (all values invented) and what they become."""

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from scratch import NoScratch

from bilanz.issues import ISSUE_SCHEMA
from bilanz.records import READING_SCHEMA
from importers.base import FileSample, ImportRequest, ImportResult, Workspace
from importers.mscons import Mscons

HERE = Path(__file__).parent
CASES = sorted(path.stem for path in HERE.glob("*.edi"))
RECORD = [
    "source_row",
    "column",
    "source",
    "activity",
    "direction",
    "start",
    "end",
    "quantity",
    "unit",
    "quality",
]


def read(case: str, directory: Path) -> ImportResult:
    path = HERE / f"{case}.edi"
    claim = Mscons().identify(FileSample.of(path))
    assert claim is not None
    assert claim.confidence >= 0.9
    result = Mscons().read(path, ImportRequest(), Workspace(directory, NoScratch))
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
    assert CASES == ["blemished_lines", "one_line"]


@pytest.mark.parametrize("case", CASES)
def test_readings_records_series_and_issues_are_expected(
    case: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    update = bool(request.config.getoption("--golden-update", default=False))
    result = read(case, tmp_path)
    compare(readings(result), HERE / f"{case}.readings.csv", update=update)
    compare(result.activities.select(RECORD), HERE / f"{case}.records.csv", update=update)
    compare(result.series, HERE / f"{case}.series.csv", update=update)
    compare(result.issues.select(*ISSUE_SCHEMA), HERE / f"{case}.issues.csv", update=update)


@pytest.mark.parametrize(
    ("case", "numbers", "totals"),
    [
        # A: 1.0 + 1.1 + … + 2.5 = 16 × 1.75 = 28 kWh; 0 + 0.5 + 0.75 + 1 = 2.25 kWh fed in;
        # B: 4 × 4 kW × 0.25 h = 4 kWh; the month is a record
        ("one_line", (25, 25, 0, 0), ["28", "2.25", "4"]),
        # A: 1.75 (corrected) + 2.25 + 2.5 = 6.5 kWh; B: five half hours of local time at 2 kWh,
        # the quarter hour before them and two months are records
        ("blemished_lines", (34, 11, 14, 9), ["6.5", "10"]),
    ],
)
def test_by_hand(case: str, numbers: tuple[int, ...], totals: list[str], tmp_path: Path) -> None:
    result = read(case, tmp_path)
    assert (result.read, result.accepted, result.rejected, result.ignored) == numbers
    sums = readings(result).group_by("series").agg(pl.col("quantity").sum()).sort("series")["quantity"]
    assert sums.to_list() == [Decimal(total) for total in totals]


def test_periods_in_days_end_with_their_last_day(tmp_path: Path) -> None:
    months = read("blemished_lines", tmp_path).activities.filter(pl.col("source") == "51234567890")
    # January and February 2025 of local time: 31 and 28 days
    assert (months["end"] - months["start"]).dt.total_days().to_list() == [31, 28]
    assert months["quality"].to_list() == ["estimated", "measured"]
