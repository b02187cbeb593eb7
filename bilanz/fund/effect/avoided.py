"""Tonnes a saving avoids: the saving of each year times one declared factor of that year.

The factor stands for what a unit would have caused in that year; use before is never multiplied with an
older, dirtier one. A grid that becomes cleaner makes the same saving avoid less, and gives no project tonnes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Protocol

import numpy as np

from bilanz.fund.effect.reason import Reason, because
from bilanz.fund.effect.regression import Array

_KG: Final = 1000.0


@dataclass(frozen=True, slots=True)
class Factor:
    """What a unit avoids in a year, of one series.

    Attributes:
        value: kg CO2e per `unit`.
        half_width: of 95 %, as a part of the value; None: not stated.
    """

    series: str
    year: int
    value: Decimal
    unit: str
    half_width: Decimal | None


class Summed(Protocol):
    """Savings that can be summed with a weight for each month: value and half widths."""

    def __call__(self, weights: Array) -> tuple[float, float, float | None]:
        """Return Σ weight · saving, half of its interval from the model, and that from the meters."""


@dataclass(frozen=True, slots=True)
class Tonnes:
    """t CO2e, with halves of its 95 % interval; None: a part is not known."""

    value: float
    model: float
    metering: float | None
    factor: float | None


def chosen(
    factors: Sequence[Factor], name: str | None, unit: str, years: Sequence[int]
) -> Mapping[int, Factor] | Reason:
    """Return the factor of every year, of the one series a project names; or why there are no tonnes."""
    if name is None:
        return because("no_factor_series")
    held = {factor.year: factor for factor in factors if factor.series == name}
    wrong = sorted({held[year].unit for year in years if year in held and held[year].unit != unit})
    if wrong:
        return because("factor_unit", series=name, found=", ".join(wrong), unit=unit)
    lacking = sorted({year for year in years if year not in held})
    if lacking:
        return because("factor_missing", series=name, years=", ".join(map(str, lacking)))
    return {year: held[year] for year in years}


def tonnes(summed: Summed, weights: Array, years: Sequence[int], factors: Mapping[int, Factor]) -> Tonnes:
    """Return the tonnes of weighted months.

    Args:
        summed: the savings.
        weights: one number per month.
        years: the year of each month.
        factors: year → factor. What is wrong with a series is wrong in all its years.
    """
    values = np.array([float(factors[year].value) / _KG for year in years])
    value, model, metering = summed(weights * values)
    widths = [factors[year].half_width for year in years]
    factor = None
    if all(width is not None for width in widths):
        parts = np.array([float(width or 0) for width in widths])
        factor = abs(summed(weights * values * parts)[0])
    return Tonnes(value, model, metering, factor)
