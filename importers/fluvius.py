"""Energy values of Fluvius (Flanders, Belgium) in JSON: the third version of its interface and the second.

    headpoint        EAN with the values of the connection, of its meters, of what is measured behind it
    electricityMeters, gasMeters     the older form: values by meter

Where a connection states its own values, those of its meters are the same energy once more; so is a volume of
gas (by hour) beside the energy of the same time (by day).
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import ClassVar, Final

import polars as pl

from bilanz import units
from bilanz.issues import Issue
from bilanz.records import Direction
from importers.base import Claim, FileSample, Importer, ImportRequest, ImportResult, Workspace
from importers.columns import numbers
from importers.formats import json
from importers.interval import cover
from importers.interval.findings import Findings
from importers.interval.points import Facts, unit_facts
from importers.metering import finish, instants
from importers.metering.cells import Cells
from importers.metering.document import Node, first, has_members, node, nodes, objects, text

ZONE: Final = "Europe/Brussels"
_STEPS: Final = ("quarterHourlyEnergy", "hourlyEnergy", "dailyEnergy")
_DIRECTIONS: Final = {
    "offtake": Direction.CONSUMPTION,
    "injection": Direction.FEED_IN,
    "production": Direction.GENERATION,
}
_PRODUCTION: Final = "submetering-production"
_QUALITIES: Final = {
    "READ": finish.MEASURED,
    "VAL": finish.MEASURED,
    "EST": finish.ESTIMATED,
    "NVAL": finish.ESTIMATED,
}
_WORST: Final = ("NVAL", "EST")
_FORMAT: Final = numbers.NumberFormat(".")
_GAS: Final = "natural_gas"


@dataclass(frozen=True, slots=True)
class _Point:
    """Where values were measured: the source, the energy carrier, and why they are left out."""

    source: str | None
    activity: str
    repeats: str | None = None


@dataclass(frozen=True, slots=True)
class _Value:
    text: str | None
    unit: str | None
    quality: str | None


_Part = tuple[object, str | None, str | None]
"""Value, unit and quality of a part of a value, such as the one by day."""


@dataclass(slots=True)
class _LeftOut:
    """Values that are the same energy as others, counted by what they are."""

    counts: dict[tuple[str, str], int]

    def say(self, cells: Cells, findings: Findings) -> None:
        for (title, other), count in self.counts.items():
            cells.read += count
            findings.ignored += count
            parameters = {"count": str(count), "first": other}
            findings.add(Issue("repeated_series", value=title, parameters=parameters))

    def add(self, title: str, other: str) -> None:
        self.counts[title, other] = self.counts.get((title, other), 0) + 1


class Fluvius(Importer):
    """Slices with begin and end, per direction."""

    name: ClassVar[str] = "fluvius"
    version: ClassVar[str] = "1"
    suffixes: ClassVar[tuple[str, ...]] = (".json",)

    def identify(self, sample: FileSample) -> Claim | None:
        """Claim by the headpoint with its kind of energy, or by the lists of meters."""
        is_new = has_members(sample.head, "headpoint", "energyType")
        is_old = has_members(sample.head, "timestampStart", "measurement") and (
            has_members(sample.head, "electricityMeters") or has_members(sample.head, "gasMeters")
        )
        if not (is_new or is_old):
            return None
        return Claim(0.95, "energy values of Fluvius (Belgium)")

    def read(self, path: Path, request: ImportRequest, workspace: Workspace) -> ImportResult:
        """Read the file; see `Importer.read`."""
        cells, findings, left_out = Cells(), Findings(), _LeftOut({})
        for point, entry in _points(json.read(path)):
            for step in _STEPS:
                for piece in nodes(entry.get(step)):
                    _take(point, piece, cells, left_out)
        left_out.say(cells, findings)
        workspace.progress(0.5)
        rows = finish.with_status(cells.frame(), _QUALITIES, "value", findings)
        rows = finish.with_quantities(rows, cells.facts, findings)
        rows = instants.read(rows, "stamp", "start", ZONE, findings).rename({"stamp_utc": "start"})
        rows = instants.read(rows, "until", "end", ZONE, findings).rename({"until_utc": "end"})
        rows = _without_volumes(finish.minutes_until(rows, "end", findings), cells.facts, findings)
        return finish.delivered(
            rows, cells, civil=ZONE, request=request, workspace=workspace, findings=findings
        )


def _without_volumes(rows: pl.DataFrame, facts: list[Facts], findings: Findings) -> pl.DataFrame:
    """Ignore volumes of times whose energy is stated, too."""
    keys = [f"{one.source}|{one.activity}|{one.direction}" for one in facts]
    is_energy = [one.unit is not None and units.dimension(one.unit) == "energy" for one in facts]
    repeats = cover.beside(rows, keys, is_energy) >= cover.MOSTLY
    for (number,), gone in rows.filter(repeats).group_by("series", maintain_order=True):
        one = facts[int(str(number))]
        first = next(
            other.title
            for other, key, energy in zip(facts, keys, is_energy, strict=True)
            if energy and key == keys[int(str(number))]
        )
        parameters = {"count": str(gone.height), "first": first}
        findings.ignored += gone.height
        findings.add(Issue("repeated_series", value=one.title, parameters=parameters))
    return rows.filter(~repeats)


def _points(document: object) -> Iterator[tuple[_Point, Node]]:
    """Yield every place values were measured at, with the object that holds them."""
    for entry in objects(document):
        if isinstance(entry.get("headpoint"), dict):
            yield from _of_connection(entry["headpoint"])
        for name, activity in (("electricityMeters", "electricity"), ("gasMeters", _GAS)):
            for meter in nodes(entry.get(name)):
                yield _Point(first(meter, ("meterID", "seqNumber")), activity), meter


def _of_connection(head: Node) -> Iterator[tuple[_Point, Node]]:
    activity = _GAS if first(head, ("energyType",)) == "G" else "electricity"
    ean = first(head, ("ean",))
    yield _Point(ean, activity), head
    meters = nodes(head.get("physicalMeters"))
    repeats = ean or "headpoint" if any(nodes(head.get(step)) for step in _STEPS) else None
    for meter in meters:
        name = first(meter, ("meterID", "seqNumber"))
        alone = ean if len(meters) == 1 and ean else name
        yield _Point(alone, activity, repeats), meter
    for below in nodes(head.get("subHeadpoints")):
        is_production = first(below, ("$type", "type")) == _PRODUCTION
        part_of = None if is_production else ean or "headpoint"
        yield _Point(first(below, ("ean", "seqNumber")), activity, part_of), below


def _take(point: _Point, piece: Node, cells: Cells, left_out: _LeftOut) -> None:
    """Take the values of one slice of time; of one energy in two units the one in a unit of energy."""
    begin, end = first(piece, ("start", "timestampStart")), first(piece, ("end", "timestampEnd"))
    entries = nodes(piece.get("measurements")) or nodes(piece.get("measurement"))
    for name, direction in _DIRECTIONS.items():
        found = [value for entry in entries if (value := _value(entry, name)) is not None]
        unit = next(
            (value.unit for value in found if _is_energy(value.unit)), found[0].unit if found else None
        )
        for value in found:
            if point.repeats or value.unit != unit:
                left_out.add(f"{name} ({point.source or '–'})", point.repeats or f"{name} ({unit})")
                continue
            series = cells.series(_facts, point, name, direction, unit)
            cells.take(series, text=value.text, stamp=begin, until=end, quality=value.quality)


def _facts(point: _Point, name: str, direction: Direction, unit: str | None) -> Facts:
    canonical, refused = unit_facts(unit)
    title = name if canonical is None else f"{name} ({canonical})"
    return Facts(point.source, title, canonical, point.activity, direction, refused=refused)


def _is_energy(unit: str | None) -> bool:
    found = units.find(unit or "")
    return found is not None and units.dimension(found.unit) == "energy"


def _value(entry: Node, name: str) -> _Value | None:
    """Return the value of a direction: the total, else day and night together; None: not stated."""
    stated = entry.get(name)
    return _summed(_of_sets(stated) if isinstance(stated, dict) else _of_members(entry, name))


def _of_sets(stated: Node) -> list[_Part]:
    """Return the parts of a value in the newer form: `{"total": {"value": …, "unit": …}}`."""
    names = ("total",) if isinstance(stated.get("total"), dict) else ("day", "night")
    sets = [node(stated.get(name)) for name in names]
    return [
        (one.get("value"), first(one, ("unit",)), first(one, ("validationState",))) for one in sets if one
    ]


def _of_members(entry: Node, name: str) -> list[_Part]:
    """Return the parts of a value in the older form: `{"unit": …, "offtakeDayValue": …}`."""
    unit = first(entry, ("unit",))
    keys = [f"{name}Value"] if f"{name}Value" in entry else [f"{name}DayValue", f"{name}NightValue"]
    states = [first(entry, (key.replace("Value", "ValidationState"),)) for key in keys]
    return [(entry[key], unit, state) for key, state in zip(keys, states, strict=True) if key in entry]


def _summed(parts: list[_Part]) -> _Value | None:
    """Return the parts of one value as one; a part that is null is not stated, the weaker quality holds."""
    stated = [part for part in parts if part[0] is not None] or parts[:1]
    if not stated:
        return None
    qualities = [quality for _, _, quality in stated]
    quality = next((word for word in _WORST if word in qualities), qualities[0])
    unit = stated[0][1]
    if len(stated) == 1:
        return _Value(text(stated[0][0]), unit, quality)
    amounts = [numbers.parse(text(value), _FORMAT) for value, _, _ in stated]
    known = [amount for amount in amounts if amount is not None]
    if len(known) == len(stated) and len({other for _, other, _ in stated}) == 1:
        with suppress(ArithmeticError):
            return _Value(str(sum(known, Decimal(0))), unit, quality)
    both = " + ".join(f"{text(value)} {other or ''}".strip() for value, other, _ in stated)
    return _Value(both, unit, quality)  # no number, and rejected as such
