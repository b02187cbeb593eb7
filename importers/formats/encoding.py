"""Bytes of a text file as UTF-8, in chunks, whatever their encoding.

    BOM                         UTF-8, UTF-16 LE or BE as it says
    every second byte is NUL    UTF-16 LE or BE without a BOM
    other NUL bytes, magic      binary: refused with what it is (`formats.nature`)
    valid UTF-8 to the end      UTF-8
    else                        Windows-1252, which every remaining file of an office program is

Only chunks that are not ASCII are decoded, so that a large file costs little more than reading it.
"""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Final, NoReturn

from bilanz.errors import FileRefused
from importers.formats.nature import nature

CHUNK: Final = 1 << 24
_TAIL: Final = 1 << 12  # where the end of a line is looked for first
_PIECE: Final = 1 << 20  # looked at while it is still in the cache of the processor
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SHARE_OF_NUL: Final = 0.3  # of the bytes at even or odd places: UTF-16 of a western text
_HEAD: Final = 4096
_TEXTS: Final = frozenset(["html", "xml"])

NO_TABLE: Final = {
    "html": "{file} is no table but a web page (HTML), whatever its name says. Nothing was imported.",
    "picture": "{file} is no table but a picture, whatever its name says. Nothing was imported.",
    "pdf": "{file} is no table but a PDF document, whatever its name says. Nothing was imported.",
    "archive": "{file} is no text file but an archive or a workbook (.zip, .xlsx), whatever its name says.",
    "office": "{file} is no text file but an old Office file (.xls, .doc), whatever its name says.",
    "compressed": "{file} is compressed, whatever its name says. Unpack it first.",
    "database": "{file} is no text file but a database, whatever its name says.",
}
"""Nature of a file that is no table as text → what the refusal says."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """How the bytes of one file become text.

    Attributes:
        name: utf-8, utf-16-le, utf-16-be or cp1252.
        bom: length of the byte order mark.
        is_assumed: neither a byte order mark nor the bytes themselves prove the encoding.
        has_quotes: there is a quotation mark somewhere in the file.
        has_line_feeds: lines end with LF or CR LF; otherwise with CR alone.
    """

    name: str
    bom: int = 0
    is_assumed: bool = False
    has_quotes: bool = True
    has_line_feeds: bool = True


def guess(head: bytes) -> Encoding | None:
    """Return the encoding the first bytes suggest, for `identify`; None: binary."""
    if (nature(head) or "html") not in _TEXTS:
        return None
    for bom, name in _BOMS:
        if head.startswith(bom):
            return Encoding(name, len(bom))
    start = head[:_HEAD]
    for name, zeros in (("utf-16-le", start[1::2]), ("utf-16-be", start[::2])):
        if zeros and zeros.count(0) > _SHARE_OF_NUL * len(zeros):
            return Encoding(name, is_assumed=True)
    if b"\0" in head:
        return None
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return Encoding("cp1252", is_assumed=True)
    return Encoding("utf-8")


def scan(path: Path) -> Encoding:
    """Decide the encoding of a file from all its bytes.

    Raises:
        FileRefused: `binary_file`, `web_page`, or `empty_file`.
    """
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    found = guess(head)
    if nature(head) == "html":
        raise FileRefused(NO_TABLE["html"], code="web_page", file=path.name)
    if found is None:
        refuse_binary(path)
    if path.stat().st_size <= found.bom:
        raise FileRefused("{file} is empty.", code="empty_file", file=path.name)
    if found.name.startswith("utf-16"):
        return found
    return _scan_bytes(path, found)


def refuse_binary(path: Path) -> NoReturn:
    """Refuse a file that is no text, with what it is.

    Raises:
        FileRefused: always, code `binary_file`.
    """
    with path.open("rb") as stream:
        kind = nature(stream.read(_HEAD))
    if kind in NO_TABLE:
        raise FileRefused(NO_TABLE[kind], code="binary_file", file=path.name)
    message = "{file} is no text file but binary data, whatever its name says."
    raise FileRefused(message, code="binary_file", file=path.name)


def _scan_bytes(path: Path, found: Encoding) -> Encoding:
    """Look for NUL, quotation marks, line feeds and the first byte that is no UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_utf8, has_quotes, has_line_feeds = found.name == "utf-8", False, False
    with path.open("rb") as stream:
        stream.seek(found.bom)
        while chunk := stream.read(_PIECE):
            if b"\0" in chunk:
                refuse_binary(path)
            has_quotes = has_quotes or b'"' in chunk
            has_line_feeds = has_line_feeds or b"\n" in chunk
            is_utf8 = is_utf8 and _continues(decoder, chunk)
    if is_utf8:
        is_utf8 = not decoder.getstate()[0]  # the last sign is complete
    name = "utf-8" if is_utf8 else "cp1252"
    return Encoding(name, found.bom, not is_utf8, has_quotes, has_line_feeds)


def _continues(decoder: codecs.IncrementalDecoder, chunk: bytes) -> bool:
    if chunk.isascii() and not decoder.getstate()[0]:
        return True
    try:
        decoder.decode(chunk)
    except UnicodeDecodeError:
        return False
    return True


def to_utf8(data: bytes, encoding: Encoding) -> bytes:
    """Return bytes of a UTF-8 or Windows-1252 text as UTF-8; undefined bytes become U+FFFD."""
    if encoding.name == "utf-8" or data.isascii():
        return data
    # one sign is one byte, so any cut will do: often only the header is not ASCII
    pieces = (data[place : place + _PIECE] for place in range(0, len(data), _PIECE))
    return b"".join(
        piece if piece.isascii() else piece.decode(encoding.name, errors="replace").encode()
        for piece in pieces
    )


def chunks(path: Path, encoding: Encoding, size: int = CHUNK) -> Iterator[bytes]:
    """Yield a file as UTF-8 with LF or CR LF at the end of lines, cut anywhere between two signs."""
    decoder = codecs.getincrementaldecoder(encoding.name)(errors="replace")
    is_wide = encoding.name.startswith("utf-16")
    with path.open("rb") as stream:
        stream.seek(encoding.bom)
        while data := stream.read(size):
            text = decoder.decode(data).encode() if is_wide else to_utf8(data, encoding)
            yield text if encoding.has_line_feeds else text.replace(b"\r", b"\n")


def line_chunks(path: Path, encoding: Encoding, size: int = CHUNK) -> Iterator[bytes]:
    """Yield a file of one-byte line feeds as UTF-8, cut behind a line feed; no byte is copied twice."""
    with path.open("rb", buffering=0) as stream:
        place, end = encoding.bom, path.stat().st_size
        while place < end:
            stop = end if place + size >= end else _behind_line_feed(stream, place, place + size)
            stream.seek(place)
            yield to_utf8(stream.read(stop - place), encoding)
            place = stop


def _behind_line_feed(stream: FileIO, low: int, high: int) -> int:
    """Return the place behind the last line feed between two places, else behind the next one after them."""
    length = _TAIL
    while high > low:
        start = max(low, high - length)
        stream.seek(start)
        found = stream.read(high - start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        if start == low:
            break
        length *= 16
    stream.seek(high)
    return high + len(stream.readline())
