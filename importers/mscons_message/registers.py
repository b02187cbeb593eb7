"""What the series of a message are: metering point, carrier, direction, unit; and why some are not taken."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import polars as pl

from bilanz import units
from bilanz.records import Direction
from importers.interval.grid import DAY_MINUTES
from importers.interval.points import Facts, unit_facts
from importers.mscons_message import codes
from importers.mscons_message.context import METERING_POINT

KEY: Final = ("point", "place", "meter", "way", "code", "unit")
"""Columns whose values make a series."""
_WHERE: Final = ("point", "place", "meter")

TITLED: Final = 200
"""So many OBIS codes of a file are columns of their own in issues and control sums."""

_NAMES_POINT: Final = re.compile(r"[A-Z]{2}[0-9A-Z]{31}|\d{11}|\d{13}|\d{18}")
_WAYS: Final = {"Z06": Direction.FEED_IN, "Z07": Direction.CONSUMPTION}
_ENERGY_UNIT: Final = "kWh"
_POWER: Final = "power"
_TOTAL: Final = "0"

Refusal = tuple[str, str | None, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Register:
    """One series.

    Attributes:
        facts: what the import needs to know of it.
        is_counter: its code stands for readings of a counter; only its values can prove otherwise.
        tariff: number of the tariff; "0" is the total of all tariffs.
        quantity: what it measures, alike for every spelling of the code and the unit.
    """

    facts: Facts
    is_counter: bool
    tariff: str
    quantity: str

    @property
    def is_electric(self) -> bool:
        """Whether it counts electricity, whose codes alone name tariffs."""
        return self.facts.activity == "electricity"


def registers(keys: pl.DataFrame, unit: str | None) -> list[Register]:
    """Return the series of distinct `KEY` rows, in their order.

    Args:
        keys: one row per series.
        unit: unit of the registered source, for series that state none.
    """
    is_titled = keys["code"].n_unique() <= TITLED
    return [
        _register(dict(zip(KEY, row, strict=True)), unit, is_titled=is_titled)
        for row in keys.select(KEY).iter_rows()
    ]


def tariffs_apart(known: Sequence[Register], points: pl.DataFrame) -> list[Facts]:
    """Return the facts, the source of tariffs with their code where several of one point have readings.

    The store knows a series by source, activity and direction: two tariffs must not become one.
    """
    tariffs: dict[tuple[object, ...], set[str]] = {}
    for number in points.filter(pl.col("minutes") < DAY_MINUTES)["series"].unique():
        one = known[number]
        tariffs.setdefault(_way(one), set()).add(one.tariff)
    labels: dict[str, str] = {}
    facts = []
    for one in known:
        label = labels.setdefault(one.quantity, one.facts.title.removeprefix("QTY").strip() or one.tariff)
        is_apart = one.is_electric and one.tariff != _TOTAL and len(tariffs.get(_way(one), ())) > 1
        source = " ".join(filter(None, (one.facts.source, label)))
        facts.append(replace(one.facts, source=source) if is_apart else one.facts)
    return facts


def _way(one: Register) -> tuple[object, ...]:
    return one.facts.source, one.facts.activity, one.facts.direction


def _register(key: Mapping[str, str], registered: str | None, *, is_titled: bool) -> Register:
    code = codes.obis(key["code"])
    stated, refused = _unit(key["unit"])
    unit = stated or (codes_unit(code) if refused is None else None) or registered
    refused = refused or _refusal(key, code, unit)
    way = _WAYS.get(key["way"])
    facts = Facts(
        source=_source(key),
        title=f"QTY {key['code']}".strip() if is_titled else "QTY",
        unit=None if refused else unit,
        activity=code.activity if code else None,
        direction=(code.direction if code else None) or way,
        refused=refused,
    )
    is_counter = code is not None and code.is_counter
    return Register(facts, is_counter, code.tariff if code else "0", _quantity(key, code, facts))


def _quantity(key: Mapping[str, str], code: codes.Obis | None, facts: Facts) -> str:
    """Return what a series measures: two codes of active energy over a period are alike, 1.9.0 and 1.29.0."""
    kind = key["code"]
    if code is not None and code.is_energy and not code.is_counter:
        kind = f"{code.medium}:{code.value}.{code.tariff}"
    dimension = units.dimension(facts.unit) if facts.unit else ""
    return "|".join((*(key[name] for name in _WHERE), str(facts.direction), kind, dimension))


def _unit(text: str) -> tuple[str | None, Refusal | None]:
    """Return (unit, refusal) of a stated unit; some codes measure what is no energy at all."""
    if text in codes.NO_ENERGY:
        return None, ("refused_unit", text, {"reason": codes.NO_ENERGY[text]})
    found = units.find(text)
    if found is not None and units.dimension(found.unit) == _POWER:
        return found.unit, None  # each value states its interval, by which power becomes energy
    return unit_facts(text)


def codes_unit(code: codes.Obis | None) -> str | None:
    """Return kWh where the code proves electric active energy; None elsewhere."""
    return _ENERGY_UNIT if code is not None and code.is_energy else None


def _refusal(key: Mapping[str, str], code: codes.Obis | None, unit: str | None) -> Refusal | None:
    reason = _no_consumption(code, unit)
    if reason is not None:
        return "register_refused", key["code"], {"reason": reason}
    if key["place"] not in {"", METERING_POINT} and not _NAMES_POINT.fullmatch(key["point"]):
        return "no_metering_point", key["point"], {"qualifier": key["place"]}
    return None if unit else ("missing_unit", None, {})


def _no_consumption(code: codes.Obis | None, unit: str | None) -> str | None:
    """Return why an electric register is no consumption; None: it is, or nothing says otherwise."""
    if code is None or code.medium != "1":
        return None
    if code.is_reactive:
        return "reactive or apparent energy"
    if code.direction is None:
        return "not active energy in one direction"
    if code.is_extreme:
        return "the highest or lowest power of a period"
    if unit is not None and code.is_energy and units.dimension(unit) not in {"energy", _POWER}:
        return "a unit that does not measure electricity"
    return None


def _source(key: Mapping[str, str]) -> str | None:
    return key["point"] or key["meter"] or None
