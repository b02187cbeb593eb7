"""Forms of master data: a new row, a changed one, the differences to agree with, an instrument removed."""

from collections.abc import Iterable
from dataclasses import replace
from http import HTTPStatus
from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from bilanz.access import ALL, Right
from bilanz.app.fund.tables import FUND_TABLES
from bilanz.app.master import evidence
from bilanz.app.master.fields import Field, fields, shown, suggestions
from bilanz.app.master.intake import Known
from bilanz.app.master.rows import (
    TERM,
    Desk,
    Entry,
    Outcome,
    access_of,
    entries,
    find,
    mark_of,
    may_change,
    propose,
    save,
)
from bilanz.app.master.tables import BY_NAME, Table
from bilanz.app.master.withdrawing import withdraw
from bilanz.app.master.words import table_words
from bilanz.app.period.closing import STATES
from bilanz.app.web.guard import Caller
from bilanz.app.web.pages.master import (
    Changer,
    Entered,
    Key,
    Reader,
    Short,
    desk_of,
    key_query,
    row_address,
    table_of,
)
from bilanz.app.web.state import Server, ServerOf
from bilanz.app.web.views import address, page
from bilanz.errors import Forbidden, Refused
from bilanz.fund.project import FundProgramme, FundProject
from bilanz.masterrow import MasterRow
from bilanz.messages import translate
from bilanz.organisation import OrganisationUnit, Site, SourceTerm
from bilanz.period import Period
from bilanz.plan import Growth, Measure
from bilanz.registry.instruments import remove_instrument

router = APIRouter()

_BESIDE: Final = {
    ("sources", "organisation"): f"{TERM}organisation",
    ("organisations", "organisation"): "parent",
}
"""Table and parameter of the address → the field it fills in where the table has no such column."""


@router.get("/master/{table}/new")
def new(request: Request, server: ServerOf, caller: Changer, table: str) -> Response:
    """Show the form of a new row; what the address states is filled in."""
    found, desk = table_of(table), desk_of(server, caller)
    known = desk.known(with_factors=table == "instruments")
    names = {column.name for column in found.columns}
    told = {_BESIDE.get((table, name), name): value for name, value in request.query_params.items()}
    told = {
        name: value for name, value in told.items() if name.removeprefix(TERM) in names | {"organisation"}
    }
    assumed = [term for term in known.assumed if table == "terms" and term.source == told.get("source")]
    if assumed and access_of(known).sees("terms", assumed[0]):
        told = entries(found, assumed[0], known) | told
    return _form(request, caller, known, Entry(found, told))


@router.post("/master/{table}/new")
def add(request: Request, server: ServerOf, caller: Changer, table: str, form: Entered) -> Response:
    """Add a row, or say what is wrong with it."""
    return _sent(request, server, caller, Entry(table_of(table), form, seen=form.get("seen", "")))


@router.get("/master/{table}/row")
def row(
    request: Request, server: ServerOf, caller: Reader, table: str, key: Key, saved: Short = ""
) -> Response:
    """Show a row, as a form to whoever may change it."""
    found, desk = table_of(table), desk_of(server, caller)
    known = desk.known(with_factors=table == "instruments")
    held = find(known, found, key)
    entry = Entry(found, entries(found, held, known), tuple(key))
    return _form(request, caller, known, entry, before=held, saved=saved)


@router.post("/master/{table}/row")
def change(
    request: Request, server: ServerOf, caller: Reader, table: str, key: Key, form: Entered
) -> Response:
    """Change a row: what would change is shown first."""
    found = table_of(table)
    known = desk_of(server, caller).known()
    if not _may_change(known, found, find(known, found, key)):
        raise Forbidden("You may not do this.")
    return _sent(request, server, caller, Entry(found, form, tuple(key), form.get("seen", "")))


def _may_change(known: Known, table: Table, held: MasterRow) -> bool:
    """Tell whether a row can be changed; an assumed term is stated instead."""
    is_assumed = isinstance(held, SourceTerm) and held.is_assumed
    return not is_assumed and may_change(known, table, held)


def _sent(request: Request, server: Server, caller: Caller, entry: Entry) -> Response:
    """Answer a form that was sent: back to it, the differences to agree with, or saved."""
    desk, step = desk_of(server, caller), entry.cells.get("step", "")
    reason = entry.cells.get("reason", "").strip() or None
    if step == "edit":
        return _again(request, caller, desk, entry)
    outcome = save(desk, entry, reason) if step == "save" else propose(desk, entry)
    if not outcome.is_refused and step != "save" and _needs_agreement(entry, outcome):
        return _agree(request, caller, desk, entry, outcome)
    if not outcome.is_refused and step != "save" and outcome.row is not None:
        outcome = save(desk, entry, reason)
    if outcome.is_refused:
        return _again(request, caller, desk, entry, outcome)
    where = f"/master/{entry.table.name}"
    if outcome.row is not None:
        where = row_address(entry.table, outcome.row, saved="yes")
    elif entry.key is not None:
        where = f"{where}/row?{urlencode([*(('key', part) for part in entry.key), ('saved', 'same')])}"
    return RedirectResponse(where, HTTPStatus.SEE_OTHER)


def _needs_agreement(entry: Entry, outcome: Outcome) -> bool:
    return outcome.row is not None and (entry.key is not None or bool(outcome.periods))


def _agree(request: Request, caller: Caller, desk: Desk, entry: Entry, outcome: Outcome) -> Response:
    """Show what would change and ask."""
    known = desk.known()
    sent = {name: value for name, value in entry.cells.items() if name not in {"csrf", "step", "seen"}}
    return page(
        request,
        "master_confirm.html.jinja",
        table=entry.table,
        words=table_words(entry.table.name),
        is_new=entry.key is None,
        label=None if outcome.row is None else _label(entry.table, outcome.row, known),
        changes=[(change.title, change.before, change.after) for change in outcome.changes],
        periods=period_words(outcome.periods, caller),
        sent=sent,
        mark=outcome.mark,
        action=_action(entry),
    )


def _again(
    request: Request, caller: Caller, desk: Desk, entry: Entry, outcome: Outcome | None = None
) -> Response:
    """Show the form with what was entered, and what is wrong with it."""
    known = desk.known(with_factors=entry.table.name == "instruments")
    before = None if entry.key is None else find(known, entry.table, entry.key)
    return _form(request, caller, known, entry, before=before, outcome=outcome)


def _form(
    request: Request,
    caller: Caller,
    known: Known,
    entry: Entry,
    *,
    before: MasterRow | None = None,
    outcome: Outcome | None = None,
    saved: str = "",
) -> Response:
    table, told = entry.table, outcome or Outcome()
    is_changeable = before is None or _may_change(known, table, before)
    groups = [("", fields(table, known, entry.cells, before=before))]
    if table.name == "sources" and before is None:
        groups.append((TERM, _term_fields(known, entry, caller)))
    typed = {field.name: suggestions(table, field.name, known) for _, group in groups for field in group}
    return page(
        request,
        "master_form.html.jinja",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if told.is_refused else HTTPStatus.OK,
        table=table,
        words=table_words(table.name),
        label=None if before is None else _label(table, before, known),
        groups=groups,
        typed=typed,
        problems=told.problems,
        general=told.general,
        reason=entry.cells.get("reason", ""),
        seen=mark_of(table, before),
        action=_action(entry),
        saved=saved,
        is_changeable=is_changeable,
        is_assumed=isinstance(before, SourceTerm) and before.is_assumed,
        row=before,
        query="" if before is None else key_query(table, before),
        files=_files(caller, table, before),
        has_evidence="evidence" in {column.name for column in table.columns},
        links=_links(table, before),
        is_of_fund=table in FUND_TABLES,
    )


def _term_fields(known: Known, entry: Entry, caller: Caller) -> list[Field]:
    """Return the fields of the term a new source comes with; whoever may do everything can do without."""
    found = fields(BY_NAME["terms"], known, entry.cells, prefix=TERM)
    is_free = caller.may(Right.MASTER, ALL)
    return [
        replace(field, is_needed=field.is_needed and not is_free)
        for field in found
        if field.name != f"{TERM}source"
    ]


def _action(entry: Entry) -> str:
    if entry.key is None:
        return f"/master/{entry.table.name}/new"
    return f"/master/{entry.table.name}/row?{urlencode([('key', part) for part in entry.key])}"


def _label(table: Table, row: MasterRow, known: Known) -> str:
    if isinstance(row, OrganisationUnit | Site):
        return row.name
    if isinstance(row, Measure | Growth | FundProgramme | FundProject):
        return row.title
    columns = {column.name: column for column in table.columns}
    return ", ".join(text for name in table.key if (text := shown(table, columns[name], row, known)) != "–")


def _files(caller: Caller, table: Table, row: MasterRow | None) -> list[tuple[str, str]]:
    """Return (address, name) of the files a row names."""
    named_files = [] if row is None else evidence.named_by(row)
    found = [evidence.kept(caller.settings, sha256) for sha256 in named_files]
    query = "" if row is None else key_query(table, row)
    return [
        (f"/master/{table.name}/evidence?{query}&sha256={file.sha256}", file.name)
        for file in found
        if file is not None and any(caller.may(Right.READ, name) for name in file.organisations)
    ]


def _links(table: Table, row: MasterRow | None) -> list[tuple[str, str]]:
    """Return (address, template) of what belongs to a row."""
    if row is None:
        return []
    name = str(getattr(row, "id", ""))
    if table.name == "organisations":
        told = {"figures": "Its sizes", "sites": "Its sites", "sources": "Its meters and other sources"}
        return [(address(f"/master/{target}", organisation=name), text) for target, text in told.items()]
    if table.name == "sources":
        return [
            (address("/master/terms", source=name), "Who has this source"),
            (address("/master/terms/new", source=name), "State new terms of this source"),
        ]
    if table.name == "fund_projects":
        return [(address(f"/master/{target}", q=name), text) for target, text in _OF_PROJECT.items()]
    return []


_OF_PROJECT: Final = {
    "fund_flows": "Its commitments and disbursements",
    "fund_financing": "What others pay for it",
    "fund_sources": "Its meters",
    "fund_observations": "Its indicators",
    "fund_findings": "What its meters came to",
    "fund_claims": "Who claims what it avoids",
}
"""Table → what its rows are to a project."""


def period_words(periods: Iterable[Period], caller: Caller) -> list[str]:
    """Return, for each released or closed year, that its balance stays as it is."""
    message = "{year} ({organisation}) is {state}. Its balance stays; a restatement tells what would change."
    return [
        translate(
            message,
            caller.language,
            year=one.year,
            organisation=one.organisation or translate("all", caller.language),
            state=translate(STATES[one.state], caller.language),
        )
        for one in periods
    ]


@router.post("/master/{table}/withdraw")
def withdraw_row(server: ServerOf, caller: Changer, table: str, key: Key, form: Entered) -> Response:
    """Take a row of the fund back; the trail keeps it."""
    withdraw(server.registry, caller.settings, table, key, form.get("why", ""), caller)
    return RedirectResponse(f"/master/{table}", HTTPStatus.SEE_OTHER)


@router.post("/master/instruments/remove")
def remove(server: ServerOf, caller: Changer, key: Key, form: Entered) -> Response:
    """Remove an instrument; runs that used it keep what they say.

    Raises:
        Forbidden: it may be read and not changed.
        Refused: the reason is missing.
    """
    table, known = BY_NAME["instruments"], desk_of(server, caller).known()
    held = find(known, table, key)
    if not may_change(known, table, held):
        raise Forbidden("You may not do this.")
    reason = form.get("why", "").strip()
    if not reason:
        raise Refused("Say why it is removed: the reason stands in the audit trail.")
    remove_instrument(server.registry, key[0], by=caller.user.login, reason=reason)
    return RedirectResponse("/master/instruments", HTTPStatus.SEE_OTHER)
