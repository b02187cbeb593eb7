"""What the registry knows of imports: states and counts."""

from collections.abc import Mapping

from sqlmodel import select

from bilanz.batch import BatchState, ImportBatch
from bilanz.errors import UnknownName
from bilanz.registry.engine import Registry
from bilanz.registry.trail import append
from bilanz.trail import Deed


def put_batch(registry: Registry, batch: ImportBatch, deed: Deed | None = None) -> None:
    """Add a batch or replace the one of its id, with its entry in the trail where there is one."""
    with registry.session() as session:
        session.merge(batch)
        if deed is not None:
            append(session, deed)
        session.commit()


def set_state(registry: Registry, identifier: str, state: BatchState, deed: Deed | None = None) -> None:
    """Change the state of a batch, and enter in the trail who did it, both or neither.

    Raises:
        UnknownName: there is no such batch.
    """
    with registry.session() as session:
        batch = session.get(ImportBatch, identifier)
        if batch is None:
            raise UnknownName('The batch "{name}" is not known.', name=identifier)
        batch.state = state.value
        session.add(batch)
        if deed is not None:
            append(session, deed)
        session.commit()


def remove(registry: Registry, identifier: str) -> None:
    """Forget a batch that never came to be; one that is not there is no fault."""
    with registry.session() as session:
        batch = session.get(ImportBatch, identifier)
        if batch is not None:
            session.delete(batch)
            session.commit()


def batches(registry: Registry) -> list[ImportBatch]:
    """Return all batches, the oldest first."""
    with registry.session() as session:
        found = session.exec(select(ImportBatch)).all()
    return sorted(found, key=lambda batch: (batch.uploaded_at, batch.id))


def states(registry: Registry) -> Mapping[str, str]:
    """Return batch → state."""
    with registry.session() as session:
        return dict(session.exec(select(ImportBatch.id, ImportBatch.state)).all())


def committed_with(registry: Registry, sha256: str) -> ImportBatch | None:
    """Return the committed batch of these bytes, or None. A withdrawn one does not count."""
    query = select(ImportBatch).where(
        ImportBatch.sha256 == sha256, ImportBatch.state == BatchState.COMMITTED.value
    )
    with registry.session() as session:
        return session.exec(query).first()
