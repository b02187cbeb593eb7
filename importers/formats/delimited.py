"""CSV as text with physical lines: what a file looks like, before anything is read into it.

    open_delimited(path, score)   encoding, separator, preamble, header
        .blocks()                 the rows below the header, some tens of megabytes at a time
        .table()                  the same as one frame, for files that fit into memory
        .lazy()                   the same as a LazyFrame that streams

Every cell stays text; columns are named by position ("0", "1", …) because headers repeat and are blank.
`__row` is the 1-based physical line on which the record begins, also behind quoted line breaks, blank lines
and a preamble. Rows with too few or too many fields are not in the frame; each is reported.

How the line is known: blocks are cut at line breaks outside quotation marks. In a block without quoted
line breaks each line is a record (polars keeps blank lines) and the count of both is compared; any other
block goes through the csv module, which states its line.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import polars as pl

from bilanz.errors import FileRefused
from bilanz.issues import Issue
from importers.base import FileSample
from importers.formats import dialect
from importers.formats.encoding import Encoding, chunks, guess, line_chunks, scan

ROW: Final = "__row"
BLOCK: Final = 24 * 1024 * 1024
"""Bytes of text held at once."""

_SAMPLE: Final = 262_144
_LONGEST_RECORD: Final = 200  # lines; a longer record is a quotation mark that is never closed
_LONGEST_WAIT: Final = 4 * BLOCK  # bytes
_FOUND: Final = "found"

HEADER_ROWS: Final = dialect.HEADER_ROWS
Score = dialect.Score
Line = dialect.Line


@dataclass(frozen=True, slots=True)
class Block:
    """Some consecutive rows.

    Attributes:
        frame: `__row` Int64 and the asked-for columns as String, named by position; empty cells are null.
        ragged: `__row`, `found` (number of fields): rows that are not in the frame.
        share: of the file read so far, 0 to 1.
    """

    frame: pl.DataFrame
    ragged: pl.DataFrame
    share: float


@dataclass(frozen=True, slots=True)
class Delimited:
    """A delimited text file, opened.

    Attributes:
        path: the file.
        encoding: of its bytes.
        separator: between fields.
        header: texts by position; "" where a column has none.
        header_row: physical line of the header.
        preamble: key → value of the lines above the header.
        lines: the lines above the header as (physical line, fields).
    """

    path: Path
    encoding: Encoding
    separator: str
    header: tuple[str, ...]
    header_row: int
    preamble: Mapping[str, str]
    lines: tuple[Line, ...]

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.header)

    @property
    def duplicates(self) -> tuple[str, ...]:
        """Header texts that occur more than once."""
        return tuple(text for text, count in Counter(filter(None, self.header)).items() if count > 1)

    def issues(self) -> list[Issue]:
        """Return what is to be said about the file as such: assumed encoding, repeated headers."""
        found = [Issue("duplicate_header", self.header_row, text, text) for text in self.duplicates]
        if self.encoding.is_assumed and self.encoding.name == "cp1252":
            found.append(Issue("encoding_assumed", value="Windows-1252"))
        return found

    def blocks(self, columns: Sequence[int] | None = None, size: int = BLOCK) -> Iterator[Block]:
        """Yield the rows below the header in order.

        Args:
            columns: positions wanted; all by default.
            size: bytes of UTF-8 held at once.

        Raises:
            FileRefused: `open_quote`, a quotation mark that is never closed.
        """
        return _blocks(self, tuple(range(self.width)) if columns is None else tuple(columns), size)

    def table(self) -> tuple[pl.DataFrame, list[Issue]]:
        """Return all rows as one frame (see `Block.frame`) and one issue per ragged row."""
        parts = list(self.blocks())
        ragged = [issue for part in parts for issue in self.ragged_issues(part)]
        return pl.concat([part.frame for part in parts]), ragged

    def ragged_issues(self, block: Block) -> list[Issue]:
        """Return one issue per row of a block that has too few or too many fields."""
        expected = str(self.width)
        return [
            Issue("ragged_row", row, parameters={"found": str(found), "expected": expected})
            for row, found in block.ragged.iter_rows()
        ]

    def lazy(self) -> pl.LazyFrame:
        """Return all rows as a LazyFrame that streams (see `Block.frame`; ragged rows are left out)."""
        from polars.io.plugins import register_io_source

        schema = {ROW: pl.Int64, **{str(place): pl.String for place in range(self.width)}}

        def source(
            columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, _batch: int | None
        ) -> Iterator[pl.DataFrame]:
            left = n_rows
            for block in self.blocks():
                frame = block.frame if left is None else block.frame.head(left)
                left = None if left is None else left - frame.height
                frame = frame if predicate is None else frame.filter(predicate)
                yield frame if columns is None else frame.select(columns)
                if left == 0:
                    return

        return register_io_source(source, schema=schema, is_pure=True)


def open_delimited(path: Path, score: Score | None = None, *, least: int = 1) -> Delimited:
    """Find out how a delimited text file is written.

    Args:
        path: the file.
        score: see `Score`; by default the first row with the most filled cells that hold letters.
        least: a row scoring less is no header.

    Raises:
        FileRefused: `empty_file`, `binary_file`, or `no_header`.
    """
    encoding = scan(path)
    with path.open("rb") as stream:
        head = stream.read(_SAMPLE)
    found = _opened(path, encoding, head, score or dialect.filled, is_cut=len(head) == _SAMPLE)
    if found is None or found[0] < least:
        raise FileRefused(
            "{file}: no line is a header this importer knows.", code="no_header", file=path.name
        )
    return found[1]


def open_sample(sample: FileSample, score: Score) -> tuple[int, Delimited, list[Line]] | None:
    """Return the best score, the file as its first bytes show it, and its first lines, for `identify`.

    None: binary, or blank. Never raises, whatever the bytes.
    """
    encoding = guess(sample.head)
    if encoding is None:
        return None
    try:
        is_cut = sample.size > len(sample.head)
        found = _opened(sample.path, encoding, sample.head, score, is_cut=is_cut)
        return (
            None if found is None else (*found, dialect.sample_lines(sample.head, encoding, is_cut=is_cut)[0])
        )
    except csv.Error:
        return None


def _opened(
    path: Path, encoding: Encoding, head: bytes, score: Score, *, is_cut: bool
) -> tuple[int, Delimited] | None:
    lines, separator = dialect.sample_lines(head, encoding, is_cut=is_cut)
    if not lines:
        return None
    best, place = dialect.find_header(lines, score)
    row, fields = lines[place]
    width = dialect.width(fields, [found for _, found in lines[place + 1 :]])
    header = tuple(text.strip() for text in (*fields, *[""] * width)[:width])
    above = tuple(lines[:place])
    return best, Delimited(path, encoding, separator, header, row, dialect.preamble(above), above)


def sample_lines(sample: FileSample) -> list[Line]:
    """Return the first lines of a file as (physical line, fields), for `identify`; empty: it is binary."""
    encoding = guess(sample.head)
    if encoding is None:
        return []
    return dialect.sample_lines(sample.head, encoding, is_cut=sample.size > len(sample.head))[0]


def _blocks(file: Delimited, columns: tuple[int, ...], size: int) -> Iterator[Block]:
    line, read, total = 1, 0, max(1, file.path.stat().st_size)
    for data in _pieces(file, size):
        read += len(data)
        block, line = _block(file, columns, data, line, min(1.0, read / total))
        yield block
    if not read:
        yield _block(file, columns, b"", line, 1.0)[0]


def _pieces(file: Delimited, size: int) -> Iterator[bytes]:
    """Yield a file as UTF-8, cut behind records."""
    encoding = file.encoding
    if not encoding.has_quotes and encoding.has_line_feeds and not encoding.name.startswith("utf-16"):
        yield from line_chunks(file.path, encoding, size)
        return
    rest = b""
    for chunk in chunks(file.path, encoding, size):
        data = rest + chunk
        cut = _cut(data, has_quotes=encoding.has_quotes)
        rest = data[cut:]
        if cut:
            yield data[:cut]
    if rest:
        yield rest


def _cut(data: bytes, *, has_quotes: bool) -> int:
    """Return the place behind the last line break outside quotation marks; 0: more is to be read first."""
    last = data.rfind(b"\n")
    if not has_quotes or last < 0:
        return last + 1
    place, marks = last, data.count(b'"', 0, last)
    while marks % 2 and place > 0:
        before = data.rfind(b"\n", 0, max(0, data.rfind(b'"', 0, place)))
        marks -= data.count(b'"', max(0, before), place)
        place = before
    # a mark that is part of a text never finds its partner: then any line break has to do
    return place + 1 if place > 0 else (last + 1 if len(data) > _LONGEST_WAIT else 0)


def _block(
    file: Delimited, columns: tuple[int, ...], data: bytes, line: int, share: float
) -> tuple[Block, int]:
    """Read one block that begins at a physical line and ends behind a record; return the next line too."""
    has_quotes = file.encoding.has_quotes and b'"' in data
    found = _read_lines(file, columns, data, line, has_quotes=has_quotes)
    if found is None:
        frame, lines = _read_records(file, columns, data, line), data.count(b"\n")
    else:
        frame, lines = found
    if line <= file.header_row:
        frame = frame.filter(pl.col(ROW) > file.header_row)
    if _FOUND not in frame.columns:
        ragged = pl.DataFrame(schema={ROW: pl.Int64, _FOUND: pl.Int64})
        return Block(frame, ragged, share), line + lines
    good = frame.filter(pl.col(_FOUND).is_null()).drop(_FOUND)
    ragged = frame.filter(pl.col(_FOUND) > 0).select(ROW, _FOUND)
    return Block(good, ragged, share), line + lines


def _read_lines(
    file: Delimited, columns: tuple[int, ...], data: bytes, line: int, *, has_quotes: bool
) -> tuple[pl.DataFrame, int] | None:
    """Read a block in which each line is a record, with the number of lines; None where that is not so.

    Shape: `__row`, the columns, and `found` where rows are ragged (0: a blank line; null: a good row).
    """
    frame = _parse(file, data, file.width, has_quotes=has_quotes)
    may_be_ragged = frame is None
    if frame is None:
        frame = _parse(file, data, file.width, has_quotes=has_quotes, extra="ignore")
    if frame is None:
        return None
    # without quotation marks polars makes one row of each line, blank or not
    lines = data.count(b"\n") + (not data.endswith(b"\n") and bool(data)) if has_quotes else frame.height
    if frame.height != lines:
        return None
    # a row of too few fields ends with null, one of too many does not pass the strict parse
    may_be_ragged = may_be_ragged or frame[str(file.width - 1)].null_count() > 0
    rows = pl.int_range(line, line + lines, dtype=pl.Int64, eager=True).alias(ROW)
    kept = frame.select(rows, *(_filled(str(place), has_quotes=has_quotes) for place in columns))
    if may_be_ragged:
        kept = kept.with_columns(_count_fields(file, data, has_quotes=has_quotes))
    return kept, lines


def _filled(name: str, *, has_quotes: bool) -> pl.Expr:
    """Return a column without empty texts: polars keeps `""` apart from nothing."""
    return pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) if has_quotes else pl.col(name)


def _parse(
    file: Delimited,
    data: bytes,
    width: int,
    *,
    has_quotes: bool,
    extra: Literal["raise", "ignore"] = "raise",
) -> pl.DataFrame | None:
    """Parse lines into columns; None: the quotation marks are in disorder, or there are too many fields."""
    names = [str(place) for place in range(width)]
    try:
        return pl.read_csv(
            data,
            has_header=False,
            separator=file.separator,
            quote_char='"' if has_quotes else None,
            schema=dict.fromkeys(names, pl.String),
            extra_columns=extra,
            missing_columns="insert",
            raise_if_empty=False,
        )
    except (pl.exceptions.ComputeError, pl.exceptions.SchemaError):
        return None


def _count_fields(file: Delimited, data: bytes, *, has_quotes: bool) -> pl.Series:
    """Return per line the number of fields where it is not that of the header, 0 for a blank line."""
    lines = pl.read_lines(data, name="x")
    text = pl.col("x").fill_null("").str.strip_chars_end("\r")
    bare = text.str.replace_all('"[^"]*"', "q") if has_quotes else text
    fields = bare.str.count_matches(file.separator, literal=True).cast(pl.Int64) + 1
    beyond = bare.str.splitn(file.separator, file.width + 1).struct.field(f"field_{file.width}")
    is_filled = beyond.str.strip_chars(file.separator + " \t").str.len_bytes() > 0
    is_blank = bare.str.strip_chars(" \t") == ""
    return lines.select(
        pl.when(is_blank)
        .then(0)
        .when((fields < file.width) | (is_filled & (fields > file.width)))
        .then(fields)
        .alias(_FOUND)
    ).to_series()


def _read_records(file: Delimited, columns: tuple[int, ...], data: bytes, line: int) -> pl.DataFrame:
    """Read a block with line breaks inside quotation marks, or with stray marks, record by record.

    Only such blocks come here. Shape: as `_read_lines`.

    Raises:
        FileRefused: a record runs over so many lines that its quotation mark is never closed.
    """
    text = re.sub("\r(?!\n)", " ", data.decode(errors="replace"))
    rows, found = [], []
    cells: list[list[str | None]] = [[] for _ in columns]
    for first, last, fields in dialect.spans(text, file.separator):
        if last - first > _LONGEST_RECORD:
            raise FileRefused(
                "{file}: a quotation mark opened in line {row} is not closed.",
                code="open_quote",
                file=file.path.name,
                row=str(line + first),
            )
        filled = max((place + 1 for place, cell in enumerate(fields) if cell.strip()), default=0)
        is_good = filled <= file.width <= len(fields)
        rows.append(line + first)
        found.append(None if is_good else len(fields) if filled else 0)
        for place, column in zip(columns, cells, strict=True):
            column.append((fields[place] or None) if place < len(fields) else None)
    schema = {ROW: pl.Int64, **{str(place): pl.String for place in columns}, _FOUND: pl.Int64}
    return pl.DataFrame([rows, *cells, found], schema=schema)
