"""The bill of a house that is partly let: what tenants use is not the owner's consumption.

One row of the form is two statements: the part of the tenants (role `tenant`) and the rest (role `consumed`).
The share is stated in percent, or follows from the let and the whole floor area.
"""

from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

import polars as pl

from bilanz.records import Quality, Role
from importers.forms.rows import ORIGINAL, TYPED, Sheet, filled, stored, told
from importers.forms.rules.capacity import exact
from importers.upload.findings import ROW

_PERCENT: Final = 100
_TENANTS: Final = "tenants"


def read(rows: pl.DataFrame, sheet: Sheet) -> list[pl.DataFrame]:
    """Return the parts of the tenants, and what is left to the owner."""
    rows = filled(rows, "share", "area_let", "area", "site", "source")
    blank = pl.col("quantity").is_null()
    sheet.flag(rows.filter(blank), "blank", "quantity")
    rows = sheet.numbers(rows.filter(~blank), "quantity", "share", "area_let", "area")
    rows = _shares(sheet.without_rejected(rows), sheet)
    values = [_split(row) for row in rows.to_dicts()]
    names = ("__let", "__own", "__let_told", "__own_told")
    split = pl.DataFrame(values, schema={ROW: pl.Int64} | dict.fromkeys(names, pl.String), orient="row")
    rows = rows.join(split, on=ROW, how="left", maintain_order="left")
    sheet.flag(rows, "quantity_computed", "quantity", pl.col("__let"), reason=pl.col("__let_told"))
    return [
        _part(rows, "__let", Role.TENANT).with_columns(source=_source(_TENANTS)),
        _part(rows, "__own", Role.CONSUMED),
    ]


def _source(whose: str) -> pl.Expr:
    """Return a source of its own: the parts of one meter are two quantities, and none replaces the other."""
    return pl.concat_str([pl.coalesce("source", "site"), pl.lit(whose)], separator=" / ")


def _part(rows: pl.DataFrame, name: str, role: Role) -> pl.DataFrame:
    return rows.with_columns(
        pl.col(name + "_told").alias(ORIGINAL),
        pl.lit(value=True).alias("quantity" + TYPED),
        quantity=pl.col(name),
        role=pl.lit(str(role)),
        quality=pl.lit(str(Quality.ESTIMATED)),
    )


def _shares(rows: pl.DataFrame, sheet: Sheet) -> pl.DataFrame:
    """Return the rows whose share is stated once, and lies between 0 and 1."""
    by_area = pl.col("area_let").is_not_null() & pl.col("area").is_not_null()
    neither = rows.filter(pl.col("share").is_null() & ~by_area)
    sheet.flag(neither, "missing_value", "share")
    rows = sheet.without_rejected(rows)
    share = pl.col("share_value")
    rows = sheet.limits(rows, "share", (share < 0) | (share > _PERCENT), "numbers from 0 to 100 (percent)")
    whole, let = pl.col("area_value"), pl.col("area_let_value")
    rows = sheet.limits(rows, "area", by_area & (whole <= 0), "numbers above 0")
    bad = by_area & ((let < 0) | (let > whole))
    rows = sheet.limits(rows, "area_let", bad, "numbers from 0 to the whole floor area")
    off = (whole * share - let * _PERCENT).abs() > whole  # more than one percent of the house apart
    contrary = rows.filter((by_area & off).fill_null(value=False))
    sheet.flag(
        contrary, "share_conflict", "share", pl.col("share"), let=pl.col("area_let"), area=pl.col("area")
    )
    return sheet.without_rejected(rows)


def _split(row: dict[str, Any]) -> tuple[int, str, str, str, str]:
    """Return the parts of tenants and owner, which add up to the whole, and how they were computed."""
    whole: Decimal = row["quantity_value"]
    if row["share_value"] is not None:
        share, reason = Fraction(row["share_value"]) / _PERCENT, f"{told(row['share_value'])} %"
    else:
        share = Fraction(row["area_let_value"]) / Fraction(row["area_value"])
        reason = f"{told(row['area_let_value'])} ÷ {told(row['area_value'])} m²"
    let = stored(exact(Fraction(whole) * share)) or Decimal(0)
    own = whole - let
    both = f"{told(whole)} × {reason}"
    return row[ROW], told(let), told(own), both, f"{told(whole)} − {both}"
