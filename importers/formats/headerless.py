"""Delimited text whose first line is data: columns are called by what the caller knows of them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from importers.base import FileSample
from importers.formats.delimited import Delimited, Line
from importers.formats.dialect import sample_lines
from importers.formats.encoding import guess, scan

_HEAD: Final = 65_536


def first_lines(path: Path) -> tuple[list[Line], str]:
    """Return the first lines of a file as fields, and the separator.

    Raises:
        FileRefused: `empty_file`, `binary_file`, `web_page`.
    """
    encoding = scan(path)
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    return sample_lines(head, encoding, is_cut=len(head) == _HEAD)


def first_lines_of(sample: FileSample) -> list[Line]:
    """Return the first lines of a sample as fields, for `identify`; empty: it is binary."""
    encoding = guess(sample.head)
    if encoding is None:
        return []
    return sample_lines(sample.head, encoding, is_cut=sample.size > len(sample.head))[0]


def named(path: Path, separator: str, titles: Sequence[str], *, header_row: int = 0) -> Delimited:
    """Return a file as one with the given titles; its rows begin below `header_row`.

    Raises:
        FileRefused: `empty_file`, `binary_file`, `web_page`.
    """
    return Delimited(path, scan(path), separator, tuple(titles), header_row, {}, ())
