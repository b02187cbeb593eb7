"""What the words of interval files mean: headers, status texts, directions, zones (`vocabulary.toml`)."""

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import available_timezones

from bilanz.activity import folded
from bilanz.records import STATUS_ESTIMATED, STATUS_MEASURED, Direction

TIME_ROLES: Final = frozenset(
    ["date_begin", "date_end", "clock_begin", "clock_end", "begin", "end", "date", "clock", "stamp"]
)
_LETTER: Final = re.compile(r"[^\W\d_]")
_METER: Final = re.compile(r"\b(?:AT|DE|CH|LU)[0-9A-Z]{29,32}\b")
_ELECTRIC_METER: Final = re.compile(r"\b(?:AT00|DE000)[0-9A-Z]{27,30}\b")
_OBIS: Final = re.compile(r"\b([0-9])-[0-9]{1,2}:([0-9]{1,2})\.([0-9]{1,2})(?:\.[0-9]{1,2})?")
_PROFILE: Final = re.compile(r"\b[0-9]-[0-9]{1,2}:[0-9]{1,2}\.(?:5|9|29)\.[0-9]")
"""OBIS codes of values by interval: mean power, energy; x.8.x is a register (IEC 62056-61)."""

_COMPANY: Final = re.compile(
    r"\b(?:g?gmbh|mbh|ag|kg|se|e\.? ?g|kdör|aör|ltd|inc|plc|\w*werke?|\w*versorg(?:ung|er)|\w*netze?)\b",
    re.IGNORECASE,
)
_MADE: Final = re.compile(r"\b(?:export|import|download|usage|production|produktion)\b", re.IGNORECASE)
"""Words that say as well how a file was made, or of whom it is."""

_SHORT_OBIS: Final = re.compile(r"(?<![0-9.:])([1-9])\.(?:8|9|29)\.([0-9])(?![0-9.])")


@dataclass(frozen=True, slots=True)
class _Phrase:
    words: tuple[str, ...]
    is_head: bool  # a last word that begins so
    is_tail: bool  # a first word that ends so
    is_whole: bool  # nothing else may stand beside it

    def within(self, words: Sequence[str]) -> bool:
        """Return whether the phrase occurs in a text, given as folded words."""
        length = len(self.words)
        if self.is_whole and len(words) != length:
            return False
        return any(self._at(words[place : place + length]) for place in range(len(words) - length + 1))

    def _at(self, words: Sequence[str]) -> bool:
        if self.is_head:
            return tuple(words[:-1]) == self.words[:-1] and words[-1].startswith(self.words[-1])
        if self.is_tail:
            return tuple(words[1:]) == self.words[1:] and words[0].endswith(self.words[0])
        return tuple(words) == self.words


@cache
def _table() -> dict[str, Any]:
    with (Path(__file__).parent / "vocabulary.toml").open("rb") as stream:
        return tomllib.load(stream)


@cache
def _phrases(kind: str) -> tuple[tuple[str, tuple[_Phrase, ...]], ...]:
    entries = _table()[kind]
    if isinstance(entries, dict):
        entries = [{"name": name, "phrases": phrases} for name, phrases in entries.items()]
    return tuple(
        (entry["name"], tuple(_phrase(text, entry.get("is_whole", False)) for text in entry["phrases"]))
        for entry in entries
    )


def _phrase(text: str, is_whole: bool = False) -> _Phrase:  # noqa: FBT001, FBT002 - as the table has it
    return _Phrase(tuple(text.strip("*").split()), text.endswith("*"), text.startswith("*"), is_whole)


@cache
def words(text: str) -> tuple[str, ...]:
    """Return the folded words of a text; `_` and camel case part words as blanks do."""
    parted = re.sub(r"(?<=[a-zäöü])(?=[A-Z])", " ", text).replace("_", " ")
    return tuple(folded(parted).split())


def _first(kind: str, text: str) -> str | None:
    if not _LETTER.search(text):  # every phrase has one: most cells of a table are dates and numbers
        return None
    found = words(text)
    joined = tuple(folded(text).split())
    for name, phrases in _phrases(kind):
        if any(phrase.within(found) or phrase.within(joined) for phrase in phrases):
            return name
    return None


@cache
def role(header: str) -> str | None:
    """Return the role of a column by its header; None where it says nothing."""
    return _first("role", header) or ("value" if _PROFILE.search(header) else None)


def is_grid_series(header: Iterable[str]) -> bool:
    """Return whether the columns are those of a grid area as SMARD publishes them, not of a meter."""
    return any("auflosungen" in words(title) for title in header)


def meter_rank(header: str) -> int:
    """Return how good a column of metering points is (the lower the better)."""
    phrases = dict(_phrases("role"))["meter"]
    return next((rank for rank, phrase in enumerate(phrases) if phrase.within(words(header))), len(phrases))


def meter_in(texts: Iterable[str]) -> str | None:
    """Return the first metering point identifier (33 signs, AT, DE, CH, LU) that occurs in texts."""
    return next((found[0] for text in texts if (found := _METER.search(text))), None)


def told_direction(note: str) -> str:
    """Return what of a free note above a table may say the direction: not how the file was made."""
    return note if _OBIS.search(note) else _MADE.sub(" ", note)


def told_activity(note: str) -> str:
    """Return a free note above a table if it may say the energy carrier: names of companies do not.

    A metering point or an OBIS code says it beside a name, too.
    """
    is_named = _COMPANY.search(note) and not _OBIS.search(note) and not _METER.search(note)
    return "" if is_named else note


def direction_in(texts: Iterable[str]) -> Direction | None:
    """Return the direction the texts state, the first text that states one deciding."""
    for text in texts:
        code = obis(text)
        if code is not None and code[1] is not None:
            return code[1]
        if (name := _first("direction", text)) is not None:
            return Direction(name)
    return None


def direction_of(text: str) -> Direction | None:
    """Return the direction a cell of a column of directions states."""
    signs = {"+": Direction.CONSUMPTION, "a+": Direction.CONSUMPTION}
    signs |= {"-": Direction.FEED_IN, "a-": Direction.FEED_IN}
    return signs.get(text.strip().casefold()) or direction_in([text])


def activity_in(texts: Iterable[str]) -> str | None:
    """Return the activity the texts state."""
    for text in texts:
        if (code := obis(text)) is not None and code[0] is not None:
            return code[0]
        if _ELECTRIC_METER.search(text):
            return "electricity"
        if (name := _first("activity", text)) is not None:
            return name
    return None


@cache
def obis(text: str) -> tuple[str | None, Direction | None] | None:
    """Return (activity, direction) of an OBIS code in a text (IEC 62056-61); None: there is none."""
    table = _table()["obis"]
    if (found := _OBIS.search(text)) is not None:
        direction = table["direction"].get(found[2])
        return table["medium"].get(found[1]), Direction(direction) if direction else None
    if (found := _SHORT_OBIS.search(text)) is not None:
        direction = table["direction"].get(found[1])
        return None, Direction(direction) if direction else None
    return None


def is_reactive(text: str) -> bool:
    """Return whether an OBIS code means reactive or apparent energy (3 to 10): no consumption."""
    found = _OBIS.search(text)
    return found is not None and found[1] == "1" and found[2] not in _table()["obis"]["direction"]


@cache
def status(text: str) -> int | None:
    """Return STATUS_* of a status text; None: an unknown word."""
    found = words(text)
    if not found:
        return STATUS_MEASURED
    kinds = dict(_phrases("status"))
    if is_missing(text) or any(phrase.within(found) for phrase in kinds["estimated"]):
        return STATUS_ESTIMATED
    return STATUS_MEASURED if any(phrase.within(found) for phrase in kinds["measured"]) else None


@cache
def is_missing(text: str) -> bool:
    """Return whether a status text says that there is no value."""
    found = words(text)
    return any(phrase.within(found) for phrase in dict(_phrases("status"))["missing"])


def zone_in(texts: Iterable[str]) -> str | None:
    """Return the IANA zone texts name."""
    for text in texts:
        for name in re.findall(r"\b[A-Z][A-Za-z]+/[A-Z][A-Za-z_]+\b", text):
            if name in available_timezones():
                return str(name)
        found = words(text)
        for phrase, zone in _table()["zone"].items():
            if _phrase(phrase).within(found):
                return str(zone)
    return None
