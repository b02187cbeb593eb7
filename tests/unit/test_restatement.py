"""The causes of a restatement add up to the difference of the totals, exactly."""

from decimal import Decimal, localcontext

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.reports.closed import HEAT, MAIN, STEPS, lines

from bilanz.restatement import CAUSES, DIFFERENCE_SCHEMA, TOTAL_SCHEMA, differences, totals

FIVE_PERCENT = Decimal("0.05")


def test_each_cause_gets_what_its_step_changes() -> None:
    """10 000 + 8 000 = 18 000; data + 400, factor - 800, boundary moves 7 200: 17 600."""
    found = differences(STEPS)
    assert dict(found.schema) == DIFFERENCE_SCHEMA
    told = found.select("cause", "organisation", "source", "effect_kg").rows()
    assert sorted(told) == [
        ("boundary", "depot", "DE0002", Decimal(7200)),
        ("boundary", "rathaus", "DE0002", Decimal(-7200)),
        ("data", "rathaus", "DE0001", Decimal(400)),
        ("factor", "rathaus", "DE0002", Decimal(-800)),
    ]
    (row,) = totals(STEPS, ("bisko",), FIVE_PERCENT).rows(named=True)
    assert [row[f"{cause}_kg"] for cause in CAUSES] == [0, 400, -800, 0]
    assert (row["co2e_old_kg"], row["co2e_new_kg"]) == (18000, 17600)
    assert row["change"] == Decimal("-0.022222")  # -400 / 18 000


@pytest.mark.parametrize(
    ("new", "is_reached"),
    [("9500", True), ("9500.000000000001", False), ("10500", True), ("10499.999999999999", False)],
)
def test_the_threshold_is_reached_at_exactly_five_percent(new: str, is_reached: bool) -> None:  # noqa: FBT001 - a parameter of the table above
    steps = [lines((*MAIN, "10000"))] * 4 + [lines((*MAIN, new))]
    assert totals(steps, ("bisko",), FIVE_PERCENT)["is_reached"].to_list() == [is_reached]


def test_a_total_that_was_zero_reaches_every_threshold_and_has_no_share() -> None:
    steps = [lines()] * 4 + [lines((*MAIN, "1"))]
    (row,) = totals(steps, ("bisko",), FIVE_PERCENT).rows(named=True)
    assert (row["change"], row["is_reached"]) == (None, True)
    unchanged = totals([lines()] * 5, ("bisko",), FIVE_PERCENT)
    assert unchanged["is_reached"].to_list() == [False]
    assert dict(unchanged.schema) == TOTAL_SCHEMA


def test_nothing_changed_is_no_line() -> None:
    assert differences([STEPS[0]] * 5).is_empty()


def test_memo_lines_are_told_and_in_no_total() -> None:
    memo = lines((*HEAT, "5")).with_columns(scope=pl.lit("memo"))
    steps = [lines((*MAIN, "1"))] * 4 + [pl.concat([lines((*MAIN, "1")), memo])]
    assert differences(steps).select("is_counted", "effect_kg").rows() == [(False, Decimal(5))]
    assert totals(steps, ("bisko",), FIVE_PERCENT)["boundary_kg"].to_list() == [0]


MASSES = st.decimals(-(10**9), 10**9, places=12)
LINES = st.lists(
    st.tuples(
        st.sampled_from(["a", "b"]), st.sampled_from(["M1", "M2"]), st.sampled_from(["x", "y"]), MASSES
    ),
    max_size=6,
)


@given(st.lists(LINES, min_size=5, max_size=5))
def test_old_and_all_causes_are_new_to_the_last_digit(
    drawn: list[list[tuple[str, str, str, Decimal]]],
) -> None:
    steps = [lines(*((*row[:3], str(row[3])) for row in rows)) for rows in drawn]
    (row,) = totals(steps, ("bisko",), FIVE_PERCENT).rows(named=True)
    effects = differences(steps)
    for cause in CAUSES:
        told = effects.filter(pl.col("cause") == cause)["effect_kg"].to_list()
        assert sum(told, Decimal(0)) == row[f"{cause}_kg"]
    with localcontext(prec=60):
        assert row["co2e_old_kg"] + sum(row[f"{cause}_kg"] for cause in CAUSES) == row["co2e_new_kg"]
