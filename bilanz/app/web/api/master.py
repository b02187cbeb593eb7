"""Master data: tables and rows, written one by one, imported and exported, with their evidence."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import Depends, Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse, Response
from pydantic import Field
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from bilanz.access import Right
from bilanz.app.master import evidence, package
from bilanz.app.master import workbook as masterworkbook
from bilanz.app.master.csvfiles import Sheet
from bilanz.app.master.data import held_against, stated, write
from bilanz.app.master.intake import Known, MasterdataSummary, Taking
from bilanz.app.master.periods import touched
from bilanz.app.master.rows import (
    Desk,
    Entry,
    access_of,
    find,
    key_texts,
    mark_of,
    may_change,
    rows_of,
    save,
)
from bilanz.app.master.tables import BY_NAME, TABLES, Table
from bilanz.app.master.withdrawing import withdraw
from bilanz.app.web.api.base import (
    OF_FILES,
    Code,
    Given,
    Limit,
    Listed,
    Needed,
    Offset,
    Only,
    Said,
    check,
    media,
    new_router,
    of_list,
)
from bilanz.app.web.api.masteranswers import (
    EvidenceTold,
    Intaken,
    RowTold,
    RowWritten,
    TableTold,
    intaken,
    periods_told,
    row_told,
    table_told,
)
from bilanz.app.web.guard import Caller, Guard
from bilanz.app.web.state import Server, ServerOf
from bilanz.errors import FileRefused, Forbidden, Refused, UnknownName, UsageError
from bilanz.kinds import Severity
from bilanz.masterrow import MasterRow
from bilanz.organisation import SourceTerm
from bilanz.registry.instruments import remove_instrument

router = new_router("master")

Reader = Annotated[Caller, Depends(Guard(Right.READ))]
Changer = Annotated[Caller, Depends(Guard(Right.MASTER))]
Named = Annotated[str, Path(max_length=32, description="Name of the table.", examples=["sites"])]
Key = Annotated[
    list[Code],
    Query(
        min_length=1, max_length=4, description="What identifies the row: the columns of the key, in order."
    ),
]
_FORM: Final = "multipart/form-data"


def _file_body(description: str) -> dict[str, Any]:
    file = {"type": "string", "format": "binary", "description": description}
    schema = {"type": "object", "required": ["file"], "properties": {"file": file}}
    return {"requestBody": {"required": True, "content": {_FORM: {"schema": schema}}}}


class RowGiven(Given):
    """A row as in the CSV files: column → cell. A column that is left out stays as it is.

    `term`: of a new source, the term it comes with, without the column `source`. `mark`: of the row as it was
    read, `new` for none; where it is another one by now, nothing is written.
    """

    cells: Annotated[dict[Code, Said], Field(min_length=1, max_length=40)]
    term: Annotated[dict[Code, Said], Field(max_length=40)] | None = None
    mark: Code | None = None
    reason: Said = ""


def _desk(server: Server, caller: Caller) -> Desk:
    return Desk(server.registry, caller.settings, caller)


def _table(name: str) -> Table:
    if name not in BY_NAME:
        raise UnknownName("There is nothing here, or nothing you may see.")
    return BY_NAME[name]


@router.get("/master")
def tables(server: ServerOf, caller: Reader) -> Listed[TableTold]:
    """Return the tables of master data with their columns."""
    known = _desk(server, caller).known()
    told = [table_told(table, known) for table in TABLES]
    return of_list(told, len(told), 0)


@router.get("/master/{table}/rows")
def rows(
    server: ServerOf,
    caller: Reader,
    table: Named,
    organisation: Only = "",
    source: Annotated[Code, Query(description="Only rows that name this source.")] = "",
    sought: Annotated[Code, Query(description="Only rows in which this text occurs.")] = "",
    offset: Offset = 0,
    limit: Limit = 100,
) -> Listed[RowTold]:
    """Return the rows of a table the caller may see."""
    if organisation:
        check(caller, Right.READ, organisation)
    found, known = _table(table), _desk(server, caller).known()
    held = rows_of(known, found, organisation=organisation, source=source, sought=sought.strip())
    items = [row_told(found, row, known) for row in held[offset : offset + limit]]
    return of_list(items, len(held), offset)


@router.get("/master/{table}/row")
def row(server: ServerOf, caller: Reader, table: Named, key: Key) -> RowTold:
    """Return one row."""
    found, known = _table(table), _desk(server, caller).known()
    return row_told(found, find(known, found, key), known)


@router.put("/master/{table}/row")
def put(server: ServerOf, caller: Changer, table: Named, told: RowGiven) -> RowWritten:
    """Write a row: a new one, or one of the same key that is changed.

    Raises:
        UsageError: a cell cannot be taken, or the row is not the caller's; says which and why.
        Refused: somebody changed the row meanwhile.
    """
    found, desk = _table(table), _desk(server, caller)
    sheets = {found.name: stated(found.name, told.cells)}
    if told.term is not None:
        if found.name != "sources":
            raise UsageError("Missing or not as expected: {where}.", where="term")
        sheets["terms"] = stated("terms", {**told.term, "source": told.cells.get("id", "")})
    key = tuple(told.cells.get(name, "").strip() for name in found.key)
    was_agreed, is_same = False, True

    def agree(taking: Taking) -> bool:
        nonlocal was_agreed, is_same
        is_same = told.mark is None or told.mark == mark_of(found, _held(desk, found, key))
        was_agreed = is_same and taking.summary.exit_code == 0
        return was_agreed

    reason = told.reason.strip() or None
    taking = write(
        sheets, desk.registry, desk.settings, update=True, reason=reason, rights=desk.rights, check=agree
    )
    if not is_same:
        raise Refused(
            "Somebody changed the row meanwhile. Look at the differences again.", code="row_changed"
        )
    if not was_agreed:
        raise UsageError("{message}", code="row_refused", message=_wrong(taking.summary))
    known = desk.known()
    return RowWritten(
        row=row_told(found, _written(desk, found, taking, key), known),
        is_written=taking.summary.is_change,
        periods=periods_told(touched(desk.registry, desk.rights, _accepted(taking))),
    )


def _held(desk: Desk, table: Table, key: tuple[str, ...]) -> MasterRow | None:
    """Return the row of a key, or None."""
    try:
        return find(desk.known(), table, key)
    except UnknownName:
        return None


def _written(desk: Desk, table: Table, taking: Taking, key: tuple[str, ...]) -> MasterRow:
    """Return the row that was written; what was so already is found by its key."""
    written = taking.accepted.get(table.name)
    return find(desk.known(), table, key_texts(table, written[0]) if written else key)


def _accepted(taking: Taking) -> Iterable[MasterRow]:
    return [one for held in taking.accepted.values() for one in held]


def _wrong(summary: MasterdataSummary) -> str:
    """Return what is wrong, in the words of the import."""
    errors = [one for one in summary.as_json()["issues"] if one["severity"] == Severity.ERROR.value]
    return " ".join(dict.fromkeys(one["message"] for one in errors))


async def _handed_in(request: Request) -> tuple[str, bytes]:
    """Return name and bytes of the file of a form; not more of it than is taken.

    Raises:
        HTTPException: it is no form.
        FileRefused: there is no file in it.
    """
    if not request.headers.get("content-type", "").startswith(_FORM):
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    form = await request.form(max_files=1, max_fields=8)
    try:
        file = form.get("file")
        content = b""
        if isinstance(file, UploadFile):
            content = await file.read(evidence.MOST_BYTES + 1)
        if not isinstance(file, UploadFile) or not content:
            raise FileRefused("Choose a file first.", code="no_file")
        return file.filename or "", content
    finally:
        await form.close()


@router.post(
    "/master/import", responses=OF_FILES, openapi_extra=_file_body("CSV, a zip of CSV files, or XLSX.")
)
async def take(
    *,
    request: Request,
    server: ServerOf,
    caller: Changer,
    table: Annotated[
        Code, Query(description="Table of a single CSV file or sheet; empty: its name tells.")
    ] = "",
    update: Annotated[bool, Query(description="Take over rows that differ from what is registered.")] = False,
    dry_run: Annotated[bool, Query(description="Only say what would become of the rows.")] = False,
    reason: Annotated[Said, Query(description="Why, for the audit trail.")] = "",
) -> Intaken:
    """Import rows. A bad row is an issue; the other rows are taken.

    Raises:
        FileRefused: the file cannot be read, or holds no table of master data.
    """
    name, content = await _handed_in(request)
    chosen = _table(table).name if table else ""

    def act() -> Intaken:
        sheets = package.sheets_of(name, content, chosen)
        desk = _desk(server, caller)
        taking = _taken(desk, sheets, update=update, dry_run=dry_run, reason=reason.strip() or None)
        spoken = touched(desk.registry, desk.rights, _accepted(taking))
        return intaken(taking.summary, spoken, is_written=not dry_run and taking.summary.is_change)

    return await run_in_threadpool(act)


def _taken(
    desk: Desk, sheets: dict[str, Sheet], *, update: bool, dry_run: bool, reason: str | None
) -> Taking:
    if dry_run:
        return held_against(sheets, desk.registry, desk.settings, update=update, rights=desk.rights)
    return write(sheets, desk.registry, desk.settings, update=update, reason=reason, rights=desk.rights)


_EXPORTED: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "All tables: CSV files, or one workbook with a sheet for each.",
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}}
            for kind in ("application/zip", masterworkbook.MEDIA)
        },
    }
}


@router.get("/master/export", responses=_EXPORTED)
def export(
    *,
    server: ServerOf,
    caller: Reader,
    workbook: Annotated[
        bool, Query(description="One workbook (XLSX) instead of a zip of CSV files.")
    ] = False,
) -> Response:
    """Return everything the caller may see, in files that import without any change."""
    known = _desk(server, caller).known()
    if workbook:
        return _attached(package.workbook_of(known), masterworkbook.MEDIA, masterworkbook.NAME)
    return _attached(package.archive_of(known), "application/zip", "masterdata.zip")


@router.get("/master/{table}/export", responses=media("text/csv", "The table as CSV, UTF-8."))
def table_export(
    *,
    server: ServerOf,
    caller: Reader,
    table: Named,
    assumed: Annotated[
        bool, Query(description="Of terms: those an import assumed, to be completed and imported.")
    ] = False,
) -> Response:
    """Return a table as CSV, of what the caller may see."""
    found = _table(table)
    is_assumed = assumed and found.name == "terms"
    content = package.file_of(_desk(server, caller).known(), found, is_assumed=is_assumed)
    return _attached(content, "text/csv", f"{found.name}.csv")


def _attached(content: bytes, kind: str, name: str) -> Response:
    return Response(
        content, media_type=kind, headers={"content-disposition": f'attachment; filename="{name}"'}
    )


@router.delete("/master/instruments/row", status_code=HTTPStatus.NO_CONTENT)
def remove(
    server: ServerOf,
    caller: Changer,
    key: Key,
    reason: Annotated[Needed, Query(description="Why; it stands in the audit trail.")],
) -> None:
    """Remove an instrument; runs that used it keep what they say.

    Raises:
        Forbidden: it may be read and not changed.
    """
    table, known = BY_NAME["instruments"], _desk(server, caller).known()
    held = _changeable(table, known, key)
    remove_instrument(server.registry, key_texts(table, held)[0], by=caller.user.login, reason=reason.strip())


def _changeable(table: Table, known: Known, key: list[str]) -> MasterRow:
    held = find(known, table, key)
    is_assumed = isinstance(held, SourceTerm) and held.is_assumed
    if is_assumed or not may_change(known, table, held):
        raise Forbidden("You may not do this.")
    return held


@router.post(
    "/master/{table}/evidence/uploads",
    responses=OF_FILES,
    openapi_extra=_file_body("PDF, PNG, JPEG or TIFF, 20 MB at most."),
)
async def add_evidence(
    request: Request,
    server: ServerOf,
    caller: Changer,
    table: Named,
    key: Key,
    reason: Annotated[Said, Query(description="Why, for the audit trail.")] = "",
) -> EvidenceTold:
    """Keep a file of evidence and let a row name it.

    Raises:
        Forbidden: the row may be read and not changed.
        FileRefused: no file, or of no kind that is taken.
    """
    found, desk = _table(table), _desk(server, caller)
    known = await run_in_threadpool(desk.known)
    held = _changeable(found, known, key)
    if "evidence" not in {column.name for column in found.columns}:
        raise UnknownName("There is nothing here, or nothing you may see.")
    name, content = await _handed_in(request)

    def act() -> EvidenceTold:
        kept = evidence.keep(caller.settings, name, content, access_of(known).owners(found.name, held).all)
        cells = evidence.cells_with(held, kept)
        outcome = save(desk, Entry(found, cells, tuple(key)), reason.strip() or None) if cells else None
        if outcome is not None and outcome.is_refused:
            said = "; ".join([*outcome.problems.values(), *outcome.general])
            raise Refused("{message}", message=said)
        return EvidenceTold(sha256=kept.sha256, name=kept.name, media=kept.media)

    return await run_in_threadpool(act)


@router.get(
    "/master/{table}/evidence/{sha256}",
    response_class=FileResponse,
    responses=media("application/octet-stream", "The file."),
)
def evidence_file(
    server: ServerOf,
    caller: Reader,
    table: Named,
    key: Key,
    sha256: Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="SHA-256 of the file.")],
) -> FileResponse:
    """Return a file a row names, to whoever may see the row and what it was handed in for."""
    found = _table(table)
    held = find(_desk(server, caller).known(), found, key)
    file = evidence.kept(caller.settings, sha256) if sha256 in evidence.named_by(held) else None
    if file is None or not any(caller.may(Right.READ, name) for name in file.organisations):
        raise UnknownName("There is nothing here, or nothing you may see.")
    path = evidence.path_of(caller.settings, file)
    return FileResponse(path, media_type="application/octet-stream", filename=file.name)


@router.delete("/master/{table}/row", status_code=HTTPStatus.NO_CONTENT)
def withdraw_row(
    server: ServerOf,
    caller: Changer,
    table: Named,
    key: Key,
    reason: Annotated[Needed, Query(description="Why; it stands in the audit trail.")],
) -> None:
    """Take a row of a table of the fund back; the audit trail keeps it.

    Raises:
        UnknownName: there is none the caller may see, or the table is none of the fund.
        Refused: other rows name it, or money already paid out rests on it.
    """
    withdraw(server.registry, caller.settings, table, key, reason, caller)
