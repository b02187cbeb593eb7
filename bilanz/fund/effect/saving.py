"""What was saved by month, year and in all: sums of expected − actual with a weight for each month."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Protocol

import numpy as np

from bilanz.fund.effect.avoided import Factor, tonnes
from bilanz.fund.effect.counterfactual import Counterfactual
from bilanz.fund.effect.metering import Metering
from bilanz.fund.effect.regression import Array
from bilanz.fund.effect.result import Estimate, MonthSaving, Saving, YearSaving

_QUANTITY: Final = 3
_TONNES: Final = 6
_YEAR: Final = 12


class Expected(Protocol):
    """Use without the project: of the baseline model, or with the change of the controls."""

    @property
    def expected(self) -> Array:
        """Use without the project, by month."""

    def half_width(self, weights: Array) -> float:
        """Return half of the 95 % interval of Σ weight · (expected − actual)."""


@dataclass(frozen=True, slots=True)
class Summing:
    """Sums of savings with what the meters add."""

    own: Counterfactual
    way: Expected
    metering: Metering

    def __call__(self, weights: Array) -> tuple[float, float, float | None]:
        """Return Σ weight · saving, half of its interval from the model, and that from the meters."""
        value = float(weights @ (self.way.expected - self.own.actual))
        meters = self.metering.half_width(self.own, float(weights @ self.way.expected), weights)
        return value, self.way.half_width(weights), meters

    def quantity(self, weights: Array) -> Estimate:
        """Return a saving in the unit of the project."""
        value, model, metering = self(weights)
        return _estimate(value, model, metering, 0.0, digits=_QUANTITY)

    def tonnes(self, weights: Array, factors: Mapping[int, Factor] | None) -> Estimate | None:
        """Return a saving in t CO2e; None: there are no factors."""
        if factors is None:
            return None
        found = tonnes(self, weights, years_of(self.own), factors)
        return _estimate(found.value, found.model, found.metering, found.factor, digits=_TONNES)


def years_of(own: Counterfactual) -> list[int]:
    """Return the year of each month after."""
    return [month.year for month in own.months]


def saving(
    own: Counterfactual, way: Expected, metering: Metering, factors: Mapping[int, Factor] | None
) -> Saving:
    """Return what was saved, by the way given.

    Args:
        own: the touched sources.
        way: `own`, or the comparison with controls.
        metering: half widths of the meters.
        factors: year → factor of every year after; None: no tonnes.
    """
    summing = Summing(own, way, metering)
    ones = np.ones(len(own.months))
    return Saving(
        months=_months(summing),
        years=_years(summing, factors),
        total=summing.quantity(ones),
        per_year=_per_year(summing),
        tonnes=summing.tonnes(ones, factors),
    )


def _months(summing: Summing) -> tuple[MonthSaving, ...]:
    own, units = summing.own, np.eye(len(summing.own.months))
    return tuple(
        MonthSaving(
            month=month.month,
            actual=month.quantity,
            expected=rounded(float(expected), _QUANTITY),
            saving=summing.quantity(unit),
            is_outside=month.month in own.outside,
        )
        for month, expected, unit in zip(own.series.after, summing.way.expected, units, strict=True)
    )


def _years(summing: Summing, factors: Mapping[int, Factor] | None) -> tuple[YearSaving, ...]:
    years = np.array(years_of(summing.own))
    return tuple(
        YearSaving(
            year=year,
            months=int((years == year).sum()),
            saving=summing.quantity((years == year).astype(np.float64)),
            tonnes=summing.tonnes((years == year).astype(np.float64), factors),
        )
        for year in sorted(set(years.tolist()))
    )


def _per_year(summing: Summing) -> Estimate | None:
    """Return the saving of a year: each calendar month by the mean of those measured."""
    numbers = [month.month for month in summing.own.months]
    counts = Counter(numbers)
    if len(counts) < _YEAR:
        return None
    return summing.quantity(np.array([1.0 / counts[number] for number in numbers]))


def _estimate(
    value: float, model: float, metering: float | None, factor: float | None, *, digits: int
) -> Estimate:
    whole = None
    if metering is not None and factor is not None:
        whole = rounded(float(np.sqrt(model**2 + metering**2 + factor**2)), digits)
    return Estimate(
        value=rounded(value, digits),
        model=rounded(model, digits),
        metering=None if metering is None else rounded(metering, digits),
        factor=None if factor is None else rounded(factor, digits),
        half_width=whole,
    )


def rounded(value: float, digits: int) -> Decimal:
    """Return a figure as a decimal of so many digits, half-even."""
    return Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-digits))


def lacking_months(own: Counterfactual) -> Sequence[int]:
    """Return the calendar months (1 to 12) never measured after completion."""
    return sorted(set(range(1, _YEAR + 1)) - {month.month for month in own.months})
