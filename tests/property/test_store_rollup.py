"""Whatever files arrive in whatever order: every slot counts once, and nothing accepted is lost."""

import tempfile
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Literal

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from bilanz.periods import day_start, local_day, slots_of_day
from bilanz.records import READING_SCHEMA, SERIES_SCHEMA
from bilanz.store.commit import Delivery, commit
from bilanz.store.connection import Store, open_store
from bilanz.store.overlaps import Choice
from bilanz.store.withdraw import withdraw

ZONES = st.sampled_from(["Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns"])
FIRST_DAYS = st.sampled_from([date(2024, 3, 30), date(2024, 4, 6), date(2024, 10, 26), date(2024, 7, 1)])
SPAN = 96  # half hours from the first day on: two days


@dataclass(frozen=True)
class File:
    """Half-hours of one meter by position, all of one value; and how it is imported or withdrawn again."""

    slots: frozenset[int]
    value: int
    rule: Literal["first", "replace"]
    is_withdrawn: bool


FILES = st.lists(
    st.builds(
        File,
        slots=st.frozensets(st.integers(0, SPAN - 1), min_size=1),
        value=st.integers(0, 10**12),
        rule=st.sampled_from(["first", "replace"]),
        is_withdrawn=st.booleans(),
    ),
    min_size=1,
    max_size=4,
)


def put(store: Store, name: str, file: File, zone: str, start: datetime) -> None:
    rows = [
        (0, start + timedelta(minutes=30 * slot), 30, Decimal(file.value).scaleb(-6), slot % 2, slot + 2)
        for slot in sorted(file.slots)
    ]
    path = store.directory / "staged.parquet"
    pl.DataFrame(rows, schema=READING_SCHEMA, orient="row").write_parquet(path)
    series = pl.DataFrame(
        [(0, "M1", "electricity", "consumption", "kWh", "none", 30, zone, "Wert")],
        schema=SERIES_SCHEMA,
        orient="row",
    )
    given_ = Delivery(
        batch=name,
        sha256=name,
        file=name,
        importer="toy",
        importer_version="1",
        organisation="town",
        zone=zone,
        n_read=len(rows),
        n_accepted=len(rows),
        n_rejected=0,
        n_ignored=0,
        series=series.with_columns(organisation=pl.lit("town")),
        readings=path,
    )
    commit(store, given_, Choice(file.rule, None, "tester", datetime.fromisoformat("2026-01-01")))


def counted(files: list[File]) -> dict[int, File]:
    """Return slot → the file that counts: in order of arrival `replace` wins and `first` yields."""
    ranked: list[File] = []
    for file in files:
        ranked = [file, *ranked] if file.rule == "replace" else [*ranked, file]
    holders: dict[int, File] = {}
    for file in ranked:
        if not file.is_withdrawn:
            for slot in file.slots:
                holders.setdefault(slot, file)
    return holders


@settings(max_examples=20, deadline=None)
@given(FILES, ZONES, FIRST_DAYS)
def test_every_slot_counts_once_and_the_rest_is_superseded(files: list[File], zone: str, first: date) -> None:
    start = day_start(zone, first)
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "bilanz.duckdb") as store:
        for index, file in enumerate(files):
            put(store, f"file{index}", file, zone, start)
        for index, file in enumerate(files):
            if file.is_withdrawn:
                withdraw(store, f"file{index}", reason="test")
        days = store.rows(
            'SELECT "day", quantity, n_measured, n_estimated, n_expected, slots::VARCHAR FROM daily'
        )
        ((lost,),) = store.rows("SELECT coalesce(sum(quantity), 0) FROM daily_superseded")
    expected: dict[date, list[tuple[int, File]]] = {}
    for slot, file in counted(files).items():
        day = local_day(zone, start + timedelta(minutes=30 * slot))
        expected.setdefault(day, []).append((slot, file))
    assert {row[0] for row in days} == set(expected)
    for day, quantity, measured, estimated, slots, bits in days:
        held = expected[day]
        assert quantity == sum(Decimal(file.value).scaleb(-6) for _, file in held)
        assert (measured, estimated) == (
            sum(slot % 2 == 0 for slot, _ in held),
            sum(slot % 2 for slot, _ in held),
        )
        assert slots == slots_of_day(zone, day, 30)
        since = [
            (start + timedelta(minutes=30 * slot) - day_start(zone, day)) // timedelta(minutes=30)
            for slot, _ in held
        ]
        assert [index for index, bit in enumerate(bits) if bit == "1"] == sorted(since)
    accepted = sum(
        Decimal(file.value).scaleb(-6) * len(file.slots) for file in files if not file.is_withdrawn
    )
    assert sum(row[1] for row in days) + lost == accepted
