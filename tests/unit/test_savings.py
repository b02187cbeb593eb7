"""The savings account of § 6 EnEfG by hand."""

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.reports.synthetic import frame

from bilanz.plan import MEASURE_SCHEMA
from bilanz.savings import ACCOUNT_SCHEMA, COUNTED_SCHEMA, FINAL_ENERGY_SCHEMA, account, counted

Row = dict[str, Any]


def energy(values: dict[int, int | None]) -> pl.DataFrame:
    rows = [{"year": year, "energy_kwh": kwh, "lacking": 0} for year, kwh in values.items()]
    return frame(rows, dict(FINAL_ENERGY_SCHEMA))


def measure(year: int, kwh: int | None, **told: Any) -> Row:  # noqa: ANN401 - cells of a measure
    row = {
        "id": f"M-{year}-{kwh}",
        "organisation": "town",
        "title": "Roof",
        "starts_on": date(year, 12, 1),
        "effect_kwh": kwh,
        "activity": "natural_gas",
        "status": "implemented",
        "method": "reading before and after",
        "evidence": "report",
    }
    return row | told


def measures(*rows: Row) -> pl.DataFrame:
    return frame(list(rows), dict(MEASURE_SCHEMA))


def told(values: dict[int, int | None], last: int, *rows: Row) -> dict[int, Row]:
    found = account(energy(values), measures(*rows), last)
    assert dict(found.schema) == ACCOUNT_SCHEMA
    return {row["year"]: row for row in found.iter_rows(named=True)}


GIGAWATT_HOURS = {2023: 5_000_000, 2024: 4_900_000, 2025: 4_800_000, 2026: 4_700_000}


def test_a_surplus_meets_the_duties_of_later_years() -> None:
    # duties: 2024 100 000, 2025 98 000, 2026 96 000; saved 250 000 in 2024 and 20 000 in 2026
    # 2024: 250 − 100 = 150; 2025: 150 − 98 = 52; 2026: 96 − 52 − 20 = 24 open until 2028 (thousands of kWh)
    rows = told(GIGAWATT_HOURS, 2026, measure(2024, 250_000), measure(2026, 20_000))
    assert [rows[year]["duty_kwh"] for year in (2024, 2025, 2026)] == [100_000, 98_000, 96_000]
    assert [rows[year]["standing"] for year in (2024, 2025, 2026)] == ["met", "met", "open"]
    assert (rows[2024]["met_by_own_kwh"], rows[2024]["surplus_kwh"]) == (100_000, 0)
    assert rows[2025]["met_by_earlier_kwh"] == 98_000
    assert (rows[2026]["met_by_earlier_kwh"], rows[2026]["met_by_own_kwh"]) == (52_000, 20_000)
    assert (rows[2026]["open_kwh"], rows[2026]["make_up_until"]) == (24_000, 2028)


def test_a_shortfall_is_made_up_within_two_years_and_then_overdue() -> None:
    # 2024: 40 of 100 saved; 2025: 98 + 60 owed, 150 saved: the older first, so 2025 lacks 8; 2026 makes up 8
    rows = told(GIGAWATT_HOURS, 2026, measure(2024, 40_000), measure(2025, 150_000), measure(2026, 104_000))
    assert rows[2024]["met_by_later_kwh"] == 60_000
    assert rows[2025]["met_by_later_kwh"] == 8_000
    assert [rows[year]["standing"] for year in rows] == ["met", "met", "met"]
    late = told(GIGAWATT_HOURS, 2026, measure(2024, 40_000))
    assert (late[2024]["standing"], late[2024]["open_kwh"]) == ("overdue", 60_000)
    assert late[2025]["standing"] == "open"
    # 2027 comes too late for 2024, not for 2025
    later = told(GIGAWATT_HOURS, 2027, measure(2024, 40_000), measure(2027, 500_000))
    assert (later[2024]["standing"], later[2025]["standing"]) == ("overdue", "met")


def test_a_surplus_ends_after_five_years() -> None:
    flat = dict.fromkeys(range(2023, 2031), 1_000_000)  # 20 000 kWh a year
    rows = told(flat, 2030, measure(2024, 200_000))
    assert [rows[year]["standing"] for year in rows] == ["met"] * 6 + ["open"]  # 2024 to 2029, not 2030
    assert (rows[2024]["surplus_kwh"], rows[2024]["usable_until"]) == (80_000, 2029)


def test_below_one_gigawatt_hour_there_is_no_duty() -> None:
    rows = told({2023: 999_999, 2024: 1_000_000}, 2025)
    assert [(row["duty_kwh"], row["standing"]) for row in rows.values()] == [(0, "none"), (20_000, "open")]
    saved = told({2023: 999_999, 2024: 1_000_000}, 2025, measure(2024, 90_000))
    assert saved[2024]["surplus_kwh"] == 0  # without a target nothing exceeds it
    assert saved[2025]["standing"] == "open"


def test_an_energy_that_is_not_known_stops_the_account() -> None:
    rows = told({2023: 5_000_000, 2024: None, 2025: 4_800_000}, 2026, measure(2024, 100_000))
    assert [row["standing"] for row in rows.values()] == ["met", "unknown", "unknown"]
    assert (rows[2025]["duty_kwh"], rows[2026]["duty_kwh"], rows[2026]["open_kwh"]) == (None, 96_000, None)
    assert [row["standing"] for row in told({}, 2024).values()] == ["unknown"]


def test_savings_before_the_law_are_no_surplus() -> None:
    assert told(GIGAWATT_HOURS, 2024, measure(2023, 500_000))[2024]["open_kwh"] == 100_000


def test_only_what_is_done_with_energy_and_method_counts() -> None:
    table = counted(
        measures(
            measure(2024, 1),
            measure(2024, 2, status="decided"),
            measure(2024, None, effect_kg=5),
            measure(2024, 3, method=" "),
            measure(2024, -4),
            measure(2023, 5),
            measure(2025, 6),
        ),
        2024,
    )
    assert dict(table.schema) == COUNTED_SCHEMA
    assert table["reason"].to_list() == [
        None,
        "not_implemented",
        "no_energy",
        "no_method",
        None,
        "before_law",
        "after_year",
    ]
    assert told(GIGAWATT_HOURS, 2024, measure(2024, 10), measure(2024, -4))[2024]["saved_kwh"] == 6
    assert told(GIGAWATT_HOURS, 2024, measure(2024, -4))[2024]["surplus_kwh"] == 0


@pytest.mark.parametrize("basis", [None, "Land law"])
def test_whether_it_binds_is_stated_or_not(basis: str | None) -> None:
    assert account(energy(GIGAWATT_HOURS), measures(), 2024, basis)["legal_basis"].to_list() == [basis]


@given(
    saved=st.lists(st.integers(0, 400_000), min_size=8, max_size=8),
    used=st.lists(st.integers(1_000_000, 9_000_000), min_size=9, max_size=9),
)
def test_nothing_is_used_twice_and_nothing_is_lost(saved: list[int], used: list[int]) -> None:
    rows = told(
        {2023 + number: kwh for number, kwh in enumerate(used)},
        2031,
        *(measure(2024 + number, kwh, id=str(number)) for number, kwh in enumerate(saved)),
    ).values()
    for row in rows:
        met = row["met_by_own_kwh"] + row["met_by_earlier_kwh"] + row["met_by_later_kwh"]
        assert met + row["open_kwh"] == row["duty_kwh"]
    every = sum(row["duty_kwh"] - row["open_kwh"] + row["surplus_kwh"] for row in rows)
    assert every == sum(Decimal(kwh) for kwh in saved)
