"""The start page: what waits, what was released, where to go."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from bilanz.access import Right
from bilanz.app.web.guard import Caller, Guard
from bilanz.app.web.state import ServerOf
from bilanz.app.web.views import page
from bilanz.app.web.waiting import failed_jobs, released, waiting

router = APIRouter()


@router.get("/")
def start(request: Request, server: ServerOf, caller: Annotated[Caller, Depends(Guard(None))]) -> Response:
    """Show what waits for the caller and where to go."""
    return page(
        request,
        "start.html.jinja",
        waiting=waiting(server, caller),
        released=released(server, caller),
        failed=failed_jobs(server, caller),
        has_work=any(caller.may(right) for right in (Right.DELIVER, Right.RELEASE, Right.USERS)),
        may_deliver=caller.may(Right.DELIVER),
    )
