"""Weather correction: by hand, one definition a view, and no row lost for want of a degree day."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.reports.synthetic import YEAR, empty_result, frame

from bilanz.result import COVERAGE_SCHEMA, USAGE_SCHEMA, Result
from bilanz.weather import DEGREE_DAY_SCHEMA, Definition
from bilanz.weathercorrection import (
    HEATING_SCHEMA,
    WEATHER_SCHEMA,
    Choice,
    against_normal,
    choose,
    climate_factors,
    corrected,
)

Row = dict[str, Any]


def degree_day(year: int, value: str, **told: object) -> Row:
    row: Row = {
        "degree_day_id": f"{told.get('edition', '2024')}:{told.get('place', 'DE')}:{year}",
        "definition": Definition.EUROSTAT_HDD.value,
        "region": "DE",
        "valid_from": date(year, 1, 1),
        "valid_to": date(year + 1, 1, 1),
        "value": Decimal(value),
        "unit": "K d",
        "source": "eurostat",
        "edition": "2024",
    }
    return row | told


def climate_factor(year: int, value: str, postcode: str = "01067", **told: object) -> Row:
    about = {
        "definition": Definition.DWD_CLIMATE_FACTOR.value,
        "place": postcode,
        "unit": "1",
        "source": "dwd",
    }
    return degree_day(year, value, **(about | told))


def table(*rows: Row) -> pl.DataFrame:
    return frame(list(rows), dict(DEGREE_DAY_SCHEMA))


def normal(value: str = "3000", **told: object) -> list[Row]:
    return [degree_day(year, value, **told) for year in range(1991, 2021)]


def heating(*rows: Row) -> pl.DataFrame:
    return frame(list(rows), dict(HEATING_SCHEMA))


BOILER: Row = {"source": "G-1", "heating_share": Decimal("0.8"), "region": "DE-BE", "postcode": "01067"}


def used(kwh: str | None, year: int = YEAR, *, days: int = 365, **told: object) -> Result:
    row: Row = {
        "organisation": "rathaus",
        "source": "G-1",
        "activity": "natural_gas",
        "role": "consumed",
        "direction": "consumption",
        "month": date(year, 1, 1),
        "quantity": Decimal(100),
        "unit": "kWh",
        "basis": "Hs",
        "energy_kwh": None if kwh is None else Decimal(kwh),
        "quality": "billed",
    }
    row |= told
    covered = {name: row[name] for name in ("organisation", "source", "activity", "month")}
    known = {"days": 365, "days_measured": 0.0, "days_billed": float(days), "days_estimated": 0.0}
    base = empty_result()
    return replace(
        base,
        manifest=replace(base.manifest, year=year),
        usage=frame([row], USAGE_SCHEMA),
        coverage=frame([covered | known], COVERAGE_SCHEMA),
    )


def view(result: Result, sources: pl.DataFrame, *rows: Row) -> Row:
    choice = choose(table(*rows), sources, [result.manifest.year])
    found = corrected((result,), sources, choice)
    assert dict(found.schema) == WEATHER_SCHEMA
    return found.row(0, named=True)


def test_degree_days_by_hand() -> None:
    # mean 3000 K d, year 2500 K d: ratio 1.2; 1000 kWh, of which 80 % heat: 1000 + 800 · 0.2 = 1160
    row = view(used("1000"), heating(BOILER), *normal(), degree_day(YEAR, "2500"))
    assert (row["state"], row["place"], row["definition"]) == ("corrected", "DE", "eurostat_hdd")
    assert row["ratio"] == Decimal("1.2")
    assert row["corrected_kwh"] == Decimal(1160)


def test_climate_factor_by_hand() -> None:
    # factor 1.05: 1000 + 800 · 0.05 = 1040; the degree days of the country are not looked at
    rows = [*normal(), degree_day(YEAR, "2500"), climate_factor(YEAR, "1.05")]
    row = view(used("1000"), heating(BOILER), *rows)
    assert (row["definition"], row["place"]) == ("dwd_climate_factor", "01067")
    assert row["corrected_kwh"] == Decimal(1040)


def test_definitions_never_mix_in_a_view() -> None:
    other = BOILER | {"source": "G-2", "postcode": "99999"}
    rows = table(*normal(), degree_day(YEAR, "2500"), climate_factor(YEAR, "1.05"))
    assert choose(rows, heating(BOILER, other), [YEAR]).definition is Definition.EUROSTAT_HDD
    assert choose(rows, heating(BOILER), [YEAR, YEAR - 1]).definition is Definition.EUROSTAT_HDD
    assert choose(rows, heating(BOILER), [YEAR]).definition is Definition.DWD_CLIMATE_FACTOR


def test_a_climate_factor_of_twelve_other_months_is_not_that_of_the_year() -> None:
    moved = climate_factor(YEAR, "1.05", valid_from=date(YEAR, 2, 1), valid_to=date(YEAR + 1, 2, 1))
    assert climate_factors(table(moved)).is_empty()


def test_a_mean_needs_every_year_of_the_period_and_one_edition() -> None:
    short = table(*normal()[1:], degree_day(YEAR, "2500"))
    assert against_normal(short, Definition.EUROSTAT_HDD).is_empty()
    two = table(*normal("3000"), *normal("4000", edition="2025"), degree_day(YEAR, "2500"))
    told = against_normal(two, Definition.EUROSTAT_HDD).filter(pl.col("year") == YEAR)
    assert told.is_empty()  # the newest whole edition does not hold the year, and the other is not asked
    newer = table(*normal("3000"), *normal("4000", edition="2025"), degree_day(YEAR, "2500", edition="2025"))
    told = against_normal(newer, Definition.EUROSTAT_HDD).filter(pl.col("year") == YEAR)
    assert told["ratio"].to_list() == [Decimal("1.6")]  # 4000 / 2500


def test_a_series_shorter_than_the_data_deletes_no_year() -> None:
    rows = table(*normal(), degree_day(YEAR, "2500"))
    sources = heating(BOILER)
    results = [used("1000", year) for year in (YEAR, YEAR - 1, YEAR - 2)]
    found = corrected(results, sources, choose(rows, sources, [YEAR]))
    assert found["year"].to_list() == [YEAR, YEAR - 1, YEAR - 2]
    assert found["measured_kwh"].to_list() == [Decimal(1000)] * 3
    assert found["corrected_kwh"].to_list() == [Decimal(1160), None, None]
    assert found["state"].to_list() == ["corrected", "no_degree_days", "no_degree_days"]


@pytest.mark.parametrize(
    ("result", "source", "state"),
    [
        (used("1000"), BOILER | {"heating_share": None}, "no_share"),
        (used("1000"), {"source": "another"}, "no_share"),
        (used("1000"), BOILER | {"region": None}, "no_place"),
        (used(None), BOILER, "no_energy"),
        (used("1000", days=364), BOILER, "corrected"),
        (used("1000", days=363), BOILER, "months_missing"),
        (used("1000", role="delivered", quality="estimated"), BOILER, "delivery"),
        (used("1000", role="delivered", quality="billed"), BOILER, "corrected"),
    ],
)
def test_what_is_not_corrected_says_why_and_keeps_its_energy(result: Result, source: Row, state: str) -> None:
    row = view(result, heating(source), *normal(), degree_day(YEAR, "2500"))
    assert row["state"] == state
    assert (row["corrected_kwh"] is None) == (state != "corrected")
    assert row["measured_kwh"] == result.usage["energy_kwh"][0]


def test_electricity_without_a_heating_share_is_no_matter_of_weather() -> None:
    result = used("1000", activity="electricity", basis="none")
    choice = Choice(Definition.EUROSTAT_HDD, against_normal(table(*normal()), Definition.EUROSTAT_HDD))
    assert corrected((result,), heating({"source": "another"}), choice).is_empty()
    assert corrected((result,), heating(BOILER), choice).height == 1


@given(
    kwh=st.decimals(0, 10**9, places=6),
    share=st.decimals(0, 1, places=6),
    value=st.integers(1000, 6000),
)
def test_only_the_heating_share_moves(kwh: Decimal, share: Decimal, value: int) -> None:
    source = BOILER | {"heating_share": share}
    row = view(used(str(kwh)), heating(source), *normal(), degree_day(YEAR, str(value)))
    moved = row["corrected_kwh"] - kwh
    assert abs(moved - kwh * share * (Decimal(3000) / value - 1)) <= Decimal("0.01")
    assert (moved >= 0) == (value <= 3000) or abs(moved) < Decimal("0.01")
