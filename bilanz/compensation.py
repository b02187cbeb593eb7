"""Compensation and removals an organisation declares: beside every balance, in no total, never netted.

The GHG Protocol reports them apart from the inventory (Corporate Standard, chapter 9). A certificate is worth
nothing before it is cancelled; what was declared without a day of cancellation is listed as not cancelled.
"""

from collections.abc import Collection
from enum import StrEnum
from typing import Final

import polars as pl


class CompensationKind(StrEnum):
    """What a certificate stands for."""

    REDUCTION = "reduction"  # emissions avoided elsewhere
    REMOVAL = "removal"  # carbon taken out of the air and stored


COMPENSATION_KINDS: Final = tuple(kind.value for kind in CompensationKind)

COMPENSATION_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "id": pl.String,
    "organisation": pl.String,
    "year": pl.Int32,  # of the balance it is declared beside
    "kind": pl.String,  # CompensationKind
    "tonnes": pl.Decimal(18, 6),  # t CO2e
    "standard": pl.String,  # and project, as the register names them
    "evidence": pl.String,  # register, number of the cancellation statement, day
    "cancelled_on": pl.Date,  # null: not cancelled
}


def declared(compensations: pl.DataFrame, year: int, organisations: Collection[str]) -> pl.DataFrame:
    """Return what was declared beside the balance of a year by some organisations, by identifier.

    Shape: `COMPENSATION_SCHEMA` and `is_cancelled`.
    """
    own = pl.col("organisation").is_in(list(organisations)) & (pl.col("year") == year)
    return (
        compensations.filter(own).sort("id").with_columns(is_cancelled=pl.col("cancelled_on").is_not_null())
    )
