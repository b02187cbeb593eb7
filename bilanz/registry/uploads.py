"""Uploads as lists show them, and changed only where they are what they were."""

from collections.abc import Collection, Iterable
from typing import Any

from sqlmodel import col, func, select, update

from bilanz.batch import ImportBatch
from bilanz.job import Job, JobState, Upload, UploadState
from bilanz.registry.engine import Registry
from bilanz.registry.sources import CHUNK


def part_of_list(
    registry: Registry, organisations: Collection[str], *, offset: int, limit: int
) -> tuple[list[Upload], int]:
    """Return a part of the uploads of some organisations, the newest first, and how many there are in all.

    Discarded ones are left out.
    """
    shown = (
        col(Upload.organisation).in_(sorted(organisations)),
        col(Upload.state) != UploadState.DISCARDED.value,
    )
    query = select(Upload).where(*shown).order_by(col(Upload.at).desc(), col(Upload.id))
    with registry.session() as session:
        count = session.exec(select(func.count()).select_from(Upload).where(*shown)).one()
        return list(session.exec(query.offset(offset).limit(limit))), int(count)


def change(registry: Registry, identifier: str, only: Collection[UploadState], **values: Any) -> bool:  # noqa: ANN401 - columns
    """Change an upload where it is in one of some states; return whether it was."""
    told = {name: value.value if isinstance(value, UploadState) else value for name, value in values.items()}
    states = [state.value for state in only]
    statement = update(Upload).where(col(Upload.id) == identifier, col(Upload.state).in_(states))
    with registry.session() as session:
        done = session.exec(statement.values(**told))
        session.commit()
    return bool(done.rowcount)


def unfinished_about(registry: Registry, subject: str) -> Job | None:
    """Return the newest job about something that is queued or running, or None."""
    open_ = [JobState.QUEUED.value, JobState.RUNNING.value]
    query = select(Job).where(Job.subject == subject, col(Job.state).in_(open_))
    with registry.session() as session:
        return session.exec(query.order_by(col(Job.created_at).desc())).first()


def newest_about(registry: Registry, subject: str) -> Job | None:
    """Return the newest job about something, or None."""
    query = select(Job).where(Job.subject == subject).order_by(col(Job.created_at).desc())
    with registry.session() as session:
        return session.exec(query).first()


def batches_named(registry: Registry, identifiers: Iterable[str]) -> dict[str, ImportBatch]:
    """Return id → batch of those of the ids there are."""
    wanted, found = sorted(set(identifiers)), {}
    with registry.session() as session:
        for index in range(0, len(wanted), CHUNK):
            query = select(ImportBatch).where(col(ImportBatch.id).in_(wanted[index : index + CHUNK]))
            found.update({batch.id: batch for batch in session.exec(query)})
    return found


def batches_of(
    registry: Registry, organisations: Collection[str], *, offset: int, limit: int
) -> tuple[list[ImportBatch], int]:
    """Return a part of the batches of some organisations, the newest first, and how many there are."""
    shown = col(ImportBatch.organisation).in_(sorted(organisations))
    query = (
        select(ImportBatch).where(shown).order_by(col(ImportBatch.uploaded_at).desc(), col(ImportBatch.id))
    )
    with registry.session() as session:
        count = session.exec(select(func.count()).select_from(ImportBatch).where(shown)).one()
        return list(session.exec(query.offset(offset).limit(limit))), int(count)


def batches_made_of(registry: Registry, upload: Upload, by: str) -> list[ImportBatch]:
    """Return the batches somebody made of an upload, also of its members where it is a package."""
    query = select(ImportBatch).where(
        ImportBatch.uploaded_by == by, ImportBatch.organisation == upload.organisation
    )
    with registry.session() as session:
        found = session.exec(query.order_by(col(ImportBatch.uploaded_at), col(ImportBatch.id))).all()
    return [
        batch
        for batch in found
        if (batch.sha256 == upload.sha256 or batch.file.startswith(f"{upload.file}/"))
        and batch.uploaded_at.replace(tzinfo=None).isoformat() >= upload.at[:19]
    ]
