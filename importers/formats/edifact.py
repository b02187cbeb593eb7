"""EDIFACT (ISO 9735) as a stream of segments: separators as declared, bounded in size and length.

    UNA:+.? '            the six signs that separate; without it the standard ones
    QTY+220:36.3'        segment QTY, element 1 with the components 220 and 36.3
    ? before a sign      that sign is text

Line breaks are no part of a message: they are dropped wherever they stand, also where a sender breaks lines
after 80 signs. A segment is found by its line or, in a file of one line, by its number.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final, NoReturn, TextIO, TypeAlias, cast

from pydifact.control.characters import Characters
from pydifact.exceptions import EDISyntaxError
from pydifact.token import Token
from pydifact.tokenizer import Tokenizer

from bilanz.errors import FileRefused
from importers.formats import encoding

LIMIT: Final = 128 * 1024**2
"""Largest file read, in bytes: about a minute of reading."""

SEGMENT_LIMIT: Final = 65_536
"""Longest segment in signs; the longest the standard allows has about 2 600 (FTX)."""

_PIECE: Final = 8_192
_UNA_LENGTH: Final = 9
_HEAD: Final = 16_384
_BLANKS: Final = " \r\n\t\x1a\0"
_NEVER: Final = "\0"  # stands for "no release sign": such bytes are refused before
_CUT_OFF: Final = "{file}, row {row}: the last segment is not finished; the file is cut off."
_DEFAULT: Final = ":+.? '"
_START: Final = re.compile(r"UN[ABH]")
_TAG: Final = re.compile(r"[A-Z][A-Z0-9]{2}")
_SYNTAX: Final = re.compile(r"UNB[^A-Z](UNO[A-Z])")
_CHARSETS: Final = {
    "UNOC": "latin-1",
    "UNOD": "iso8859-2",
    "UNOE": "iso8859-5",
    "UNOF": "iso8859-7",
    "UNOG": "iso8859-3",
    "UNOH": "iso8859-4",
    "UNOI": "iso8859-6",
    "UNOJ": "iso8859-8",
    "UNOK": "iso8859-9",
}

Element: TypeAlias = list[str]


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment.

    Attributes:
        row: 1-based physical line where it begins; in a file of one line the number of the segment.
        tag: its three letters.
        elements: components of the elements behind the tag; at least one component each.
    """

    row: int
    tag: str
    elements: tuple[Element, ...]

    def text(self, element: int, component: int = 1) -> str:
        """Return a component by its 1-based place; "" where the segment has none."""
        if element > len(self.elements) or component > len(self.elements[element - 1]):
            return ""
        return self.elements[element - 1][component - 1]


def message_type(head: bytes) -> str | None:
    """Return the type of the first message (MSCONS, INVOIC, …) in the first bytes of a file; never raises."""
    guessed = encoding.guess(head)
    if guessed is None:
        return None
    text = head[guessed.bom : guessed.bom + _HEAD].decode(guessed.name, errors="replace").lstrip(_BLANKS)
    if not _START.match(text):
        return None
    signs = text[3:_UNA_LENGTH] if text.startswith("UNA") else _DEFAULT
    if len(signs) < len(_DEFAULT):
        return None
    component, element, end = (re.escape(sign) for sign in (signs[0], signs[1], signs[5]))
    found = re.search(
        rf"(?:^|{end}\s*)UNH{element}[^{element}]{{0,70}}{element}([A-Z]{{6}}){component}",
        text.replace("\r", "").replace("\n", ""),
    )
    return found[1] if found else None


def segments(path: Path, *, limit: int = LIMIT) -> Iterator[Segment]:
    """Yield the segments of a file, UNA left out.

    Raises:
        FileRefused: `too_large`, `empty_file`, `binary_file`, or `malformed_edifact`: another beginning,
            unusable separators, an overlong or unfinished segment, or one without a tag.
    """
    size = path.stat().st_size
    if size > limit:
        message = "{file} has {size} MB; EDIFACT is read up to {limit} MB."
        raise FileRefused(
            message, code="too_large", file=path.name, size=size // 1024**2, limit=limit // 1024**2
        )
    found = encoding.scan(path)
    with path.open(encoding=_charset(path, found), errors="replace", newline=None) as stream:
        yield from _Reader(path, stream, is_lined=_has_lines(path, found)).segments()


def _charset(path: Path, found: encoding.Encoding) -> str:
    """Return the encoding: what the bytes prove, else what the syntax identifier (UNOA … UNOK) names."""
    if found.name != "cp1252":
        return "utf-8-sig" if found.name == "utf-8" and found.bom else found.name
    with path.open("rb") as stream:
        named = _SYNTAX.search(stream.read(_HEAD).decode("latin-1"))
    return _CHARSETS.get(named[1] if named else "", found.name)


def _has_lines(path: Path, found: encoding.Encoding) -> bool:
    """Tell whether text follows a line break."""
    for data in encoding.chunks(path, found):
        place = data.find(b"\n")
        if place >= 0 and data[place:].strip():
            return True
    return False


class _Reader:
    """Feeds the tokenizer piece by piece and puts its tokens together."""

    def __init__(self, path: Path, stream: TextIO, *, is_lined: bool) -> None:
        self._path, self._stream, self._is_lined = path, stream, is_lined
        self._row = 1
        self._since = 0  # signs handed out since the last segment ended
        self._number = 0
        self._feed = self._pieces()

    def segments(self) -> Iterator[Segment]:
        """Yield the segments."""
        first = self._first()
        signs = _DEFAULT
        if first.startswith("UNA"):
            signs, first = first[3:_UNA_LENGTH], first[_UNA_LENGTH:].lstrip(_BLANKS)
            self._number = 1
        marks = self._marks(signs)
        text = chain.from_iterable(chain((first,), self._feed))
        try:
            yield from self._joined(Tokenizer().get_tokens(cast("str", text), marks), signs)
        except EDISyntaxError:
            self._refuse(_CUT_OFF)

    def _first(self) -> str:
        """Return the first piece that holds text, from its first sign."""
        pieces = (piece.lstrip(_BLANKS + "\ufeff") for piece in self._feed)
        begun = next((piece for piece in pieces if piece), "")
        if not _START.match(begun):
            self._refuse("{file}, row {row}: EDIFACT begins with UNA, UNB or UNH; this file does not.")
        return begun

    def _pieces(self) -> Iterator[str]:
        row = 1
        while piece := self._stream.readline(_PIECE):
            if self._since > SEGMENT_LIMIT:
                self._refuse("{file}, row {row}: a segment is longer than any message has.")
            self._row = row
            text = piece.rstrip("\n")
            if piece != text:
                row += 1
            self._since += len(text)
            yield text

    def _marks(self, signs: str) -> Characters:
        padded = signs.ljust(len(_DEFAULT))
        release = padded[3]
        separators = [padded[0], padded[1], padded[5], *([] if release == " " else [release])]
        if len(set(separators)) < len(separators) or any(
            sign.isalnum() or sign in _BLANKS for sign in separators
        ):
            self._refuse('{file}, row {row}: the separators "{text}" that UNA declares are none.', signs)
        return Characters.from_str(padded if release != " " else f"{padded[:3]}{_NEVER}{padded[4:]}")

    def _joined(self, tokens: Iterator[Token], signs: str) -> Iterator[Segment]:
        row = 0
        elements: list[Element] = []
        element = [""]
        for token in tokens:
            row = row or self._row
            kind = token.type
            if kind is Token.Type.CONTENT:
                element[-1] = token.value
            elif kind is Token.Type.COMPONENT_SEPARATOR:
                element.append("")
            elif kind is Token.Type.DATA_SEPARATOR:
                elements.append(element)
                element = [""]
            else:
                elements.append(element)
                yield from self._segment(row, elements, signs)
                elements, element = [], [""]
                row, self._since = self._row, 0
        if elements or element != [""]:
            self._refuse(_CUT_OFF)

    def _segment(self, row: int, elements: list[Element], signs: str) -> Iterator[Segment]:
        tag = elements[0][0].strip(_BLANKS)
        self._number += 1
        if tag == "UNA":
            self._check_same(elements, signs)
        elif _TAG.fullmatch(tag):
            yield Segment(row if self._is_lined else self._number, tag, tuple(elements[1:]))
        elif tag or len(elements) > 1 or len(elements[0]) > 1:
            self._refuse('{file}, row {row}: "{text}" is no segment of EDIFACT.', tag[:20])

    def _check_same(self, elements: list[Element], signs: str) -> None:
        """Refuse a second UNA (files put together) that declares other signs than the first."""
        # as the tokenizer reads it: "UNA", nothing, and the rest, where the release sign hides one
        rest = signs[2:5] if signs[3] == " " else signs[2] + signs[4]
        if elements != [["UNA", ""], [rest]]:
            self._refuse('{file}, row {row}: a second UNA declares other separators than "{text}".', signs)

    def _refuse(self, message: str, text: str = "") -> NoReturn:
        where = self._row if self._is_lined else self._number + 1
        raise FileRefused(
            message, code="malformed_edifact", file=self._path.name, row=where, text=text
        ) from None
