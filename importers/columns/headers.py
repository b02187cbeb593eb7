"""What the columns of a file are: its headers against a declared list of fields.

A header matches a field when it equals one of the field's spellings after folding (case, accents and
punctuation do not count); parts of a name never match, so "Diesel #2 Use" is not "Diesel". Each column is
consumed at most once, each field takes at most one column; what is left over is said.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

from bilanz.activity import folded
from bilanz.errors import FileRefused
from bilanz.issues import Issue

_BRACKET = re.compile(r"^(?P<name>[^\[(]+?)\s*[\[(](?P<inside>[^\])]+)[\])]\s*$")
_CUTOFF = 0.7


@dataclass(frozen=True, slots=True)
class Field:
    """One field a file may have.

    Attributes:
        name: code, itself a spelling.
        spellings: other spellings; of two columns that match, the earlier spelling wins, the code last.
        is_required: without it the file cannot be read.
    """

    name: str
    spellings: tuple[str, ...] = ()
    is_required: bool = False

    @property
    def title(self) -> str:
        """The spelling shown to people: the first one, or the code."""
        return self.spellings[0] if self.spellings else self.name


@dataclass(frozen=True, slots=True)
class Match:
    """The result of holding one header against fields.

    Attributes:
        header: texts as the file has them.
        positions: field name → position of its column (0-based).
        brackets: field name → text in brackets behind the name, as in `Menge [kWh]`.
        duplicates: header texts that occur more than once (blank ones do not count).
        unused: positions of named columns no field took.
        missing: required fields without a column.
    """

    header: tuple[str, ...]
    positions: Mapping[str, int]
    brackets: Mapping[str, str]
    duplicates: tuple[str, ...]
    unused: tuple[int, ...]
    missing: tuple[Field, ...]

    def title(self, name: str) -> str:
        """Return the header text of the column a field took; empty where it took none."""
        return self.header[self.positions[name]] if name in self.positions else ""

    def near(self, field: Field) -> list[str]:
        """Return headers nobody took that resemble a field, the likeliest first."""
        free = {folded(self.header[position]): self.header[position] for position in self.unused}
        found: dict[str, None] = {}
        for spelling in (field.name, *field.spellings):
            for close in get_close_matches(folded(spelling), free, n=3, cutoff=_CUTOFF):
                found.setdefault(free[close])
        return list(found)[:3]

    def duplicate_issues(self) -> list[Issue]:
        """Return one issue per header text that occurs more than once."""
        return [Issue("duplicate_header", column=text, value=text) for text in self.duplicates]

    def require(self, file: str) -> None:
        """Refuse the file where a required field has no column.

        Raises:
            FileRefused: code `missing_column`; names what is missing and the headers that come close.
        """
        if not self.missing:
            return
        close = [f"{field.title} ← {', '.join(near)}" for field in self.missing if (near := self.near(field))]
        raise FileRefused(
            "{file}: columns are missing: {missing}. Similar columns of the file: {near}.",
            code="missing_column",
            file=file,
            missing=", ".join(field.title for field in self.missing),
            near="; ".join(close) or "–",
        )


@lru_cache(maxsize=4096)
def _folded(text: str) -> str:
    return folded(text)


def match(header: Sequence[str], fields: Sequence[Field]) -> Match:
    """Hold the header of a file against fields.

    Args:
        header: header texts in the order of the columns; blank where a column has none.
        fields: fields looked for, in order of precedence for columns two fields would take.
    """
    texts = tuple(text.strip() for text in header)
    whole = _first_positions([_folded(text) for text in texts])
    inside = [_BRACKET.match(text) for text in texts]
    bare = _first_positions([_folded(found["name"]) if found else "" for found in inside])
    positions: dict[str, int] = {}
    brackets: dict[str, str] = {}
    for candidates in (whole, bare):
        for field in fields:
            position = _position(field, candidates, set(positions.values()))
            if field.name in positions or position is None:
                continue
            positions[field.name] = position
            found = inside[position]
            if found and candidates is bare:
                brackets[field.name] = found["inside"].strip()
    taken = set(positions.values())
    counts = Counter(text for text in texts if text)
    return Match(
        header=texts,
        positions=positions,
        brackets=brackets,
        duplicates=tuple(text for text, count in counts.items() if count > 1),
        unused=tuple(place for place, text in enumerate(texts) if text and place not in taken),
        missing=tuple(field for field in fields if field.is_required and field.name not in positions),
    )


def _first_positions(names: Sequence[str]) -> dict[str, int]:
    """Return name → first position that bears it."""
    positions: dict[str, int] = {}
    for position, name in enumerate(names):
        if name:
            positions.setdefault(name, position)
    return positions


def _position(field: Field, candidates: Mapping[str, int], taken: set[int]) -> int | None:
    """Return the free position of the field's earliest spelling."""
    for spelling in (*field.spellings, field.name):
        position = candidates.get(_folded(spelling))
        if position is not None and position not in taken:
            return position
    return None
