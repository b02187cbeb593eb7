"""Where a file of intervals states its units: in headers, above the table, in the line below the header."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from bilanz import units
from importers.columns.numbers import NumberFormat, parse
from importers.formats.delimited import Delimited
from importers.interval import vocabulary

BRACKET: Final = re.compile(r"[\[(]([^\])]*)[\])]")
_AFTER_IN: Final = re.compile(r"\b[Ii]n ([A-Za-z][A-Za-z0-9³/²]*)")
_AMOUNT: Final = re.compile(r"^([0-9][0-9.,' ]*)\s*([A-Za-zµ].*)$")
_HEAD: Final = 65_536
QUANTITIES: Final = frozenset(["energy", "power", "volume", "norm_volume"])
_TOKENS: Final = frozenset(["energy", "power"])  # read without brackets: no word of a language
_UNIT_KEYS: Final = frozenset(
    (
        "einheit",
        "unit",
        "units",
        "masseinheit",
        "mengeneinheit",
        "mess einheit",
        "uom",
        "werte in",
        "angaben in",
    )
)
_UNIT_NOTE: Final = re.compile(
    r"^\W*(?:(?:ma(?:ß|ss)|mengen)?einheit|units?|uom)\s*[:=]\s*(?P<unit>.+?)\W*$"
    r"|\b(?:werte|angaben|values|messwerte|mengen|verbrauch|energie|leistung)\b.*?\bin:?\s+"
    r"[\[(]?(?P<said>[A-Za-zµ][A-Za-z0-9³/²]*)[\])]?\W*$",
    re.IGNORECASE,
)


def units_below(file: Delimited) -> tuple[str, ...]:
    """Return the cells of the line below the header where they are units; empty: they are not."""
    frame = next(iter(file.blocks(size=_HEAD))).frame.drop("__row").head(1)
    cells = [(cell or "").strip().strip("[]()").strip() for row in frame.rows() for cell in row]
    times = [
        place for place, title in enumerate(file.header) if vocabulary.role(title) in vocabulary.TIME_ROLES
    ]
    others = [cell for place, cell in enumerate(cells) if cell and place not in times]
    has_time = any(re.search("[0-9]", cells[place]) for place in times if place < len(cells))
    is_units = bool(others) and all(units.find(cell) or units.refusal(cell) for cell in others)
    return tuple(cells) if is_units and not has_time else ()


def unit_above(notes: Sequence[tuple[str, str]]) -> tuple[str | None, str | None]:
    """Return the unit stated above the table, or the text of one that is not known."""
    for key, text in notes:
        if not key and (code := known_unit(text.strip("[]() "), QUANTITIES)):
            return code, None
        found = _UNIT_NOTE.search(text) if not key else None
        said = text if key in _UNIT_KEYS else found["unit"] if found else None
        name = said or (found["said"] if found else None)
        if name is not None and (code := known_unit(name.strip("[]() "), QUANTITIES)):
            return code, None
        if said is not None:
            return None, said
    return None, None


def unit_of(title: str) -> tuple[str | None, str | None, Decimal | None]:
    """Return (unit, refused unit as written, stated total) of a header."""
    refused = None
    for inside in (*BRACKET.findall(title), *_AFTER_IN.findall(title)):
        text = inside.strip().removeprefix("in ").strip()
        amount = _AMOUNT.match(text)
        name = amount[2].strip() if amount else text
        if (code := known_unit(name, QUANTITIES)) is not None:
            return code, None, _amount(amount[1]) if amount else None
        if units.find(name) is not None or units.refusal(name) is not None:
            refused = name
    for token in re.findall(r"[A-Za-z]+", title.replace("_", " ")):
        if refused is None and (code := known_unit(token, _TOKENS)) is not None:
            return code, None, None
    return None, refused, None


def known_unit(name: str, dimensions: frozenset[str]) -> str | None:
    """Return the canonical code of a unit of one of the dimensions; None: it is none."""
    found = units.find(name)
    return found.unit if found is not None and units.dimension(found.unit) in dimensions else None


def _amount(text: str) -> Decimal | None:
    """Read a total stated in a header: with one separator, that is the decimal sign."""
    bare = text.strip()
    marks = [sign for sign in bare if sign in ".,"]
    if len(set(marks)) == 2:  # noqa: PLR2004 - group and decimal sign: the last one is the decimal sign
        return parse(bare, NumberFormat(marks[-1], marks[0]))
    return parse(bare, NumberFormat(marks[0] if marks else "."))
