"""Review of exceptions: what has no figure in the balance, by reason, and the records it came from."""

from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from bilanz.access import Right
from bilanz.app.review.findings import Subject, records_of
from bilanz.app.review.tasks import year_of
from bilanz.app.review.unresolved import FILES, TERMS, Group, Unresolved, groups_of
from bilanz.app.upload.view import readable
from bilanz.app.web.guard import Caller, Guard
from bilanz.app.web.reviewing import Year, is_theirs, place, quantity, told, within
from bilanz.app.web.state import ServerOf
from bilanz.app.web.views import address, page
from bilanz.errors import UnknownName
from bilanz.store.values import COUNTS
from reports import names, numbers

router = APIRouter()

Reader = Annotated[Caller, Depends(Guard(Right.READ, "organisation"))]
Number = Annotated[int, Query(alias="page", ge=1, le=100_000)]
_PART: Final = 50
_NOTHING: Final = "There is nothing here, or nothing you may see."


@router.get("/review/{year}/exceptions")
def exceptions(request: Request, server: ServerOf, caller: Reader, year: Year) -> Response:
    """Show what has no figure in the latest balance, by reason, and what can be done."""
    shown = place(server, caller, year)
    found = year_of(caller.settings, caller, caller.organisation, year)
    books = () if found.view is None else found.view.entry.books
    groups = groups_of(caller.settings, books, found.exceptions) if found.view else []
    files = {value.batch for group in groups for one in group.subjects for value in one.values}
    seen = readable(server.settings, caller, sorted(files))
    return page(
        request,
        "review_exceptions.html.jinja",
        **shown,
        found=found,
        groups=[_group(group, shown, seen, caller) for group in groups],
    )


def _group(group: Group, shown: dict[str, Any], seen: set[str], caller: Caller) -> dict[str, Any]:
    language = caller.language
    return {
        "code": group.code,
        "title": group.short(language),
        "text": group.text(language),
        "remedy": group.remedy(language),
        "subjects": [_subject(one, group, shown, seen, caller) for one in group.subjects],
    }


def _subject(
    one: Unresolved, group: Group, shown: dict[str, Any], seen: set[str], caller: Caller
) -> dict[str, Any]:
    language = caller.language
    more = {"source": one.source}
    units = shown["units"]
    return {
        "organisation": units[one.organisation].name
        if one.organisation in units
        else one.organisation or "–",
        "source": one.source or "–",
        "activity": names.activity_name(one.activity, language),
        "quantity": quantity(one.quantity, one.unit, language),
        "records": numbers.decimal(one.records, language),
        "months": " – ".join(dict.fromkeys(numbers.month(day, language) for day in (one.first, one.last))),
        "books": ", ".join(names.book(code, language) for code in one.books) or names.book(None, language),
        "detail": one.detail(language),
        "values": [
            told(value, language, units)
            | {
                "href": shown["here"]("/value", record=value.record),
                "file_href": f"/files/{value.batch}" if value.batch in seen else None,
            }
            for value in one.values
        ],
        "more": shown["here"]("/records", **more) if one.values and one.records > len(one.values) else None,
        "terms": address("/master/terms", source=one.source)
        if TERMS in group.places and one.source
        else None,
        "files": "/uploads" if FILES in group.places and caller.may(Right.DELIVER) else None,
    }


@router.get("/review/{year}/records")
def records(
    request: Request,
    server: ServerOf,
    caller: Reader,
    year: Year,
    source: Annotated[str, Query(max_length=200)],
    number: Number = 1,
) -> Response:
    """List the records of a source in a year."""
    shown = place(server, caller, year)
    inside = within(caller)
    asked = Subject(source, date(year, 1, 1), date(year, 12, 1))
    (found,) = records_of(caller.settings, [asked], first=(number - 1) * _PART, count=_PART + 1)
    mine = [value for value in found[:_PART] if is_theirs(caller, value, inside)]
    if not mine:
        raise UnknownName(_NOTHING)
    rows = [
        told(value, caller.language, shown["units"])
        | {"href": shown["here"]("/value", record=value.record), "counts": value.state == COUNTS}
        for value in mine
    ]
    more = {"source": source}
    return page(
        request,
        "review_records.html.jinja",
        **shown,
        source=source,
        rows=rows,
        newer=shown["here"]("/records", page=number - 1, **more) if number > 1 else None,
        older=shown["here"]("/records", page=number + 1, **more) if len(found) > _PART else None,
    )
