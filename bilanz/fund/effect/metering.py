"""What the meters add to the interval.

A meter that runs fast does so before and after: the same meter is wrong by a part of what it saved, not of
what it counted. Meters are independent of each other; what errs from month to month is in the residuals.

    half² = Σ_s (h_s · (B_s − A_s))²    h_s half width of source s, A_s its use after,
                                        B_s its part of the counterfactual, as it had of the baseline

A meter that took the place of another is another source: its error does not cancel.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bilanz.fund.effect.counterfactual import Counterfactual
from bilanz.fund.effect.regression import Array
from bilanz.fund.effect.series import Month


@dataclass(frozen=True, slots=True)
class Metering:
    """Half widths of sources in percent of what they count; None: no row speaks for it."""

    half_widths: Mapping[str, float | None]

    def unknown(self, change: Counterfactual) -> tuple[str, ...]:
        """Return the sources of a project without a half width."""
        return tuple(name for name in _sources(change) if self.half_widths.get(name) is None)

    def half_width(self, change: Counterfactual, expected: float, weights: Array) -> float | None:
        """Return half of the 95 % interval of a saving from the meters; None: one is unknown.

        Args:
            change: the touched sources.
            expected: Σ weight · use without the project.
            weights: one number per month after.
        """
        if self.unknown(change):
            return None
        before = _sums(change.series.before, np.ones(len(change.series.before)))
        after = _sums(change.series.after, weights)
        whole = sum(before.values())
        squares = 0.0
        for name in _sources(change):
            part = expected * before.get(name, 0.0) / whole if whole else 0.0
            percent = self.half_widths[name] or 0.0
            squares += (percent / 100 * (part - after.get(name, 0.0))) ** 2
        return float(np.sqrt(squares))


def _sources(change: Counterfactual) -> tuple[str, ...]:
    months = (*change.series.before, *change.series.after)
    return tuple(sorted({name for month in months for name in month.by_source}))


def _sums(months: tuple[Month, ...], weights: Array) -> dict[str, float]:
    found: dict[str, float] = {}
    for month, weight in zip(months, weights, strict=True):
        for name, quantity in month.by_source.items():
            found[name] = found.get(name, 0.0) + float(quantity) * float(weight)
    return found
