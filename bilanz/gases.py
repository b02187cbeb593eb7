"""Gases and their global warming potentials: which value weights a mass, and how it was found.

    mass of a gas (kg CH4)  × potential of the chosen set  ──►  kg CO2e
    CO2e as published                                      ──►  stays as it is: no set can take it apart

The potentials are data rows (`GWP_SCHEMA`), never unit definitions. A set that has no value for a gas raises;
nothing counts as zero.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

import polars as pl

from bilanz.errors import GwpMissing, UnknownName

EQUIVALENT: Final = "CO2e"
METHANE: Final = "CH4"
METHANE_BY_ORIGIN: Final = ("CH4_fossil", "CH4_biogenic")

WEIGHT_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "gas": pl.String,
    "gwp_value": pl.Decimal(38, 18),  # kg CO2e per kg
    "resolution": pl.String,  # Resolution
}

_REFRIGERANT_FAMILIES: Final = ("HFC", "HCFC", "CFC", "HFO")
_MONTREAL: Final = ("CFC", "HCFC", "Halon", "CCl4", "CH3CCl3", "CH3Br")


class Resolution(StrEnum):
    """How the potential of a gas was found.

    `exact`: the set states it. `unsplit`: methane of known origin, weighted with the one value of a set that
    does not tell origins apart. `blend`: the sum of the components by mass. `equivalent`: CO2e, not weighted.
    """

    EXACT = "exact"
    UNSPLIT = "unsplit"
    BLEND = "blend"
    EQUIVALENT = "equivalent"


@dataclass(frozen=True, slots=True)
class GwpValue:
    """The potential of one gas in one set, in kg CO2e per kg, and the gases it was made of."""

    gwp: str
    gas: str
    value: Decimal
    resolution: Resolution
    components: tuple[tuple[str, Decimal], ...]  # gas, share of the mass (1 = whole)


@dataclass(frozen=True, slots=True)
class GwpSet:
    """The potentials of one assessment report over 100 years.

    Attributes:
        values: gas → kg CO2e per kg.
        blends: refrigerant blend → its components with their shares of the mass.
    """

    name: str
    values: Mapping[str, Decimal]
    blends: Mapping[str, tuple[tuple[str, Decimal], ...]]


def gwp_set(name: str, gwp: pl.DataFrame, blends: pl.DataFrame) -> GwpSet:
    """Return one set out of the tables of the catalogue.

    Args:
        name: SAR, TAR, AR4, AR5 or AR6.
        gwp: rows of `GWP_SCHEMA`.
        blends: columns blend, gas, share_percent.

    Raises:
        UnknownName: the table has no such set.
    """
    rows = gwp.filter(pl.col("gwp") == name)
    if rows.is_empty():
        known = ", ".join(sorted(set(gwp.get_column("gwp"))))
        raise UnknownName('The GWP set "{name}" is not known. Known: {known}.', name=name, known=known)
    mixed: dict[str, tuple[tuple[str, Decimal], ...]] = {}
    for blend, gas, percent in blends.select("blend", "gas", "share_percent").iter_rows():
        mixed[blend] = (*mixed.get(blend, ()), (gas, percent / 100))
    return GwpSet(name, dict(rows.select("gas", "value").iter_rows()), mixed)


def gwp_value(chosen: GwpSet, gas: str) -> GwpValue:
    """Return the potential of a gas, and how it was found.

    Raises:
        GwpMissing: the set has no value for the gas or for a component of the blend, or it is no gas (CO2e).
    """
    if gas == EQUIVALENT:
        raise GwpMissing("CO2e is an equivalent, not the mass of a gas: no set can weight it.")
    if gas in chosen.values:
        return GwpValue(chosen.name, gas, chosen.values[gas], Resolution.EXACT, ((gas, Decimal(1)),))
    if gas in METHANE_BY_ORIGIN and METHANE in chosen.values:
        value = chosen.values[METHANE]
        return GwpValue(chosen.name, gas, value, Resolution.UNSPLIT, ((METHANE, Decimal(1)),))
    if gas in chosen.blends:
        return _of_blend(chosen, gas)
    raise GwpMissing("The GWP set {set} has no value for {gas}.", set=chosen.name, gas=gas)


def _of_blend(chosen: GwpSet, blend: str) -> GwpValue:
    """Return the mass-weighted potential of a blend; every component needs a value."""
    components = chosen.blends[blend]
    missing = [gas for gas, _ in components if gas not in chosen.values]
    if missing:
        message = "The GWP set {set} has no value for {gas}, a component of {blend}."
        raise GwpMissing(message, set=chosen.name, gas=", ".join(missing), blend=blend)
    value = sum((chosen.values[gas] * share for gas, share in components), Decimal(0))
    return GwpValue(chosen.name, blend, value, Resolution.BLEND, components)


def is_of_montreal(chosen: GwpSet, gas: str) -> bool:
    """Tell whether a gas, or a component of a blend, is controlled by the Montreal Protocol.

    The GHG Protocol reports CFC, HCFC and halons apart from the scopes (Corporate Standard, chapter 9).
    """
    parts = [name for name, _ in chosen.blends.get(gas, ((gas, Decimal(1)),))]
    return any(name.startswith(_MONTREAL) for name in parts)


def weights(chosen: GwpSet, gases: Iterable[str]) -> pl.DataFrame:
    """Return the potentials of several gases as a frame to join on `gas`.

    Shape: one row per distinct gas, in `WEIGHT_SCHEMA`. CO2e gets 1 and is marked `equivalent`: what is
    multiplied there is already kg CO2e, not the mass of a gas.

    Raises:
        GwpMissing: the set has no value for one of the gases.
    """
    rows: list[tuple[str, Decimal, str]] = []
    for gas in sorted(set(gases)):
        if gas == EQUIVALENT:
            rows.append((gas, Decimal(1), Resolution.EQUIVALENT.value))
        else:
            found = gwp_value(chosen, gas)
            rows.append((gas, found.value, found.resolution.value))
    return pl.DataFrame(rows, schema=WEIGHT_SCHEMA, orient="row")


def known_gases(gwp: pl.DataFrame, blends: pl.DataFrame) -> frozenset[str]:
    """Return every code a factor may name: gases, methane by origin, blends and CO2e."""
    codes = {*gwp.get_column("gas"), *blends.get_column("blend"), *blends.get_column("gas")}
    return frozenset({*codes, *METHANE_BY_ORIGIN, EQUIVALENT})


def find(spelling: str, known: Iterable[str]) -> str | None:
    """Return the code of a gas as files spell it (`R-410A`, `HFC-134a`, `R32`), or None."""
    return _spellings(known).get(_folded(spelling))


def _folded(name: str) -> str:
    return re.sub(r"[\s_-]", "", name).upper()


def _spellings(known: Iterable[str]) -> dict[str, str]:
    """Return folded spelling → code; the R number of a pure refrigerant is its code without the family."""
    codes = sorted(known)
    spellings = {"R744": "CO2"}
    for family in _REFRIGERANT_FAMILIES:
        for code in codes:
            if code.startswith(family):
                spellings.setdefault(_folded("R" + code.removeprefix(family)), code)
    return spellings | {_folded(code): code for code in codes}
