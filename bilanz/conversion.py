"""Exact ratios from the unit and basis of a quantity to those of a factor, through sourced properties.

    litres of diesel ──density──► tonnes ──net calorific value──► GJ (Hi)
    kWh (Hs) of gas  ──1 / hs_per_hi──► kWh (Hi)
    m³ at the gas meter  ──state number──► standard m³  ──gross calorific value──► kWh (Hs)

Nodes are (dimension, basis); an edge is one property row, read forwards or backwards. The path whose worst
property ranks best wins, then the shorter one, then the identifiers: the same tables give the same path.
A property of a supply area holds there and nowhere else, and comes before one of the region.
Gross and net calorific value in one path are those of one publication about one activity: of two fuels (the
coal of one country, that of another) they make no ratio, and gross energy could come out below net.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import cache
from typing import Any, Final, NamedTuple

import polars as pl

from bilanz.activity import activities, activity
from bilanz.errors import UnitError
from bilanz.factor import Evidence
from bilanz.records import Basis
from bilanz.sentences import Sentence, say
from bilanz.units import dimension, ratio

DEFINITION: Final = "definition"
_LONGEST_PATH: Final = 4
_BASIS_RATIOS: Final = {"hs_per_hi": ("Hi", "Hs"), "hi_per_hs": ("Hs", "Hi")}
_ENERGY: Final = "energy"
_BIOFUEL_SHARE: Final = "biofuel_share"
_WOOD: Final = "bulk_volume"
_GAS_VOLUMES: Final = ("volume", "norm_volume")
_CALORIFIC: Final = ("gross_calorific_value", "net_calorific_value")
# Added to the rank of a property, so that one of the activity itself, of the region, and valid comes first.
_OF_PARENT: Final = 100_000
_FOREIGN: Final = 10_000
_LATER: Final = 1_000
_EXPIRED: Final = 500
_WIDER: Final = 100


class Place(NamedTuple):
    """Where a property must hold: the regions from the narrowest on, and the supply area, or empty."""

    regions: tuple[str, ...]
    area: str


class Node(NamedTuple):
    """What a quantity measures: dimension, and the calorific basis where fuel energy has one."""

    dimension: str
    basis: str


@dataclass(frozen=True, slots=True)
class Step:
    """One factor of a product, as `explain` prints it.

    Attributes:
        kind: kind of the property (`PROPERTY_SCHEMA`) or index (`INDEX_SCHEMA`), or `definition`.
        subject: activity the property is about, or `l → m3`; for an index what was calculated.
        source: publication of the property; empty for a definition.
    """

    kind: str
    subject: str
    value: Fraction
    unit: str
    source: str


@dataclass(frozen=True, slots=True)
class Conversion:
    """Quantity in the unit of the slice times `ratio` is quantity in the unit of the factor."""

    ratio: Fraction
    steps: tuple[Step, ...]
    properties: tuple[str, ...] = ()
    """Identifiers of the property rows used: the fewer, the better."""
    is_foreign: bool = False
    """A property of another region stands in, because the region has none."""
    is_later: bool = False
    """A property stated later stands in: unlike a mix, a heating value does not change by the year."""
    is_expired: bool = False
    """A property that holds no longer stands in."""
    is_general: bool = False
    """Cubic metres of a gas became energy by a published value, not by one of the supply area."""
    notes: tuple[tuple[str, str], ...] = ()
    """(code, detail) of what money was taken for, and of steps for which there is no sourced row."""


@dataclass(frozen=True, slots=True)
class Share:
    """Share of biofuel in a fuel as it leaves the pump, by volume, and the property row that states it."""

    value: Fraction
    identifier: str
    source: str


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why a quantity cannot be brought to the unit of a factor."""

    code: str  # basis_missing, basis, unit_mismatch
    detail: Sentence


@dataclass(frozen=True, slots=True)
class _Edge:
    """One property, in one direction. A ratio between bases has no units of its own."""

    start: Node
    end: Node
    unit_in: str | None
    unit_out: str | None
    factor: Fraction
    rank: int
    identifier: str
    kind: str
    activity: str
    source: str
    is_foreign: bool
    is_later: bool
    is_expired: bool
    is_own: bool
    publication: str


def node_of(code: str, unit: str, basis: str) -> Node:
    """Return what a quantity of an activity measures. Where an activity has no basis, none is compared.

    Loose, stacked and solid cubic metres of wood are three measures.
    """
    kind = dimension(unit)
    if kind == _WOOD:
        return Node(f"{kind}:{unit}", Basis.NONE.value)
    has_basis = kind == _ENERGY and activity(code).needs_basis
    return Node(kind, basis if has_basis else Basis.NONE.value)


class Converter:
    """Conversions by the property rows of a catalogue."""

    def __init__(self, properties: pl.DataFrame) -> None:
        """Sort the rows by activity. Shape: `PROPERTY_SCHEMA`."""
        self._rows: dict[str, list[dict[str, Any]]] = {}
        for row in properties.iter_rows(named=True):
            self._rows.setdefault(row["activity"], []).append(row)
        self._areas = {(row["activity"], row["area"]) for row in properties.iter_rows(named=True)}
        self._edges = cache(self._edges_of)
        self.biofuel_share = cache(self._share)
        self.convert = cache(self._convert)

    def knows(self, code: str, area: str) -> bool:
        """Tell whether there is a property of an activity, or of its wider activity, in a supply area."""
        return (code, area) in self._areas or (activities()[code].parent, area) in self._areas

    def _convert(
        self,
        code: str,
        unit: str,
        basis: str,
        per_unit: str,
        per_basis: str,
        regions: tuple[str, ...],
        on: date,
        area: str = "",
    ) -> Conversion | Misfit:
        """Return the exact ratio to (per_unit, per_basis) by what holds on a day, or why there is none.

        `regions`: from the narrowest on; `area`: supply area of the grid, or empty.
        """
        try:
            start, end = node_of(code, unit, basis), node_of(code, per_unit, per_basis)
        except UnitError as error:
            return Misfit("unit_mismatch", say("unit_unknown", name=error.parameters["name"]))
        if start.dimension.partition(":")[0] not in activity(code).dimensions:
            return Misfit("unit_mismatch", say("unit_of_another", unit=unit))
        if start.dimension == _ENERGY and activity(code).needs_basis and basis == Basis.NONE:
            return Misfit("basis_missing", say("no_basis", unit=unit))
        if start == end:
            factor = ratio(unit, per_unit)
            return Conversion(factor, _unit_step(factor, unit, per_unit))
        edges = self._edges(code, Place(regions, area), on)
        paths = sorted(filter(_is_of_one_fuel, self._paths(start, end, edges)), key=_preference)
        if not paths:
            reason = "basis" if start.dimension == end.dimension else "unit_mismatch"
            ends = {"start": _with_basis(unit, basis), "end": _with_basis(per_unit, per_basis)}
            return Misfit(reason, say("no_way", **ends))
        found = _along(paths[0], unit, per_unit)
        return replace(found, is_general=_is_general(code, start, paths[0]))

    def _share(self, code: str, regions: tuple[str, ...], on: date) -> Share | None:
        """Return the share of biofuel that holds on a day in the narrowest region, or None."""
        valid = [
            row
            for row in self._rows.get(code, ())
            if row["kind"] == _BIOFUEL_SHARE
            and row["region"] in regions
            and row["area"] is None
            and (row["valid_from"] is None or row["valid_from"] <= on)
            and (row["valid_to"] is None or on < row["valid_to"])
        ]
        place = Place(regions, "")
        best = min(valid, key=lambda row: (_rank(row, place, on), row["property_id"]), default=None)
        return None if best is None else Share(Fraction(best["value"]), best["property_id"], _source(best))

    def _paths(self, start: Node, end: Node, edges: tuple[_Edge, ...]) -> Iterator[tuple[_Edge, ...]]:
        """Yield every path without a loop, up to the longest allowed."""
        pending: list[tuple[Node, tuple[_Edge, ...]]] = [(start, ())]
        while pending:
            node, path = pending.pop()
            if node == end:
                yield path
            elif len(path) < _LONGEST_PATH:
                seen = {start, *(edge.end for edge in path)}
                pending += [(e.end, (*path, e)) for e in edges if e.start == node and e.end not in seen]

    def _edges_of(self, code: str, place: Place, on: date) -> tuple[_Edge, ...]:
        """Return the usable properties of an activity, then of its wider activity, in both directions."""
        parent = activities()[code].parent
        rows = [(row, 0) for row in self._rows.get(code, ())]
        rows += [(row, _OF_PARENT) for row in self._rows.get(parent or "", ())]
        return tuple(
            edge
            for row, extra in rows
            if row["kind"] != _BIOFUEL_SHARE and row["area"] in (None, place.area)
            for edge in _both_ways(code, row, extra, place, on)
            if _has_volume(code) or not {edge.start.dimension, edge.end.dimension} & {*_GAS_VOLUMES}
        )


def _has_volume(code: str) -> bool:
    """Tell whether an activity is measured by volume: litres of a compressed gas are no litres of the gas."""
    return any(name in activity(code).dimensions for name in _GAS_VOLUMES)


def _source(row: dict[str, Any]) -> str:
    """Return where a property was read: publisher, title, page."""
    return f"{row['publisher']}: {row['title']}, {row['locator']}"


def _is_general(code: str, start: Node, path: tuple[_Edge, ...]) -> bool:
    """Tell whether a volume of a gas is turned into something else without a heating value of one's own."""
    is_gas = "norm_volume" in activity(code).dimensions and start.dimension in _GAS_VOLUMES
    return is_gas and not any(edge.is_own and edge.kind in _CALORIFIC for edge in path)


def _rank(row: dict[str, Any], place: Place, on: date) -> int:
    """Return how late a property is taken: by its own rank, its place, and the years since it expired."""
    region, ends = row["region"], row["valid_to"]
    rank: int = row["rank"]
    if row["area"] is None:
        rank += _WIDER if place.area else 0
        if region in place.regions:
            rank += _WIDER * place.regions.index(region)
        elif region is not None:
            rank += _FOREIGN
    if _is_expired(row, on):
        rank += _EXPIRED + on.year - ends.year
    if _is_later(row, on):
        rank += _LATER
    return rank


def _is_later(row: dict[str, Any], on: date) -> bool:
    return row["valid_from"] is not None and row["valid_from"] > on


def _is_expired(row: dict[str, Any], on: date) -> bool:
    return row["valid_to"] is not None and row["valid_to"] <= on


def _is_foreign(row: dict[str, Any], place: Place) -> bool:
    return row["area"] is None and row["region"] is not None and row["region"] not in place.regions


def _both_ways(code: str, row: dict[str, Any], extra: int, place: Place, on: date) -> Iterator[_Edge]:
    value = Fraction(row["value"])
    units: tuple[str | None, str | None] = (None, None)
    if row["kind"] in _BASIS_RATIOS:
        start, end = (Node(_ENERGY, basis) for basis in _BASIS_RATIOS[row["kind"]])
    else:
        units = (row["per_unit"], row["unit"])
        start, end = (node_of(code, unit, row["basis"]) for unit in (row["per_unit"], row["unit"]))
    told = {
        "rank": _rank(row, place, on) + extra,
        "identifier": row["property_id"],
        "kind": row["kind"],
        "activity": row["activity"],
        "source": _source(row),
        "is_foreign": _is_foreign(row, place),
        "is_later": _is_later(row, on),
        "is_expired": _is_expired(row, on),
        "is_own": row["area"] is not None or row["evidence"] == Evidence.CUSTOM,
        "publication": row["source"],
    }
    yield _Edge(start, end, units[0], units[1], value, **told)
    yield _Edge(end, start, units[1], units[0], 1 / value, **told)


def _is_of_one_fuel(path: tuple[_Edge, ...]) -> bool:
    """Tell whether gross and net calorific value of a path, where it has both, describe the same fuel."""
    calorific = [edge for edge in path if edge.kind in _CALORIFIC]
    is_basis_changed = len({edge.kind for edge in calorific}) > 1
    return not is_basis_changed or len({(edge.publication, edge.activity) for edge in calorific}) == 1


def _preference(path: tuple[_Edge, ...]) -> tuple[int, int, int, tuple[str, ...]]:
    """Order paths: a chain of well ranked properties comes before one short step that is ranked worse."""
    ranks = [edge.rank for edge in path]
    return max(ranks), len(path), sum(ranks), tuple(edge.identifier for edge in path)


def _along(path: tuple[_Edge, ...], unit: str, per_unit: str) -> Conversion:
    """Multiply the properties of a path with the unit ratios between them."""
    total, steps, current = Fraction(1), list[Step](), unit
    for edge in path:
        if edge.unit_in is not None and edge.unit_out is not None:
            factor = ratio(current, edge.unit_in)
            steps += _unit_step(factor, current, edge.unit_in)
            total *= factor
            label = f"{edge.unit_out}/{edge.unit_in}"
            current = edge.unit_out
        else:
            label = f"{edge.end.basis}/{edge.start.basis}"
        total *= edge.factor
        steps.append(Step(edge.kind, edge.activity, edge.factor, label, edge.source))
    last = ratio(current, per_unit)
    steps += _unit_step(last, current, per_unit)
    used = tuple(edge.identifier for edge in path)
    return Conversion(
        total * last,
        tuple(steps),
        used,
        is_foreign=any(edge.is_foreign for edge in path),
        is_later=any(edge.is_later for edge in path),
        is_expired=any(edge.is_expired for edge in path),
    )


def _unit_step(factor: Fraction, unit: str, target: str) -> tuple[Step, ...]:
    if unit == target:
        return ()
    return (Step(DEFINITION, f"{unit} → {target}", factor, f"{target}/{unit}", ""),)


def _with_basis(unit: str, basis: str) -> str:
    return unit if basis == Basis.NONE else f"{unit} ({basis})"
