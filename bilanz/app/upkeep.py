"""Whoever opens the store to write first settles what a crash left behind."""

from datetime import UTC

from bilanz.batch import BatchState, ImportBatch
from bilanz.errors import BilanzError
from bilanz.registry import batches
from bilanz.registry.engine import Registry
from bilanz.store.connection import Store
from bilanz.store.reconcile import Reconciliation, StoredBatch, reconcile
from bilanz.trail import Deed

_PROGRAM = "bilanz"
"""Who settles: nobody asked for it."""


def _entry(stored: StoredBatch) -> ImportBatch:
    return ImportBatch(
        id=stored.batch,
        sha256=stored.sha256,
        file=stored.file,
        importer=stored.importer,
        importer_version=stored.importer_version,
        organisation=stored.organisation,
        uploaded_by="–",
        uploaded_at=stored.committed_at.replace(tzinfo=UTC),
        state=stored.state,
        n_read=stored.n_read,
        n_accepted=stored.n_accepted,
        n_rejected=stored.n_rejected,
        n_ignored=stored.n_ignored,
    )


def _deed(batch: str, state: str) -> Deed:
    """Return the entry of what a crash kept whoever did it from entering."""
    return Deed(_PROGRAM, "import.settle", batch, details={"state": state})


def settle(registry: Registry, store: Store) -> Reconciliation:
    """Make registry, store and files agree, the store's batch rows being the truth.

    Raises:
        BilanzError: the store misses a batch or readings that were committed; nothing is guessed.
    """
    found = reconcile(store, batches.states(registry))
    for name in found.undone:
        batches.remove(registry, name)
    for name, state in found.states.items():
        batches.set_state(registry, name, BatchState(state), _deed(name, state))
    for stored in found.unknown:
        batches.put_batch(registry, _entry(stored), _deed(stored.batch, stored.state))
    if found.lost or found.missing:
        message = (
            "The data directory is incomplete: batches without data: {lost}; batches without readings: "
            "{missing}. Restore it from a backup."
        )
        lost, missing = (", ".join(names) or "–" for names in (found.lost, found.missing))
        raise BilanzError(message, code="store_incomplete", lost=lost, missing=missing)
    return found
