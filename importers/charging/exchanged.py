"""Dates whose day and month a program exchanged on the way, as far as the rows themselves prove it.

A list in dd/mm/yyyy opened under mm/dd/yyyy and saved again has every date of the first twelve days of a
month exchanged, and the others right: 12 July becomes 2017-12-07, 13 July stays. One column then holds both.
Read as written, sessions end before they start and the rows fall out of their order. Only where exchanging
back mends every one of these faults, and the rows then run through in one direction, is it done, and said.
"""

from typing import Final

import polars as pl

from bilanz.issues import Issue
from importers.columns import times
from importers.upload.columns import Columns

_LEAST: Final = 20
"""So many rows of either kind at least; fewer prove nothing."""

_DATE: Final = r"^(\d{4})([/.-])(\d\d)([/.-])(\d\d)"
_LAST_MONTH: Final = 12


def put_right(rows: pl.DataFrame, columns: Columns) -> pl.DataFrame:
    """Return the rows with the texts `start` and `end` exchanged back where that is proved, else as given."""
    if any(columns.title(name) in columns.declared for name in ("start", "end")):
        return rows
    back = rows.with_columns(_exchanged("start"), _exchanged("end"))
    changed = rows["start"].ne_missing(back["start"]) | rows["end"].ne_missing(back["end"])
    if not _LEAST <= changed.sum() <= rows.height - _LEAST:
        return rows
    faults, is_ordered = _examined(rows)
    mended, is_mended_ordered = _examined(back)
    if not faults or is_ordered or mended or not is_mended_ordered:
        return rows
    columns.findings.add(
        Issue("exchanged_dates", column=columns.title("start"), parameters={"count": str(changed.sum())})
    )
    return back


def _exchanged(name: str) -> pl.Expr:
    """Return the text with day and month exchanged where the day can be a month."""
    text = pl.col(name)
    day = text.str.extract(_DATE, 5).cast(pl.Int64)
    return pl.when(day <= _LAST_MONTH).then(text.str.replace(_DATE, "${1}${2}${5}${4}${3}")).otherwise(text)


def _examined(rows: pl.DataFrame) -> tuple[int, bool]:
    """Return how many sessions end before they start, and whether the rows run in one direction."""
    read = {}
    for name in ("start", "end"):
        fmt = times.decide_series(rows[name])
        if not isinstance(fmt, times.TimeFormat):
            return 0, False
        read[name] = rows.select(times.to_local(pl.col(name), fmt).alias(name)).to_series()
    if read["start"].null_count():
        return 0, False
    faults = int((read["end"] < read["start"]).sum())
    return faults, read["start"].is_sorted() or read["start"].is_sorted(descending=True)
