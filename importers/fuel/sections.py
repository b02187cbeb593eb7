"""A CSV of several tables, each under a line with its name: `## Log`, then a header, then rows."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from bilanz.errors import FileRefused
from bilanz.issues import Issue
from importers.formats.encoding import Encoding, chunks, scan
from importers.upload.findings import ROW
from importers.upload.table import Table

_MARK: Final = "##"
MAX_BYTES: Final = 50 * 1024 * 1024
"""Largest file taken: the log of one vehicle."""

_MAX_FIELD: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Section:
    """One table of the file: its name, header, and rows with their physical line."""

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]

    def table(self) -> Table:
        """Return the rows with as many fields as the header has; the others stand in its issues."""
        width = len(self.header)
        whole = [(line, cells) for line, cells in self.rows if len(cells) == width]
        expected = str(width)
        ragged = tuple(
            Issue("ragged_row", line, parameters={"found": str(len(cells)), "expected": expected})
            for line, cells in self.rows
            if len(cells) != width
        )
        columns = {str(place): [cells[place] for _, cells in whole] for place in range(width)}
        schema = {ROW: pl.Int64(), **{name: pl.String() for name in columns}}
        frame = pl.DataFrame({ROW: [line for line, _ in whole], **columns}, schema=schema)
        return Table(self.header, frame, None, ragged, len(ragged))


def names_in(head: bytes, encoding: Encoding | None) -> list[str]:
    """Return the names of the sections that begin in the first bytes of a file; never raises."""
    if encoding is None:
        return []
    text = head[encoding.bom :].decode(encoding.name, errors="replace")
    lines = (line.strip().strip('"').strip() for line in text.splitlines())
    return [line.removeprefix(_MARK).strip() for line in lines if line.startswith(_MARK)]


def sections(path: Path) -> dict[str, Section]:
    """Return the sections of a file by their names.

    Raises:
        FileRefused: `too_large`, `binary_file`, `not_delimited`.
    """
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise FileRefused(
            "{file} is too large ({size} MiB, at most {limit} MiB). Split it, for example by year.",
            code="too_large",
            file=path.name,
            size=str(size >> 20),
            limit=str(MAX_BYTES >> 20),
        )
    text = b"".join(chunks(path, scan(path))).decode("utf-8", errors="replace")
    try:
        return {section.name: section for section in _sections(text)}
    except csv.Error as error:
        raise FileRefused(
            "{file} cannot be read as a table: check its quotation marks.",
            code="not_delimited",
            file=path.name,
        ) from error


def _sections(text: str) -> Iterator[Section]:
    """Yield the sections: the first row below a name is the header."""
    name: str | None = None
    header: tuple[str, ...] = ()
    rows: list[tuple[int, tuple[str, ...]]] = []
    for line, cells in _records(text):
        if cells[0].startswith(_MARK) and not any(cells[1:]):
            if name is not None:
                yield Section(name, header, tuple(rows))
            name, header, rows = cells[0].removeprefix(_MARK).strip(), (), []
        elif not header:
            header = cells
        else:
            rows.append((line, cells))
    if name is not None:
        yield Section(name, header, tuple(rows))


def _records(text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield physical line and cells of every row that is not empty."""
    csv.field_size_limit(_MAX_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""))
    line = 1
    for cells in reader:
        if cells:
            yield line, tuple(cell.strip() for cell in cells)
        line = reader.line_num + 1
