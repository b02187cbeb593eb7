"""Whether use was steady: a step somewhere in a period, and a trend against others.

A step is looked for at every month that leaves four on either side, in the model of the period with one more
column; the smallest p times the number of places looked at (Bonferroni) is held against the limit.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from bilanz.fund.effect.regression import Array, Fit, fit

LEAST_SIDE: Final = 4
"""Months on either side of a step."""

LIMIT: Final = 0.05
_YEAR: Final = 12.0


@dataclass(frozen=True, slots=True)
class Step:
    """The likeliest step of a period.

    Attributes:
        position: of the first month after it.
        p: how likely noise alone looks like it, at any place looked at.
    """

    position: int
    p: float

    @property
    def is_found(self) -> bool:
        """Whether the period was not steady."""
        return self.p < LIMIT


@dataclass(frozen=True, slots=True)
class Trend:
    """A drift per year, with half of its 95 % interval."""

    per_year: float
    half_width: float
    p: float

    @property
    def is_found(self) -> bool:
        """Whether there is one."""
        return self.p < LIMIT


def step(design: Array, values: Array, times: Array) -> Step | None:
    """Return the likeliest step of a period; None: it is too short to look for one."""
    places = range(LEAST_SIDE, len(values) - LEAST_SIDE + 1)
    found = []
    for place in places:
        later = (np.arange(len(values)) >= place).astype(np.float64)
        model = fit(np.column_stack([design, later]), values, times)
        if model is not None and model.freedom > 0:
            found.append(Step(place, _p_of_last(model) * len(places)))
    best = min(found, key=lambda each: each.p, default=None)
    return None if best is None else Step(best.position, min(best.p, 1.0))


def drift(design: Array, values: Array, times: Array) -> float:
    """Return how likely noise alone looks like the straight drift of a period, in its model."""
    model = fit(np.column_stack([design, (times - times.mean()) / _YEAR]), values, times)
    return 1.0 if model is None or model.freedom < 1 else _p_of_last(model)


def trend(values: Array, times: Array) -> Trend | None:
    """Return the drift of a series per year of twelve months; None: fewer than four months."""
    design = np.column_stack([np.ones(len(values)), (times - times.mean()) / _YEAR])
    model = fit(design, values, times) if len(values) >= LEAST_SIDE else None
    if model is None:
        return None
    half = model.half_width(model.hat[-1], times)
    return Trend(float(model.coefficients[-1]), half, _p_of_last(model))


def _p_of_last(model: Fit) -> float:
    return model.p_value(float(model.coefficients[-1]), model.hat[-1], model.times)
