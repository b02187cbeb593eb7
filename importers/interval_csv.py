"""Interval values of grid operators as CSV: load profiles of 5, 10, 15, 30 or 60 minutes.

Semicolon, comma, tab or bar; any usual encoding; decimal comma or point; lines above the header; one or
several metering points in a column; begin or end stamps; days of 92 and 100 quarter hours. Columns are known
by the words of `interval/vocabulary.toml`; a unit has to be stated somewhere.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Final

import polars as pl

from bilanz.errors import FileRefused
from bilanz.issues import Issue
from importers.base import SURE, Claim, FileSample, Importer, ImportRequest, ImportResult, Workspace
from importers.columns import numbers, times
from importers.formats.delimited import Delimited, Line, open_delimited, open_sample
from importers.interval import layout, standstill, stated, tariffs, totals, vocabulary
from importers.interval.findings import with_issues
from importers.interval.formats import text_of
from importers.interval.layout import Group
from importers.interval.reading import read

LEAST: Final = 2
_ROWS: Final = 400
_HOUR: Final = 60
_REGULAR: Final = 0.6
_SPARSE: Final = 0.3
_GRIDS: Final = frozenset([5, 10, 15, 30, 60])
_FOREIGN: Final = frozenset(["organisation", "organization", "activity", "aktivitat", "energietrager"])


class IntervalCsv(Importer):
    """Interval values in columns of text."""

    name: ClassVar[str] = "interval_csv"
    version: ClassVar[str] = "1"
    suffixes: ClassVar[tuple[str, ...]] = (".csv", ".txt", ".tsv", ".asc")

    def identify(self, sample: FileSample) -> Claim | None:
        """Claim a file with a time, a value column and values at regular intervals within the day."""
        opened = open_sample(sample, layout.score)
        if opened is None or opened[0] < LEAST:
            return None
        _, file, lines = opened
        if any(_FOREIGN & set(vocabulary.words(title)) for title in file.header):
            return None
        found = layout.groups(file)
        regular = [minutes for group in found if (minutes := _interval(file, group, lines)) is not None]
        if not regular:
            return None
        value = found[0].values[0]
        if vocabulary.is_grid_series(file.header):
            reason = 'Load or generation of a whole grid area in "{value}": no values of an organisation.'
            return Claim(SURE / 2, reason, {"value": value.title})
        parameters = {
            "time": file.header[found[0].begin[0]],
            "value": value.title,
            "unit": value.unit or "–",
            "minutes": str(min(regular)),
        }
        confidence = SURE + 0.05 if min(regular) <= _HOUR else SURE / 2
        return Claim(confidence, 'Values in "{value}" every {minutes} minutes by "{time}".', parameters)

    def read(self, path: Path, request: ImportRequest, workspace: Workspace) -> ImportResult:
        """Read the whole file.

        Raises:
            FileRefused: empty, binary, no header, or a quotation mark that is never closed.
        """
        file = open_delimited(path, layout.score, least=LEAST)
        below = stated.units_below(file)
        groups = layout.groups(file, request.unit, below=below)
        if (without := tariffs.left_out(file, groups)) is not None:
            groups = layout.groups(file, request.unit, without, below)
        if not groups:
            message = "{file}: no line is a header this importer knows."
            raise FileRefused(message, code="no_header", file=path.name)
        groups = totals.without(file, tariffs.in_rows(file, groups))
        result = read(standstill.filled(file, groups), groups, request, workspace)
        if not vocabulary.is_grid_series(file.header):
            return result
        return with_issues(result, Issue("grid_series", value=groups[0].values[0].title))


def _interval(file: Delimited, group: Group, lines: Sequence[Line]) -> int | None:
    """Return the interval of the first lines in minutes; None: no times, no numbers, or no regularity."""
    rows = [fields for row, fields in lines if row > file.header_row and len(fields) >= file.width][:_ROWS]
    if not rows:
        return None
    columns = {str(place): [row[place] for row in rows] for place in range(file.width)}
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    value = group.values[0].place
    readable = frame.select(numbers.survey(pl.col(str(value))).alias("s")).item()
    if readable["values"] and readable["comma"] + readable["point"] + readable["plain"] == 0:
        return None
    texts = frame.select(text_of(group.begin).alias("x"))["x"]
    fmt = times.decide_series(texts)
    if isinstance(fmt, numbers.Ambiguous):
        # Day and month are to be declared; the distance of times does not depend on them.
        fmt = times.decide_series(texts, fmt.candidates[0])
    if fmt is None or isinstance(fmt, numbers.Ambiguous):
        return None
    stamps = frame.select(times.to_local(text_of(group.begin), fmt).alias("x"))["x"].drop_nulls()
    steps = stamps.diff().dt.total_minutes().drop_nulls().abs()
    steps = steps.filter(steps > 0)
    if steps.is_empty():
        return None
    mode = int(steps.mode().sort()[0])
    if int((steps == mode).sum()) >= _REGULAR * steps.len():
        return mode
    # hours of sunshine, hours with consumption: rows are left out, the grid is kept
    is_sparse = mode in _GRIDS and int((steps % mode == 0).sum()) == steps.len()
    return mode if is_sparse and int((steps == mode).sum()) >= _SPARSE * steps.len() else None
