"""Monte Carlo against closed forms: moments and quantiles of lognormals, shared factors, seeds, threads."""

import math

import numpy as np
import pytest

from bilanz.sampling import BLOCK, CHUNK, Cells, Group, Target, sampled, sigma

DRAWS = 40_000


def group(
    cells: list[int], amounts: list[float], half_widths: list[float], seed: int = 7, weight: float = 1.0
) -> Group:
    spreads = sigma(np.array(half_widths))
    weights = np.full(len(half_widths), weight)
    return Group(seed, np.array(cells), np.array(amounts), weights, spreads)


def cells(*factors: tuple[str, float]) -> Cells:
    return Cells([name for name, _ in factors], sigma(np.array([width for _, width in factors])))


def over(*numbers: int, signs: list[float] | None = None) -> Target:
    return Target(np.array(numbers), np.array(signs or [1.0] * len(numbers)))


def test_one_factor_has_the_quantiles_of_its_lognormal() -> None:
    # U = 98 %: variation 0.5, σ² = ln 1.25, median e^(−σ²/2) = 0.8944, bounds median · e^(±1.96 σ)
    (drawn,) = sampled([group([0], [100.0], [0.0])], cells(("f", 98.0)), [over(0)], draws=DRAWS, seed=1)
    spread = math.sqrt(math.log(1.25))
    median = 100 * math.exp(-math.log(1.25) / 2)
    low, middle, high = np.quantile(drawn, [0.025, 0.5, 0.975])
    assert middle == pytest.approx(median, rel=0.01)
    assert low == pytest.approx(median * math.exp(-1.96 * spread), rel=0.02)
    assert high == pytest.approx(median * math.exp(1.96 * spread), rel=0.02)
    assert drawn.mean() == pytest.approx(100, rel=0.01)


def test_product_of_two_inputs() -> None:
    # (5 %, 10 %) ⇒ 11.18 %: the lognormals are nearly normal
    (drawn,) = sampled([group([0], [1.0], [5.0])], cells(("f", 10.0)), [over(0)], draws=DRAWS, seed=1)
    assert 196 * drawn.std() / drawn.mean() == pytest.approx(11.18, rel=0.02)


def test_independent_data_with_one_factor() -> None:
    # 200 equal data of 20 % each, a factor of 10 %: √(10² + 20² / 200) = 10.1 %
    data = group([0], [1.0], [20.0] * 200)
    (drawn,) = sampled([data], cells(("f", 10.0)), [over(0)], draws=DRAWS, seed=1)
    assert 196 * drawn.std() / drawn.mean() == pytest.approx(math.sqrt(100 + 400 / 200), rel=0.02)
    assert drawn.mean() == pytest.approx(200, rel=0.002)


def test_the_same_factor_cancels_in_a_difference_and_another_does_not() -> None:
    exact = [group([0], [100.0], [0.0]), group([1], [100.0], [0.0], seed=8)]
    change = over(0, 1, signs=[1.0, -1.0])
    (same,) = sampled(exact, cells(("f", 20.0), ("f", 20.0)), [change], draws=2_000, seed=1)
    assert np.abs(same).max() < 1e-3
    (other,) = sampled(exact, cells(("f", 20.0), ("g", 20.0)), [change], draws=DRAWS, seed=1)
    assert 1.96 * other.std() == pytest.approx(math.sqrt(2) * 20, rel=0.03)


def test_neither_threads_nor_other_data_change_a_draw() -> None:
    first = group([0], [1.0], [15.0] * (3 * BLOCK + 5))
    second = group([1], [2.0], [50.0] * 10, seed=9)
    where = cells(("f", 5.0), ("g", 150.0))
    draws = CHUNK + 300
    one = sampled([first, second], where, [over(0), over(0, 1)], draws=draws, seed=3, threads=1)
    many = sampled([first, second], where, [over(0), over(0, 1)], draws=draws, seed=3, threads=4)
    assert np.array_equal(one, many)
    (alone,) = sampled([first], where, [over(0)], draws=draws, seed=3)
    assert np.array_equal(alone, one[0])
    again = sampled([first, second], where, [over(0), over(0, 1)], draws=draws, seed=4)
    assert not np.array_equal(one, again)


def test_what_has_no_half_width_has_no_draw() -> None:
    (drawn,) = sampled([group([0], [1.0], [math.nan])], cells(("f", 5.0)), [over(0)], draws=10, seed=1)
    assert np.isnan(drawn).all()
