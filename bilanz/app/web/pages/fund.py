"""The board's page: who owes and paid, where the money went, what the meters say it achieved."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from markupsafe import Markup

from bilanz.access import Right
from bilanz.app.fund.board import board_in, newest, seal, title_of, workbook_of, years_of
from bilanz.app.web.guard import Caller, Guard
from bilanz.app.web.state import ServerOf
from bilanz.app.web.views import page
from reports.board import evidence
from reports.board.page import sections, shown
from reports.page import foreign_styles

router = APIRouter()

Sees = Annotated[Caller, Depends(Guard(Right.READ_RELEASED, "fund"))]
Asked = Annotated[int | None, Query(ge=1900, le=2200)]


@router.get("/fund")
def board(request: Request, server: ServerOf, caller: Sees, year: Asked = None) -> Response:
    """Show what a board sees of a year; without one of the newest with money."""
    years = years_of(server.registry)
    found = board_in(server.registry, caller.settings, year or newest(years))
    html, figures = sections(found, caller.language, lambda behind: f"#{evidence.anchor(behind)}-title")
    return page(
        request,
        "fund_board.html.jinja",
        title=title_of(found),
        league=found.terms.league,
        year=found.year,
        years=[(one, str(one)) for one in reversed(years)],
        contents=[(one.name, one.title) for one in shown(found, caller.language).chapters],
        sections=Markup(html),  # noqa: S704 - made by our own template, everything in it escaped
        figures=Markup(figures),  # noqa: S704 - JSON with every "<" escaped
        foreign_styles=foreign_styles() if figures else [],
        seal=seal(found),
    )


@router.get("/fund/workbook")
def workbook(server: ServerOf, caller: Sees, year: Annotated[int, Query(ge=1900, le=2200)]) -> Response:
    """Send ICMA table, allocation and impact of a year as a workbook."""
    found = board_in(server.registry, caller.settings, year)
    with workbook_of(found, caller.language) as path:
        body = path.read_bytes()
    return workbook_answer(body, year)


def workbook_answer(body: bytes, year: int) -> Response:
    """Return a workbook as a file to be saved."""
    media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    headers = {"content-disposition": f'attachment; filename="bilanz-fund-{year}.xlsx"'}
    return Response(body, media_type=media, headers=headers)
