"""What a person excludes or corrects: one value, and nothing beside it."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from bilanz.errors import Refused, UnknownName
from bilanz.periods import day_start
from bilanz.records import ACTIVITY_SCHEMA, READING_SCHEMA, SERIES_SCHEMA
from bilanz.store.asof import only, resolutions
from bilanz.store.commit import Committed, Delivery, commit
from bilanz.store.connection import Store, open_store
from bilanz.store.exclude import Exclusion, Part, exclude, exclusion_of, include
from bilanz.store.filling import fill_activities
from bilanz.store.overlaps import Choice
from bilanz.store.schema import VERSION
from bilanz.store.withdraw import withdraw

ZONE = "Europe/Berlin"
at = datetime.fromisoformat
FIRST = Choice("first", None, "tester", at("2026-01-01T00:00"))
REPLACE = replace(FIRST, rule="replace", reason="wrong")
WHY = Exclusion("olga", at("2026-02-01T00:00"), "the meter was broken")
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
    "quality": "measured",
    "column": "Menge",
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "bilanz.duckdb") as opened:
        yield opened


def delivery(name: str, count: int) -> Delivery:
    return Delivery(
        batch=name,
        sha256=f"hash of {name}",
        file=f"{name}.csv",
        importer="toy",
        importer_version="1",
        organisation="town",
        zone=ZONE,
        n_read=count,
        n_accepted=count,
        n_rejected=0,
        n_ignored=0,
    )


def put(store: Store, name: str, *bills: dict[str, str], choice: Choice = FIRST) -> Committed:
    rows = [{**BILL, "source_row": index + 2, **bill} for index, bill in enumerate(bills)]
    raw = pl.DataFrame(rows, schema=dict.fromkeys(ACTIVITY_SCHEMA, pl.String) | {"source_row": pl.Int64})
    records = raw.with_columns(pl.col("start", "end").str.to_datetime()).cast(pl.Schema(ACTIVITY_SCHEMA))
    given = replace(delivery(name, len(bills)), activities=fill_activities(records, "town"))
    return commit(store, given, choice)


def readings(store: Store, name: str, *, days: int = 3, value: int = 1, choice: Choice = FIRST) -> Committed:
    """Commit hourly readings of days from 1 January 2024 on."""
    first = day_start(ZONE, date(2024, 1, 1))
    rows = [(0, first + timedelta(hours=hour), 60, Decimal(value), 0, hour + 2) for hour in range(24 * days)]
    file = store.directory / "staged.parquet"
    pl.DataFrame(rows, schema=READING_SCHEMA, orient="row").write_parquet(file)
    series = pl.DataFrame(
        [(0, "Z1", "natural_gas", "consumption", "kWh", "Hs", 60, ZONE, "Wert")],
        schema=SERIES_SCHEMA,
        orient="row",
    )
    given = replace(
        delivery(name, len(rows)), series=series.with_columns(organisation=pl.lit("town")), readings=file
    )
    return commit(store, given, choice)


def record(store: Store, batch: str, row: int = 2) -> Part:
    ((identifier, series, start, end),) = store.rows(
        """SELECT record_id, series_key, "start", "end" FROM activity JOIN batch USING (batch_key)
        WHERE batch = ? AND source_row = ?""",
        [batch, row],
    )
    return Part(batch, series, start, end, identifier)


def second_day(store: Store, batch: str) -> Part:
    query = "SELECT series_key FROM batch_series JOIN batch USING (batch_key) WHERE batch = ?"
    ((series,),) = store.rows(query, [batch])
    return Part(batch, series, day_start(ZONE, date(2024, 1, 2)), day_start(ZONE, date(2024, 1, 3)))


def counted(store: Store) -> list[tuple[str, int]]:
    return store.rows("""
        SELECT b.batch, a.source_row FROM activity_live a JOIN batch b USING (batch_key)
        WHERE NOT a.is_superseded ORDER BY ALL""")


def daily(store: Store) -> dict[str, Decimal]:
    return dict(store.rows("""SELECT strftime("day", '%d'), sum(quantity) FROM daily GROUP BY ALL"""))


def lost(store: Store) -> list[tuple[str, Decimal, int, bool]]:
    return store.rows("""SELECT strftime(d."day", '%d'), d.quantity, d.readings, d.is_excluded
        FROM daily_superseded d ORDER BY ALL""")


def test_a_record_that_is_excluded_counts_no_more_until_that_is_taken_back(store: Store) -> None:
    put(store, "file", {}, {"source": "Z2"})
    part = record(store, "file")
    exclude(store, part, WHY)
    assert counted(store) == [("file", 3)]
    assert exclusion_of(store, part) == WHY
    with pytest.raises(Refused, match="excluded already"):
        exclude(store, part, WHY)
    include(store, part)
    assert counted(store) == [("file", 2), ("file", 3)]
    with pytest.raises(Refused, match="not excluded"):
        include(store, part)


def test_nothing_of_a_withdrawn_batch_is_excluded(store: Store) -> None:
    put(store, "file", {})
    part = record(store, "file")
    exclude(store, part, WHY)
    withdraw(store, "file", reason="wrong")
    assert resolutions(store).is_empty()
    with pytest.raises(UnknownName):
        exclude(store, part, WHY)


def test_a_day_of_readings_that_is_excluded_is_in_no_daily_sum(store: Store) -> None:
    readings(store, "hours")
    part = second_day(store, "hours")
    exclude(store, part, WHY)
    assert daily(store) == {"01": Decimal(24), "03": Decimal(24)}
    assert lost(store) == [("02", Decimal(24), 24, True)]
    include(store, part)
    assert daily(store) == dict.fromkeys(("01", "02", "03"), Decimal(24))
    assert lost(store) == []


def test_what_was_excluded_keeps_no_later_record_out_and_is_not_added_to_it(store: Store) -> None:
    put(store, "wrong", {})
    part = record(store, "wrong")
    exclude(store, part, WHY)
    put(store, "right", {"quantity": "7"})
    assert counted(store) == [("right", 2)]
    include(store, part)
    assert counted(store) == [("right", 2)]


def test_what_was_excluded_keeps_no_later_readings_out_and_is_not_added_to_them(store: Store) -> None:
    readings(store, "wrong")
    part = second_day(store, "wrong")
    exclude(store, part, WHY)
    readings(store, "right", value=2)
    assert daily(store) == {"01": Decimal(24), "02": Decimal(48), "03": Decimal(24)}
    assert lost(store) == [
        ("01", Decimal(48), 24, False),
        ("02", Decimal(24), 24, True),
        ("03", Decimal(48), 24, False),
    ]
    include(store, part)
    assert daily(store) == {"01": Decimal(24), "02": Decimal(48), "03": Decimal(24)}
    assert ("02", Decimal(24), 24, False) in lost(store)


def test_a_store_is_shown_as_it_was_before_the_exclusion(store: Store) -> None:
    put(store, "file", {"source": "Z2"})
    readings(store, "hours")
    then = resolutions(store)
    exclude(store, record(store, "file"), WHY)
    exclude(store, second_day(store, "hours"), WHY)
    with only(store, ["file", "hours"], then):
        assert counted(store) == [("file", 2)]
        assert daily(store) == dict.fromkeys(("01", "02", "03"), Decimal(24))
    assert counted(store) == []
    assert daily(store) == {"01": Decimal(24), "03": Decimal(24)}


def correction(batch: str, **told: str) -> dict[str, str]:
    return {"attributes": json.dumps({"corrects_batch": batch, **told}), "document_type": "correction"}


def test_a_correction_takes_the_place_of_the_value_it_names_and_of_no_other(store: Store) -> None:
    put(store, "file", {"document": "bill 1"}, {"document": "bill 2", "quantity": "5"})
    named = correction("file", corrects_row="2", corrects_column="Menge")
    put(store, "mended", {"quantity": "90", **named}, choice=REPLACE)
    assert counted(store) == [("file", 3), ("mended", 2)]
    assert store.rows("SELECT rule, reason FROM resolution") == [("correction", "wrong")]
    withdraw(store, "mended", reason="wrong after all")
    assert counted(store) == [("file", 2), ("file", 3)]


def test_what_had_given_way_gives_way_to_the_correction_too(store: Store) -> None:
    put(store, "old", {})
    put(store, "new", {"quantity": "110"}, choice=REPLACE)
    named = correction("new", corrects_row="2", corrects_column="Menge")
    put(store, "mended", {"quantity": "90", **named}, choice=REPLACE)
    withdraw(store, "new", reason="gone")
    assert counted(store) == [("mended", 2)]


def test_what_counts_beside_by_a_decision_still_counts_beside_a_correction(store: Store) -> None:
    put(store, "one", {})
    put(store, "two", {"quantity": "110"}, choice=replace(FIRST, rule="both", reason="two meters"))
    named = correction("two", corrects_row="2", corrects_column="Menge")
    put(store, "mended", {"quantity": "90", **named}, choice=REPLACE)
    assert counted(store) == [("mended", 2), ("one", 2)]


@pytest.mark.parametrize(
    "other", [{"source": "Z2"}, {"organisation": "depot"}, {"activity": "district_heat"}]
)
def test_a_correction_of_something_else_takes_the_place_of_nothing(
    store: Store, other: dict[str, str]
) -> None:
    put(store, "file", {})
    named = correction("file", corrects_row="2", corrects_column="Menge")
    put(store, "forged", {"quantity": "1", "basis": "none", **other, **named}, choice=REPLACE)
    assert counted(store) == [("file", 2), ("forged", 2)]


def test_a_correction_of_a_day_takes_the_place_of_its_readings_only(store: Store) -> None:
    readings(store, "hours")
    bounds = {
        "start": day_start(ZONE, date(2024, 1, 2)).isoformat(),
        "end": day_start(ZONE, date(2024, 1, 3)).isoformat(),
    }
    named = correction("hours", corrects_day="2024-01-02")
    put(store, "mended", {"quantity": "30", **bounds, **named}, choice=REPLACE)
    assert daily(store) == {"01": Decimal(24), "03": Decimal(24)}
    assert lost(store) == [("02", Decimal(24), 24, False)]
    assert counted(store) == [("mended", 2)]
    withdraw(store, "mended", reason="wrong after all")
    assert daily(store) == dict.fromkeys(("01", "02", "03"), Decimal(24))


_THIRD = (
    "DROP VIEW activity_live",
    "DROP TABLE resolution",
    "DROP TABLE daily_superseded",
    """CREATE TABLE resolution (
        series_key INTEGER NOT NULL, "start" TIMESTAMP NOT NULL, "end" TIMESTAMP NOT NULL,
        winner_batch INTEGER NOT NULL, loser_batch INTEGER NOT NULL,
        rule VARCHAR NOT NULL CHECK (rule IN ('first', 'replace', 'both', 'correction', 'latest_delivery')),
        reason VARCHAR, "by" VARCHAR NOT NULL, "at" TIMESTAMP NOT NULL, loser_record BIGINT)""",
    """CREATE TABLE daily_superseded (
        series_key INTEGER NOT NULL, "day" DATE NOT NULL, batch_key INTEGER NOT NULL,
        quantity DECIMAL(25,6) NOT NULL, readings INTEGER NOT NULL)""",
    """CREATE VIEW activity_live AS
        SELECT a.*, a.record_id IN (SELECT loser_record FROM resolution
            WHERE loser_record IS NOT NULL AND rule <> 'both') AS is_superseded
        FROM activity a JOIN batch b USING (batch_key) WHERE b.state = 'committed'""",
    "INSERT INTO resolution SELECT * FROM kept",
    "INSERT INTO daily_superseded VALUES (1, DATE '2024-01-01', 1, 3.5, 4)",
    "UPDATE store_version SET version = 3",
)


def test_a_store_of_version_3_keeps_its_resolutions_and_can_exclude(tmp_path: Path) -> None:
    path = tmp_path / "bilanz.duckdb"
    with open_store(path) as store:
        put(store, "one", {}, {"source": "Z2"})
        put(store, "two", {})
        before = resolutions(store)
        store.con.execute("CREATE TEMP TABLE kept AS FROM resolution")
        for statement in _THIRD:
            store.con.execute(statement)
    with open_store(path) as store:
        assert store.rows("SELECT version FROM store_version") == [(VERSION,)]
        assert resolutions(store).equals(before)
        assert lost(store) == [("01", Decimal("3.5"), 4, False)]
        exclude(store, record(store, "one", 3), WHY)
        assert counted(store) == [("one", 2)]
