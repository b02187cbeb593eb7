"""Hours of a meter as the clock shows them, from the readings that count."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from toy import City, found_city, use_toys

from bilanz.app.intake.ingest import import_file
from bilanz.store.connection import open_store
from bilanz.store.profiles import PROFILE_SCHEMA, profiles

ALL = pl.DataFrame({"organisation": ["town", "depot"]})


@pytest.fixture
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> City:
    use_toys(monkeypatch)
    return found_city(tmp_path)


def quarters(first: str, count: int, value: str = "1") -> list[tuple[str, str]]:
    start = datetime.fromisoformat(first)
    return [(f"{start + timedelta(minutes=15 * step):%Y-%m-%dT%H:%M}", value) for step in range(count)]


def take(city: City, name: str, rows: list[tuple[str, str]], source: str, organisation: str = "town") -> None:
    path = city.readings(name, rows, source=source)
    import_file(path, organisation=organisation, settings=city.settings)


def told(city: City, year: int = 2024, **options: int) -> pl.DataFrame:
    with open_store(city.settings.store_file) as store:
        return profiles(store, ALL, year=year, **options)


def test_hours_are_those_of_the_clock(city: City) -> None:
    take(city, "march.csv", quarters("2024-03-30T23:00", 23 * 4), "M1")  # 31 March: 23 hours
    take(city, "october.csv", quarters("2024-10-26T22:00", 25 * 4), "M1")  # 27 October: 25 hours
    found = told(city)
    assert found.schema == pl.Schema(PROFILE_SCHEMA)
    hours = {day: dict(part.select("hour", "quantity").iter_rows()) for (day,), part in found.group_by("day")}
    assert hours[date(2024, 3, 31)] == {hour: Decimal(4) for hour in range(24) if hour != 2}
    assert hours[date(2024, 10, 27)] == {hour: Decimal(8 if hour == 2 else 4) for hour in range(24)}
    assert found["quantity"].sum() == (23 + 25) * 4


def test_days_of_other_years_are_left_out(city: City) -> None:
    take(city, "turn.csv", quarters("2023-12-31T22:00", 8), "M1")  # 23:00 and 00:00 local
    assert told(city)["quantity"].to_list() == [4]
    assert told(city, 2023)["hour"].to_list() == [23]


def test_the_largest_meters_come(city: City) -> None:
    for number, value in enumerate(("1", "3", "2", "4"), start=1):
        take(city, f"m{number}.csv", quarters("2024-01-02T23:00", 96, value), f"M{number}")
    assert set(told(city)["source"]) == {"M4", "M2", "M3"}
    assert set(told(city, count=1)["source"]) == {"M4"}


def test_without_meters_there_is_nothing(city: City) -> None:
    take(city, "m.csv", quarters("2024-01-02T23:00", 96), "M1")
    with open_store(city.settings.store_file) as store:
        assert profiles(store, ALL.clear(), year=2024).is_empty()
        assert profiles(store, ALL, year=2022).is_empty()
