"""A balance line explained: every step, the factor with its publication, what lost, the rows of files."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from bilanz.access import ALL, Right
from bilanz.app.balances import explain_year
from bilanz.app.web.guard import Caller, Guard
from bilanz.app.web.linefilters import Asks, Code
from bilanz.app.web.looking import look, told
from bilanz.app.web.pages.balances import Year
from bilanz.app.web.state import ServerOf
from bilanz.app.web.views import page
from bilanz.errors import UnknownName
from reports import names

router = APIRouter()

_BUSY: Final = 20.0
"""Seconds an explanation waits for others to finish writing."""


@router.get("/balances/{year}/explain")
def explain(
    request: Request,
    server: ServerOf,
    caller: Annotated[Caller, Depends(Guard(Right.READ, "organisation"))],
    year: Year,
    filters: Asks,
    of: Code = "",
) -> Response:
    """Show every step of balance lines: factor with publication and page, what lost, the rows of files.

    Raises:
        UnknownName: no organisation is named, or there is no such balance.
        StoreBusy: others write for too long.
    """
    if caller.organisation == ALL:
        raise UnknownName("There is nothing here, or nothing you may see.")
    looked = look(server, caller, year, of)
    view = looked.view
    only = filters.asked(view).book
    settings = caller.settings.model_copy(update={"wait": min(caller.settings.wait, _BUSY)})
    explained = explain_year(
        settings,
        year,
        book=only,
        run=view.entry.run,
        readers=caller.where(Right.READ),
        organisation=caller.organisation,
        source=filters.get("source"),
        activity=filters.get("activity"),
        month=filters.get("month"),
    )
    return page(
        request,
        "evidence_explain.html.jinja",
        **told(looked, caller),
        book=names.book(only, caller.language),
        lines=[line | {"files": _files(line["origin"])} for line in explained["lines"]],
        left_off=explained["left_off"],
        release=explained["release_name"] or explained["factor_release"][:12],
        back=looked.address("/lines", **{**filters.address(), "book": only}),
    )


def _files(origin: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the places in files a line is made of; files of others are named without a way there."""
    told_of_files = []
    for entry in origin:
        if "file" not in entry:
            continue
        rows = (entry["row"], entry["row"]) if "row" in entry else (entry["first_row"], entry["last_row"])
        told_of_files.append(
            {
                "file": entry["file"],
                "href": f"/files/{entry['batch']}" if entry["batch"] else "",
                "first": rows[0],
                "last": rows[1],
                "column": entry.get("column"),
                "original": entry.get("original"),
                "readings": entry.get("readings"),
                "findings": entry.get("findings", []),
            }
        )
    return told_of_files
