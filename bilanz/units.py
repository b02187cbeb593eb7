"""Units: which spellings are read, what they measure, and how they convert, exactly.

    file ──► whitelist (units.toml) ──► canonical code ──► ratio (pint, units_registry.txt) ──► Fraction

A spelling outside the whitelist is not read: pint alone reads `kt` as knot, `ton` as 907 kg, `RM` as 10^30.
Looking up spellings and dimensions does not import pint; a ratio does, once per distinct (unit, target) pair.
Energy of fuel and its calorific basis are two things: `MWh Ho` is the unit MWh with the basis Hs.

Sources: SI Brochure, 9th edition (2019); NIST SP 811 (2008), appendix B.8; UN/ECE Recommendation 20;
ISO 4217.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from bilanz.errors import UnitError

if TYPE_CHECKING:
    from pint import UnitRegistry

_FOLDER: Final = Path(__file__).parent
_MINUTES_PER_HOUR: Final = 60
_ENERGY_OF_POWER: Final = {"W": "Wh", "kW": "kWh", "MW": "MWh"}
_MULTIPLES_OF_MONEY: Final = {"kEUR": ("EUR", 1000)}

POWER: Final = "power without an interval"
RATIO: Final = "a ratio, not an amount"


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit of the whitelist.

    Attributes:
        code: canonical code, used in frames and by the registry.
        dimension: what it measures: energy, power, volume, norm_volume, bulk_volume, mass, distance,
            passenger_distance, freight, count, time, calendar, area, or `money:<currency>`.
        spellings: every spelling that is read as this unit, as the whitelist writes it.
    """

    code: str
    dimension: str
    spellings: tuple[str, ...]

    @property
    def kind(self) -> str:
        """The dimension without the currency: `money` for every currency (as in `activities.toml`)."""
        return self.dimension.partition(":")[0]


@dataclass(frozen=True, slots=True)
class Spelling:
    """What a spelling says: the unit, and the calorific basis (`Hi`, `Hs`) where it states one."""

    unit: str
    basis: str | None = None


@dataclass(frozen=True, slots=True)
class _Whitelist:
    units: Mapping[str, Unit]
    exact: Mapping[str, str]  # spelling → code
    folded: Mapping[str, str]  # spelling without case → code
    bases: Mapping[str, str]  # word without case → Hi or Hs
    near: Mapping[str, tuple[str, ...]]
    refused: Mapping[str, str]  # spelling → reason
    refused_folded: Mapping[str, str]


def normal(spelling: str) -> str:
    """Return a spelling with compatibility signs folded (m³ → m3) and single spaces; case is kept."""
    return " ".join(unicodedata.normalize("NFKC", spelling).split())


def units() -> Mapping[str, Unit]:
    """Return canonical code → unit, in the order of the whitelist, currencies last."""
    return _whitelist().units


def unit(code: str) -> Unit:
    """Return a unit by its canonical code.

    Raises:
        UnitError: there is no such code.
    """
    try:
        return units()[code]
    except KeyError:
        message = 'The unit "{name}" is not known. Similar: {near}.'
        raise UnitError(message, name=code, near=", ".join(near(code)) or "–") from None


def dimension(code: str) -> str:
    """Return the dimension of a canonical code; money is `money:<currency>`.

    Raises:
        UnitError: there is no such code.
    """
    return unit(code).dimension


@cache
def find(spelling: str) -> Spelling | None:
    """Return what a spelling means, or None where the whitelist does not hold it.

    The basis may follow an energy unit: `MWh Ho`, `kWh (Hi)`, `kWh_Hs`.
    """
    name = normal(spelling)
    code = _code(name)
    if code is not None:
        return Spelling(code)
    match = _basis_pattern().fullmatch(name)
    if match is None:
        return None
    code = _code(match["unit"])
    if code is None or units()[code].dimension != "energy":
        return None
    return Spelling(code, _whitelist().bases[match["basis"].casefold()])


def near(spelling: str, count: int = 3) -> list[str]:
    """Return whitelisted spellings an unknown one may have meant, the likeliest first."""
    name = normal(spelling).casefold()
    listed = list(_whitelist().near.get(name, ()))
    shown = _shown()
    close = (shown[key] for key in get_close_matches(name, shown, n=count, cutoff=0.6))
    return list(dict.fromkeys([*listed, *close]))[:count]


def refusal(spelling: str) -> str | None:
    """Return why a recognised unit is no quantity (an English template), or None.

    Power is no quantity without an interval; where there is one, see `energy_of_power`.
    """
    name = normal(spelling)
    whitelist = _whitelist()
    found = find(name)
    if found is not None:
        return POWER if units()[found.unit].dimension == "power" else None
    reason = whitelist.refused.get(name) or whitelist.refused_folded.get(name.casefold())
    if reason is None and _is_ratio(name):
        return RATIO
    return reason


@cache
def ratio(unit: str, target: str) -> Fraction:
    """Return the exact factor from one unit to another: quantity in `unit` times it is quantity in `target`.

    `ratio("kWh", "MJ") == Fraction(18, 5)`.

    Raises:
        UnitError: an unknown code, or two units of different dimensions (also two currencies, two measures
            of wood, cubic metres and standard cubic metres, months and days).
    """
    for code in (unit, target):
        dimension(code)
    from pint import DimensionalityError

    try:
        return Fraction(_registry().convert(1, unit, target))
    except DimensionalityError:
        message = "{unit} ({of_unit}) cannot be converted into {target} ({of_target})."
        raise UnitError(
            message, unit=unit, target=target, of_unit=dimension(unit), of_target=dimension(target)
        ) from None


def energy_of_power(code: str, minutes: int) -> tuple[str, Fraction] | None:
    """Return the energy unit of a mean power and the energy of one unit over an interval; None: no power.

    `energy_of_power("kW", 15) == ("kWh", Fraction(1, 4))`.
    """
    energy = _ENERGY_OF_POWER.get(code)
    return None if energy is None else (energy, Fraction(minutes, _MINUTES_PER_HOUR))


def _code(name: str) -> str | None:
    whitelist = _whitelist()
    return whitelist.exact.get(name) or whitelist.folded.get(name.casefold())


def _is_ratio(name: str) -> bool:
    """Tell `kWh/m2` or `EUR/kWh` from any other text: a unit stands before the stroke."""
    above, stroke, _ = name.partition("/")
    return bool(stroke) and find(above) is not None


@cache
def _shown() -> dict[str, str]:
    """Return folded spelling → the spelling as the whitelist writes it, for near misses."""
    return {
        spelling.casefold(): spelling for entry in units().values() for spelling in reversed(entry.spellings)
    }


@cache
def _basis_pattern() -> re.Pattern[str]:
    words = "|".join(re.escape(word) for word in sorted(_whitelist().bases, key=len, reverse=True))
    return re.compile(rf"(?P<unit>.+?)[\s_,]*[(\[]?(?P<basis>{words})[)\]]?", re.IGNORECASE)


@cache
def _whitelist() -> _Whitelist:
    with (_FOLDER / "units.toml").open("rb") as stream:
        table = tomllib.load(stream)
    entries = dict(_units_of(table))
    return _Whitelist(
        units=MappingProxyType(entries),
        exact=_claimed(
            (spelling, code)
            for code, entry in entries.items()
            for spelling in (code, *table["unit"].get(code, {}).get("exact", ()))
        ),
        folded=_claimed(
            (spelling.casefold(), code)
            for code, entry in table["unit"].items()
            for spelling in entry.get("any_case", ())
        ),
        bases={word.casefold(): basis for basis, words in table["basis"].items() for word in words},
        near={word: tuple(spellings) for word, spellings in table["near"].items()},
        refused={
            spelling: entry["reason"]
            for entry in table["refused"].values()
            for spelling in entry.get("exact", ())
        },
        refused_folded={
            spelling: entry["reason"]
            for entry in table["refused"].values()
            for spelling in entry.get("any_case", ())
        },
    )


def _units_of(table: dict[str, Any]) -> Iterator[tuple[str, Unit]]:
    for code, entry in table["unit"].items():
        spellings = dict.fromkeys([code, *entry.get("exact", ()), *entry.get("any_case", ())])
        yield code, Unit(code, entry["dimension"], tuple(spellings))
    for code in table["currencies"]["codes"].split():
        if code not in table["unit"]:
            yield code, Unit(code, f"money:{code}", (code,))


def _claimed(pairs: Iterator[tuple[str, str]]) -> dict[str, str]:
    """Return spelling → code. A spelling claimed by two units is a defect of the whitelist."""
    claimed: dict[str, str] = {}
    for spelling, code in pairs:
        name = normal(spelling)
        if claimed.setdefault(name, code) != code:
            raise UnitError('The spelling "{name}" belongs to two units.', name=name)
    return claimed


@cache
def _registry() -> "UnitRegistry[Any]":
    """Return the one pint registry, made from our own definitions only, with exact numbers."""
    from pint import UnitRegistry

    registry: UnitRegistry[Any] = UnitRegistry(
        str(_FOLDER / "units_registry.txt"), non_int_type=Fraction, cache_folder=None
    )
    multiples = _MULTIPLES_OF_MONEY
    for code, entry in units().items():
        if entry.kind == "money" and code not in multiples:
            registry.define(f"{code} = [money_{code}]")
    for code, (currency, factor) in multiples.items():
        registry.define(f"{code} = {factor} * {currency}")
    return registry
