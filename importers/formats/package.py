"""The archive a workbook is: what it holds and how large it would become, before anything is read from it.

A workbook is an archive of XML parts (.xlsx, .xlsm) or an old Excel file (.xls, see `formats.compound`).

The reader lays a sheet out as a rectangle from its first to its last cell, and ends the whole program where
the memory for it is not there: one stray cell in the last row and column asks for 500 GB. So the cells are
looked at here first, in the parts themselves, whose sizes and checksums are tested on the way.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final, NoReturn

from bilanz.errors import FileRefused
from importers.formats import compound
from importers.formats.nature import nature

MAX_BYTES: Final = 50 * 1024 * 1024
"""Largest workbook taken; larger data belongs into CSV, which is streamed."""

MAX_UNPACKED: Final = 600 * 1024 * 1024
"""Largest sum of the unpacked parts: a workbook that states more is no upload."""

MAX_RATIO: Final = 200
"""A part that shrinks more than this is no table: those of offices shrink to a fifth or a twentieth."""

MAX_CELLS: Final = 20_000_000
"""Most cells of the rectangle up to the last cell of a sheet."""

NO_WORKBOOK: Final = {
    "protected": "{file} is protected by a password. Save it without one, as .xlsx or CSV.",
    "compound": "{file} is an old Office file, but no Excel workbook. Save the table as .xlsx or CSV.",
    "html": "{file} is no Excel workbook (.xlsx) but a web page (HTML). Save it as .xlsx or CSV.",
    "picture": "{file} is no Excel workbook (.xlsx) but a picture. Ask for the table the picture shows.",
    "pdf": "{file} is no Excel workbook (.xlsx) but a PDF document. Ask for the table as .xlsx or CSV.",
    "xml": "{file} is no Excel workbook (.xlsx) but XML. Save it as .xlsx or CSV.",
    "archive": "{file} is an archive without a workbook. Save the table as .xlsx or CSV.",
    "damaged": "{file} is damaged and cannot be read as an Excel workbook. Save it again as .xlsx or CSV.",
    "bomb": "{file} unpacks to many times its size, as no table does. Save the table as .xlsx or CSV.",
    "binary": "{file} is no Excel workbook (.xlsx) but binary data. Save the table as .xlsx or CSV.",
    "text": "{file} is no Excel workbook (.xlsx) but text. Give it the ending .csv, or save it as .xlsx.",
}
"""Nature of a file that is no workbook → what the refusal says."""

_CELL: Final = re.compile(rb"""<(?:\w+:)?c\s[^<>]*?\br=["']([A-Z]+)([0-9]+)["'][^<>]*(?<!/)>""")
"""A cell that holds something; the reader passes over those that are only formatted."""

_LONGEST_TAG: Final = 256
_SMALL: Final = 10 * 1024 * 1024  # so much may shrink as it likes: a column of zeros does
_CHUNK: Final = 1 << 20
_DAMAGED: Final = (
    *(zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError, ValueError),
    *(KeyError, IndexError),
)


def check_workbook(path: Path) -> None:
    """Refuse what is no XLSX or larger than stated.

    Raises:
        FileRefused: `too_large` or `not_a_workbook` with what the file is instead.
    """
    state = path.stat()
    if state.st_size > MAX_BYTES:
        _too_large(path, state.st_size, MAX_BYTES)
    if (refused := _checked(path, state.st_mtime_ns, state.st_size)) is not None:
        raise refused


def refuse(path: Path, nature: str) -> NoReturn:
    """Refuse a file that is no workbook.

    Raises:
        FileRefused: always, code `not_a_workbook`.
    """
    raise FileRefused(NO_WORKBOOK[nature], code="not_a_workbook", file=path.name)


@lru_cache(maxsize=4)
def _checked(path: Path, _changed: int, _size: int) -> FileRefused | None:
    """Return why an archive is refused; kept, because several importers look at the same file."""
    try:
        if _is_compound(path):
            _check_compound(path)
            return None
        with zipfile.ZipFile(path) as archive:
            _check_archive(path, archive)
    except FileRefused as refused:
        return refused
    except compound.Damaged:
        return FileRefused(NO_WORKBOOK["damaged"], code="not_a_workbook", file=path.name)
    except _DAMAGED:
        return FileRefused(NO_WORKBOOK[_nature(path)], code="not_a_workbook", file=path.name)
    return None


def _is_compound(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(len(compound.SIGNATURE)) == compound.SIGNATURE


def _check_compound(path: Path) -> None:
    data = path.read_bytes()
    records = compound.workbook(data)
    if records is None:
        refuse(path, "protected" if compound.is_encrypted_package(data) else "compound")
    found = compound.extent(records)
    if found.is_encrypted:
        refuse(path, "protected")
    if found.cells > MAX_CELLS:
        _too_wide(path, found.row, _letters(found.column))


def _check_archive(path: Path, archive: zipfile.ZipFile) -> None:
    infos = archive.infolist()
    if "xl/workbook.xml" not in {info.filename.lower() for info in infos}:
        refuse(path, "archive")
    unpacked = sum(info.file_size for info in infos)
    if unpacked > MAX_UNPACKED:
        _too_large(path, unpacked, MAX_UNPACKED)
    if any(info.file_size > max(_SMALL, MAX_RATIO * info.compress_size) for info in infos):
        refuse(path, "bomb")
    for info in infos:  # all of them: a sheet may have any name
        _check_cells(path, archive, info)


def _check_cells(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
    """Read a part to its end, and refuse a sheet whose cells span more than can be laid out."""
    columns: set[bytes] = set()
    last, tail = 0, b""
    for chunk in _chunks(archive, info):
        found = _CELL.findall(tail + chunk)
        columns.update(letters for letters, _ in found)
        last = max(last, *(int(row) for _, row in found), 0)
        tail = chunk[-_LONGEST_TAG:]
    width = max(map(_place, columns), default=0)
    if width * last > MAX_CELLS:
        _too_wide(path, last, max(columns, key=_place).decode())


def _too_wide(path: Path, row: int, column: str) -> NoReturn:
    raise FileRefused(
        "{file}: a sheet reaches to row {row} and column {column}; at most {limit} cells are read. "
        "Delete stray cells behind and below the table, or save it as CSV.",
        code="too_large",
        file=path.name,
        row=str(row),
        column=column,
        limit=str(MAX_CELLS),
    )


def _chunks(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield a part; the archive tests its size and checksum."""
    with archive.open(info) as stream:
        while chunk := stream.read(_CHUNK):
            yield chunk


def _place(letters: bytes) -> int:
    """Return the 1-based number of a column by its letters."""
    place = 0
    for letter in letters:
        place = place * 26 + letter - ord("A") + 1
    return place


def _letters(place: int) -> str:
    """Return the letters of a 1-based column."""
    text = ""
    while place:
        place, rest = divmod(place - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def _too_large(path: Path, size: int, limit: int) -> NoReturn:
    mebibytes = 1024 * 1024
    raise FileRefused(
        "{file} is too large for a workbook ({size} MiB, at most {limit} MiB). Save it as CSV.",
        code="too_large",
        file=path.name,
        size=str(-(-size // mebibytes)),
        limit=str(limit // mebibytes),
    )


def _nature(path: Path) -> str:
    """Say what a file with the wrong name is, from its first bytes: a key of `NO_WORKBOOK`."""
    with path.open("rb") as stream:
        head = stream.read(2048)
    found = nature(head)
    if found == "archive":
        return "damaged"
    return found if found in NO_WORKBOOK else "binary" if found or b"\0" in head else "text"
