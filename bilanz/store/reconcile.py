"""After a crash: the registry, the store and the files are made to tell the same story.

registry      store        what happened                      what is done
----------    ---------    -------------------------------    --------------------------
committing    committed    killed after the commit            registry: committed
committing    –            killed before the commit           registry: forget the batch
committed     withdrawn    killed after the withdrawal        registry: withdrawn
–             any          registry restored from a backup    registry: enter the batch
committed     –            store restored from a backup       said aloud; nothing is guessed
Parquet       –            killed between rename and commit   the file is removed
"""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bilanz.store.connection import Store


@dataclass(frozen=True, slots=True)
class StoredBatch:
    """A batch as the store knows it."""

    batch: str
    sha256: str
    file: str
    importer: str
    importer_version: str
    organisation: str
    committed_at: datetime
    state: str
    n_read: int
    n_accepted: int
    n_rejected: int
    n_ignored: int


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What the registry has to take over, and what was put right.

    Attributes:
        states: batch → state the registry must show.
        unknown: batches the registry does not have.
        undone: batches that never came to be; the registry forgets them.
        lost: batches the registry calls committed and the store does not have.
        missing: batches whose readings file is gone.
        removed: orphaned files that were removed.
    """

    states: dict[str, str]
    unknown: tuple[StoredBatch, ...]
    undone: tuple[str, ...]
    lost: tuple[str, ...]
    missing: tuple[str, ...]
    removed: tuple[Path, ...]


def stored_batches(store: Store) -> list[StoredBatch]:
    """Return all batches of the store, the oldest first."""
    query = """SELECT batch, sha256, file, importer, importer_version, organisation, committed_at, state,
        n_read, n_accepted, n_rejected, n_ignored FROM batch ORDER BY batch_key"""
    return [StoredBatch(*row) for row in store.rows(query)]


def _orphans(store: Store, batches: set[str]) -> tuple[Path, ...]:
    files = sorted(store.readings.glob("*.parquet")) if store.readings.exists() else []
    return tuple(file for file in files if file.stem not in batches)


def reconcile(store: Store, states: Mapping[str, str]) -> Reconciliation:
    """Compare the registry's states with the store and the files; remove orphaned files.

    Must run while the store is held: then `committing` can only be left over from a dead process.

    Args:
        store: the open store.
        states: batch → state as the registry has them.
    """
    stored = {entry.batch: entry for entry in stored_batches(store)}
    orphans = _orphans(store, set(stored))
    for file in orphans:
        file.unlink()
    needing = store.rows("SELECT DISTINCT b.batch FROM batch b JOIN batch_series USING (batch_key)")
    return Reconciliation(
        states={
            name: entry.state
            for name, entry in stored.items()
            if name in states and states[name] != entry.state
        },
        unknown=tuple(entry for name, entry in stored.items() if name not in states),
        undone=tuple(name for name, state in states.items() if state == "committing" and name not in stored),
        lost=tuple(
            name
            for name, state in states.items()
            if state in {"committed", "withdrawn"} and name not in stored
        ),
        missing=tuple(sorted(name for (name,) in needing if not store.readings_file(name).exists())),
        removed=orphans,
    )


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def sweep_staging(directory: Path) -> list[Path]:
    """Remove staging folders of processes that are gone, and return them.

    A staging folder is named `<process number>-<anything>`.
    """
    staging = directory / "staging"
    removed = []
    for folder in sorted(staging.iterdir()) if staging.exists() else []:
        process = folder.name.partition("-")[0]
        if process.isdigit() and not _is_running(int(process)):
            shutil.rmtree(folder, ignore_errors=True)
            removed.append(folder)
    return removed
