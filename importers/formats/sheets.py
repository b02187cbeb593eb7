"""A sheet of a workbook as delimited text with the same row numbers, so that one pipeline reads both.

    number cells   decimal point; `1.234` becomes `1.2340`, which can be read in one way only
    date cells     ISO 8601
    text cells     as they are; line breaks become blanks, so that a row stays a line

Where the texts of a column prove a decimal comma, its number cells are written with one, too: a column has
one format.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from bilanz.issues import Issue
from importers.base import FileSample
from importers.columns import numbers
from importers.formats.compound import SIGNATURE
from importers.formats.workbook import Score, Sheet, open_workbook, refusal, sheet_texts

SEPARATOR: Final = "\t"
_MARKS: Final = (b"PK\x03\x04", SIGNATURE)
_SUFFIXES: Final = (".xlsx", ".xlsm", ".xls")
_THOUSANDS: Final = r"^-?[0-9]{1,3}\.[0-9]{3}$"
_BREAKS: Final = r"[\r\n\t\x00]+"


@dataclass(frozen=True, slots=True)
class Carried:
    """A sheet as text.

    Attributes:
        path: of the text, under the name of the workbook.
        issues: sheets left unread.
    """

    path: Path
    issues: tuple[Issue, ...]


def is_workbook(sample: FileSample) -> bool:
    """Return whether the bytes are those of a workbook, or would be by the name of the file."""
    return sample.head.startswith(_MARKS)


def unreadable(sample: FileSample) -> bool:
    """Return whether a file named as a workbook cannot be read as one."""
    return sample.path.suffix.lower() in _SUFFIXES and refusal(sample.path) is not None


def as_samples(sample: FileSample) -> list[FileSample]:
    """Return the first rows of each sheet as a text would begin, for `identify`; never raises."""
    texts = (_lines(sheet).encode() for sheet in sheet_texts(sample.path))
    return [FileSample(sample.path, len(text), text, text) for text in texts]


def as_text(path: Path, score: Score, directory: Path, *, least: int = 1) -> Carried:
    """Write the sheet whose header scores best as delimited text.

    Args:
        path: the workbook.
        score: see `workbook.Score`.
        directory: of the workspace; the text keeps the name of the workbook, which messages show.
        least: a row scoring less is no header.

    Raises:
        FileRefused: `too_large`, `not_a_workbook`, `no_header`.
    """
    sheet = open_workbook(path, score, least=least)
    below = _plain(sheet)
    carried = directory / "sheet" / path.name
    carried.parent.mkdir(parents=True, exist_ok=True)
    with carried.open("wb") as stream:
        stream.write(_lines([*sheet.above, sheet.header]).encode())
        below.write_csv(stream, separator=SEPARATOR, include_header=False, quote_style="necessary")
    return Carried(carried, sheet.issues)


def _lines(rows: Iterable[Sequence[str]]) -> str:
    """Return rows as lines of text."""
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=SEPARATOR, lineterminator="\n")
    for row in rows:
        writer.writerow([" ".join(cell.split()) for cell in row])
    return stream.getvalue()


def _plain(sheet: Sheet) -> pl.DataFrame:
    """Return the cells below the header as texts that say what the workbook says."""
    columns = sheet.typed.columns
    return sheet.frame.select(_column(sheet.frame[name], sheet.typed[name]) for name in columns)


def _column(texts: pl.Series, typed: pl.Series) -> pl.Series:
    """Return one column; `typed` marks the number and date cells."""
    name, texts = texts.name, texts.str.replace_all(_BREAKS, " ")
    if not typed.any():
        return texts
    unmistakable = (
        pl.when(pl.col("x").str.contains(_THOUSANDS)).then(pl.col("x") + "0").otherwise(pl.col("x"))
    )
    if _has_comma(texts.filter(~typed)):
        is_number = pl.col("x").str.contains(r"^-?[0-9]+\.[0-9]+$")
        unmistakable = (
            pl.when(is_number).then(unmistakable.str.replace(".", ",", literal=True)).otherwise(unmistakable)
        )
    both = pl.DataFrame({"x": texts, "typed": typed})
    return both.select(pl.when("typed").then(unmistakable).otherwise(pl.col("x")).alias(name)).to_series()


def _has_comma(texts: pl.Series) -> bool:
    """Return whether text cells are numbers with a decimal comma."""
    decided = numbers.decide_series(texts)
    return isinstance(decided, numbers.NumberFormat) and decided.decimal == ","
