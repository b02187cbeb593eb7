"""The kinds of jobs the server runs, their words, and where their page leads afterwards."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from bilanz.app.queue import Kind
from bilanz.job import Job, JobState
from bilanz.messages import Language, translate

KINDS: Final[Mapping[str, Kind]] = {}
"""Kind → what it does."""

TITLES: Final[Mapping[str, str]] = {}
"""Kind → words."""

AFTER: Final[Mapping[str, Callable[[Job], str]]] = {}
"""Kind → the address of what a job was about."""

STATES: Final = {
    JobState.QUEUED: "Waits for its turn",
    JobState.RUNNING: "Is being done",
    JobState.DONE: "Done",
    JobState.FAILED: "Not done",
    JobState.CANCELLED: "Cancelled",
}


def told(job: Job, language: Language) -> dict[str, Any]:
    """Return how a job stands, in words."""
    state = JobState(job.state)
    error = job.error
    return {
        "id": job.id,
        "kind": job.kind,
        "code": state.value,
        "state": translate(STATES[state], language),
        "progress": job.progress,
        "is_over": state.is_over,
        "problem": None if error is None else translate(error["message"], language, **error["parameters"]),
    }
