"""Templates, with what every page needs: language, caller, navigation."""

from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bilanz.access import ALL, Right
from bilanz.app.web.language import language_of
from bilanz.app.web.state import server_of
from bilanz.fund.terms import league_of
from bilanz.messages import LANGUAGES, Language, translate
from reports import numbers

if TYPE_CHECKING:
    from bilanz.app.web.guard import Caller

TEMPLATES: Final = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the navigation.

    Attributes:
        right: what it needs anywhere; None: nothing.
        is_of_all: it needs the right on all organisations together.
        about: what is found there.
        beside: how addresses begin of other pages that belong here.
    """

    path: str
    title: str
    right: Right | None = None
    is_of_all: bool = False
    about: str = ""
    beside: tuple[str, ...] = ()

    def holds(self, path: str) -> bool:
        """Tell whether a page belongs here."""
        return path == self.path or (self.path != "/" and path.startswith((self.path, *self.beside)))


FUND: Final = "/fund"
"""Its entry is there for who may see the league's fund, where the data directory holds one."""

NAVIGATION: Final = (
    Entry("/", "Start page"),
    Entry(
        "/uploads",
        "Files",
        Right.READ,
        about="Upload files, see what was taken, mend what was not.",
        beside=("/files",),
    ),
    Entry("/review", "Review", Right.READ, about="Check what is missing or doubtful, and release years."),
    Entry("/balances", "Balances", Right.READ_RELEASED, about="Read the balance, down to the row of a file."),
    Entry(
        FUND,
        "Fund",
        Right.READ_RELEASED,
        about="Who owes and paid, where the money went, and what the meters say it achieved.",
    ),
    Entry("/master", "Master data", Right.READ, about="Organisations, sites, meters and contracts."),
    Entry("/trail", "Audit trail", Right.TRAIL, is_of_all=True, about="Who did what, when and why."),
    Entry("/users", "Users", Right.USERS, about="Who may sign in, and what they may do."),
    Entry("/tour", "Guided tour", about="Learn the way from the first file to the balance, by an example."),
)


def page(
    request: Request,
    template: str,
    *,
    status: int = HTTPStatus.OK,
    headers: dict[str, str] | None = None,
    **context: Any,  # noqa: ANN401 - what the template shows
) -> HTMLResponse:
    """Return a page: a template with its context, in the language of who asks."""
    caller: Caller | None = getattr(request.state, "caller", None)
    language = caller.language if caller else language_of(request)
    text = (
        _environment()
        .get_template(template)
        .render(
            request=request,
            path=request.url.path,
            caller=caller,
            language=language,
            languages=LANGUAGES,
            navigation=_navigation(caller, request),
            csrf=caller.csrf if caller else "",
            Right=Right,
            say=_say(language),
            number=lambda value: numbers.decimal(value, language),
            instant=lambda text: numbers.instant(text, language),
            **context,
        )
    )
    return HTMLResponse(text, status, headers)


def _navigation(caller: "Caller | None", request: Request) -> list[Entry]:
    if caller is None:
        return []
    return [entry for entry in NAVIGATION if _is_open(entry, caller, request)]


def _is_open(entry: Entry, caller: "Caller", request: Request) -> bool:
    where: str | None = ALL if entry.is_of_all else None
    if entry.path == FUND:
        where = league_of(server_of(request).settings.data)
        if where is None:
            return False
    return entry.right is None or caller.may(entry.right, where)


def _say(language: Language) -> Any:  # noqa: ANN401 - a function of the template
    return lambda template, **parameters: translate(template, language, **parameters)


def address(path: str, **parameters: str | int | None) -> str:
    """Return an address with those of its parameters that are there."""
    told = {name: value for name, value in parameters.items() if value not in {None, ""}}
    return f"{path}?{urlencode(told)}" if told else path


@cache
def _environment() -> Environment:
    """Return where templates come from; everything put into them is escaped."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["address"] = address
    environment.filters["quoted"] = lambda text: quote(str(text), safe="")
    return environment
