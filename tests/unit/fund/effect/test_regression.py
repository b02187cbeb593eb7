"""The noise of months, by hand where hands are enough."""

import numpy as np
import pytest

from bilanz.fund.effect.regression import GRID, Fit, fit
from bilanz.fund.effect.student import below, two_sided

TIMES = np.arange(12.0)
ONES = np.ones((12, 1))
ALTERNATING = np.array([11.0, 9.0] * 6)


def model(values: np.ndarray = ALTERNATING) -> Fit:
    found = fit(ONES, values, TIMES)
    assert found is not None
    return found


def test_the_mean_of_twelve_months_and_its_error() -> None:
    """Mean 10, residuals ±1, RMSE √(12/11) = 1.044466; independent months: 1.044466/√12 = 0.301511."""
    found = model()
    assert found.coefficients == pytest.approx([10])
    assert found.freedom == 11
    assert found.rmse == pytest.approx(1.044466, abs=1e-6)
    assert found.errors(found.hat[0], TIMES)[0] == pytest.approx(0.301511, abs=1e-6)


def test_two_neighbours_that_correlate_by_a_half_have_three_times_the_error_of_their_difference() -> None:
    """Var(e1 + e2) = 2 + 2ρ, Var(e1 − e2) = 2 − 2ρ: at ρ = 0.5 3 and 1, in units of σ²."""
    found = model()
    half = int(np.flatnonzero(GRID == 0.5)[0])
    pair = np.array([0.0, 1.0])
    added = found.errors(np.array([1.0, 1.0]), pair)[half]
    taken = found.errors(np.array([1.0, -1.0]), pair)[half]
    assert (added / taken) ** 2 == pytest.approx(3)


def test_a_month_that_is_missing_makes_its_neighbours_two_apart() -> None:
    """ρ² instead of ρ: 2 + 2 · 0.25 = 2.5."""
    found = model()
    half = int(np.flatnonzero(GRID == 0.5)[0])
    apart = found.errors(np.array([1.0, 1.0]), np.array([0.0, 2.0]))[half] / found.scales[half]
    assert apart**2 == pytest.approx(2.5)


def test_the_half_width_leaves_two_and_a_half_percent_on_either_side() -> None:
    found = model(np.array([10.0, 11, 12, 11, 10, 9, 8, 9, 10, 11, 12, 11]))
    half = found.half_width(found.hat[0], TIMES)
    errors = found.errors(found.hat[0], TIMES)
    assert float(found.likelihood @ below(11, half / errors)) == pytest.approx(0.975, abs=1e-9)
    assert found.p_value(half, found.hat[0], TIMES) == pytest.approx(0.05, abs=1e-9)


def test_months_that_follow_each_other_make_a_high_correlation_likely() -> None:
    waves = model(np.array([10.0, 11, 12, 11, 10, 9, 8, 9, 10, 11, 12, 11]))
    assert model().correlation < 0.2
    assert waves.correlation > 0.6
    assert model().likelihood.sum() == pytest.approx(1)


def test_the_interval_is_wider_than_that_of_independent_months() -> None:
    found = model()
    independent = two_sided(11) * found.errors(found.hat[0], TIMES)[0]
    assert found.half_width(found.hat[0], TIMES) > independent


def test_the_quantiles_are_those_of_the_tables() -> None:
    """Student's t, 97.5 %: 2.201 with 11 degrees of freedom, 2.776 with 4."""
    assert two_sided(11) == pytest.approx(2.201, abs=5e-4)
    assert two_sided(4) == pytest.approx(2.776, abs=5e-4)


def test_a_model_that_hits_every_month_leaves_no_interval() -> None:
    found = model(np.full(12, 10.0))
    assert found.half_width(found.hat[0], TIMES) == pytest.approx(0, abs=1e-9)
    assert found.p_value(1.0, found.hat[0], TIMES) == pytest.approx(0, abs=1e-9)


def test_columns_that_say_the_same_are_no_model() -> None:
    assert fit(np.column_stack([ONES, 2 * ONES]), ALTERNATING, TIMES) is None
