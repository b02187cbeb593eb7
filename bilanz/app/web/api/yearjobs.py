"""Work on a year that takes longer: one of a kind at a time."""

from collections.abc import Mapping
from typing import Any, Final

from bilanz.app.queue import enqueue
from bilanz.app.web.guard import Caller
from bilanz.app.web.state import Server
from bilanz.job import Job, JobState
from bilanz.registry import jobs

CALCULATE: Final = "calculate"
FILL: Final = "fill"
RELEASE: Final = "release"
RESTATE: Final = "restate"


def ordered(
    server: Server, caller: Caller, kind: str, year: int, organisation: str, parameters: Mapping[str, Any]
) -> Job:
    """Return the job of a kind about a year: one on its way with the same parameters, else a new one."""
    subject = str(year)
    for job in jobs.jobs_about(server.registry, kind, subject):
        is_same = job.organisation == organisation and job.parameters == dict(parameters)
        if is_same and not JobState(job.state).is_over:
            return job
    return enqueue(
        server.registry,
        caller.settings,
        kind,
        organisation=organisation,
        subject=subject,
        parameters=parameters,
    )
