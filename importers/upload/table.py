"""A file of rows and columns, CSV or XLSX, as one table of texts."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from bilanz.issues import Issue
from importers.base import FileSample
from importers.formats.delimited import Score, open_delimited, sample_lines
from importers.formats.workbook import header_texts, open_workbook

_ZIP: Final = b"PK\x03\x04"
_WORKBOOKS: Final = (".xlsx", ".xlsm")
_MANY: Final = 1000  # more than any header has columns


@dataclass(frozen=True, slots=True)
class Table:
    """The table of a file.

    Attributes:
        header: header texts by position; "" where a column has none.
        frame: `__row` (1-based physical line or sheet row) and one String column per position, "0", "1", …
        typed: for a workbook, one Boolean column per position: the cell is a number or date.
        issues: of the file as such and of ragged rows.
        ragged: rows with too many or too few fields; they are not in the frame, their issues are.
    """

    header: tuple[str, ...]
    frame: pl.DataFrame
    typed: pl.DataFrame | None = None
    issues: tuple[Issue, ...] = ()
    ragged: int = 0


def open_table(path: Path, score: Score) -> Table:
    """Read the table of a file below the row that looks most like its header.

    Args:
        path: the file.
        score: number of declared fields a row of texts names; among equals the row with most texts wins, so
            that a header with misspelt names is found and its missing columns can be named.

    Raises:
        FileRefused: empty, binary, too large, no header.
    """

    def likeness(texts: Sequence[str]) -> int:
        filled = sum(any(sign.isalpha() for sign in text) for text in texts)
        return _MANY * score(texts) + filled

    if path.suffix.lower() in _WORKBOOKS or _is_archive(path):
        sheet = open_workbook(path, likeness)
        return Table(sheet.header, sheet.frame, sheet.typed, sheet.issues)
    opened = open_delimited(path, likeness)
    frame, ragged = opened.table()
    # repeated headers are said by the match, for both kinds of file
    issues = [issue for issue in opened.issues() if issue.code != "duplicate_header"]
    return Table(opened.header, frame, None, (*issues, *ragged), len(ragged))


def sample_headers(sample: FileSample) -> list[Sequence[str]]:
    """Return rows of a file that may be its header, for `identify`; never raises."""
    if sample.head.startswith(_ZIP):
        return list(header_texts(sample.path))
    return [fields for _, fields in sample_lines(sample)]


def _is_archive(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(len(_ZIP)) == _ZIP
