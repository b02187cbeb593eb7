"""Master data of Musterhafen as the CSV files an administrator would import."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from bilanz.activity import find
from bilanz.app.musterhafen.city import ORGANISATIONS, POINTS, YEARS, Point
from bilanz.app.musterhafen.metering import ROOF, TOWN_HALL, ZONE
from bilanz.app.musterhafen.upload import write_lines

_SOURCE_OF_FIGURES = "fiktiv (Musterhafen)"
_HEATING_SHARE = "0.9"  # made up; the rest is hot water
_UNSTATED = ("SW-BAD-WAERME",)  # the pool is warm in summer too, and nobody has stated its share


def write_masterdata(folder: Path) -> None:
    """Write organisations, their figures, sources and the terms of the sources."""
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
        folder / "sources.csv",
        ("id", "activity", "unit", "basis", "minutes", "heating_share", "parent"),
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
    share = _HEATING_SHARE if point.profile == "heating" and point.source not in _UNSTATED else ""
    return (point.source, find(point.activity) or "", point.unit, point.basis, minutes, share, point.parent)


def _term(point: Point) -> tuple[str, ...]:
    role = "delivered" if point.delivery == "tank" else point.role
    return (point.source, point.organisation, role, point.tenure, "true", point.evidence)


def _write(path: Path, header: Sequence[str], rows: Iterator[Sequence[str]]) -> None:
    write_lines(path, [header, *rows], encoding="utf-8")
