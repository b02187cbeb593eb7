"""The guided tour: a year of a small town in pictures, for whoever teaches it to themselves."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from bilanz.app.web.guard import Caller, Guard
from bilanz.app.web.views import page

PICTURES: Final = Path(__file__).parents[1] / "static" / "tour"
"""Made by the browser test of the whole story: <language>/<step>.png."""

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what is done, and what to look at."""

    name: str
    title: str
    text: str


STEPS: Final = (
    Step(
        "upload",
        "Upload a file",
        "Open “Files”, choose the organisation and the file, and press “Upload”. Take bills, meter "
        "readings or lists as they are; nothing counts before you say so.",
    ),
    Step(
        "read",
        "See what was understood",
        "The page says how many rows can be taken, which need mending, and why. Below stand the first "
        "rows as they were read, with what each of them became.",
    ),
    Step(
        "mend",
        "Mend what was rejected",
        "Press “Take over” for the good rows. Download the other ones as a table: each row states its "
        "reason. Mend it in your spreadsheet and upload it like any other file.",
    ),
    Step(
        "review",
        "Check the year",
        "Open “Review” and the year, and calculate it. The tiles say what is to be looked at: missing "
        "months, quantities without a figure, values that look wrong.",
    ),
    Step(
        "exception",
        "Resolve an exception",
        "A quantity without a figure never counts as zero: it is an exception. Open its row to "
        "correct it, to exclude it with a reason, or to state in the master data what is missing. "
        "Then calculate again.",
    ),
    Step(
        "release",
        "Release the year",
        "Another person, the reviewer, looks at the totals and releases the year. From then on its "
        "figures stay as they are, whatever comes later. A third look closes it.",
    ),
    Step(
        "dashboard",
        "Read the balance",
        "Every chart has its table with the same numbers. From a number you come to its lines, the "
        "emission factor with its source, and the row of the file.",
    ),
    Step(
        "board",
        "What the board sees",
        "A board sees released balances only. An open year is nobody's figure yet.",
    ),
)


@router.get("/tour")
def tour(request: Request, caller: Annotated[Caller, Depends(Guard(None))]) -> Response:
    """Show the steps, each with its picture where there is one."""
    return page(request, "tour.html.jinja", steps=list(_shown(caller.language)))


def _shown(language: str) -> Iterator[tuple[Step, str | None]]:
    for step in STEPS:
        file = f"{language}/{step.name}.png"
        yield step, f"/static/own/tour/{file}" if (PICTURES / file).exists() else None
