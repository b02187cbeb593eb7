"""Master data as they were at a moment: organisations, terms of sources, instruments, declarations, zone.

The manifest of a run does not name them. Their hash stands in the audit trail beside each calculation, and a
released period keeps them whole.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from bilanz.declared import APPORTIONMENT_SCHEMA, OVERLAP_SCHEMA, WEIGHT_SCHEMA, Declared
from bilanz.instrument import INSTRUMENT_SCHEMA
from bilanz.manifest import frame_hash
from bilanz.organisation import SOURCE_TERM_SCHEMA
from bilanz.result import ORGANISATION_SCHEMA

Schema = Mapping[str, pl.DataType | type[pl.DataType]]

ORGANISATIONS: Final[Schema] = {
    **ORGANISATION_SCHEMA,
    "population": pl.Int64,
    "floor_area_m2": pl.Decimal(18, 2),
    "staff": pl.Decimal(12, 2),
    "zone": pl.String,
}
"""Organisations with the figures in force; as the registry lends them."""

_SCHEMAS: Final[Mapping[str, Schema]] = {
    "organisations": ORGANISATIONS,
    "source_terms": SOURCE_TERM_SCHEMA,
    "instruments": INSTRUMENT_SCHEMA,
    "apportionments": APPORTIONMENT_SCHEMA,
    "weights": WEIGHT_SCHEMA,
    "overlaps": OVERLAP_SCHEMA,
}


@dataclass(frozen=True, slots=True)
class MasterData:
    """Master data a calculation depends on.

    Attributes:
        organisations: `ORGANISATIONS`.
        source_terms: `SOURCE_TERM_SCHEMA`.
        instruments: `INSTRUMENT_SCHEMA`.
        declared: how bills are spread and what overlaps.
        zone: IANA zone of organisations that state none.
    """

    organisations: pl.DataFrame
    source_terms: pl.DataFrame
    instruments: pl.DataFrame
    declared: Declared
    zone: str

    def hash(self) -> str:
        """Return the sha256 over all rows, whatever their order."""
        parts = (f"{name}:{frame_hash(frame)}" for name, frame in self._frames().items())
        text = "\n".join((*parts, f"zone:{self.zone}"))
        return hashlib.sha256(text.encode()).hexdigest()

    def as_json(self) -> dict[str, Any]:
        """Return the frames as columns of text, to be kept."""
        return {name: as_text(frame) for name, frame in self._frames().items()} | {"zone": self.zone}

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> "MasterData":
        """Return what was kept."""
        frames = {name: of_text(kept[name], schema) for name, schema in _SCHEMAS.items()}
        declared = Declared(*(frames.pop(name) for name in ("apportionments", "weights", "overlaps")))
        return cls(**frames, declared=declared, zone=kept["zone"])

    def _frames(self) -> dict[str, pl.DataFrame]:
        frames = {name: getattr(self if hasattr(self, name) else self.declared, name) for name in _SCHEMAS}
        return {name: _shaped(frame, _SCHEMAS[name]) for name, frame in frames.items()}


def _shaped(frame: pl.DataFrame, schema: Schema) -> pl.DataFrame:
    return frame.select(pl.col(name).cast(kind) for name, kind in schema.items())


def as_text(frame: pl.DataFrame) -> dict[str, list[str | None]]:
    """Return column → values as text; absent stays absent."""
    return frame.select(pl.all().cast(pl.String)).to_dict(as_series=False)


def of_text(columns: Mapping[str, list[str | None]], schema: Schema) -> pl.DataFrame:
    """Return the frame of `as_text` in its schema."""
    raw = pl.DataFrame({name: pl.Series(columns[name], dtype=pl.String) for name in schema})
    return raw.select(_typed(name, kind) for name, kind in schema.items())


def _typed(name: str, kind: pl.DataType | type[pl.DataType]) -> pl.Expr:
    if kind == pl.Boolean:
        return pl.col(name) == "true"
    if kind == pl.Date:
        return pl.col(name).str.to_date("%Y-%m-%d")
    if isinstance(kind, pl.Datetime):
        return pl.col(name).str.to_datetime(time_unit="us")
    return pl.col(name).cast(kind)


def text_of(kept: Mapping[str, Any]) -> str:
    """Return the one JSON text of what is kept."""
    return json.dumps(kept, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
