"""Notes of waste taken away: mass, or volume × stated density; the kind of waste by word or by code.

A volume without density is refused: of one container as much as 0.05 and as much as 1.5 tonnes may lie in a
cubic metre. The code is that of the European list of waste (Decision 2000/532/EC; in Germany the
Abfallverzeichnis-Verordnung, AVV).
"""

import re
import tomllib
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, Final

import polars as pl

from bilanz import activity, units
from bilanz.records import Quality
from importers.forms.rows import ORIGINAL, Sheet, filled, told, with_quantity
from importers.forms.rules.capacity import exact
from importers.upload.findings import ROW
from importers.upload.words import with_meaning

_MASS: Final = "t"
_CODE: Final = re.compile(r"\D*(\d\d)\D?(\d\d)\D?(\d\d)\s*\*?")


def read(rows: pl.DataFrame, sheet: Sheet) -> list[pl.DataFrame]:
    """Return the rows with their activity, volumes turned into tonnes."""
    return [_masses(_named(rows, sheet), sheet)]


@cache
def codes() -> dict[str, str]:
    """Return waste code (six digits) → activity."""
    with (Path(__file__).parent / "waste_codes.toml").open("rb") as stream:
        table = tomllib.load(stream)
    return {code: activity.activity(name).code for name, entry in table.items() for code in entry["codes"]}


def digits(text: str) -> str | None:
    """Return the six digits of a waste code as written (`20 01 01`, `200101`, `17 02 04*`), or None."""
    found = _CODE.fullmatch(text.strip())
    return "".join(found.groups()) if found else None


def _named(rows: pl.DataFrame, sheet: Sheet) -> pl.DataFrame:
    """Return the rows with the activity of their word, else of their code."""
    rows = with_meaning(filled(rows, "activity"), "waste_code", "__digits", digits)
    rows = with_meaning(rows, "__digits", "__coded", lambda code: codes().get(code))
    bad = rows.filter(pl.col("waste_code").is_not_null() & pl.col("__digits").is_null())
    sheet.flag(
        bad, "unknown_value", "waste_code", pl.col("waste_code"), expected="six digits, such as 20 03 01"
    )
    unmapped = pl.col("__digits").is_not_null() & pl.col("__coded").is_null() & pl.col("activity").is_null()
    sheet.flag(rows.filter(unmapped), "waste_code_unmapped", "waste_code", pl.col("waste_code"))
    neither = pl.col("waste_code").is_null() & pl.col("activity").is_null() & pl.col("quantity").is_not_null()
    sheet.flag(rows.filter(neither), "missing_value", "waste_code")
    rows = sheet.without_rejected(rows)
    rows = with_meaning(rows, "activity", "__word", activity.find)
    other = rows.filter(pl.col("__word").is_not_null() & (pl.col("__word") != pl.col("__coded")))
    reason = "the waste code says something else; the word was taken"
    sheet.flag(other, "suspect_value", "activity", pl.col("activity"), reason=reason)
    return rows.with_columns(
        activity=pl.coalesce("activity", "__coded"),
        waste_code=pl.coalesce("__digits", "waste_code"),
    )


def _masses(rows: pl.DataFrame, sheet: Sheet) -> pl.DataFrame:
    """Return the rows, volumes turned into tonnes by the density their row states."""
    rows = filled(rows, "unit", "density")
    rows = rows.with_columns(unit=pl.when(pl.col("quantity").is_not_null()).then(sheet.unit("quantity")))
    rows = with_meaning(rows, "unit", "__volume", _volume)
    rows = sheet.numbers(rows, "quantity", "density")
    is_volume = pl.col("__volume").is_not_null()
    bare = rows.filter(is_volume & pl.col("density").is_null())
    sheet.flag(bare, "density_missing", "density", pl.concat_str("quantity", "unit", separator=" "))
    rows = sheet.without_rejected(rows)
    density = pl.col("density_value")
    bad = is_volume & ((density <= 0) | (density > 5))  # noqa: PLR2004 - tonnes per cubic metre
    rows = sheet.limits(rows, "density", bad, "numbers above 0 to 5 (t per m³)")
    volumes = rows.filter(is_volume & pl.col("quantity_value").is_not_null())
    rows = with_quantity(rows, sheet, {row[ROW]: _mass(row) for row in volumes.to_dicts()}, _MASS)
    computed = rows.filter(pl.col(ORIGINAL).is_not_null())
    sheet.flag(computed, "quantity_computed", "quantity", pl.col("quantity"), reason=pl.col(ORIGINAL))
    estimated = pl.when(pl.col(ORIGINAL).is_not_null()).then(pl.lit(str(Quality.ESTIMATED)))
    stated = pl.col("quality") if "quality" in rows.columns else pl.lit(None, dtype=pl.String)
    return rows.with_columns(quality=pl.coalesce(estimated, stated))


def _volume(text: str) -> str | None:
    found = units.find(text)
    return found.unit if found and units.unit(found.unit).kind == "volume" else None


def _mass(row: dict[str, Any]) -> tuple[Decimal, str]:
    """Return the mass of a volume in tonnes, and how it was computed."""
    volume, density, code = row["quantity_value"], row["density_value"], row["__volume"]
    mass = Fraction(volume) * units.ratio(code, "m3") * Fraction(density)
    return exact(mass), f"{told(volume)} {code} × {told(density)} t/m³"
