"""Exact tables as CSV: the same frame gives the same bytes, and no digit is lost on the way back.

UTF-8, comma, line feed, a full stop before decimals, no trailing zeros; absent is empty, an empty text is "".
Text that a spreadsheet would take for a formula has an apostrophe before it, and keeps it.
"""

from collections.abc import Mapping
from typing import Final

import polars as pl

from bilanz.errors import Refused

Schema = Mapping[str, pl.DataType | type[pl.DataType]]

NOTE: Final = "Text that a spreadsheet would take for a formula has an apostrophe before it."
_FORMULA: Final = r"^([=+\-@\t\r])"


def as_csv(frame: pl.DataFrame) -> bytes:
    """Return a frame as CSV. Lists are no cells: none is there."""
    told = [_text(name, kind) for name, kind in frame.schema.items()]
    return frame.select(told).write_csv(line_terminator="\n").encode()


def _text(name: str, kind: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if isinstance(kind, pl.Decimal) and kind.scale:
        return column.cast(pl.String).str.strip_chars_end("0").str.strip_chars_end(".")
    return column.str.replace(_FORMULA, "'$1") if kind == pl.String else column


def of_csv(content: bytes, schema: Schema, name: str) -> pl.DataFrame:
    """Return the frame of a file of `as_csv`.

    Args:
        content: of the file.
        schema: its columns.
        name: of the file, for the message.

    Raises:
        Refused: it has other columns, or a cell is not what its column holds.
    """
    try:
        raw = pl.read_csv(content, infer_schema=False, raise_if_empty=False)
    except (pl.exceptions.PolarsError, UnicodeDecodeError) as error:
        raise broken(name, str(error).splitlines()[0]) from None
    if raw.columns != list(schema):
        raise broken(name, ", ".join(raw.columns))
    try:
        return raw.select(_value(column, kind) for column, kind in schema.items())
    except pl.exceptions.PolarsError as error:
        raise broken(name, str(error).splitlines()[0]) from None


def _value(name: str, kind: pl.DataType | type[pl.DataType]) -> pl.Expr:
    column = pl.col(name)
    if kind == pl.Boolean:
        return column.replace_strict({"true": True, "false": False}, return_dtype=pl.Boolean)
    return column.str.to_date("%Y-%m-%d") if kind == pl.Date else column.cast(kind)


def known_sum(name: str) -> pl.Expr:
    """Return the sum of what is known of a column; null, not zero, where nothing is."""
    return pl.when(pl.col(name).is_not_null().any()).then(pl.col(name).sum()).alias(name)


def is_canonical(content: bytes, frame: pl.DataFrame) -> bool:
    """Tell whether a file is what its frame is written as: no digit beyond, no spelling of its own."""
    return as_csv(frame) == content


def broken(name: str, reason: str) -> Refused:
    """Return the refusal of a file that is not what it must be."""
    message = "{file} is not the table it must be: {reason}."
    return Refused(message, code="bundle_broken", file=name, reason=reason)
