"""The categories of ISO 14064-1 as a view over the lines of GHG Protocol books; the map is data.

    lines of scopes 1 to 3 ──map──► categories 1 to 6     Σ categories = total of the book, checked

Outside the scopes (biogenic CO2, gases of the Montreal Protocol) and memo stay outside here too.
Source of the map: correspondence of scope 3 categories in common use; no table of the standard itself was
read. Where it is disputed (3.3) the map says so, and a file in the data directory changes it.
"""

import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

import polars as pl

from bilanz.errors import UsageError
from bilanz.result import MASS
from bilanz.scopes import COUNTED
from bilanz.slices import QuantityLost

CATEGORIES: Final = (1, 2, 3, 4, 5, 6)
FILE: Final = "iso14064.toml"

ISO_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "book": pl.String,
    "iso_category": pl.Int8,  # 1 to 6
    "scope": pl.String,
    "category": pl.String,
    "co2e_kg": MASS,  # null: nothing of it has a figure
}


def mapping(folder: Path | None = None) -> dict[str, int]:
    """Return scope or category → category of the standard; a file of a folder changes single entries.

    Raises:
        UsageError: the file is no such map.
    """
    shipped = _read(Path(__file__).parent / FILE)
    own = None if folder is None else folder / FILE
    return shipped if own is None or not own.exists() else shipped | _read(own)


def _read(path: Path) -> dict[str, int]:
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError("{file} cannot be read: {reason}", file=path.name, reason=str(error)) from error
    entries = told.get("map")
    if set(told) != {"map"} or not isinstance(entries, dict):
        raise UsageError("{file} must hold one table [map] and nothing else.", file=path.name)
    for name, number in entries.items():
        if number not in CATEGORIES or isinstance(number, bool):
            message = '{file}: "{name}" must be one of the categories 1 to 6.'
            raise UsageError(message, file=path.name, name=name)
    return dict(entries)


def by_category(lines: pl.DataFrame, books: Collection[str], to: Mapping[str, int]) -> pl.DataFrame:
    """Return kg CO2e of scopes 1 to 3 by category of the standard.

    Shape: `ISO_SCHEMA`, one row per book, category of the standard, scope and category; ordered.

    Raises:
        QuantityLost: the categories do not add up to the total of the book (a defect).
    """
    counted = lines.filter(pl.col("book").is_in(list(books)), pl.col("scope").is_in(list(COUNTED)))
    places = counted.group_by("book", "scope", "category").agg(
        pl.when(pl.col("co2e_kg").is_not_null().any()).then(pl.col("co2e_kg").sum()).alias("co2e_kg")
    )
    numbers = [
        to.get(category, to.get(scope)) for scope, category in places.select("scope", "category").rows()
    ]
    found = places.with_columns(iso_category=pl.Series(numbers, dtype=pl.Int8))
    whole, parts = (
        counted["co2e_kg"].sum(),
        found.filter(pl.col("iso_category").is_not_null())["co2e_kg"].sum(),
    )
    if whole != parts:
        message = "ISO 14064-1: the categories hold {parts} kg, the book {whole} kg"
        raise QuantityLost(message, parts=parts, whole=whole)
    typed = found.select(pl.col(name).cast(kind) for name, kind in ISO_SCHEMA.items())
    return typed.sort("book", "iso_category", "scope", "category")
