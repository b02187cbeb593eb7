"""Estimates of missing months by hand, and what is refused."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bilanz.filling import Estimate, Gap, Grounds, Known, Place, Unfilled, fill
from bilanz.weather import DEGREE_DAY_SCHEMA

ME: Place = ("school", "M1", "electricity")
MARCH = Gap(ME, date(2024, 3, 1), 31, 31)
DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

Months = dict[date, Known]


def known(quantity: str | int, days: int = 31, unit: str = "kWh") -> Known:
    return Known(Decimal(quantity), days, unit, "none", "DE")


def year(number: int, *quantities: str | int, skip: tuple[int, ...] = ()) -> Months:
    """Return the months of a year, of 28 days in every February; one quantity for all, or twelve."""
    every = quantities * 12 if len(quantities) == 1 else quantities
    return {
        date(number, month, 1): known(every[month - 1], DAYS[month - 1])
        for month in range(1, 13)
        if month not in skip
    }


def only(gap: Gap, grounds: Grounds, method: str) -> Estimate:
    (estimate,), unfilled = fill([gap], grounds, method)
    assert not unfilled
    return estimate


def refused(gap: Gap, grounds: Grounds, method: str) -> str:
    estimates, (entry,) = fill([gap], grounds, method)
    assert not estimates
    return str(entry.reason)


def degree_day(region: str, first: date, after: date, value: str, **told: object) -> dict[str, Any]:
    row = {
        "degree_day_id": f"{region}:{first}",
        "definition": "eurostat_hdd",
        "region": region,
        "valid_from": first,
        "valid_to": after,
        "value": value,
        "edition": "2024",
    }
    return dict.fromkeys(DEGREE_DAY_SCHEMA) | row | told


def table(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(
        {name: [row[name] for row in rows] for name in DEGREE_DAY_SCHEMA},
        schema=DEGREE_DAY_SCHEMA,
        strict=False,
    )


def test_own_history_is_the_mean_per_day_of_the_same_month() -> None:
    """31/2 × (310/31 + 620/31) = 15.5 × 30 = 465."""
    history = year(2022, 310) | year(2023, 620)
    estimate = only(MARCH, Grounds({ME: history}), "own_history")
    assert estimate.quantity == Decimal(465)
    assert estimate.formula == "31/2 × (620/31 + 310/31)"
    assert estimate.reference == ("2023-03", "2022-03")
    assert json.loads(estimate.attributes()["basis_data"]) == {"2023-03": "620", "2022-03": "310"}


def test_a_leap_day_makes_a_longer_month() -> None:
    """29 days at 280/28 a day are 290."""
    february = Gap(ME, date(2024, 2, 1), 29, 29)
    assert only(february, Grounds({ME: year(2023, 280)}), "own_history").quantity == Decimal(290)


def test_a_history_takes_three_years_and_looks_never_ahead() -> None:
    history = year(2020, 9_999) | year(2021, 31) | year(2022, 62) | year(2023, 93) | year(2025, 9_999)
    estimate = only(MARCH, Grounds({ME: history}), "own_history")
    assert estimate.reference == ("2023-03", "2022-03", "2021-03")
    assert estimate.quantity == Decimal(62)


def test_what_has_no_history_is_refused() -> None:
    assert refused(MARCH, Grounds({}), "own_history").startswith("Only 0 earlier months")
    eleven = Grounds({ME: year(2023, 10, skip=(12,))})
    assert refused(MARCH, eleven, "own_history").startswith("Only 11 earlier months")
    no_march = Grounds({ME: year(2023, 10, skip=(3,)) | year(2022, 10, skip=(3,))})
    assert refused(MARCH, no_march, "own_history") == "No earlier year knows this month."
    both = year(2022, 10) | year(2023, 10) | {date(2022, 3, 1): known(1, unit="MWh")}
    assert "several units" in refused(MARCH, Grounds({ME: both}), "own_history")


def test_a_source_held_for_a_part_of_the_month_is_refused() -> None:
    part = Gap(ME, date(2024, 3, 1), 31, 10)
    assert "a part of the month" in refused(part, Grounds({ME: year(2023, 10)}), "own_history")


def test_degree_days_scale_the_heating_share_only() -> None:
    """1000 × ((1 − 0.8) × 31/31 + 0.8 × 2700/3000) = 200 + 720 = 920."""
    rows = table(
        degree_day("DE", date(2023, 1, 1), date(2024, 1, 1), "3000"),
        degree_day("DE", date(2024, 1, 1), date(2025, 1, 1), "2700"),
    )
    grounds = Grounds({ME: year(2023, 1000)}, heating={"M1": Decimal("0.8")}, degree_days=rows)
    estimate = only(MARCH, grounds, "degree_days")
    assert estimate.quantity == Decimal(920)
    assert estimate.basis_data["degree_days"] == "eurostat_hdd DE 2024, 2023"
    assert estimate.formula == "1000 × ((1 − 0.8) × 31/31 + 0.8 × 2700/3000)"


def test_degree_days_of_the_month_come_before_those_of_the_year() -> None:
    """1000 × 500/400 = 1250, whatever the years were like."""
    rows = table(
        degree_day("DE", date(2023, 1, 1), date(2024, 1, 1), "3000"),
        degree_day("DE", date(2024, 1, 1), date(2025, 1, 1), "2700"),
        degree_day("DE", date(2023, 3, 1), date(2023, 4, 1), "400"),
        degree_day("DE", date(2024, 3, 1), date(2024, 4, 1), "500"),
    )
    grounds = Grounds({ME: year(2023, 1000)}, heating={"M1": Decimal(1)}, degree_days=rows)
    assert only(MARCH, grounds, "degree_days").quantity == Decimal(1250)


def test_degree_days_of_two_definitions_are_never_mixed() -> None:
    rows = table(
        degree_day("DE", date(2023, 1, 1), date(2024, 1, 1), "3000"),
        degree_day("DE", date(2024, 1, 1), date(2025, 1, 1), "2700", definition="vdi_3807_g20_15"),
    )
    grounds = Grounds({ME: year(2023, 1000)}, heating={"M1": Decimal(1)}, degree_days=rows)
    assert refused(MARCH, grounds, "degree_days").startswith("There are no degree days of DE")


def test_no_heating_share_is_assumed() -> None:
    assert "heating share" in refused(MARCH, Grounds({ME: year(2023, 1000)}), "degree_days")


def neighbours(count: int, *, march: int = 200, else_: int = 100) -> dict[Place, Months]:
    months = year(2024, else_) | {date(2024, 3, 1): known(march)}
    return {("library", f"N{index}", "electricity"): dict(months) for index in range(count)}


KINDS = {"school": "agency", "library": "agency"}


def test_a_profile_scales_the_own_months_by_the_course_of_others() -> None:
    """Own: 11 × 50 = 550. Others: 3 × 200 in March, 3 × 11 × 100 in these months: 550 × 600/3300 = 100."""
    grounds = Grounds({ME: year(2024, 50, skip=(3,)), **neighbours(3)}, KINDS)
    estimate = only(MARCH, grounds, "profile")
    assert estimate.quantity == Decimal(100)
    assert estimate.formula == "550 × 600/3300"
    assert estimate.basis_data["comparable"] == "N0, N1, N2"


def test_a_profile_needs_three_comparable_sources_and_three_months() -> None:
    two = Grounds({ME: year(2024, 50, skip=(3,)), **neighbours(2)}, KINDS)
    assert refused(MARCH, two, "profile").startswith("Only 2 comparable sources")
    others = Grounds({ME: year(2024, 50, skip=(3,)), **neighbours(3)}, KINDS | {"library": "enterprise"})
    assert refused(MARCH, others, "profile").startswith("Only 0 comparable sources")
    short = {date(2024, month, 1): known(50) for month in (1, 2)}
    assert refused(MARCH, Grounds({ME: short, **neighbours(3)}, KINDS), "profile").startswith("Only 2 months")
    idle = Grounds({ME: year(2024, 50, skip=(3,)), **neighbours(3, else_=0)}, KINDS)
    assert refused(MARCH, idle, "profile").startswith("The comparable sources used nothing")


def offices(count: int) -> tuple[dict[Place, Months], dict[str, Decimal], dict[str, str]]:
    names = [f"office{index}" for index in range(count)]
    held: dict[Place, Months] = {
        (name, f"{name}-1", "electricity"): {date(2024, 3, 1): known(300)} for name in names
    }
    areas = {name: Decimal(1000) for name in names} | {"school": Decimal(500)}
    return held, areas, dict.fromkeys((*names, "school"), "agency")


def test_floor_area_takes_the_ratio_of_sums() -> None:
    """3 × 300 kWh on 2 × 1000 + 3000 m²: 900/5000 × 500 = 90; a mean of ratios would be 116.67."""
    held, areas, kinds = offices(3)
    areas["office2"] = Decimal(3000)
    estimate = only(MARCH, Grounds(held, kinds, areas), "floor_area")
    assert estimate.quantity == Decimal(90)
    assert estimate.formula == "500 × 900/5000"


def test_floor_area_is_refused_where_it_would_compare_parts() -> None:
    held, areas, kinds = offices(3)
    lacking = {key: value for key, value in areas.items() if key != "school"}
    assert "of school is not stated" in refused(MARCH, Grounds(held, kinds, lacking), "floor_area")
    several = {("school", "electricity"): frozenset({"M1", "M2"})}
    assert "belongs to 2 meters" in refused(MARCH, Grounds(held, kinds, areas, meters=several), "floor_area")
    unknown = {("office0", "electricity"): frozenset({"office0-1", "office0-2"})}
    told = refused(MARCH, Grounds(held, kinds, areas, meters=unknown), "floor_area")
    assert told.startswith("Only 2 comparable organisations")


@pytest.mark.parametrize("method", ["own_history", "degree_days", "profile", "floor_area"])
def test_every_gap_comes_back_once(method: str) -> None:
    gaps = [MARCH, Gap(("x", "y", "z"), date(2024, 1, 1), 31, 31)]
    estimates, unfilled = fill(gaps, Grounds({ME: year(2023, 10)}), method)
    told: list[Estimate | Unfilled] = [*estimates, *unfilled]
    assert {entry.gap for entry in told} == set(gaps)
    assert len(told) == len(gaps)


@given(st.lists(st.integers(min_value=0, max_value=10**9), min_size=12, max_size=12), st.integers(1, 1000))
def test_estimates_are_linear_in_the_history(quantities: list[int], factor: int) -> None:
    plain = only(MARCH, Grounds({ME: year(2023, *quantities)}), "own_history").quantity
    more = [quantity * factor for quantity in quantities]
    assert only(MARCH, Grounds({ME: year(2023, *more)}), "own_history").quantity == plain * factor
