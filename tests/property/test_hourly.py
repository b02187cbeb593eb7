"""Matching by the hour: linear, and the same bytes in any order of imports and on any number of threads."""

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hours import balance, instants, lines, mass, missed, read, series
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from toy import City, found_city, use_toys

from bilanz import intensity
from bilanz.app.calculation import calculate
from bilanz.intensity import Intensity, multipliers
from bilanz.registry.engine import open_registry
from bilanz.registry.frames import organisations_frame, source_terms_frame
from bilanz.result import Result
from bilanz.store.connection import open_store
from factors.base import catalogue

STARTS = instants("2024-10-26T20:00", "2024-10-27T04:00", 15)
QUANTITY = st.decimals(0, 1000, places=6, allow_nan=False)
VALUE = st.decimals(0, 2000, places=9, allow_nan=False)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    """Return a town with three meters whose readings overlap and have gaps."""
    with pytest.MonkeyPatch.context() as patch:
        use_toys(patch)
        made = found_city(tmp_path_factory.mktemp("town"))
        for name, source, low, high in FILES:
            rows = [(at, f"{index % 7}.{index:06d}") for index, at in enumerate(STARTS)][low:high]
            read(made, name, rows, minutes=15, source=source)
    return made


FILES = (("a.csv", "M1", 0, 20), ("b.csv", "M1", 15, 32), ("c.csv", "M2", 3, 30), ("d.csv", "M3", 0, 1))


def grid(values: list[Decimal]) -> Intensity:
    hours = instants("2024-10-26T20:00", "2024-10-27T04:00", 60)
    return series([(at, str(value)) for at, value in zip(hours, values, strict=True)])


def calculated(city: City, entry: Intensity, threads: int = 2) -> Result:
    registry = open_registry(city.settings.registry)
    organisations, terms = organisations_frame(registry), source_terms_frame(registry)
    registry.close()
    with open_store(city.settings.store_file) as store:
        store.con.execute(f"SET threads = {threads}")
        return calculate(
            store, organisations, terms, catalogue(), year=2024, books=("hourly",), series=(entry,)
        )


@examples(max_examples=6, deadline=None)
@given(values=st.lists(VALUE, min_size=8, max_size=8))
def test_twice_the_intensity_is_twice_the_mass(city: City, values: list[Decimal]) -> None:
    once, twice = calculated(city, grid(values)), calculated(city, grid([2 * value for value in values]))
    # 9 decimals of g and 6 of kWh are 18 of kg: no more than one rounding of each line lies between them
    assert abs(mass(twice) - 2 * mass(once)) <= Decimal("2e-12") * lines(once).height
    assert lines(once)["quantity"].sum() == lines(twice)["quantity"].sum()


@examples(max_examples=4, deadline=None)
@given(values=st.lists(VALUE, min_size=8, max_size=8), threads=st.sampled_from([1, 3, 4]))
def test_the_number_of_threads_does_not_matter(city: City, values: list[Decimal], threads: int) -> None:
    entry = grid(values)
    hashes = {calculated(city, entry, number).manifest.result_hash for number in (2, threads)}
    assert len(hashes) == 1


def test_the_order_of_files_does_not_matter(
    city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_toys(monkeypatch)
    other = found_city(tmp_path)
    for name, source, low, high in (FILES[3], FILES[2], FILES[0], FILES[1]):  # of M1 the same one is first
        rows = [(at, f"{index % 7}.{index:06d}") for index, at in enumerate(STARTS)][low:high]
        read(other, name, rows, minutes=15, source=source)
    entry = grid([Decimal(100 + 7 * index) for index in range(8)])
    first, second = calculated(city, entry).manifest, calculated(other, entry).manifest
    assert first.result_hash == second.result_hash


@examples(max_examples=6, deadline=None)
@given(
    values=st.lists(VALUE, min_size=8, max_size=8),
    gaps=st.sets(st.integers(0, 7), max_size=7),
)
def test_what_is_matched_and_what_is_missing_make_the_whole(
    city: City, values: list[Decimal], gaps: set[int]
) -> None:
    whole = grid(values)
    holed = Intensity(
        whole.about, whole.values.with_row_index("i").filter(~pl.col("i").is_in(list(gaps))).drop("i")
    )
    full, found = calculated(city, whole), calculated(city, holed)
    lacking = sum((quantity for _, quantity, _ in missed(found)), Decimal(0))
    assert Decimal(lines(found)["quantity"].sum() or 0) + lacking == lines(full)["quantity"].sum()
    assert {code for code, _, _ in missed(found)} <= {"hour_missing", "no_factor"}


@examples(max_examples=30, deadline=None)
@given(
    values=st.lists(VALUE, min_size=12, max_size=12),
    minutes=st.sampled_from([5, 15, 30, 60]),
    length=st.sampled_from([1, 5, 10, 15, 20, 30, 45, 60]),
)
def test_a_multiplier_is_the_mean_over_the_minutes_of_the_reading(
    values: list[Decimal], minutes: int, length: int
) -> None:
    starts = instants("2024-06-03T00:00", "2024-06-03T12:00", minutes)[: len(values)]
    entry = series([(at, str(value)) for at, value in zip(starts, values, strict=True)], minutes=minutes)
    by_minute = {
        int((start - intensity._EPOCH).total_seconds()) // 60 + offset: value  # noqa: SLF001 - minutes as a series counts them
        for start, value in entry.values.iter_rows()
        for offset in range(minutes)
    }
    found = multipliers(entry, length, intensity.Fraction(1, 1000))
    assert found.height > 0
    for start, high, low in found.iter_rows():
        first = int((start - intensity._EPOCH).total_seconds()) // 60  # noqa: SLF001 - minutes as a series counts them
        mean = sum(intensity.Fraction(by_minute[first + offset]) for offset in range(length)) / length / 1000
        assert abs(intensity.Fraction(high) + intensity.Fraction(low) / 10**12 - mean) * 10**24 <= 1


def test_a_balance_through_the_data_directory_is_the_same(city: City, tmp_path: Path) -> None:
    from hours import keep

    assert tmp_path
    entry = grid([Decimal(100 + 7 * index) for index in range(8)])
    keep(city, entry)
    assert balance(city).manifest.result_hash == calculated(city, entry).manifest.result_hash
