"""`datapackage.json`: what the columns of published tables are.

Source: Frictionless Data, Data Package and Table Schema, version 1 (specs.frictionlessdata.io).
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import polars as pl

from bilanz.league.table import NOTE, as_csv

DESCRIPTOR: Final = "datapackage.json"

TITLES: Final = {
    "balance": "Balance lines at the published grain",
    "factors": "Emission factors named in the balance",
    "potentials": "Global warming potentials",
    "conversions": "Conversions from units of quantities to those of factors",
    "controls": "Control sums by book and scope",
    "organisations": "Organisations of the member",
    "denominators": "Inhabitants, areas and staff with their sources",
    "indicators": "Ratios of the member",
    "exceptions": "Quantities without a number in the balance",
    "deliveries": "Deliveries to and from other members",
    "delivered": "Lines of the member these deliveries speak of",
    "territory": "Final energy of territories",
    "effects": "Effects of projects of the fund",
    "findings": "What meters of projects of the fund came to, or why to nothing",
    "members": "Members of the league",
    "totals": "Balance of members and league by book and scope",
    "groups": "Balance of the league by category and activity",
    "ratios": "Ratios of members and league",
    "mismatches": "What differs between the bundles",
    "left_out": "Organisations that count in another bundle",
    "differences": "What later bundles changed",
}
"""Table → title."""

_SUFFIXES: Final = {"_kg": "kg CO2e", "_kwh": "kWh"}
_UNITS: Final = {"mass_kg": "kg of the gas", "value": None}


def tables(frames: Mapping[str, pl.DataFrame]) -> Iterator[tuple[str, bytes, dict[str, Any]]]:
    """Yield file, bytes and description of each table."""
    for name, frame in frames.items():
        content = as_csv(frame)
        yield f"{name}.csv", content, resource(name, frame, content)


def descriptor(
    resources: list[dict[str, Any]],
    *,
    name: str,
    title: str,
    licence: Mapping[str, str],
    publisher: str,
    created: str,
) -> bytes:
    """Return `datapackage.json`; see `package`."""
    told = package(resources, name=name, title=title, licence=licence, publisher=publisher, created=created)
    return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()


def package(
    resources: list[dict[str, Any]],
    *,
    name: str,
    title: str,
    licence: Mapping[str, str],
    publisher: str,
    created: str,
) -> dict[str, Any]:
    """Return what `datapackage.json` holds.

    Args:
        resources: descriptions of the tables.
        name: of the package, in lower case.
        title: of the package.
        licence: `name` and `path` (address of the licence).
        publisher: whoever publishes.
        created: UTC, ISO 8601.
    """
    return {
        "profile": "data-package",
        "name": name,
        "title": title,
        "created": created,
        "licenses": [dict(licence)],
        "contributors": [{"title": publisher, "role": "publisher"}],
        "resources": resources,
    }


def resource(name: str, frame: pl.DataFrame, content: bytes) -> dict[str, Any]:
    """Return the description of a table: its frame, and the bytes of its file."""
    return {
        "name": name.replace("_", "-"),
        "path": f"{name}.csv",
        "title": TITLES[name],
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"delimiter": ",", "lineTerminator": "\n", "doubleQuote": True},
        "note": NOTE,
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "rows": frame.height,
        "schema": {
            "fields": [_field(column, kind, frame) for column, kind in frame.schema.items()],
            "missingValues": [""],
        },
    }


def _field(name: str, kind: pl.DataType, frame: pl.DataFrame) -> dict[str, Any]:
    told: dict[str, Any] = {"name": name, "type": _type(kind)}
    unit = _UNITS.get(name) or next((unit for end, unit in _SUFFIXES.items() if name.endswith(end)), None)
    if unit:
        told["unit"] = unit
    elif name.endswith("quantity") and "unit" in frame.columns:
        told["unitColumn"] = "unit"
    return told


def _type(kind: pl.DataType) -> str:
    """Return the type of Table Schema."""
    if kind.is_integer():
        return "integer"
    if kind.is_numeric():
        return "number"
    return {pl.Boolean: "boolean", pl.Date: "date"}.get(type(kind), "string")
