"""What would have been used without the project: the baseline model under the weather of the months after.

    use per day = b₀ + b₁·G + b₂·G² + c·N      G degree days per day, N use variable, least squares

Degree days are published for one base temperature and heating limit, which are not those of the building;
the square takes up the bend that leaves (docs/fund.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from bilanz.fund.effect import stability
from bilanz.fund.effect.reason import NotAssessable, refuse
from bilanz.fund.effect.regression import Array, Fit, fit
from bilanz.fund.effect.series import Driver, DriverKind, Month, Series
from bilanz.fund.effect.stability import Step

LEAST_MONTHS: Final = 12
"""Measured months on either side."""

ERROR_LIMIT: Final = 0.25
"""CV(RMSE) of a model that is still used; docs/fund.md."""

MARGIN: Final = 0.1
"""Part of its range in the baseline by which a variable may leave it."""

EXTRAPOLATED_LIMIT: Final = 0.25
"""Part of the months after whose weather may lie outside; a use variable is taken to act in proportion."""


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """A fitted baseline held against the months after.

    Attributes:
        series: the months.
        model: fitted to use per day before, by `design`.
        after: design of the months after.
        coefficients: column of the design → its coefficient, per day and unit of the variable.
        outside: months after in which a variable leaves the range of the baseline.
        error: CV(RMSE).
        faded: the likeliest step within the months after; None: not looked for.
    """

    series: Series
    model: Fit
    after: Array
    coefficients: dict[str, float]
    outside: tuple[date, ...]
    error: float
    faded: Step | None

    @property
    def months(self) -> tuple[date, ...]:
        """The months after."""
        return tuple(month.month for month in self.series.after)

    @property
    def expected(self) -> Array:
        """Use without the project, by month."""
        return _days(self.series.after) * (self.after @ self.model.coefficients)

    @property
    def actual(self) -> Array:
        """Use measured, by month."""
        return np.array([float(month.quantity) for month in self.series.after])

    def half_width(self, weights: Array) -> float:
        """Return half of the 95 % interval of Σ weight · (expected − actual), from the model alone.

        Both the coefficients and the noise of the months after are in it.
        """
        shares = weights * _days(self.series.after)
        of_before = (shares @ self.after) @ self.model.hat
        times = np.concatenate([self.model.times, times_of(self.series.after)])
        return self.model.half_width(np.concatenate([of_before, -shares]), times)

    @property
    def relative_residuals(self) -> dict[date, float]:
        """Residuals of the baseline as parts of its mean use, by month."""
        mean = float(_per_day(self.series.before).mean())
        told = zip(self.series.before, self.model.residuals / mean, strict=True)
        return {month.month: float(residual) for month, residual in told}


def times_of(months: Sequence[Month]) -> Array:
    """Return months as numbers, one apart."""
    return np.array([month.month.year * 12.0 + month.month.month for month in months])


def counterfactual(series: Series, drivers: Sequence[Driver]) -> Counterfactual | NotAssessable:
    """Fit the baseline and hold it against the months after; or say what it would take."""
    for code, months in (("too_few_before", series.before), ("too_few_after", series.after)):
        if len(months) < LEAST_MONTHS:
            return refuse(code, count=len(months), least=LEAST_MONTHS)
    drivers = [driver for driver in drivers if _varies(driver, series)]
    before, after = _columns(series.before, drivers), _columns(series.after, drivers)
    largest = np.abs(before).max(axis=0)
    largest[largest <= 0] = 1.0
    before, after = before / largest, after / largest
    model = fit(before, _per_day(series.before), times_of(series.before))
    if model is None:
        return refuse("no_variation", driver=", ".join(driver.label for driver in drivers))
    weather = [driver for driver in drivers if driver.kind is not DriverKind.USE]
    unsound = _poor(series, model) or _unsteady(series, before) or _strange(series, weather)
    if unsound is not None:
        return unsound
    names = ("base", *(name for driver in drivers for name in _names(driver)))
    return Counterfactual(
        series=series,
        model=model,
        after=after,
        coefficients=dict(zip(names, (model.coefficients / largest).tolist(), strict=True)),
        outside=_outside(series, drivers),
        error=_error(series, model),
        faded=stability.step(after, _per_day(series.after), times_of(series.after)),
    )


def _error(series: Series, model: Fit) -> float:
    """Return the CV(RMSE) of a baseline."""
    mean = float(_per_day(series.before).mean())
    return model.rmse / mean if mean > 0 else float("inf")


def _poor(series: Series, model: Fit) -> NotAssessable | None:
    error = _error(series, model)
    if error > ERROR_LIMIT:
        return refuse("poor_model", error=f"{error * 100:.0f}", limit=f"{ERROR_LIMIT * 100:.0f}")
    return None


def _unsteady(series: Series, design: Array) -> NotAssessable | None:
    """Return that use changed within the baseline for no reason the model knows."""
    values, times = _per_day(series.before), times_of(series.before)
    broken = stability.step(design, values, times)
    if broken is not None and broken.is_found:
        return refuse("unstable_baseline", month=f"{series.before[broken.position].month:%Y-%m}")
    p = stability.drift(design, values, times)
    return refuse("drifting_baseline", p=f"{p:.2g}") if p < stability.LIMIT else None


def _strange(series: Series, weather: Sequence[Driver]) -> NotAssessable | None:
    """Return that the months after had weather the baseline never saw."""
    outside = _outside(series, weather)
    if len(outside) > EXTRAPOLATED_LIMIT * len(series.after):
        return refuse("extrapolated", count=len(outside), months=len(series.after))
    return None


def _columns(months: Sequence[Month], drivers: Sequence[Driver]) -> Array:
    """Return the design: one row per month."""
    columns = [np.ones(len(months))]
    for driver in drivers:
        values = np.array([driver.on(month.month) for month in months])
        columns += [values] if driver.kind is DriverKind.USE else [values, values**2]
    return np.column_stack(columns)


def _varies(driver: Driver, series: Series) -> bool:
    """Tell whether a variable takes two values at all; one that never does explains nothing."""
    return len({driver.on(month.month) for month in (*series.before, *series.after)}) > 1


def _names(driver: Driver) -> tuple[str, ...]:
    kind = driver.kind.value
    return (kind,) if driver.kind is DriverKind.USE else (kind, f"{kind}_squared")


def _outside(series: Series, drivers: Sequence[Driver]) -> tuple[date, ...]:
    """Return the months after in which a variable leaves its range in the baseline, and the margin."""
    found: set[date] = set()
    for driver in drivers:
        seen = [driver.on(month.month) for month in series.before]
        low, high = min(seen), max(seen)
        margin = MARGIN * (high - low)
        found |= {
            month.month
            for month in series.after
            if not low - margin <= driver.on(month.month) <= high + margin
        }
    return tuple(sorted(found))


def _days(months: Sequence[Month]) -> Array:
    return np.array([float(month.days) for month in months])


def _per_day(months: Sequence[Month]) -> Array:
    return np.array([float(month.quantity) for month in months]) / _days(months)
