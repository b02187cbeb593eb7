"""Other ways to make the interval of a measured effect, on the same made-up projects.

    python tests/bench/effect_alternatives.py --seeds 1000

Each way takes the same baseline model and the same saving; only the half width differs.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

import numpy as np
from effect_trial import Array, Scenario, Trial, trial

from bilanz.fund.effect.counterfactual import Counterfactual, counterfactual, times_of
from bilanz.fund.effect.reason import NotAssessable
from bilanz.fund.effect.regression import GRID
from bilanz.fund.effect.series import Driver, DriverKind, series
from bilanz.fund.effect.student import two_sided

LAGS: Final = 3


def _combination(own: Counterfactual) -> tuple[Array, Array]:
    """Return what the error of the saving is made of: noise of which month, how often."""
    days = np.array([float(month.days) for month in own.series.after])
    times = np.concatenate([own.model.times, times_of(own.series.after)])
    return np.concatenate([(days @ own.after) @ own.model.hat, -days]), times


def independent(own: Counterfactual) -> float:
    """Months are independent of each other."""
    parts, _ = _combination(own)
    return two_sided(own.model.freedom) * own.model.rmse * float(np.sqrt(parts @ parts))


def effective_months(own: Counterfactual) -> float:
    """Fewer months than there are: n (1 − r) / (1 + r), as ASHRAE Guideline 14 has it."""
    residuals, count = own.model.residuals, len(own.model.residuals)
    r = max(0.0, float(np.corrcoef(residuals[1:], residuals[:-1])[0, 1]))
    left = count * (1 - r) / (1 + r)
    freedom = left - len(own.model.coefficients)
    if freedom < 1:
        return float("inf")
    days = np.array([float(month.days) for month in own.series.after])
    square = float(residuals @ residuals) / freedom
    spread = 1.26 * np.sqrt(square * count / left * (1 + 2 / left) * len(days))
    return float(two_sided(int(freedom)) * spread * days.mean())


def newey_west(own: Counterfactual) -> float:
    """A covariance that allows for correlated months (Newey and West 1987), three lags."""
    hat, residuals, count = own.model.hat, own.model.residuals, len(own.model.residuals)
    scale = count / own.model.freedom
    days = np.array([float(month.days) for month in own.series.after])
    influence = ((days @ own.after) @ hat) * residuals
    of_model = _long_run(influence)
    of_noise = _long_run(residuals) / count * float(days @ days)
    return float(two_sided(own.model.freedom) * np.sqrt(max(0.0, scale * (of_model + of_noise))))


def _long_run(values: Array) -> float:
    whole = float(values @ values)
    for lag in range(1, LAGS + 1):
        whole += 2 * (1 - lag / (LAGS + 1)) * float(values[lag:] @ values[:-lag])
    return whole


def likeliest(own: Counterfactual) -> float:
    """The one correlation the residuals make likeliest."""
    errors = own.model.errors(*_combination(own))
    return two_sided(own.model.freedom) * float(errors[np.argmax(own.model.likelihood)])


def narrow_grid(own: Counterfactual) -> float:
    """Correlations up to 0.6 only."""
    return _within(own, 0.65)


def wide_grid(own: Counterfactual) -> float:
    """All correlations of the grid: what is used."""
    return _within(own, 1.0)


def _within(own: Counterfactual, limit: float) -> float:
    weights = np.where(limit > GRID, own.model.likelihood, 0.0)
    return replace(own.model, likelihood=weights / weights.sum()).half_width(*_combination(own))


WAYS: Final[dict[str, Callable[[Counterfactual], float]]] = {
    "independent months": independent,
    "effective months": effective_months,
    "Newey-West": newey_west,
    "likeliest ρ": likeliest,
    "ρ up to 0.6": narrow_grid,
    "ρ up to 0.9 (used)": wide_grid,
}

SCENARIOS: Final = (
    *(
        Scenario(f"fits, ρ = {rho}, {before} before", before=before, correlation=rho, is_fitting=True)
        for before in (12, 24)
        for rho in (0.0, 0.3, 0.5, 0.8)
    ),
    Scenario("own base temperature, 12 before"),
    Scenario("own base temperature, 24 before", before=24),
)


def fitted(asked: Trial, *, is_straight: bool = False) -> Counterfactual | None:
    """Return the baseline model of a trial; `is_straight`: without the square of the degree days."""
    question = asked.question
    drivers = [_straight(driver) for driver in question.drivers] if is_straight else question.drivers
    months = series(question.use, question.touched, question.course, drivers)
    found = counterfactual(months, drivers)
    return None if isinstance(found, NotAssessable) else found


def _straight(driver: Driver) -> Driver:
    return replace(driver, kind=DriverKind.USE)


def table(seeds: int) -> Iterator[str]:
    """Yield coverage and mean half width of each way."""
    yield "| scenario | " + " | ".join(WAYS) + " | straight line (ρ up to 0.9) |"
    yield "|---" * (len(WAYS) + 2) + "|"
    for scenario in SCENARIOS:
        trials = [trial(scenario, seed) for seed in range(seeds)]
        bent = [(fitted(each), each) for each in trials]
        straight = [(fitted(each, is_straight=True), each) for each in trials]
        cells = [_cell(bent, way) for way in WAYS.values()]
        yield " | ".join((f"| {scenario.name}", *cells, _cell(straight, wide_grid))) + " |"


def _cell(models: list[tuple[Counterfactual | None, Trial]], way: Callable[[Counterfactual], float]) -> str:
    rows = []
    for own, asked in models:
        if own is not None:
            error = float((own.expected - own.actual).sum()) - asked.truth
            half = way(own)
            rows.append((abs(error) <= half, half / asked.without))
    inside = sum(row[0] for row in rows) / len(rows)
    return f"{inside:.1%} ± {float(np.median([row[1] for row in rows])):.1%}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000)
    for line in table(parser.parse_args().seeds):
        print(line, flush=True)  # noqa: T201 - a program of its own


if __name__ == "__main__":
    main()
