"""Own properties: a CSV of what a bill or a supplier states, row by row through the rules of shipped tables.

    gas bill: Zustandszahl 0.9512, Brennwert 11.432 kWh/m³
      ──► state_number 0.9512 m3n per m3, gross_calorific_value 11.432 kWh per m3n, of one area and period

A bad row is a value: it is quarantined with its line and reason. No figure is filled in.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from bilanz import units
from bilanz.activity import activities
from bilanz.activity import find as find_activity
from bilanz.factor import FACTOR_VALUE, PROPERTY_SCHEMA, Evidence
from bilanz.messages import Language, translate
from factors import gate, properties, table
from factors.custom import QUARANTINE_SCHEMA, RAGGED, comma_findings
from factors.table import ROW, Rule

REQUIRED: Final = ("activity", "kind", "valid_from", "value", "title")
COLUMNS: Final = (
    *REQUIRED, "area", "region", "valid_to", "unit", "per_unit", "basis", "publisher", "locator", "licence",
)  # fmt: skip
_SOURCE: Final = "custom"
_RANK: Final = "0"  # before everything that is shipped
_BASIS: Final = {"net_calorific_value": "Hi", "gross_calorific_value": "Hs"}
_UNITS: Final = {
    "state_number": ("m3n", "m3"),
    "hs_per_hi": ("1", "1"),
    "hi_per_hs": ("1", "1"),
    "biofuel_share": ("1", "1"),
}
_KINDS: Final = {
    "zustandszahl": "state_number",
    "brennwert": "gross_calorific_value",
    "heizwert": "net_calorific_value",
    "dichte": "density",
    "schüttdichte": "bulk_density",
}
_PLACE: Final = ("activity", "kind", "region", "area", "unit", "per_unit")

# Wide bounds: they catch swapped columns and a slipped point. A meter under a pressure of 4 bar has a state
# number of about 5; sewage gas holds about 6, propane about 28 kWh per standard cubic metre.
_STATE: Final = ("0.7", "6")
_KWH_PER_M3N: Final = ("1", "40")


@dataclass(frozen=True, slots=True)
class OwnProperties:
    """What one file of own properties gave.

    Attributes:
        properties: accepted rows in `PROPERTY_SCHEMA`, evidence custom.
        quarantined: findings in `QUARANTINE_SCHEMA`; a row may have several.
        rows: rows of the file below the header; rows = accepted + distinct quarantined rows.
    """

    edition: str
    properties: pl.DataFrame
    quarantined: pl.DataFrame
    rows: int

    def summary(self, language: Language = "en") -> dict[str, Any]:
        """Return the counts and reasons as a JSON object."""
        refused = self.quarantined.group_by("row", maintain_order=True).agg(pl.col("reason").first())
        kinds = self.properties.group_by("kind").len().sort("kind")
        return {
            "source": _SOURCE,
            "edition": self.edition,
            "rows": self.rows,
            "accepted": self.properties.height,
            "quarantined": [
                {"row": row, "reason": translate(reason, language)} for row, reason in refused.iter_rows()
            ],
            "kinds": dict(kinds.iter_rows()),
            "areas": sorted(self.properties.get_column("area").drop_nulls().unique()),
        }


def read(path: Path, *, region: str, known: pl.DataFrame) -> OwnProperties:
    """Read own properties.

    Args:
        path: UTF-8, comma or semicolon between fields; columns as in docs/factors.md.
        region: region of rows that state none.
        known: properties there already, in `PROPERTY_SCHEMA`: the same figure is not taken twice.

    Raises:
        FileRefused: the file is empty, no text, or lacks a required column.
    """
    text = table.received(path, required=REQUIRED, known=COLUMNS)
    edition = re.sub(r"[^a-z0-9]+", "_", path.stem.lower()).strip("_") or "own"
    rows = _filled(text, edition, region)
    found = pl.concat([comma_findings(rows), *_findings(rows, known)])
    accepted = rows.filter(~pl.col(ROW).is_in(found.get_column("row").implode()))
    torn = pl.DataFrame([(row, None, None, RAGGED) for row in text.ragged], QUARANTINE_SCHEMA, orient="row")
    return OwnProperties(
        edition=edition,
        properties=table.typed(accepted, PROPERTY_SCHEMA),
        quarantined=pl.concat([found, torn]).sort("row", maintain_order=True),
        rows=rows.height + len(text.ragged),
    )


def save(rows: pl.DataFrame, path: Path) -> None:
    """Write accepted own properties in the form `factors.base.catalogue` reads as an extra table."""
    table.save(rows.select(list(PROPERTY_SCHEMA)), path)


def _filled(text: table.Table, edition: str, region: str) -> pl.DataFrame:
    """Return all columns of `PROPERTY_SCHEMA`: names become codes; a kind with one unit needs none stated."""
    rows = table.framed(table.completed(text, {}, tuple(PROPERTY_SCHEMA)), PROPERTY_SCHEMA)
    kind = pl.col("kind")
    named = [_coded(rows, "activity", find_activity), _coded(rows, "kind", _kind)]
    stated = [*named, *(_coded(rows, name, _unit) for name in _MEASURES)]
    rows = rows.with_columns(stated).with_columns(
        unit=pl.coalesce("unit", kind.replace_strict(_default(0), default=None, return_dtype=pl.String)),
        per_unit=pl.coalesce(
            "per_unit", kind.replace_strict(_default(1), default=None, return_dtype=pl.String)
        ),
        basis=pl.coalesce("basis", kind.replace_strict(_BASIS, default="none", return_dtype=pl.String)),
        region=pl.coalesce("region", pl.lit(region)),
        publisher=pl.coalesce("publisher", pl.lit("–")),
        licence=pl.coalesce("licence", pl.lit("–")),
        locator=pl.coalesce("locator", pl.format("{}, row {}", pl.lit(text.name), ROW)),
        source=pl.lit(_SOURCE),
        edition=pl.lit(edition),
        evidence=pl.lit(Evidence.CUSTOM.value),
        rank=pl.lit(_RANK),
    )
    key = ("activity", "kind", "per_unit", "basis", "region", "area", "valid_from")
    made = pl.concat_str([pl.col(name).fill_null("") for name in key], separator=":")
    return rows.with_columns(property_id=pl.lit(f"{_SOURCE}:{edition}:") + made)


_MEASURES: Final = ("unit", "per_unit")


def _default(place: int) -> dict[str, str]:
    return {kind: pair[place] for kind, pair in _UNITS.items()}


def _kind(name: str) -> str | None:
    return _KINDS.get(name.casefold())


def _unit(spelling: str) -> str | None:
    found = units.find(spelling)
    return found.unit if found else None


def _coded(rows: pl.DataFrame, column: str, find: Callable[[str], str | None]) -> pl.Expr:
    """Return a column with the codes of its names; what is not known stays and is refused by a rule."""
    names = rows.get_column(column).drop_nulls().unique()
    return pl.col(column).replace({name: find(name) or name for name in names})


def _findings(rows: pl.DataFrame, known: pl.DataFrame) -> Iterable[pl.DataFrame]:
    """Yield the findings of every rule, in the order of the rules."""
    shared = properties.rules(rows, evidence=[Evidence.CUSTOM.value])
    for rule in (*shared, *_rules(), *_repeated(known)):
        broken = rows.filter(rule.broken.fill_null(value=False))
        yield broken.select(
            pl.col(ROW).cast(pl.Int64).alias("row"),
            pl.lit(rule.column).alias("column"),
            pl.col(rule.column).alias("value"),
            pl.lit(rule.reason).alias("reason"),
        )


def _rules() -> Iterable[Rule]:
    """Yield what must hold for own rows besides: they are dated, and plausible for a gas."""
    yield Rule("valid_from", pl.col("valid_from").is_null(), "A date such as 2024-01-01 is expected.")
    gases = [code for code, entry in activities().items() if "norm_volume" in entry.dimensions]
    is_gas, kind = pl.col("activity").is_in(gases), pl.col("kind")
    number = pl.when(gate.decimal_text("value")).then(pl.col("value")).cast(FACTOR_VALUE)
    state = kind == "state_number"
    yield Rule("activity", state & ~is_gas, "Only a gas has a state number.")
    low, high = (pl.lit(bound).cast(FACTOR_VALUE) for bound in _STATE)
    yield Rule("value", state & ~number.is_between(low, high), "Implausible for a state number (about 0.95).")
    gross = (kind == "gross_calorific_value") & is_gas
    reason = "The calorific value of a gas bill is per standard cubic metre: state m3n."
    yield Rule("per_unit", gross & (pl.col("per_unit") == "m3"), reason)
    in_kwh = gross & (pl.col("unit") == "kWh") & (pl.col("per_unit") == "m3n")
    low, high = (pl.lit(bound).cast(FACTOR_VALUE) for bound in _KWH_PER_M3N)
    yield Rule("value", in_kwh & ~number.is_between(low, high), "Implausible for a gas (about 11 kWh/m3n).")
    misfits = [
        (pl.col("activity") == code) & ~pl.col("per_unit").is_in(_units_of(entry.dimensions))
        for code, entry in activities().items()
    ]
    ratio = pl.col("per_unit") == properties.RATIO
    yield Rule("per_unit", pl.any_horizontal(misfits) & ~ratio, "Not a unit this activity is measured in.")


def _units_of(dimensions: tuple[str, ...]) -> list[str]:
    return [code for code, unit in units.units().items() if unit.kind in dimensions]


def _repeated(known: pl.DataFrame) -> Iterable[Rule]:
    """Yield that no two values hold at one place on one day, in the file or beside those there already."""
    start = gate.iso_date("valid_from")
    end = gate.iso_date("valid_to").fill_null(pl.date(9999, 1, 1))
    place = [pl.col(name).fill_null("") for name in _PLACE]
    before = end.cum_max().shift(1).over(place, order_by=start)
    after = start.shift(-1).over(place, order_by=start)
    reason = "Another value of the same place holds on some of these days."
    yield Rule("valid_from", (start < before) | (after < end), reason)
    held = known.filter(pl.col("evidence") == Evidence.CUSTOM.value)
    for row in held.iter_rows(named=True):
        same = pl.all_horizontal(pl.col(name).eq_missing(pl.lit(row[name])) for name in _PLACE)
        until = pl.lit(row["valid_to"]) if row["valid_to"] else pl.date(9999, 1, 1)
        yield Rule("valid_from", same & (start < until) & (end > pl.lit(row["valid_from"])), reason)
