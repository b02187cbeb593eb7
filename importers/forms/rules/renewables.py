"""Registers of solar plants and heat pumps.

    photovoltaics     electricity generated
    solar heat        heat yielded
    heat pump         ambient heat = heat delivered − electricity = heat × (1 − 1 ÷ seasonal performance
                      factor)

Where the energy is not known, capacity × full-load hours makes it, estimated. The electricity of heat pumps
is part of what the grid operator sold, and is not counted here.
"""

from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

import polars as pl

from bilanz.records import Role
from importers.forms.rows import ORIGINAL, Sheet, filled, told, with_quantity
from importers.forms.rules import capacity, sectors
from importers.upload.findings import ROW

_ACTIVITIES: Final = {
    "photovoltaics": "electricity",
    "solar_heat": "solar_heat",
    "heat_pump": "ambient_heat",
}
_HEAT_PUMP: Final = pl.col("technology") == "heat_pump"


def read(rows: pl.DataFrame, sheet: Sheet) -> list[pl.DataFrame]:
    """Return the rows with activity, role and energy by their technology."""
    rows = sheet.require(rows, "technology")
    rows = sectors.with_source(rows, sheet).with_columns(
        activity=pl.col("technology").replace_strict(_ACTIVITIES, default=None),
        role=pl.when(pl.col("technology") == "photovoltaics")
        .then(pl.lit(str(Role.GENERATED)))
        .otherwise(pl.lit(str(Role.CONSUMED))),
    )
    return [_ambient(capacity.with_energy(rows, sheet), sheet)]


def _ambient(rows: pl.DataFrame, sheet: Sheet) -> pl.DataFrame:
    """Return the rows, the heat of heat pumps less the electricity in it."""
    rows = filled(rows, "spf")
    pumps = rows.filter(_HEAT_PUMP)
    sheet.flag(pumps.filter(pl.col("spf").is_null()), "missing_value", "spf")
    rows = sheet.numbers(sheet.without_rejected(rows), "quantity", "spf")
    too_low = _HEAT_PUMP & ((pl.col("spf_value") <= 1) | (pl.col("spf_value") > 10))  # noqa: PLR2004
    rows = sheet.limits(sheet.without_rejected(rows), "spf", too_low, "numbers above 1 to 10")
    pumps = rows.filter(_HEAT_PUMP & (pl.col("quantity_value") >= 0))
    rows = _replaced(rows, sheet, {row[ROW]: _share(row) for row in pumps.to_dicts()})
    computed = rows.filter(pl.col(ROW).is_in(pumps[ROW].implode()))
    sheet.flag(computed, "quantity_computed", "spf", pl.col("quantity"), reason=pl.col(ORIGINAL))
    return rows


def _replaced(rows: pl.DataFrame, sheet: Sheet, values: dict[int, tuple[Decimal, str]]) -> pl.DataFrame:
    former = pl.col(ORIGINAL) if ORIGINAL in rows.columns else pl.lit(None, dtype=pl.String)
    rows = rows.with_columns(former.alias("__former"))
    rows = with_quantity(rows.drop(ORIGINAL, "__amount", strict=False), sheet, values, None)
    return rows.with_columns(pl.coalesce(ORIGINAL, "__former").alias(ORIGINAL)).drop("__former")


def _share(row: dict[str, Any]) -> tuple[Decimal, str]:
    """Return the ambient heat of a heat pump, and how it was computed."""
    heat, factor = row["quantity_value"], row["spf_value"]
    ambient = Fraction(heat) * (1 - 1 / Fraction(factor))
    stated = row.get(ORIGINAL) or told(heat)
    heat_told = f"({stated})" if " " in stated else stated
    return capacity.exact(ambient), f"{heat_told} × (1 − 1 ÷ {told(factor)})"
