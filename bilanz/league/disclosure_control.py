"""Which quantities of few places follow from published sums: the test for complementary disclosure.

    published sums = A · x          x: quantities nobody publishes, one for all uses that are weighted alike

A sum over few places is told where the row space of A holds a vector that is zero outside their columns:
some combination of published rows then speaks of them alone. Values play no part, only who stands in which
row with which weight. Source: Hundepool et al., Handbook on Statistical Disclosure Control (ESSnet SDC),
chapter 4, magnitude tabular data; there linear programming gives intervals, here only exact solutions count.

Few is fewer than N. Looked at are the sets of places that one column, or two columns together, have: for N up
to 3 that is every set; for a larger N sets that only three columns fill are not looked at. Nor are intervals:
that quantities are not negative bounds each of them.
"""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Places = frozenset[int] | None
"""Of a column; None: enough of them."""

RANK: Final = 1e-8
"""Singular values below this part of the largest are zero. Before, each row is scaled by its largest weight,
then each column to length 1. Weights that differ by less are taken for the same one, rounded."""

_ANGLE: Final = 1e-9
"""1 − cosine of the angle below which a vector lies in the row space: 0.00004 radians."""

_SHARE: Final = 1e-6
"""Part of a vector of length 1 below which a column is not in it."""


def row_space(matrix: Matrix) -> Matrix:
    """Return an orthonormal basis of the row space, a vector a row, in columns scaled to length 1."""
    kept = matrix[np.abs(matrix).max(axis=1, initial=0) > 0]
    if not kept.size:
        return np.zeros((0, matrix.shape[1]))
    kept = np.unique(kept / np.abs(kept).max(axis=1, keepdims=True), axis=0)
    length = np.sqrt((kept**2).sum(axis=0))
    _, values, basis = np.linalg.svd(kept / np.where(length > 0, length, 1), full_matrices=False)
    found: Matrix = basis[values > RANK * values[0]]
    return found


def revealed(
    basis: Matrix, places: Sequence[Places], smallest: int, *, anyway: Matrix | None = None
) -> frozenset[int]:
    """Return the columns of which something is told: alone, or with others of together fewer places.

    Args:
        basis: `row_space` of what is published.
        places: of each column.
        smallest: places from which on a sum may be told.
        anyway: `row_space` of what is published whatever is joined, of the same columns; what follows from
            it alone is not counted.
    """
    found: set[int] = set()
    for columns in _sets(basis, places, smallest):
        inside = _inside(basis, columns)
        if not len(inside) or (anyway is not None and len(inside) <= len(_inside(anyway, columns))):
            continue
        found.update(np.array(columns)[np.abs(inside).max(axis=0) > _SHARE].tolist())
    return frozenset(found)


def _inside(basis: Matrix, columns: Sequence[int]) -> Matrix:
    """Return the vectors of the row space that are zero outside some columns, as these columns."""
    _, values, vectors = np.linalg.svd(basis[:, list(columns)], full_matrices=False)
    found: Matrix = vectors[values > 1 - _ANGLE]
    return found


def _sets(basis: Matrix, places: Sequence[Places], smallest: int) -> Iterator[list[int]]:
    """Yield the columns of each set of fewer places that can be told at all.

    A vector of the row space in some columns needs leverages (squares of the basis) there that come to 1. All
    of them come to the rank: few columns can have much.
    """
    leverage = (basis**2).sum(axis=0)
    at: dict[int, list[int]] = {}
    for column, own in enumerate(places):
        if leverage[column] > _SHARE:
            for place in own or ():
                at.setdefault(place, []).append(column)
    reach = {place: float(leverage[columns].sum()) for place, columns in at.items()}
    held = {own for own in places if own is not None and own & at.keys()}
    bounds = {own: sum(reach.get(place, 0.0) for place in own) for own in held}
    seen: set[frozenset[int]] = set()
    for together in chain(held, _pairs(bounds)):
        if len(together) < smallest and together not in seen:
            seen.add(together)
            near = sorted({column for place in together for column in at.get(place, ())})
            columns = [column for column in near if (places[column] or together) <= together]
            if leverage[columns].sum() > 1 - _SHARE:
                yield columns


def _pairs(bounds: dict[frozenset[int], float]) -> Iterator[frozenset[int]]:
    """Yield the unions of two sets of places whose leverages may come to 1."""
    ordered = sorted(bounds, key=lambda own: (-bounds[own], sorted(own)))
    for number, one in enumerate(ordered):
        for other in ordered[number + 1 :]:
            if bounds[one] + bounds[other] < 1 - _SHARE:
                break
            yield one | other
