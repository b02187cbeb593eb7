"""Tables of one row per day: what the columns are, days of 46 and 50 half hours, dates and sums."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from importers.base import SURE, FileSample, ImportRequest, ImportResult
from importers.days.columns import days
from importers.days.layout import is_mpan
from importers.half_hourly import HalfHourly
from tests.golden.measured import readings
from tests.golden.standard.comparison import workspace

MPAN = "2000099900016"
CLOCK = [f"{n // 2:02d}:{n % 2 * 30:02d}" for n in range(48)]
ENDS = [f"{(n + 1) // 2:02d}:{(n + 1) % 2 * 30:02d}" for n in range(48)]
Read = Callable[..., ImportResult]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def run(rows: list[list[str]], **request: object) -> ImportResult:
        path = tmp_path / "file.csv"
        path.write_text("\n".join(",".join(row) for row in rows) + "\n", encoding="utf-8")
        asked = ImportRequest(**{"unit": "kWh", "zone": "Europe/London", **request})  # type: ignore[arg-type]
        result = HalfHourly().read(path, asked, workspace(tmp_path))
        result.check()
        return result

    return run


def codes(result: ImportResult) -> set[str]:
    return set(result.issues["code"])


def table(titles: list[str], date: str, values: list[str]) -> list[list[str]]:
    return [["MPAN", "Date", *titles], [MPAN, date, *values]]


@pytest.mark.parametrize(
    ("titles", "is_clock", "unit"),
    [
        (CLOCK, True, None),
        (ENDS, True, None),
        ([f"[{end}]" for end in ENDS], True, None),
        ([f"{begin} - {end}" for begin, end in zip(CLOCK, ENDS, strict=True)], True, None),
        ([f"kWh_{n + 1}" for n in range(48)], False, "kWh"),
        ([f"HH{n + 1:02d}" for n in range(48)], False, None),
        ([str(n + 1) for n in range(48)], False, None),
    ],
)
def test_headers_of_a_day(titles: list[str], is_clock: bool, unit: str | None) -> None:  # noqa: FBT001
    found = days(["MPAN", "Date", *titles, "Total"])
    assert [(len(day.places), day.minutes, day.is_clock, day.unit) for day in found] == [
        (48, 30, is_clock, unit)
    ]
    assert found[0].places == tuple(range(2, 50))


@pytest.mark.parametrize(
    "titles", [CLOCK[:-1], CLOCK[1:], [*CLOCK[:20], "x", *CLOCK[20:40]], ["A1", "A3"], []]
)
def test_what_is_no_day(titles: list[str]) -> None:
    assert days(["Date", *titles]) == []


@pytest.mark.parametrize("titles", [CLOCK, ENDS, [f"HH{n + 1}" for n in range(48)]])
def test_begins_ends_and_numbers_mean_the_same_half_hours(read: Read, titles: list[str]) -> None:
    result = read(table(titles, "2024-07-01", [f"{n + 1}.5" for n in range(48)]))
    rows = readings(result).select("start", "quantity").rows()
    assert rows[0] == (datetime(2024, 6, 30, 23), Decimal("1.5"))  # noqa: DTZ001 - UTC by contract
    assert rows[-1] == (datetime(2024, 7, 1, 22, 30), Decimal("48.5"))  # noqa: DTZ001


def test_the_short_day_has_46_numbered_periods(read: Read) -> None:
    numbered = [f"HH{n + 1}" for n in range(48)]
    result = read(table(numbered, "2024-03-31", ["1"] * 46 + ["0", "0"]))
    assert (result.accepted, result.ignored) == (46, 2)
    assert "period_outside_day" in codes(result)
    starts = readings(result)["start"].to_list()
    assert starts[-1] == datetime(2024, 3, 31, 22, 30)  # noqa: DTZ001


def test_values_in_the_hour_left_out_show_a_clock_that_never_changes(read: Read) -> None:
    for titles in (CLOCK, [f"HH{n + 1}" for n in range(48)]):
        result = read(table(titles, "2024-03-31", ["1"] * 48))
        assert result.accepted == 48
        assert "standard_time" in codes(result)
        assert readings(result)["start"].to_list()[-1] == datetime(2024, 3, 31, 23, 30)  # noqa: DTZ001


def test_one_value_in_the_hour_left_out_is_rejected(read: Read) -> None:
    values = ["1", "1", "2", ""] + ["1"] * 44
    result = read(table(CLOCK, "2024-03-31", values))
    assert (result.accepted, result.rejected, result.ignored) == (46, 1, 1)
    assert "value_outside_day" in codes(result)


def test_the_long_day_has_50_numbered_periods(read: Read) -> None:
    numbered = [f"kWh_{n + 1}" for n in range(50)]
    result = read(table(numbered, "2024-10-27", ["1"] * 50), unit=None)
    assert (result.accepted, codes(result)) == (50, {"direction_assumed"})
    assert "gap" not in codes(result)


def test_a_clock_of_48_columns_holds_the_doubled_hour_once(read: Read) -> None:
    result = read(table(CLOCK, "2024-10-27", ["1"] * 48))
    assert result.accepted == 48
    assert {"ambiguous_time", "gap"} <= codes(result)


def test_days_in_a_row_decide_day_and_month(read: Read) -> None:
    rows = [["MPAN", "Date", *CLOCK], *([MPAN, f"{day:02d}/12/19", *["1"] * 48] for day in (10, 11))]
    result = read(rows)
    first = readings(result)["start"].to_list()[0]
    assert (first, "date_order" in codes(result)) == (datetime(2019, 12, 10), True)  # noqa: DTZ001


def test_nothing_decides_a_single_day_of_another_country(read: Read) -> None:
    rows = [["Meter Number", "Date", *CLOCK], ["K1", "10/12/2019", *["1"] * 48]]
    result = read(rows, zone="Europe/Berlin")
    assert (result.accepted, "ambiguous_date" in codes(result)) == (0, True)
    result = read(rows, zone="Europe/Berlin", declared={"Date": "MM/DD/YYYY"})
    assert readings(result)["start"].to_list()[0] == datetime(2019, 10, 11, 22)  # noqa: DTZ001


def test_no_unit_is_assumed(read: Read) -> None:
    result = read(table(CLOCK, "2024-07-01", ["1"] * 48), unit=None)
    assert (result.accepted, result.rejected, "missing_unit" in codes(result)) == (0, 48, True)


def test_status_columns_beside_the_values(read: Read) -> None:
    titles = [*(f"kWh_{n + 1}" for n in range(48)), *(f"Status_{n + 1}" for n in range(48))]
    result = read(table(titles, "2024-07-01", ["1"] * 48 + ["E"] + ["A"] * 47))
    assert readings(result)["status"].to_list() == [1] + [0] * 47


def test_a_sum_is_held_against_its_row_within_rounding(read: Read) -> None:
    rows = [["MPAN", "Date", "Total Units", *CLOCK]]
    rows += [[MPAN, "2024-07-01", "12.0", *["0.25"] * 48], [MPAN, "2024-07-02", "13.0", *["0.25"] * 48]]
    result = read(rows)
    assert result.accepted == 96
    assert result.issues.filter(pl.col("code") == "control_sum")["source_row"].to_list() == [3]


def test_export_and_reactive_rows_of_one_meter(read: Read) -> None:
    rows = [["MPAN", "Measurement Quantity", "Date", *CLOCK]]
    rows += [[MPAN, name, "2024-07-01", *["1"] * 48] for name in ("AI", "AE", "RI")]
    result = read(rows)
    assert (result.accepted, result.rejected) == (96, 48)
    assert result.series["direction"].to_list() == ["consumption", "feed_in"]


def test_without_a_header_only_a_valid_mpan_is_sure(tmp_path: Path) -> None:
    for meter, sure in ((MPAN, True), ("2000099900017", False)):
        path = tmp_path / "file.csv"
        path.write_text(",".join([meter, "31/12/2024", *["1.5"] * 48]) + "\n", encoding="utf-8")
        claim = HalfHourly().identify(FileSample.of(path))
        assert claim is not None
        assert (claim.confidence >= SURE) is sure


def test_check_digits_of_metering_points() -> None:
    # 2·3 + 9·19 + 9·23 + 9·29 + 1·43 = 688; 688 mod 11 = 6
    assert is_mpan("2000099900016")
    assert not any(map(is_mpan, ["2000099900017", "200009990001", "", "20000999000161", "x"]))


@pytest.mark.parametrize("title", ["Type", "Direction", "Richtung"])
def test_a_column_says_which_way_the_energy_flows(read: Read, title: str) -> None:
    rows = [["MPAN", title, "Date", *CLOCK]]
    rows += [[MPAN, name, "2024-07-01", *["1"] * 48] for name in ("Import", "Export")]
    result = read(rows)
    assert (result.accepted, result.rejected) == (96, 0)
    assert result.series["direction"].to_list() == ["consumption", "feed_in"]
    assert "direction_assumed" not in codes(result)


def test_negative_values_are_rejected_and_not_netted(read: Read) -> None:
    result = read(table(CLOCK, "2024-07-01", ["2", "-1"] * 24))
    assert (result.accepted, result.rejected) == (24, 24)
    assert "negative_metered" in codes(result)


def test_zeros_marked_as_missing_are_no_values(read: Read) -> None:
    titles = [*(f"kWh_{n + 1}" for n in range(48)), *(f"Status_{n + 1}" for n in range(48))]
    result = read(table(titles, "2024-07-01", ["1"] * 46 + ["0"] * 2 + ["A"] * 46 + ["missing"] * 2))
    assert (result.accepted, result.ignored, result.rejected) == (46, 2, 0)
    assert "marked_missing" in codes(result)
