"""How often the stated interval of a measured effect holds the effect that was put in.

    python tests/bench/effect_study.py --seeds 1000

docs/fund.md shows the tables; a smaller one is a test.
"""

import argparse
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from effect_trial import Change, Scenario, Trial, trial

from bilanz.fund.effect.assessment import assess
from bilanz.fund.effect.reason import NotAssessable
from bilanz.fund.effect.result import Effect, Saving

SCENARIOS: Final = (
    Scenario("clean"),
    Scenario("clean, 24 before", before=24),
    Scenario("no effect", effect=0.0),
    Scenario("no effect, 24 before", before=24, effect=0.0),
    Scenario("base temperature fits", is_fitting=True),
    Scenario("base temperature fits, correlation 0.3", is_fitting=True, correlation=0.3),
    Scenario("base temperature fits, correlation 0.5", is_fitting=True, correlation=0.5),
    Scenario("base temperature fits, correlation 0.8", is_fitting=True, correlation=0.8),
    Scenario(
        "base temperature fits, correlation 0.5, 24 before", is_fitting=True, before=24, correlation=0.5
    ),
    Scenario(
        "base temperature fits, correlation 0.8, 24 before", is_fitting=True, before=24, correlation=0.8
    ),
    Scenario("correlation 0.5", correlation=0.5),
    Scenario("correlation 0.8", correlation=0.8),
    Scenario("outliers", is_heavy=True),
    Scenario("3 of 15 months missing", missing=3),
    Scenario("8 of 20 months missing", missing=8),
    Scenario(
        "occupants declared, vary 15 %, −25 %", change=Change.WITH_PROJECT, is_declared=True, variety=0.15
    ),
    Scenario("occupants declared, vary 5 %, −25 %", change=Change.WITH_PROJECT, is_declared=True),
    Scenario("occupants not declared, −25 %", change=Change.WITH_PROJECT),
    Scenario("occupants not declared, −25 %, 24 before", before=24, change=Change.WITH_PROJECT),
    Scenario("occupants not declared, −50 %, 24 before", before=24, change=Change.WITH_PROJECT, left=0.5),
    Scenario("occupants −50 % in the baseline", change=Change.IN_BASELINE, left=0.5),
    Scenario("occupants −50 % in the baseline, 24 before", before=24, change=Change.IN_BASELINE, left=0.5),
    Scenario("trend −8 % a year", trend=-0.08),
    Scenario("trend −8 % a year, 36 before", trend=-0.08, before=36),
    Scenario("5 buildings summed", buildings=5),
)

CONTROLLED: Final = (
    Scenario("8 controls", controls=8),
    Scenario("8 controls, 24 before", before=24, controls=8),
    Scenario("8 controls, own drifts of 5 %, 24 before", before=24, controls=8, own_drift=0.05),
    Scenario("5 controls, own drifts of 5 %, 24 before", before=24, controls=5, own_drift=0.05),
    Scenario(
        "occupants −50 % everywhere, 24 before", before=24, controls=8, change=Change.EVERYWHERE, left=0.5
    ),
    Scenario(
        "occupants −50 % in the project only, 24 before",
        before=24,
        controls=8,
        change=Change.WITH_PROJECT,
        left=0.5,
    ),
    Scenario("1 of 8 contaminated, 24 before", before=24, controls=8, contaminated=1),
    Scenario("2 of 8 contaminated, 24 before", before=24, controls=8, contaminated=2),
    Scenario("4 of 8 contaminated, 24 before", before=24, controls=8, contaminated=4),
    Scenario("8 of 8 contaminated, 24 before", before=24, controls=8, contaminated=8),
    Scenario("2 of 5 contaminated, 12 before", controls=5, contaminated=2),
    Scenario("trend −8 % a year, 24 before", controls=8, trend=-0.08, before=24),
    Scenario("trend −8 % a year, 36 before", controls=8, trend=-0.08, before=36),
)


WARNINGS: Final = ("common_change", "controls_diverge", "unstable_after")
"""Flags that could tell of an interval that does not hold."""


@dataclass(frozen=True)
class Score:
    """What became of one way in a scenario; lengths are parts of the use without the project.

    Attributes:
        assessed: part of the seeds with an interval.
        coverage: part of those whose interval holds the effect; NaN: none.
        zero: part of those whose interval holds zero.
        refused: code → number of seeds.
        warned: code of `WARNINGS` → number of seeds.
    """

    assessed: float
    coverage: float
    bias: float
    half_width: float
    zero: float
    refused: Counter[str]
    warned: Counter[str]


@dataclass(frozen=True)
class Answer:
    """What one way said to a trial."""

    found: Saving | NotAssessable
    flags: tuple[str, ...]
    asked: Trial


def study(scenario: Scenario, seeds: Iterable[int]) -> tuple[Score, Score]:
    """Return the scores of the comparison in time, and of that with controls."""
    alone: list[Answer] = []
    compared: list[Answer] = []
    for seed in seeds:
        asked = trial(scenario, seed)
        found = assess(asked.question)
        flags = tuple(flag.code for flag in found.flags) if isinstance(found, Effect) else ()
        alone.append(Answer(found.saving if isinstance(found, Effect) else found, flags, asked))
        compared.append(Answer(found.compared if isinstance(found, Effect) else found, flags, asked))
    return score(alone), score(compared)


def score(answers: Sequence[Answer]) -> Score:
    """Return what became of the answers of one way."""
    refused = Counter(each.found.reason.code for each in answers if isinstance(each.found, NotAssessable))
    warned = Counter(flag for each in answers for flag in each.flags if flag in WARNINGS)
    rows = np.array(list(_rows(answers))).reshape(-1, 4)
    means = rows.mean(axis=0) if len(rows) else np.full(4, np.nan)
    coverage, bias, half_width, zero = means.tolist()
    return Score(len(rows) / len(answers), coverage, bias, half_width, zero, refused, warned)


def _rows(answers: Sequence[Answer]) -> Iterator[tuple[float, ...]]:
    for each in answers:
        if isinstance(each.found, NotAssessable) or each.found.total.half_width is None:
            continue
        value, half = float(each.found.total.value), float(each.found.total.half_width)
        error, whole = value - each.asked.truth, each.asked.without
        yield float(abs(error) <= half), error / whole, half / whole, float(abs(value) <= half)


def table(scenarios: Sequence[Scenario], seeds: int) -> Iterator[str]:
    """Yield the lines of the table."""
    columns = "assessed | coverage | bias | half width | holds zero | not assessable | flagged"
    yield f"| scenario | way | {columns} |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for scenario in scenarios:
        ways = zip(("time", "controls"), study(scenario, range(seeds)), strict=True)
        for way, found in ways:
            if way == "time" or scenario.controls:
                yield f"| {scenario.name} | {way} | {_cells(found, seeds)} |"


def _cells(found: Score, seeds: int) -> str:
    shown = (
        f"{found.assessed:.0%}",
        f"{found.coverage:.1%}",
        f"{found.bias:+.1%}",
        f"{found.half_width:.1%}",
        f"{found.zero:.0%}",
        _counts(found.refused, seeds),
        _counts(found.warned, seeds),
    )
    return " | ".join(shown)


def _counts(found: Counter[str], seeds: int) -> str:
    return ", ".join(f"{code} {count / seeds:.0%}" for code, count in found.most_common())


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--only", default="")
    asked = parser.parse_args()
    for group in (SCENARIOS, CONTROLLED):
        chosen = [each for each in group if asked.only in each.name]
        for line in table(chosen, asked.seeds):
            print(line, flush=True)  # noqa: T201 - a program of its own
        print()  # noqa: T201


if __name__ == "__main__":
    main()
