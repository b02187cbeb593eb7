"""A file of rows and columns, CSV, XLSX or XLS, as one table of texts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import polars as pl

from bilanz.errors import FileRefused
from bilanz.issues import Issue
from bilanz.messages import LANGUAGES, translate
from importers.base import FileSample
from importers.columns.headers import Match
from importers.formats.compound import SIGNATURE
from importers.formats.delimited import HEADER_ROWS, Score, open_delimited, sample_lines
from importers.formats.workbook import ROW, header_texts, open_workbook, refusal

_BOOKS: Final = (b"PK\x03\x04", SIGNATURE)
_WORKBOOKS: Final = (".xlsx", ".xlsm")
_NO_TEXT: Final = (*_WORKBOOKS, ".xls")
MAX_TEXT_BYTES: Final = 250 * 1024 * 1024
"""Largest CSV taken here: its records are held in memory. Interval data has an importer that streams."""

OWN: Final = "bilanz:"
"""What lines and columns begin with that this program wrote into a file of rejected rows."""

_FORMATS: Final = "bilanz: formats"
_MANY: Final = 1000  # more than any header has columns
_LEAST_CELLS: Final = 2


@dataclass(frozen=True, slots=True)
class Table:
    """The table of a file.

    Attributes:
        header: header texts by position; "" where a column has none.
        frame: `__row` (1-based physical line or sheet row) and one String column per position, "0", "1", …
        typed: for a workbook, one Boolean column per position: the cell is a number or date.
        issues: of the file as such and of ragged rows.
        ragged: rows with too many or too few fields; they are not in the frame, their issues are.
        declared: column header → format, as the file itself declares it in a line above its header.
    """

    header: tuple[str, ...]
    frame: pl.DataFrame
    typed: pl.DataFrame | None = None
    issues: tuple[Issue, ...] = ()
    ragged: int = 0
    declared: Mapping[str, str] = field(default_factory=dict)

    def is_own(self, place: int) -> bool:
        """Return whether a column is one that reject files carry beside the original ones."""
        return self.header[place].casefold().startswith(OWN)

    @property
    def original(self) -> pl.DataFrame:
        """The frame without the columns that reject files carry beside the original ones."""
        return self.frame.drop(str(place) for place in range(len(self.header)) if self.is_own(place))


def open_table(path: Path, score: Score) -> Table:
    """Read the table of a file below the row that looks most like its header.

    Args:
        path: the file.
        score: number of declared fields a row of texts names; among equals the row with most texts wins, so
            that a header with misspelt names is found and its missing columns can be named.

    Raises:
        FileRefused: `empty_file`, `binary_file`, `too_large`, `not_a_workbook`, `no_header`.
    """

    def likeness(texts: Sequence[str]) -> int:
        filled = sum(any(sign.isalpha() for sign in text) for text in texts)
        return _MANY * score(texts) + filled

    if path.suffix.lower() in _NO_TEXT or is_workbook(path):
        sheet = open_workbook(path, likeness)
        height = _filled_height(sheet.frame)
        return Table(sheet.header, sheet.frame.head(height), sheet.typed.head(height), sheet.issues)
    size = path.stat().st_size
    if size > MAX_TEXT_BYTES:
        raise FileRefused(
            "{file} is too large ({size} MiB, at most {limit} MiB). Split it, for example by year.",
            code="too_large",
            file=path.name,
            size=str(size >> 20),
            limit=str(MAX_TEXT_BYTES >> 20),
        )
    opened = open_delimited(path, likeness)
    frame, ragged = opened.table()
    # repeated headers are said by the match, for both kinds of file
    issues = [issue for issue in opened.issues() if issue.code != "duplicate_header"]
    declared = _declared([fields for _, fields in opened.lines])
    rows = frame.head(_filled_height(frame))
    return Table(opened.header, rows, None, (*issues, *ragged), len(ragged), declared)


def _declared(lines: Sequence[Sequence[str]]) -> dict[str, str]:
    """Return the formats a file declares above its header: `bilanz: formats;Menge=1.234,56;Ende=DD.MM.YYYY`.

    A file of rejected rows holds some rows of another one, and on their own they may not show how its
    numbers and dates are written.
    """
    declared: dict[str, str] = {}
    marks = {translate(_FORMATS, language).casefold() for language in LANGUAGES}
    for fields in lines:
        if fields and fields[0].strip().casefold() in marks:
            pairs = [text.rpartition("=") for text in fields[1:]]
            declared |= {name.strip(): form.strip() for name, sign, form in pairs if sign}
    return declared


def no_rows(table: Table) -> list[Issue]:
    """Return the issue of a file that has a header only."""
    return [] if table.frame.height + table.ragged else [Issue("no_rows")]


def refuse_doubled(table: Table, found: Match, decisive: Collection[str], file: str) -> None:
    """Refuse a file in which a column that decides what counts is there twice with different contents.

    Raises:
        FileRefused: `duplicate_column`.
    """
    for text, (first, *others) in found.doubled(decisive).items():
        for other in others:
            if not table.frame[str(first)].equals(table.frame[str(other)]):
                raise FileRefused(
                    '{file}: the column "{column}" is there more than once, with different contents. '
                    "Rename or delete the one that does not apply.",
                    code="duplicate_column",
                    file=file,
                    column=text,
                )


def sample_headers(sample: FileSample) -> list[Sequence[str]]:
    """Return rows of a file that may be its header, for `identify`; never raises."""
    if sample.path.suffix.lower() in _NO_TEXT and not sample.head.startswith(_BOOKS):
        return []
    if sample.head.startswith(_BOOKS):
        rows: list[Sequence[str]] = [*header_texts(sample.path)]
    else:
        rows = [fields for _, fields in sample_lines(sample)[:HEADER_ROWS]]
    return [row for row in rows if _LEAST_CELLS <= len(row) <= _MANY]


def unreadable_workbook(sample: FileSample) -> FileRefused | None:
    """Return why a file named as a workbook cannot be read as one; None: no such reason."""
    return refusal(sample.path) if sample.path.suffix.lower() in _NO_TEXT else None


def _filled_height(frame: pl.DataFrame) -> int:
    """Return the number of rows up to the last one that says anything: programs append empty rows."""
    says = pl.any_horizontal(pl.exclude(ROW).str.strip_chars() != "")
    last = frame.select(says.fill_null(value=False).arg_true().max()).item()
    return 0 if last is None else int(last) + 1


def is_workbook(path: Path) -> bool:
    """Return whether a file begins as a workbook does, whatever its name says."""
    with path.open("rb") as stream:
        return stream.read(len(SIGNATURE)).startswith(_BOOKS)
