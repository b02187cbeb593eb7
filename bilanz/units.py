"""Units: which spellings are read, what they measure, and how they convert, exactly.

    file ──► whitelist (units.toml) ──► canonical code ──► ratio (pint, units_registry.txt) ──► Fraction

A spelling outside the whitelist is not read: pint alone reads `kt` as knot, `ton` as 907 kg, `RM` as 10^30.
Looking up spellings and dimensions does not import pint; a ratio does, once per distinct (unit, target) pair.
Energy of fuel and its calorific basis are two things: `MWh Ho` is the unit MWh with the basis Hs.
The masses of a gas (`kg_CH4`, `t_HFC134a`, `kg_CO2e`) are units of a dimension of their own, one per gas
code: no sum and no ratio leads from one gas to another or to CO2e; only a potential does, which is data.

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
from threading import Lock
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from bilanz.errors import UnitError

if TYPE_CHECKING:
    from pint import UnitRegistry

_FOLDER: Final = Path(__file__).parent
_MINUTES_PER_HOUR: Final = 60
_ENERGY_OF_POWER: Final = {"W": "Wh", "kW": "kWh", "MW": "MWh"}
_MULTIPLES_OF_MONEY: Final = {"kEUR": ("EUR", 1000)}
_MASSES_OF_GAS: Final = ("kg", "g", "t", "lb", "short_ton")
_GAS_UNIT: Final = re.compile(rf"(?P<mass>{'|'.join(_MASSES_OF_GAS)})_(?P<gas>c?[A-Z][\w().,=+-]*)")
_DEFINING: Final = Lock()

POWER: Final = "power without an interval"
RATIO: Final = "a ratio, not an amount"


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit of the whitelist.

    Attributes:
        code: canonical code, used in frames and by the registry.
        dimension: what it measures: energy, power, volume, norm_volume, standard_volume, bulk_volume, mass,
            distance, passenger_distance, freight, count, nights, working_time, inhabitants,
            population_equivalents, degree_days, time, calendar, area, `money:<currency>`, or `gas:<gas>`.
        spellings: every spelling that is read as this unit, as the whitelist writes it; none: it is never
            read from a file, only used in factors.
    """

    code: str
    dimension: str
    spellings: tuple[str, ...]

    @property
    def kind(self) -> str:
        """The dimension without currency or gas: `money` for every currency (as in `activities.toml`)."""
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
    """Return a unit by its canonical code, or by the code of a mass of a gas (`kg_CH4`).

    Raises:
        UnitError: there is no such code.
    """
    found = units().get(code) or _unit_of_gas(code)
    if found is None:
        message = 'The unit "{name}" is not known. Similar: {near}.'
        raise UnitError(message, name=code, near=", ".join(near(code)) or "–")
    return found


def mass_of_gas(mass: str, gas: str) -> str:
    """Return the code of a mass of one gas: `mass_of_gas("g", "CH4") == "g_CH4"`.

    Args:
        mass: kg, g, t, lb or short_ton.
        gas: code of a gas, a blend, or CO2e (`bilanz.gases`).

    Raises:
        UnitError: the mass or the gas has not the form of one.
    """
    return unit(f"{mass}_{gas}").code


def dimension(code: str) -> str:
    """Return the dimension of a canonical code; money is `money:<currency>`, a mass of a gas `gas:<gas>`.

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
        UnitError: an unknown code, or two units of different dimensions (also two currencies, two gases,
            two measures of wood, cubic metres and standard cubic metres, months and days).
    """
    start, end = _defined(unit), _defined(target)
    from pint import DimensionalityError

    try:
        return Fraction(_registry().convert(1, start, end))
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


def _unit_of_gas(code: str) -> Unit | None:
    """Return the unit of a mass of a gas, or None where the code has not that form."""
    match = _GAS_UNIT.fullmatch(code)
    return None if match is None else Unit(code, f"gas:{match['gas']}", ())


def _defined(code: str) -> str:
    """Return the name of a unit in the registry, where the masses of a gas are defined when first asked for.

    Raises:
        UnitError: there is no such code.
    """
    kind, _, gas = unit(code).dimension.partition(":")
    if kind != "gas":
        return code
    names = _define_gas(gas)
    return names[code.removesuffix(f"_{gas}")]


@cache
def _define_gas(gas: str) -> dict[str, str]:
    """Define a dimension for a gas, and its masses by those of the definition file; return mass → name.

    Signs no name of a unit may have (`HCFO1233zd(E)`) are written as their code points.
    """
    sign = re.sub(r"\W", lambda found: f"_x{ord(found[0]):x}_", gas)
    names = {mass: f"{mass}_{sign}" for mass in _MASSES_OF_GAS}
    shares = {mass: ratio(mass, "kg") for mass in _MASSES_OF_GAS[1:]}
    with _DEFINING:
        registry = _registry()
        if names["kg"] not in registry:
            registry.define(f"{names['kg']} = [gas_{sign}]")
            for mass, share in shares.items():
                definition = f"{names[mass]} = {share.numerator} / {share.denominator} * {names['kg']}"
                registry.define(definition)
    return names


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
            (spelling, code) for code in entries for spelling in _exact(code, table["unit"].get(code, {}))
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


def _exact(code: str, entry: dict[str, Any]) -> tuple[str, ...]:
    """Return the spellings read in exactly this case: the code is one, unless the entry says otherwise."""
    own = (code,) if entry.get("code_is_read", True) else ()
    return (*own, *entry.get("exact", ()))


def _units_of(table: dict[str, Any]) -> Iterator[tuple[str, Unit]]:
    for code, entry in table["unit"].items():
        spellings = dict.fromkeys([*_exact(code, entry), *entry.get("any_case", ())])
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
