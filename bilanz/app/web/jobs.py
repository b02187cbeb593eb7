"""The kinds of jobs the server runs, their words, and where their page leads afterwards."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from bilanz.app.output import dashboards, downloads
from bilanz.app.period import yearwork
from bilanz.app.queue import Kind
from bilanz.app.upload import jobs as uploadjobs
from bilanz.job import Job, JobState
from bilanz.messages import Language, translate

KINDS: Final[Mapping[str, Kind]] = {
    "dashboard": dashboards.make,
    "export": downloads.make,
    "read": uploadjobs.read,
    "commit": uploadjobs.commit,
    "withdraw": uploadjobs.withdraw,
    "calculate": yearwork.calculate,
    "fill": yearwork.fill,
    "release": yearwork.release,
    "restate": yearwork.restated,
}
"""Kind → what it does."""

TITLES: Final[Mapping[str, str]] = {
    "dashboard": "The dashboard is drawn",
    "export": "The file is made",
    "read": "The file is read",
    "commit": "The file is taken over",
    "withdraw": "The file is withdrawn",
    "calculate": "The balance is calculated",
    "fill": "Missing months are estimated",
    "release": "The year is released",
    "restate": "The closed year is calculated as it would be today",
}
"""Kind → words."""

AFTER: Final[Mapping[str, Callable[[Job], str]]] = {
    "dashboard": dashboards.address_of,
    "export": downloads.address_of,
    "read": lambda job: f"/uploads/{job.subject}",
    "commit": lambda job: f"/uploads/{job.subject}",
    "withdraw": lambda job: f"/files/{job.subject}",
    "calculate": yearwork.address_of,
    "fill": lambda job: yearwork.address_of(job, "/calendar"),
    "release": lambda job: yearwork.address_of(job, "/period"),
    "restate": lambda job: yearwork.address_of(job, "/period"),
}
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
