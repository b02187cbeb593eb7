"""Series of one file that state the same times of the same source, activity and direction: one counts.

The store knows a series by source, activity and direction; two of them would count twice, or the commit would
refuse the whole file. Energy counts before volume and power, a shorter interval before a longer one, and then
the one that comes first. What the other one states at times of its own counts.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import polars as pl

from bilanz import units
from bilanz.issues import Issue
from importers.interval import cover
from importers.interval.findings import ROW, Findings
from importers.interval.grid import DAY_MINUTES
from importers.interval.series import Identity

_ENERGY: Final = "energy"
_PLACE: Final = "__place"
_IS_WITHIN: Final = pl.col("minutes") < DAY_MINUTES


def without_rivals(
    points: pl.DataFrame, identities: Mapping[int, Identity], findings: Findings
) -> pl.DataFrame:
    """Return the points less those of series within a day whose period a better one of the same way covers.

    Args:
        points: `points.POINT_SCHEMA`.
        identities: by number of the series.
        findings: takes one issue for each pair of series of which values are rejected.
    """
    usual = (
        points.filter(_IS_WITHIN).group_by("series").agg(pl.col("minutes").mode().min(), pl.col(ROW).min())
    )
    ways: dict[tuple[object, ...], list[tuple[bool, int, int, int]]] = {}
    for number, minutes, row in usual.iter_rows():
        one = identities[number]
        if one.refusal is None and one.unit is not None:
            rank = (units.dimension(one.unit) != _ENERGY, minutes, row, number)
            ways.setdefault(_way(one), []).append(rank)
    twice: list[pl.DataFrame] = []
    rows = points.with_row_index(_PLACE)
    for way, ranks in ways.items():
        if len(ranks) > 1:
            alike = [number for number, one in identities.items() if one.refusal is None and _way(one) == way]
            numbers = [rank[-1] for rank in sorted(ranks)]
            twice += _twice(rows.filter(pl.col("series").is_in(alike)), numbers)
    for gone in twice:
        for (number, first), mine in gone.group_by("series", "first", maintain_order=True):
            _report(mine, identities[int(str(number))], identities[int(str(first))], findings)
    if not twice:
        return points
    return rows.join(pl.concat(twice), on=_PLACE, how="anti", maintain_order="left").drop(_PLACE)


def _way(one: Identity) -> tuple[object, ...]:
    return one.source, one.activity, one.direction


def _twice(points: pl.DataFrame, numbers: Sequence[int]) -> Iterator[pl.DataFrame]:
    """Yield the points of each series that state times of those that count before it, with `first` of these.

    Of a series that shares times with a better one a day and more is judged like the rest, and none of its
    values counts beside a day and more of another one: nobody else compares the two. Where nothing of it is
    left within a day, its longer values are compared with the readings later on.

    Args:
        points: of all series of one way.
        numbers: of the series with points within a day, the best one first.
    """
    end = pl.col("start") + pl.duration(minutes="minutes")
    periods = points.with_columns(key=pl.lit("", dtype=pl.String), end=end)
    kept = {int(str(number)): part for (number,), part in periods.group_by("series", maintain_order=True)}
    for place, number in enumerate(numbers):
        mine, better = kept[number], numbers[:place]
        within = mine.filter(_IS_WITHIN)
        if not any(cover.shares(within, kept[other].filter(_IS_WITHIN)).sum() > 0 for other in better):
            continue
        others = {other: kept[other] for other in better}
        others |= {
            other: part.filter(~_IS_WITHIN)
            for other, part in kept.items()
            if other != number and other not in others
        }
        gone = _covered(mine, others)
        if gone.filter(_IS_WITHIN).height == within.height:
            gone = gone.filter(_IS_WITHIN)
        kept[number] = mine.join(gone, on=_PLACE, how="anti", maintain_order="left")
        yield gone.select(_PLACE, "series", "first", ROW)


def _covered(mine: pl.DataFrame, others: Mapping[int, pl.DataFrame]) -> pl.DataFrame:
    """Return the points of a series whose period others cover, if only in part, with the `first` of these."""
    mine = mine.with_columns(first=pl.lit(None, dtype=pl.Int32))
    for other, part in others.items():
        is_covered = cover.shares(mine, part) > 0
        mine = mine.with_columns(
            first=pl.coalesce("first", pl.when(is_covered).then(pl.lit(other, pl.Int32)))
        )
    return mine.filter(pl.col("first").is_not_null())


def _report(mine: pl.DataFrame, one: Identity, first: Identity, findings: Findings) -> None:
    parameters = {
        "first": f"{first.value.title} ({first.unit})",
        "source": one.source or "–",
        "count": str(mine.height),
    }
    value = f"{one.value.title} ({one.unit})"
    issue = Issue("same_series_twice", mine[ROW].min(), one.value.title, value, parameters)  # type: ignore[arg-type]  # a whole number of a column that is never empty
    findings.refuse(mine.height, issue)
