"""Readings of a register in a column of values: told from quantities of intervals by the values themselves.

OBIS codes x.8.x mean a register (IEC 62056-61), yet many portals label the energy of intervals so. A register
never falls, but for an exchange of the meter, and stands high against its steps; energy of intervals falls
every few values.
"""

import re
from typing import Final

import polars as pl

_REGISTER: Final = re.compile(r"(?:\b[0-9]-[0-9]{1,2}:|(?<![0-9.:]))[0-9]{1,2}\.8\.[0-9](?![0-9])")
_LABELLED: Final = 12
_UNLABELLED: Final = 48
_PAIR: Final = 2
_AGAINST: Final = 0.01
"""Share of steps against the others: exchanges of the meter, corrections."""

_HIGH: Final = 20
_USUAL: Final = 0.99


def is_register(text: str) -> bool:
    """Return whether a text holds an OBIS code whose third figure means a register (x.8.x)."""
    return _REGISTER.search(text) is not None


def decides(count: int, *, is_labelled: bool) -> bool:
    """Return whether so many first values decide for good what a series is."""
    return count >= (_LABELLED if is_labelled else _UNLABELLED)


def is_counter(quantities: pl.Series, *, is_labelled: bool) -> bool:
    """Return whether values of one series, in the order of the file, are readings of a register.

    Args:
        quantities: without nulls; time may rise or fall.
        is_labelled: the series carries the code of a register; values that do not move are readings then.
    """
    if quantities.len() < (_PAIR if is_labelled else _UNLABELLED):
        return False
    values = quantities.cast(pl.Float64)
    steps = values.diff().drop_nulls()
    height: object
    step: object
    falls, rises = int((steps < 0).sum()), int((steps > 0).sum())
    if is_labelled:
        height, step = values.median(), steps.abs().quantile(_USUAL, "higher")
        is_steady = min(falls, rises) <= _AGAINST * steps.len()
    else:
        height, step = values.min(), steps.abs().max()
        is_steady = bool(falls) != bool(rises)
    if not isinstance(height, float) or not isinstance(step, float):
        return False
    return is_steady and height > _HIGH * step
