"""One value of the publication with what it is about and where it stands: what both layouts are read into."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from factors.publication import LayoutChanged

EQUIVALENT: Final = "CO2e"
MEASURES: Final = {
    "kg CO2e": EQUIVALENT,
    "kg CO2e of CO2 per unit": "CO2",
    "kg CO2e of CH4 per unit": "CH4",
    "kg CO2e of N2O per unit": "N2O",
}
"""Heading of a value → gas."""

ENERGIES: Final = frozenset({"kWh (Net CV)", "kWh (net)", "kWh (Net)", "kWh"})
"""Headings of amounts of energy (reports under SECR): no emission factors."""

_SETS: Final = {("25", "298"): "AR4", ("28", "265"): "AR5"}
_SENTENCE: Final = re.compile(r"Assessment Report \((AR\d)\)")


@dataclass(frozen=True, slots=True)
class Line:
    """A value as published.

    Attributes:
        levels: the publisher's path: category, table, line, and the heading above the column last.
        unit: what the value is per, as printed.
        measure: heading of the value, see `MEASURES`.
        value: as printed; None: the cell is empty.
        row: 1-based row of the sheet.
        place: sheet and cell.
    """

    levels: tuple[str, ...]
    unit: str
    measure: str
    value: str | None
    row: int
    place: str


@dataclass(frozen=True, slots=True)
class Volume:
    """What a file holds: the year it is for, the potentials it was weighted with, and its lines."""

    year: str
    gwp: str
    lines: tuple[Line, ...]


def gwp_of_texts(texts: Iterable[str | None]) -> str | None:
    """Return the set a text names ("... Fifth Assessment Report (AR5) ..."), or None."""
    found = (_SENTENCE.search(text) for text in texts if text)
    return next((match.group(1) for match in found if match), None)


def gwp_of_lines(file: str, place: str, lines: Iterable[Line]) -> str:
    """Return the set whose potentials the factors of a kilogram of methane and of nitrous oxide are.

    Raises:
        LayoutChanged: they are not there, or belong to no set that is known.
    """
    values = {
        line.levels[2]: line.value
        for line in lines
        if line.levels[0] == "Refrigerant & other" and line.measure == "kg CO2e" and line.value
    }
    pair = values.get("Methane", "–"), values.get("Nitrous oxide", "–")
    if pair not in _SETS:
        known = " / ".join(f"{name} {ch4} {n2o}" for (ch4, n2o), name in _SETS.items())
        expected = f"methane and nitrous oxide ({known})"
        raise LayoutChanged(file, place, expected, " ".join(pair))
    return _SETS[pair]
