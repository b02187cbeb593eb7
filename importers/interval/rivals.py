"""Series of one file that state the same times of the same source, activity and direction: one counts.

The store knows a series by source, activity and direction; two of them would count twice, or the commit would
refuse the whole file. Energy counts before volume and power, a shorter interval before a longer one, and then
the one that comes first.
"""

from collections.abc import Mapping
from typing import Final

import polars as pl

from bilanz import units
from bilanz.issues import Issue
from importers.interval import cover
from importers.interval.findings import ROW, Findings
from importers.interval.grid import DAY_MINUTES
from importers.interval.series import Identity

_ENERGY: Final = "energy"


def without_rivals(
    points: pl.DataFrame, identities: Mapping[int, Identity], findings: Findings
) -> pl.DataFrame:
    """Return the points less the intervals within a day of series whose times another one states.

    Args:
        points: `points.POINT_SCHEMA`.
        identities: by number of the series.
        findings: takes one issue for each series rejected.
    """
    is_within = pl.col("minutes") < DAY_MINUTES
    usual = points.filter(is_within).group_by("series").agg(pl.col("minutes").mode().min(), pl.col(ROW).min())
    ways: dict[tuple[object, ...], list[tuple[bool, int, int, int]]] = {}
    for number, minutes, row in usual.iter_rows():
        one = identities[number]
        if one.refusal is None and one.unit is not None:
            rank = (units.dimension(one.unit) != _ENERGY, minutes, row, number)
            ways.setdefault((one.source, one.activity, one.direction), []).append(rank)
    twice: dict[int, int] = {}
    for ranks in ways.values():
        if len(ranks) > 1:
            numbers = [rank[-1] for rank in sorted(ranks)]
            twice |= _twice(points.filter(is_within & pl.col("series").is_in(numbers)), numbers)
    for number, first in twice.items():
        mine = points.filter(is_within & (pl.col("series") == number))
        _report(mine, identities[number], identities[first], findings)
    return points.filter(~(is_within & pl.col("series").is_in(list(twice)))) if twice else points


def _twice(points: pl.DataFrame, numbers: list[int]) -> dict[int, int]:
    """Return which series state times of one that counts before them, and of which; the best comes first."""
    key = pl.lit("", dtype=pl.String).alias("key")
    periods = points.select("series", key, "start", end=pl.col("start") + pl.duration(minutes="minutes"))
    parts = {int(str(number)): part for (number,), part in periods.group_by("series", maintain_order=True)}
    found: dict[int, int] = {}
    for place, number in enumerate(numbers):
        others = [other for other in numbers[:place] if other not in found]
        first = next((other for other in others if cover.shares(parts[number], parts[other]).sum() > 0), None)
        if first is not None:
            found[number] = first
    return found


def _report(mine: pl.DataFrame, one: Identity, first: Identity, findings: Findings) -> None:
    parameters = {
        "first": f"{first.value.title} ({first.unit})",
        "source": one.source or "–",
        "count": str(mine.height),
    }
    value = f"{one.value.title} ({one.unit})"
    issue = Issue("same_series_twice", mine[ROW].min(), one.value.title, value, parameters)  # type: ignore[arg-type]  # a whole number of a column that is never empty
    findings.refuse(mine.height, issue)
