"""Intervals by both approaches, by hand on small balances."""

import math
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.reports.synthetic import empty_result, frame, full_result

from bilanz.errors import Refused
from bilanz.factor import FACTOR_SCHEMA
from bilanz.halfwidth import HALF_WIDTH_SCHEMA
from bilanz.result import LINE_SCHEMA, Result
from bilanz.rounding import rounded
from bilanz.uncertainty import INTERVAL_SCHEMA, Options, intervals
from factors.halfwidths import shipped

FAST, FEW = Options(draws=4_000), Options(draws=50, threads=1)
Row = dict[str, Any]


def line(source: str, kg: float, **more: Any) -> Row:  # noqa: ANN401 - any column
    told = {
        "book": "b", "organisation": "o", "source": source, "activity": "natural_gas",
        "month": date(2025, 1, 1), "scope": "1", "category": "stationary_combustion", "gas": "CO2",
        "chain": "direct", "factor_id": "f", "quality": "measured", "co2e_kg": Decimal(str(kg)),
    }  # fmt: skip
    return told | more


def factor(name: str = "f", uncertainty: float | None = 10.0, **more: Any) -> Row:  # noqa: ANN401 - likewise
    told = {
        "factor_id": name, "source": "s", "edition": "1", "activity": "natural_gas", "item": name,
        "gas": "CO2", "chain": "direct", "uncertainty": uncertainty,
    }  # fmt: skip
    return told | more


def run(lines: list[Row], factors: list[Row], year: int = 2025, gwp: str = "b: AR6") -> Result:
    base = empty_result(("b",))
    return replace(
        base,
        manifest=replace(base.manifest, year=year, gwp=gwp),
        lines=frame(lines, LINE_SCHEMA),
        factors=frame(factors, FACTOR_SCHEMA),
    )


def total(found: pl.DataFrame, kind: str = "total") -> Row:
    return found.filter(pl.col("kind") == kind).row(0, named=True)


def percent(row: Row) -> float:
    return float(100 * row["half_width_kg"] / float(row["co2e_kg"]))


def table(*rows: Row) -> pl.DataFrame:
    return frame(list(rows), HALF_WIDTH_SCHEMA)


def test_product() -> None:
    # √(5² + 10²) = 11.18 %
    row = total(intervals(run([line("m", 100)], [factor()]), shipped(), options=FAST))
    assert percent(row) == pytest.approx(11.18, abs=0.005)
    assert row["high_kg"] - row["low_kg"] == pytest.approx(2 * 11.18, rel=0.06)


def test_months_of_a_meter_err_together_and_meters_do_not() -> None:
    exact = factor(uncertainty=0.0)
    months = [line("m", 50, month=date(2025, month, 1)) for month in (1, 2)]
    assert percent(total(intervals(run(months, [exact]), shipped(), options=FAST))) == pytest.approx(5)
    meters = [line("m", 50), line("n", 50)]
    # √((5 % · 50)² + (5 % · 50)²) / 100
    found = total(intervals(run(meters, [exact]), shipped(), options=FAST))
    assert percent(found) == pytest.approx(5 / math.sqrt(2))


def test_an_estimate_errs_in_another_way_than_the_meter() -> None:
    # √((5 % · 80)² + (50 % · 20)²) = √(16 + 100) = 10.77
    lines = [line("m", 80), line("m", 20, quality="estimated")]
    found = total(intervals(run(lines, [factor(uncertainty=0.0)]), shipped(), options=FAST))
    assert found["half_width_kg"] == pytest.approx(math.sqrt(116))


def test_shared_factor() -> None:
    # √(U_F² + Σ(U_Ai · A_i)² / (ΣA_i)²), A = 60, 40: √(10² + (300² + 200²) / 100²) = √(100 + 13) = 10.63 %
    found = intervals(
        run([line("m", 60), line("n", 40)], [factor()]), shipped(), options=Options(draws=20_000)
    )
    assert percent(total(found)) == pytest.approx(math.sqrt(113))
    # two factors instead: √((10 · 60)² + (10 · 40)² + 300² + 200²) / 100
    apart = run([line("m", 60), line("n", 40, factor_id="g")], [factor(), factor("g")])
    assert percent(total(intervals(apart, shipped(), options=FAST))) == pytest.approx(math.sqrt(52 + 13))
    row = total(found)
    assert (row["high_kg"] - row["low_kg"]) / 2 == pytest.approx(10.63, rel=0.04)


def test_editions_of_one_statement_err_together() -> None:
    exact = table({"half_width_id": "a", "of": "activity", "half_width": 0.0})
    lines = [line("m", 60), line("n", 40, factor_id="g")]
    same = [factor(item="Erdgas"), factor("g", item="Erdgas", edition="2")]
    assert percent(total(intervals(run(lines, same), exact, options=FAST))) == pytest.approx(10)


def test_gases_have_their_own_half_width() -> None:
    # CO2 5 %, CH4 150 %, one meter of 5 % in both: √((5 · 95)² + (150 · 5)² + (5 · 100)²) / 100
    lines = [line("m", 95), line("m", 5, gas="CH4")]
    factors = [factor(uncertainty=None), factor(uncertainty=None, gas="CH4")]
    found = intervals(run(lines, factors), shipped(), options=FAST)
    assert percent(total(found)) == pytest.approx(math.sqrt(4.75**2 + 7.5**2 + 25))
    largest = found.filter(pl.col("kind") == "factor").row(0, named=True)
    assert (largest["gas"], largest["half_width"]) == ("CH4", 150.0)
    assert largest["share"] == pytest.approx(7.5**2 / (4.75**2 + 7.5**2 + 25))


def test_contributions_add_up_to_the_variance_and_inputs_to_the_whole() -> None:
    found = intervals(full_result(), shipped(), options=FAST)
    parts = (
        found.filter(pl.col("kind").is_in(["factor", "source"])).group_by("book").agg(pl.col("share").sum())
    )
    assert parts["share"].to_list() == pytest.approx([1.0] * 3)
    inputs = found.filter(pl.col("kind") == "half_width").group_by("book", "of").agg(pl.col("share").sum())
    assert inputs["share"].to_list() == pytest.approx([1.0] * 6)
    assert dict(found.schema) == INTERVAL_SCHEMA


def test_totals_are_those_of_the_lines_and_memo_is_in_none() -> None:
    result = full_result()
    found = intervals(result, shipped(), options=FAST)
    sums = dict(found.filter(pl.col("kind") == "total").select("book", "co2e_kg").iter_rows())
    assert sums["bisko"] == Decimal(1_192_800)
    memo = found.filter((pl.col("kind") == "scope") & (pl.col("scope") == "memo"))
    assert memo["co2e_kg"].to_list() == [Decimal(1_636_800 + 40_320 + 264_000)]


def test_a_deduction_is_known_as_well_as_what_it_is_taken_off() -> None:
    # 100 − 30 of another meter: √((5 · 100)² + (5 · 30)² + (10 · 70)²) / 70
    found = total(intervals(run([line("m", 100), line("n", -30)], [factor()]), shipped(), options=FAST))
    assert percent(found) == pytest.approx(math.sqrt(500**2 + 150**2 + 700**2) / 70)
    assert found["low_kg"] < 70 < found["high_kg"]


def test_without_a_half_width_there_is_no_interval() -> None:
    found = total(intervals(run([line("m", 1)], [factor()]), table(), options=FAST))
    assert [found[name] for name in ("half_width_kg", "low_kg", "median_kg", "high_kg")] == [None] * 4


def test_no_line_no_interval() -> None:
    assert intervals(empty_result(), shipped(), options=FAST).is_empty()
    lines = [line("m", 1, co2e_kg=None, factor_id=None)]
    assert intervals(run(lines, []), shipped(), run([], [], 2024), options=FAST).is_empty()


def test_a_change_is_better_known_than_its_years_where_the_factor_is_the_same() -> None:
    now, before = run([line("m", 90)], [factor()]), run([line("m", 100)], [factor()], 2024)
    found = total(intervals(now, shipped(), before, FAST), "change")
    # (10 % · (90 − 100))² + (5 % · 90)² + (5 % · 100)²
    assert found["co2e_kg"] == Decimal(-10)
    assert found["half_width_kg"] == pytest.approx(math.sqrt(1 + 20.25 + 25))
    assert found["year"] == 2024
    assert found["is_different"] is True
    other = run([line("m", 100, factor_id="g")], [factor("g")], 2024)
    wide = total(intervals(now, shipped(), other, FAST), "change")
    assert wide["half_width_kg"] == pytest.approx(math.sqrt(81 + 100 + 20.25 + 25))
    assert wide["is_different"] is False
    assert wide["low_kg"] < 0 < wide["high_kg"]


def test_years_weighted_with_other_potentials_are_not_compared() -> None:
    now, before = run([line("m", 90)], [factor()]), run([line("m", 100)], [factor()], 2024, "b: AR5")
    assert "change" not in set(intervals(now, shipped(), before, FAST)["kind"])


def test_the_interval_of_a_year_does_not_depend_on_what_it_is_compared_with() -> None:
    now, before = run([line("m", 90)], [factor()]), run([line("m", 100)], [factor()], 2024)
    alone = intervals(now, shipped(), options=FAST)
    beside = intervals(now, shipped(), before, FAST).filter(pl.col("kind") != "change")
    assert alone.equals(beside)
    with pytest.raises(Refused):
        intervals(now, shipped(), now, FAST)


def test_order_of_lines_and_threads_change_nothing() -> None:
    result = full_result()
    mixed = replace(result, lines=result.lines.sample(fraction=1, shuffle=True, seed=5))
    one = intervals(result, shipped(), options=Options(draws=500, threads=1))
    assert one.equals(intervals(mixed, shipped(), options=Options(draws=500, threads=3)))


@pytest.mark.parametrize(
    ("value", "half", "expected"),
    [
        ("12345.6", 234, "12350"),
        ("12345.6", 0.0234, "12345.6"),
        ("0.123456", 0.00234, "0.1235"),
        ("12345.6", 9960, "12000"),  # 99.6 · 10² is 10 · 10³
        ("12345.6", 0, "12345.6"),
        ("-12345.6", 234, "-12350"),
    ],
)
def test_rounding_by_uncertainty(value: str, half: float, expected: str) -> None:
    assert rounded([Decimal(value)], half) == (Decimal(expected),)


@given(st.floats(1e-6, 1e12), st.decimals(-(10**9), 10**9, places=3))
def test_rounding_never_moves_a_value_by_more_than_a_tenth_of_its_uncertainty(
    half: float, value: Decimal
) -> None:
    (found,) = rounded([value], half)
    assert abs(found - value) <= Decimal(repr(half)) * Decimal("0.0502")


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("mnop"), st.sampled_from("fgh"), st.integers(-1000, 1000)),
        min_size=1,
        max_size=12,
    )
)
def test_error_propagation_is_that_of_the_whole_covariance(parts: list[tuple[str, str, int]]) -> None:
    """U² = xᵀ C x, where C holds the square of a shared factor and of a shared source."""
    widths = {"f": 3.0, "g": 20.0, "h": 150.0}
    lines = [line(source, kg, factor_id=name) for source, name, kg in parts]
    made = run(lines, [factor(name, width) for name, width in widths.items()])
    found = total(intervals(made, shipped(), options=FEW))
    square = sum(
        kg
        * other_kg
        * ((widths[name] ** 2 if name == other_name else 0) + (25 if source == other else 0))
        / 1e4
        for source, name, kg in parts
        for other, other_name, other_kg in parts
    )
    assert found["half_width_kg"] == pytest.approx(math.sqrt(max(square, 0)), abs=1e-6)
    assert found["co2e_kg"] == sum(kg for _, _, kg in parts)
