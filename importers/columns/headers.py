"""What the columns of a file are: its headers against a declared list of fields.

A header matches a field when it equals one of the field's spellings after folding (case, accents and
punctuation do not count); parts of a name never match, so "Diesel #2 Use" is not "Diesel". Each column is
consumed at most once, each field takes at most one column; what is left over is said.

A header may carry an addition: `Menge [kWh]`, `Menge (kWh)`, `Menge in kWh`. Where an addition could change
what the column means, the field says which ones it takes: "Verbrauch (bereinigt)" is not "Verbrauch".
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

from bilanz.activity import folded
from bilanz.errors import FileRefused
from bilanz.issues import Issue

_BRACKET = re.compile(r"^(?P<name>[^\[(]+?)\s*[\[(](?P<inside>[^\])]+)[\])]\s*$")
_TRAILING = re.compile(r"^(?P<name>.+?)\s+(?:in\s+)?(?P<inside>\S+)$")
_SIGN = re.compile(r"(?:[\[(]\s*([€£$¥%‰])\s*[\])]|\s([€£$¥%‰]))\s*$")
_CUTOFF = 0.7


def anything(_addition: str) -> bool:
    """Take every addition to a header: the column is text."""
    return True


@dataclass(frozen=True, slots=True)
class Field:
    """One field a file may have.

    Attributes:
        name: code, itself a spelling.
        spellings: other spellings; of two columns that match, the earlier spelling wins, the code last.
        is_required: without it the file cannot be read.
        takes: whether an addition in brackets leaves the meaning of the column as it is.
        is_measure: the addition may stand without brackets: `Menge kWh`, `Menge in kWh`.
        shown: what messages call it; empty: the first spelling, or the code.
    """

    name: str
    spellings: tuple[str, ...] = ()
    is_required: bool = False
    takes: Callable[[str], bool] = anything
    is_measure: bool = False
    shown: str = ""

    @property
    def title(self) -> str:
        """The name shown to people."""
        return self.shown or (self.spellings[0] if self.spellings else self.name)


@dataclass(frozen=True, slots=True)
class Match:
    """The result of holding one header against fields.

    Attributes:
        header: texts as the file has them.
        positions: field name → position of its column (0-based).
        brackets: field name → addition behind the name, as in `Menge [kWh]`.
        duplicates: header texts that occur more than once (blank ones do not count).
        unused: positions of named columns no field took.
        rivals: position of an unused column → field whose spelling it bears as well, under another text.
        missing: required fields without a column.
    """

    header: tuple[str, ...]
    positions: Mapping[str, int]
    brackets: Mapping[str, str]
    duplicates: tuple[str, ...]
    unused: tuple[int, ...]
    rivals: Mapping[int, str]
    missing: tuple[Field, ...]

    def title(self, name: str) -> str:
        """Return the header text of the column a field took; empty where it took none."""
        return self.header[self.positions[name]] if name in self.positions else ""

    def near(self, field: Field) -> list[str]:
        """Return headers nobody took that resemble a field, the likeliest first."""
        free = {
            name: self.header[position]
            for position in self.unused
            for pattern in (*((_TRAILING,) if field.is_measure else ()), _BRACKET, None)
            if (name := _parts(self.header[position], pattern)[0])
        }
        found: dict[str, None] = {}
        for spelling in (field.name, *field.spellings):
            for close in get_close_matches(folded(spelling), free, n=3, cutoff=_CUTOFF):
                found.setdefault(free[close])
        return list(found)[:3]

    def duplicate_issues(self) -> list[Issue]:
        """Return one issue per header text that occurs more than once."""
        return [Issue("duplicate_header", column=text, value=text) for text in self.duplicates]

    def rival_issues(self, names: Collection[str]) -> list[Issue]:
        """Return one issue per column that may be meant for one of some fields, though another was taken."""
        return [
            Issue("rival_column", None, self.header[place], self.header[place], {"taken": self.title(name)})
            for place, name in self.rivals.items()
            if name in names
        ]

    def doubled(self, names: Collection[str]) -> dict[str, list[int]]:
        """Return the headers taken for some fields that occur more than once, with all their positions."""
        taken = {self.title(name) for name in names} & set(self.duplicates)
        return {
            text: [place for place, other in enumerate(self.header) if other == text]
            for text in self.duplicates
            if text in taken
        }

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
    positions: dict[str, int] = {}
    brackets: dict[str, str] = {}
    for pattern in (None, _BRACKET, _TRAILING):
        parts = [_parts(text, pattern) for text in texts]
        candidates = _first_positions([name for name, _ in parts])
        for field in fields:
            if field.name in positions or (pattern is _TRAILING and not field.is_measure):
                continue
            position = _position(field, candidates, set(positions.values()))
            if position is None:
                continue
            addition = parts[position][1] if pattern else _sign(texts[position])
            if addition and not field.takes(addition):
                continue
            positions[field.name] = position
            if addition:
                brackets[field.name] = addition
    taken = set(positions.values())
    unused = tuple(place for place, text in enumerate(texts) if text and place not in taken)
    counts = Counter(text for text in texts if text)
    return Match(
        header=texts,
        positions=positions,
        brackets=brackets,
        duplicates=tuple(text for text, count in counts.items() if count > 1),
        unused=unused,
        rivals=_rivals(texts, unused, positions, fields),
        missing=tuple(field for field in fields if field.is_required and field.name not in positions),
    )


def _parts(text: str, pattern: re.Pattern[str] | None) -> tuple[str, str]:
    """Return the folded name and the addition of a header; the whole name where no addition is looked for."""
    if pattern is None:
        return _folded(text), ""
    found = pattern.match(text)
    return (_folded(found["name"]), found["inside"].strip()) if found else ("", "")


def _sign(text: str) -> str:
    """Return the sign of a currency or share behind a header, which folding leaves out; empty: none."""
    found = _SIGN.search(text)
    return found[1] or found[2] if found else ""


def _rivals(
    texts: Sequence[str], unused: Sequence[int], positions: Mapping[str, int], fields: Sequence[Field]
) -> dict[int, str]:
    """Return unused position → field that has a column already and might as well have taken this one."""
    names = {
        _folded(spelling): field.name
        for field in reversed(fields)
        for spelling in (*field.spellings, field.name)
    }
    found = {}
    for place in unused:
        whole, bare = _parts(texts[place], None)[0], _parts(texts[place], _BRACKET)[0]
        name = names.get(whole) or names.get(bare) or ""
        if name in positions and texts[positions[name]] != texts[place]:
            found[place] = name
    return found


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
