"""What a page about a balance shows: the view asked for, its words, the addresses of pages about it."""

from dataclasses import dataclass
from typing import Any, Final

from bilanz.access import ALL, Right
from bilanz.app.shown.sight import Outlook, View, chosen, seen
from bilanz.app.web.guard import Caller
from bilanz.app.web.state import Server
from bilanz.app.web.views import address
from bilanz.errors import UnknownName
from bilanz.messages import Language, translate
from bilanz.period import PeriodState
from reports import names, numbers

STATES: Final = {
    PeriodState.OPEN: "open",
    PeriodState.RELEASED: "released",
    PeriodState.CLOSED: "closed",
}
BADGES: Final = {PeriodState.OPEN: "info", PeriodState.RELEASED: "success", PeriodState.CLOSED: "success"}


@dataclass(frozen=True, slots=True)
class Looked:
    """What somebody looks at.

    Attributes:
        found: runs, periods and organisations.
        views: everything they may see of the organisation in the year.
        view: what they chose of it.
    """

    found: Outlook
    views: list[View]
    view: View

    def name(self, organisation: str, language: Language) -> str:
        """Return what an organisation is called; `ALL`: all together."""
        if organisation == ALL:
            return translate("All organisations", language)
        unit = self.found.units.get(organisation)
        return unit.name if unit is not None else organisation

    def address(self, path: str = "", **more: str | int | None) -> str:
        """Return the address of a page about the view."""
        return address_of(self.view, path, **more)


def address_of(view: View, path: str = "", **more: str | int | None) -> str:
    """Return the address of a page about a view."""
    return address(
        f"/balances/{view.year}{path}", **{"organisation": view.organisation, "of": view.source, **more}
    )


def look(server: Server, caller: Caller, year: int, of: str = "") -> Looked:
    """Return what is asked for.

    Raises:
        UnknownName: there is none, or none they may see.
    """
    found = seen(caller.settings, server.registry)
    views = found.views(caller, caller.organisation, year)
    return Looked(found, views, chosen(views, of))


def book_of(view: View, book: str) -> str | None:
    """Return the one book asked for; None: all.

    Raises:
        UnknownName: the run has none of that name.
    """
    if not book:
        return None
    if book not in view.entry.books:
        raise UnknownName("There is nothing here, or nothing you may see.")
    return book


def told(looked: Looked, caller: Caller) -> dict[str, Any]:
    """Return what every page about a view says."""
    view, language = looked.view, caller.language
    period = view.period
    return {
        "view": view,
        "name": looked.name(view.organisation, language),
        "whole": looked.name(view.of, language),
        "state": translate(STATES[view.state], language),
        "released": None if period is None else numbers.instant(period.released_at, language),
        "released_by": None if period is None else period.released_by,
        "closed": None if period is None else numbers.instant(period.closed_at, language),
        "closed_by": None if period is None else period.closed_by,
        "calculated": numbers.instant(view.entry.created_at, language),
        "here": looked.address(),
        "may_calculate": caller.may(Right.CALCULATE, view.organisation),
        "books": [(book, names.book(book, language)) for book in view.entry.books],
    }
