"""Degree days and climate factors: one table, one definition a row, never compared across definitions."""

from collections.abc import Iterator
from typing import Final

import polars as pl

from bilanz.weather import DEGREE_DAY_SCHEMA, Definition
from factors import rules
from factors.table import Rule

NULLABLE: Final = ("place", "valid_from", "valid_to", "note")
KELVIN_DAYS: Final = "K d"
RATIO: Final = "1"
_STATEMENT: Final = ("definition", "region", "place", "valid_from", "valid_to", "source", "edition")
_HIGHEST: Final = 12_000  # Kelvin days of a year; Fichtelberg has 5 856, the north of Finland about 7 000
_FACTORS: Final = (0.3, 3)


def checks() -> Iterator[Rule]:
    """Yield the rules of the table."""
    yield from rules.present(DEGREE_DAY_SCHEMA, NULLABLE)
    yield rules.closed("definition", (kind.value for kind in Definition), "Not a definition in use.")
    is_factor = pl.col("definition") == Definition.DWD_CLIMATE_FACTOR.value
    expected = pl.when(is_factor).then(pl.lit(RATIO)).otherwise(pl.lit(KELVIN_DAYS))
    yield Rule("unit", pl.col("unit") != expected, 'Expected "K d", or "1" for a climate factor.')
    yield rules.decimal("value")
    value = rules.number("value")
    days = ~is_factor & ((value < 0) | (value > _HIGHEST))
    ratio = is_factor & ((value < _FACTORS[0]) | (value > _FACTORS[1]))
    yield Rule("value", days | ratio, "Implausible for this definition.")
    postcode = pl.col("place").str.contains(r"^\d{5}$").fill_null(value=False)
    yield Rule("place", is_factor & ~postcode, "A climate factor needs a postcode of five digits.")
    is_national = pl.col("definition").is_in([Definition.EUROSTAT_HDD.value, Definition.EUROSTAT_CDD.value])
    yield Rule(
        "place", is_national & pl.col("place").is_not_null(), "Eurostat counts by country, not by place."
    )
    undated = pl.col("valid_from").is_null() | pl.col("valid_to").is_null()
    lacking = (is_national | is_factor) & undated
    yield Rule("valid_from", lacking, "A period is required; only a reference year has none.")
    yield from rules.described()
    yield from rules.dated()
    yield from rules.distinct("degree_day_id", _STATEMENT)
