"""The accepted rows in the shape of the store."""

from collections.abc import Mapping

import polars as pl

from bilanz.records import ACTIVITY_SCHEMA, Direction
from importers.upload.findings import ROW
from importers.upload.vocabulary import DIRECTION_OF_ROLE


def with_direction(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with the `direction` their role gives; without a role it is consumption."""
    names = {str(role): str(direction) for role, direction in DIRECTION_OF_ROLE.items()}
    direction = pl.col("role_code").replace_strict(names, default=str(Direction.CONSUMPTION))
    return rows.with_columns(direction=direction)


def json_object(columns: Mapping[str, pl.Expr]) -> pl.Expr:
    """Return a JSON object of the columns that are not null, as text; null where all are."""
    members = [
        pl.when(value.is_not_null()).then(
            pl.struct(value.cast(pl.String).alias(name))
            .struct.json_encode()
            .str.strip_chars_start("{")
            .str.head(-1)
        )
        for name, value in columns.items()
    ]
    inside = pl.concat_str(members, separator=",", ignore_nulls=True)
    return pl.when(inside != "").then(pl.concat_str([pl.lit("{"), inside, pl.lit("}")]))


def activity_records(rows: pl.DataFrame, given: Mapping[str, pl.Expr]) -> pl.DataFrame:
    """Return rows in `ACTIVITY_SCHEMA`, in file order.

    Args:
        rows: accepted rows with `__row`.
        given: column of the schema → expression; what is not given is null.
    """
    columns = {"source_row": pl.col(ROW), **given}
    return rows.sort(ROW).select(
        columns.get(name, pl.lit(None)).cast(dtype).alias(name) for name, dtype in ACTIVITY_SCHEMA.items()
    )
