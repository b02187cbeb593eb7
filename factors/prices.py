"""Prices of a tonne: climate costs and carbon prices. They are shown beside a balance, never part of it."""

from collections.abc import Iterator
from typing import Final

import polars as pl

from bilanz.money import CURRENCIES
from bilanz.price import PRICE_SCHEMA, PriceKind
from factors import rules
from factors.table import Rule

NULLABLE: Final = ("time_preference", "note")
BOUNDS: Final = ("fixed", "min", "max")
_GAS: Final = {PriceKind.CLIMATE_COST: "CO2e", PriceKind.CARBON_PRICE: "CO2"}
_STATEMENT: Final = (
    "kind",
    "series",
    "region",
    "valid_from",
    "gas",
    "bound",
    "currency",
    "source",
    "edition",
)
_HIGHEST: Final = 10_000  # euros for a tonne


def checks() -> Iterator[Rule]:
    """Yield the rules of the table.

    A series holds one rate of time preference: 1 % and 0 % can never stand in one series.
    """
    yield from rules.present(PRICE_SCHEMA, NULLABLE)
    yield rules.closed("kind", (kind.value for kind in PriceKind), "Not a kind of price.")
    yield rules.closed("bound", BOUNDS, "Expected fixed, min or max.")
    yield rules.closed("currency", CURRENCIES, "Not a currency in use.")
    yield rules.closed("per_unit", ("t",), "Expected t.")
    for kind, gas in _GAS.items():
        wrong = (pl.col("kind") == kind.value) & (pl.col("gas") != gas)
        yield Rule("gas", wrong, "A climate cost is per tonne of CO2e, a carbon price per tonne of CO2.")
    yield rules.decimal("value")
    value = rules.number("value")
    yield Rule("value", (value <= 0) | (value > _HIGHEST), "Implausible for a tonne; check the unit.")
    stated = pl.col("time_preference").is_not_null()
    yield Rule(
        "time_preference", stated & rules.number("time_preference").is_null(), "A percentage is expected."
    )
    is_cost = pl.col("kind") == PriceKind.CLIMATE_COST.value
    yield Rule("time_preference", stated & ~is_cost, "Only a climate cost has a rate of time preference.")
    for name in ("kind", "time_preference", "bound", "gas", "currency"):
        several = pl.col(name).fill_null("").n_unique().over("series") > 1
        yield Rule(name, several, "Differs within one series.")
    yield from rules.described()
    yield from rules.dated()
    yield rules.whole_years()
    yield from rules.distinct("price_id", _STATEMENT)
