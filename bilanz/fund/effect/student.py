"""Quantiles and probabilities of Student's t and of χ²."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, stdtr, stdtrit

LEVEL = 0.95


def two_sided(freedom: int) -> float:
    """Return the quantile that leaves 2.5 % above: half of a 95 % interval in standard errors."""
    return float(stdtrit(freedom, (1 + LEVEL) / 2))


def below(freedom: int, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how likely t is below each value."""
    return np.asarray(stdtr(freedom, values), dtype=np.float64)


def chi_above(freedom: int, value: float) -> float:
    """Return how likely χ² is above a value."""
    return float(chdtrc(freedom, value))
