"""What a series is: whose, of what, which way, in which unit; and why some are not taken."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import polars as pl

from bilanz import units
from bilanz.activity import activity as activity_of
from bilanz.activity import folded
from bilanz.records import Basis, Direction
from importers.base import ImportRequest
from importers.interval import counters, vocabulary
from importers.interval.layout import Group, Value

_HOUR: Final = 60
_PART: Final = "\x1f"
REGISTER: Final = "register_readings"
"""Code of the issue of a series that is readings of a register."""


@dataclass(frozen=True, slots=True)
class Identity:
    """One series as far as its header and its rows tell.

    Attributes:
        unit: canonical unit of the text (power stays power here); None: refused.
        refusal: issue code where the series is not taken, with its value and parameters.
        is_direction_assumed: nothing says which way the energy flows.
        is_register: it carries the OBIS code of a register.
    """

    source: str | None
    activity: str | None
    direction: Direction
    unit: str | None
    basis: str
    value: Value
    refusal: tuple[str, str | None, Mapping[str, str]] | None = None
    is_direction_assumed: bool = False
    is_register: bool = False


@dataclass(frozen=True, slots=True)
class Parts:
    """What a row says about its series; None: nothing."""

    meter: str | None
    obis: str | None
    unit: str | None
    direction: str | None
    tariff: str | None


def parts(group: Group, text: str) -> Parts:
    """Return what a row says about its series, from its cells in the order of `Group.key_places`."""
    texts = iter(text.split(_PART))
    return Parts(
        *((next(texts, "").strip() or None) if place is not None else None for place in group.key_places())
    )


def identify(group: Group, value: Value, text: str, request: ImportRequest) -> Identity:
    """Return what a series is.

    Args:
        group: its columns.
        value: its value column.
        text: what its rows say (see `parts`).
        request: adds unit, activity and basis where the file states none.
    """
    said = parts(group, text)
    meter, obis, stated = said.meter, said.obis, said.unit
    label = value.source
    source = label if meter is None else meter if label in {None, meter} else f"{meter} {label}"
    if source is None or (label is not None and label == value.title and meter is None):
        above = group.meter_above
        source = f"{above} {label}" if above and label else above or label
    if said.tariff is not None:
        source = f"{source} {said.tariff}" if source else said.tariff
    code = vocabulary.obis(obis) if obis else None
    way = vocabulary.direction_of(said.direction) if said.direction else None
    direction = (code[1] if code else None) or way or value.direction
    activity = (
        (code[0] if code else None)
        or value.activity
        or vocabulary.activity_in([text for text in (meter, group.meter_above) if text])
    )
    unit, refusal = _unit(value, stated, request)
    if obis and vocabulary.is_reactive(obis):
        refusal = ("refused_unit", obis, {"reason": "reactive or apparent energy"})
    if said.direction is not None and direction is None and refusal is None:
        refusal = ("direction_unknown", said.direction, {})
    spelling = units.find(stated) if stated else None
    return Identity(
        source=source,
        activity=activity or request.activity,
        direction=direction or Direction.CONSUMPTION,
        unit=unit,
        basis=(spelling.basis if spelling else None) or request.basis or Basis.NONE.value,
        value=value,
        refusal=refusal,
        is_direction_assumed=direction is None,
        is_register=counters.is_register(obis or value.title),
    )


def judged(identity: Identity, quantities: pl.Series) -> Identity:
    """Return a series, refused where its values are readings of a register."""
    is_counter = counters.is_counter(quantities, is_labelled=identity.is_register)
    text = f"{quantities[0].normalize():f}" if is_counter else ""
    return replace(identity, refusal=(REGISTER, text, {}) if is_counter else None)


def _unit(
    value: Value, stated: str | None, request: ImportRequest
) -> tuple[str | None, tuple[str, str | None, Mapping[str, str]] | None]:
    if value.refused is not None:
        reason = units.refusal(value.refused) or "not a quantity of energy or volume"
        return None, ("refused_unit", value.refused, {"reason": reason})
    unit = value.unit
    if unit is None and stated is not None:
        found = units.find(stated)
        if found is None:
            near = ", ".join(units.near(stated)) or "–"
            return None, ("unknown_unit", stated, {"near": near})
        unit = found.unit
    unit = unit or request.unit
    return unit, None if unit else ("missing_unit", None, {})


def settled_activity(identity: Identity, minutes: int) -> tuple[str | None, bool]:
    """Return the activity of a series and whether it was assumed.

    A profile in energy finer than an hour that says nothing is electricity: no other carrier is metered so.
    """
    if identity.activity is not None or identity.unit is None:
        return identity.activity, False
    is_energy = units.dimension(identity.unit) in {"energy", "power"}
    return ("electricity", True) if is_energy and minutes < _HOUR else (None, False)


def lacks_basis(activity: str | None, unit: str, basis: str) -> bool:
    """Return whether an energy of fuel is stated without its calorific basis."""
    if activity is None or basis != Basis.NONE.value:
        return False
    return activity_of(activity).needs_basis and units.dimension(unit) == "energy"


def declared_stamp(declared: Mapping[str, str], titles: list[str]) -> str | None:
    """Return "begin" or "end" where a time column was declared so."""
    names = {folded(title) for title in (*titles, " + ".join(titles))}
    for column, text in declared.items():
        if folded(column) in names and text.strip().casefold() in {"begin", "end"}:
            return text.strip().casefold()
    return None
