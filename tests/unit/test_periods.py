from datetime import date, datetime

import pytest

from bilanz.errors import UnknownName, UsageError
from bilanz.periods import (
    days,
    local_iso,
    month_starts,
    offsets,
    parse_period,
    segments,
    slots_of_day,
    year_bounds,
    zone_of,
)

BERLIN = "Europe/Berlin"
at = datetime.fromisoformat  # UTC without a zone, as the store keeps it


@pytest.mark.parametrize(
    ("zone", "day", "minutes", "slots"),
    [
        (BERLIN, date(2024, 3, 31), 15, 92),  # 23 h × 4
        (BERLIN, date(2024, 7, 1), 15, 96),
        (BERLIN, date(2024, 10, 27), 15, 100),  # 25 h × 4
        (BERLIN, date(2024, 10, 27), 60, 25),
        ("Australia/Lord_Howe", date(2024, 4, 7), 15, 98),  # clocks go back by 30 minutes: 24.5 h × 4
        ("Australia/Lord_Howe", date(2024, 10, 6), 15, 94),
        ("Africa/Cairo", date(2024, 4, 26), 60, 23),  # midnight is skipped
        ("Africa/Cairo", date(2024, 10, 31), 60, 25),  # the hour before midnight happens twice
        ("Pacific/Apia", date(2011, 12, 30), 60, 0),  # a day that never was
    ],
)
def test_a_day_has_as_many_intervals_as_the_clocks_give(
    zone: str, day: date, minutes: int, slots: int
) -> None:
    assert slots_of_day(zone, day, minutes) == slots


def test_offsets_name_the_switch_to_the_minute() -> None:
    start, end = year_bounds(BERLIN, 2024)
    assert (start, end) == (at("2023-12-31T23:00"), at("2024-12-31T23:00"))
    assert offsets(BERLIN, start, end).rows() == [
        (start, at("2024-03-31T01:00"), 60),
        (at("2024-03-31T01:00"), at("2024-10-27T01:00"), 120),
        (at("2024-10-27T01:00"), end, 60),
    ]


def test_the_rest_of_a_day_after_its_switch_is_corrected() -> None:
    # 31 March 2024, 12:00 local: 12 h on the clock, 11 h since midnight: correction −60.
    rows = segments(BERLIN, at("2024-03-30T00:00"), at("2024-04-02T00:00")).rows()
    assert rows == [
        (at("2024-03-30T00:00"), at("2024-03-31T01:00"), 60, 0),
        (at("2024-03-31T01:00"), at("2024-03-31T22:00"), 120, -60),
        (at("2024-03-31T22:00"), at("2024-04-02T00:00"), 120, 0),
    ]


def test_a_switch_just_before_the_start_still_corrects() -> None:
    rows = segments(BERLIN, at("2024-10-27T12:00"), at("2024-10-28T00:00")).rows()
    assert [row[3] for row in rows] == [60, 0]


def test_days_and_months_tile_without_gaps() -> None:
    frame = days(BERLIN, date(2024, 3, 30), date(2024, 4, 1))
    assert frame["utc_start"][1:].to_list() == frame["utc_end"][:-1].to_list()
    months = month_starts(BERLIN, date(2023, 12, 24), date(2024, 1, 1))
    assert months.rows() == [
        (date(2023, 12, 1), at("2023-11-30T23:00"), at("2023-12-31T23:00")),
        (date(2024, 1, 1), at("2023-12-31T23:00"), at("2024-01-31T23:00")),
    ]


def test_a_period_is_local_and_its_end_exclusive() -> None:
    assert parse_period("2024-01-01/2025-01-01", BERLIN) == year_bounds(BERLIN, 2024)
    assert parse_period("2024-07-01T00:00+02:00/2024-07-02", BERLIN)[0] == at("2024-06-30T22:00")
    assert local_iso(BERLIN, at("2024-06-30T22:00")) == "2024-07-01T00:00:00+02:00"


@pytest.mark.parametrize(
    "text", ["2024", "2024-01-01/", "2024-02-01/2024-01-01", "a/b", "2024-01-01/2024-01-01"]
)
def test_a_period_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="period"):
        parse_period(text, BERLIN)


@pytest.mark.parametrize("name", ["Europe/Bonn", "", "../etc/passwd", "Europe"])
def test_an_unknown_zone_is_refused(name: str) -> None:
    with pytest.raises(UnknownName):
        zone_of(name)
