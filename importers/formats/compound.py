"""The container of old Office files (OLE compound file), looked at before a reader opens it.

An old Excel file (`.xls`) is a stream of records in such a container. The reader lays each sheet out as a
rectangle up to its last cell, all sheets at once; so the records are walked here first, for the size of these
rectangles and for the record that says that the file is encrypted.

Source: [MS-CFB] (sectors, chains, directory) and [MS-XLS] 2.3 (record types), Microsoft Open Specifications.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

SIGNATURE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_HEADER: Final = 512
_ENTRY: Final = 128
_END: Final = 0xFFFFFFFA  # this and all above are no sectors
_MINI_CUTOFF: Final = 4096
_MINI_SHIFT: Final = 6
_STREAM, _ROOT = 2, 5
_WORKBOOKS: Final = ("workbook", "book")
_PROTECTED: Final = ("encryptedpackage", "encryptioninfo")

_BOF: Final = frozenset([0x0809, 0x0409, 0x0209, 0x0009])
_FILEPASS: Final = 0x002F
_CELLS: Final = frozenset([0x0006, 0x0203, 0x0204, 0x0205, 0x00BD, 0x00D6, 0x00FD, 0x027E])
_MANY_CELLS: Final = 0x00BD


class Damaged(Exception):
    """The container contradicts itself."""


@dataclass(frozen=True, slots=True)
class Extent:
    """What the records of a workbook say.

    Attributes:
        is_encrypted: they cannot be read without a password.
        cells: of the rectangles up to the last cell of each sheet, added up.
        row, column: of the last cells of the largest sheet, 1-based.
    """

    is_encrypted: bool
    cells: int
    row: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    kind: int
    start: int
    size: int


def is_encrypted_package(data: bytes) -> bool:
    """Return whether the container holds an encrypted workbook of the new format (XLSX with a password).

    Raises:
        Damaged: the container contradicts itself.
    """
    return any(entry.name in _PROTECTED for entry in _Container(data).entries)


def workbook(data: bytes) -> bytes | None:
    """Return the stream of records of an old Excel file; None: the container holds something else.

    Raises:
        Damaged: the container contradicts itself.
    """
    container = _Container(data)
    for entry in container.entries:
        if entry.kind == _STREAM and entry.name in _WORKBOOKS:
            return container.stream(entry)
    return None


def extent(records: bytes) -> Extent:
    """Return how large the sheets of a stream of records are.

    Raises:
        Damaged: a record reaches beyond the end.
    """
    last_row = last_column = cells = 0
    largest = (0, 0, 0)
    for kind, start, size in _records(records):
        if kind == _FILEPASS:
            return Extent(is_encrypted=True, cells=0)
        if kind in _BOF:
            cells += last_row * last_column
            last_row = last_column = 0
        elif kind in _CELLS and size >= 6:  # noqa: PLR2004 - row, column, format
            row, column = struct.unpack_from("<HH", records, start)
            if kind == _MANY_CELLS:
                column = struct.unpack_from("<H", records, start + size - 2)[0]
            last_row, last_column = max(last_row, row + 1), max(last_column, column + 1)
            largest = max(largest, (last_row * last_column, last_row, last_column))
    return Extent(is_encrypted=False, cells=cells + last_row * last_column, row=largest[1], column=largest[2])


def _records(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield (type, start of the content, its length)."""
    place, end = 0, len(data)
    while place + 4 <= end:
        kind, size = struct.unpack_from("<HH", data, place)
        if place + 4 + size > end:
            raise Damaged
        if not kind and not size:  # the rest of the last sector
            return
        yield kind, place + 4, size
        place += 4 + size


class _Container:
    """Sectors, chains and directory of a compound file."""

    def __init__(self, data: bytes) -> None:
        if len(data) < _HEADER or not data.startswith(SIGNATURE):
            raise Damaged
        self.data = data
        self.shift = struct.unpack_from("<H", data, 30)[0]
        if self.shift not in {9, 12}:
            raise Damaged
        self.table = self._table()
        directory = self._chained(struct.unpack_from("<I", data, 48)[0])
        self.entries = [entry for entry in _entries(directory) if entry.name]

    def stream(self, entry: _Entry) -> bytes:
        """Return the content of a stream; small ones lie in sectors of their own within the root."""
        if entry.size >= _MINI_CUTOFF:
            return self._chained(entry.start)[: entry.size]
        root = next((other for other in self.entries if other.kind == _ROOT), None)
        if root is None:
            raise Damaged
        within = self._chained(root.start)
        table = _numbers(self._chained(struct.unpack_from("<I", self.data, 60)[0]))
        pieces = [within[at << _MINI_SHIFT : (at + 1) << _MINI_SHIFT] for at in _chain(table, entry.start)]
        return b"".join(pieces)[: entry.size]

    def _table(self) -> tuple[int, ...]:
        """Return which sector follows which."""
        sectors = [at for at in struct.unpack_from("<109I", self.data, 76) if at < _END]
        more = struct.unpack_from("<I", self.data, 68)[0]
        seen = 0
        while more < _END:
            numbers = _numbers(self._sector(more))
            sectors += [at for at in numbers[:-1] if at < _END]
            more, seen = numbers[-1], seen + 1
            if seen > len(self.data) >> self.shift:
                raise Damaged
        return _numbers(b"".join(self._sector(at) for at in sectors))

    def _sector(self, at: int) -> bytes:
        start = (at + 1) << self.shift
        found = self.data[start : start + (1 << self.shift)]
        if not found:
            raise Damaged
        return found

    def _chained(self, first: int) -> bytes:
        return b"".join(self._sector(at) for at in _chain(self.table, first))


def _chain(table: tuple[int, ...], first: int) -> Iterator[int]:
    """Yield the sectors of a chain."""
    at = first
    for _ in range(len(table) + 1):
        if at >= _END:
            return
        if at >= len(table):
            raise Damaged
        yield at
        at = table[at]
    raise Damaged  # the chain bites its tail


def _numbers(data: bytes) -> tuple[int, ...]:
    count = len(data) // 4
    return struct.unpack_from(f"<{count}I", data)


def _entries(directory: bytes) -> Iterator[_Entry]:
    for place in range(0, len(directory) - _ENTRY + 1, _ENTRY):
        length, kind = struct.unpack_from("<HB", directory, place + 64)
        start, size = struct.unpack_from("<II", directory, place + 116)
        name = directory[place : place + max(0, min(length, 64) - 2)].decode("utf-16-le", errors="replace")
        yield _Entry(name.casefold(), kind, start, size)
