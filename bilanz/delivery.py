"""Deliveries between organisations of one tree."""

from typing import Final

import polars as pl

DELIVERY_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "id": pl.String,
    "kind": pl.String,  # DeliveryKind
    "seller": pl.String,
    "buyer": pl.String,
    "activity": pl.String,  # null: whatever the sources measure
    "seller_source": pl.String,  # null: all that is sold
    "buyer_source": pl.String,  # null: all of the activity
    "valid_from": pl.Date,
    "valid_to": pl.Date,  # exclusive; null: open
    "evidence": pl.String,
}
