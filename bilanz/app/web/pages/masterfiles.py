"""Files of master data: CSV and XLSX in and out, and the evidence of single rows."""

from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import FileResponse, RedirectResponse, Response
from itsdangerous import BadSignature
from starlette.datastructures import UploadFile

from bilanz.access import Right
from bilanz.app.master import evidence, package
from bilanz.app.master import workbook as masterworkbook
from bilanz.app.master.csvfiles import Sheet
from bilanz.app.master.data import held_against, write
from bilanz.app.master.intake import MasterdataSummary, Taking
from bilanz.app.master.periods import touched
from bilanz.app.master.rows import Entry, access_of, find, may_change, save
from bilanz.app.master.tables import BY_NAME, TABLES
from bilanz.app.master.words import table_words
from bilanz.app.web.guard import Caller, Guard
from bilanz.app.web.pages.master import Changer, Entered, Key, Reader, Short, desk_of, key_query, table_of
from bilanz.app.web.pages.masterforms import period_words
from bilanz.app.web.state import Server, ServerOf
from bilanz.app.web.views import address, page
from bilanz.errors import FileRefused, Forbidden, Refused, UnknownName
from bilanz.kinds import Severity
from bilanz.messages import translate

router = APIRouter()

MOST_SHOWN: Final = 200
"""Issues of a preview on the page; their number is told."""

_TICKET_SECONDS: Final = 3600
_TICKET: Final = "master data import"
_DONE: Final = "master data imported"


async def handed_in(request: Request) -> tuple[str, bytes]:
    """Return name and bytes of the file of a form; not more of it than is taken."""
    file = (await request.form()).get("file")
    if not isinstance(file, UploadFile):
        return "", b""
    content = await file.read(evidence.MOST_BYTES + 1)
    await file.close()
    return file.filename or "", content


HandedIn = Annotated[tuple[str, bytes], Depends(handed_in)]


@router.get("/master/import")
def ask(
    request: Request,
    server: ServerOf,
    caller: Annotated[Caller, Depends(Guard(Right.MASTER))],
    done: Annotated[str, Query(max_length=4000)] = "",
) -> Response:
    """Show the form for files, and what the last import did."""
    return _ask(request, caller, done=_done(server, caller, done))


def _done(server: Server, caller: Caller, told: str) -> list[list[Any]]:
    """Return what an import did, as it was told by this server to this user; else nothing."""
    try:
        user, rows = server.signer(_DONE).loads(told, max_age=_TICKET_SECONDS)
    except BadSignature:
        return []
    return [[table_title(name, caller), *counts] for name, *counts in rows] if user == caller.user.id else []


def table_title(name: str, caller: Caller) -> str:
    """Return what a table is called."""
    return translate(table_words(name).title, caller.language)


def _ask(
    request: Request, caller: Caller, *, problem: str = "", done: list[list[Any]] | None = None
) -> Response:
    return page(
        request,
        "master_import.html.jinja",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK,
        problem=problem,
        done=done or [],
        tables=[(table.name, table_title(table.name, caller)) for table in TABLES],
    )


@router.post("/master/import")
def preview(request: Request, server: ServerOf, caller: Changer, file: HandedIn, form: Entered) -> Response:
    """Say what would become of the rows of a CSV file, a zip of them or a workbook; nothing is written."""
    name, content = file
    if not content:
        return _ask(request, caller, problem=translate("Choose a file first.", caller.language))
    chosen = form.get("table", "")
    try:
        package.sheets_of(name, content, chosen if chosen in BY_NAME else "")
    except FileRefused as error:
        return _ask(request, caller, problem=translate(error.template, caller.language, **error.parameters))
    sha256 = package.keep(caller.settings, content)
    told = [caller.user.id, sha256, name, chosen if chosen in BY_NAME else ""]
    ticket = str(server.signer(_TICKET).dumps(told))
    return _preview(request, server, caller, ticket, is_update=form.get("update") == "yes")


@router.post("/master/import/take")
def take(request: Request, server: ServerOf, caller: Changer, form: Entered) -> Response:
    """Take over the rows that were previewed, or preview them with the other choice."""
    ticket, is_update = form.get("ticket", ""), form.get("update") == "yes"
    if form.get("step") != "take":
        return _preview(request, server, caller, ticket, is_update=is_update)
    desk, reason = desk_of(server, caller), form.get("reason", "").strip() or None
    taking = write(
        _sheets(server, caller, ticket),
        desk.registry,
        desk.settings,
        update=is_update,
        reason=reason,
        rights=desk.rights,
    )
    told = [caller.user.id, _counts(taking.summary)]
    done = str(server.signer(_DONE).dumps(told))
    return RedirectResponse(address("/master/import", done=done), HTTPStatus.SEE_OTHER)


def _sheets(server: Server, caller: Caller, ticket: str) -> dict[str, Sheet]:
    """Return the rows a ticket of this user stands for.

    Raises:
        UnknownName: it has run out, or is somebody else's.
    """
    try:
        user, sha256, name, table = server.signer(_TICKET).loads(ticket, max_age=_TICKET_SECONDS)
    except BadSignature as error:
        raise UnknownName("The file is no longer kept. Hand it in again.") from error
    if user != caller.user.id:
        raise UnknownName("The file is no longer kept. Hand it in again.")
    return package.sheets_of(name, package.kept(caller.settings, sha256), table)


def _preview(request: Request, server: Server, caller: Caller, ticket: str, *, is_update: bool) -> Response:
    desk = desk_of(server, caller)
    sheets = _sheets(server, caller, ticket)
    taking = held_against(sheets, desk.registry, desk.settings, update=is_update, rights=desk.rights)
    issues = taking.summary.as_json()["issues"]
    rank = {Severity.ERROR.value: 0, Severity.WARNING.value: 1}
    issues.sort(key=lambda issue: rank.get(issue["severity"], 2))
    return page(
        request,
        "master_preview.html.jinja",
        ticket=ticket,
        is_update=is_update,
        counts=[[table_title(name, caller), *rest] for name, *rest in _counts(taking.summary)],
        issues=issues[:MOST_SHOWN],
        issues_total=len(issues),
        differs=any(issue["code"] == "masterdata_differs" for issue in issues),
        is_change=taking.summary.is_change,
        periods=period_words(touched(desk.registry, desk.rights, _rows(taking)), caller),
    )


def _rows(taking: Taking) -> list[Any]:
    return [row for rows in taking.accepted.values() for row in rows]


def _counts(summary: MasterdataSummary) -> list[list[Any]]:
    """Return table, read, added, changed, unchanged, rejected."""
    return [[name, *vars(count).values()] for name, count in summary.tables.items()]


@router.get("/master/export")
def export(server: ServerOf, caller: Reader, workbook: Short = "") -> Response:
    """Send everything the caller may see: CSV files, or one workbook."""
    known = desk_of(server, caller).known()
    if workbook == "yes":
        return _attached(package.workbook_of(known), masterworkbook.MEDIA, masterworkbook.NAME)
    return _attached(package.archive_of(known), "application/zip", "masterdata.zip")


@router.get("/master/{table}.csv")
def table_file(server: ServerOf, caller: Reader, table: str, assumed: Short = "") -> Response:
    """Send one table; of terms also those an import assumed, to be completed."""
    known = desk_of(server, caller).known()
    is_assumed = table == "terms" and assumed == "yes"
    content = package.file_of(known, table_of(table), is_assumed=is_assumed)
    return _attached(content, "text/csv; charset=utf-8", f"{table}.csv")


def _attached(content: bytes, media: str, name: str) -> Response:
    return Response(
        content, media_type=media, headers={"content-disposition": f'attachment; filename="{name}"'}
    )


@router.post("/master/{table}/uploads")
def add_evidence(
    server: ServerOf, caller: Changer, table: str, key: Key, file: HandedIn, form: Entered
) -> Response:
    """Keep a file of evidence and let a row name it.

    Raises:
        Forbidden: the row may be read and not changed.
        FileRefused: no file, or of no kind that is taken.
        Refused: the row cannot name it.
    """
    found, desk = table_of(table), desk_of(server, caller)
    known = desk.known()
    held = find(known, found, key)
    if "evidence" not in {column.name for column in found.columns}:
        raise UnknownName("There is nothing at this address.")
    if not may_change(known, found, held):
        raise Forbidden("You may not do this.")
    name, content = file
    if not content:
        raise FileRefused("Choose a file first.", code="no_file")
    kept = evidence.keep(caller.settings, name, content, access_of(known).owners(table, held).all)
    cells = evidence.cells_with(held, kept)
    reason = form.get("reason", "").strip() or None
    outcome = save(desk, Entry(found, cells, tuple(key)), reason) if cells else None
    if outcome is not None and outcome.is_refused:
        said = "; ".join([*outcome.problems.values(), *outcome.general])
        raise Refused("{message}", message=said)
    return RedirectResponse(
        f"/master/{table}/row?{key_query(found, held, saved='yes')}", HTTPStatus.SEE_OTHER
    )


@router.get("/master/{table}/evidence")
def evidence_file(
    server: ServerOf,
    caller: Reader,
    table: str,
    key: Key,
    sha256: Annotated[str, Query(min_length=64, max_length=64)],
) -> Response:
    """Send a file a row names, to whoever may see the row and what it was handed in for."""
    found = table_of(table)
    held = find(desk_of(server, caller).known(), found, key)
    file = evidence.kept(caller.settings, sha256) if sha256 in evidence.named_by(held) else None
    if file is None or not any(caller.may(Right.READ, name) for name in file.organisations):
        raise UnknownName("There is nothing here, or nothing you may see.")
    return FileResponse(evidence.path_of(caller.settings, file), media_type=file.media, filename=file.name)
