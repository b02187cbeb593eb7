"""Energy nobody metered: power × hours, stated row by row; with an annual efficiency, divided by it.

    lighting circuit      connected power × burning hours
    boiler, stove         rated heat output × full-load hours ÷ annual efficiency (empty: output of fuel)

A quantity the row states goes before. Power without hours is no energy: the row is ignored, and said.
"""

from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any, Final

import polars as pl

from bilanz import units
from bilanz.records import Quality
from importers.forms.rows import Sheet, filled, told, with_quantity
from importers.forms.rules import sectors
from importers.upload.findings import ROW
from importers.upload.quantities import plain

ENERGY: Final = "kWh"
_PRECISION: Final = 60
_PERCENT: Final = 100


def read(rows: pl.DataFrame, sheet: Sheet) -> list[pl.DataFrame]:
    """Return the rows with the energy they state or that follows from power and hours."""
    return [with_energy(sectors.with_source(rows, sheet), sheet)]


def with_energy(rows: pl.DataFrame, sheet: Sheet) -> pl.DataFrame:
    """Return the rows with `quantity` in kWh where power and hours make it; quality becomes estimated."""
    rows = filled(rows, "quantity", "quality", "efficiency", "hours", "power_unit")
    sheet.titles.setdefault("quantity", sheet.title("quantity" if has(sheet, "quantity") else "power"))
    open_ = rows.filter(pl.col("quantity").is_null())
    bare = open_.filter(pl.col("power").is_null() | pl.col("hours").is_null())
    sheet.flag(bare.filter(pl.col("power").is_null()), "blank", "quantity")
    unit = pl.coalesce("power_unit", pl.lit(sheet.units.get("power"), dtype=pl.String))
    power = pl.concat_str("power", unit, separator=" ", ignore_nulls=True)
    sheet.flag(bare.filter(pl.col("power").is_not_null()), "capacity_only", "hours", power)
    rows = rows.filter(~pl.col(ROW).is_in(bare[ROW].implode()))
    rows = _bounded(_powers(sheet.numbers(rows, "power", "hours", "efficiency"), sheet), sheet)
    wanted = rows.filter(pl.col("quantity").is_null())
    values = {row[ROW]: _energy(row) for row in wanted.to_dicts()}
    rows = with_quantity(rows, sheet, values, ENERGY)
    computed = rows.filter(pl.col(ROW).is_in(list(values)))
    sheet.flag(computed, "quantity_computed", "power", pl.col("quantity"), reason=pl.col("__original"))
    quality = pl.when(pl.col(ROW).is_in(list(values))).then(pl.lit(str(Quality.ESTIMATED)))
    return rows.with_columns(quality=pl.coalesce(quality, "quality"))


def has(sheet: Sheet, name: str) -> bool:
    """Return whether the file has the column of a field."""
    return name in sheet.columns.match.positions


def _powers(rows: pl.DataFrame, sheet: Sheet) -> pl.DataFrame:
    """Return the rows with the code of the unit of their power; one without a unit is rejected."""
    header = sheet.units.get("power")
    text = pl.coalesce("power_unit", pl.lit(header, dtype=pl.String))
    rows = rows.with_columns(power_text=text)
    codes = {it: found.unit for it in rows["power_text"].drop_nulls().unique() if (found := units.find(it))}
    powers = [it for it, code in codes.items() if units.unit(code).kind == "power"]
    used = rows.filter(pl.col("quantity").is_null())
    sheet.flag(used.filter(pl.col("power_text").is_null()), "missing_unit", "power")
    other = used.filter(~pl.col("power_text").is_in(powers))
    sheet.flag(other, "unknown_value", "power", pl.col("power_text"), expected="W, kW, MW")
    rows = rows.with_columns(power_code=pl.col("power_text").replace_strict(codes, default=None))
    capacity = pl.format("{} {}", plain(pl.col("power_value")), "power_code")
    return sheet.without_rejected(rows).with_columns(capacity=capacity)


def _bounded(rows: pl.DataFrame, sheet: Sheet) -> pl.DataFrame:
    rows = sheet.limits(rows, "power", pl.col("power_value") < 0, "numbers from 0")
    hours = pl.col("hours_value")
    rows = sheet.limits(rows, "hours", (hours < 0) | (hours > 8784), "numbers from 0 to 8784")  # noqa: PLR2004
    share = pl.col("efficiency_value")
    return sheet.limits(rows, "efficiency", (share <= 0) | (share > 120), "numbers above 0 to 120 (percent)")  # noqa: PLR2004


def _energy(row: dict[str, Any]) -> tuple[Decimal, str]:
    """Return the energy of a row in kWh, and how it was computed."""
    power, hours, share = row["power_value"], row["hours_value"], row["efficiency_value"]
    energy = Fraction(power) * units.ratio(row["power_code"], "kW") * Fraction(hours)
    reason = f"{told(power)} {row['power_code']} × {told(hours)} h"
    if share is not None:
        energy = energy * _PERCENT / Fraction(share)
        reason += f" ÷ {told(share)} %"
    return exact(energy), reason


def exact(value: Fraction) -> Decimal:
    """Return a fraction as a decimal with more digits than are stored."""
    with localcontext(prec=_PRECISION):
        return Decimal(value.numerator) / Decimal(value.denominator)
