"""From a figure of a balance to its lines, and to their sums by whatever they differ in."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from bilanz.access import Right
from bilanz.app.explaining.figurelines import Asked, Found, found, summed
from bilanz.app.shown.sight import View
from bilanz.app.web.guard import Caller
from bilanz.app.web.linefilters import Asks, Code, added, common, exact
from bilanz.app.web.looking import Looked, address_of, look, told
from bilanz.app.web.pages.balances import Sees, Year
from bilanz.app.web.state import ServerOf
from bilanz.app.web.views import page
from bilanz.messages import Language, translate
from reports import behind, names, numbers

router = APIRouter()

_CALLED: Final = {"factor_id": "factor"}
"""Column lines are summed by → what an address calls it, where that is another name."""

HEADINGS: Final = {
    "source": "Source",
    "organisation": "Organisation",
    "activity": "Activity",
    "category": "Line of the scopes",
    "month": "Month",
    "gas": "Gas",
    "factor_id": "Factor",
}
"""Column lines are summed by (all of `GROUPS`) → words."""


@router.get("/balances/{year}/lines")
def lines(
    request: Request,
    server: ServerOf,
    caller: Sees,
    year: Year,
    filters: Asks,
    of: Code = "",
    part: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
) -> Response:
    """Show the balance lines behind a figure, with the sums that equal it."""
    looked = look(server, caller, year, of)
    asked = filters.asked(looked.view)
    held = found(caller.settings, looked.view, asked, part)
    here = {**filters.address(), "book": asked.book}
    return page(
        request,
        "evidence_lines.html.jinja",
        **told(looked, caller),
        common=common(asked, held.names, caller.language),
        sums=added(held.sums, caller.language),
        rows=[_row(row, looked, held, asked, caller) for row in held.lines.iter_rows(named=True)],
        part_text=translate("Part {page} of {pages}", caller.language, page=held.page, pages=held.pages),
        newer=looked.address("/lines", **here, part=held.page - 1) if held.page > 1 else "",
        older=looked.address("/lines", **here, part=held.page + 1) if held.page < held.pages else "",
        ways=_ways(looked, here, caller.language),
    )


@router.get("/balances/{year}/sums")
def sums(
    request: Request,
    server: ServerOf,
    caller: Sees,
    year: Year,
    filters: Asks,
    of: Code = "",
    by: Code = "source",
) -> Response:
    """Show the balance lines behind a figure, summed by what they differ in.

    Raises:
        UsageError: lines cannot be summed so.
    """
    looked = look(server, caller, year, of)
    asked = filters.asked(looked.view)
    total, frame, called = summed(caller.settings, looked.view, asked, by)
    here = {**filters.address(), "book": asked.book}
    language = caller.language
    rows = [
        (
            (
                looked.address("/lines", **{**here, **_behind(row, by)}),
                _called(row, by, called, language),
            ),
            numbers.decimal(row["lines"], language),
            exact(row["co2e_kg"], language),
        )
        for row in frame.iter_rows(named=True)
    ]
    return page(
        request,
        "evidence_sums.html.jinja",
        **told(looked, caller),
        common=common(asked, called, language),
        sums=added(total, language),
        heading=translate(HEADINGS[by], language),
        rows=rows,
        ways=_ways(looked, here, language),
        lines=looked.address("/lines", **here),
    )


def _behind(row: dict[str, Any], by: str) -> dict[str, str]:
    """Return what the lines of a sum have in common."""
    if by == "organisation":
        return {"unit": row["organisation"], "reach": behind.ITSELF}
    keys = ("scope", "category") if by == "category" else (by,)
    return {
        _CALLED.get(key, key): value
        for key in keys
        for value in (behind.MISSING if row[key] is None else _code(row[key]),)
    }


def _code(value: object) -> str:
    return value.strftime(behind.MONTH) if isinstance(value, date) else str(value)


def _called(row: dict[str, Any], by: str, called: dict[str, str], language: Language) -> str:
    value: Any = row[by]
    if value is None:
        return numbers.missing(language)
    if by == "organisation":
        return called.get(value, str(value))
    if by == "activity":
        return names.activity_name(value, language)
    if by == "category":
        return f"{names.scope(row['scope'], language)}: {names.category(value, language)}"
    return numbers.month(value, language) if by == "month" else str(value)


def _ways(looked: Looked, here: dict[str, str], language: Language) -> list[tuple[str, str]]:
    """Return the other sums of the same lines."""
    return [
        (
            looked.address("/sums", **here, by=by),
            translate("By: {heading}", language, heading=translate(heading, language)),
        )
        for by, heading in HEADINGS.items()
    ]


def _row(row: dict[str, Any], looked: Looked, held: Found, asked: Asked, caller: Caller) -> dict[str, Any]:
    """Return one balance line as the page shows it."""
    language, factor = caller.language, held.factors.get(row["factor_id"] or "")
    return {
        "organisation": held.names.get(row["organisation"], row["organisation"]),
        "source": row["source"] or numbers.missing(language),
        "activity": names.activity_name(row["activity"], language)
        if row["activity"]
        else row["product_group"],
        "month": numbers.month(row["month"], language),
        "place": f"{names.scope(row['scope'], language)}: {names.category(row['category'], language)}",
        "quantity": exact(row["quantity"], language),
        "unit": row["unit"],
        "gas": row["gas"],
        "grade": names.grade(row["grade"], language) if row["grade"] else numbers.missing(language),
        "factor": row["factor_id"] or numbers.missing(language),
        "publication": _publication(factor),
        "co2e": exact(row["co2e_kg"], language),
        "explain": _explanation(row, looked.view, asked, caller),
    }


def _publication(factor: Mapping[str, Any] | None) -> str:
    if factor is None:
        return ""
    return ", ".join(
        str(factor[name]) for name in ("publisher", "title", "edition", "locator") if factor[name]
    )


def _explanation(row: dict[str, Any], view: View, asked: Asked, caller: Caller) -> str:
    """Return where a line is explained; files are for those who may read all of its organisation."""
    organisation = row["organisation"]
    if not caller.may(Right.READ, organisation):
        return ""
    told_of_line = {
        "book": asked.book,
        "scope": row["scope"],  # explained are all scopes; the way back leads to lines that may be added
        "source": row["source"],
        "activity": row["activity"],
        "month": _code(row["month"]) if row["month"] is not None else None,
    }
    return address_of(view, "/explain", **{**told_of_line, "organisation": organisation})
