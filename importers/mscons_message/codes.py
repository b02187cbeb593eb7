"""What the codes of a metering message mean: qualifiers of quantities, OBIS codes, units without energy.

Source: UN/EDIFACT data element 6063 as the German and Swiss guides to MSCONS use it; OBIS code structure
A-B:C.D.E*F of IEC 62056-6-1 (electricity: C 1 and 2 active energy, D 8, 9, 10, 29 time integrals).
"""

import re
from dataclasses import dataclass
from typing import Final

from bilanz.records import STATUS_ESTIMATED, STATUS_MEASURED, Direction

STATUS: Final = {
    "220": STATUS_MEASURED,
    "79": STATUS_MEASURED,  # sum of energy
    "46": STATUS_MEASURED,  # delivered
    "47": STATUS_MEASURED,  # billed
    "67": STATUS_ESTIMATED,  # substitute
    "201": STATUS_ESTIMATED,  # proposed
    "187": STATUS_ESTIMATED,  # forecast
    "Z18": STATUS_ESTIMATED,  # provisional
}
PLACEHOLDERS: Final = ("Z18", "187")
"""Qualifiers whose zero stands for "not known yet"."""

REFUSED: Final = {
    "20": "the sender marks it as unusable",
    "31": "an estimate for a year to come",
    "265": "an estimate for a year to come",
}
UNKNOWN: Final = "a qualifier that is not known"

NO_ENERGY: Final = {"D54": "irradiance", "MTS": "a speed", "C62": "a count", "NAR": "a count"}

_OBIS: Final = re.compile(r"(\d)-(\d{1,3}):(\d{1,3}|[A-Z])\.(\d{1,3}|[A-Z])(?:\.(\d{1,3}))?(?:\*\d{1,3})?")
_MEDIA: Final = {
    "1": "electricity",
    "5": "district_cooling",
    "6": "district_heat",
    "7": "natural_gas",
    "8": "water_supply",
    "9": "water_supply",
}
_DIRECTIONS: Final = {"1": Direction.CONSUMPTION, "2": Direction.FEED_IN}
_REACTIVE: Final = frozenset(
    str(base + kind) for base in (0, 20, 40, 60) for kind in range(3, 11)
)  # all phases, L1, L2, L3
_INTEGRALS: Final = frozenset({"9", "10", "29", "30", "58"})
_COUNTERS: Final = frozenset({"8"})
_EXTREMES: Final = frozenset({"2", "3", "6", "12", "13", "16", "22", "23", "26"})


@dataclass(frozen=True, slots=True)
class Obis:
    """An OBIS code, as far as it decides what a series is."""

    medium: str
    channel: str
    value: str
    integral: str
    tariff: str

    @property
    def activity(self) -> str | None:
        """Activity of the medium."""
        return _MEDIA.get(self.medium)

    @property
    def direction(self) -> Direction | None:
        """Direction of active electric energy; other media state none."""
        return _DIRECTIONS.get(self.value) if self.medium == "1" else None

    @property
    def is_reactive(self) -> bool:
        """Whether it counts reactive or apparent energy."""
        return self.medium == "1" and self.value in _REACTIVE

    @property
    def is_energy(self) -> bool:
        """Whether it proves electric active energy of a period: its unit is kWh where none is stated."""
        return self.direction is not None and (self.integral in _INTEGRALS or self.is_counter)

    @property
    def is_counter(self) -> bool:
        """Whether it counts since the meter was set up: a reading, not a quantity of the period."""
        return self.medium == "1" and self.integral in _COUNTERS

    @property
    def is_extreme(self) -> bool:
        """Whether it is the highest or lowest power of a period."""
        return self.medium == "1" and self.integral in _EXTREMES


def obis(text: str) -> Obis | None:
    """Return the parts of an OBIS code; None: the text is none."""
    found = _OBIS.fullmatch(text.strip())
    return Obis(found[1], found[2], found[3], found[4], found[5] or "0") if found else None


def normal(text: str) -> str:
    """Return an OBIS code without the part behind `*`: 255 there means the present period."""
    return re.sub(r"\*255$", "", text.strip())
