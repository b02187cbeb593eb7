"""Master data of Musterhafen as the CSV files an administrator would import."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from bilanz.activity import find
from bilanz.app.musterhafen.city import ORGANISATIONS, POINTS, YEARS, Point
from bilanz.app.musterhafen.metering import ROOF, TOWN_HALL, ZONE
from bilanz.app.musterhafen.upload import write_lines

_SOURCE_OF_FIGURES = "fiktiv (Musterhafen)"

# id, organisation, name as in the files, kind, area, kind of area, population equivalents
_SITES = (
    ("RH", "rathaus", "Rathaus", "non_residential", "6200", "net_floor", ""),
    ("GES", "rathaus", "Gesamtschule Hafenstraße", "non_residential", "14800", "net_floor", ""),
    ("GS", "rathaus", "Grundschule am Deich", "non_residential", "5900", "net_floor", ""),
    ("KITA", "rathaus", "Kita Leuchtturm", "non_residential", "1400", "net_floor", ""),
    ("FW", "rathaus", "Feuerwache Nord", "non_residential", "", "", ""),
    ("BAD", "stadtwerke", "Hallenbad", "pool", "412", "water_surface", ""),
    ("KA", "stadtwerke", "Kläranlage", "sewage_plant", "", "", "24000"),
    ("WW", "stadtwerke", "Wasserwerk Geest", "water_supply", "", "", ""),
    ("LICHT", "stadtwerke", "Straßenbeleuchtung", "street_lighting", "", "", ""),
    ("HW", "stadtwerke", "Heizwerk Kai 3", "other", "", "", ""),
    ("BH", "fuhrpark", "Betriebshof", "non_residential", "4300", "net_floor", ""),
    ("NV", "nahverkehr", "Betriebshof Hafen", "non_residential", "5100", "gross_floor", ""),
)


def write_masterdata(folder: Path) -> None:
    """Write organisations, their figures, sites, sources and the terms of the sources."""
    _write(
        folder / "organisations.csv",
        ("id", "parent", "name", "kind", "region", "zone"),
        ((unit.code, unit.parent, unit.name, unit.kind, "DE", ZONE) for unit in ORGANISATIONS),
    )
    _write(
        folder / "figures.csv",
        ("organisation", "valid_from", "population", "floor_area_m2", "staff", "source"),
        (
            (unit.code, f"{YEARS[0]}-01-01", *_figures(unit.inhabitants, unit.floor_area_m2, unit.staff))
            for unit in ORGANISATIONS
        ),
    )
    _write(
        folder / "sites.csv",
        ("id", "organisation", "name", "kind", "floor_area_m2", "area_kind", "population_equivalent"),
        iter(_SITES),
    )
    _write(
        folder / "sources.csv",
        ("id", "activity", "unit", "basis", "minutes", "parent"),
        (_source(point) for point in POINTS),
    )
    _write(
        folder / "terms.csv",
        ("source", "organisation", "role", "tenure", "control", "evidence"),
        (_term(point) for point in POINTS),
    )


def _figures(*numbers: int | None) -> tuple[str, ...]:
    return (*("" if number is None else str(number) for number in numbers), _SOURCE_OF_FIGURES)


def _source(point: Point) -> tuple[str, ...]:
    minutes = "15" if point.source in {TOWN_HALL, ROOF} else ""
    return (point.source, find(point.activity) or "", point.unit, point.basis, minutes, point.parent)


def _term(point: Point) -> tuple[str, ...]:
    role = "delivered" if point.delivery == "tank" else point.role
    return (point.source, point.organisation, role, point.tenure, "true", point.evidence)


def _write(path: Path, header: Sequence[str], rows: Iterator[Sequence[str]]) -> None:
    write_lines(path, [header, *rows], encoding="utf-8")
