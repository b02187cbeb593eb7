"""A result as a data package: its frames, and a `datapackage.json` that says what their columns are.

Source: Frictionless Data, Data Package and Table Schema, version 1 (specs.frictionlessdata.io). `unit`,
`unitColumn`, `manifest` and `note` are properties of our own, which the specification allows.

    frames of the result ──► (name, frame) ──► one file each, its hash and its columns in datapackage.json
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, fields, is_dataclass
from typing import Any, Final

import polars as pl

from bilanz.messages import Language, heading, translate
from bilanz.result import Manifest, Result

DESCRIPTOR: Final = "datapackage.json"

TITLES: Final = {
    "lines": "Balance lines",
    "usage": "Quantities and costs",
    "exceptions": "Quantities in no total of a book",
    "superseded": "Quantities that gave way to others",
    "coverage": "Days known by source and month",
    "organisations": "Organisations",
    "batches": "Files imported",
    "factors": "Emission factors in use",
    "assumptions": "Assumptions made",
}
"""The frames of a result, in the order in which they are written."""

_UNITS: Final = {
    "days": "d",
    "days_measured": "d",
    "days_billed": "d",
    "days_estimated": "d",
    "co2e_kg": "kg CO2e",
}
_SUFFIXES: Final = {"_kg": "kg", "_t": "t", "_kwh": "kWh", "_mwh": "MWh", "_m2": "m2", "_m3": "m3"}
_UNIT_COLUMNS: Final = {"quantity": "unit", "cost_net": "currency", "value": "per_unit"}


def frames(result: Result) -> Iterator[tuple[str, pl.DataFrame]]:
    """Yield name and frame: those of the run, then the views that stand beside it."""
    for name in TITLES:
        yield name, getattr(result, name)
    yield from _views("beside", result.beside)


def _views(name: str, view: object) -> Iterator[tuple[str, pl.DataFrame]]:
    """Yield the frames of a view and of its parts; runs of other years have packages of their own."""
    if isinstance(view, pl.DataFrame):
        yield name, view
    elif is_dataclass(view) and not isinstance(view, type):
        for entry in fields(view):
            yield from _views(f"{name}_{entry.name}", getattr(view, entry.name))


def pinned(manifest: Manifest) -> dict[str, Any]:
    """Return the manifest without the time it was made at: the same numbers give the same bytes."""
    told = asdict(manifest)
    del told["created_at"]
    return told


def members(
    result: Result, language: Language, suffix: str, write: Callable[[pl.DataFrame], bytes]
) -> Iterator[tuple[str, bytes]]:
    """Yield the files of the package, the descriptor last: it holds the hashes of the others.

    Args:
        result: one run.
        language: of the titles.
        suffix: of the files, with its dot.
        write: frame → bytes.
    """
    resources = []
    for name, frame in frames(result):
        content = write(frame)
        resources.append(_resource(name, frame, language, suffix, content))
        yield f"{name}{suffix}", content
    told = {
        "profile": "data-package",
        "name": f"bilanz-{result.manifest.year}",
        "title": translate("Climate balance {year}", language, year=result.manifest.year),
        "manifest": pinned(result.manifest),
        "resources": resources,
    }
    yield DESCRIPTOR, (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()


def _resource(
    name: str, frame: pl.DataFrame, language: Language, suffix: str, content: bytes
) -> dict[str, Any]:
    """Return what the descriptor says about one file."""
    title = translate(TITLES[name], language) if name in TITLES else name
    form: dict[str, Any] = {"format": suffix.removeprefix(".")}
    if suffix == ".csv":
        note = "Text that a spreadsheet would take for a formula has an apostrophe before it."
        form |= {
            "mediatype": "text/csv",
            "encoding": "utf-8",
            "dialect": {"delimiter": ",", "lineTerminator": "\n", "doubleQuote": True},
            "note": translate(note, language),
        }
    return {
        "name": name.replace("_", "-"),
        "path": f"{name}{suffix}",
        "title": title,
        "profile": "tabular-data-resource",
        **form,
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "rows": frame.height,
        "schema": {
            "fields": [_field(column, frame, language) for column in frame.columns],
            "missingValues": [""],
        },
    }


def _field(column: str, frame: pl.DataFrame, language: Language) -> dict[str, Any]:
    """Return one column: name, type, title and unit. A unit that differs by row is named by its column."""
    told: dict[str, Any] = {
        "name": column,
        "type": _type(frame.schema[column]),
        "title": heading(column, language),
    }
    if unit := unit_of(column):
        told["unit"] = unit
    elif _UNIT_COLUMNS.get(column) in frame.columns:
        told["unitColumn"] = _UNIT_COLUMNS[column]
    return told


def unit_of(column: str) -> str | None:
    """Return the unit a column states in its name, or None."""
    named = (unit for suffix, unit in _SUFFIXES.items() if column.endswith(suffix))
    return _UNITS.get(column) or next(named, None)


def _type(kind: pl.DataType) -> str:
    """Return the type of Table Schema; nested values are written as JSON."""
    if kind.is_integer():
        return "integer"
    if kind.is_numeric():
        return "number"
    simple = {pl.Boolean: "boolean", pl.Date: "date", pl.List: "array", pl.Struct: "object"}
    if isinstance(kind, pl.Datetime):
        return "datetime"
    return simple.get(type(kind), "string")
