from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from importers.columns import times
from importers.columns.numbers import Ambiguous
from importers.columns.times import TimeFormat

BERLIN = "Europe/Berlin"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).replace(tzinfo=None)


def read(*values: str | None, declared: str | None = None) -> list[datetime | None]:
    series = pl.Series("x", values, dtype=pl.String)
    fmt = times.decide_series(series, declared)
    assert isinstance(fmt, TimeFormat), fmt
    return series.to_frame().select(times.to_local(pl.col("x"), fmt)).to_series().to_list()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("31.12.2024", "2024-12-31"),
        ("1.2.2024 0:15", "2024-02-01T00:15"),
        (" 31.12.2024 23:45:00 ", "2024-12-31T23:45"),
        ("31.12.2024 24:00", "2025-01-01T00:00"),
        ("2024-12-31T24:00:00", "2025-01-01T00:00"),
        ("2024-12-31", "2024-12-31"),
        ("2024-12-31 23:45:00.250", "2024-12-31T23:45:00.250"),
        ("2024-12-31T23:45", "2024-12-31T23:45"),
        ("31/12/2024 10:00", "2024-12-31T10:00"),
        ("12/31/2024 10:00", "2024-12-31T10:00"),
        ("20241231 2345", "2024-12-31T23:45"),
        ("2024/12/31 10:00", "2024-12-31T10:00"),
        ("31 Dec 2024 10:00:00", "2024-12-31T10:00"),
        ("12/31/2024 01:30 PM", "2024-12-31T13:30"),
    ],
)
def test_each_layout_is_read(text: str, expected: str) -> None:
    assert read(text) == [at(expected)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-01-01T00:15+01:00", "2023-12-31T23:15"),
        ("2024-01-01T00:15Z", "2024-01-01T00:15"),
        ("2023-04-14T00:15:00.000+02:00", "2023-04-13T22:15"),
        ("2024-01-01 00:15 +0100", "2023-12-31T23:15"),
    ],
)
def test_offsets_give_utc(text: str, expected: str) -> None:
    fmt = times.decide_series(pl.Series([text]))
    assert isinstance(fmt, TimeFormat)
    assert fmt.has_offset
    assert read(text) == [at(expected)]


def test_several_clock_layouts_share_one_date_layout() -> None:
    assert read("01.02.2024", "01.02.2024 00:15", "01.02.2024 00:30:15") == [
        at("2024-02-01"),
        at("2024-02-01T00:15"),
        at("2024-02-01T00:30:15"),
    ]


def test_what_is_no_date_of_the_column_is_null() -> None:
    assert read("01.02.2024", "31.02.2024", "2024-02-01", "02.03.24", "x", "", None) == [
        at("2024-02-01"),
        *[None] * 6,
    ]


@pytest.mark.parametrize("values", [("01/02/2024",), ("01/02/2024 00:15", "11/12/2024 01:00")])
def test_day_and_month_are_told_apart_by_a_value_above_twelve_only(values: tuple[str, ...]) -> None:
    found = times.decide_series(pl.Series(values))
    assert found == Ambiguous(("DD/MM/YYYY", "MM/DD/YYYY"), "ambiguous_date")
    assert read("01/02/2024", "13/02/2024")[0] == at("2024-02-01")
    assert read("01/02/2024", "02/13/2024")[0] == at("2024-01-02")
    assert isinstance(times.decide_series(pl.Series(["13/02/2024", "02/13/2024"])), Ambiguous)


@pytest.mark.parametrize(
    ("declared", "expected"),
    [("MM/DD/YYYY", "2024-01-02"), ("DD/MM/YYYY HH:MM", "2024-02-01"), ("TT/MM/JJJJ", "2024-02-01")],
)
def test_a_declaration_decides(declared: str, expected: str) -> None:
    assert read("01/02/2024", declared=declared) == [at(expected)]


def test_two_digit_years_are_refused_unless_declared() -> None:
    assert isinstance(times.decide_series(pl.Series(["01.02.24 10:00"])), Ambiguous)
    assert read("01.02.24 10:00", declared="DD.MM.YY") == [at("2024-02-01T10:00")]


def test_a_column_without_dates_has_no_format() -> None:
    assert times.decide_series(pl.Series(["x", "12", "", None])) is None
    assert times.parse_declared("begin") is None
    assert times.parse_declared("DD.MM.YYYY HH:MM") == "DD.MM.YYYY"


@pytest.mark.parametrize(
    "zone", [BERLIN, "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Casablanca"]
)
def test_local_time_becomes_utc_as_the_zone_table_says(zone: str) -> None:
    local = pl.datetime_range(pl.datetime(2023, 1, 1), pl.datetime(2024, 12, 31), "30m", eager=True).alias(
        "t"
    )
    found = local.to_frame().select(times.to_utc(pl.col("t"), zone, (2023, 2024))).to_series()
    expected = (
        local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        .dt.convert_time_zone("UTC")
        .dt.replace_time_zone(None)
    )
    assert found.equals(expected, null_equal=True)
    assert found.equals(local.to_frame().select(times.to_utc(pl.col("t"), zone)).to_series(), null_equal=True)


def test_the_missing_hour_is_null_and_the_doubled_hour_is_found() -> None:
    local = pl.Series(
        "t", [at(f"2024-{day}") for day in ("03-31T02:00", "03-31T03:00", "10-27T02:45", "10-27T03:00")]
    )
    frame = local.to_frame().select(
        utc=times.to_utc(pl.col("t"), BERLIN), fold=times.in_fold(pl.col("t"), BERLIN)
    )
    # 03:00 CEST = 01:00 UTC; 02:45 CEST, the first pass = 00:45 UTC; 03:00 CET = 02:00 UTC
    assert frame["utc"].to_list() == [
        None,
        at("2024-03-31T01:00"),
        at("2024-10-27T00:45"),
        at("2024-10-27T02:00"),
    ]
    assert frame["fold"].to_list() == [False, False, True, False]
    assert times.fold_length(BERLIN) == timedelta(hours=1)
    assert ZoneInfo(BERLIN).key == BERLIN


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        ([0, 15, 30, 45, 0, 15, 30, 45], [1, 1, 1, 1, 2, 2, 2, 2]),
        ([45, 30, 15, 0, 45, 30, 15, 0], [2, 2, 2, 2, 1, 1, 1, 1]),
        ([0, 0, 15, 15, 30, 30, 45, 45], [1, 2, 1, 2, 1, 2, 1, 2]),
        ([15, 30, 45, 0, 15, 30, 45], [1, 1, 1, 2, 2, 2, 2]),
        ([0, 0], [1, 2]),
        ([0, 15, 30, 45], [None] * 4),
        ([0], [None]),
    ],
)
def test_the_order_of_rows_tells_the_passes_of_the_doubled_hour(
    minutes: list[int], expected: list[int | None]
) -> None:
    rows = pl.DataFrame(
        {
            "series": [7] * len(minutes),
            "local": [at("2024-10-27T02:00") + timedelta(minutes=minute) for minute in minutes],
            "row": range(len(minutes)),
        }
    )
    assert times.fold_pass(rows).to_list() == expected


def test_the_survey_streams() -> None:
    frame = pl.LazyFrame({"x": ["13/02/2024", " 01/02/2024 24:00", "", None]})
    counts = frame.select(times.survey(pl.col("x")).alias("s")).collect(engine="streaming").item()
    assert {entry["mask"]: entry["count"] for entry in counts["masks"]} == {
        "99/99/9999": 1,
        "99/99/9999 99:99": 1,
    }
    assert (counts["first_over"], counts["second_over"], counts["midnight"], counts["padded"]) == (1, 0, 1, 1)


@pytest.mark.parametrize("year", ["-2024", "0000", "9999", "1969", "2100"])
def test_years_no_calendar_of_ours_has_are_no_times(year: str) -> None:
    column = pl.Series(["2024-05-01", f"{year}-05-01"])
    read = (
        column.to_frame("x")
        .select(times.to_local(pl.col("x"), times.TimeFormat("", ("%Y-%m-%d",))))
        .to_series()
    )
    assert read.is_null().to_list() == [False, True]
