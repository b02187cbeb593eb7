"""What a consolidation leaves behind, as frames: made by `bilanz.consolidation`, shown beside a run."""

from dataclasses import dataclass
from typing import Final

import polars as pl

from bilanz.records import QUANTITY

_MASS: Final = pl.Decimal(38, 12)

NODE_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "node": pl.String,
    "parent": pl.String,  # on the last day of the year; null: outermost
    "depth": pl.Int32,
    "members": pl.Int32,  # organisations below it on a day of the year
    "is_assumed": pl.Boolean,  # belongs to its parent although no membership is declared
}

LEVEL_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "node": pl.String,
    "book": pl.String,
    "scope": pl.String,
    "category": pl.String,
    "own": _MASS,  # kg CO2e of every organisation at or below the node on a day of the year; null: none known
    "outside": _MASS,  # of those days, and those organisations, that are not in the boundary
    "minority": _MASS,  # of other owners
    "eliminated": _MASS,  # internal deliveries
    "consolidated": _MASS,  # own - outside - minority - eliminated
    "is_split": pl.Boolean,  # some month is split by days
}

OUTCOME_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "delivery": pl.String,
    "kind": pl.String,
    "seller": pl.String,
    "buyer": pl.String,
    "activity": pl.String,
    "book": pl.String,
    "node": pl.String,  # the lowest that holds both; null: there is none
    "side": pl.String,  # whose lines go: buyer, seller; null: nobody's
    "sold": QUANTITY,  # as the seller counts it, in the unit; null: not stated, or not comparable
    "bought": QUANTITY,  # as the buyer counts it; null: nothing
    "unit": pl.String,
    "difference": QUANTITY,  # sold - bought, of all buyers of the same sale together
    "eliminated": _MASS,  # kg CO2e at the node
    "kept": _MASS,  # kg CO2e that stay: scope 1 of the seller, or scopes 1 and 2 of the other side
    "left": _MASS,  # kg CO2e the buyer counts for it in other categories of scope 3: not eliminated
    "state": pl.String,  # a key of `STATES`
}

STATES: Final = (
    "agreed",  # at least as much sold as bought
    "capped",  # more bought than sold: eliminated only as far as it was sold
    "not_stated",  # the seller counts no quantity: eliminated as declared
    "nothing_kept",  # the seller generates and counts nothing in scope 1
    "not_comparable",  # the units or calorific values of both do not go together
    "nothing_bought",  # the buyer counts nothing it could have bought
    "nothing_counted",  # nobody counts it twice: there is nothing to eliminate
    "apart",  # no node holds both
    "not_inside",  # at the lowest node that holds both, one of them is not in the boundary
)

SUSPECT_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "reason": pl.String,  # sold, itself, named
    "seller": pl.String,
    "buyer": pl.String,
    "activity": pl.String,
    "source": pl.String,  # of the buyer
    "quantity": QUANTITY,
    "unit": pl.String,
}

INDICATOR_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "node": pl.String,
    "book": pl.String,
    "indicator": pl.String,  # population, floor_area_m2, staff
    "numerator": _MASS,  # kg CO2e, scopes 1 to 3, consolidated
    "denominator": pl.Decimal(24, 6),  # null: a part is missing
    "value": pl.Decimal(24, 6),  # kg CO2e per unit of the denominator; null: cannot be said
    "missing": pl.List(pl.String),  # organisations without the figure
    "silent": pl.List(pl.String),  # organisations with the figure and without any data
}


@dataclass(frozen=True, slots=True)
class Consolidation:
    """The balance at every level of the organisations under one approach.

    Attributes:
        approach: `bilanz.boundary.Approach`.
        nodes: `NODE_SCHEMA`, parents first.
        levels: `LEVEL_SCHEMA`.
        deliveries: `OUTCOME_SCHEMA`.
        suspects: `SUSPECT_SCHEMA`.
        indicators: `INDICATOR_SCHEMA`.
    """

    approach: str
    nodes: pl.DataFrame
    levels: pl.DataFrame
    deliveries: pl.DataFrame
    suspects: pl.DataFrame
    indicators: pl.DataFrame
