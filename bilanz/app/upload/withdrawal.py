"""Taking a file out of every later balance again: who may order it, and the job that does it."""

from collections.abc import Collection

from bilanz.access import Right
from bilanz.app.queue import enqueue
from bilanz.app.settings import Settings
from bilanz.app.shown.sight import Seer
from bilanz.app.upload.jobs import WITHDRAW
from bilanz.batch import BatchState, ImportBatch
from bilanz.errors import Refused, UsageError
from bilanz.job import Job
from bilanz.registry.engine import Registry


def may_withdraw(seer: Seer, batch: ImportBatch, held: Collection[str]) -> bool:
    """Tell whether a file counts and somebody may deliver for everybody whose data (`held`) are in it."""
    return batch.state == BatchState.COMMITTED and all(seer.may(Right.DELIVER, name) for name in held)


def order(settings: Settings, registry: Registry, batch: ImportBatch, reason: str) -> Job:
    """Order that a file is withdrawn.

    Raises:
        Refused: it counts no more.
        UsageError: there is no reason.
    """
    if batch.state != BatchState.COMMITTED:
        raise Refused("The batch {batch} is withdrawn already.", batch=batch.id)
    if not reason.strip():
        raise UsageError("Say why the file is withdrawn.")
    return enqueue(
        registry,
        settings,
        WITHDRAW,
        organisation=batch.organisation,
        subject=batch.id,
        parameters={"reason": reason.strip()},
    )
