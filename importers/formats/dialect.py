"""How a delimited text is written, seen from its first lines: separator, header, lines above it."""

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from importers.formats.encoding import Encoding, to_utf8

SEPARATORS: Final = (";", "\t", "|", ",")
HEADER_ROWS: Final = 60
"""A header is looked for in so many lines."""

_MAX_FIELD: Final = 1 << 24

Score = Callable[[Sequence[str]], int]
"""How much a row of texts looks like the header looked for; the best row wins, the first among equals."""

Line = tuple[int, list[str]]
"""1-based physical line and its fields."""


def sample_lines(head: bytes, encoding: Encoding, *, is_cut: bool) -> tuple[list[Line], str]:
    """Return the non-blank lines of the first bytes as fields, and the separator."""
    bare = head[encoding.bom :]
    if encoding.name.startswith("utf-16"):
        text = bare.decode(encoding.name, errors="replace")
    else:
        text = to_utf8(bare, encoding).decode(errors="replace")
    text = text.replace("\r\n", "\n")
    text = text.replace("\r", " " if "\n" in text else "\n")
    if is_cut:
        text = text[: text.rfind("\n") + 1] or text
    stated = text.split("\n", 1)[0].strip().strip('"')
    has_hint = stated[:4].lower() == "sep=" and len(stated) <= len("sep=") + 1
    separator = (stated[4:] or "\t") if has_hint else separator_of(text)
    lines = [(first + 1, fields) for first, _, fields in spans(text, separator)]
    return [line for line in lines if not (has_hint and line[0] == 1)], separator


def separator_of(text: str) -> str:
    """Return the separator that cuts most lines into the same number of fields, two at least."""
    sample = "\n".join(text.split("\n")[:300])
    best, votes = SEPARATORS[0], 0
    for separator in SEPARATORS:
        widths = Counter(len(fields) for _, _, fields in spans(sample, separator) if len(fields) > 1)
        agreeing = max(widths.values(), default=0)
        if agreeing > votes:
            best, votes = separator, agreeing
    return best


def filled(fields: Sequence[str]) -> int:
    """Return how many different cells hold letters: the score where no header is declared."""
    return len({text.strip() for text in fields if any(sign.isalpha() for sign in text)})


def find_header(lines: Sequence[Line], score: Score) -> tuple[int, int]:
    """Return the best score and the place of the line that has it."""
    scores = [score(fields) for _, fields in lines[:HEADER_ROWS]]
    best = max(scores, default=0)
    return best, scores.index(best) if scores else 0


def width(header: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """Return the number of columns: all that have a name, and unnamed ones that are filled in most rows."""
    named = max((place + 1 for place, text in enumerate(header) if text.strip()), default=0)
    filled = Counter(
        max((place + 1 for place, text in enumerate(row) if text.strip()), default=0) for row in rows
    )
    return max(named, filled.most_common(1)[0][0] if filled else 0)


def preamble(lines: Sequence[Line]) -> dict[str, str]:
    """Read key and value from the lines above the header.

    `Key;Value`, `Key: Value`, and a line of names above a line of as many values. The first mention wins.
    """
    found: dict[str, str] = {}
    above: list[str] = []
    for _, fields in lines:
        cells = [text.strip() for text in fields]
        filled = [text for text in cells if text]
        if len(filled) == 1 and ":" in filled[0]:
            key, _, value = filled[0].partition(":")
            found.setdefault(key.strip(), value.strip())
        elif len(filled) == 2:  # noqa: PLR2004 - a key and its value
            found.setdefault(filled[0].rstrip(":"), filled[1])
        elif len(cells) > 2 and len(above) == len(cells):  # noqa: PLR2004 - names above values
            for key, value in zip(above, cells, strict=True):
                if key and value:
                    found.setdefault(key, value)
        above = cells
    return found


def spans(text: str, separator: str) -> Iterator[tuple[int, int, list[str]]]:
    """Yield (first, last line, fields) of the records, lines counted from 0; blank lines are left out."""
    csv.field_size_limit(_MAX_FIELD)
    reader = csv.reader((row + "\n" for row in text.split("\n")), delimiter=separator)
    first = 0
    for fields in reader:
        if fields:
            yield first, reader.line_num - 1, fields
        first = reader.line_num
