"""Registering one source by hand."""

from datetime import date

from bilanz import activity as vocabulary
from bilanz import units
from bilanz.app.settings import Settings
from bilanz.errors import UnitError, UsageError
from bilanz.organisation import ROLES, TENURES, Source, SourceTerm
from bilanz.records import Basis
from bilanz.registry.engine import open_registry
from bilanz.registry.organisations import organisation as known_organisation
from bilanz.registry.sources import put_source, put_term


def declare_source(
    settings: Settings,
    identifier: str,
    *,
    organisation: str,
    activity: str | None,
    unit: str | None,
    basis: str | None,
    role: str,
    tenure: str,
    control: bool,
    parent: str | None,
    region: str | None,
    start: date | None,
) -> None:
    """Add a source and from when on it has which role, tenure and control.

    Raises:
        UsageError: an unknown organisation, activity, role, tenure or basis; a term that overlaps another.
        UnitError: the unit is not whitelisted.
    """
    _one_of("role", role, ROLES)
    _one_of("tenure", tenure, TENURES)
    if basis is not None:
        _one_of("basis", basis, tuple(member.value for member in Basis))
    code = None if activity is None else vocabulary.activity(vocabulary.find(activity) or activity).code
    registry = open_registry(settings.registry)
    try:
        known_organisation(registry, organisation)
        put_source(
            registry,
            Source(id=identifier, activity=code, unit=_unit(unit), basis=basis, region=region, parent=parent),
        )
        term = SourceTerm(
            source=identifier,
            organisation=organisation,
            role=role,
            tenure=tenure,
            control=control,
            valid_from=start,
        )
        put_term(registry, term)
    finally:
        registry.close()


def _one_of(what: str, name: str, known: tuple[str, ...]) -> None:
    if name not in known:
        raise UsageError('{what} "{name}" is none of {known}.', what=what, name=name, known=", ".join(known))


def _unit(spelling: str | None) -> str | None:
    if spelling is None:
        return None
    found = units.find(spelling)
    if found is None:
        near = ", ".join(units.near(spelling)) or "–"
        raise UnitError('The unit "{unit}" is not known. Similar: {near}.', unit=spelling, near=near)
    return found.unit
