"""A column that is the sum of those beside it, told by the values: counted, it would count them twice."""

from dataclasses import replace
from typing import Final

import polars as pl

from importers.columns import numbers
from importers.columns.numbers import NumberFormat
from importers.formats.delimited import Delimited
from importers.interval.layout import Group, Value

_HEAD: Final = 262_144
_LEAST: Final = 10
_COLUMNS: Final = 3
_AGREE: Final = 0.98
_NEAR: Final = 0.005


def without(file: Delimited, groups: list[Group]) -> list[Group]:
    """Return the groups, a column that is the sum of the others of its unit and direction set aside."""
    return [_without(file, group) for group in groups]


def _without(file: Delimited, group: Group) -> Group:
    alike: dict[object, list[Value]] = {}
    for value in group.values:
        alike.setdefault((value.unit, value.direction), []).append(value)
    left = {place for same in alike.values() if (place := _sum_of_others(file, same)) is not None}
    if not left:
        return group
    kept = tuple(value for value in group.values if value.place not in left)
    return replace(group, values=kept, ignored=(*group.ignored, *sorted(left)))


def _sum_of_others(file: Delimited, values: list[Value]) -> int | None:
    """Return the position of the column that is the sum of all others in the first rows."""
    if len(values) < _COLUMNS:
        return None
    places = [value.place for value in values]
    frame = next(iter(file.blocks(places, _HEAD))).frame
    columns = []
    for place in places:
        texts = frame[str(place)]
        fmt = numbers.decide_series(texts)
        if not isinstance(fmt, NumberFormat):
            return None
        columns.append(numbers.read_series(texts, fmt).cast(pl.Float64).alias(str(place)))
    table = pl.DataFrame(columns).drop_nulls()
    every = table.sum_horizontal()
    for place in places:
        own = table[str(place)]
        rest = every - own
        told = table.select(pl.sum_horizontal(pl.exclude(str(place)) != 0)).to_series() > 1
        near = ((own - rest).abs() <= _NEAR * own.abs() + 1e-9).filter(told)
        if near.len() >= _LEAST and near.sum() >= _AGREE * near.len():
            return place
    return None
