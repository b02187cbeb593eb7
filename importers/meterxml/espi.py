"""What the codes of Green Button mean: what is measured, in which unit, which way, and what is no quantity.

Source: NAESB REQ.21 (ESPI), espi.xsd: UnitSymbolKind, CommodityKind, FlowDirectionKind, AccumulationKind,
DataQualifierKind, QualityOfReading, ServiceKind, MeasurementKind, UnitMultiplierKind.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from bilanz import units
from bilanz.records import STATUS_ESTIMATED, STATUS_MEASURED, Direction
from importers.interval import registers
from importers.meterxml.espi_feed import Series
from importers.meterxml.texts import shown
from importers.meterxml.values import unit_mismatch

Refusal = tuple[str, str | None, Mapping[str, str]]

_UNITS: Final[dict[str, tuple[str, Fraction]]] = {
    "31": ("J", Fraction(1)),
    "38": ("W", Fraction(1)),
    "42": ("m3", Fraction(1)),
    "72": ("Wh", Fraction(1)),
    "119": ("ft3", Fraction(1)),
    "128": ("gal_us", Fraction(1)),
    "130": ("gal_uk", Fraction(1)),
    "132": ("kBtu", Fraction(1, 1000)),  # Btu
    "134": ("l", Fraction(1)),
    "156": ("l", Fraction(1)),  # uncompensated: as metered
    "166": ("m3", Fraction(1)),  # uncompensated
    "169": ("therm", Fraction(1)),
}
"""uom → unit and what one of it is in that unit."""

_LARGER: Final = {
    "J": {3: "kJ", 6: "MJ", 9: "GJ", 12: "TJ"},
    "W": {3: "kW", 6: "MW"},
    "Wh": {3: "kWh", 6: "MWh", 9: "GWh", 12: "TWh"},
}
"""Unit → power of ten → unit of that multiple: so that large values keep their digits."""

_REACTIVE: Final = "reactive or apparent energy"
_RATE: Final = "a rate of flow, no amount"
_COMPENSATED: Final = "a compensated volume without its reference conditions"
_ELECTRIC: Final = "an electric quantity that is no energy"
_REFUSED_UNITS: Final = {
    "5": _ELECTRIC,  # A
    "29": _ELECTRIC,  # V
    "33": _ELECTRIC,  # Hz
    "61": _REACTIVE,  # VA
    "63": _REACTIVE,  # var
    "65": _ELECTRIC,  # power factor
    "67": _ELECTRIC,  # V²
    "69": _ELECTRIC,  # A²
    "71": _REACTIVE,  # VAh
    "73": _REACTIVE,  # varh
    "106": _ELECTRIC,  # Ah
    "120": _COMPENSATED,  # ft³ compensated
    "122": _RATE,  # ft³/h
    "123": _RATE,  # ft³/h compensated
    "125": _RATE,  # m³/h
    "126": _RATE,
    "127": _RATE,
    "129": _RATE,  # US gal/h
    "131": _RATE,  # imperial gal/h
    "133": _RATE,  # Btu/h
    "137": _RATE,  # l/h
    "138": _RATE,
    "139": _RATE,
    "140": "a pressure",
    "155": "a pressure",
    "157": _COMPENSATED,  # l compensated
    "167": _COMPENSATED,  # m³ compensated
}
_COMMODITIES: Final = {
    "1": "electricity",  # secondary metered
    "2": "electricity",  # primary metered
    "7": "natural_gas",
    "8": "lpg",  # propane
    "9": "water_supply",  # potable
    "10": "district_steam",
    "11": "waste_water",
    "12": "district_heat",  # heating fluid
    "13": "district_cooling",  # cooling fluid
}
_SERVICES: Final = {"0": "electricity", "1": "natural_gas", "2": "water_supply"}
"""ServiceCategory/kind; the meaning of those above changed between editions."""
_RELATIVES: Final = {"lpg": "natural_gas", "waste_water": "water_supply"}
"""Commodity → the service it may come under."""

_DIRECTIONS: Final = {"1": Direction.CONSUMPTION, "19": Direction.FEED_IN}
_FLOWS: Final = {
    "4": "net of both directions, which cannot be told apart any more",
    "20": "the sum of both directions, which cannot be told apart any more",
    "21": "the sum of both directions, which cannot be told apart any more",
}
_INTERVALS: Final = frozenset({"", "0", "4"})  # none, delta data
_REGISTERS: Final = frozenset({"1", "3"})  # bulk quantity, cumulative
_ACCUMULATIONS: Final = {
    "6": "the state of an instrument, no mean over the interval",
    "12": "an instantaneous value, no mean over the interval",
}
_MEANS: Final = frozenset({"", "0", "2", "12"})  # none, average, normal
_CURRENCY: Final = "3"
_MULTIPLIER: Final = re.compile(r"[+-]?[0-9]{1,2}", re.ASCII)
_LARGEST: Final = 12

FORECAST: Final = "12"
STATUS: Final = {
    "0": STATUS_MEASURED,  # valid
    "7": STATUS_ESTIMATED,  # manually edited
    "8": STATUS_ESTIMATED,  # estimated by a reference day
    "9": STATUS_ESTIMATED,  # estimated by interpolation
    "10": STATUS_ESTIMATED,  # questionable
    "11": STATUS_ESTIMATED,  # derived
    "13": STATUS_ESTIMATED,  # mixed
    "14": STATUS_MEASURED,  # raw
    "15": STATUS_ESTIMATED,  # normalised for weather
    "16": STATUS_ESTIMATED,  # other
    "17": STATUS_MEASURED,  # validated
    "18": STATUS_MEASURED,  # verified
    "19": STATUS_MEASURED,  # revenue quality
}
"""ReadingQuality → STATUS_*."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the values of a series mean.

    Attributes:
        unit: canonical code; None: refused or not stated.
        factor: value × factor is the quantity in that unit.
        is_register: the values are readings of a register that counts on.
        refused: as `importers.interval.points.Facts` takes it.
    """

    activity: str | None
    direction: Direction | None
    unit: str | None
    factor: Fraction
    is_register: bool
    refused: Refusal | None


def meaning(series: Series) -> Meaning:
    """Return what the values of a series mean."""
    texts = series.type.texts if series.type is not None else {}
    unit, factor = _unit(texts)
    activity = _activity(texts, series)
    is_register = texts.get("accumulationBehaviour", "") in _REGISTERS
    refused = _refusal(texts, series, is_register=is_register)
    if refused is None and is_register and unit is not None:
        refused = registers.unit_refusal(unit)
    refused = refused or unit_mismatch(activity, unit, is_power=not is_register)
    direction = _DIRECTIONS.get(texts.get("flowDirection", ""))
    return Meaning(activity, direction, unit, factor, is_register, refused)


def _unit(texts: Mapping[str, str]) -> tuple[str | None, Fraction]:
    unit, share = _UNITS.get(texts.get("uom", ""), (None, Fraction(1)))
    power = _power(texts)
    if unit is None or power is None:
        return None, Fraction(1)
    for step in sorted(_LARGER.get(unit, {}), reverse=True):
        if step <= power:
            return _LARGER[unit][step], share * Fraction(10) ** (power - step)
    return unit, share * Fraction(10) ** power


def _power(texts: Mapping[str, str]) -> int | None:
    """Return the power of ten; the standard's default is 0. None: what is stated is none."""
    text = texts.get("powerOfTenMultiplier", "0")
    if _MULTIPLIER.fullmatch(text) is None or abs(int(text)) > _LARGEST:
        return None
    return int(text)


def _activity(texts: Mapping[str, str], series: Series) -> str | None:
    return _COMMODITIES.get(texts.get("commodity", "")) or _service(series)


def _service(series: Series) -> str | None:
    return _SERVICES.get(_service_kind(series))


def _service_kind(series: Series) -> str:
    return series.point.texts.get("ServiceCategory/kind", "") if series.point is not None else ""


def _refusal(texts: Mapping[str, str], series: Series, *, is_register: bool) -> Refusal | None:
    """Return why a series gives no quantity, or None; the unit is looked at first."""
    return _unit_refusal(texts) or _conflict(texts, series) or _code_refusal(texts, is_register=is_register)


def _unit_refusal(texts: Mapping[str, str]) -> Refusal | None:
    uom = texts.get("uom", "0")
    if uom == "0":
        return "missing_unit", None, {}
    if uom in _REFUSED_UNITS:
        return "refused_unit", f"uom {uom}", {"reason": _REFUSED_UNITS[uom]}
    if uom not in _UNITS:
        return "unknown_unit", f"uom {shown(uom)}", {"near": "–"}
    if _power(texts) is None:
        value = shown(texts.get("powerOfTenMultiplier"))
        return "series_refused", f"powerOfTenMultiplier {value}", {"reason": "no power of ten"}
    return None


def _conflict(texts: Mapping[str, str], series: Series) -> Refusal | None:
    """Return whether commodity and service category say different things."""
    commodity, service = _COMMODITIES.get(texts.get("commodity", "")), _service(series)
    if commodity is None or service is None or _RELATIVES.get(commodity, commodity) == service:
        return None
    value = f"commodity {texts['commodity']}, ServiceCategory {_service_kind(series)}"
    return "series_refused", value, {"reason": "two statements of what is measured"}


def _code_refusal(texts: Mapping[str, str], *, is_register: bool) -> Refusal | None:
    """Return which other code makes the values no quantities of their intervals."""
    flow, kind = texts.get("flowDirection", "0"), texts.get("kind", "")
    accumulation, qualifier = texts.get("accumulationBehaviour", ""), texts.get("dataQualifier", "")
    if flow not in {"0", *_DIRECTIONS}:
        return _refused("flowDirection", flow, _FLOWS.get(flow, _REACTIVE))
    if not is_register and accumulation not in _INTERVALS:
        reason = _ACCUMULATIONS.get(accumulation, "how it was accumulated is not known")
        return _refused("accumulationBehaviour", accumulation, reason)
    if qualifier not in _MEANS:
        return _refused("dataQualifier", qualifier, "a maximum, minimum or other extract of the interval")
    return _refused("kind", kind, "an amount of money") if kind == _CURRENCY else None


def _refused(name: str, code: str, reason: str) -> Refusal:
    return "series_refused", f"{name} {shown(code)}", {"reason": reason}


def is_power(unit: str | None) -> bool:
    """Return whether a unit is one of power."""
    return unit is not None and units.dimension(unit) == "power"


_NORTH_AMERICA: Final = {
    -12600: "America/St_Johns",
    -14400: "America/Halifax",
    -18000: "America/New_York",
    -21600: "America/Chicago",
    -25200: "America/Denver",
    -28800: "America/Los_Angeles",
    -32400: "America/Anchorage",
}
_EUROPE: Final = {0: "Europe/London", 3600: "Europe/Berlin", 7200: "Europe/Helsinki"}
_WITHOUT_CHANGE: Final = {
    -14400: "America/Puerto_Rico",
    -25200: "America/Phoenix",
    -36000: "Pacific/Honolulu",
}
_RULE: Final = re.compile(r"[0-9A-Fa-f]{8}", re.ASCII)
_MARCH, _OCTOBER, _NOVEMBER = 3, 10, 11


def zone(times: Mapping[str, str]) -> str | None:
    """Return the IANA zone of the LocalTimeParameters; None: they are missing or fit none that is known.

    The first four bits of a rule are its month: March to November in North America, to October in Europe.
    """
    text = times.get("tzOffset", "")
    if re.fullmatch(r"-?[0-9]{1,5}", text, re.ASCII) is None:
        return None
    offset = int(text)
    months = tuple(_month(times.get(name, "")) for name in ("dstStartRule", "dstEndRule"))
    if times.get("dstOffset", "0") == "0":
        return _WITHOUT_CHANGE.get(offset)
    if months == (_MARCH, _NOVEMBER):
        return _NORTH_AMERICA.get(offset)
    return _EUROPE.get(offset) if months == (_MARCH, _OCTOBER) else None


def _month(rule: str) -> int | None:
    return int(rule[0], 16) if _RULE.fullmatch(rule) is not None else None
