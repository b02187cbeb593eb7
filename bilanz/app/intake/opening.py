"""What a hand-in needs is opened: registry, what it lends to the terms, a workplace."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, get_args

from bilanz import units
from bilanz.activity import folded
from bilanz.app.intake.foreign import Others
from bilanz.app.intake.profiles import saved
from bilanz.app.intake.taking import Intake, Terms
from bilanz.app.settings import Settings
from bilanz.errors import Forbidden, UnitError, UnknownName, UsageError
from bilanz.registry.engine import Registry, open_registry, registry_exists
from bilanz.registry.organisations import organisation as organisation_unit
from bilanz.registry.organisations import organisations, zone_of
from bilanz.registry.sources import find
from bilanz.store.overlaps import Rule
from bilanz.store.reconcile import sweep_staging
from importers.base import ImportRequest

_UNIT: Final = frozenset({"unit", "einheit"})


@contextmanager
def open_intake(terms: Terms, settings: Settings) -> Iterator[Intake]:
    """Open what a hand-in needs and close it afterwards.

    Raises:
        UsageError: an unknown organisation or rule, or both without a reason.
        Forbidden: nothing may be handed in for the organisation.
        UnknownName: the source stated is somebody else's.
    """
    rule = _rule(terms.on_overlap, terms.reason)
    registry = _registry(settings, dry_run=terms.dry_run)
    try:
        units = organisations(registry) if registry else None
        if terms.within is not None and terms.organisation not in terms.within:
            raise Forbidden("You may not do this.")
        if not terms.dry_run and registry:
            organisation_unit(registry, terms.organisation)
        home = zone_of(terms.organisation, units) if units and terms.organisation in units else None
        asked = terms.request
        others = _others(registry, terms, home or settings.zone)
        lent = _lent(registry, asked.source) | _declared_unit(asked)
        request = replace(asked, **lent, zone=asked.zone or home or _stated_zone(settings))
        names = {key: unit.name for key, unit in units.items()} if units else None
        if names is not None and terms.within is not None:
            names = {key: name for key, name in names.items() if key in terms.within}
        with _workplace(settings, dry_run=terms.dry_run) as directory:
            profiles = tuple(saved(settings))
            yield Intake(settings, terms, rule, registry, request, names, directory, profiles, others)
    finally:
        if registry:
            registry.close()


def _others(registry: Registry | None, terms: Terms, zone: str) -> Others | None:
    """Return whose sources are rejected.

    Raises:
        UnknownName: the source stated is somebody else's, of which nothing is told.
    """
    if registry is None or terms.within is None:
        return None
    others = Others(registry, terms.within, zone)
    if terms.request.source is not None and others.owns(terms.request.source):
        message = 'The source "{name}" is not registered. Similar: {near}.'
        raise UnknownName(message, name=terms.request.source, near="–")
    return others


def _rule(on_overlap: str, reason: str | None) -> Rule:
    if on_overlap not in get_args(Rule):
        message = '"{name}" is not one of {expected}.'
        raise UsageError(message, name=on_overlap, expected=", ".join(get_args(Rule)))
    rule: Rule = "replace" if on_overlap == "replace" else "both" if on_overlap == "both" else "first"
    if rule == "both" and not reason:
        raise UsageError("Letting both count needs a reason (--reason).")
    return rule


def _registry(settings: Settings, *, dry_run: bool) -> Registry | None:
    """Return the registry; for a dry run only where there is one already."""
    if dry_run and not registry_exists(settings.registry):
        return None
    return open_registry(settings.registry)


def _stated_zone(settings: Settings) -> str | None:
    """Return the zone of the settings where somebody set it; a mere default is for the importer to report."""
    return settings.zone if "zone" in settings.model_fields_set else None


def _lent(registry: Registry | None, source: str | None) -> dict[str, Any]:
    """Return what a registered source says where the file is silent."""
    known = find(registry, source) if registry and source else None
    return {"activity": known.activity, "unit": known.unit, "basis": known.basis} if known else {}


def _declared_unit(asked: ImportRequest) -> dict[str, str]:
    """Return the unit declared for all values of a file (`--declare unit=kWh`).

    Raises:
        UnitError: it is none.
    """
    text = next((text for name, text in asked.declared.items() if folded(name) in _UNIT), None)
    if text is None:
        return {}
    found = units.find(text)
    if found is None:
        near = ", ".join(units.near(text)) or "–"
        raise UnitError('The unit "{name}" is not known. Similar: {near}.', name=text, near=near)
    return {"unit": found.unit} | ({"basis": found.basis} if found.basis else {})


@contextmanager
def _workplace(settings: Settings, *, dry_run: bool) -> Iterator[Path]:
    """Lend a directory: below the data directory, so that readings can be renamed into place."""
    if dry_run:
        with tempfile.TemporaryDirectory(prefix="bilanz-") as name:
            yield Path(name)
        return
    sweep_staging(settings.data)
    staging = settings.data / "staging"
    staging.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=staging, prefix=f"{os.getpid()}-") as name:
        yield Path(name)
