"""Tariffs side by side: a column of the whole beside its parts, or beside those of another meter.

"Verbrauch Gesamt" is the sum of high and low tariff; "Verbrauch Einheitstarif" stands beside them and is zero
where the meter has two tariffs. The header does not tell these apart, the values do.
"""

from dataclasses import replace

import polars as pl

from importers.formats.delimited import Delimited
from importers.interval import vocabulary
from importers.interval.layout import Group, is_part, is_whole

_HEAD = 262_144
_SAYS: str = "[1-9]"  # a number that is not zero has such a digit


def left_out(file: Delimited, groups: list[Group]) -> frozenset[int] | None:
    """Return the columns of tariffs that must not be added; None: no group has a whole beside its parts.

    Where some row has a value in a whole and in a part, the whole is their sum and the parts are left out.
    Where no row has both, they belong to different times, and only columns without any value are left out.
    """
    without: set[int] = set()
    is_asked = False
    for group in groups:
        wholes = [value.place for value in group.values if is_whole(value.title)]
        parts = [place for place in group.ignored if _is_part_of_value(file.header[place])]
        if wholes and parts:
            is_asked = True
            without |= _repeated(file, wholes, parts)
    return frozenset(without) if is_asked else None


def in_rows(file: Delimited, groups: list[Group]) -> list[Group]:
    """Return the groups, a column of tariffs kept only where it parts rows of the same time.

    Elsewhere it says which tariff holds at a time, and the rows are one series. A sum of the tariffs among
    them is no series beside them: such rows stay what they are, values of the same time.
    """
    return [
        replace(group, tariff=None) if group.tariff is not None and not _parts(file, group) else group
        for group in groups
    ]


def _parts(file: Delimited, group: Group) -> bool:
    """Return whether the first rows hold several tariffs of the same time, and no sum of them."""
    keys = [place for place in group.key_places() if place not in {None, group.tariff}]
    places = sorted({*group.begin, *group.end, *(place for place in keys if place is not None)})
    frame = next(iter(file.blocks([*places, group.tariff or 0], _HEAD))).frame
    several = frame.group_by([str(place) for place in places]).agg(n=pl.col(str(group.tariff)).n_unique())
    names = frame[str(group.tariff)].drop_nulls().unique()
    return bool((several["n"] > 1).any()) and not any(is_whole(name) for name in names)


def _is_part_of_value(title: str) -> bool:
    return is_part(title) and vocabulary.role(title) == "value"


def _repeated(file: Delimited, wholes: list[int], parts: list[int]) -> set[int]:
    """Return which of the columns repeat others or say nothing."""
    places = [*wholes, *parts]
    says = {str(place): pl.col(str(place)).str.contains(_SAYS).fill_null(value=False) for place in places}
    both = pl.any_horizontal(says[str(place)] for place in wholes) & pl.any_horizontal(
        says[str(place)] for place in parts
    )
    telling: set[int] = set()
    for block in file.blocks(places):
        row = block.frame.select(both.any().alias("both"), *(one.any() for one in says.values()))
        if row["both"].item():
            return set(parts)
        telling |= {place for place in places if row[str(place)].item()}
    idle = set(places) - telling
    return idle if telling else set(parts)
