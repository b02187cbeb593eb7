"""The start page."""

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from bilanz.app.web.guard import Guard
from bilanz.app.web.views import page

router = APIRouter()


@router.get("/", dependencies=[Depends(Guard(None))])
def start(request: Request) -> Response:
    """Show where to go."""
    return page(request, "start.html.jinja")
