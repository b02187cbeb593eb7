"""The change between two years: by hand per cause, and always adding up to the last digit."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.reports.synthetic import YEAR, empty_result, frame

from bilanz.causes import CAUSE_SCHEMA, causes, total
from bilanz.result import COVERAGE_SCHEMA, EXCEPTION_SCHEMA, LINE_SCHEMA, Result
from bilanz.weathercorrection import WEATHER_SCHEMA

Row = dict[str, Any]
BOOK = "ghgp_location"


def line(quantity: str, co2e: str, **told: object) -> Row:
    row: Row = {
        "book": BOOK,
        "organisation": "rathaus",
        "source": "G-1",
        "activity": "natural_gas",
        "role": "consumed",
        "month": date(YEAR, 1, 1),
        "scope": "1",
        "gas": "CO2e",
        "quantity": Decimal(quantity),
        "unit": "kWh",
        "basis": "Hs",
        "is_lead": True,
        "co2e_kg": Decimal(co2e),
    }
    return row | told


def run(
    year: int, *lines: Row, exceptions: list[Row] | None = None, days: dict[int, float] | None = None
) -> Result:
    """A run with lines; `days`: month → days known of the gas meter, none: no coverage is kept."""
    base = empty_result((BOOK,))
    covered: list[Row] = [
        {
            "organisation": "rathaus",
            "source": "G-1",
            "activity": "natural_gas",
            "month": date(year, month, 1),
            "days": 28,
            "days_measured": known,
            "days_billed": 0.0,
            "days_estimated": 0.0,
        }
        for month, known in (days or {}).items()
    ]
    moved = [row | {"month": row["month"].replace(year=year)} for row in lines]
    left = [row | {"month": row["month"].replace(year=year)} for row in exceptions or []]
    return replace(
        base,
        manifest=replace(base.manifest, year=year),
        lines=frame(moved, LINE_SCHEMA),
        exceptions=frame(left, EXCEPTION_SCHEMA),
        coverage=frame(covered, COVERAGE_SCHEMA),
    )


def found(before: Result, after: Result, weather: pl.DataFrame | None = None) -> dict[str, Decimal | None]:
    table = causes(before, after, weather)
    assert dict(table.schema) == CAUSE_SCHEMA
    sums = table.group_by("cause").agg(
        pl.when(pl.col("co2e_kg").is_not_null().any()).then(pl.col("co2e_kg").sum())
    )
    return dict(sums.iter_rows())


def test_activity_and_factor_by_hand() -> None:
    # 100 kWh at 0.3 → 80 kWh at 0.2: activity (80 − 100) · (0.3 + 0.2) / 2 = −5, factor (0.2 − 0.3) · 90 = −9
    before, after = run(YEAR - 1, line("100", "30")), run(YEAR, line("80", "16"))
    assert found(before, after) == {"activity": Decimal(-5), "factor": Decimal(-9)}


def test_nothing_of_one_year_is_the_measure_of_the_other() -> None:
    one, other = run(YEAR - 1, line("100", "30")), run(YEAR, line("80", "16"))
    back = run(YEAR - 1, line("80", "16")), run(YEAR, line("100", "30"))
    there, again = found(one, other), found(*back)
    assert {cause: -(value or 0) for cause, value in again.items()} == there


def test_a_source_of_one_year_only_is_structure() -> None:
    before = run(YEAR - 1, line("100", "30"), line("10", "4", source="S-1", activity="electricity"))
    after = run(YEAR, line("100", "30"), line("10", "7", source="S-2", activity="electricity"))
    assert found(before, after) == {"source": Decimal(3)}  # 7 of the new one − 4 of the lost one


def test_an_organisation_of_one_year_only_is_structure() -> None:
    before = run(YEAR - 1, line("100", "30"))
    after = run(YEAR, line("100", "30"), line("10", "7", source="S-2", organisation="bad"))
    assert found(before, after) == {"organisation": Decimal(7)}


def test_another_carrier_of_the_same_source_is_mix() -> None:
    before = run(YEAR - 1, line("100", "30"))
    after = run(YEAR, line("60", "12", activity="wood_pellets"))
    assert found(before, after) == {"mix": Decimal(-18)}


def test_a_month_known_in_one_year_only_is_coverage_and_never_activity() -> None:
    # February is missing in the year: its 12 kg are coverage; January as in the case by hand
    before = run(
        YEAR - 1,
        line("100", "30"),
        line("40", "12", month=date(YEAR, 2, 1)),
        days={1: 28, 2: 28},
    )
    after = run(YEAR, line("80", "16"), days={1: 28, 2: 0})
    assert found(before, after) == {"activity": Decimal(-5), "factor": Decimal(-9), "coverage": Decimal(-12)}


@pytest.mark.parametrize(("known", "cause"), [(27.0, "activity"), (26.9, "coverage")])
def test_a_day_may_be_missing(known: float, cause: str) -> None:
    before, after = (
        run(YEAR - 1, line("100", "30"), days={1: 28}),
        run(YEAR, line("90", "27"), days={1: known}),
    )
    assert found(before, after) == {cause: Decimal(-3)}


def test_a_month_the_source_was_not_held_is_structure() -> None:
    before = run(YEAR - 1, line("100", "30"), days={1: 28})
    after = run(YEAR, line("100", "30"), line("50", "15", month=date(YEAR, 2, 1)), days={1: 28, 2: 28})
    assert found(before, after) == {"source": Decimal(15)}


def test_what_had_no_factor_in_one_year_is_an_exception_and_no_growth() -> None:
    left = {"organisation": "rathaus", "source": "G-1", "activity": "natural_gas", "month": date(YEAR, 2, 1)}
    february = line("50", "15", month=date(YEAR, 2, 1))
    for book in (BOOK, None):
        before = run(YEAR - 1, line("100", "30"), exceptions=[left | {"book": book}])
        assert found(before, run(YEAR, line("100", "30"), february)) == {"exceptions": Decimal(15)}
    before = run(YEAR - 1, line("100", "30"), exceptions=[left | {"book": "bisko"}])
    assert found(before, run(YEAR, line("100", "30"), february)) == {"activity": Decimal(15)}


def test_what_moved_out_of_the_total_is_boundary() -> None:
    before = run(YEAR - 1, line("100", "30"))
    after = run(YEAR, line("100", "30", scope="memo"))
    assert found(before, after) == {"boundary": Decimal(-30)}


def weather(*rows: tuple[int, str, str | None]) -> pl.DataFrame:
    told = [
        {
            "year": year,
            "organisation": "rathaus",
            "source": "G-1",
            "activity": "natural_gas",
            "basis": "Hs",
            "measured_kwh": Decimal(measured),
            "corrected_kwh": None if corrected is None else Decimal(corrected),
            "state": "no_degree_days" if corrected is None else "corrected",
        }
        for year, measured, corrected in rows
    ]
    return frame(told, dict(WEATHER_SCHEMA))


def test_weather_is_taken_out_of_the_activity() -> None:
    # measured − corrected: 100 − 95 = 5 and 80 − 92 = −12; moved −17 kWh · (0.3 + 0.2) / 2 = −4.25 kg
    before, after = run(YEAR - 1, line("100", "30")), run(YEAR, line("80", "16"))
    table = weather((YEAR - 1, "100", "95"), (YEAR, "80", "92"))
    told = found(before, after, table)
    assert told == {"weather": Decimal("-4.25"), "activity": Decimal("-0.75"), "factor": Decimal(-9)}


def test_weather_of_one_year_only_is_not_assessed_and_not_zero() -> None:
    before, after = run(YEAR - 1, line("100", "30")), run(YEAR, line("80", "16"))
    told = found(before, after, weather((YEAR - 1, "100", None), (YEAR, "80", "92")))
    assert told == {"weather": None, "activity": Decimal(-5), "factor": Decimal(-9)}


def test_biogenic_carbon_and_other_books_are_in_no_cause() -> None:
    before = run(YEAR - 1, line("100", "30"), line("100", "9", scope="outside", is_lead=False))
    after = run(YEAR, line("100", "30"), line("100", "99", scope="outside", is_lead=False))
    assert found(before, after) == {}
    assert total(after, BOOK) == 30


MASSES = st.decimals(-(10**9), 10**9, places=12)
LINES = st.lists(
    st.builds(
        line,
        st.decimals(0, 10**9, places=6).map(str),
        MASSES.map(str),
        source=st.sampled_from(["G-1", "G-2", "S-1", None]),
        organisation=st.sampled_from(["rathaus", "bad"]),
        activity=st.sampled_from(["natural_gas", "electricity", None]),
        unit=st.sampled_from(["kWh", "m3"]),
        scope=st.sampled_from(["1", "3", "memo", "outside"]),
        month=st.sampled_from([date(YEAR, 1, 1), date(YEAR, 2, 1)]),
    ),
    max_size=8,
)
DAYS = st.dictionaries(st.integers(1, 2), st.floats(0, 28))


@given(old=LINES, new=LINES, old_days=DAYS, new_days=DAYS)
def test_the_causes_add_up_to_the_last_digit(
    old: list[Row], new: list[Row], old_days: dict[int, float], new_days: dict[int, float]
) -> None:
    before, after = run(YEAR - 1, *old, days=old_days), run(YEAR, *new, days=new_days)
    table = causes(before, after, weather((YEAR - 1, "100", "95"), (YEAR, "80", "92")))
    assert Decimal(table["co2e_kg"].sum() or 0) == total(after, BOOK) - total(before, BOOK)
