"""The same fuel by mass, by volume and by energy: three figures of one publisher that have to agree.

    per litre ──density──► per kg ──net calorific value──► per MJ (Hi) ◄── per kWh (Hi), per kWh (Hs) · Hs/Hi

Compared are only figures of one source through heating values and densities of the same source: of the same
edition, or undated ones (a gas changes from year to year, an oil does not). What a source does not state
cannot be compared and is not broken.
"""

from typing import Final

import polars as pl

# unit → size in the base unit: MJ, kg, l
_ENERGY: Final = {"MJ": 1.0, "GJ": 1000.0, "kWh": 3.6, "MWh": 3600.0, "MMBtu": 1055.05585262}
_MASS: Final = {"kg": 1.0, "t": 1000.0, "short_ton": 907.18474}
_VOLUME: Final = {"l": 1.0, "m3": 1000.0, "gal_us": 3.785411784, "ft3": 28.316846592}
_WANTED: Final = {
    "_net": ("net_calorific_value", _ENERGY, _MASS),
    "_gross": ("gross_calorific_value", _ENERGY, _MASS),
    "_density": ("density", _MASS, _VOLUME),
}
TOLERANCE: Final = 0.02
_UNDATED: Final = "*"


def per_net_energy(rows: pl.DataFrame, properties: pl.DataFrame) -> pl.Series:
    """Return kg per MJ of net calorific value of every row, null where the source does not lead there.

    Args:
        rows: columns source, edition, activity, basis, `_kg` (kg per base unit), `_kind` (what is measured).
        properties: rows of `PROPERTY_SCHEMA`.
    """
    keyed = rows.select("source", "edition", "activity", "basis", "_kg", "_kind")
    for name in _WANTED:
        keyed = _joined(keyed, _stated(properties, name), name)
    kind, kg = pl.col("_kind"), pl.col("_kg")
    return keyed.select(
        pl.when((kind == "energy") & (pl.col("basis") == "Hi"))
        .then(kg)
        .when((kind == "energy") & (pl.col("basis") == "Hs"))
        .then(kg * pl.col("_gross") / pl.col("_net"))
        .when(kind == "mass")
        .then(kg / pl.col("_net"))
        .when(kind == "volume")
        .then(kg / (pl.col("_density") * pl.col("_net")))
    ).to_series()


def _stated(properties: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return source, edition, activity and the value in base units; a value stated twice is no value."""
    kind, units, per_units = _WANTED[name]
    sizes = [
        pl.col(column).replace_strict(table, default=None, return_dtype=pl.Float64)
        for column, table in (("unit", units), ("per_unit", per_units))
    ]
    value = pl.col("value").cast(pl.Float64) * sizes[0] / sizes[1]
    edition = pl.when(pl.col("valid_from").is_null()).then(pl.lit(_UNDATED)).otherwise("edition")
    found = properties.filter(pl.col("kind") == kind).select(
        "source", edition.alias("edition"), "activity", value.alias(name)
    )
    return (
        found.drop_nulls()
        .group_by("source", "edition", "activity")
        .agg(pl.when(pl.col(name).n_unique() == 1).then(pl.col(name).first()))
        .drop_nulls()
    )


def _joined(rows: pl.DataFrame, stated: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return the rows with a property of their edition, else an undated one of their source."""
    same = rows.join(stated, on=["source", "edition", "activity"], how="left", maintain_order="left")
    undated = stated.filter(pl.col("edition") == _UNDATED).drop("edition").rename({name: "_undated"})
    both = same.join(undated, on=["source", "activity"], how="left", maintain_order="left")
    return both.with_columns(pl.coalesce(name, "_undated").alias(name)).drop("_undated")
