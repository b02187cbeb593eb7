"""The rejected rows as the file has them: what an officer mends and imports again."""

from typing import Final

import polars as pl

from importers.base import Rejects
from importers.columns import numbers
from importers.upload.columns import Columns
from importers.upload.findings import ROW
from importers.upload.table import Table

_CELL_DATE: Final = r"^(\d{4})-(\d\d)-(\d\d)"
_MOMENT: Final = {"end__typed", "end_day", "start_day"}


def rejects_of(rows: pl.DataFrame, table: Table, columns: Columns) -> Rejects | None:
    """Return the rejected ones among the rows as they stand in the table; None: nothing was rejected.

    Args:
        rows: the records of the file, accepted and rejected, with `__row`.
        table: of the file; columns this program wrote into it are left out.
        columns: which decided the formats.
    """
    lost = rows.filter(pl.col(ROW).is_in(columns.findings.rejected().implode()))
    if lost.is_empty() and not table.ragged:
        return None
    kept = [place for place in range(len(table.header)) if not table.is_own(place)]
    is_lost = table.frame[ROW].is_in(lost[ROW].implode())
    frame = _as_text(table, columns, lost).filter(is_lost)
    texts = [pl.col(str(place)).alias(str(position)) for position, place in enumerate(kept)]
    header = tuple(table.header[place] for place in kept)
    formats = {title: label for title, label in columns.formats.items() if title in header}
    return Rejects(header, frame.select(ROW, *texts), formats)


def _as_text(table: Table, columns: Columns, lost: pl.DataFrame) -> pl.DataFrame:
    """Return the table; numbers and dates of a workbook written as the texts of their column are.

    A cell knows that it is a number, a text does not: in a file of texts all of a column are written alike.
    """
    if table.typed is None:
        return table.frame
    frame = table.frame
    for place, title in enumerate(table.header):
        text, typed = pl.col(str(place)), table.typed[str(place)]
        if title in columns.formats:
            written = _written(text, columns.formats[title])
            frame = frame.with_columns(pl.when(typed).then(written).otherwise(text))
    if not set(lost.columns) >= _MOMENT:
        return frame
    # a midnight behind a start with a time is a moment; as a bare day it would be a day more
    moments = lost.filter(pl.col("end__typed") & pl.col("end_day") & ~pl.col("start_day"))[ROW]
    end = pl.col(str(columns.match.positions["end"]))
    is_moment = pl.col(ROW).is_in(moments.implode())
    return frame.with_columns(pl.when(is_moment).then(pl.concat_str(end, pl.lit(" 00:00"))).otherwise(end))


def _written(text: pl.Expr, label: str) -> pl.Expr:
    """Return numbers (`1234.5`) or dates (`2024-12-31`) of cells in the format of a label."""
    if (fmt := numbers.parse_declared(label)) is not None:
        return text.str.replace(".", fmt.decimal, literal=True)
    layout = label.replace("YYYY", "${1}").replace("MM", "${2}").replace("DD", "${3}")
    is_plain = layout.count("$") == len(("year", "month", "day")) and "Mon" not in label
    return text.str.replace(_CELL_DATE, layout) if is_plain else text
