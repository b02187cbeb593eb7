"""A file on its way into the store: read, check, archive, commit; and out again.

examine (no database) ──► archive ──► hold the store ──► reconcile ──► registry: committing
                                                             ──► store: commit ──► registry: committed
"""

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args
from uuid import uuid4

import polars as pl

from bilanz.app.examination import Examination, examine, identify_file
from bilanz.app.importsummary import ImportSummary
from bilanz.app.newsources import register_sources
from bilanz.app.settings import Settings
from bilanz.app.upkeep import settle
from bilanz.batch import BatchState, ImportBatch
from bilanz.errors import UsageError
from bilanz.registry import batches as registry_batches
from bilanz.registry.engine import Registry, open_registry, registry_exists
from bilanz.registry.organisations import organisation as organisation_unit
from bilanz.registry.organisations import organisations, zone_of
from bilanz.registry.sources import find
from bilanz.store import withdraw as store_withdraw
from bilanz.store.archive import Taken, keep, sha256_of, take
from bilanz.store.commit import Delivery, already_imported, commit, refuse_known
from bilanz.store.connection import open_store
from bilanz.store.overlaps import Choice, Rule
from bilanz.store.reconcile import sweep_staging
from importers.base import ImportRequest

__all__ = ["ImportSummary", "batches", "examine", "identify_file", "import_file", "withdraw"]

Progress = Callable[[float], None]


def _silent(_share: float) -> None:
    """Report nothing."""


def import_file(  # noqa: PLR0913 - the options of the command, all by keyword
    path: Path,
    *,
    organisation: str,
    settings: Settings,
    source: str | None = None,
    importer: str | None = None,
    declared: Mapping[str, str] | None = None,
    period: tuple[datetime, datetime] | None = None,
    zone: str | None = None,
    on_overlap: str = "first",
    reason: str | None = None,
    progress: Progress = _silent,
    dry_run: bool = False,
) -> ImportSummary:
    """Import a file, or only check it.

    Args:
        path: the file.
        organisation: to whom rows belong that name no organisation; must be registered (not for a dry run).
        settings: where the data lives.
        source: source of rows that name none; a registered one lends its activity, unit, basis and zone.
        importer: name of the importer; None: the one that claims the file.
        declared: column header → declared format.
        period: rows outside [start, end) UTC are rejected.
        zone: IANA zone of local times.
        on_overlap: first, replace or both.
        reason: why both count.
        progress: called with the share done.
        dry_run: store nothing; needs no data directory.

    Raises:
        UsageError: an unknown organisation or importer, or both without a reason.
        FileRefused: the file cannot be taken as a whole.
        AlreadyImported: the same bytes are committed already.
        StoreBusy: another process holds the store.
    """
    rule = _rule(on_overlap, reason)
    registry = _registry(settings, dry_run=dry_run)
    try:
        units = organisations(registry) if registry else None
        if not dry_run and registry:
            organisation_unit(registry, organisation)
        home = zone_of(organisation, units) if units and organisation in units else None
        asked = ImportRequest(
            **_lent(registry, source),
            source=source,
            zone=zone or home or _stated_zone(settings),
            declared=declared or {},
            period=period,
        )
        with _workplace(settings, dry_run=dry_run) as directory:
            taken = Taken(path, sha256_of(path)) if dry_run else take(path, directory / "upload")
            if registry and not dry_run:
                _refuse_known(registry, path, taken.sha256)
            examined = examine(
                taken,
                request=asked,
                directory=directory,
                organisation=organisation,
                importer=importer,
                organisations={key: unit.name for key, unit in units.items()} if units else None,
                language=settings.lang,
                progress=lambda share: progress(share * 0.9),
            )
            shown = asked.zone or _zone_of(examined) or settings.zone
            if dry_run or registry is None:
                return _summary(examined, examined.issues, shown, settings)
            choice = Choice(
                rule,
                reason,
                settings.user,
                datetime.now(UTC).replace(tzinfo=None),
                is_latest_delivery=examined.result.latest_delivery,
            )
            return _store(taken, examined, organisation, shown, choice, registry, settings)
    finally:
        progress(1.0)
        if registry:
            registry.close()


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


def _lent(registry: Registry | None, source: str | None) -> dict[str, str | None]:
    """Return what a registered source says where the file is silent."""
    known = find(registry, source) if registry and source else None
    return {"activity": known.activity, "unit": known.unit, "basis": known.basis} if known else {}


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


def _zone_of(examined: Examination) -> str | None:
    zones = examined.series["zone"].drop_nulls().unique().sort()
    return zones[0] if zones.len() == 1 else None


def _summary(
    examined: Examination, issues: pl.DataFrame, zone: str, settings: Settings, batch: str | None = None
) -> ImportSummary:
    return ImportSummary(
        file=examined.file,
        importer=examined.importer.name,
        sha256=examined.sha256,
        read=examined.result.read,
        accepted=examined.accepted,
        rejected=examined.rejected,
        ignored=examined.result.ignored,
        issues=issues,
        totals=examined.totals,
        period=examined.period,
        zone=zone,
        language=settings.lang,
        batch=batch,
        rejects=examined.result.rejects,
    )


def _delivery(examined: Examination, batch: str, organisation: str, zone: str) -> Delivery:
    return Delivery(
        batch=batch,
        sha256=examined.sha256,
        file=examined.file,
        importer=examined.importer.name,
        importer_version=examined.importer.version,
        organisation=organisation,
        zone=zone,
        n_read=examined.result.read,
        n_accepted=examined.accepted,
        n_rejected=examined.rejected,
        n_ignored=examined.result.ignored,
        activities=examined.activities,
        series=examined.series,
        readings=examined.result.readings,
        issues=examined.issues,
        controls=examined.controls,
    )


def _store(
    taken: Taken,
    examined: Examination,
    organisation: str,
    zone: str,
    choice: Choice,
    registry: Registry,
    settings: Settings,
) -> ImportSummary:
    """Archive the bytes and commit what was read; nothing of it stays where that fails.

    A file of which no row was accepted is no batch: it can be corrected, or read again with a declaration.
    """
    if examined.accepted == 0:
        return _summary(examined, examined.issues, zone, settings)
    keep(taken, settings.data)
    batch = f"{choice.at:%Y%m%dT%H%M%S}-{examined.sha256[:8]}-{uuid4().hex[:4]}"
    with open_store(settings.store_file, wait=settings.wait) as store:
        settle(registry, store)
        refuse_known(store, examined.sha256, examined.file)
        every, shown = register_sources(registry, examined.activities, examined.series)
        delivery = _delivery(examined, batch, organisation, zone)
        delivery = replace(delivery, issues=pl.concat([examined.issues, every]))
        registry_batches.put_batch(registry, _entry(delivery, choice))
        try:
            done = commit(store, delivery, choice)
        except BaseException:
            registry_batches.remove(registry, batch)
            raise
        registry_batches.set_state(registry, batch, BatchState.COMMITTED)
    issues = pl.concat([examined.issues, shown, done.issues])
    return _summary(examined, issues, zone, settings, batch)


def _entry(delivery: Delivery, choice: Choice) -> ImportBatch:
    sums = [
        dict(zip(("measure", "column", "unit"), control.key, strict=True))
        | {"total": str(control.total), "records": control.records}
        for control in delivery.controls
    ]
    return ImportBatch(
        id=delivery.batch,
        sha256=delivery.sha256,
        file=delivery.file,
        importer=delivery.importer,
        importer_version=delivery.importer_version,
        organisation=delivery.organisation,
        uploaded_by=choice.by,
        uploaded_at=choice.at.replace(tzinfo=UTC),
        state=BatchState.COMMITTING.value,
        n_read=delivery.n_read,
        n_accepted=delivery.n_accepted,
        n_rejected=delivery.n_rejected,
        n_ignored=delivery.n_ignored,
        control_sums=sums,
    )


def _refuse_known(registry: Registry, path: Path, sha256: str) -> None:
    """Refuse known bytes before they are read.

    Raises:
        AlreadyImported: names the first batch.
    """
    first = registry_batches.committed_with(registry, sha256)
    if first is not None:
        raise already_imported(path.name, first.id, first.file, f"{first.uploaded_at:%Y-%m-%d}")


def batches(settings: Settings) -> list[dict[str, Any]]:
    """Return all imports, the oldest first; empty where there is no data directory yet."""
    if not registry_exists(settings.registry):
        return []
    registry = open_registry(settings.registry)
    try:
        return [
            {
                "batch": batch.id,
                "file": batch.file,
                "sha256": batch.sha256,
                "importer": batch.importer,
                "organisation": batch.organisation,
                "state": batch.state,
                "n_read": batch.n_read,
                "n_accepted": batch.n_accepted,
                "n_rejected": batch.n_rejected,
                "n_ignored": batch.n_ignored,
                "uploaded_by": batch.uploaded_by,
                "committed_at": batch.uploaded_at.isoformat(timespec="seconds"),
            }
            for batch in registry_batches.batches(registry)
        ]
    finally:
        registry.close()


def withdraw(batch: str, *, reason: str, settings: Settings) -> None:
    """Take a batch out of every later balance.

    Raises:
        UnknownName: there is no such batch.
        Refused: it is withdrawn already.
        StoreBusy: another process holds the store.
    """
    registry = open_registry(settings.registry)
    try:
        with open_store(settings.store_file, wait=settings.wait) as store:
            settle(registry, store)
            store_withdraw.withdraw(store, batch, reason=reason)
            registry_batches.set_state(registry, batch, BatchState.WITHDRAWN)
    finally:
        registry.close()
