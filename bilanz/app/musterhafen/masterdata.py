"""Master data of Musterhafen as the CSV files an administrator would import."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from bilanz.activity import find
from bilanz.app.musterhafen.city import ORGANISATIONS, POINTS, YEARS, Point
from bilanz.app.musterhafen.metering import ROOF, TOWN_HALL, ZONE
from bilanz.app.musterhafen.upload import write_lines

_SOURCE_OF_FIGURES = "fiktiv (Musterhafen)"
_FOUNDED = f"{YEARS[0]}-01-01"
_CONTROL = ("operational_control", "financial_control")
_MEMBERSHIP = ("organisation", "parent", "valid_from", "equity_share", *_CONTROL, "evidence")
_ENDS = ("seller", "buyer", "activity", "seller_source", "buyer_source")
_DELIVERY = ("id", "kind", *_ENDS, "valid_from", "evidence")

DELIVERIES = (
    ("waerme-rathaus", "SW-FERNWAERME", "rathaus", "RH-WAERME-01"),
    ("waerme-kontorhaus", "SW-FERNWAERME", "einkauf", "EK-WAERME"),
)
"""Delivery, source of the works, buyer, source of the buyer: heat made in the plant of the works."""


def write_masterdata(folder: Path) -> None:
    """Write organisations, their figures, sources and their terms, memberships and deliveries."""
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
        ("id", "activity", "unit", "basis", "minutes", "parent"),
        (_source(point) for point in POINTS),
    )
    _write(
        folder / "terms.csv",
        ("source", "organisation", "role", "tenure", "control", "evidence"),
        (_term(point) for point in POINTS),
    )
    _write(
        folder / "memberships.csv",
        _MEMBERSHIP,
        (
            (unit.code, unit.parent, _FOUNDED, "1", "true", "true", _SOURCE_OF_FIGURES)
            for unit in ORGANISATIONS
            if unit.kind == "enterprise"
        ),
    )
    _write(
        folder / "deliveries.csv",
        _DELIVERY,
        (_delivery(*delivery) for delivery in DELIVERIES),
    )


def _figures(*numbers: int | None) -> tuple[str, ...]:
    return (*("" if number is None else str(number) for number in numbers), _SOURCE_OF_FIGURES)


def _source(point: Point) -> tuple[str, ...]:
    minutes = "15" if point.source in {TOWN_HALL, ROOF} else ""
    return (point.source, find(point.activity) or "", point.unit, point.basis, minutes, point.parent)


def _term(point: Point) -> tuple[str, ...]:
    role = "delivered" if point.delivery == "tank" else point.role
    return (point.source, point.organisation, role, point.tenure, "true", point.evidence)


def _delivery(identifier: str, seller_source: str, buyer: str, buyer_source: str) -> tuple[str, ...]:
    """Return a delivery of heat from the works' own plant."""
    ends = ("stadtwerke", buyer, "district_heat", seller_source, buyer_source)
    return (identifier, "generates", *ends, _FOUNDED, f"Wärmeliefervertrag, {_SOURCE_OF_FIGURES}")


def _write(path: Path, header: Sequence[str], rows: Iterator[Sequence[str]]) -> None:
    write_lines(path, [header, *rows], encoding="utf-8")
