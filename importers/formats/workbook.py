"""XLSX as text with sheet rows.

Every cell becomes text without a choice of format: numbers as the shortest text that gives the same double
(decimal point, no thousands), dates and times as ISO 8601, formulas as the value the program that saved the
file had computed, formula errors as their text (`#VALUE!`). Cells that are numbers or dates in the workbook
are marked, because their text needs no decision about its format; text cells that look like numbers do.
"""

import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

import polars as pl

from bilanz.errors import FileRefused
from bilanz.issues import Issue

if TYPE_CHECKING:
    import fastexcel

MAX_BYTES: Final = 50 * 1024 * 1024
"""Largest XLSX taken; larger data belongs into CSV, which is streamed."""

MAX_UNPACKED: Final = 600 * 1024 * 1024
"""Largest sum of the unpacked parts as the archive states them: a workbook that claims more is no upload."""

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
NO_WORKBOOK: Final = {
    "old": "{file} is an old Excel file (.xls) or protected by a password. Save it as .xlsx or CSV.",
    "html": "{file} is no Excel workbook (.xlsx) but a web page (HTML). Save it as .xlsx or CSV.",
    "xml": "{file} is no Excel workbook (.xlsx) but XML. Save it as .xlsx or CSV.",
    "archive": "{file} is an archive without a workbook. Save the table as .xlsx or CSV.",
    "damaged": "{file} is damaged and cannot be read as an Excel workbook. Save it again as .xlsx or CSV.",
    "binary": "{file} is no Excel workbook (.xlsx) but binary data. Save the table as .xlsx or CSV.",
    "text": "{file} is no Excel workbook (.xlsx) but text. Give it the ending .csv, or save it as .xlsx.",
}
"""Nature of a file that is no workbook → what the refusal says."""

_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FIRST_DAY: Final = pl.datetime(1900, 1, 1)  # a clock time without a day is stored as a day before this

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
    """

    name: str
    header: tuple[str, ...]
    header_row: int
    frame: pl.DataFrame
    typed: pl.DataFrame
    issues: tuple[Issue, ...] = ()


def open_workbook(path: Path, score: Score, *, least: int = 1) -> Sheet:
    """Read the sheet whose header scores best; at equal scores the first visible one.

    Args:
        path: the file.
        score: see `Score`.
        least: a row scoring less is no header.

    Raises:
        FileRefused: `too_large`, `not_a_workbook`, or `no_header` where no sheet has one.
    """
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


def check_workbook(path: Path) -> None:
    """Refuse what is no XLSX or larger than stated.

    Raises:
        FileRefused: `too_large` or `not_a_workbook` with what the file is instead.
    """
    size = path.stat().st_size
    if size > MAX_BYTES:
        _too_large(path, size, MAX_BYTES)
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError):
        _no_workbook(path, _nature(path))
    if not any(info.filename.lower().startswith("xl/workbook.") for info in infos):
        _no_workbook(path, "archive")
    unpacked = sum(info.file_size for info in infos)
    if unpacked > MAX_UNPACKED:
        _too_large(path, unpacked, MAX_UNPACKED)


def header_texts(path: Path) -> tuple[tuple[str, ...], ...]:
    """Return the first rows of all sheets as texts, for `identify`; empty where the file is no workbook."""
    state = path.stat()
    return _header_texts(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=4)
def _header_texts(path: Path, _changed: int, _size: int) -> tuple[tuple[str, ...], ...]:
    """Keep what several importers look at: a workbook has no first bytes to look into."""
    try:
        reader = _reader(path)
        return tuple(
            tuple(cell or "" for cell in row[1:])
            for name in reader.sheet_names
            for row in _texts(path, reader, name, n_rows=HEADER_ROWS)[0].rows()
        )
    except FileRefused:
        return ()


def _too_large(path: Path, size: int, limit: int) -> NoReturn:
    mebibytes = 1024 * 1024
    raise FileRefused(
        "{file} is too large for a workbook ({size} MiB, at most {limit} MiB). Save it as CSV.",
        code="too_large",
        file=path.name,
        size=str(-(-size // mebibytes)),
        limit=str(limit // mebibytes),
    )


def _no_workbook(path: Path, nature: str) -> NoReturn:
    raise FileRefused(NO_WORKBOOK[nature], code="not_a_workbook", file=path.name)


def _nature(path: Path) -> str:
    """Say what a file with the wrong name is, from its first bytes: a key of `NO_WORKBOOK`."""
    with path.open("rb") as stream:
        head = stream.read(2048)
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith(_OLE):
        return "old"
    if start.startswith((b"<!doctype html", b"<html", b"<table", b"<head", b"<meta")):
        return "html"
    if start.startswith(b"<?xml"):
        return "xml"
    if start.startswith(b"pk"):
        return "damaged"
    return "binary" if b"\0" in head else "text"


def _reader(path: Path) -> "fastexcel.ExcelReader":
    import fastexcel

    check_workbook(path)
    try:
        return fastexcel.read_excel(path)
    except fastexcel.FastExcelError:
        _no_workbook(path, "damaged")


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
    return Sheet(name, header, header_row, frame.filter(below), typed.filter(below), issues)


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
