"""A job, followed and cancelled."""

import asyncio
import json
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response, StreamingResponse

from bilanz.access import Right
from bilanz.app.web.following import ask_cancel, followed
from bilanz.app.web.guard import Caller, Guard
from bilanz.app.web.jobs import AFTER, TITLES, told
from bilanz.app.web.state import Server, ServerOf
from bilanz.app.web.views import page
from bilanz.job import JobState
from bilanz.messages import translate
from bilanz.registry import jobs

router = APIRouter()

_EVERY: Final = 1.0


@router.get("/jobs/{job}")
def show(
    request: Request,
    server: ServerOf,
    job: str,
    caller: Annotated[Caller, Depends(Guard(Right.READ_RELEASED, "job"))],
) -> Response:
    """Show how far a job is; one that is done leads on."""
    found = followed(server, job, caller)
    then = AFTER[found.kind](found)
    if found.state == JobState.DONE:
        return RedirectResponse(then, HTTPStatus.SEE_OTHER)
    said = told(found, caller.language)
    return page(
        request,
        "job.html.jinja",
        job=found,
        title=translate(TITLES[found.kind], caller.language),
        state=said["state"],
        is_over=said["is_over"],
        problem=said["problem"],
        then=then,
    )


@router.get("/jobs/{job}/events")
def events(
    server: ServerOf, job: str, caller: Annotated[Caller, Depends(Guard(Right.READ_RELEASED, "job"))]
) -> StreamingResponse:
    """Send the progress of a job as server-sent events until it is over."""
    followed(server, job, caller)
    stream = _events(server, job, caller)
    return StreamingResponse(stream, media_type="text/event-stream", headers={"x-accel-buffering": "no"})


async def _events(server: Server, job: str, caller: Caller) -> AsyncIterator[str]:
    said: dict[str, Any] = {"is_over": False}
    while not said["is_over"] and not server.queue.is_ending:
        said = told(await run_in_threadpool(jobs.job, server.registry, job), caller.language)
        yield f"data: {json.dumps(said)}\n\n"
        await asyncio.sleep(_EVERY)


@router.post("/jobs/{job}/cancel")
def cancel(
    server: ServerOf, job: str, caller: Annotated[Caller, Depends(Guard(Right.READ_RELEASED, "job"))]
) -> Response:
    """Ask a job to end: its owner may, and whoever may calculate there."""
    ask_cancel(server, job, caller)
    return RedirectResponse(f"/jobs/{job}", HTTPStatus.SEE_OTHER)
