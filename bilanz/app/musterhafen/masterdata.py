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
_HEATING_SHARE = "0.9"  # made up; the rest is hot water
_UNSTATED = ("SW-BAD-WAERME",)  # the pool is warm in summer too, and nobody has stated its share
_PAPER = "Vorlage 2022/17 (fiktiv)"
_TARGETS = (
    (
        *("MH-2035", "musterhafen", "bisko", "1,2,3", "2022", "2035", "0.8", "linear"),
        *("", "Rat der Stadt Musterhafen (fiktiv)", _PAPER),
    ),
    (
        *("MH-BUDGET", "musterhafen", "ghgp_location", "1,2", "2022", "2035", "0.8", "budget"),
        *("40000", "Rat der Stadt Musterhafen (fiktiv)", _PAPER),
    ),
)
_MEASURES = (
    (
        *("M-01", "rathaus", "Wärmepumpe Grundschule am Deich", "2026-07-01", "20", "", "540000"),
        *("natural_gas", "decided", "Berechnung (fiktiv)", _PAPER),
    ),
    (
        *("M-01-B", "rathaus", "Wärmepumpe Grundschule am Deich: Strom", "2026-07-01", "20", "", "-150000"),
        *("electricity", "decided", "Berechnung (fiktiv)", _PAPER),
    ),
    (
        *("M-02", "stadtwerke", "LED in der Straßenbeleuchtung", "2023-01-01", "15", "", "79000"),
        *("electricity", "implemented", "Ablesung vorher und nachher (fiktiv)", _PAPER),
    ),
    (
        *("M-03", "nahverkehr", "Zwölf weitere E-Busse", "2025-04-01", "12", "310000", ""),
        *("diesel", "planned", "Schätzung (fiktiv)", _PAPER),
    ),
    (
        *("M-04", "rathaus", "Hydraulischer Abgleich Gesamtschule", "2022-09-01", "10", "", "64000"),
        *("natural_gas", "implemented", "Berechnung (fiktiv)", _PAPER),
    ),
    (
        *("M-05", "stadtwerke", "Gebläse der Kläranlage", "2024-02-01", "15", "", "46000"),
        *("electricity", "implemented", "Ablesung vorher und nachher (fiktiv)", _PAPER),
    ),
)
_GROWTH = (
    ("G-01", "nahverkehr", "electricity_traction", "0.08", "2025", "2030", "Ausbau E-Busse (fiktiv)", _PAPER),
)

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
    """Write all master data: who there is, what measures it, what is delivered, what is planned."""
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
        ("id", "activity", "unit", "basis", "minutes", "heating_share", "parent"),
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
    _write_plan(folder)


def _write_plan(folder: Path) -> None:
    """Write targets, measures and a rate of growth; the council, its papers and every figure are made up."""
    _write(
        folder / "targets.csv",
        (
            *("id", "organisation", "book", "scopes", "base_year", "target_year", "reduction", "path"),
            *("budget_t", "adopted_by", "evidence"),
        ),
        iter(_TARGETS),
    )
    _write(
        folder / "measures.csv",
        (
            *("id", "organisation", "title", "starts_on", "lifetime_years", "effect_kg", "effect_kwh"),
            *("activity", "status", "method", "evidence"),
        ),
        iter(_MEASURES),
    )
    _write(
        folder / "growth.csv",
        ("id", "organisation", "activity", "rate", "first_year", "last_year", "title", "evidence"),
        iter(_GROWTH),
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


def _delivery(identifier: str, seller_source: str, buyer: str, buyer_source: str) -> tuple[str, ...]:
    """Return a delivery of heat from the works' own plant."""
    ends = ("stadtwerke", buyer, "district_heat", seller_source, buyer_source)
    return (identifier, "generates", *ends, _FOUNDED, f"Wärmeliefervertrag, {_SOURCE_OF_FIGURES}")


def _write(path: Path, header: Sequence[str], rows: Iterator[Sequence[str]]) -> None:
    write_lines(path, [header, *rows], encoding="utf-8")
