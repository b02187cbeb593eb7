"""Files into the store and out of it: one file, a package of files, the list of what is held.

A package (zip) is only a way to hand over many files: each of them is a batch of its own.
"""

from collections.abc import Mapping
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Any

from bilanz.app.intake.examination import examine, identify_file
from bilanz.app.intake.opening import open_intake
from bilanz.app.intake.package import Finish, PackageSummary, import_members, is_package
from bilanz.app.intake.summary import ImportSummary
from bilanz.app.intake.taking import Intake, Progress, Terms
from bilanz.app.settings import Settings
from bilanz.app.upkeep import settle
from bilanz.batch import BatchState
from bilanz.registry import batches as registry_batches
from bilanz.registry.engine import open_registry, registry_exists
from bilanz.store import withdraw as store_withdraw
from bilanz.store.connection import open_store
from bilanz.trail import Deed
from importers.base import ImportRequest
from importers.profiles.profile import MappingProfile

__all__ = [
    "ImportSummary",
    "batches",
    "examine",
    "hand_in",
    "identify_file",
    "import_file",
    "is_package",
    "withdraw",
]


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
    profile: MappingProfile | None = None,
    progress: Progress = _silent,
    dry_run: bool = False,
) -> ImportSummary | PackageSummary:
    """Import a file, or only check it.

    Args:
        path: the file; of a package (zip) each file in it.
        organisation: to whom rows belong that name no organisation; must be registered (not for a dry run).
        settings: where the data lives.
        source: source of rows that name none; a registered one lends its activity, unit, basis and zone.
        importer: name of the importer; None: the one that claims the file.
        declared: column header → declared format.
        period: rows outside [start, end) UTC are rejected.
        zone: IANA zone of local times.
        on_overlap: first, replace or both.
        reason: why both count.
        profile: mapping profile; None: the saved one whose header the file has, if there is one.
        progress: called with the share done.
        dry_run: store nothing; needs no data directory.

    Raises:
        UsageError: an unknown organisation or importer, or both without a reason.
        FileRefused: the file cannot be taken as a whole.
        AlreadyImported: the same bytes are committed already.
        StoreBusy: another process holds the store.
    """
    request = ImportRequest(source=source, zone=zone, declared=declared or {}, period=period, profile=profile)
    terms = Terms(organisation, request, importer, on_overlap, reason, dry_run)
    try:
        with open_intake(terms, settings) as intake:
            return hand_in(path, intake, progress, intake.finish)
    finally:
        progress(1.0)


def hand_in(path: Path, intake: Intake, progress: Progress, finish: Finish) -> ImportSummary | PackageSummary:
    """Read a file, of a package each file in it, and let it be finished.

    Raises:
        FileRefused: the file cannot be taken as a whole.
        AlreadyImported: the same bytes are committed already.
        StoreBusy: another process holds the store.
    """
    if is_package(path):
        return import_members(path, intake, progress, finish)
    with closing(intake.take(path)) as taken:
        return finish(taken, intake.examine(taken, lambda share: progress(share * 0.9)))


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


def withdraw(batch: str, *, reason: str, settings: Settings) -> tuple[date, date] | None:
    """Take a batch out of every later balance and return the first and last day it speaks about, if any.

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
            deed = Deed(settings.user, "batch.withdraw", batch, reason)
            registry_batches.set_state(registry, batch, BatchState.WITHDRAWN, deed)
            return store_withdraw.days_of(store, batch)
    finally:
        registry.close()
