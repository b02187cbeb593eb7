"""Reduction paths, budgets and projections by hand."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.reports.synthetic import empty_result, frame

from bilanz.errors import Refused
from bilanz.plan import (
    GROWTH_SCHEMA,
    MEASURE_SCHEMA,
    TARGET_SCHEMA,
    Growth,
    Measure,
    Target,
    check_growth,
    check_measure,
    check_target,
)
from bilanz.result import EXCEPTION_SCHEMA, LINE_SCHEMA, ORGANISATION_SCHEMA, USAGE_SCHEMA, Result
from bilanz.targets import (
    EFFECT_SCHEMA,
    POINT_SCHEMA,
    TARGET_VIEW_SCHEMA,
    Pathways,
    Plan,
    exhausted,
    linear,
    pathways,
)

Row = dict[str, Any]
BOOK = "ghgp_location"
TOWN = [("town", None), ("depot", "town"), ("pool", "town")]


def run(year: int, tonnes: dict[str, str], *, exceptions: int = 0) -> Result:
    """A run of a town: organisation → t CO2e of natural gas in scope 1, 5 kWh per kg."""
    base = empty_result((BOOK,))
    lines: list[Row] = []
    used: list[Row] = []
    for organisation, amount in tonnes.items():
        kg = Decimal(amount) * 1000
        about = {
            "organisation": organisation,
            "source": f"G-{organisation}",
            "activity": "natural_gas",
            "role": "consumed",
            "month": date(year, 1, 1),
            "quantity": kg * 5,
            "unit": "kWh",
            "basis": "Hs",
        }
        lines.append(about | {"book": BOOK, "scope": "1", "is_lead": True, "co2e_kg": kg})
        used.append(about | {"direction": "consumption", "energy_kwh": kg * 5})
    left = {"organisation": "depot", "activity": "natural_gas", "book": BOOK, "code": "no_factor"}
    return replace(
        base,
        manifest=replace(base.manifest, year=year),
        lines=frame(lines, LINE_SCHEMA),
        usage=frame(used, USAGE_SCHEMA),
        exceptions=frame([left] * exceptions, EXCEPTION_SCHEMA),
        organisations=frame(
            [{"organisation": name, "parent": parent, "name": name} for name, parent in TOWN],
            ORGANISATION_SCHEMA,
        ),
    )


TARGET: Row = {
    "id": "T",
    "organisation": "town",
    "book": BOOK,
    "scopes": "1,2,3",
    "base_year": 2020,
    "target_year": 2030,
    "reduction": Decimal("0.5"),
    "path": "linear",
    "evidence": "council, no. 1",
}
MEASURE: Row = {
    "id": "M",
    "organisation": "depot",
    "title": "Roof",
    "starts_on": date(2025, 1, 1),
    "effect_kg": Decimal(1000),
    "activity": "natural_gas",
    "status": "decided",
    "evidence": "report",
}
GROWTH: Row = {
    "id": "G",
    "organisation": "town",
    "activity": "natural_gas",
    "rate": Decimal("0.1"),
    "first_year": 2025,
    "last_year": 2026,
    "title": "New school",
    "evidence": "plan",
}


def plan(target: Row, *measures: Row, growth: list[Row] | None = None) -> Plan:
    return Plan(
        frame([target], dict(TARGET_SCHEMA)),
        frame(list(measures), dict(MEASURE_SCHEMA)),
        frame(growth or [], dict(GROWTH_SCHEMA)),
    )


def told(
    resolved: Plan,
    *runs: Result,
    intervals: pl.DataFrame | None = None,
    counted: frozenset[str] = frozenset({"natural_gas"}),
) -> tuple[Row, Pathways]:
    found = pathways(runs[0], runs[1:], resolved, {BOOK: counted}, intervals)
    assert dict(found.targets.schema) == TARGET_VIEW_SCHEMA
    assert dict(found.points.schema) == POINT_SCHEMA
    assert dict(found.effects.schema) == EFFECT_SCHEMA
    return found.targets.row(0, named=True), found


def series(found: Pathways, name: str) -> dict[int, Decimal]:
    rows = found.points.filter(pl.col("series") == name).select("year", "co2e_kg")
    return dict(rows.iter_rows())


def test_a_linear_path_by_hand() -> None:
    # base 100 t, half until 2030: 2024 is 4 of 10 years, 100 · (1 − 0.5 · 0.4) = 80 t
    view, found = told(plan(TARGET), run(2024, {"depot": "79"}), run(2020, {"depot": "100"}))
    assert (view["base_kg"], view["path_kg"], view["target_kg"]) == (100_000, 80_000, 50_000)
    assert (view["verdict"], view["reason"], view["boundary"]) == ("on_path", "no_interval", "same")
    path = series(found, "path")
    assert (path[2020], path[2025], path[2030]) == (100_000, 75_000, 50_000)
    assert series(found, "actual") == {2020: Decimal(100_000), 2024: Decimal(79_000)}
    assert set(series(found, "frozen").values()) == {Decimal(79_000)}
    assert series(found, "measures") == series(found, "growth") == {}


@pytest.mark.parametrize(
    ("tonnes", "bounds", "verdict", "reason"),
    [
        ("79", (70_000.0, 80_000.0), "on_path", "interval"),
        ("79", (70_000.0, 81_000.0), "unclear", "within"),
        ("81", (79_000.0, 90_000.0), "unclear", "within"),
        ("81", (80_500.0, 90_000.0), "off_path", "interval"),
        ("81", None, "off_path", "no_interval"),
    ],
)
def test_an_interval_decides_what_may_be_said(
    tonnes: str, bounds: tuple[float, float] | None, verdict: str, reason: str
) -> None:
    intervals = None
    if bounds:
        rows = [
            (BOOK, "total", None, *bounds),
            (BOOK, "scope", "1", 0.0, 1.0),
            (BOOK, "change", None, 0.0, 1.0),
        ]
        intervals = pl.DataFrame(rows, schema=["book", "kind", "scope", "low_kg", "high_kg"], orient="row")
    runs = (run(2024, {"depot": tonnes}), run(2020, {"depot": "100"}))
    view, _ = told(plan(TARGET), *runs, intervals=intervals)
    assert (view["verdict"], view["reason"]) == (verdict, reason)
    part, _ = told(plan(TARGET | {"organisation": "pool", "base_t": 1}), *runs, intervals=intervals)
    assert part["low_kg"] is None  # the interval is that of the town


def test_an_incomplete_figure_is_never_on_path() -> None:
    base = run(2020, {"depot": "100"})
    view, _ = told(plan(TARGET), run(2024, {"depot": "79"}, exceptions=1), base)
    assert (view["verdict"], view["reason"], view["open"]) == ("not_said", "incomplete", 1)
    left_out, _ = told(plan(TARGET), run(2024, {"depot": "79"}, exceptions=1), base, counted=frozenset())
    assert (left_out["verdict"], left_out["open"]) == ("on_path", 0)  # the book counts no gas anyway
    view, _ = told(plan(TARGET), run(2024, {"depot": "81"}, exceptions=1), base)
    assert view["verdict"] == "off_path"  # what is missing only adds
    view, _ = told(plan(TARGET | {"scopes": "2,3"}), run(2024, {"depot": "81"}, exceptions=1), base)
    assert (view["verdict"], view["reason"], view["open"]) == ("not_said", "no_figure", 0)


def test_a_base_with_another_boundary_is_said() -> None:
    view, _ = told(plan(TARGET), run(2024, {"depot": "50"}), run(2020, {"depot": "60", "pool": "40"}))
    assert (view["verdict"], view["reason"]) == ("not_said", "boundary")
    assert (view["boundary"], view["differing"]) == ("differs", "pool")


def test_a_stated_base_is_taken_and_its_boundary_is_not_checked() -> None:
    stated = TARGET | {"base_t": Decimal("120.5"), "base_source": "report 2020"}
    view, _ = told(plan(stated), run(2024, {"depot": "79"}), run(2020, {"depot": "100", "pool": "9"}))
    assert (view["base_kg"], view["boundary"], view["verdict"]) == (120_500, "unchecked", "on_path")


def test_without_a_base_nothing_is_said() -> None:
    view, found = told(plan(TARGET), run(2024, {"depot": "79"}))
    assert (view["verdict"], view["reason"], view["path_kg"]) == ("not_said", "no_base", None)
    assert series(found, "path") == {}
    view, _ = told(plan(TARGET | {"base_year": 2026, "target_year": 2040}), run(2024, {"depot": "79"}))
    assert view["reason"] == "before_base"


def test_a_budget_by_hand() -> None:
    # base 2022: 100 t, budget 400 t; 2023: 90, 2024: 80; used 170, left 230; constant 80 t: 230 / 80 = 2.9,
    # so it ends in 2027. Straight way to 50 t in 2030, six years: 6 · 80 + (50 − 80) · 7 / 2 = 375 t > 230 t
    budget = TARGET | {"base_year": 2022, "path": "budget", "budget_t": Decimal(400)}
    runs = (run(2024, {"depot": "80"}), run(2023, {"depot": "90"}), run(2022, {"depot": "100"}))
    view, _ = told(plan(budget), *runs)
    assert (view["used_kg"], view["left_kg"], view["needed_kg"]) == (170_000, 230_000, 375_000)
    assert (view["exhausted"], view["verdict"]) == (2027, "off_path")
    view, _ = told(plan(budget | {"budget_t": Decimal(545)}), *runs)
    assert (view["left_kg"], view["verdict"]) == (375_000, "on_path")
    view, _ = told(plan(budget), runs[0], runs[2])
    assert (view["verdict"], view["reason"], view["used_kg"]) == ("not_said", "years_missing", None)


@pytest.mark.parametrize(
    ("left", "emissions", "year"),
    [("10", "4", 2027), ("8", "4", 2026), ("0", "4", 2024), ("-1", "4", 2024), ("10", "0", None)],
)
def test_when_a_budget_ends(left: str, emissions: str, year: int | None) -> None:
    assert exhausted(Decimal(left), Decimal(emissions), 2024) == year


def test_measures_lower_what_is_to_come_and_end() -> None:
    # from 1 July 2026: 2026 has 365 days, 181 of them before; 1000 kg · 184 / 365 = 504.109589 kg
    late = MEASURE | {"id": "L", "starts_on": date(2026, 7, 1)}
    short = MEASURE | {"id": "S", "effect_kg": Decimal(500), "lifetime_years": 2}
    gone = MEASURE | {"id": "X", "status": "abandoned"}
    done = MEASURE | {"id": "D", "starts_on": date(2023, 5, 1), "status": "implemented"}
    resolved = plan(TARGET, late, short, gone, done)
    _, found = told(resolved, run(2024, {"depot": "80"}), run(2020, {"depot": "100"}))
    way = series(found, "measures")
    assert way[2024] == 80_000
    assert way[2025] == 79_500
    assert way[2026] == Decimal(80000) - 500 - Decimal("504.109589")
    assert way[2027] == way[2030] == 79_000  # the short one is over
    assert sorted(found.effects["measure"]) == ["D", "L", "S"]


def test_a_measure_begun_within_the_year_counts_with_what_its_figure_lacks() -> None:
    # 2024 has 366 days, 182 before 1 July: 1000 · 182 / 366 = 497.267760 kg are still to come
    begun = MEASURE | {"starts_on": date(2024, 7, 1), "status": "implemented"}
    _, found = told(plan(TARGET, begun), run(2024, {"depot": "80"}), run(2020, {"depot": "100"}))
    assert series(found, "measures")[2025] == Decimal(80000) - Decimal("497.267760")


def test_energy_becomes_emissions_by_what_its_activity_emitted() -> None:
    saved = MEASURE | {"effect_kg": None, "effect_kwh": Decimal(1000), "activity": "natural_gas"}
    _, found = told(plan(TARGET, saved), run(2024, {"depot": "80"}), run(2020, {"depot": "100"}))
    assert found.effects["effect_kg"].to_list() == [Decimal(200)]  # 1 kg per 5 kWh


def test_energy_without_a_figure_does_not_thin_what_a_kwh_emitted() -> None:
    now = run(2024, {"depot": "80"})
    used = now.usage.with_columns(source=pl.lit("G-unknown"), quantity=pl.col("quantity") * 3)
    now = replace(now, usage=pl.concat([now.usage, used.with_columns(energy_kwh=pl.col("energy_kwh") * 3)]))
    saved = MEASURE | {"effect_kg": None, "effect_kwh": Decimal(1000), "activity": "natural_gas"}
    _, found = told(plan(TARGET, saved), now, run(2020, {"depot": "100"}))
    assert found.effects["effect_kg"].to_list() == [Decimal(200)]  # 1 kg per 5 kWh, as before


@pytest.mark.parametrize("effect", ["effect_kg", "effect_kwh"])
def test_what_a_target_does_not_count_cannot_lower_it(effect: str) -> None:
    buses = MEASURE | {"effect_kg": None, effect: Decimal(1000), "activity": "diesel"}
    _, found = told(plan(TARGET, buses), run(2024, {"depot": "80"}), run(2020, {"depot": "100"}))
    assert found.effects["effect_kg"].to_list() == [None]
    assert series(found, "measures") == {}


def test_growth_is_declared_and_ends_with_its_years() -> None:
    # 10 % in 2025 and 2026: 80 · 1.1 = 88, · 1.1 = 96.8 t; the pool has a rate of its own
    own = GROWTH | {"id": "P", "organisation": "pool", "rate": Decimal("-0.5"), "last_year": 2025}
    resolved = plan(TARGET, growth=[GROWTH, own])
    runs = (run(2024, {"depot": "80", "pool": "10"}), run(2020, {"depot": "100", "pool": "10"}))
    _, found = told(resolved, *runs)
    way = series(found, "growth")
    assert (way[2025], way[2026], way[2030]) == (93_000, 102_300, 102_300)  # 88 + 5; 96.8 + 5.5


@given(
    base=st.decimals(0, 10**9, places=3),
    reduction=st.decimals("0.01", 1, places=2),
    year=st.integers(2015, 2060),
)
def test_a_path_never_rises_and_ends_at_the_target(base: Decimal, reduction: Decimal, year: int) -> None:
    now, after = (linear(base, reduction, (2020, 2045), number) for number in (year, year + 1))
    assert base * (1 - reduction) - Decimal("0.00001") <= after <= now <= base
    assert linear(base, reduction, (2020, 2045), 2045) == (base * (1 - reduction)).quantize(Decimal("1e-6"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"scopes": "1,4"}, "no set of scopes"),
        ({"scopes": "1,1"}, "no set of scopes"),
        ({"target_year": 2020}, "after its base year"),
        ({"reduction": Decimal(0)}, "more than 0"),
        ({"base_t": Decimal(5)}, "needs its source"),
        ({"path": "budget"}, "budget if, and only if"),
        ({"budget_t": Decimal(5)}, "budget if, and only if"),
        ({"base_t": Decimal(0), "base_source": "x"}, "more than zero"),
    ],
)
def test_targets_that_contradict_themselves_are_refused(change: Row, said: str) -> None:
    check_target(Target(**TARGET))
    with pytest.raises(Refused, match=said):
        check_target(Target(**(TARGET | change)))


def test_measures_and_growth_that_say_nothing_are_refused() -> None:
    check_measure(Measure(**MEASURE))
    for change in ({"effect_kg": None}, {"cost_net": 1}, {"lifetime_years": 0}):
        with pytest.raises(Refused):
            check_measure(Measure(**(MEASURE | change)))
    check_growth(Growth(**GROWTH))
    for change in ({"last_year": 2024}, {"rate": Decimal(-1)}):
        with pytest.raises(Refused):
            check_growth(Growth(**(GROWTH | change)))
