"""The queue of jobs: threads of a server take them one by one; what a kind of job does, its module says.

A job ends by itself, is cancelled at its next step, or fails with what can be said to whoever asked for it.
A process that ends lets its jobs be taken again: every kind can be run twice.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

from bilanz.app.settings import Settings
from bilanz.errors import BilanzError
from bilanz.job import Job, JobState
from bilanz.registry import jobs as registered
from bilanz.registry.engine import Registry

THREADS: Final = 2
_PAUSE: Final = 0.5
_STEP: Final = 0.3
"""Seconds between two reports of progress."""

_log = logging.getLogger("bilanz.jobs")

Progress = Callable[[float], None]


class Cancelled(Exception):
    """Somebody no longer wants a job to go on; raised where it reports its progress."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a job is given: settings of who asked for it, and where to report the share done."""

    settings: Settings
    registry: Registry
    job: Job
    progress: Progress


Kind = Callable[[Work], Mapping[str, Any] | None]


def enqueue(
    registry: Registry,
    settings: Settings,
    kind: str,
    *,
    organisation: str,
    subject: str = "",
    parameters: Mapping[str, Any] | None = None,
) -> Job:
    """Put a job into the queue and return it."""
    made = Job(
        id=uuid4().hex,
        kind=kind,
        organisation=organisation,
        subject=subject,
        by=settings.user,
        language=settings.lang,
        parameters=dict(parameters or {}),
        created_at=registered.now(),
    )
    registered.put_job(registry, made)
    return made


@dataclass(slots=True)
class Queue:
    """Runs jobs in threads until it is stopped."""

    settings: Settings
    registry: Registry
    kinds: Mapping[str, Kind]
    _ending: threading.Event = field(default_factory=threading.Event)
    _waking: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        """Take up what a process before left, and begin."""
        for left in registered.unfinished(self.registry):
            registered.requeue(self.registry, left.id)
        for number in range(THREADS):
            thread = threading.Thread(target=self._work, name=f"bilanz-job-{number}", daemon=True)
            thread.start()
            self._threads.append(thread)

    @property
    def is_alive(self) -> bool:
        """Whether there are threads that take jobs."""
        return any(thread.is_alive() for thread in self._threads) and not self.is_ending

    @property
    def is_ending(self) -> bool:
        """Whether the server is about to stop."""
        return self._ending.is_set()

    def stop(self) -> None:
        """Begin no further job and wait for those that run; they end at their next step."""
        self._ending.set()
        self._waking.set()
        for thread in self._threads:
            thread.join()

    def wake(self) -> None:
        """Tell the threads that there is something to do."""
        self._waking.set()

    def _work(self) -> None:
        while not self._ending.is_set():
            try:
                job = registered.take(self.registry)
                if job is not None:
                    self.run(job)
                    continue
            except Exception:  # noqa: BLE001 - the thread must live on; it is logged
                _log.exception("the queue of jobs cannot be read")
            self._waking.wait(_PAUSE)
            self._waking.clear()

    def run(self, job: Job) -> None:
        """Run a job that was taken, to its end."""
        settings = self.settings.model_copy(update={"user": job.by, "lang": job.language})
        work = Work(settings, self.registry, job, self._reporter(job))
        try:
            result = self.kinds[job.kind](work)
            made = None if result is None else dict(result)
            registered.finish(self.registry, job.id, JobState.DONE, progress=1.0, result=made)
        except Cancelled:
            self._cancelled(job)
        except BilanzError as error:
            told = {"code": error.code, "message": error.template, "parameters": _plain(error.parameters)}
            registered.finish(self.registry, job.id, JobState.FAILED, error=told)
        except Exception:  # noqa: BLE001 - a defect of one job is no end of the server; it is logged
            _log.exception("job %s (%s) failed", job.id, job.kind)
            defect = {"code": "defect", "message": DEFECT, "parameters": {"job": job.id}}
            registered.finish(self.registry, job.id, JobState.FAILED, error=defect)

    def _cancelled(self, job: Job) -> None:
        """Enter that a job was cancelled, or leave it to the next process where this one ends."""
        if self._ending.is_set() and not registered.job(self.registry, job.id).is_cancel_asked:
            registered.requeue(self.registry, job.id)
        else:
            registered.finish(self.registry, job.id, JobState.CANCELLED)

    def _reporter(self, job: Job) -> Progress:
        last = 0.0

        def report(share: float) -> None:
            nonlocal last
            if self._ending.is_set():
                raise Cancelled
            if time.monotonic() - last >= _STEP:
                last = time.monotonic()
                if registered.report(self.registry, job.id, share):
                    raise Cancelled

        return report


DEFECT: Final = "The program failed. Tell the administrator the number of the job: {job}."


def _plain(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters as JSON keeps them."""
    return {
        name: value if isinstance(value, str | int | float | bool | None) else str(value)
        for name, value in parameters.items()
    }
