"""Tariffs side by side: a column of the whole beside its parts, or beside those of another meter.

"Verbrauch Gesamt" is the sum of high and low tariff; "Verbrauch Einheitstarif" stands beside them and is zero
where the meter has two tariffs. The header does not tell these apart, the values do.
"""

import polars as pl

from importers.formats.delimited import Delimited
from importers.interval import vocabulary
from importers.interval.layout import Group, is_part, is_whole

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
