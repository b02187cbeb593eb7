"""The conventions of data quality as shipped: weights, classes, pedigree factors, proposals.

data/quality/<table>_<edition>.csv   the figures
data/quality/source.toml             [<table>.<edition>]: where they come from and how well that is known

They are in no factor release: no number of a balance rests on them.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import polars as pl

from bilanz.errors import CatalogueError
from bilanz.quality import (
    CLASS_SCHEMA,
    ORIGIN,
    PEDIGREE_SCHEMA,
    PROPOSAL_SCHEMA,
    WEIGHT_SCHEMA,
    Standing,
)
from factors import table

_STANDINGS: Final = frozenset(standing.value for standing in Standing)


@dataclass(frozen=True, slots=True)
class Scales:
    """The conventions, each in the schema of `bilanz.quality`."""

    weights: pl.DataFrame
    classes: pl.DataFrame
    pedigree: pl.DataFrame
    proposals: pl.DataFrame


@cache
def scales() -> Scales:
    """Return the shipped conventions."""
    return load(table.DATA / "quality")


def load(folder: Path) -> Scales:
    """Return the conventions below a folder.

    Raises:
        CatalogueError: a table or its standing is missing, or a column is unknown.
    """
    return Scales(
        weights=_table(folder, "weights", WEIGHT_SCHEMA),
        classes=_table(folder, "classes", CLASS_SCHEMA),
        pedigree=_table(folder, "pedigree", PEDIGREE_SCHEMA),
        proposals=_table(folder, "proposals", PROPOSAL_SCHEMA),
    )


def _table(folder: Path, name: str, schema: dict[str, pl.DataType | type[pl.DataType]]) -> pl.DataFrame:
    """Return all editions of one table."""
    stated = table.settings(folder).get(name, {})
    rows: list[table.Cells] = []
    for edition, about in stated.items():
        constants = {key: about.get(key) for key in ORIGIN} | {"edition": edition}
        if constants["standing"] not in _STANDINGS:
            message = '{file}: the standing of "{name}" is none of {known}.'
            raise CatalogueError(message, file=folder.name, name=name, known=", ".join(sorted(_STANDINGS)))
        rows += table.completed(table.shipped(folder / f"{name}_{edition}.csv"), constants, tuple(schema))
    if not rows:
        raise CatalogueError('{file}: the table "{name}" is missing.', file=folder.name, name=name)
    return table.typed(table.framed(rows, schema), schema)
