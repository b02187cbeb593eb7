from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bilanz.periods import day_start, local_day, offsets, segments, slots_of_day

ZONES = st.sampled_from(
    [
        "Europe/Berlin",
        "Europe/London",
        "Europe/Lisbon",
        "Atlantic/Azores",
        "America/St_Johns",
        "America/Havana",
        "America/Santiago",
        "Asia/Kolkata",
        "Asia/Kathmandu",
        "Asia/Beirut",
        "Africa/Cairo",
        "Africa/Casablanca",
        "Australia/Lord_Howe",
        "Pacific/Chatham",
        "UTC",
    ]
)
DAYS = st.dates(date(2000, 1, 1), date(2037, 12, 31))
MINUTE = timedelta(minutes=1)


def wall_clock(zone: str, instant: datetime) -> datetime:
    return instant.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


@given(ZONES, DAYS, st.integers(1, 400), st.lists(st.floats(0, 1, exclude_max=True), max_size=20))
def test_the_intervals_tile_the_period_and_give_the_wall_clock(
    zone: str, first: date, length: int, shares: list[float]
) -> None:
    start = datetime.combine(first, datetime.min.time())
    end = start + timedelta(days=length)
    rows = offsets(zone, start, end).rows()
    assert rows[0][0] == start
    assert rows[-1][1] == end
    assert all(before[1] == after[0] and before[2] != after[2] for before, after in pairwise(rows))
    for share in shares:
        instant = start + MINUTE * int(share * length * 1440)
        (offset,) = [minutes for low, high, minutes in rows if low <= instant < high]
        assert instant + offset * MINUTE == wall_clock(zone, instant)


@given(ZONES, DAYS, st.integers(1, 40), st.floats(0, 1, exclude_max=True))
def test_the_correction_gives_the_minutes_since_the_day_began(
    zone: str, first: date, length: int, share: float
) -> None:
    start = datetime.combine(first, datetime.min.time())
    end = start + timedelta(days=length)
    instant = start + MINUTE * int(share * length * 1440)
    ((_, _, offset, correction),) = [
        row for row in segments(zone, start, end).rows() if row[0] <= instant < row[1]
    ]
    clock = instant + offset * MINUTE
    elapsed = clock.hour * 60 + clock.minute + correction
    assert clock.date() == local_day(zone, instant)
    assert elapsed == (instant - day_start(zone, clock.date())) // MINUTE


@given(ZONES, DAYS, st.sampled_from([5, 10, 15, 30]))
def test_the_slots_of_a_year_are_its_length(zone: str, first: date, minutes: int) -> None:
    year = [first + timedelta(days=index) for index in range(366)]
    slots = sum(slots_of_day(zone, day, minutes) for day in year)
    assert slots * minutes * MINUTE == day_start(zone, year[-1] + timedelta(days=1)) - day_start(zone, first)
