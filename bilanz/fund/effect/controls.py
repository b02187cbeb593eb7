"""Difference in differences: what untouched sources did at the same time is no effect of the project.

    d_i   = (actual − expected) / expected      of control i over the months after, by its own baseline model
    d̄, s  = mean and standard deviation of k controls
    expected' = expected · (1 + d̄)              so common changes (a cold summer, a savings appeal) cancel

    half² = max(own, t_{k−1} · s · expected)² + (t_{k−1} · s · expected)² / k

The spread of the controls holds what the model of a building does not see (occupants, settings), and what a
control that is touched too adds; the touched source may have as much. That controls differ by more than their
models explain is told and in the interval; to refuse there would keep only those cases where chance made the
spread small, with intervals too narrow. Nothing is said with fewer than `LEAST_CONTROLS`, or where the source
drifted apart from them before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from bilanz.fund.effect.counterfactual import Counterfactual, counterfactual
from bilanz.fund.effect.reason import NotAssessable, Reason, refuse
from bilanz.fund.effect.regression import Array
from bilanz.fund.effect.series import Driver, Series
from bilanz.fund.effect.stability import Trend, trend
from bilanz.fund.effect.student import chi_above, two_sided

LEAST_CONTROLS: Final = 5
"""Sources compared with; docs/fund.md says why."""

DIVERGED: Final = 0.01
"""p below which controls differ by more than their own models explain."""


@dataclass(frozen=True, slots=True)
class Control:
    """What an untouched source did.

    Attributes:
        change: of its use, as a part of what its model expected.
        half_width: of 95 % by its own model, likewise.
        error: the standard error that goes with it.
    """

    source: str
    change: float
    half_width: float
    error: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """The controls a project may be compared with.

    Attributes:
        own: the touched source by itself.
        left_out: controls that are not assessable, and why.
        diverged_p: how likely the controls differ so much by what their own models leave open (Cochran's Q).
        pre_trend: drift of the touched source against the controls before, as a part of its use per year.
    """

    own: Counterfactual
    controls: tuple[Control, ...]
    left_out: tuple[tuple[str, Reason], ...]
    diverged_p: float
    pre_trend: Trend

    @property
    def change(self) -> float:
        """Mean change of the controls."""
        return float(np.mean([control.change for control in self.controls]))

    @property
    def spread(self) -> float:
        """Half of the 95 % interval of the change of one more control."""
        changes = [control.change for control in self.controls]
        return two_sided(len(changes) - 1) * float(np.std(changes, ddof=1))

    @property
    def mean_half_width(self) -> float:
        """Half of the 95 % interval of the mean change."""
        return self.spread / float(np.sqrt(len(self.controls)))

    @property
    def is_common(self) -> bool:
        """Whether the controls changed too, by more than the model of the source and theirs leave open."""
        ones = np.ones(len(self.own.months))
        own = self.own.half_width(ones) / float(ones @ self.own.expected)
        return bool(abs(self.change) > np.hypot(self.mean_half_width, own))

    @property
    def is_diverse(self) -> bool:
        """Whether the controls differ by more than their own models explain."""
        return self.diverged_p < DIVERGED

    @property
    def expected(self) -> Array:
        """Use without the project, by month, with the change of the controls."""
        return self.own.expected * (1 + self.change)

    def half_width(self, weights: Array) -> float:
        """Return half of the 95 % interval of Σ weight · (expected − actual)."""
        of_controls = self.spread * abs(float(weights @ self.own.expected))
        own = max(self.own.half_width(weights), of_controls)
        return float(np.hypot(own, of_controls / np.sqrt(len(self.controls))))


def compare(
    own: Counterfactual,
    controls: Mapping[str, Series],
    drivers: Mapping[str, Sequence[Driver]],
    barred: tuple[tuple[str, Reason], ...] = (),
) -> Comparison | NotAssessable:
    """Hold a touched source against untouched ones; or say why that is not possible.

    Args:
        own: the touched source.
        controls: source → its months, split by the course of the project.
        drivers: source → its variables.
        barred: controls that are none, and why.
    """
    if not controls and not barred:
        return refuse("no_controls")
    fitted, left = _fitted(controls, drivers)
    if len(fitted) < LEAST_CONTROLS:
        return refuse("too_few_controls", count=len(fitted), least=LEAST_CONTROLS)
    found = tuple(_control(name, each) for name, each in fitted.items())
    apart = _apart(own, tuple(fitted.values()))
    if apart is None:
        return refuse("too_few_before", count=0, least=LEAST_CONTROLS)
    if apart.is_found:
        return refuse("pre_trend", p=f"{apart.p:.2g}")
    return Comparison(own, found, (*barred, *left), _diverged(found), apart)


def _fitted(
    controls: Mapping[str, Series], drivers: Mapping[str, Sequence[Driver]]
) -> tuple[dict[str, Counterfactual], tuple[tuple[str, Reason], ...]]:
    fitted: dict[str, Counterfactual] = {}
    left: list[tuple[str, Reason]] = []
    for name in sorted(controls):
        found = counterfactual(controls[name], drivers[name])
        if isinstance(found, NotAssessable):
            left.append((name, found.reason))
        else:
            fitted[name] = found
    return fitted, tuple(left)


def _control(source: str, found: Counterfactual) -> Control:
    ones = np.ones(len(found.months))
    expected = float(ones @ found.expected)
    change = float(ones @ (found.actual - found.expected)) / expected
    half = found.half_width(ones) / expected
    return Control(source, change, half, half / two_sided(found.model.freedom))


def _diverged(controls: Sequence[Control]) -> float:
    """Return p of Cochran's Q: whether the changes differ by more than the models of the controls explain."""
    changes = np.array([control.change for control in controls])
    errors = np.array([control.error for control in controls])
    if errors.min() <= 0:
        return 1.0 if np.ptp(changes) <= 0 else 0.0
    weights = 1 / errors**2
    mean = weights @ changes / weights.sum()
    return chi_above(len(controls) - 1, float(weights @ (changes - mean) ** 2))


def _apart(own: Counterfactual, controls: Sequence[Counterfactual]) -> Trend | None:
    """Return the drift of a source against the mean of the controls, over the months all know."""
    held = [each.relative_residuals for each in (own, *controls)]
    months = sorted(set.intersection(*(set(each) for each in held)))
    values = np.array([held[0][month] - np.mean([each[month] for each in held[1:]]) for month in months])
    return trend(values, np.array([month.year * 12.0 + month.month for month in months]))
