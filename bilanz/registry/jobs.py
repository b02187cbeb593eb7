"""Jobs and uploads. Who takes a job takes it alone: a state is changed only where it is what it was."""

from datetime import UTC, datetime
from typing import Any

from sqlmodel import col, select, update

from bilanz.errors import UnknownName
from bilanz.job import Job, JobState, Upload
from bilanz.registry.engine import Registry


def now() -> str:
    """Return the time as the tables have it."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def put_job(registry: Registry, job: Job) -> None:
    """Add a job."""
    with registry.session() as session:
        session.add(job)
        session.commit()


def job(registry: Registry, identifier: str) -> Job:
    """Return one job.

    Raises:
        UnknownName: there is none of this id.
    """
    with registry.session() as session:
        found = session.get(Job, identifier)
    if found is None:
        raise UnknownName('The job "{name}" is not known.', name=identifier)
    return found


def jobs_about(registry: Registry, kind: str, subject: str) -> list[Job]:
    """Return the jobs of a kind about something, the newest first."""
    query = select(Job).where(Job.kind == kind, Job.subject == subject)
    with registry.session() as session:
        return list(session.exec(query.order_by(col(Job.created_at).desc())))


def unfinished(registry: Registry) -> list[Job]:
    """Return the jobs that are queued or running, the oldest first."""
    query = select(Job).where(col(Job.state).in_([JobState.QUEUED.value, JobState.RUNNING.value]))
    with registry.session() as session:
        return list(session.exec(query.order_by(col(Job.created_at))))


def take(registry: Registry) -> Job | None:
    """Return the oldest queued job, which is running from now on, or None."""
    query = select(Job.id).where(Job.state == JobState.QUEUED.value).order_by(col(Job.created_at), Job.id)
    with registry.session() as session:
        waiting = session.exec(query.limit(8)).all()
    for identifier in waiting:
        if _changed(registry, identifier, JobState.QUEUED, state=JobState.RUNNING, started_at=now()):
            return job(registry, identifier)
    return None


def finish(registry: Registry, identifier: str, state: JobState, **outcome: Any) -> bool:  # noqa: ANN401 - columns
    """Enter how a running job ended; return whether it was running."""
    return _changed(registry, identifier, JobState.RUNNING, state=state, ended_at=now(), **outcome)


def requeue(registry: Registry, identifier: str) -> bool:
    """Put a job whose process ended back into the queue; return whether it was running."""
    return _changed(
        registry, identifier, JobState.RUNNING, state=JobState.QUEUED, started_at=None, progress=0.0
    )


def ask_cancel(registry: Registry, identifier: str) -> None:
    """Cancel a job: at once where it waits, at its next step where it runs."""
    if _changed(registry, identifier, JobState.QUEUED, state=JobState.CANCELLED, ended_at=now()):
        return
    _changed(registry, identifier, JobState.RUNNING, is_cancel_asked=True)


def report(registry: Registry, identifier: str, progress: float) -> bool:
    """Enter the share done; return whether the job shall end."""
    _changed(registry, identifier, JobState.RUNNING, progress=progress)
    return job(registry, identifier).is_cancel_asked


def _changed(registry: Registry, identifier: str, only: JobState, **values: Any) -> bool:  # noqa: ANN401 - columns
    statement = update(Job).where(col(Job.id) == identifier, col(Job.state) == only.value)
    told = {name: value.value if isinstance(value, JobState) else value for name, value in values.items()}
    with registry.session() as session:
        done = session.exec(statement.values(**told))
        session.commit()
    return bool(done.rowcount)


def put_upload(registry: Registry, changed: Upload) -> None:
    """Add an upload or replace the one of its id."""
    with registry.session() as session:
        session.merge(changed)
        session.commit()


def upload(registry: Registry, identifier: str) -> Upload:
    """Return one upload.

    Raises:
        UnknownName: there is none of this id.
    """
    with registry.session() as session:
        found = session.get(Upload, identifier)
    if found is None:
        raise UnknownName('The upload "{name}" is not known.', name=identifier)
    return found


def uploads(registry: Registry) -> list[Upload]:
    """Return all uploads, the newest first."""
    with registry.session() as session:
        return list(session.exec(select(Upload).order_by(col(Upload.at).desc(), Upload.id)))
