"""Meter entries of ENERGY STAR Portfolio Manager: columns, meter types, whether an end date is included."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

import polars as pl

from bilanz import activity, units
from bilanz.records import Basis, Quality, Role
from importers.columns.headers import Field, Match, match
from importers.portfolio.carriers import find, irrelevance, is_irrelevant
from importers.tables.made import with_column
from importers.upload.findings import Findings
from importers.upload.table import Table
from importers.upload.words import looked_up

_SPELLINGS: Final[dict[str, tuple[str, ...]]] = {
    "property_id": ("portfolio manager id", "portfolio manager property id", "property id"),
    "property_name": ("property name",),
    "meter_id": ("portfolio manager meter id", "meter id"),
    "meter_name": ("meter name",),
    "type": ("meter type",),
    "start": ("start date",),
    "end": ("end date",),
    "delivery": ("delivery date",),
    "quantity": ("usage/quantity", "usage quantity", "usage", "quantity"),
    "unit": ("usage units", "usage/quantity units", "units"),
    "cost_net": ("cost ($)", "cost"),
    "estimated": ("estimation?", "estimation", "estimated value", "estimated"),
    "entry": ("meter consumption id",),
}
REQUIRED: Final = ("type", "quantity", "unit")
_YES: Final = ("yes", "y", "true", "1", "ja")


@cache
def _fields() -> tuple[Field, ...]:
    return tuple(Field(name, names) for name, names in _SPELLINGS.items())


def columns_of(header: Sequence[str]) -> Match:
    """Hold a header against the columns of meter entries."""
    return match(header, _fields())


def is_meter_table(found: Match) -> bool:
    """Return whether a header is that of meter entries."""
    has = set(found.positions)
    names = {"meter_id", "meter_name"} & has
    return set(REQUIRED) <= has and bool(names) and ({"start", "end"} <= has or "delivery" in has)


def apart(table: Table, place: int, findings: Findings) -> pl.Series:
    """Return which rows are of meters the balance wants; the others are said."""
    text = pl.col(str(place))
    names = table.frame[str(place)].drop_nulls().unique()
    aside = [name for name in names if is_irrelevant(name)]
    rows = table.frame.filter(text.is_in(aside))
    findings.flag(rows, "not_relevant", table.header[place], text, reason=irrelevance())
    return table.frame.select((~text.is_in(aside)).fill_null(value=True).alias("x"))["x"]


_MADE_OF: Final = {"activity": "type", "role": "type", "basis": "unit", "quality": "estimated"}


def with_meaning(table: Table, found: Match) -> tuple[Table, dict[str, int]]:
    """Return the table with the codes of its meter types, and field → position of what was found."""
    at = found.positions
    kind, unit = str(at["type"]), str(at["unit"])
    code = pl.coalesce(looked_up(table.frame, kind, _activity), kind)
    role = looked_up(table.frame, kind, _role)
    is_fuel = (looked_up(table.frame, kind, _needs_basis) == "yes") & (
        looked_up(table.frame, unit, _kind) == "energy"
    )
    basis = pl.when(is_fuel).then(pl.lit(str(Basis.HS)))
    texts = {"activity": code, "role": role, "basis": basis}
    if "estimated" in at:
        is_estimated = pl.col(str(at["estimated"])).str.to_lowercase().is_in(_YES).fill_null(value=False)
        estimated, billed = (pl.lit(str(entry)) for entry in (Quality.ESTIMATED, Quality.BILLED))
        texts["quality"] = pl.when(is_estimated).then(estimated).otherwise(billed)
    places: dict[str, int] = {}
    for name, text in texts.items():
        title = found.title(_MADE_OF[name])
        table, places[name] = with_column(table, title, table.frame.select(text.alias("x"))["x"])
    return table, places


def ends_are_starts(table: Table, at: Mapping[str, int]) -> bool:
    """Return whether the end of an entry is the start of the next one of its meter, so not included."""
    meter = "meter_id" if "meter_id" in at else "meter_name"
    columns = {name: pl.col(str(at[name])) for name in ("start", "end")}
    rows = table.frame.select(pl.col(str(at[meter])).alias("meter"), **columns).drop_nulls()
    rows = rows.filter(pl.col("start") != pl.col("end"))
    return bool(rows.join(rows, left_on=["meter", "end"], right_on=["meter", "start"], how="semi").height)


def _activity(name: str) -> str | None:
    found = find(name)
    return found.activity if found else None


def _role(name: str) -> str | None:
    found = find(name)
    return str(Role.GENERATED) if found and found.is_generated else None


def _needs_basis(name: str) -> str | None:
    found = find(name)
    return "yes" if found and activity.activity(found.activity).needs_basis else None


def _kind(text: str) -> str | None:
    found = units.find(text)
    return units.unit(found.unit).kind if found else None
