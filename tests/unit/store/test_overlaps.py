"""Overlaps of records: bills, deliveries, spend."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from itertools import permutations
from pathlib import Path

import polars as pl
import pytest

from bilanz.records import ACTIVITY_SCHEMA, READING_SCHEMA, SERIES_SCHEMA
from bilanz.store.commit import Committed, Delivery, commit
from bilanz.store.connection import Store, open_store
from bilanz.store.filling import fill_activities
from bilanz.store.overlaps import Choice
from bilanz.store.withdraw import withdraw

at = datetime.fromisoformat
FIRST = Choice("first", None, "tester", at("2026-01-01T00:00"))
BILL = {
    "organisation": "town",
    "source": "Z1",
    "activity": "natural_gas",
    "direction": "consumption",
    "start": "2024-01-01",
    "end": "2024-02-01",
    "quantity": "100",
    "unit": "kWh",
    "basis": "Hs",
    "quality": "billed",
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "bilanz.duckdb") as opened:
        yield opened


def put(
    store: Store,
    name: str,
    *bills: dict[str, str],
    choice: Choice = FIRST,
    delivered: datetime | None = None,
) -> Committed:
    """Commit records that differ from `BILL` as stated; rows count from 2."""
    rows = [{**BILL, "source_row": index + 2, **bill} for index, bill in enumerate(bills)]
    raw = pl.DataFrame(rows, schema=dict.fromkeys(ACTIVITY_SCHEMA, pl.String) | {"source_row": pl.Int64})
    records = raw.with_columns(pl.col("start", "end").str.to_datetime("%Y-%m-%d")).cast(
        pl.Schema(ACTIVITY_SCHEMA)
    )
    given = Delivery(
        batch=name,
        sha256=f"hash of {name}",
        file=f"{name}.csv",
        importer="toy",
        importer_version="1",
        organisation="town",
        zone="Europe/Berlin",
        n_read=len(bills),
        n_accepted=len(bills),
        n_rejected=0,
        n_ignored=0,
        activities=fill_activities(records, "town"),
        delivered=delivered,
    )
    return commit(store, given, choice)


def losers(store: Store) -> list[tuple[str, int]]:
    return store.rows("""
        SELECT b.batch, a.source_row FROM activity_live a JOIN batch b USING (batch_key)
        WHERE a.is_superseded ORDER BY ALL""")


FEBRUARY = {"start": "2024-02-01", "end": "2024-03-01"}
EVENT = {"start": "2024-01-05", "end": "2024-01-06", "activity": "diesel", "unit": "l", "basis": "none"}
NO_SOURCE = {"source": None}  # the file names none: `organisation:activity` stands in
SPEND = {
    "activity": "purchase",
    "quality": "spend",
    "unit": "EUR",
    "document": "R-1",
    "counterparty": "Firm",
    "basis": "none",
    "start": "2024-01-05",
    "end": "2024-01-06",
}

PROMISED = {"document_type": "contract"}


@pytest.mark.parametrize(
    ("held", "new", "is_overlap"),
    [
        pytest.param({}, {}, True, id="the same month"),
        pytest.param({}, {"end": "2025-01-01", "start": "2024-01-31"}, True, id="one day in common"),
        pytest.param({}, FEBRUARY, False, id="the next month"),
        pytest.param({}, {"source": "Z2"}, False, id="another meter"),
        pytest.param({}, {"direction": "feed_in"}, False, id="another direction"),
        pytest.param({}, {"activity": "electricity"}, False, id="another activity"),
        pytest.param({}, {"unit": "m3", "basis": "none"}, True, id="another unit of the same meter"),
        pytest.param({}, {"quality": "measured"}, False, id="another rank, which the engine decides"),
        pytest.param({"document_type": "instalment"}, {"document_type": "final"}, False, id="final bill"),
        pytest.param({"document_type": "instalment"}, {"document_type": "instalment"}, True, id="both due"),
        pytest.param({}, {"document_type": "credit", "quantity": "-10"}, False, id="credit"),
        pytest.param({"activity": None}, {"activity": None}, True, id="both not classified"),
        pytest.param({**EVENT, "document": "1"}, {**EVENT, "document": "2"}, False, id="two refuellings"),
        pytest.param({**EVENT, "document": "1"}, {**EVENT, "document": "1"}, True, id="one refuelling"),
        pytest.param(EVENT, EVENT, True, id="refuellings without a number"),
        pytest.param(NO_SOURCE, NO_SOURCE, True, id="no source named"),
        pytest.param(
            {**NO_SOURCE, "counterparty": "A"}, {**NO_SOURCE, "counterparty": "B"}, False, id="two suppliers"
        ),
        pytest.param(NO_SOURCE, {**NO_SOURCE, "quantity": "90"}, False, id="two meters nobody names"),
        pytest.param(
            {**NO_SOURCE, "document": "1"},
            {**NO_SOURCE, "document": "2"},
            False,
            id="two bills, no meter named",
        ),
        pytest.param(
            {**NO_SOURCE, "document": "1"},
            {**NO_SOURCE, "document": "1"},
            True,
            id="one bill, no meter named",
        ),
        pytest.param(SPEND, SPEND, True, id="the same invoice line"),
        pytest.param(SPEND, {**SPEND, "document": "R-2"}, False, id="another invoice"),
        pytest.param(SPEND, {**SPEND, "quantity": "101"}, False, id="another amount"),
        pytest.param(SPEND, {**SPEND, "counterparty": "Other"}, False, id="another supplier"),
        pytest.param({**SPEND, "document": None}, {**SPEND, "document": None}, False, id="no number"),
        pytest.param({**SPEND, **PROMISED}, {**SPEND, **PROMISED}, True, id="one notice, published twice"),
        pytest.param({**SPEND, **PROMISED}, SPEND, False, id="a contract and what is paid on it"),
        pytest.param(
            {"activity": "no_emission_payment"}, {"activity": "no_emission_payment"}, False, id="salaries"
        ),
    ],
)
def test_what_overlaps(store: Store, held: dict[str, str], new: dict[str, str], *, is_overlap: bool) -> None:
    put(store, "one", held)
    done = put(store, "two", new)
    assert done.issues["code"].to_list() == ["overlap"] * is_overlap
    assert losers(store) == [("two", 2)] * is_overlap


def test_records_of_one_file_never_overlap(store: Store) -> None:
    assert put(store, "one", {}, {}).issues.is_empty()


def test_only_the_record_that_overlaps_gives_way(store: Store) -> None:
    put(store, "one", {})
    put(store, "two", {}, FEBRUARY)
    assert losers(store) == [("two", 2)]


def test_a_duplicate_invoice_line_does_not_take_its_neighbour_along(store: Store) -> None:
    put(store, "one", SPEND)
    put(store, "two", SPEND, {**SPEND, "quantity": "7"})
    assert losers(store) == [("two", 2)]


def test_a_correction_replaces_also_under_first(store: Store) -> None:
    put(store, "one", {}, FEBRUARY)
    put(store, "two", {"document_type": "correction", "quantity": "90"})
    assert losers(store) == [("one", 2)]
    assert store.rows("SELECT DISTINCT rule FROM resolution") == [("correction",)]
    withdraw(store, "two", reason="withdrawn by the supplier")
    assert losers(store) == []


def test_replace_and_both(store: Store) -> None:
    put(store, "one", {})
    put(store, "two", {}, choice=replace(FIRST, rule="replace"))
    assert losers(store) == [("one", 2)]
    put(store, "three", {}, choice=replace(FIRST, rule="both", reason="two boilers"))
    assert losers(store) == [("one", 2)]


def test_every_pair_is_resolved_so_that_a_withdrawal_leaves_one(store: Store) -> None:
    for name in ("one", "two", "three"):
        put(store, name, {})
    assert losers(store) == [("three", 2), ("two", 2)]
    withdraw(store, "one", reason="x")
    assert losers(store) == [("three", 2)]


def readings(store: Store, name: str) -> Committed:
    """Commit the 24 hours of 10 January 2024 (local) of meter Z1."""
    file = store.directory / "hours.parquet"
    start = at("2024-01-09T23:00")
    frame = pl.DataFrame({"start": pl.datetime_range(start, at("2024-01-10T22:00"), "1h", eager=True)})
    frame.select(
        series=pl.lit(0),
        start="start",
        minutes=pl.lit(60),
        quantity=pl.lit(Decimal(1)),
        status=pl.lit(0),
        source_row=pl.int_range(2, 26),
    ).cast(pl.Schema(READING_SCHEMA)).write_parquet(file)
    series = pl.DataFrame(
        [(0, "Z1", "natural_gas", "consumption", "kWh", "Hs", 60, "Europe/Berlin", "Wert")],
        schema=SERIES_SCHEMA,
        orient="row",
    )
    given = Delivery(
        batch=name,
        sha256=name,
        file=name,
        importer="toy",
        importer_version="1",
        organisation="town",
        zone="Europe/Berlin",
        n_read=24,
        n_accepted=24,
        n_rejected=0,
        n_ignored=0,
        series=series.with_columns(organisation=pl.lit("town")),
        readings=file,
    )
    return commit(store, given, FIRST)


def test_a_measured_record_and_readings_of_one_meter_are_not_added_up(store: Store) -> None:
    readings(store, "hours")
    done = put(store, "month", {"quality": "measured"})
    assert done.issues["code"].to_list() == ["overlap"]
    assert losers(store) == [("month", 2)]


def test_readings_after_a_measured_record_give_way(store: Store) -> None:
    put(store, "month", {"quality": "measured"})
    done = readings(store, "hours")
    assert done.issues["code"].to_list() == ["overlap"]
    assert losers(store) == []
    assert store.rows("SELECT sum(quantity) FROM daily_superseded") == [(Decimal(24),)]
    assert store.rows("SELECT count(*) FROM daily") == [(0,)]


def test_a_bill_stands_beside_readings(store: Store) -> None:
    readings(store, "hours")
    assert put(store, "bill", {}).issues.is_empty()


LATEST = replace(FIRST, is_latest_delivery=True)


@pytest.mark.parametrize("order", list(permutations((1, 2, 3))))
def test_the_message_made_last_counts_in_whatever_order_they_come(
    store: Store, order: tuple[int, ...]
) -> None:
    for day in order:
        made = datetime.fromisoformat(f"2024-02-0{day}")
        put(store, f"m{day}", {"quality": "measured"}, choice=LATEST, delivered=made)
    assert losers(store) == [("m1", 2), ("m2", 2)]


def test_of_messages_that_do_not_say_when_they_were_made_the_last_to_come_counts(store: Store) -> None:
    for name in ("m1", "m2"):
        put(store, name, {"quality": "measured"}, choice=LATEST)
    assert losers(store) == [("m1", 2)]
