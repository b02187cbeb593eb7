"""Organisations, their figures and sites."""

from datetime import date
from difflib import get_close_matches

from sqlmodel import select

from bilanz.errors import UnknownName, UsageError
from bilanz.organisation import KINDS, NotationKey, OrganisationFigure, OrganisationUnit, Site
from bilanz.registry.engine import Registry


def organisations(registry: Registry) -> dict[str, OrganisationUnit]:
    """Return id → organisation unit, by id."""
    with registry.session() as session:
        return {
            unit.id: unit for unit in session.exec(select(OrganisationUnit).order_by(OrganisationUnit.id))
        }


def near(name: str, units: dict[str, OrganisationUnit], count: int = 3) -> list[str]:
    """Return the ids whose id or name is close to a name that was not found."""
    spelling: dict[str, str] = {}
    for unit in units.values():
        spelling.setdefault(unit.id.casefold(), unit.id)
        spelling.setdefault(unit.name.casefold(), unit.id)
    close = get_close_matches(name.casefold(), spelling, n=count * 2, cutoff=0.5)
    return list(dict.fromkeys(spelling[found] for found in close))[:count]


def organisation(registry: Registry, identifier: str) -> OrganisationUnit:
    """Return one organisation unit.

    Raises:
        UnknownName: there is none of this id; the message names near misses.
    """
    units = organisations(registry)
    if identifier not in units:
        message = 'The organisation "{name}" is not registered. Similar: {near}.'
        raise UnknownName(message, name=identifier, near=", ".join(near(identifier, units)) or "–")
    return units[identifier]


def path(identifier: str, units: dict[str, OrganisationUnit]) -> str:
    """Return the ids from the root down to a unit, joined by "/".

    Raises:
        UsageError: the unit is its own ancestor.
    """
    names: list[str] = []
    current: str | None = identifier
    while current is not None:
        if current in names:
            raise UsageError('The organisation "{name}" is its own ancestor.', name=identifier)
        names.append(current)
        current = units[current].parent
    return "/".join(reversed(names))


def zone_of(identifier: str, units: dict[str, OrganisationUnit]) -> str | None:
    """Return the time zone of a unit or of the nearest ancestor that states one."""
    return _inherited(identifier, units, "zone")


def region_of(identifier: str, units: dict[str, OrganisationUnit]) -> str | None:
    """Return the region of a unit or of the nearest ancestor that states one."""
    return _inherited(identifier, units, "region")


def _inherited(identifier: str, units: dict[str, OrganisationUnit], name: str) -> str | None:
    for step in reversed(path(identifier, units).split("/")):
        value: str | None = getattr(units[step], name)
        if value:
            return value
    return None


def put_organisation(registry: Registry, unit: OrganisationUnit) -> None:
    """Add an organisation unit or replace the one of its id.

    Raises:
        UnknownName: its kind or its parent is not known.
        UsageError: it would be its own ancestor.
    """
    units = organisations(registry)
    if unit.kind not in KINDS:
        raise UnknownName('"{name}" is not one of {expected}.', name=unit.kind, expected=", ".join(KINDS))
    if unit.parent is not None and unit.parent not in units and unit.parent != unit.id:
        organisation(registry, unit.parent)
    path(unit.id, units | {unit.id: unit})
    with registry.session() as session:
        session.merge(unit)
        session.commit()


def put_figure(registry: Registry, figure: OrganisationFigure) -> None:
    """Add dated figures of an organisation or replace those of the same day.

    Raises:
        UnknownName: the organisation is not registered.
    """
    organisation(registry, figure.organisation)
    with registry.session() as session:
        session.merge(figure)
        session.commit()


def figures(registry: Registry, on: date | None = None) -> list[OrganisationFigure]:
    """Return all dated figures, those in force last; with a day, only those dated up to it."""
    query = select(OrganisationFigure)
    if on is not None:
        query = query.where(OrganisationFigure.valid_from <= on)
    with registry.session() as session:
        found = session.exec(query).all()
    return sorted(found, key=lambda figure: (figure.organisation, figure.valid_from))


def notation_keys(registry: Registry) -> list[NotationKey]:
    """Return the declared notation keys, by organisation, year and reference."""
    with registry.session() as session:
        found = session.exec(select(NotationKey)).all()
    return sorted(found, key=lambda row: (row.organisation, row.year, row.ref))


def sites(registry: Registry) -> dict[str, Site]:
    """Return id → site, by id."""
    with registry.session() as session:
        return {site.id: site for site in session.exec(select(Site).order_by(Site.id))}


def put_site(registry: Registry, site: Site) -> None:
    """Add a site or replace the one of its id.

    Raises:
        UnknownName: the organisation is not registered.
    """
    organisation(registry, site.organisation)
    with registry.session() as session:
        session.merge(site)
        session.commit()
