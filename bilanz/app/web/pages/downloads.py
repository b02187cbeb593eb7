"""Balances as files: which forms there are, the order to make one, the file."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import FileResponse, RedirectResponse, Response

from bilanz.access import Right
from bilanz.app.output import downloads
from bilanz.app.output.dashboards import wanted
from bilanz.app.queue import enqueue
from bilanz.app.shown.sight import Outlook, seen
from bilanz.app.web.guard import Caller, Guard
from bilanz.app.web.looking import look, told
from bilanz.app.web.pages.balances import Code, Sees, Year
from bilanz.app.web.state import Server, ServerOf
from bilanz.app.web.views import page
from bilanz.errors import UnknownName
from bilanz.registry import jobs

router = APIRouter()


@router.get("/balances/{year}/exports")
def listed(
    request: Request, server: ServerOf, caller: Sees, year: Year, of: Code = "", made: Code = ""
) -> Response:
    """List the forms a balance can be taken along in."""
    looked = look(server, caller, year, of)
    return page(
        request,
        "balances_exports.html.jinja",
        **told(looked, caller),
        forms=downloads.forms(caller.language),
        action=looked.address("/exports"),
        made=_made(server, caller, looked.found, made),
        days=downloads.DAYS,
    )


def _made(server: Server, caller: Caller, found: Outlook, identifier: str) -> tuple[str, str] | None:
    """Return address and name of a file that was made just now; None: there is none they may see."""
    if not identifier:
        return None
    try:
        _, name = downloads.file_of(caller.settings, found, caller, jobs.job(server.registry, identifier))
    except UnknownName:
        return None
    return f"/downloads/{identifier}", name


@router.post("/balances/{year}/exports")
def order(
    server: ServerOf, caller: Sees, year: Year, form: Annotated[str, Form(max_length=64)], of: Code = ""
) -> Response:
    """Order a file.

    Raises:
        UnknownName: there is no such form, or no such balance they may see.
    """
    looked = look(server, caller, year, of)
    sees = wanted(looked.found, caller, looked.view, None).sees_municipality
    made = enqueue(
        server.registry,
        caller.settings,
        downloads.KIND,
        organisation=caller.organisation,
        subject=str(year),
        parameters=downloads.parameters(looked.view, downloads.checked(form), sees_municipality=sees),
    )
    server.queue.wake()
    return RedirectResponse(f"/jobs/{made.id}", HTTPStatus.SEE_OTHER)


@router.get("/downloads/{job}")
def download(
    server: ServerOf, job: str, caller: Annotated[Caller, Depends(Guard(Right.READ_RELEASED, "job"))]
) -> Response:
    """Hand over a file that was made.

    Raises:
        UnknownName: there is none, or it shows what they may not see.
    """
    found = seen(caller.settings, server.registry)
    path, name = downloads.file_of(caller.settings, found, caller, jobs.job(server.registry, job))
    return FileResponse(path, media_type="application/octet-stream", filename=name)
