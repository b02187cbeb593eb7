"""What the columns of budgets and accounts are called, read from `vocabulary.toml`."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from bilanz.activity import folded
from importers.columns.headers import Field, match
from importers.upload.fields import transliterated
from importers.upload.quantities import currency

ACTUAL: Final = "actual"
PLANNED: Final = "planned"
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_WHOLE_YEAR: Final = re.compile(r"((?:19|20)\d\d) 12")
_BRACKET: Final = re.compile(r"^(?P<name>.*?)\s*[\[(](?P<inside>[^\])]+)[\])]\s*$")


@dataclass(frozen=True, slots=True)
class Amounts:
    """A column of amounts of one year.

    Attributes:
        place: position.
        kind: `ACTUAL` or `PLANNED`.
        year: calendar year.
        currency: as the header states it; None: it states none.
    """

    place: int
    kind: str
    year: str
    currency: str | None


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a budget.

    Attributes:
        years: columns of amounts with their year; a table that has some is wide.
        places: field → position.
        kept: attribute → positions, in the order of the vocabulary.
    """

    years: tuple[Amounts, ...]
    places: Mapping[str, int]
    kept: Mapping[str, tuple[int, ...]]

    @property
    def is_budget(self) -> bool:
        """Whether rows are accounts or titles, with amounts per year or one amount of a year."""
        named = "category" in self.kept and bool({"account", "title"} & set(self.kept))
        has = set(self.places)
        is_long = "amount" in has and bool(has & {"year", "date"}) and bool(has & {"flow", "kind"})
        return named and (bool(self.years) or is_long)


@cache
def vocabulary() -> Mapping[str, Any]:
    """Return the tables of the file."""
    with (Path(__file__).parent / "vocabulary.toml").open("rb") as stream:
        return tomllib.load(stream)


def read_header(header: Sequence[str]) -> Header:
    """Hold a header against the vocabulary."""
    years = tuple(found for place, text in enumerate(header) if (found := _amounts(place, text)) is not None)
    taken = {one.place for one in years}
    rest = [text if place not in taken else "" for place, text in enumerate(header)]
    fields = [Field(name, tuple(names)) for name, names in vocabulary()["fields"].items()]
    places = match(rest, fields).positions
    free = {squashed(text): place for place, text in reversed(list(enumerate(rest))) if text}
    kept = {
        attribute: tuple(free[one] for one in spellings if one in free and free[one] not in places.values())
        for attribute, spellings in _kept().items()
    }
    return Header(years, places, {attribute: found for attribute, found in kept.items() if found})


def squashed(text: str) -> str:
    """Return a header without case, accents, punctuation and blanks."""
    return folded(text).replace(" ", "")


def kind_of(word: str) -> str | None:
    """Return the kind of figures a word names, `ACTUAL` or `PLANNED`; None: neither."""
    return _kinds().get(folded(word))


def flow_of(word: str) -> str | None:
    """Return "out" or "in" by a word for expenditure or income; None: neither."""
    return next((flow for flow, words in _flows().items() if folded(word) in words), None)


def _amounts(place: int, text: str) -> Amounts | None:
    """Return the year and the kind of a column; None: it has not exactly one of each."""
    found = _BRACKET.match(text)
    stated = currency(found["inside"]) if found else None
    plain = folded(found["name"] if found and stated else text)
    tokens = _WHOLE_YEAR.sub(r"\1", plain).split()
    years = [token for token in tokens if _YEAR.fullmatch(token)]
    others = [token for token in tokens if token not in years]
    money = [token.upper() for token in others if currency(token.upper())]
    words = [
        token
        for token in others
        if token.upper() not in money and token not in vocabulary()["kinds"]["between"]
    ]
    kinds = {kind_of(word) for word in words}
    if len(years) != 1 or len(kinds) != 1 or len(money) > 1 or (kind := kinds.pop()) is None:
        return None
    return Amounts(place, kind, years[0], found["inside"] if found and stated else next(iter(money), None))


@cache
def _kinds() -> Mapping[str, str]:
    return {word: kind for kind in (ACTUAL, PLANNED) for word in vocabulary()["kinds"][kind]}


@cache
def _flows() -> Mapping[str, frozenset[str]]:
    return {flow: frozenset(map(folded, words)) for flow, words in vocabulary()["flows"].items()}


@cache
def _kept() -> Mapping[str, tuple[str, ...]]:
    return {
        attribute: tuple(
            dict.fromkeys(squashed(way) for name in names for way in (name, transliterated(name)))
        )
        for attribute, names in vocabulary()["kept"].items()
    }
