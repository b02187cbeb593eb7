"""What holds of every measured effect, whatever the meters say."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from random import Random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.fund.effect.made import AFTER, ALL, COURSE, changed, degree_days, question, rows, use

from bilanz.fund.effect.assessment import assess
from bilanz.fund.effect.result import Effect
from bilanz.fund.effect.series import months_between, series

WHIMS = st.lists(st.integers(-8, 8), min_size=len(ALL), max_size=len(ALL))
"""What a month differs by, in tenths."""
DRIVERS = (degree_days(),)


def building(whims: Sequence[int], *, times: int = 1, saved: int = 0) -> pl.DataFrame:
    """Return a building that heats, with a whim a month; `saved` a day after completion."""
    told = dict(zip(ALL, whims, strict=True))

    def per_day(month: date) -> Decimal:
        whole = 10 + 2 * Decimal(round(DRIVERS[0].on(month))) + Decimal(told[month]) / 10
        return times * (whole - saved if month >= AFTER[0] else whole)

    return use(rows("A", per_day))


def effect(frame: pl.DataFrame) -> Effect | None:
    found = assess(question(frame, "A", drivers=DRIVERS))
    return found if isinstance(found, Effect) else None


@settings(max_examples=40)
@given(WHIMS, st.integers(1, 3))
def test_what_is_saved_more_is_found_more_and_the_interval_stays(whims: list[int], saved: int) -> None:
    """365 days, `saved` kWh a day: the noise is the same."""
    without, with_saving = effect(building(whims)), effect(building(whims, saved=saved))
    assert (without is None) == (with_saving is None)
    if without is not None and with_saving is not None:
        gained = with_saving.saving.total.value - without.saving.total.value
        assert gained == pytest.approx(Decimal(365 * saved), abs=Decimal("0.002"))
        assert with_saving.saving.total.model == pytest.approx(
            without.saving.total.model, abs=Decimal("0.002")
        )


@settings(max_examples=40)
@given(WHIMS, st.integers(2, 1000))
def test_another_unit_is_another_number_and_nothing_else(whims: list[int], times: int) -> None:
    one, many = effect(building(whims)), effect(building(whims, times=times))
    assert (one is None) == (many is None)
    if one is not None and many is not None:
        close = Decimal("0.001") * (times + 1)
        assert many.saving.total.value == pytest.approx(one.saving.total.value * times, abs=close)
        assert many.saving.total.model == pytest.approx(one.saving.total.model * times, abs=close)
        assert many.model.error == one.model.error


@settings(max_examples=40)
@given(WHIMS, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(whims: list[int], random: Random) -> None:
    frame = building(whims)
    mixed = frame.rows()
    random.shuffle(mixed)
    assert effect(use(mixed)) == effect(frame)


@settings(max_examples=40)
@given(WHIMS)
def test_months_and_years_add_up(whims: list[int]) -> None:
    found = effect(building(whims))
    if found is not None:
        total = found.saving.total.value
        assert sum(each.saving.value for each in found.saving.months) == pytest.approx(
            total, abs=Decimal("0.02")
        )
        assert sum(each.saving.value for each in found.saving.years) == pytest.approx(
            total, abs=Decimal("0.002")
        )
        assert sum(each.months for each in found.saving.years) == len(found.saving.months)


@settings(max_examples=60)
@given(
    st.dictionaries(
        st.sampled_from(ALL), st.sampled_from(["missing", "partial", "estimated", "apportioned", "not_held"])
    )
)
def test_every_month_is_used_or_left_out_with_a_reason(states: dict[date, str]) -> None:
    frame = changed(building([0] * len(ALL)), "A", states)
    found = series(frame, ["A"], COURSE, DRIVERS)
    told = [month.month for month in (*found.before, *found.after)] + [each.month for each in found.left_out]
    assert sorted(told) == list(months_between(COURSE.baseline_from, COURSE.until))
    assert not {month.month for month in (*found.before, *found.after)} & states.keys()
