"""A column whose empty cells are filled from another one that states the same quantity, with its unit."""

from dataclasses import replace

import polars as pl

from importers.columns import numbers
from importers.tables.layout import ValueColumn
from importers.upload.table import OWN, Table


def is_empty(place: int) -> pl.Expr:
    """Return whether the cell of a column states nothing."""
    return numbers.is_blank(pl.col(str(place)))


def filled_from(table: Table, value: ValueColumn, other: int, unit: str) -> tuple[Table, ValueColumn]:
    """Return the table with the empty cells of a column filled, and the column with that of its units.

    Args:
        table: of the file.
        value: the column that counts.
        other: position of the one that stands in.
        unit: of the other.
    """
    place = value.places.get("unit", len(table.header))
    name, frame, header = str(place), table.frame, table.header
    if name not in frame.columns:
        frame = frame.with_columns(pl.lit(None, dtype=pl.String).alias(name))
        header = (*header, f"{OWN} unit")
    quantity, empty = str(value.place), is_empty(value.place) & ~is_empty(other)
    typed = table.typed
    if typed is not None:
        both = frame.select(empty.alias("e"))["e"]
        typed = typed.with_columns(
            pl.when(both).then(typed[str(other)]).otherwise(pl.col(quantity)).alias(quantity),
            pl.lit(value=False).alias(name),
        )
    frame = frame.with_columns(
        pl.when(empty).then(pl.lit(unit)).otherwise(pl.col(name)).alias(name),
        pl.when(empty).then(pl.col(str(other))).otherwise(pl.col(quantity)).alias(quantity),
    )
    filled = replace(table, header=header, frame=frame, typed=typed)
    return filled, replace(value, places={**value.places, "unit": place})
