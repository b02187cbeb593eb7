"""Data quality of a portfolio: scores from 1 (best) to 5, weighted by the money outstanding.

    score    = Σ outstanding · score / Σ outstanding      over the scored projects
    coverage = outstanding of the scored / outstanding of all

A project without a score has none; it is no 5, it lowers the coverage. The weight is money and not tonnes, so
that a badly known project does not lose weight by a low estimate. Source: PCAF, Part A, data quality score.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from bilanz.fund.project import FundObservation
from bilanz.fund.share import share

SCALE: Final = range(1, 6)
_DIGITS: Final = 2


@dataclass(frozen=True, slots=True)
class DataQuality:
    """The score of a portfolio.

    Attributes:
        score: 1 (best) to 5, two decimals; None: nothing outstanding is scored.
        outstanding: of all projects, in the fund's currency.
        scored: of those with a score.
        coverage: scored / outstanding; None: nothing is outstanding.
        uncovered: projects with money outstanding and no score, by name.
    """

    score: Decimal | None
    outstanding: Decimal
    scored: Decimal
    coverage: Decimal | None
    uncovered: tuple[str, ...]


def scores(
    observations: Iterable[FundObservation], year: int, indicators: Collection[str]
) -> dict[str, int | None]:
    """Return the score of each project for a year: the worst of its observations of some indicators.

    None where one of them is not scored from 1 to 5; a project without such an observation is not there.
    """
    found: dict[str, list[int | None]] = {}
    for row in observations:
        if row.year == year and row.indicator in indicators:
            found.setdefault(row.project, []).append(row.data_quality)
    return {project: _worst(values) for project, values in sorted(found.items())}


def data_quality(outstanding: Mapping[str, Decimal], scored: Mapping[str, int | None]) -> DataQuality:
    """Return the score of a portfolio.

    Args:
        outstanding: project → money, in one currency; what is not positive has no weight.
        scored: project → score; None or absent: not scored.
    """
    weights = {project: Fraction(money) for project, money in outstanding.items() if money > 0}
    known = {project: value for project in weights if (value := scored.get(project)) in SCALE}
    weight = sum((weights[project] for project in known), Fraction(0))
    points = sum((weights[project] * value for project, value in known.items() if value), Fraction(0))
    whole = sum(weights.values(), Fraction(0))
    return DataQuality(
        share(points, weight, _DIGITS),
        sum((outstanding[project] for project in weights), Decimal(0)),
        sum((outstanding[project] for project in known), Decimal(0)),
        share(weight, whole),
        tuple(sorted(set(weights) - set(known))),
    )


def _worst(values: list[int | None]) -> int | None:
    known = [value for value in values if value is not None and value in SCALE]
    return max(known) if len(known) == len(values) else None
