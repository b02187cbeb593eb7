"""Labels at the end of intervals, on days on which the clocks change, under both ways to write them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from importers.interval.findings import Findings
from importers.metering import duration, instants

ZONE = "Europe/Madrid"
SPRING, AUTUMN = datetime(2024, 3, 31, tzinfo=ZoneInfo(ZONE)), datetime(2024, 10, 27, tzinfo=ZoneInfo(ZONE))


def starts_of(day: datetime, minutes: int) -> list[datetime]:
    """Return the begins of the intervals of a civil day in UTC."""
    first = day.astimezone(UTC)
    last = (day + timedelta(days=1)).astimezone(UTC)
    count = (last - first) // timedelta(minutes=minutes)
    return [first + timedelta(minutes=minutes * place) for place in range(count)]


def as_shown(start: datetime, minutes: int) -> str:
    """Return what the clock shows when the interval ends."""
    return f"{(start + timedelta(minutes=minutes)).astimezone(ZoneInfo(ZONE)):%Y-%m-%d %H:%M:%S}"


def as_behind(start: datetime, minutes: int) -> str:
    """Return what the clock showed at the begin, and the length on top."""
    wall = start.astimezone(ZoneInfo(ZONE)).replace(tzinfo=None) + timedelta(minutes=minutes)
    return f"{wall:%Y-%m-%d %H:%M:%S}"


def read(labels: list[str], minutes: int, findings: Findings | None = None) -> list[datetime]:
    rows = pl.DataFrame(
        {
            "series": [0] * len(labels),
            "__row": range(1, len(labels) + 1),
            "stamp": labels,
            "minutes": [minutes] * len(labels),
        },
        schema_overrides={"series": pl.Int32, "minutes": pl.Int32},
    )
    found = instants.read_ends(rows, "stamp", "date", ZONE, findings or Findings())
    return [moment.replace(tzinfo=UTC) for moment in found["start"]]


@pytest.mark.parametrize("written", [as_shown, as_behind])
@pytest.mark.parametrize("day", [SPRING, AUTUMN, datetime(2024, 5, 1, tzinfo=ZoneInfo(ZONE))])
@pytest.mark.parametrize("minutes", [10, 15, 30, 60])
def test_every_interval_of_a_day_is_found(
    written: Callable[[datetime, int], str], day: datetime, minutes: int
) -> None:
    findings = Findings()
    starts = starts_of(day, minutes)
    assert read([written(start, minutes) for start in starts], minutes, findings) == starts
    assert findings.frame().is_empty()


@settings(max_examples=40, deadline=None)
@given(
    day=st.datetimes(datetime(2015, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001 - naive days
    minutes=st.sampled_from([15, 30, 60]),
    is_shown=st.booleans(),
)
def test_whatever_the_day_the_labels_lead_back(day: datetime, minutes: int, is_shown: bool) -> None:  # noqa: FBT001
    midnight = day.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=ZoneInfo(ZONE))
    starts = starts_of(midnight, minutes)
    written = as_shown if is_shown else as_behind
    assert read([written(start, minutes) for start in starts], minutes) == starts


def test_an_hour_that_does_not_exist_is_rejected_an_untold_one_is_said() -> None:
    findings = Findings()
    assert read(["2024-03-31 02:10:00", "2024-03-31 02:20:00"], 5, findings) == []
    assert findings.rejected == 2
    assert findings.frame()["code"].to_list() == ["nonexistent_time"] * 2
    findings = Findings()
    assert len(read(["2024-10-27 02:30:00"], 15, findings)) == 1
    assert findings.frame()["code"].to_list() == ["ambiguous_time"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PT15M", duration.Duration(minutes=15)),
        ("pt15min", duration.Duration(minutes=15)),
        ("PT1H", duration.Duration(minutes=60)),
        ("PT900S", duration.Duration(minutes=15)),
        ("P1D", duration.Duration(days=1)),
        ("P1W", duration.Duration(days=7)),
        ("P1M", duration.Duration(months=1)),
        ("P1Y", duration.Duration(months=12)),
        ("PT10S", None),
        ("P", None),
        ("PT", None),
        ("PT0M", None),
        ("P99999Y", None),
        ("15", None),
        ("", None),
    ],
)
def test_durations(text: str, expected: duration.Duration | None) -> None:
    assert duration.parse(text) == expected
