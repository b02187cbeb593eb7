"""Writes the smallest old Excel file (.xls) there can be: BIFF8 records in an OLE compound file."""

import struct
from collections.abc import Sequence

_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_SECTOR = 512


def record(kind: int, content: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def cell(row: int, column: int, value: float | str) -> bytes:
    """Return a NUMBER or LABEL record."""
    if isinstance(value, str):
        text = struct.pack("<HB", len(value), 0) + value.encode("latin-1")
        return record(0x0204, struct.pack("<HHH", row, column, 0) + text)
    return record(0x0203, struct.pack("<HHHd", row, column, 0, value))


def workbook(rows: Sequence[Sequence[float | str]], *, before: bytes = b"", stray: bytes = b"") -> bytes:
    """Return the records of a workbook of one sheet; `before` stands before the list of sheets."""
    name = b"Sheet"
    opening = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0)) + before
    bound = record(0x0085, struct.pack("<IBBBB", 0, 0, 0, len(name), 0) + name)
    start = len(opening) + len(bound) + 4
    bound = record(0x0085, struct.pack("<IBBBB", start, 0, 0, len(name), 0) + name)
    cells = b"".join(
        cell(row, column, value) for row, line in enumerate(rows) for column, value in enumerate(line)
    )
    sheet = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0)) + cells + stray
    return opening + bound + record(0x000A) + sheet + record(0x000A)


def compound(streams: dict[str, bytes]) -> bytes:
    """Return a compound file; every stream is made long enough to lie in sectors of its own."""
    sectors: list[bytes] = []
    table: list[int] = []
    entries = [_entry("Root Entry", 5, _END, 0, child=1)]
    for number, (name, data) in enumerate(streams.items(), start=1):
        filled = data.ljust(4096, b"\0")
        pieces = [filled[at : at + _SECTOR].ljust(_SECTOR, b"\0") for at in range(0, len(filled), _SECTOR)]
        first = len(sectors)
        table += [*range(first + 1, first + len(pieces)), _END]
        sectors += pieces
        right = number + 1 if number < len(streams) else _FREE
        entries.append(_entry(name, 2, first, len(filled), right=right))
    directory = b"".join(entries).ljust(_SECTOR * -(-len(entries) // 4), b"\0")
    place = len(sectors)
    pieces = [directory[at : at + _SECTOR] for at in range(0, len(directory), _SECTOR)]
    table += [*range(place + 1, place + len(pieces)), _END]
    sectors += pieces
    at = len(sectors)
    table.append(_FAT)
    fat = struct.pack(f"<{len(table)}I", *table).ljust(_SECTOR, b"\xff")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack(
        "<HHHHH6xIIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, place, 0, 4096, _END, 0, _END, 0, at
    )
    return header.ljust(_SECTOR, b"\xff") + b"".join(sectors) + fat


def _entry(name: str, kind: int, start: int, size: int, *, child: int = _FREE, right: int = _FREE) -> bytes:
    text = (name + "\0").encode("utf-16-le")
    head = text.ljust(64, b"\0") + struct.pack("<HBB", len(text), kind, 1)
    return head + struct.pack("<III", _FREE, right, child) + bytes(36) + struct.pack("<IQ", start, size)
