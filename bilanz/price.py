"""What a tonne costs, and what money was worth: prices and indices as frames. None of it emits anything.

A price (climate cost, carbon price) is shown beside a balance and never part of it. An index (of prices,
exchange rate, tax, margin) leads an amount of money as booked to the money a factor is stated in.
"""

from enum import StrEnum
from typing import Final

import polars as pl

from bilanz.factor import FACTOR_VALUE, PROVENANCE


class PriceKind(StrEnum):
    """What a price stands for."""

    CLIMATE_COST = "climate_cost"  # damage of a tonne emitted
    CARBON_PRICE = "carbon_price"  # paid by law for a tonne


class IndexKind(StrEnum):
    """What an index says about money."""

    PRICE_INDEX = "price_index"  # prices of a year, base year = 100
    EXCHANGE_RATE = "exchange_rate"  # `unit` per `per_unit`, mean of a month or year
    VAT_RATE = "vat_rate"  # percent on top of the net price
    MARGIN = "margin"  # basic price per purchaser's price, without taxes


PRICE_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "price_id": pl.String,
    "kind": pl.String,  # PriceKind
    "series": pl.String,  # prices of different series are never compared or added
    "region": pl.String,
    "valid_from": pl.Date,
    "valid_to": pl.Date,  # exclusive
    "gas": pl.String,  # CO2 or CO2e
    "value": FACTOR_VALUE,
    "currency": pl.String,
    "per_unit": pl.String,  # t
    "bound": pl.String,  # "fixed", or "min" and "max" of a corridor
    "time_preference": FACTOR_VALUE,  # climate cost: pure rate in percent; null: not stated
    **PROVENANCE,
    "note": pl.String,
}

INDEX_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "index_id": pl.String,
    "kind": pl.String,  # IndexKind
    "series": pl.String,  # values of one series may be divided by each other
    "region": pl.String,  # null: exchange rate
    "product_group": pl.String,  # null: all
    "category": pl.String,  # VAT: "standard" or "reduced"; else null
    "valid_from": pl.Date,
    "valid_to": pl.Date,  # exclusive; null: open (VAT only)
    "value": FACTOR_VALUE,
    "unit": pl.String,  # exchange rate: currency; VAT "percent"; else "1"
    "per_unit": pl.String,  # exchange rate: currency; else "1"
    "base_year": pl.Int32,  # price index; else null
    "rank": pl.Int32,  # the lower is preferred where several series say the same
    **PROVENANCE,
    "note": pl.String,
}
