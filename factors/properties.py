"""Tables beside the factors: properties of fuels and global warming potentials."""

from pathlib import Path
from typing import Any, Final

import polars as pl

from bilanz import units
from bilanz.activity import activities
from bilanz.errors import CatalogueError, UnitError
from bilanz.factor import FACTOR_VALUE, GWP_SCHEMA, PROPERTY_SCHEMA, Evidence
from factors import gate, table
from factors.table import FILE, ROW

RATIO: Final = "1"

# kind → dimensions of unit and per_unit; None: a bare ratio
KINDS: Final[dict[str, tuple[str, tuple[str, ...]] | None]] = {
    "net_calorific_value": ("energy", ("mass", "volume", "norm_volume", "bulk_volume")),
    "gross_calorific_value": ("energy", ("mass", "volume", "norm_volume", "bulk_volume")),
    "density": ("mass", ("volume", "norm_volume")),
    "bulk_density": ("mass", ("bulk_volume",)),
    "hs_per_hi": None,
    "hi_per_hs": None,
}
_BASIS: Final = {"net_calorific_value": "Hi", "gross_calorific_value": "Hs"}
_NULLABLE: Final = ("valid_from", "valid_to")  # null: undated, or open


def load(folder: Path) -> pl.DataFrame:
    """Return the properties of fuels in `PROPERTY_SCHEMA`.

    Raises:
        CatalogueError: a table is not what it must be.
    """
    settings = table.settings(folder)
    editions: dict[str, dict[str, Any]] = settings.pop("editions", {})
    texts = []
    for path in sorted(folder.glob("*.csv")):
        constants = {**settings, **editions.get(path.stem, {})}
        constants.pop("published", None)
        frame = table.shipped(path, required=frozenset({"property_id", "value"}))
        texts.append(table.completed(frame, constants, list(PROPERTY_SCHEMA)))
    frame = pl.concat(texts)
    _check(frame)
    return frame.select(
        pl.col(name).str.to_date("%Y-%m-%d").alias(name) if kind == pl.Date else pl.col(name).cast(kind)
        for name, kind in PROPERTY_SCHEMA.items()
    )


def _check(frame: pl.DataFrame) -> None:
    for name in PROPERTY_SCHEMA:
        if name not in _NULLABLE:
            _refuse_where(frame, pl.col(name).is_null(), name, "A value is required.")
    _refuse_where(frame, ~pl.col("activity").is_in(list(activities())), "activity", "Not an activity.")
    _refuse_where(frame, ~pl.col("kind").is_in(list(KINDS)), "kind", "Not a kind of property.")
    positive = gate.decimal_text("value") & ~pl.col("value").str.contains(r"^-|^0+(\.0+)?$")
    _refuse_where(frame, ~positive, "value", "A positive decimal with a point is expected.")
    shipped = [kind.value for kind in Evidence if kind is not Evidence.CUSTOM]
    _refuse_where(frame, ~pl.col("evidence").is_in(shipped), "evidence", "Not a kind of evidence in use.")
    start, end = gate.iso_date("valid_from"), gate.iso_date("valid_to")
    undated = pl.col("valid_from").is_null() & pl.col("valid_to").is_null()
    dated = (start.is_not_null() & pl.col("valid_to").is_null()) | (start < end)
    wrong_dates = ~(undated | dated.fill_null(value=False))
    _refuse_where(frame, wrong_dates, "valid_from", "A date before valid_to is expected.")
    _refuse_where(frame, pl.col("property_id").is_duplicated(), "property_id", "The same property twice.")
    expected = pl.col("kind").replace_strict(_BASIS, default="none", return_dtype=pl.String)
    _refuse_where(frame, pl.col("basis") != expected, "basis", "Does not belong to this kind of property.")
    pairs = frame.select("kind", "unit", "per_unit").unique().rows()
    wrong = [pair for pair in pairs if not _fits(*pair)]
    for kind, unit, per_unit in wrong:
        where = (pl.col("kind") == kind) & (pl.col("unit") == unit) & (pl.col("per_unit") == per_unit)
        _refuse_where(frame, where, "unit", "The units do not fit the kind of property.")


def _fits(kind: str, unit: str, per_unit: str) -> bool:
    expected = KINDS[kind]
    if expected is None:
        return unit == per_unit == RATIO
    try:
        return units.dimension(unit) == expected[0] and units.dimension(per_unit) in expected[1]
    except UnitError:
        return False


def _refuse_where(frame: pl.DataFrame, broken: pl.Expr, column: str, reason: str) -> None:
    rows = frame.filter(broken.fill_null(value=False))
    if rows.height:
        row = rows.row(0, named=True)
        message = '{file}, line {row}, column "{column}": {reason} Found: {value}.'
        value = row.get(column) or "–"
        raise CatalogueError(message, file=row[FILE], row=row[ROW], column=column, reason=reason, value=value)


def potentials(folder: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the global warming potentials (`GWP_SCHEMA`) and the blends (blend, gas, share_percent).

    Raises:
        CatalogueError: a table is not what it must be.
    """
    settings = table.settings(folder)
    texts = []
    for path in sorted(folder.glob("*.csv")):
        if path.stem != "blends":
            about = settings.get(path.stem, {})
            constants = {key: about.get(key) for key in ("source", "evidence")}
            texts.append(table.completed(table.shipped(path), constants, list(GWP_SCHEMA)))
    gwp = pl.concat(texts)
    for name in GWP_SCHEMA:
        _refuse_where(gwp, pl.col(name).is_null(), name, "A value is required.")
    _refuse_where(gwp, ~pl.col("gwp").is_in(list(gate.GWP_SETS[:-1])), "gwp", "Not a GWP set in use.")
    _refuse_where(gwp, ~gate.decimal_text("value"), "value", "A plain decimal with a point is expected.")
    _refuse_where(gwp, pl.struct("gwp", "gas").is_duplicated(), "gas", "The same gas twice in a set.")
    return gwp.select(pl.col(name).cast(kind) for name, kind in GWP_SCHEMA.items()), _blends(folder)


def _blends(folder: Path) -> pl.DataFrame:
    blends = table.shipped(folder / "blends.csv", required=frozenset({"blend", "gas", "share_percent"}))
    _refuse_where(blends, ~gate.decimal_text("share_percent"), "share_percent", "A percentage is expected.")
    _refuse_where(blends, pl.struct("blend", "gas").is_duplicated(), "gas", "The same gas twice in a blend.")
    typed = blends.with_columns(pl.col("share_percent").cast(FACTOR_VALUE))
    total = pl.col("share_percent").sum().over("blend")
    _refuse_where(
        typed, total != pl.lit(100, dtype=FACTOR_VALUE), "blend", "The shares do not add up to 100."
    )
    return typed.select("blend", "gas", "share_percent")
