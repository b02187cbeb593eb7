"""What a commit leaves in the store; readings are quarter hours of a meter in Berlin unless stated."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from bilanz.errors import AlreadyImported, BilanzError, Refused, UnknownName, UsageError
from bilanz.records import READING_SCHEMA, SERIES_SCHEMA
from bilanz.store.commit import Delivery, commit
from bilanz.store.connection import Store, open_store
from bilanz.store.control import Control
from bilanz.store.overlaps import Choice
from bilanz.store.withdraw import withdraw

at = datetime.fromisoformat
FIRST = Choice("first", None, "tester", at("2026-01-01T00:00"))
REPLACE = replace(FIRST, rule="replace")
BOTH = replace(FIRST, rule="both", reason="two halves of one meter")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "bilanz.duckdb") as opened:
        yield opened


def delivery(
    store: Store,
    name: str,
    start: str,
    count: int,
    *,
    value: str = "1",
    minutes: int = 15,
    status: int = 0,
    skip: tuple[int, ...] = (),
) -> Delivery:
    """Return `count` readings from `start` (UTC) on, without those at the positions of `skip`."""
    kept = [index for index in range(count) if index not in skip]
    rows = [
        (0, at(start) + timedelta(minutes=minutes * index), minutes, Decimal(value), status, index + 2)
        for index in kept
    ]
    file = store.directory / f"{name}.parquet"
    pl.DataFrame(rows, schema=READING_SCHEMA, orient="row").write_parquet(file)
    series = pl.DataFrame(
        [(0, "M1", "electricity", "consumption", "kWh", "none", minutes, "Europe/Berlin", "Wert")],
        schema=SERIES_SCHEMA,
        orient="row",
    )
    total = Decimal(value) * len(kept)
    return Delivery(
        batch=name,
        sha256=f"hash of {name}",
        file=f"{name}.csv",
        importer="toy",
        importer_version="1",
        organisation="town",
        zone="Europe/Berlin",
        n_read=len(kept),
        n_accepted=len(kept),
        n_rejected=0,
        n_ignored=0,
        series=series.with_columns(organisation=pl.lit("town")),
        readings=file,
        controls=(Control(("quantity", "Wert", "kWh"), total, len(kept)),),
    )


def daily(store: Store) -> list[tuple[object, ...]]:
    return store.rows('SELECT "day", quantity, n_expected, n_measured, n_estimated FROM daily ORDER BY ALL')


def superseded(store: Store) -> list[tuple[object, ...]]:
    return store.rows(
        "SELECT batch_key, sum(quantity), sum(readings) FROM daily_superseded GROUP BY ALL ORDER BY ALL"
    )


def test_a_year_rolls_up_by_local_day(store: Store) -> None:
    commit(store, delivery(store, "year", "2023-12-31T23:00", 35136, value="0.25"), FIRST)
    days = daily(store)
    assert len(days) == 366
    by_day = {row[0]: row[1:] for row in days}
    # 0.25 kWh × 92, 96, 100 quarter hours
    assert by_day[date(2024, 3, 31)] == (Decimal("23.000000"), 92, 92, 0)
    assert by_day[date(2024, 7, 1)] == (Decimal("24.000000"), 96, 96, 0)
    assert by_day[date(2024, 10, 27)] == (Decimal("25.000000"), 100, 100, 0)
    assert store.rows("SELECT sum(quantity) FROM daily") == [(Decimal("8784.000000"),)]  # 35136 × 0.25
    assert store.rows("SELECT period_start, period_end FROM batch") == [
        (at("2023-12-31T23:00"), at("2024-12-31T23:00"))
    ]


def test_the_bitmap_has_one_bit_per_slot_since_the_day_began(store: Store) -> None:
    # 31 March 2024 from 23:00 UTC the day before: slots 0–7 before the switch, 8–91 after it; 9 is missing.
    commit(store, delivery(store, "day", "2024-03-30T23:00", 92, skip=(9,)), FIRST)
    assert store.rows("SELECT slots::VARCHAR FROM daily") == [("1" * 9 + "0" + "1" * 82 + "0" * 8,)]


@pytest.mark.parametrize(
    ("minutes", "slots"), [(1, 1440), (5, 288), (10, 144), (30, 48), (60, 24), (360, 4), (1440, 1)]
)
def test_any_interval_up_to_a_day_is_rolled_up(store: Store, minutes: int, slots: int) -> None:
    commit(store, delivery(store, "day", "2024-06-30T22:00", slots, minutes=minutes, status=1), FIRST)
    assert daily(store) == [(date(2024, 7, 1), Decimal(slots), slots, 0, slots)]


def test_readings_that_cross_midnight_are_refused_and_nothing_stays(store: Store) -> None:
    # gas days begin at 06:00: a reading of a whole day crosses midnight and belongs to the records
    with pytest.raises(BilanzError, match="Readings of 1 days of a series cross midnight"):
        commit(store, delivery(store, "gas", "2024-07-01T04:00", 1, minutes=1440), FIRST)
    assert store.rows("SELECT (SELECT count(*) FROM batch) + (SELECT count(*) FROM series)") == [(0,)]
    assert list(store.readings.iterdir()) == []


def test_readings_of_another_interval_than_their_series_are_refused(store: Store) -> None:
    given = delivery(store, "odd", "2024-07-01T00:00", 4)
    with pytest.raises(BilanzError, match="4 readings belong to no series"):
        commit(store, replace(given, series=given.series.with_columns(minutes=pl.lit(60, pl.Int32))), FIRST)


@pytest.mark.parametrize(
    ("control", "message"),
    [
        (Control(("quantity", "Wert", "kWh"), Decimal("4.1"), 4), "4.1 kWh"),
        (Control(("quantity", "Wert", "MWh"), Decimal(4), 4), "–"),
        (Control(("quantity", "Menge", "kWh"), Decimal(4), 4), "Menge"),
    ],
)
def test_a_sum_that_differs_rolls_everything_back(store: Store, control: Control, message: str) -> None:
    given = delivery(store, "bad", "2024-07-01T00:00", 4)
    with pytest.raises(BilanzError, match=message) as caught:
        commit(store, replace(given, controls=(control,)), FIRST)
    assert caught.value.code == "control_sum"
    assert store.rows("SELECT (SELECT count(*) FROM batch) + (SELECT count(*) FROM daily)") == [(0,)]


def test_rounding_of_each_value_is_allowed_for(store: Store) -> None:
    given = delivery(store, "rounded", "2024-07-01T00:00", 4)
    allowed = Control(("quantity", "Wert", "kWh"), Decimal("4.000002"), 4)  # 4 × 0.0000005
    commit(store, replace(given, controls=(allowed,)), FIRST)


def test_a_count_that_differs_rolls_everything_back(store: Store) -> None:
    given = replace(delivery(store, "bad", "2024-07-01T00:00", 4), n_read=5, n_accepted=5)
    with pytest.raises(BilanzError, match="5 records were accepted and 4 stored"):
        commit(store, given, FIRST)


def test_the_same_bytes_again_name_the_first_batch(store: Store) -> None:
    commit(store, delivery(store, "one", "2024-07-01T00:00", 4), FIRST)
    again = replace(delivery(store, "two", "2024-07-01T00:00", 4), sha256="hash of one")
    with pytest.raises(AlreadyImported, match=r"one\.csv in batch one on 2026-01-01"):
        commit(store, again, FIRST)
    withdraw(store, "one", reason="wrong meter")
    commit(store, again, FIRST)
    assert store.rows("SELECT batch, state FROM batch ORDER BY batch_key") == [
        ("one", "withdrawn"),
        ("two", "committed"),
    ]


# Two files of one day (2024-07-01 local, 96 quarter hours): "one" holds 1 kWh, "two" 3 kWh each, and they
# share the last 48 slots of "one": 48 × 1 = 48 kWh against 48 × 3 = 144 kWh.
OVERLAP = ("2024-06-30T22:00", "2024-07-01T10:00")


def test_first_keeps_what_came_first(store: Store) -> None:
    commit(store, delivery(store, "one", OVERLAP[0], 96), FIRST)
    done = commit(store, delivery(store, "two", OVERLAP[1], 96, value="3"), FIRST)
    assert daily(store) == [
        (date(2024, 7, 1), Decimal(96), 96, 96, 0),
        (date(2024, 7, 2), Decimal(144), 96, 48, 0),
    ]
    assert superseded(store) == [(2, Decimal(144), 48)]
    (issue,) = done.issues.to_dicts()
    assert (issue["code"], issue["source_row"], issue["value"]) == ("overlap", 2, "M1")
    named = json.loads(issue["parameters"])
    assert (named["first_file"], named["first_row"], named["second"]) == ("one.csv", "50", "two")
    assert named["period"] == "2024-07-01T12:00+0200/2024-07-02T00:00+0200"


def test_replace_lets_the_later_one_count(store: Store) -> None:
    commit(store, delivery(store, "one", OVERLAP[0], 96), FIRST)
    commit(store, delivery(store, "two", OVERLAP[1], 96, value="3"), REPLACE)
    assert [row[1] for row in daily(store)] == [Decimal(48 + 144), Decimal(144)]
    assert superseded(store) == [(1, Decimal(48), 48)]


def test_both_needs_a_reason_and_counts_both(store: Store) -> None:
    commit(store, delivery(store, "one", OVERLAP[0], 96), FIRST)
    second = delivery(store, "two", OVERLAP[1], 96, value="3")
    with pytest.raises(UsageError, match="reason"):
        commit(store, second, replace(BOTH, reason=None))
    commit(store, second, BOTH)
    assert [row[1] for row in daily(store)] == [Decimal(96 + 144), Decimal(144)]
    assert superseded(store) == []
    assert store.rows('SELECT rule, reason, "by" FROM resolution') == [("both", BOTH.reason, "tester")]


def test_a_latest_delivery_replaces_by_its_standard(store: Store) -> None:
    commit(store, delivery(store, "one", OVERLAP[0], 96), FIRST)
    commit(store, delivery(store, "two", OVERLAP[1], 96, value="3"), replace(FIRST, is_latest_delivery=True))
    assert superseded(store) == [(1, Decimal(48), 48)]
    assert store.rows("SELECT DISTINCT rule FROM resolution") == [("latest_delivery",)]


def test_gaps_are_filled_from_the_other_file_slot_by_slot(store: Store) -> None:
    commit(store, delivery(store, "one", OVERLAP[0], 96, skip=(10, 11, 50)), FIRST)
    done = commit(store, delivery(store, "two", OVERLAP[0], 96, value="3", skip=(20,)), FIRST)
    # 93 slots of "one" at 1 kWh and the three it lacks at 3 kWh
    assert daily(store) == [(date(2024, 7, 1), Decimal(93 + 9), 96, 96, 0)]
    assert superseded(store) == [(2, Decimal(92 * 3), 92)]
    assert done.issues.height == 4  # 0–9, 12–19, 21–49, 51–95


def test_intervals_that_begin_off_the_hour_meet_exactly(store: Store) -> None:
    # half hours from 18:15 UTC on, as in Kathmandu: positions 0 against 0, 1 and 3
    commit(store, delivery(store, "one", "2024-07-01T18:15", 1, minutes=30), FIRST)
    commit(store, delivery(store, "two", "2024-07-01T18:15", 4, minutes=30, value="3", skip=(2,)), FIRST)
    assert daily(store) == [(date(2024, 7, 1), Decimal(7), 48, 3, 0)]  # 1 + 3 + 3
    assert superseded(store) == [(2, Decimal(3), 1)]


def test_many_short_ranges_are_one_issue(store: Store) -> None:
    commit(store, delivery(store, "one", OVERLAP[0], 96, skip=tuple(range(1, 96, 3))), FIRST)
    done = commit(store, delivery(store, "two", OVERLAP[0], 96), FIRST)
    assert done.issues.height == 1
    assert store.rows("SELECT count(*) FROM resolution") == [(33,)]
    assert daily(store) == [(date(2024, 7, 1), Decimal(96), 96, 96, 0)]


def test_hours_and_quarter_hours_of_one_meter_are_not_added_up(store: Store) -> None:
    commit(store, delivery(store, "quarters", OVERLAP[0], 48), FIRST)
    commit(store, delivery(store, "hours", OVERLAP[0], 24, value="4", minutes=60), FIRST)
    # the first 12 hours by quarter hours (48 × 1), the other 12 by hours (12 × 4)
    assert store.rows("SELECT sum(quantity) FROM daily") == [(Decimal(96),)]
    assert superseded(store) == [(2, Decimal(48), 12)]


def test_a_withdrawn_batch_gives_way_to_what_it_had_displaced(store: Store) -> None:
    for name, value, choice in (("one", "1", FIRST), ("two", "3", REPLACE), ("three", "5", FIRST)):
        commit(store, delivery(store, name, OVERLAP[0], 96, value=value), choice)
    assert daily(store) == [(date(2024, 7, 1), Decimal(288), 96, 96, 0)]  # two: 96 × 3
    withdraw(store, "two", reason="wrong meter")
    assert daily(store) == [(date(2024, 7, 1), Decimal(96), 96, 96, 0)]  # one goes before three
    assert superseded(store) == [(3, Decimal(480), 96)]
    withdraw(store, "one", reason="wrong meter")
    assert daily(store) == [(date(2024, 7, 1), Decimal(480), 96, 96, 0)]
    withdraw(store, "three", reason="wrong meter")
    assert daily(store) == []
    assert store.rows("SELECT count(*) FROM resolution") == [(0,)]
    assert store.rows("SELECT count(*) FROM issue WHERE code = 'withdrawn'") == [(3,)]


def test_a_batch_is_withdrawn_once(store: Store) -> None:
    commit(store, delivery(store, "one", OVERLAP[0], 96), FIRST)
    withdraw(store, "one", reason="x")
    with pytest.raises(Refused, match="already"):
        withdraw(store, "one", reason="x")
    with pytest.raises(UnknownName, match="none"):
        withdraw(store, "none", reason="x")
