"""What published rows say of quantities: the equations somebody could solve who knows every factor.

    uses of a source ──► unknown     sources weighted alike in every row: only their sum can ever be told
    published row     ──► Σ kg per unit × unknown, for each part; of a cell also its quantities

Every factor is taken as known, not only those that are published, and so are the shares in which a use is
split over factors and parts: who publishes should not rely on what others do not know.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from bilanz.league.bundle import PARTS
from bilanz.league.disclosure_control import Matrix, Places

_WAY: Final = ("book", "scope", "category", "gas", "chain", "factor_id", "region", "is_lead", "is_silent")
_OWN: Final = ("activity", "role", "unit", "basis")
_USE: Final = ("group", "place", "organisation", "source", *_OWN)
_STEPS: Final = 1_000_000
"""Shares are alike that are so to a millionth: what is finer is rounding of the lines."""

_SHARES: Final = ("of_way", "of_use", *(f"of_{name}" for name in PARTS))
_TELLS: Final = ("tells_quantity", "tells_lead_quantity")


@dataclass(frozen=True, slots=True)
class Unknowns:
    """Uses by what can be told of them.

    Attributes:
        uses: of every unknown one use with all it stands in: `row`, `unknown`, `book`, `scope`, and per unit
            of it the kg of each part (`weight_…`) and `weight_quantity`.
        places: of each unknown, where they are few.
    """

    uses: pl.DataFrame
    places: tuple[Places, ...]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.places)


def unknowns(uses: pl.DataFrame, smallest: int) -> Unknowns:
    """Return the unknowns of uses.

    Args:
        uses: of a year, months together: `_WAY`, `_USE`, `quantity`, `co2e_kg` and its parts, and `row`, by
            which each is found again.
        smallest: places from which on they are not few.
    """
    weighted = _weighted(_numbered(uses, _USE, "use"))
    exact = pl.concat_str(pl.col("way"), *(_steps(name) for name in _SHARES), separator=" ")
    profiles = weighted.with_columns(profile=exact.sort().str.join(";").over("use"))
    classes = _numbered(profiles, ("group", "profile"), "unknown")
    held = classes.select("unknown", "place").unique().sort("unknown", "place")
    few = _numbered(held.filter(pl.len().over("unknown") < smallest), ("place",), "number")
    own = dict(few.group_by("unknown").agg("number").iter_rows())
    model = classes.filter(pl.col("use") == pl.col("use").min().over("unknown"))
    weight = pl.col("factor") * pl.col("of_way") * pl.col("of_use")
    weights = {f"weight_{name}": weight * pl.col(f"of_{name}") for name in PARTS}
    told = model.select("row", "unknown", "book", "scope", **weights, weight_quantity=pl.col("of_use"))
    count = classes["unknown"].n_unique()
    return Unknowns(told, tuple(frozenset(own[each]) if each in own else None for each in range(count)))


def _numbered(frame: pl.DataFrame, keys: Sequence[str], name: str) -> pl.DataFrame:
    """Return a frame with the number of each combination of keys, from 0, in their order."""
    numbers = frame.select(keys).unique().sort(keys).with_row_index(name)
    return frame.join(numbers, on=list(keys), how="left", nulls_equal=True, maintain_order="left")


def _weighted(uses: pl.DataFrame) -> pl.DataFrame:
    """Return uses with kg per unit of their way, and the shares in which each is part of its use."""
    numbers = [pl.col(name).cast(pl.Float64) for name in ("quantity", "co2e_kg", *PARTS)]
    told = _numbered(uses, (*_WAY, *_OWN), "way").with_columns(numbers)
    # What has emissions and no quantity is its own measure.
    measure = pl.when(pl.col("quantity") != 0).then("quantity").otherwise("co2e_kg").fill_null(0.0)
    told = told.with_columns(measure=measure)
    mass, size = pl.col("co2e_kg").abs(), pl.col("measure").abs()
    known = mass.is_not_null()
    told = told.with_columns(
        factor=_known((mass.filter(known).sum() / size.filter(known).sum()).over("way"), 0.0),
        amount=size.sum().over("use", "book", "is_lead"),
    ).with_columns(amount=pl.col("amount").max().over("use"))
    expected = pl.col("factor") * pl.col("measure")
    is_alike = (pl.col("co2e_kg") - expected).abs() <= expected.abs() / _STEPS + 1e-9
    return told.with_columns(
        of_way=_known(pl.when(is_alike).then(1.0).otherwise(pl.col("co2e_kg") / expected), 1.0),
        of_use=_known(pl.col("measure") / pl.col("amount"), 0.0),
        **{f"of_{name}": _known(pl.col(name) / pl.col("co2e_kg"), 0.0) for name in PARTS},
    )


def _known(share: pl.Expr, otherwise: float) -> pl.Expr:
    return pl.when(share.is_finite()).then(share).otherwise(otherwise)


def _steps(name: str) -> pl.Expr:
    return (pl.col(name) * _STEPS).round().cast(pl.Int64)


def equations(known: Unknowns, published: pl.DataFrame, keys: Sequence[str]) -> Matrix:
    """Return what rows say: a row of the matrix for each published number, a column for each unknown.

    Args:
        known: the unknowns.
        published: uses as they are published: `row`, the keys, and whether quantities are told (`_TELLS`).
        keys: what makes a published row.
    """
    own = published.select("row", *keys, *(name for name in _TELLS if name in published.columns))
    told = _numbered(known.uses.drop("book", "scope").join(own, on="row"), keys, "at")
    masses = [pl.col(f"weight_{name}").sum() for name in PARTS]
    quantities = [
        pl.col("weight_quantity").filter(name).sum().alias(name) for name in _TELLS if name in own.columns
    ]
    sums = told.group_by("at", "unknown").agg(*masses, *quantities)
    long = sums.unpivot(index=["at", "unknown"], variable_name="number", value_name="weight")
    long = _numbered(long.filter(pl.col("weight") != 0), ("at", "number"), "line")
    matrix = np.zeros((long["line"].n_unique(), known.count))
    matrix[long["line"].to_numpy(), long["unknown"].to_numpy()] = long["weight"].to_numpy()
    return matrix
