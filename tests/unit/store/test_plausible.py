"""Values far from their own history are flagged and kept; incomplete months are counted."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from bilanz.records import ACTIVITY_SCHEMA, READING_SCHEMA, SERIES_SCHEMA
from bilanz.store.commit import Committed, Delivery, commit
from bilanz.store.connection import Store, open_store
from bilanz.store.filling import fill_activities
from bilanz.store.overlaps import Choice

CHOICE = Choice("first", None, "tester", datetime.fromisoformat("2026-01-01T00:00"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "bilanz.duckdb") as opened:
        yield opened


def delivery(name: str, **given: object) -> Delivery:
    told: dict[str, object] = {
        "batch": name, "sha256": name, "file": name, "importer": "toy", "importer_version": "1",
        "organisation": "town", "zone": "UTC", "n_rejected": 0, "n_ignored": 0,
    }  # fmt: skip
    return Delivery(**{**told, **given})  # type: ignore[arg-type]


def hours(store: Store, name: str, first: str, values: list[str | None], status: int = 0) -> Committed:
    """Commit hourly readings; None: a missing hour."""
    start = datetime.fromisoformat(first)
    rows = [
        (0, start + timedelta(hours=place), 60, Decimal(text), status, place + 2)
        for place, text in enumerate(values)
        if text is not None
    ]
    file = store.readings / f"{name}-staged.parquet"
    pl.DataFrame(rows, schema=READING_SCHEMA, orient="row").write_parquet(file)
    series = pl.DataFrame(
        [(0, "Z1", "electricity", "consumption", "kWh", "none", 60, "UTC", "Wert")],
        schema=SERIES_SCHEMA,
        orient="row",
    ).with_columns(organisation=pl.lit("town"))
    given = delivery(name, n_read=len(rows), n_accepted=len(rows), series=series, readings=file)
    return commit(store, given, CHOICE)


def month(store: Store, number: int, quantity: str, **other: str) -> Committed:
    """Commit one monthly record of 2024."""
    row = {
        "source_row": 2, "organisation": "town", "source": "G1", "activity": "natural_gas", "unit": "kWh",
        "direction": "consumption", "basis": "Hs", "quality": "billed", "quantity": quantity,
        "column": "Menge", "start": f"2024-{number:02}-01", "end": f"2024-{number + 1:02}-01", **other,
    }  # fmt: skip
    raw = pl.DataFrame([row], schema=dict.fromkeys(ACTIVITY_SCHEMA, pl.String) | {"source_row": pl.Int64})
    records = raw.with_columns(pl.col("start", "end").str.to_datetime("%Y-%m-%d")).cast(
        pl.Schema(ACTIVITY_SCHEMA)
    )
    filled = fill_activities(records, "town")
    return commit(store, delivery(f"m{number}-{quantity}", n_read=1, n_accepted=1, activities=filled), CHOICE)


def test_a_day_far_above_the_others_is_named_and_kept(store: Store) -> None:
    values = ["2"] * 24 * 40
    values[100] = "9999"  # 2.5. 4 o'clock: an hour read a thousand times too high
    done = hours(store, "a", "2024-05-01", [*values])
    (issue,) = done.issues.filter(pl.col("code") == "outlier_day").to_dicts()
    # 23 × 2 + 9999 kWh on 5 May; a usual day has 24 × 2 = 48
    assert issue["parameters"] == '{"day":"2024-05-05","quantity":"10045 kWh","usual":"48 kWh"}'
    assert store.rows("SELECT max(quantity) FROM daily") == [(Decimal(10045),)]


def test_a_later_file_is_held_against_the_days_before(store: Store) -> None:
    assert hours(store, "a", "2024-05-01", ["2"] * 24 * 40).issues.is_empty()
    done = hours(store, "b", "2024-07-01", ["2000"] * 24)
    assert done.issues["code"].to_list() == ["outlier_day"]


def test_seasons_are_no_outliers(store: Store) -> None:
    winter, summer = ["10"] * 24 * 60, ["2"] * 24 * 60
    assert hours(store, "a", "2024-01-01", [*winter, *summer]).issues.is_empty()


@pytest.mark.parametrize(
    ("quantity", "is_far"), [("1000", False), ("90", False), ("100000", True), ("1", True)]
)
def test_a_record_a_thousand_times_off_is_named(store: Store, quantity: str, *, is_far: bool) -> None:
    for number, usual in ((1, "3000"), (2, "2500"), (3, "1500")):
        assert month(store, number, usual).issues.is_empty()
    assert (month(store, 4, quantity).issues["code"].to_list() == ["outlier_record"]) is is_far


def test_three_records_are_needed_and_credits_are_not_compared(store: Store) -> None:
    month(store, 1, "3000")
    month(store, 2, "2500")
    assert month(store, 3, "900000").issues.is_empty()
    assert month(store, 5, "-900000", document_type="credit").issues.is_empty()


def test_missing_and_estimated_intervals_are_counted_by_month(store: Store) -> None:
    values: list[str | None] = ["1"] * 24 * 31
    values[24:72] = [None] * 48  # two whole days
    values[80] = None
    done = hours(store, "a", "2024-01-30", values)
    assert done.coverage.select("month", "expected", "measured", "estimated").rows() == [
        (date(2024, 1, 1), 48, 24, 0),
        (date(2024, 2, 1), 696, 671, 0),  # 29 days × 24; 24 hours and 1 are missing
    ]
    later = hours(store, "b", "2024-03-01", ["1"] * 24, status=1)
    assert later.coverage.select("expected", "measured", "estimated").rows() == [(24, 0, 24)]
