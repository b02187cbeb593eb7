"""Tables beside the factors: properties of fuels and global warming potentials.

Own properties (the state number and calorific value of a gas bill, the bulk density of one's wood) pass the
same rules in `factors.own_properties`, where a bad row is a value.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import polars as pl

from bilanz import units
from bilanz.activity import activities
from bilanz.errors import UnitError
from bilanz.factor import FACTOR_VALUE, GWP_SCHEMA, PROPERTY_SCHEMA, Evidence
from factors import gate, table
from factors.table import Rule

RATIO: Final = "1"
_VOLUMES: Final = ("volume", "norm_volume", "standard_volume", "bulk_volume")

# kind → dimensions of unit and per_unit; None: a bare ratio
KINDS: Final[dict[str, tuple[str, tuple[str, ...]] | None]] = {
    "net_calorific_value": ("energy", ("mass", *_VOLUMES)),
    "gross_calorific_value": ("energy", ("mass", *_VOLUMES)),
    "density": ("mass", ("volume", "norm_volume")),
    "bulk_density": ("mass", ("bulk_volume",)),
    "state_number": ("norm_volume", ("volume",)),  # Zustandszahl: m3n per m3 at the meter
    "volume_of_wood": ("bulk_volume", ("bulk_volume",)),  # of one measure per another: Fm per rm
    "hs_per_hi": None,
    "hi_per_hs": None,
    "biofuel_share": None,  # of a fuel as it leaves the pump, by volume
}
_BASIS: Final = {"net_calorific_value": "Hi", "gross_calorific_value": "Hs"}
_NULLABLE: Final = ("area", "valid_from", "valid_to")  # both days null: undated


def load(folder: Path) -> pl.DataFrame:
    """Return the properties of fuels in `PROPERTY_SCHEMA`.

    Raises:
        CatalogueError: a table is not what it must be.
    """
    frame = table.editions(folder, PROPERTY_SCHEMA, required=("property_id", "value"))
    shipped = [kind.value for kind in Evidence if kind is not Evidence.CUSTOM]
    table.check(frame, list(rules(frame, evidence=shipped)))
    return table.typed(frame, PROPERTY_SCHEMA)


def extended(properties: pl.DataFrame, own: Sequence[Path]) -> pl.DataFrame:
    """Return the properties together with tables of own ones.

    Raises:
        CatalogueError: a table is not what it must be.
    """
    frames = [properties]
    for path in own:
        rows = table.completed(table.shipped(path), {}, tuple(PROPERTY_SCHEMA))
        frame = table.framed(rows, PROPERTY_SCHEMA)
        table.check(frame, list(rules(frame, evidence=[Evidence.CUSTOM])))
        frames.append(table.typed(frame, PROPERTY_SCHEMA))
    return pl.concat(frames)


def rules(frame: pl.DataFrame, *, evidence: Sequence[str]) -> Iterable[Rule]:
    """Yield what must hold for rows of properties.

    Args:
        frame: the columns of `PROPERTY_SCHEMA` as text, with `_file` and `_row`.
        evidence: the kinds of evidence such rows may have.
    """
    for name in PROPERTY_SCHEMA:
        if name not in _NULLABLE:
            yield Rule(name, pl.col(name).is_null(), "A value is required.")
    yield Rule("activity", ~pl.col("activity").is_in(list(activities())), "Not an activity.")
    yield Rule("kind", ~pl.col("kind").is_in(list(KINDS)), "Not a kind of property.")
    positive = gate.decimal_text("value") & ~pl.col("value").str.contains(r"^-|^0+(\.0+)?$")
    yield Rule("value", ~positive, "A positive decimal with a point is expected.")
    yield Rule("evidence", ~pl.col("evidence").is_in(list(evidence)), "Not a kind of evidence in use.")
    start, end = gate.iso_date("valid_from"), gate.iso_date("valid_to")
    is_open, is_undated = pl.col("valid_to").is_null(), pl.col("valid_from").is_null()
    in_order = (is_undated & is_open) | (start.is_not_null() & is_open) | (start < end).fill_null(value=False)
    yield Rule("valid_from", ~in_order, "A date before valid_to is expected.")
    yield Rule("property_id", pl.col("property_id").is_duplicated(), "The same property twice.")
    expected = pl.col("kind").replace_strict(_BASIS, default="none", return_dtype=pl.String)
    yield Rule("basis", pl.col("basis") != expected, "Does not belong to this kind of property.")
    triple = pl.concat_str("kind", "unit", "per_unit", separator=" ")
    pairs = frame.select("kind", "unit", "per_unit").unique().rows()
    wrong = [" ".join(pair) for pair in pairs if None not in pair and not _fits(*pair)]
    yield Rule("unit", triple.is_in(wrong), "The units do not fit the kind of property.")


def _fits(kind: str, unit: str, per_unit: str) -> bool:
    expected = KINDS.get(kind)
    if expected is None:
        return unit == per_unit == RATIO
    try:
        is_fit = units.dimension(unit) == expected[0] and units.dimension(per_unit) in expected[1]
    except UnitError:
        return False
    return is_fit and unit != per_unit


def potentials(folder: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the global warming potentials (`GWP_SCHEMA`) and the blends (blend, gas, share_percent).

    Raises:
        CatalogueError: a table is not what it must be.
    """
    settings = table.settings(folder)
    rows: list[table.Cells] = []
    for path in sorted(folder.glob("*.csv")):
        if path.stem != "blends":
            about = settings.get(path.stem, {})
            constants = {key: about.get(key) for key in ("source", "evidence")}
            rows += table.completed(table.shipped(path), constants, tuple(GWP_SCHEMA))
    gwp = table.framed(rows, GWP_SCHEMA)
    rules = [Rule(name, pl.col(name).is_null(), "A value is required.") for name in GWP_SCHEMA]
    rules += [
        Rule("gwp", ~pl.col("gwp").is_in(list(gate.GWP_SETS[:-1])), "Not a GWP set in use."),
        Rule("value", ~gate.decimal_text("value"), "A plain decimal with a point is expected."),
        Rule("gas", pl.struct("gwp", "gas").is_duplicated(), "The same gas twice in a set."),
    ]
    table.check(gwp, rules)
    return table.typed(gwp, GWP_SCHEMA), _blends(folder)


def _blends(folder: Path) -> pl.DataFrame:
    columns = ("blend", "gas", "share_percent")
    rows = table.completed(table.shipped(folder / "blends.csv", required=columns), {}, columns)
    blends = table.framed(rows, columns)
    decimal = gate.decimal_text("share_percent")
    share = pl.when(decimal).then(pl.col("share_percent")).cast(FACTOR_VALUE)
    rules = [
        Rule("share_percent", ~decimal, "A percentage is expected."),
        Rule("gas", pl.struct("blend", "gas").is_duplicated(), "The same gas twice in a blend."),
        Rule("blend", share.sum().over("blend") != 100, "The shares do not add up to 100."),  # noqa: PLR2004 - percent
    ]
    table.check(blends, rules)
    return blends.select("blend", "gas", share.alias("share_percent"))
