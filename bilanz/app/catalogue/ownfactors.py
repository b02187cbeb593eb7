"""Own factors, publications and own properties: read, held against the rules, kept in the data directory."""

from pathlib import Path
from typing import Any

from bilanz.app.catalogue import releases
from bilanz.app.settings import Settings
from bilanz.errors import Refused, UsageError
from bilanz.messages import translate


def import_factors(
    path: Path, settings: Settings, *, dry_run: bool, organisation: str | None = None
) -> dict[str, Any]:
    """Read an official publication or own factors, keep what passed, and return the summary.

    `organisation`: whose own factors they are, with what is below it; None: everybody's.

    Raises:
        UnknownName: the organisation is not registered.
        UsageError: a publication is said to belong to an organisation.
        FileRefused: the file as a whole cannot be read.
        Refused: an edition of that name is there already; closed balances may rest on it.
    """
    from bilanz.app.catalogue.acquisition import keep
    from factors import custom, intake
    from factors.publication import FACTORS, recognise

    known = releases.catalogue_of(settings)
    recognised = recognise(path)
    if organisation is not None:
        _check_owner(organisation, settings, is_published=recognised is not None)
    if recognised is not None:
        extract, reason = recognised[0].read(path), translate(recognised[1], settings.lang)
        if extract.table != FACTORS:
            held = getattr(known, extract.table)
            return keep(extract, settings, held, dry_run=dry_run) | {"recognised": reason}
        taken = intake.hold(extract, known)
        name, found = f"{taken.extract.source}_{taken.extract.edition}", taken.factors
        summary = taken.summary(settings.lang) | {"recognised": reason}
    else:
        own = custom.read(path, known=known, organisation=organisation)
        name, found, summary = f"{own.source}_{own.edition}", own.factors, own.summary(settings.lang)
    target = settings.data / releases.OWN_FACTORS / f"{name}.csv"
    if target.exists():
        if recognised is not None:
            raise Refused("The edition {edition} is there already; nothing was changed.", edition=name)
        message = "The own factors {edition} are there already; give the file another name."
        raise Refused(message, edition=own.edition)
    if not dry_run and found.height:
        target.parent.mkdir(parents=True, exist_ok=True)
        custom.save(found, target)
        _entered(settings, releases.OWN_FACTORS, target, found.height)
    return summary


def import_own_properties(path: Path, settings: Settings, *, dry_run: bool) -> dict[str, Any]:
    """Read own properties, keep the accepted rows in the data directory and return the summary.

    Raises:
        FileRefused: the file as a whole cannot be read.
        Refused: a file of that name was imported already; closed balances may rest on it.
    """
    from factors import own_properties

    own = own_properties.read(path, region=settings.region, known=releases.catalogue_of(settings).properties)
    target = settings.data / releases.OWN_PROPERTIES / f"{own.edition}.csv"
    if target.exists():
        message = "The own properties {edition} are there already; give the file another name."
        raise Refused(message, edition=own.edition)
    if not dry_run and own.properties.height:
        target.parent.mkdir(parents=True, exist_ok=True)
        own_properties.save(own.properties, target)
        _entered(settings, releases.OWN_PROPERTIES, target, own.properties.height)
    return own.summary(settings.lang)


def _check_owner(organisation: str, settings: Settings, *, is_published: bool) -> None:
    """Raise unless own factors, and no publication, are to belong to a registered organisation."""
    from bilanz.registry.engine import open_registry
    from bilanz.registry.organisations import organisation as registered

    if is_published:
        raise UsageError("A publication belongs to nobody: an organisation is for own factors only.")
    registry = open_registry(settings.registry)
    try:
        registered(registry, organisation)
    finally:
        registry.close()


def _entered(settings: Settings, table: str, path: Path, rows: int) -> None:
    """Enter an imported table in the audit trail, with the hash of what was kept of it."""
    from bilanz.app.trail import enter
    from bilanz.store.archive import sha256_of

    details = {"table": table, "rows": rows, "sha256": sha256_of(path)}
    enter(settings, "factors.import", path.stem, details=details)
