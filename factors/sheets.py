"""Sheets of a workbook as plain text, with the addresses by which a cell can be looked up.

Read from the package itself: the table reader used for uploads drops empty columns before the first value and
rounds numbers to nine decimals. Here every cell keeps its address, and a number has the 15 significant digits
a spreadsheet program shows. A formula is its stored result; its error is its text (`#N/A`), never empty.
"""

import posixpath
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Final
from zipfile import BadZipFile, ZipFile

from lxml import etree

from bilanz.errors import FileRefused

Rows = tuple[tuple[str, ...], ...]
"""All rows of a sheet from its first cell on, empty ones included; an empty cell is an empty text."""

_LARGEST: Final = 200_000_000  # bytes of one part after unpacking; the largest official workbook has 20 MB
_TALLEST: Final = 1_048_576
_WIDEST: Final = 16_384
_SIGNATURE: Final = b"PK\x03\x04"
_DIGITS: Final = 15
_LETTERS: Final = 26
_TRUE: Final = {"1": "TRUE", "0": "FALSE"}


def names(path: Path) -> tuple[str, ...]:
    """Return the names of the sheets in order; empty where the file is no workbook. Never raises."""
    try:
        with path.open("rb") as stream:
            is_package = stream.read(len(_SIGNATURE)) == _SIGNATURE
        return tuple(_parts(path)) if is_package else ()
    except (OSError, FileRefused):
        return ()


def read(path: Path, name: str) -> Rows:
    """Return the text of a sheet; runs of white space are one space.

    Raises:
        FileRefused: the file or the sheet cannot be read.
    """
    state = path.stat()
    return _kept(path, name, state.st_mtime_ns, state.st_size)


def address(row: int, column: int) -> str:
    """Return the address of a cell ("D17") from its 1-based row and its 0-based column."""
    letters = ""
    place = column + 1
    while place:
        place, rest = divmod(place - 1, _LETTERS)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row}"


@lru_cache(maxsize=4)
def _kept(path: Path, name: str, _changed: int, _size: int) -> Rows:
    parts = _parts(path)
    if name not in parts:
        raise _refused(path, f'no sheet "{name}"')
    shared = [_text(entry) for entry in _elements(path, "xl/sharedStrings.xml", "si")]
    rows: list[dict[int, str]] = []
    for row in _elements(path, parts[name], "row"):
        at = int(row.get("r") or len(rows) + 1)
        if at > _TALLEST:
            raise _refused(path, parts[name])
        rows += [{} for _ in range(at - len(rows))]
        for place, cell in enumerate(row):
            column = _column(cell.get("r") or "")
            rows[at - 1][place if column is None else column] = _value(cell, shared)
    width = max((column for row in rows for column in row), default=-1) + 1
    return tuple(tuple(row.get(column, "") for column in range(width)) for row in rows)


def _parts(path: Path) -> dict[str, str]:
    """Return sheet name → part of the package."""
    links = {link.get("Id"): link.get("Target") for link in _elements(path, _RELATIONS, "Relationship")}
    found = {}
    for sheet in _elements(path, "xl/workbook.xml", "sheet"):
        link = next((value for key, value in sheet.attrib.items() if str(key).endswith("}id")), None)
        target = str(links.get(str(link)) or "")
        found[str(sheet.get("name"))] = posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")
    return found


_RELATIONS: Final = "xl/_rels/workbook.xml.rels"


def _elements(path: Path, part: str, tag: str) -> Iterator["etree._Element"]:
    """Yield the elements of one name of a part, none where the package has no such part.

    Raises:
        FileRefused: the package or the part is damaged or too large.
    """
    try:
        with ZipFile(path) as package:
            if part not in package.namelist():
                return
            if package.getinfo(part).file_size > _LARGEST:
                raise _refused(path, part)
            with package.open(part) as stream:
                options = {"resolve_entities": False, "no_network": True, "load_dtd": False}
                for _, element in etree.iterparse(stream, tag=f"{{*}}{tag}", **options):
                    yield element
                    element.clear()
    except (BadZipFile, OSError, etree.XMLSyntaxError) as error:
        raise _refused(path, str(error)) from error


def _column(reference: str) -> int | None:
    """Return the 0-based column of an address; None: the cell states none."""
    column = 0
    for letter in reference.rstrip("0123456789"):
        column = column * _LETTERS + ord(letter) - ord("A") + 1
    return column - 1 if 0 < column <= _WIDEST else None


def _value(cell: "etree._Element", shared: list[str]) -> str:
    """Return the text of a cell: a string, a truth value, an error or a number."""
    kind, text = cell.get("t", "n"), cell.findtext("{*}v") or ""
    if kind == "inlineStr":
        return _text(cell)
    if kind == "s":
        return shared[int(text)] if text.isdigit() and int(text) < len(shared) else ""
    if kind == "b":
        return _TRUE.get(text, text)
    return _number(text) if kind == "n" and text else _plain(text)


def _number(text: str) -> str:
    """Return a stored number with 15 significant digits, without an exponent."""
    try:
        return format(Decimal(f"{float(text):.{_DIGITS}g}"), "f")
    except ValueError:
        return text


def _text(element: "etree._Element") -> str:
    """Return the text of a string and its formatted runs; reading aids for Japanese are no text."""
    pieces = (
        piece.text or ""
        for piece in element.iter("{*}t")
        if (parent := piece.getparent()) is None or etree.QName(parent).localname != "rPh"
    )
    return _plain("".join(pieces))


def _plain(text: str) -> str:
    return " ".join(text.split())


def _refused(path: Path, reason: str) -> FileRefused:
    return FileRefused("{file} cannot be read: {reason}", file=path.name, reason=reason)
