"""Lines of the publication as rows of `FACTOR_SCHEMA`.

    WTT- fuels > Gaseous fuels > Natural gas, kWh (Net CV) ──► desnz:2025:natural_gas:GB:2025:kWh_Hi, upstream

A fuel, its well-to-tank part and its biogenic CO2 are lines of three tables and one statement; their common
name is the activity, or else the path of the direct line. Identifiers follow from content alone, never from a
row number.
"""

import re
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final

from bilanz.factor import FACTOR_SCHEMA, FACTOR_VALUE, Chain, Evidence
from factors import table
from factors.desnz.lines import EQUIVALENT, MEASURES, Line, Volume
from factors.desnz.vocabulary import UNKNOWN, Meaning, meaning
from factors.publication import Extract, LayoutChanged

SOURCE: Final = "desnz"
PUBLISHER: Final = "UK Department for Energy Security and Net Zero / Defra"
TITLE: Final = "UK Government GHG Conversion Factors for Company Reporting"
LICENCE: Final = "Open Government Licence v3.0"
EMPTY: Final = "The cell is empty: not available, or no possible combination."
ENERGY: Final = "An amount of energy, no emission factor."
FORCED: Final = "CO2 with radiative forcing is no mass of CO2: only the CO2e is taken."

_UK: Final = "GB"
_FORCING: Final = "With RF"
"""Flights: the CO2 is multiplied by what contrails and nitrogen oxides add to its effect."""

_ABROAD: Final = ("Hotel stay", "Overseas electricity", "WTT- UK & overseas elec")
"""Categories whose lines are countries: only the map knows which."""

_REFRIGERANTS: Final = "Refrigerant & other"
"""The publication: primarily AR5, where AR5 has no value AR4, AR6 or an estimate; which, no line says."""

_CHAINS: Final = {
    "Fuels": Chain.DIRECT,
    "Bioenergy": Chain.DIRECT,
    _REFRIGERANTS: Chain.DIRECT,
    "Passenger vehicles": Chain.DIRECT,
    "Delivery vehicles": Chain.DIRECT,
    "SECR kWh pass & delivery vehs": Chain.DIRECT,
    "UK electricity": Chain.DIRECT,
    "Overseas electricity": Chain.DIRECT,
    "UK electricity for EVs": Chain.DIRECT,
    "SECR kWh UK electricity for EVs": Chain.DIRECT,
    "Heat and steam": Chain.DIRECT,
    "Transmission and distribution": Chain.UPSTREAM,  # what losses emit counts as upstream of the use (3.3)
    "UK electricity T&D for EVs": Chain.UPSTREAM,
    "Water supply": Chain.TOTAL,
    "Water treatment": Chain.TOTAL,
    "Material use": Chain.TOTAL,
    "Waste disposal": Chain.TOTAL,
    "Business travel- air": Chain.DIRECT,
    "Business travel- sea": Chain.DIRECT,
    "Business travel- land": Chain.DIRECT,
    "Freighting goods": Chain.DIRECT,
    "Hotel stay": Chain.TOTAL,
    "Managed assets- electricity": Chain.DIRECT,
    "Managed assets- vehicles": Chain.DIRECT,
    "Homeworking": Chain.TOTAL,
    "Outside of scopes": Chain.BIOGENIC,
}
_WELL_TO_TANK: Final = "WTT- "
_DIRECT_OF: Final = {
    "WTT- fuels": "Fuels",
    "WTT- bioenergy": "Bioenergy",
    "WTT- UK electricity": "UK electricity",
    "WTT- heat and steam": "Heat and steam",
    "WTT- business travel- air": "Business travel- air",
    "WTT- business travel- sea": "Business travel- sea",
    "WTT- pass vehs & travel- land": "Business travel- land",
    "WTT- delivery vehs & freight": "Freighting goods",
}
_TABLE_OF: Final = {"UK electricity (generation)": "Electricity generated"}
_LOSSES: Final = frozenset({"UK electricity (T&D)", "district heat & steam distribution"})
_OF_BIOGENIC: Final = {
    "Forecourt fuels containing biofuel": ("Fuels", "Liquid fuels"),
    "Biofuel": ("Bioenergy", "Biofuel"),
    "Biomass": ("Bioenergy", "Biomass"),
    "Biogas": ("Bioenergy", "Biogas"),
    "Electricity generated": ("UK electricity", "Electricity generated"),
}

_UNITS: Final = {
    "tonnes": "t",
    "kg": "kg",
    "litres": "l",
    "million litres": "Ml",
    "cubic metres": "m3",
    "kWh": "kWh",
    "kWh (Net CV)": "kWh",
    "kWh (Gross CV)": "kWh",
    "GJ": "GJ",
    "km": "km",
    "miles": "mi",
    "passenger.km": "pkm",
    "tonne.km": "tkm",
    "Room per night": "night",
    "per FTE Working Hour": "fte_hour",
}
_BASES: Final = {"kWh (Net CV)": "Hi", "kWh (Gross CV)": "Hs"}
_NET: Final = frozenset({"Fuels", "Bioenergy"})
"""Where plain kWh and GJ are net: the sheets Bioenergy and Outside of scopes say so."""


def extract(path: Path, volume: Volume) -> Extract:
    """Return everything a file holds as rows of text.

    Raises:
        LayoutChanged: a category that is not known, so that its chain part is not known either.
    """
    ignored: Counter[str] = Counter()
    rows: list[table.Cells] = []
    for line in volume.lines:
        if line.measure not in MEASURES:
            ignored[ENERGY] += 1
        elif line.value is None:
            ignored[EMPTY] += 1
        elif line.levels[-1] == _FORCING and MEASURES[line.measure] != EQUIVALENT:
            ignored[FORCED] += 1
        else:
            rows.append(_cells(path.name, volume, line))
    frame = table.framed(rows, tuple(FACTOR_SCHEMA))
    about = {"title": f"{TITLE} {volume.year}", "publisher": PUBLISHER, "licence": LICENCE}
    return Extract(SOURCE, volume.year, frame, frame.height, ignored=dict(ignored), about=about)


def category_and_item(levels: Iterable[str]) -> tuple[str, str]:
    """Return category and line as the catalogue names them: `Fuels > Gaseous fuels` and `Natural gas`."""
    path = tuple(levels)
    depth = min(2, len(path) - 1)
    return " > ".join(path[:depth]), " > ".join(path[depth:])


def direct_line(levels: tuple[str, ...]) -> tuple[str, ...]:
    """Return the path of the line an upstream or biogenic line belongs to; its own where it stands alone."""
    first, second, *rest = levels
    if first == "Outside of scopes" and second in _OF_BIOGENIC:
        return (*_OF_BIOGENIC[second], *rest)
    of = second.removeprefix(_WELL_TO_TANK)
    if first in _DIRECT_OF and of not in _LOSSES:
        return (_DIRECT_OF[first], _TABLE_OF.get(of, of), *rest)
    return levels


def _cells(file: str, volume: Volume, line: Line) -> table.Cells:
    whole = direct_line(line.levels)
    category, item = category_and_item(line.levels)
    known = meaning(category, item, line.unit) or meaning(*category_and_item(whole), line.unit) or UNKNOWN
    per_unit, basis = _UNITS.get(line.unit, line.unit), _basis(line.unit, whole)
    region = known.region or (None if line.levels[0] in _ABROAD else _UK)
    gas = MEASURES[line.measure]
    row: dict[str, str | None] = {
        "factor_id": _factor_id(volume.year, known, whole, region, _token(line.unit, whole)),
        "source": SOURCE,
        "edition": volume.year,
        "activity": known.activity,
        "category": category,
        "item": item,
        "region": region,
        "valid_from": f"{volume.year}-01-01",
        "valid_to": f"{int(volume.year) + 1}-01-01",
        "gas": gas,
        "value": _value(line.value),
        "mass_unit": "kg",
        "per_unit": per_unit,
        "basis": basis,
        "chain": _chain(file, line),
        "gwp": _gwp(line, gas, volume.gwp),
        "delivery": known.delivery,
        "evidence": Evidence.PRIMARY.value,
        "publisher": PUBLISHER,
        "title": f"{TITLE} {volume.year}",
        "locator": line.place,
        "licence": LICENCE,
        "note": known.note,
    }
    return [*(row.get(name) for name in FACTOR_SCHEMA), f"{file}, {line.place}", str(line.row)]


def _value(printed: str | None) -> str | None:
    """Return a number with at most the decimals that can be kept; half-even. Text stays as it is."""
    if printed is None or len(printed.partition(".")[2]) <= FACTOR_VALUE.scale:
        return printed
    try:
        return format(Decimal(printed).quantize(Decimal(1).scaleb(-FACTOR_VALUE.scale)).normalize(), "f")
    except InvalidOperation:
        return printed


def _chain(file: str, line: Line) -> str:
    """Return the part of the life cycle a category covers.

    Raises:
        LayoutChanged: the category is not known.
    """
    category = line.levels[0]
    if category.startswith(_WELL_TO_TANK):
        return Chain.UPSTREAM.value
    if category not in _CHAINS:
        raise LayoutChanged(file, line.place, ", ".join(_CHAINS), category)
    return _CHAINS[category].value


def _gwp(line: Line, gas: str, stated: str) -> str | None:
    """Return the set a value was weighted with; None for CO2, of which a kilogram is a kilogram."""
    if line.levels[0] == _REFRIGERANTS:
        return "unstated"
    return None if gas == "CO2" else stated


def _basis(unit: str, whole: tuple[str, ...]) -> str:
    is_net = unit in {"kWh", "GJ"} and whole[0] in _NET
    return "Hi" if is_net else _BASES.get(unit, "none")


def _token(unit: str, whole: tuple[str, ...]) -> str:
    """Return the unit as identifiers spell it: `kWh_Hi` where a fuel has both bases, else the unit."""
    is_both = whole[0] == "Fuels" and unit == "kWh"
    basis = "Hi" if is_both else _BASES.get(unit)
    code = _UNITS.get(unit, unit)
    return f"{code}_{basis}" if basis else code


def _factor_id(year: str, known: Meaning, whole: tuple[str, ...], region: str | None, token: str) -> str:
    told = known.name or known.activity
    name = told or re.sub(r"[^a-z0-9]+", "_", " ".join(whole).casefold()).strip("_")
    return f"{SOURCE}:{year}:{name}:{region or '-'}:{year}:{token}"
