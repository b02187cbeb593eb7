"""What the pages of the review share: whose year it is, words for values and states, and what was done."""

from collections.abc import Mapping
from datetime import UTC, date
from typing import Annotated, Any, Final

from fastapi import Path

from bilanz.access import Right
from bilanz.app.balances import ledger
from bilanz.app.explaining.amounts import amount
from bilanz.app.review.findings import CONFIRMED, OPEN, Value
from bilanz.app.review.tasks import below_of
from bilanz.app.web.guard import Caller
from bilanz.app.web.state import Server
from bilanz.app.web.views import address
from bilanz.errors import UnknownName
from bilanz.job import Job, JobState
from bilanz.messages import Language, translate
from bilanz.organisation import OrganisationUnit
from bilanz.period import Period, PeriodState
from bilanz.registry import jobs
from bilanz.registry.organisations import organisations
from bilanz.store.values import CORRECTED, EXCLUDED, SUPERSEDED
from reports import names, numbers

Year = Annotated[int, Path(ge=1900, le=2200)]

PERIODS: Final = {
    PeriodState.OPEN: ("info", "open"),
    PeriodState.RELEASED: ("success", "released"),
    PeriodState.CLOSED: ("success", "closed"),
}
"""State → kind of badge, words."""

STATES: Final = {
    OPEN: ("warning", "to be decided"),
    CONFIRMED: ("success", "confirmed"),
    CORRECTED: ("success", "corrected"),
    EXCLUDED: ("info", "excluded"),
    SUPERSEDED: ("info", "another value counts"),
}
"""State of a finding → kind of badge, words."""

STANDS: Final = {
    PeriodState.RELEASED.value: (
        "{year} ({organisation}) is released. Its balance stays as it is; close it and restate it, or reopen "
        "it, to take over what you decide here."
    ),
    PeriodState.CLOSED.value: (
        "{year} ({organisation}) is closed. Its balance stays as it is; a restatement tells what your "
        "decision changes."
    ),
}


def named(organisation: str | None, units: Mapping[str, OrganisationUnit], language: Language) -> str:
    """Return what an organisation is called; `ALL`: all of them."""
    if not organisation:
        return translate("All organisations", language)
    return units[organisation].name if organisation in units else organisation


def place(server: Server, caller: Caller, year: int) -> dict[str, Any]:
    """Return what every page of a year shows: whose it is, its addresses, and what the caller may do."""
    units = organisations(server.registry)
    where = caller.organisation
    return {
        "year": year,
        "organisation": where,
        "name": named(where, units, caller.language),
        "units": units,
        "here": lambda part="", **more: address(f"/review/{year}{part}", organisation=where or None, **more),
        "may_calculate": caller.may(Right.CALCULATE, where),
        "may_resolve": caller.may(Right.RESOLVE, where),
        "may_release": caller.may(Right.RELEASE, where),
    }


def within(caller: Caller) -> frozenset[str] | None:
    """Return the organisation of the page and what is below it; None: all."""
    if not caller.organisation:
        return None
    with ledger(caller.settings) as data:
        return below_of(data, caller.organisation)


def is_theirs(caller: Caller, value: Value, inside: frozenset[str] | None) -> bool:
    """Tell whether a value is of the organisation of the page or below, and the caller may read it."""
    return caller.may(Right.READ, value.organisation) and (inside is None or value.organisation in inside)


def quantity(value: Any, unit: str | None, language: Language) -> str:  # noqa: ANN401 - a number or None
    """Return a quantity with its unit; a dash where it is not known."""
    if value is None:
        return "–"
    return f"{amount(value, language)} {names.unit(unit, language)}"


def span(days: tuple[date, date] | None, language: Language) -> str:
    """Return first and last day; a dash where there are none."""
    if days is None:
        return "–"
    first, last = (numbers.day(day, language) for day in days)
    return first if first == last else f"{first} – {last}"


def told(value: Value, language: Language, units: Mapping[str, OrganisationUnit]) -> dict[str, Any]:
    """Return a value in words."""
    return {
        "organisation": named(value.organisation, units, language),
        "source": value.source or "–",
        "activity": names.activity_name(value.activity, language),
        "quantity": quantity(value.quantity, value.unit, language),
        "period": span(value.days, language),
        "file": value.file,
        "row": "–" if value.row is None else str(value.row),
        "column": value.column or "–",
        "quality": names.quality(value.quality, language) if value.quality else "–",
    }


def stands(
    periods: list[Period] | tuple[Period, ...], units: Mapping[str, OrganisationUnit], language: Language
) -> list[str]:
    """Return for each released or closed period that its balance stays as it is."""
    return [
        translate(
            STANDS[one.state],
            language,
            year=one.year,
            organisation=named(one.organisation, units, language),
        )
        for one in periods
    ]


def done(server: Server, caller: Caller, identifier: str, kind: str) -> Job | None:
    """Return a job of this kind and of the caller's organisation that is done; None: there is none."""
    try:
        found = jobs.job(server.registry, identifier) if identifier else None
    except UnknownName:
        return None
    if found is None or (found.kind, found.organisation) != (kind, caller.organisation):
        return None
    return found if found.state == JobState.DONE else None


def step(by: str | None, at: Any, language: Language) -> str | None:  # noqa: ANN401 - text or an instant
    """Return who did something and when."""
    if by is None or at is None:
        return None
    text = at if isinstance(at, str) else at.replace(tzinfo=UTC).isoformat(timespec="minutes")
    return translate("{who}, {when}", language, who=by, when=numbers.instant(text, language))
