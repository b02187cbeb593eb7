"""Workbooks (XLSX, XLSM, XLS) as text with sheet rows.

Every cell becomes text without a choice of format: numbers as the shortest text that gives the same double
(decimal point, no thousands), dates and times as ISO 8601, formulas as the value the program that saved the
file had computed, formula errors as their text (`#VALUE!`). Cells that are numbers or dates in the workbook
are marked, because their text needs no decision about its format; text cells that look like numbers do.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

import polars as pl

from bilanz.errors import FileRefused
from bilanz.issues import Issue
from importers.formats.package import check_workbook, refuse

if TYPE_CHECKING:
    import fastexcel

ROW: Final = "__row"
HEADER_ROWS: Final = 50
"""A header is looked for in so many rows of each sheet."""

_ERRORS: Final = {
    "Value": "#VALUE!",
    "NA": "#N/A",
    "Div0": "#DIV/0!",
    "Name": "#NAME?",
    "Null": "#NULL!",
    "Num": "#NUM!",
    "Ref": "#REF!",
    "GettingData": "#GETTING_DATA",
}
_FIRST_DAY: Final = pl.datetime(1900, 1, 1)  # a clock time without a day is stored as a day before this

Rows: TypeAlias = tuple[tuple[str, ...], ...]
"""Rows of texts, from the first row of a sheet on."""

Score = Callable[[Sequence[str]], int]
"""Number of declared fields a row of texts would be the header of."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The table below a header.

    Attributes:
        name: of the sheet.
        header: header texts by position; "" where a column has none.
        frame: `__row` (1-based sheet row) and one String column per position, named "0", "1", …
        typed: one Boolean column per position: the cell is a number or date of the workbook.
        issues: sheets left unread.
        above: the rows above the header as texts, from the first row of the sheet on.
    """

    name: str
    header: tuple[str, ...]
    header_row: int
    frame: pl.DataFrame
    typed: pl.DataFrame
    issues: tuple[Issue, ...] = ()
    above: Rows = ()


def open_workbook(path: Path, score: Score, *, least: int = 1) -> Sheet:
    """Read the sheet whose header scores best; at equal scores the first visible one.

    Args:
        path: the file.
        score: see `Score`.
        least: a row scoring less is no header.

    Raises:
        FileRefused: `too_large`, `not_a_workbook`, or `no_header` where no sheet has one.
    """
    with _guarded(path):
        return _best_sheet(path, score, least)


def _best_sheet(path: Path, score: Score, least: int) -> Sheet:
    reader = _reader(path)
    found: list[tuple[bool, int, int, str, int]] = []
    for place, name in enumerate(reader.sheet_names):
        best, row = _header(_texts(path, reader, name, n_rows=HEADER_ROWS)[0], score)
        if best >= least:
            is_visible = reader.load_sheet(name, n_rows=0, header_row=None).visible == "visible"
            found.append((is_visible, best, -place, name, row))
    if not found:
        raise FileRefused(
            "{file}: no sheet has a header this importer knows.", code="no_header", file=path.name
        )
    _, best, _, name, row = max(found)
    left = tuple(
        Issue("sheet_ignored", value=other, parameters={"sheet": name})
        for _, points, _, other, _ in found
        if other != name and points == best
    )
    return _sheet(path, reader, name, row, left)


def all_sheets(path: Path) -> list[Sheet]:
    """Read every sheet whose first row is its header; empty sheets are left out.

    Raises:
        FileRefused: `too_large` or `not_a_workbook`.
    """
    reader = _reader(path)
    filled = [name for name in reader.sheet_names if _texts(path, reader, name, n_rows=1)[0].height]
    return [_sheet(path, reader, name, 1, ()) for name in filled]


def header_texts(path: Path) -> tuple[tuple[str, ...], ...]:
    """Return the first rows of all sheets as texts, for `identify`; empty where the file is no workbook."""
    return tuple(row for sheet in sheet_texts(path) for row in sheet)


def sheet_texts(path: Path) -> tuple[Rows, ...]:
    """Return the first rows of each sheet as texts, for `identify`; empty where the file is no workbook."""
    return _first_rows(path)[0]


def refusal(path: Path) -> FileRefused | None:
    """Return why a file cannot be read as a workbook; None: its first rows can be read."""
    return _first_rows(path)[1]


def _first_rows(path: Path) -> tuple[tuple[Rows, ...], FileRefused | None]:
    state = path.stat()
    return _kept_rows(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=4)
def _kept_rows(path: Path, _changed: int, _size: int) -> tuple[tuple[Rows, ...], FileRefused | None]:
    """Keep what several importers look at: a workbook has no first bytes to look into."""
    try:
        with _guarded(path):
            reader = _reader(path)
            return tuple(_first_texts(path, reader, name) for name in reader.sheet_names), None
    except FileRefused as refused:
        return (), refused


def _first_texts(path: Path, reader: "fastexcel.ExcelReader", name: str) -> Rows:
    rows = _texts(path, reader, name, n_rows=HEADER_ROWS)[0].rows()
    return tuple(tuple(cell or "" for cell in row[1:]) for row in rows)


def _reader(path: Path) -> "fastexcel.ExcelReader":
    import fastexcel

    check_workbook(path)
    return fastexcel.read_excel(path)


@contextmanager
def _guarded(path: Path) -> Iterator[None]:
    """Refuse a file the reader fails on; its panics come as exceptions of no class that could be imported.

    Raises:
        FileRefused: `not_a_workbook`.
    """
    import fastexcel

    try:
        yield
    except (fastexcel.FastExcelError, pl.exceptions.PolarsError):
        refuse(path, "damaged")
    except BaseException as error:
        if type(error).__name__ == "PanicException":
            refuse(path, "damaged")
        raise


def _texts(
    path: Path, reader: "fastexcel.ExcelReader", name: str, n_rows: int | None = None
) -> tuple[pl.DataFrame, list[tuple[int, int, str]]]:
    """Return all rows of a sheet as text with `__row`, and (row, position, text) of formula errors."""
    import fastexcel

    try:
        loaded = reader.load_sheet(name, header_row=None, skip_rows=0, n_rows=n_rows, dtypes="string")
        batch, errors = loaded.to_arrow_with_errors()
    except fastexcel.FastExcelError as error:
        message = '{file}: the sheet "{sheet}" cannot be read.'
        raise FileRefused(message, code="not_a_workbook", file=path.name, sheet=name) from error
    frame = pl.DataFrame(batch)
    frame.columns = [str(place) for place in range(frame.width)]
    found = [(*error.position, _error_text(error.detail)) for error in (errors.errors if errors else ())]
    return frame.with_row_index(ROW, offset=1).with_columns(pl.col(ROW).cast(pl.Int64)), found


def _error_text(detail: str) -> str:
    """Return the text Excel shows for an error, from the reader's `... got 'Error(NA)'`."""
    inside = detail.rpartition("Error(")[2].partition(")")[0]
    return _ERRORS.get(inside, f"#{inside.upper()}!")


def _header(frame: pl.DataFrame, score: Score) -> tuple[int, int]:
    """Return the best score of the first rows and the 1-based row that has it; (0, 0): none."""
    best, found = 0, 0
    for row in frame.head(HEADER_ROWS).rows():
        points = score([cell or "" for cell in row[1:]])
        if points > best:
            best, found = points, row[0]
    return best, found


def _sheet(
    path: Path, reader: "fastexcel.ExcelReader", name: str, header_row: int, issues: tuple[Issue, ...]
) -> Sheet:
    frame, errors = _texts(path, reader, name)
    columns = frame.columns[1:]
    header = tuple((cell or "").strip() for cell in frame.row(header_row - 1)[1:])
    loads = {
        kind: pl.DataFrame(reader.load_sheet(name, header_row=None, skip_rows=0, dtypes=kind))
        for kind in ("boolean", "datetime")
    }
    for loaded in loads.values():
        loaded.columns = columns
    # the reader turns numbers and truth values into booleans, texts never: that is how it tells them apart
    number = loads["boolean"].select(pl.all().is_not_null())
    moments = loads["datetime"].select(
        pl.when(~number[column]).then(pl.col(column)).alias(column) for column in columns
    )
    frame = frame.with_columns(_with_moments(frame, moments, column) for column in columns)
    typed = pl.DataFrame({column: number[column] | moments[column].is_not_null() for column in columns})
    frame = _with_errors(frame, errors)
    below = pl.int_range(pl.len()) >= header_row
    above = tuple(tuple(cell or "" for cell in row[1:]) for row in frame.head(header_row - 1).rows())
    return Sheet(name, header, header_row, frame.filter(below), typed.filter(below), issues, above)


def _with_moments(frame: pl.DataFrame, moments: pl.DataFrame, column: str) -> pl.Series:
    """Return a column with its date cells as ISO text, midnights without a time.

    A workbook keeps a day and its midnight as the same number; which of them is meant, the row has to say.
    """
    if moments[column].null_count() == moments.height:
        return frame[column]
    moment = pl.col("moment").dt.round("1s")
    both = pl.DataFrame({"moment": moments[column], column: frame[column]})
    return both.select(
        pl.when(moment.is_null())
        .then(pl.col(column))
        .when(moment < _FIRST_DAY)
        .then(moment.dt.to_string("%H:%M:%S"))
        .when(moment.dt.truncate("1d") == moment)
        .then(moment.dt.to_string("%Y-%m-%d"))
        .otherwise(moment.dt.to_string("%Y-%m-%d %H:%M:%S"))
        .alias(column)
    ).to_series()


def _with_errors(frame: pl.DataFrame, errors: list[tuple[int, int, str]]) -> pl.DataFrame:
    """Return the frame with the texts of formula errors in their cells: an error is not an empty cell."""
    if not errors:
        return frame
    found = pl.DataFrame(errors, schema=["at", "place", "text"], orient="row")
    return frame.with_columns(
        frame[str(place)].clone().scatter(group["at"], group["text"])
        for (place,), group in found.group_by("place")
    )
