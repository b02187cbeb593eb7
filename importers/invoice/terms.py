"""What the words of an invoice line mean, as `terms.toml` lists them; nothing beyond the list is guessed."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

from bilanz.activity import folded

_CPV: Final = re.compile(r"(\d{8})(?:-\d)?")
_CPV_LISTS: Final = frozenset({"CPV", "STI"})
_LONGEST_PREFIX: Final = 8


@dataclass(frozen=True, slots=True)
class _Table:
    """Terms as one pattern, the longest first; group n of the pattern stands for targets[n - 1]."""

    pattern: re.Pattern[str]
    targets: tuple[str, ...]

    def found(self, text: str) -> tuple[tuple[str, str], ...]:
        """Return (target, words) of every term in a folded text, in order."""
        return tuple((self.targets[(hit.lastindex or 1) - 1], hit[0]) for hit in self.pattern.finditer(text))


@lru_cache(maxsize=4096)
def subject(text: str) -> str:
    """Return a text folded and cut where it begins to list what the price includes."""
    words = folded(text)
    cut = _table("includes").pattern.search(words)
    return words[: cut.start()].strip() if cut else words


@lru_cache(maxsize=4096)
def activities(text: str) -> tuple[str, ...]:
    """Return the distinct activities a text names, in order."""
    found = (target for target, _ in _table("activity").found(subject(text)))
    return tuple(dict.fromkeys(target for target in found if target != "nothing"))


@lru_cache(maxsize=4096)
def evidence(text: str) -> tuple[tuple[str, str], ...]:
    """Return (activity, words) for words that occur on bills of one carrier only."""
    return _table("evidence").found(folded(text))


@lru_cache(maxsize=4096)
def kind(text: str) -> str | None:
    """Return what a line charges for, the first of the kinds in the order of the table; None: not stated."""
    return next(iter(kinds(text)), None)


@lru_cache(maxsize=4096)
def kinds(text: str) -> tuple[str, ...]:
    """Return everything the words of a line may charge for, in the order of the table."""
    found = {target for target, _ in _table("kind").found(subject(text))}
    return tuple(name for name in _terms()["kind"] if name in found)


def tariff(text: str) -> frozenset[str]:
    """Return the words that tell tariffs apart."""
    return frozenset(words for _, words in _table("tariff").found(folded(text)))


def compares(text: str) -> bool:
    """Tell whether a text sets a quantity of another time beside that of the bill."""
    return bool(_table("comparison").found(folded(text)))


def basis(text: str) -> str | None:
    """Return the calorific basis a text states (`Hi` or `Hs`); None: none, or both."""
    stated = {target for target, _ in _table("basis").found(folded(text))}
    return stated.pop() if len(stated) == 1 else None


def is_meter(name: str) -> bool:
    """Tell whether an item property names the meter or metering point."""
    return folded(name) in _meters()


def by_cpv(codes: Iterable[tuple[str, str]]) -> str | None:
    """Return the activity of the first CPV code that stands for one."""
    table = _terms()["cpv"]
    for name, code in codes:
        match = _CPV.fullmatch(code) if name.upper() in _CPV_LISTS else None
        if match:
            for length in range(_LONGEST_PREFIX, 3, -1):
                if match[1][:length] in table:
                    return str(table[match[1][:length]])
    return None


@cache
def _terms() -> dict[str, Any]:
    with Path(__file__).with_name("terms.toml").open("rb") as stream:
        return tomllib.load(stream)


@cache
def _meters() -> frozenset[str]:
    return frozenset(folded(name) for name in _terms()["source"]["properties"])


@cache
def _table(name: str) -> _Table:
    groups: dict[str, list[str]] = _terms()[name]
    if name == "activity":
        groups = {**groups, "nothing": _terms()["nothing"]["terms"]}
    terms = sorted(
        ((term, target) for target, listed in groups.items() for term in listed),
        key=lambda pair: -len(pair[0]),
    )
    return _Table(
        re.compile(rf"\b(?:{'|'.join(f'({_expression(term)})' for term, _ in terms)})\b"),
        tuple(target for _, target in terms),
    )


def _expression(term: str) -> str:
    before = r"\w*" if term.startswith("*") else ""
    after = r"\w*" if term.endswith("*") else ""
    return before + re.escape(folded(term)).replace(r"\ ", " ") + after
