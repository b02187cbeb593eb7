"""A territory by GPC 1.1: lines of a run under reference numbers, a number or a notation key in each row.

    lines of the territory ──► details    sector, use and activity → ref; what fits nowhere keeps its reason
    details + declared keys ──► inventory  one row per ref: value, key, missing, or both (a contradiction)

No key is ever guessed: a row without a number and without a declared key is missing.
"""

import tomllib
from pathlib import Path
from typing import Any, Final, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bilanz.activity import activities
from bilanz.errors import CatalogueError
from bilanz.records import QUANTITY, Role
from bilanz.result import LINE_SCHEMA, MASS
from bilanz.slices import QuantityLost
from bilanz.territorial import TerritoryMethod
from bilanz.territory import attributed, with_use

_TYPE = pl.DataType | type[pl.DataType]

KEY_SCHEMA: Final[dict[str, _TYPE]] = {
    "organisation": pl.String,
    "ref": pl.String,
    "key": pl.String,  # NO, NE, IE, C
    "explanation": pl.String,
}

INVENTORY_SCHEMA: Final[dict[str, _TYPE]] = {
    "organisation": pl.String,
    "sub_sector": pl.String,
    "de": pl.String,
    "en": pl.String,
    "ref": pl.String,
    "scope": pl.String,
    "level": pl.String,  # BASIC, BASIC+; territorial and other: in no total
    "state": pl.String,  # value, key, missing, contradiction (a value and a key)
    "co2e_kg": MASS,
    "key": pl.String,
    "explanation": pl.String,
}

DETAIL_SCHEMA: Final[dict[str, _TYPE]] = {
    "organisation": pl.String,
    "ref": pl.String,  # null: under none
    "reason": pl.String,  # why there is none: upstream, no_sub_sector, sector_unstated
    "sector": pl.String,
    "use": pl.String,
    "scope": pl.String,
    "activity": pl.String,
    "unit": pl.String,
    "basis": pl.String,
    "quantity": QUANTITY,
    "grade": pl.String,  # of the data
    "factors": pl.String,  # identifiers, one a line
    "co2_kg": MASS,  # kg CO2e by gas, null: told apart by no factor; CO2e only is in `co2e_kg` alone
    "ch4_kg": MASS,
    "n2o_kg": MASS,
    "co2e_kg": MASS,
    "biogenic_kg": MASS,
}

_SCOPES: Final = ("1", "2", "3")
_OUTSIDE: Final = "outside"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Ref(_Model):
    """One row of an inventory."""

    ref: str
    scope: Literal["1", "2", "3"]
    level: Literal["BASIC", "BASIC+", "territorial", "other"]


class SubSector(_Model):
    """One sub-sector with its rows."""

    code: str
    de: str
    en: str
    refs: tuple[Ref, ...]


class LineRule(_Model):
    """Which lines stand under a sub-sector; an empty list of sectors or activities: all."""

    sub_sector: str
    uses: tuple[str, ...]
    sectors: tuple[str, ...] = ()
    activities: tuple[str, ...] = ()

    def fits(self, sector: str, use: str | None, activity: str) -> bool:
        """Return whether a line stands here."""
        return (
            use in self.uses
            and (not self.sectors or sector in self.sectors)
            and (not self.activities or activity in self.activities)
        )


class Inventory(_Model):
    """The references and rules, read from one file."""

    book: str
    version: str
    keys: tuple[str, ...]
    rules: tuple[LineRule, ...] = Field(alias="line")
    sub_sectors: tuple[SubSector, ...] = Field(alias="sub_sector")

    @model_validator(mode="after")
    def _known(self) -> "Inventory":
        """Every rule names a sub-sector and activities there are; every ref stands once."""
        codes = {entry.code for entry in self.sub_sectors}
        refs = self.refs
        strange = {rule.sub_sector for rule in self.rules} - codes
        strange |= {code for rule in self.rules for code in rule.activities} - set(activities())
        if strange or len(refs) != len(set(refs)):
            message = f"unknown {sorted(strange)}, or a reference stands twice"
            raise ValueError(message)
        return self

    @property
    def refs(self) -> list[str]:
        """Return every reference number, in order."""
        return [row.ref for entry in self.sub_sectors for row in entry.refs]

    def place(
        self, sector: str | None, use: str | None, activity: str, scope: str
    ) -> tuple[str | None, str | None]:
        """Return (ref, None), or (None, why there is none)."""
        if scope == "3":
            return None, "upstream"
        if sector is None:
            return None, "sector_unstated"
        rule = next((rule for rule in self.rules if rule.fits(sector, use, activity)), None)
        ref = None if rule is None else f"{rule.sub_sector}.{scope}"
        return (ref, None) if ref in self.refs else (None, "no_sub_sector")


def read(path: Path) -> Inventory:
    """Read the references.

    Raises:
        CatalogueError: the file does not hold them.
    """
    try:
        return Inventory.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (ValidationError, tomllib.TOMLDecodeError) as error:
        message = "{file} holds no references of an inventory: {reason}"
        raise CatalogueError(message, file=path.name, reason=str(error)) from error


def details(
    lines: pl.DataFrame, records: pl.DataFrame, method: TerritoryMethod, references: Inventory
) -> pl.DataFrame:
    """Return the lines of territories under their refs: scopes 1 to 3, biogenic CO2 beside them.

    Args:
        lines: of the book of the references and the territories alone, `LINE_SCHEMA`.
        records: what the records of the territories say, `RECORD_SCHEMA`.
        method: carriers and uses.
        references: refs and rules.

    Shape: `DETAIL_SCHEMA`.

    Raises:
        QuantityLost: the details do not add up to the lines (a defect).
    """
    with_biogenic = _groups(lines, records, method)
    places = [
        references.place(sector, use, activity, scope)
        for sector, use, activity, scope in with_biogenic.select(
            "sector", "use", "activity", "scope"
        ).iter_rows()
    ]
    return (
        with_biogenic.with_columns(
            pl.Series("ref", [ref for ref, _ in places], dtype=pl.String),
            pl.Series("reason", [reason for _, reason in places], dtype=pl.String),
        )
        .select(pl.col(name).cast(kind) for name, kind in DETAIL_SCHEMA.items())
        .sort("organisation", "ref", "activity", "sector", "unit", "basis", "scope", nulls_last=True)
    )


def _groups(lines: pl.DataFrame, records: pl.DataFrame, method: TerritoryMethod) -> pl.DataFrame:
    """Return lines summed by sector, use, activity, unit and scope, with biogenic CO2 beside scope 1."""
    own = [Role.CONSUMED.value, Role.DELIVERED.value]
    told = lines.select(list(LINE_SCHEMA)).filter(
        pl.col("role").is_in(own), pl.col("scope").is_in([*_SCOPES, _OUTSIDE])
    )
    placed = attributed(told.rename({"grade": "match"}), records)
    carriers = [code for code, entry in activities().items() if entry.carrier]
    no_energy = placed.filter(~pl.col("activity").is_in(carriers))  # waste, processes: of no use of energy
    rows = pl.concat([with_use(placed, method), no_energy], how="diagonal")
    keys = ("organisation", "sector", "use", "activity", "unit", "basis", "grade")
    biogenic = (
        rows.filter(pl.col("scope") == _OUTSIDE)
        .group_by(keys)
        .agg(pl.col("mass_kg").sum().alias("biogenic_kg"))
    )
    counted = rows.filter(pl.col("scope") != _OUTSIDE)
    groups = counted.group_by(*keys, "scope").agg(
        pl.col("quantity").filter(pl.col("is_lead")).cast(pl.Decimal(38, 6)).sum(),
        pl.col("factor_id").drop_nulls().unique().sort().str.join("\n").alias("factors"),
        _of(pl.col("gas") == "CO2").alias("co2_kg"),
        _of(pl.col("gas").str.starts_with("CH4")).alias("ch4_kg"),
        _of(pl.col("gas") == "N2O").alias("n2o_kg"),
        pl.col("co2e_kg").sum(),
    )
    whole = told.filter(pl.col("scope") != _OUTSIDE)["co2e_kg"].sum()
    if groups["co2e_kg"].sum() != whole:
        raise QuantityLost("{counted} became other sums", counted=whole)
    return groups.join(
        biogenic.with_columns(scope=pl.lit("1")),
        on=[*keys, "scope"],
        how="full",
        nulls_equal=True,
        coalesce=True,
    )


def _of(is_gas: pl.Expr) -> pl.Expr:
    """Return the kg CO2e of a gas; null, not zero, where no line states it."""
    known = pl.col("co2e_kg").filter(is_gas).drop_nulls()
    return pl.when(known.len() > 0).then(known.sum())


def inventory(
    found: pl.DataFrame, keys: pl.DataFrame, references: Inventory, organisations: list[str]
) -> pl.DataFrame:
    """Return one row per territory and ref.

    Args:
        found: `DETAIL_SCHEMA`.
        keys: declared notation keys of the year, `KEY_SCHEMA`.
        references: refs and rules.
        organisations: the territories.

    Shape: `INVENTORY_SCHEMA`. Where nothing but zeros stands under a ref there is no number: whether it
    does not occur is for a key to say.
    """
    sums = (
        found.filter(pl.col("ref").is_not_null(), (pl.col("quantity") != 0) | (pl.col("co2e_kg") != 0))
        .group_by("organisation", "ref")
        .agg(pl.col("co2e_kg").sum())
    )
    values = {(unit, ref): mass for unit, ref, mass in sums.iter_rows()}
    declared = {(row["organisation"], row["ref"]): row for row in keys.iter_rows(named=True)}
    rows = [
        _row(unit, entry, ref, values.get((unit, ref.ref)), declared.get((unit, ref.ref)))
        for unit in organisations
        for entry in references.sub_sectors
        for ref in entry.refs
    ]
    return pl.DataFrame(rows, schema=INVENTORY_SCHEMA, orient="row")


def _row(unit: str, entry: SubSector, ref: Ref, mass: Any, key: dict[str, Any] | None) -> dict[str, Any]:  # noqa: ANN401 - a Decimal or None
    states = {
        (True, True): "contradiction",
        (True, False): "value",
        (False, True): "key",
        (False, False): "missing",
    }
    return {
        "organisation": unit,
        "sub_sector": entry.code,
        "de": entry.de,
        "en": entry.en,
        "ref": ref.ref,
        "scope": ref.scope,
        "level": ref.level,
        "state": states[mass is not None, key is not None],
        "co2e_kg": mass,
        "key": key and key["key"],
        "explanation": key and key["explanation"],
    }
