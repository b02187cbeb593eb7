"""Master data: the tables and lists of their rows."""

from collections.abc import Mapping
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from bilanz.access import Right
from bilanz.app.fund.tables import FUND_TABLES, OF_PROJECTS
from bilanz.app.master.fields import named, shown
from bilanz.app.master.intake import Known
from bilanz.app.master.rows import (
    Desk,
    key_texts,
    rows_of,
)
from bilanz.app.master.tables import BY_NAME, TABLES, Table
from bilanz.app.master.words import column_words, table_words
from bilanz.app.web.guard import Caller, Guard
from bilanz.app.web.state import Server, ServerOf
from bilanz.app.web.views import address, page
from bilanz.errors import UnknownName
from bilanz.masterrow import MasterRow
from bilanz.messages import translate
from bilanz.organisation import OrganisationUnit, SourceTerm

router = APIRouter()

Reader = Annotated[Caller, Depends(Guard(Right.READ))]
Changer = Annotated[Caller, Depends(Guard(Right.MASTER))]
Key = Annotated[list[str], Query(max_length=4)]
Short = Annotated[str, Query(max_length=200)]

A_PAGE: Final = 50

LISTED: Final[Mapping[str, tuple[str, ...]]] = {
    "organisations": ("name", "id", "kind", "parent"),
    "figures": ("organisation", "valid_from", "population", "floor_area_m2", "staff"),
    "sites": ("name", "organisation", "kind", "floor_area_m2"),
    "sources": ("id", "activity", "unit", "parent"),
    "terms": ("source", "organisation", "role", "tenure", "valid_from", "valid_to"),
    "instruments": ("id", "kind", "organisation", "source", "valid_from", "valid_to", "quantity_kwh"),
    "targets": ("id", "organisation", "base_year", "target_year", "reduction"),
    "measures": ("title", "organisation", "starts_on", "effect_kg", "effect_kwh", "status"),
    "growth": ("title", "organisation", "activity", "rate", "first_year", "last_year"),
    "memberships": ("organisation", "parent", "valid_from", "valid_to", "equity_share"),
    "deliveries": ("id", "seller", "buyer", "activity", "valid_from", "valid_to"),
    "compensations": ("id", "organisation", "year", "tonnes", "cancelled_on"),
    "notation_keys": ("organisation", "year", "ref", "key"),
    "weights": ("name", "month", "value"),
    "overlaps": ("id", "kind", "part_source", "whole_source"),
    "fund_members": ("organisation", "country", "currency", "joined_on", "left_on"),
    "fund_figures": ("organisation", "kind", "year", "value", "unit"),
    "fund_keys": ("id", "organisation", "first_year", "key", "mode", "amount", "currency"),
    "fund_payments": ("id", "organisation", "year", "paid_on", "amount", "currency"),
    "fund_programmes": ("title", "organisation"),
    "fund_projects": ("title", "organisation", "programme", "starts_on", "completed_on", "climate_tag"),
    "fund_flows": ("id", "project", "kind", "on", "amount", "currency"),
    "fund_financing": ("id", "project", "financier", "on", "amount", "currency"),
    "fund_sources": ("project", "source", "use"),
    "fund_observations": ("indicator", "project", "year", "sight", "value", "unit"),
    "fund_findings": ("id", "project", "year", "assessed_on", "code", "saved", "unit"),
    "fund_claims": ("project", "year", "claimant", "share"),
    "fund_rates": ("set", "kind", "time_preference", "year", "value", "unit"),
    "fund_factors": ("series", "year", "value", "unit"),
}
"""Table → the columns of the list; the first one leads to the row."""


async def entered(request: Request) -> dict[str, str]:
    """Return the texts of a form."""
    form = await request.form()
    return {name: value for name, value in form.items() if isinstance(value, str)}


Entered = Annotated[dict[str, str], Depends(entered)]


def desk_of(server: Server, caller: Caller) -> Desk:
    """Return where a caller works on master data."""
    return Desk(server.registry, caller.settings, caller)


def table_of(name: str) -> Table:
    """Return a table.

    Raises:
        UnknownName: there is none of this name.
    """
    if name not in BY_NAME:
        raise UnknownName("There is nothing at this address.")
    return BY_NAME[name]


def row_address(table: Table, row: MasterRow, **more: str) -> str:
    """Return the address of a row."""
    return f"/master/{table.name}/row?{key_query(table, row, **more)}"


def key_query(table: Table, row: MasterRow, **more: str) -> str:
    """Return what identifies a row in an address."""
    return urlencode([*(("key", part) for part in key_texts(table, row)), *more.items()])


@router.get("/master")
def overview(request: Request, server: ServerOf, caller: Reader) -> Response:
    """Show the tables and the tree of organisations."""
    known = desk_of(server, caller).known()
    of_fund = [_tile(table, known) for table in FUND_TABLES]
    return page(
        request,
        "master_overview.html.jinja",
        tables=[_tile(table, known) for table in TABLES if table not in FUND_TABLES],
        fund=[tile for tile in of_fund if tile["count"]],
        empty=[tile for tile in of_fund if not tile["count"]],
        tree=_tree(known),
        may_change=caller.may(Right.MASTER),
    )


def _tile(table: Table, known: Known) -> dict[str, Any]:
    """Return a table as the overview shows it."""
    words = table_words(table.name)
    return {
        "href": f"/master/{table.name}",
        "title": translate(words.title, known.language),
        "purpose": translate(words.purpose, known.language),
        "count": len(rows_of(known, table)),
    }


def _tree(known: Known) -> list[dict[str, Any]]:
    """Return the organisations that may be seen; those whose parent may not be seen are at the top."""
    table = BY_NAME["organisations"]
    units = {row.id: row for row in rows_of(known, table) if isinstance(row, OrganisationUnit)}

    def node(unit: OrganisationUnit) -> dict[str, Any]:
        below = [one for one in units.values() if one.parent == unit.id]
        return {"name": named(unit), "href": row_address(table, unit), "below": [node(one) for one in below]}

    return [node(unit) for unit in units.values() if unit.parent not in units]


@router.get("/master/{table}")
def listed(
    request: Request,
    server: ServerOf,
    caller: Reader,
    table: str,
    organisation: Short = "",
    source: Short = "",
    q: Short = "",
    number: Annotated[int, Query(alias="page", ge=1, le=100_000)] = 1,
) -> Response:
    """List the rows of a table the caller may see."""
    found, known = table_of(table), desk_of(server, caller).known()
    if organisation and not caller.may(Right.READ, organisation):
        raise UnknownName("There is nothing here, or nothing you may see.")
    rows = rows_of(known, found, organisation=organisation, source=source, sought=q.strip())
    part = rows[(number - 1) * A_PAGE : number * A_PAGE]
    told: dict[str, Any] = {"organisation": organisation, "source": source, "q": q}
    columns = [column for name in LISTED[table] for column in found.columns if column.name == name]
    heads = [translate(column_words(table, column.name).title, caller.language) for column in columns]
    return page(
        request,
        "master_list.html.jinja",
        table=found,
        words=table_words(table),
        heads=[*heads, *([translate("What is known of it", caller.language)] if table == "terms" else [])],
        rows=[_cells(found, row, known) for row in part],
        numeric=[index for index, column in enumerate(columns) if column.name in _NUMERIC],
        total=len(rows),
        first=(number - 1) * A_PAGE + 1,
        newer=address(f"/master/{table}", **told, page=number - 1) if number > 1 else None,
        older=address(f"/master/{table}", **told, page=number + 1) if len(rows) > number * A_PAGE else None,
        organisations=_organisations(found, known),
        told=told,
        may_change=caller.may(Right.MASTER),
        has_assumed=table == "terms" and any(isinstance(row, SourceTerm) and row.is_assumed for row in rows),
    )


_NUMERIC: Final = frozenset(
    {"population", "floor_area_m2", "staff", "quantity_kwh", "effect_kg", "effect_kwh", "tonnes", "value"}
    | {"reduction", "rate", "equity_share", "amount", "share", "time_preference"}
)


def _cells(table: Table, row: MasterRow, known: Known) -> list[str | tuple[str, str]]:
    """Return a row as the list shows it."""
    columns = {column.name: column for column in table.columns}
    first, *rest = (shown(table, columns[name], row, known) for name in LISTED[table.name])
    cells: list[str | tuple[str, str]] = [(row_address(table, row), first), *rest]
    if isinstance(row, SourceTerm):
        cells.append(translate("assumed by an import" if row.is_assumed else "stated", known.language))
    return cells


def _organisations(table: Table, known: Known) -> list[tuple[str, str]]:
    """Return what a list can be narrowed to; nothing where its rows name no organisation."""
    is_owned = "organisations" in table.references.values() or table.name in ("sources", *OF_PROJECTS)
    if not is_owned:
        return []
    return [
        (unit.id, named(unit))
        for unit in rows_of(known, BY_NAME["organisations"])
        if isinstance(unit, OrganisationUnit)
    ]
