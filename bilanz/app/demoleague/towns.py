"""Who the towns are, what measures them, and how much a project changes what a meter counts."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from bilanz.app.musterhafen.chance import between

YEARS: Final = (2020, 2021, 2022, 2023, 2024)
MADE_UP: Final = "fiktiv (Demonstration)"
LEAGUE: Final = "hanse"
LEAGUE_NAME: Final = "Neue Hanse (fiktiv)"


@dataclass(frozen=True, slots=True)
class Agency:
    """An agency or enterprise of a town."""

    code: str
    name: str
    kind: str = "agency"


@dataclass(frozen=True, slots=True)
class Town:
    """A member of the league.

    Attributes:
        income: disposable household income a head in 2017, in the town's currency; it grows by 2 % a year.
        rate: units of the currency for one euro.
        cold: how much colder than Musterhafen.
    """

    code: str
    name: str
    country: str
    region: str
    zone: str
    currency: str
    inhabitants: int
    income: int
    rate: str
    joined: date
    agencies: tuple[Agency, ...]
    cold: float = 1.0


@dataclass(frozen=True, slots=True)
class Meter:
    """A meter whose monthly values are delivered.

    Attributes:
        base: what a day uses whatever the weather.
        slope: what a degree day adds.
        project: that changes it; None: none does.
        effect: part that is saved once the project is completed; below zero: more is used.
    """

    source: str
    agency: str
    site: str
    activity: str
    unit: str
    basis: str
    base: float
    slope: float
    price: float
    project: str | None = None
    effect: float = 0.0


MUSTERHAFEN: Final = Town(
    "musterhafen",
    "Stadt Musterhafen (fiktiv)",
    "DE",
    "DE",
    "Europe/Berlin",
    "EUR",
    18_240,
    22_400,
    "1",
    date(2020, 1, 1),
    (Agency("rathaus", "Rathaus und Schulen"), Agency("stadtwerke", "Stadtwerke Musterhafen", "enterprise")),
)
MUSTERDORF: Final = Town(
    "musterdorf",
    "Gemeinde Musterdorf an der Au (fiktiv)",
    "DE",
    "DE",
    "Europe/Berlin",
    "EUR",
    8_060,
    20_100,
    "1",
    date(2020, 1, 1),
    (
        Agency("musterdorf-verwaltung", "Gemeindeverwaltung und Schule"),
        Agency("musterdorf-werke", "Gemeindewerke Musterdorf", "enterprise"),
    ),
    1.06,
)
MODELHAVN: Final = Town(
    "modelhavn",
    "Modelhavn Kommune (fiktiv)",
    "DK",
    "DK",
    "Europe/Copenhagen",
    "DKK",
    11_350,
    172_000,
    "7.45",
    date(2021, 7, 1),
    (
        Agency("modelhavn-skoler", "Skoler og institutioner"),
        Agency("modelhavn-havn", "Modelhavn Havn", "enterprise"),
    ),
    1.12,
)
TOWNS: Final = (MUSTERHAFEN, MUSTERDORF, MODELHAVN)

_GAS: Final = ("Erdgas", "kWh", "Hs")
_POWER: Final = ("Strom", "kWh", "")
_HEAT: Final = ("Fernwärme", "kWh", "")

METERS: Final = (
    Meter("LIGA-MH-BIB-GAS", "rathaus", "Stadtbibliothek", *_GAS, 40, 46, 0.09, "MH-01", 0.24),
    Meter("LIGA-MH-HALLE-GAS", "rathaus", "Turnhalle am Wall", *_GAS, 55, 61, 0.09, "MH-02", 0.31),
    Meter("LIGA-MH-JUZ-STROM", "rathaus", "Jugendzentrum", *_POWER, 92, 0, 0.27, "MH-03", 0.18),
    Meter("LIGA-MH-PUMPE-STROM", "stadtwerke", "Pumpwerk Ost", *_POWER, 510, 0, 0.23, "MH-04", 0.22),
    Meter("LIGA-MH-MUSEUM-GAS", "rathaus", "Hafenmuseum", *_GAS, 30, 38, 0.09, "MH-05", 0.05),
    Meter("MD-SCHULE-GAS", "musterdorf-verwaltung", "Schule an der Au", *_GAS, 60, 71, 0.10, "MD-01", 0.28),
    Meter("MD-AMT-GAS", "musterdorf-verwaltung", "Gemeindeamt", *_GAS, 25, 24, 0.10),
    Meter("MD-AMT-STROM", "musterdorf-verwaltung", "Gemeindeamt", *_POWER, 58, 0, 0.28),
    Meter("MD-LICHT-STROM", "musterdorf-werke", "Straßenbeleuchtung", *_POWER, 310, 0, 0.25, "MD-02", 0.52),
    Meter("MD-KLAER-STROM", "musterdorf-werke", "Kläranlage", *_POWER, 640, 0, 0.24, "MD-03", 0.0),
    Meter("MD-SCHULE-STROM", "musterdorf-verwaltung", "Schule an der Au", *_POWER, 130, 0, 0.28),
    Meter("MD-KITA-STROM", "musterdorf-verwaltung", "Kita Auwichtel", *_POWER, 47, 0, 0.28),
    Meter("MD-WEHR-STROM", "musterdorf-werke", "Feuerwehrhaus", *_POWER, 39, 0, 0.28),
    Meter("MD-BAUHOF-STROM", "musterdorf-werke", "Bauhof", *_POWER, 66, 0, 0.28),
    Meter("MD-KITA-GAS", "musterdorf-verwaltung", "Kita Auwichtel", *_GAS, 20, 22, 0.10),
    Meter("MO-SKOLE-VARME", "modelhavn-skoler", "Havneskolen", *_HEAT, 70, 64, 0.75, "MO-01", 0.21),
    Meter("MO-HAL-VARME", "modelhavn-skoler", "Idrætshal", *_HEAT, 90, 52, 0.75, "MO-02", 0.16),
    Meter("MO-SKOLE-STROM", "modelhavn-skoler", "Havneskolen", *_POWER, 150, 0, 1.9),
    Meter("MO-LYS-STROM", "modelhavn-havn", "Havnebelysning", *_POWER, 265, 0, 1.9, "MO-03", 0.44),
    Meter("MO-KRAN-STROM", "modelhavn-havn", "Kajkran", *_POWER, 330, 0, 1.9),
    Meter("MO-VAND", "modelhavn-havn", "Skibsvand", "Trinkwasser", "m³", "", 24, 0, 2.2, "MO-04", 0.15),
)
"""Values a day, made up; the columns of the standard upload call activities by their German names."""

_NORMAL: Final = (520, 470, 410, 270, 130, 40, 15, 20, 90, 240, 380, 490)
"""Degree days of the months of an ordinary year, made up."""


def town_of(agency: str) -> Town:
    """Return the town an agency belongs to."""
    return next(town for town in TOWNS if any(one.code == agency for one in town.agencies))


def degree_days(town: Town, year: int, month: int) -> float:
    """Return the heating degree days of a month, made up: whole numbers."""
    varied = between(0.86, 1.14, town.code, "weather", year, month)
    return float(round(_NORMAL[month - 1] * town.cold * varied))


def station(town: Town) -> str:
    """Return what the degree days of a town are called in the master data."""
    return f"Gradtage {town.code}"
