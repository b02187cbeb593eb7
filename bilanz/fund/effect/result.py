"""The effect of a project as it is shown: figures in decimals, rounded once.

Every interval is half of 95 %. Where a part of it is not known (meters, factors) the whole is None, never
narrower.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bilanz.fund.effect.controls import Comparison
from bilanz.fund.effect.reason import LeftOut, NotAssessable, Reason


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with halves of its 95 % interval.

    Attributes:
        model: from the baseline model (and the controls, where compared) alone.
        metering: from the meters; None: the half width of one is not known.
        factor: from the factors; of a quantity 0; None: the half width of one is not known.
        half_width: of all together; None: one of them is.
    """

    value: Decimal
    model: Decimal
    metering: Decimal | None
    factor: Decimal | None
    half_width: Decimal | None


@dataclass(frozen=True, slots=True)
class MonthSaving:
    """A month after completion; `is_outside`: weather or use lies outside what the baseline saw."""

    month: date
    actual: Decimal
    expected: Decimal
    saving: Estimate
    is_outside: bool


@dataclass(frozen=True, slots=True)
class YearSaving:
    """The measured months of a calendar year; fewer than twelve are no year."""

    year: int
    months: int
    saving: Estimate
    tonnes: Estimate | None


@dataclass(frozen=True, slots=True)
class Saving:
    """What was saved, by one of the two ways, in the unit of the project; tonnes in t CO2e.

    Attributes:
        total: over the months measured; none is added for those that were not.
        per_year: the mean of each calendar month, summed over twelve; None: one was never measured.
        tonnes: of `total`; None: flagged why.
    """

    months: tuple[MonthSaving, ...]
    years: tuple[YearSaving, ...]
    total: Estimate
    per_year: Estimate | None
    tonnes: Estimate | None


@dataclass(frozen=True, slots=True)
class Model:
    """What a saving rests on.

    Attributes:
        before: measured months of the baseline.
        after: measured months after completion.
        drivers: labels of the variables.
        coefficients: column of the model → what a day uses per unit of the variable.
        error: CV(RMSE) of the baseline.
        correlation: of neighbouring months, mean by likelihood.
    """

    before: int
    after: int
    drivers: tuple[str, ...]
    coefficients: Mapping[str, Decimal]
    error: Decimal
    correlation: Decimal


@dataclass(frozen=True, slots=True)
class Effect:
    """What is known of the effect of a project.

    Attributes:
        saving: after against before.
        compared: against untouched sources too; or why not.
        comparison: the controls behind `compared`, with their tests.
        left_out: months that were not used.
        flags: what whoever reads the figures must know.
    """

    unit: str
    saving: Saving
    compared: Saving | NotAssessable
    comparison: Comparison | None
    model: Model
    left_out: tuple[LeftOut, ...]
    flags: tuple[Reason, ...]
