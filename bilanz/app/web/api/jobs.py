"""Jobs: what takes longer than a request, followed, cancelled, and the file one has made."""

from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import Depends, Path, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict

from bilanz.access import Right
from bilanz.app.output import downloads
from bilanz.app.shown.sight import seen
from bilanz.app.web.api.base import PREFIX, media, new_router
from bilanz.app.web.following import ask_cancel, followed
from bilanz.app.web.guard import Caller, Guard
from bilanz.app.web.jobs import told
from bilanz.app.web.state import Server, ServerOf
from bilanz.job import Job
from bilanz.messages import Language
from bilanz.registry import jobs as registered

router = new_router("jobs")

Follower = Annotated[Caller, Depends(Guard(Right.READ_RELEASED, "job"))]
Named = Annotated[str, Path(max_length=32, description="Identifier of the job.")]

_EXAMPLE: Final[dict[str, Any]] = {
    "id": "0f8fad5bd9cb469fa16570867728950e",
    "kind": "calculate",
    "code": "running",
    "state": "Is being done",
    "progress": 0.4,
    "is_over": False,
    "problem": None,
    "organisation": "stadtwerke",
    "subject": "2024",
    "result": None,
}


class JobTold(BaseModel):
    """A job. `state`: in words; `code`: queued, running, done, failed or cancelled; `result`: of its kind."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    id: str
    kind: str
    code: str
    state: str
    progress: float
    is_over: bool
    problem: str | None
    organisation: str
    subject: str
    result: dict[str, Any] | None


def told_of(job: Job, language: Language) -> JobTold:
    """Return a job for a program."""
    return JobTold(
        **told(job, language), organisation=job.organisation, subject=job.subject, result=job.result
    )


ACCEPTED: Final[dict[int | str, dict[str, Any]]] = {
    202: {
        "description": "The work has begun; follow the job.",
        "headers": {
            "Location": {"description": "Address of the job.", "schema": {"type": "string"}},
        },
    }
}
"""How the answer of a route that starts a job is described."""


def started(server: Server, response: Response, job: Job, caller: Caller) -> JobTold:
    """Wake the queue and return the job, with its address in the head of the answer."""
    server.queue.wake()
    response.status_code = HTTPStatus.ACCEPTED
    response.headers["location"] = f"{PREFIX}/jobs/{job.id}"
    return told_of(job, caller.language)


@router.get("/jobs/{job}")
def show(server: ServerOf, job: Named, caller: Follower) -> JobTold:
    """Return how a job stands. Who asked for it may follow it, and who may read its organisation."""
    return told_of(followed(server, job, caller), caller.language)


@router.post("/jobs/{job}/cancel")
def cancel(server: ServerOf, job: Named, caller: Follower) -> JobTold:
    """Ask a job to end; its owner may, and whoever may calculate there. What is over stays as it is."""
    ask_cancel(server, job, caller)
    return told_of(registered.job(server.registry, job), caller.language)


@router.get(
    "/jobs/{job}/file",
    response_class=FileResponse,
    responses=media("application/octet-stream", "The file."),
)
def download(server: ServerOf, job: Named, caller: Follower) -> FileResponse:
    """Return the file a job of the kind `export` has made; it is kept for seven days.

    Raises:
        UnknownName: there is none, it is gone, or it shows what they may not see.
    """
    found = seen(caller.settings, server.registry)
    path, name = downloads.file_of(caller.settings, found, caller, registered.job(server.registry, job))
    return FileResponse(path, media_type="application/octet-stream", filename=name)
