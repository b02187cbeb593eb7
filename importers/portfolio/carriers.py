"""What a column or a meter of a building portfolio measures: carrier, unit, calendar year in its name.

"Natural Gas Use (therms)"   natural_gas, therms
"Stromverbrauch 2022 [kWh]"  electricity, kWh, year 2022
"SiteEnergyUseWN(kBtu)"      no carrier; a unit, so it is said why it does not count
"""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

from bilanz import activity, units
from bilanz.activity import folded

_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_BRACKET: Final = re.compile(r"^(?P<name>.*?)\s*[\[(](?P<unit>[^\[\]()]+(?:\([^()]*\))?)[\])]\s*$")
_YEAR: Final = re.compile(r"\b(?:19|20)\d\d\b")
MEASURES: Final = ("energy", "volume", "norm_volume", "standard_volume", "bulk_volume", "mass")
"""Dimensions of quantities that count."""

_UNIT_WORDS: Final = 2
_PER_YEAR: Final = re.compile(
    r"\s*(?:/\s*(?:a|yr|jahr|year)|\bp\.?\s?a\.?|\b(?:pro|je|per) (?:jahr|year|annum))"
    r"(?P<close>\s*[\])]?)\s*$",
    re.IGNORECASE,
)
_SUMS: Final = frozenset({"gesamt", "insgesamt", "total", "gesamtverbrauch"})
_LONGEST: Final = 300  # signs of a header; a longer cell is text
_NO_CONSUMPTION: Final = re.compile(r"/|\bper\b|\bpro\b|\bje\b|co2|[€$%]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Carrier:
    """The meaning of a name.

    Attributes:
        activity: code of the closed vocabulary.
        energy: which energy of the activity it is; columns of the same one state it in different units.
        order: place among the names of one energy: the earliest is taken.
        is_part: a sum of the same activity may hold it.
        includes_own: what was generated on site is in it.
        is_generated: it was generated on site.
        is_own: it is known to stand beside the other names of its activity, or to be one part of several.
    """

    activity: str
    energy: str
    order: int = 0
    is_part: bool = False
    includes_own: bool = False
    is_generated: bool = False
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class Header:
    """A header taken apart.

    Attributes:
        name: folded, without unit and generic words.
        unit: its spelling; empty: none is stated that is known.
        addition: what stands where a unit is expected.
        year: calendar year in the name, or None.
        is_yearly: the unit is stated per year.
        is_sum: the name says that it is a total.
    """

    name: str
    unit: str
    addition: str
    year: str | None
    is_yearly: bool = False
    is_sum: bool = False


@cache
def _vocabulary() -> dict[str, Any]:
    with (Path(__file__).parent / "carriers.toml").open("rb") as stream:
        return tomllib.load(stream)


@cache
def _carriers() -> dict[str, Carrier]:
    names: dict[str, Carrier] = {}
    for code, entry in _vocabulary()["carrier"].items():
        own = {folded(name) for name in entry.get("includes_own", ())}
        groups = [(entry["names"], False, False)]
        groups += [(group, False, True) for group in entry.get("beside", ())]
        groups += [(group, True, True) for group in entry.get("parts", ())]
        for group, is_part, is_own in groups:
            for order, name in enumerate(map(folded, group)):
                names[bare(name)] = Carrier(
                    code, folded(group[0]), order, is_part, includes_own=name in own, is_own=is_own
                )
    for code, entry in _vocabulary()["generated"].items():
        for group, is_own in ((entry["names"], False), *((it, True) for it in entry.get("beside", ()))):
            for order, name in enumerate(map(folded, group)):
                names[name] = Carrier(code, folded(group[0]), order, is_generated=True, is_own=is_own)
    return names


@cache
def _words(table: str, key: str) -> frozenset[str]:
    return frozenset(folded(word) for word in _vocabulary()[table][key])


@cache
def _generic() -> frozenset[str]:
    return frozenset(folded(word) for word in _vocabulary()["generic"])


def bare(name: str) -> str:
    """Return a folded name without words that say nothing: `stromverbrauch` becomes `strom`."""
    words = [word for word in folded(name).split() if word not in _generic()]
    return " ".join(word.removesuffix("verbrauch") or word for word in words)


@lru_cache(maxsize=4096)
def find(name: str) -> Carrier | None:
    """Return what a whole name means: by the table of portfolios, then by the vocabulary of activities."""
    text = bare(name)
    if not text or text in unnamed():
        return None
    if (found := _carriers().get(text) or _carriers().get(folded(name))) is not None:
        return found
    code = activity.find(text)
    if code is None or not set(activity.activity(code).dimensions) & set(MEASURES):
        return None
    return Carrier(code, code)


@cache
def unnamed() -> frozenset[str]:
    """Return the names of energy of which nobody says what carrier it is."""
    return frozenset(bare(name) or folded(name) for name in _vocabulary()["unnamed"]["names"])


def is_irrelevant(name: str) -> bool:
    """Return whether a meter type is known and no energy of the building."""
    return folded(name) in _words("irrelevant", "names")


def irrelevance() -> str:
    """Return why such a meter does not count (English template)."""
    return str(_vocabulary()["irrelevant"]["reason"])


@lru_cache(maxsize=4096)
def header_of(text: str, declared: str | None = None) -> Header:
    """Take a header apart.

    Args:
        text: of the header.
        declared: unit declared for the column.
    """
    if len(text) > _LONGEST:
        return Header("", "", "", None)
    name, addition, is_yearly = _per_year(" ".join(text.replace("_", " ").split()))
    name = _CAMEL.sub(" ", name)
    unit = declared if declared and units.find(declared) else addition
    found = units.find(unit)
    year = _YEAR.search(name)
    return Header(
        name=bare(_YEAR.sub(" ", name)),
        unit=unit if found is not None and units.unit(found.unit).kind in MEASURES else "",
        addition=addition,
        year=year[0] if year else None,
        is_yearly=is_yearly,
        is_sum=bool(_SUMS & set(folded(name).split())),
    )


def says_aside(header: Header) -> bool:
    """Return whether a name has a word of what is no consumption."""
    return bool(set(header.name.split()) & _words("aside", "words"))


def is_other_measure(header: Header) -> bool:
    """Return whether the addition of a header is that of an intensity, of money or of emissions."""
    return bool(_NO_CONSUMPTION.search(header.addition))


def columns_of(header: Iterable[str]) -> int:
    """Return how many columns of a header are quantities of a carrier in a known unit."""
    parts = [header_of(text) for text in header if text]
    return sum(bool(part.unit) and find(part.name) is not None for part in parts)


def unstated_of(header: Iterable[str]) -> list[str]:
    """Return the columns of a header that name a carrier and no unit."""
    parts = {text: header_of(text) for text in header if text}
    return [text for text, part in parts.items() if not part.addition and find(part.name) is not None]


def _per_year(plain: str) -> tuple[str, str, bool]:
    """Return name and unit of a header, and whether the unit was stated per year ("kWh/a", "MWh p.a.")."""
    shorter = _PER_YEAR.sub(r"\g<close>", plain)
    if shorter != plain:
        name, addition = _addition(shorter)
        if units.find(addition) is not None:
            return name, addition, True
    return *_addition(plain), False


def _addition(plain: str) -> tuple[str, str]:
    """Return name and unit of a header: in brackets, or its last words."""
    if (found := _BRACKET.match(plain)) is not None:
        inside = found["unit"].strip()
        is_name = find(plain) is not None and units.find(inside) is None
        return (plain, "") if is_name else (found["name"], inside)
    words = plain.split()
    for count in range(min(_UNIT_WORDS, len(words) - 1), 0, -1):
        last = " ".join(words[-count:])
        if units.find(last) is not None:
            return " ".join(words[:-count]), last
    return plain, ""
