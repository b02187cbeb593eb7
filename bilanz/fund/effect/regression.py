"""A linear model of monthly use, and how far sums of its predictions may be off.

What a month differs by from the model is taken as noise that fades from month to month: the correlation of
two months is ρ^|distance|. Twelve months say little about ρ, and a single guess gives intervals that are far
too narrow (docs/fund.md, the simulation). So no guess is made: every ρ of a grid is held possible and
weighed by how likely it makes the residuals. The interval is that of the mixture.

    estimate = Σ a_i · y_i          a linear combination of measured months (least squares)
    s(ρ)²    = σ(ρ)² · a' K(ρ) a    K_ij = ρ^|t_i − t_j|
    95 %     : Σ_ρ w(ρ) · F_{n−p}(h / s(ρ)) = 0.975

The grid holds no negative ρ: those would narrow the interval.
Source: linear model with known correlation matrix (Aitken 1935); w(ρ) is the restricted likelihood
(Patterson and Thompson 1971) under a flat prior; F is Student's distribution.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bilanz.fund.effect.student import LEVEL, below, two_sided

Array = NDArray[np.float64]

GRID: Final = np.arange(10) / 10
"""Correlations of neighbouring months that are held possible: 0, 0.1, … 0.9."""

_STEPS: Final = 45
_FLOOR: Final = 1e-24


@dataclass(frozen=True, slots=True)
class Fit:
    """A model fitted by least squares, n months and p coefficients.

    Attributes:
        hat: p × n; coefficients = hat · values.
        times: months as numbers, n.
        likelihood: weight of each correlation of `GRID`; they add up to 1.
        scales: σ(ρ), likewise.
    """

    hat: Array
    coefficients: Array
    residuals: Array
    times: Array
    likelihood: Array
    scales: Array

    @property
    def freedom(self) -> int:
        """Degrees of freedom, n − p."""
        return len(self.residuals) - len(self.coefficients)

    @property
    def rmse(self) -> float:
        """Root of the mean squared residual by degrees of freedom."""
        return float(np.sqrt(self.residuals @ self.residuals / self.freedom))

    @property
    def correlation(self) -> float:
        """Mean correlation of neighbouring months, by likelihood."""
        return float(self.likelihood @ GRID)

    def errors(self, combination: Array, times: Array) -> Array:
        """Return the standard error of Σ combination · noise for each correlation of the grid.

        Args:
            combination: one number per month.
            times: the months, which may be others than those of the fit.
        """
        squares = _kernels(times) @ combination @ combination
        return np.asarray(self.scales * np.sqrt(np.maximum(squares, 0.0)), dtype=np.float64)

    def half_width(self, combination: Array, times: Array) -> float:
        """Return half of the 95 % interval of Σ combination · noise."""
        errors = self.errors(combination, times)
        widest = two_sided(self.freedom)
        low, high = widest * float(errors.min()), widest * float(errors.max())
        if low <= 0:
            return high
        for _ in range(_STEPS):
            middle = (low + high) / 2
            inside = float(self.likelihood @ below(self.freedom, middle / errors))
            low, high = (middle, high) if inside < (1 + LEVEL) / 2 else (low, middle)
        return high

    def p_value(self, estimate: float, combination: Array, times: Array) -> float:
        """Return how likely noise alone gives an estimate as far from zero, on either side."""
        errors = self.errors(combination, times)
        if errors.min() <= 0:
            return 1.0 if abs(estimate) <= 0 else 0.0
        return float(2 * self.likelihood @ below(self.freedom, -abs(estimate) / errors))


def fit(design: Array, values: Array, times: Array) -> Fit | None:
    """Return the model of least squares; None where its columns do not differ.

    Args:
        design: n × p, with n > p.
        values: n.
        times: months as numbers, n, without repetition.
    """
    if np.linalg.matrix_rank(design) < design.shape[1]:
        return None
    hat: Array = np.asarray(np.linalg.pinv(design), dtype=np.float64)
    coefficients = hat @ values
    scales, logs = _scales(design, values, _kernels(times))
    weights = np.exp(logs - logs.max())
    return Fit(
        hat=hat,
        coefficients=coefficients,
        residuals=values - design @ coefficients,
        times=times,
        likelihood=weights / weights.sum(),
        scales=scales,
    )


def _kernels(times: Array) -> Array:
    """Return the correlations of n months for each ρ of the grid: 10 × n × n."""
    distances = np.abs(times[:, None] - times[None, :])
    return np.asarray(np.power(GRID[:, None, None], distances[None]), dtype=np.float64)


def _scales(design: Array, values: Array, kernels: Array) -> tuple[Array, Array]:
    """Return σ under each correlation, and the logarithm of its restricted likelihood."""
    count, width = design.shape
    weighted = np.linalg.solve(kernels, np.broadcast_to(design, (len(kernels), count, width)))
    inner = design.T @ weighted
    coefficients = np.linalg.solve(inner, (values @ weighted)[..., None])[..., 0]
    residuals = values - coefficients @ design.T
    squares = (residuals * np.linalg.solve(kernels, residuals[..., None])[..., 0]).sum(axis=1)
    squares = np.maximum(squares, max(_FLOOR * float(values @ values), np.finfo(np.float64).tiny))
    freedom = count - width
    logs = np.linalg.slogdet(kernels)[1] + np.linalg.slogdet(inner)[1] + freedom * np.log(squares)
    return np.sqrt(squares / freedom), -logs / 2
