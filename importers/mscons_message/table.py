"""Segments as one table: every segment a row, the components a metering message uses its columns.

tag   a      a2            a3    b              b2   c
UNH   1                          MSCONS         D          reference, type
LOC   172                        DE0001…                   metering point
PIA   5                          1-1:1.29.0     SRW        OBIS code
QTY   220    36.300        KWH                             qualifier, value, unit
DTM   163    201912140000  303                             begin, format
"""

from collections.abc import Callable, Iterable
from typing import Final

import polars as pl

from importers.formats.edifact import Segment
from importers.interval.findings import ROW

_TEXTS: Final = {"tag": pl.String, "a": pl.String, "a2": pl.String, "a3": pl.String}
_BLOCK: Final = 50_000
SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    ROW: pl.Int64,
    **_TEXTS,
    "b": pl.String,
    "c": pl.String,
}


def tabulate(segments: Iterable[Segment], tell: Callable[[int], None]) -> pl.DataFrame:
    """Return `SCHEMA`, a row per segment in the order of the file; "" where a component is missing.

    Args:
        segments: of the file.
        tell: called with the number of segments so far, now and then.
    """
    blocks: list[pl.DataFrame] = []
    rows: list[tuple[int, str, str, str, str, str, str]] = []
    for segment in segments:
        rows.append(_row(segment))
        if len(rows) == _BLOCK:
            blocks.append(pl.DataFrame(rows, schema=SCHEMA, orient="row"))
            rows = []
            tell(len(blocks) * _BLOCK)
    blocks.append(pl.DataFrame(rows, schema=SCHEMA, orient="row"))
    return pl.concat(blocks)


def _row(segment: Segment) -> tuple[int, str, str, str, str, str, str]:
    elements = segment.elements
    first = elements[0] if elements else [""]
    second = elements[1] if len(elements) > 1 else [""]
    return (
        segment.row,
        segment.tag,
        first[0],
        first[1] if len(first) > 1 else "",
        first[2] if len(first) > 2 else "",  # noqa: PLR2004 - the third component
        second[0],
        elements[2][0] if len(elements) > 2 else "",  # noqa: PLR2004 - the third element
    )
