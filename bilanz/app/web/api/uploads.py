"""Uploads: files handed in, what was read of them, on which terms; taken over or discarded."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import PurePath
from typing import Annotated, Any, Final

from fastapi import Depends, Path, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse
from pydantic import Field
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from bilanz.access import Right
from bilanz.app.forms import STANDARD, form_bytes
from bilanz.app.upload import uploads
from bilanz.app.upload.outcome import issues_file, rejects_file
from bilanz.app.upload.terms import UploadTerms
from bilanz.app.web.api import uploadanswers
from bilanz.app.web.api.base import (
    OF_FILES,
    Given,
    Limit,
    Listed,
    Offset,
    Only,
    Said,
    check,
    media,
    new_router,
    of_list,
    places,
)
from bilanz.app.web.api.jobs import ACCEPTED, JobTold, started
from bilanz.app.web.api.repeating import REPEATABLE, Key, digest, once
from bilanz.app.web.api.uploadanswers import IssueTold, UploadAccepted, UploadTold, UploadWhole
from bilanz.app.web.guard import Caller, Guard
from bilanz.app.web.state import Server, ServerOf
from bilanz.errors import BilanzError, UnknownName, UsageError
from bilanz.registry import uploads as registered
from bilanz.registry.jobs import upload as upload_of

router = new_router("uploads")

Named = Annotated[str, Path(max_length=32, description="Identifier of the upload.")]
Reader = Annotated[Caller, Depends(Guard(Right.READ, "upload"))]
Officer = Annotated[Caller, Depends(Guard(Right.DELIVER, "upload"))]

_LONGEST: Final = 100_000
_FORM: Final = "multipart/form-data"
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            _FORM: {
                "schema": {
                    "type": "object",
                    "required": ["organisation", "file"],
                    "properties": {
                        "organisation": {
                            "type": "string",
                            "maxLength": 64,
                            "description": "To whom rows belong that name no organisation.",
                        },
                        "file": {
                            "type": "string",
                            "format": "binary",
                            "description": "One file; a package is a zip of several.",
                        },
                        "terms": {
                            "type": "string",
                            "description": "JSON as for `/uploads/{upload}/terms`; absent: nothing.",
                        },
                    },
                },
                "encoding": {"terms": {"contentType": "application/json"}},
            }
        },
    }
}


class Commit(Given):
    """How a file is taken over.

    `rule`: where its data overlap with what is held: `first` (what is held counts), `replace` (the new file
    counts) or `both`; the last two need a `reason`.
    """

    rule: Annotated[str, Field(pattern="^(first|replace|both)$")] = "first"
    reason: Said = ""


@router.get("/uploads")
def listed(
    server: ServerOf,
    caller: Annotated[Caller, Depends(Guard(Right.READ))],
    organisation: Only = "",
    offset: Offset = 0,
    limit: Limit = 100,
) -> Listed[UploadTold]:
    """Return the uploads of the caller's organisations, the newest first; discarded ones are left out."""
    where = places(caller, Right.READ, organisation)
    found, count = registered.part_of_list(server.registry, where, offset=offset, limit=limit)
    return of_list([uploadanswers.short(one) for one in found], count, offset)


@router.post(
    "/uploads",
    status_code=HTTPStatus.ACCEPTED,
    response_model=UploadAccepted,
    responses={**OF_FILES, 202: {**ACCEPTED[202], "headers": {**ACCEPTED[202]["headers"], **REPEATABLE}}},
    openapi_extra=_BODY,
)
async def receive(
    request: Request,
    response: Response,
    server: ServerOf,
    caller: Annotated[Caller, Depends(Guard(Right.DELIVER))],
    key: Key = None,
) -> UploadAccepted:
    """Take a file in and let it be read; nothing is taken over before `commit`.

    The body is read after the guard has let the caller in: nobody else fills the disk.

    Raises:
        HTTPException: it is no form with a file.
        UnknownName: the organisation is none the caller may deliver for.
        FileRefused: the file is empty, too large, or of a kind nobody reads.
    """
    if not request.headers.get("content-type", "").startswith(_FORM):
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    form = await request.form(max_files=1, max_fields=8)
    try:
        return await run_in_threadpool(_receive, server, caller, response, form, key)
    finally:
        await form.close()


def _receive(
    server: Server, caller: Caller, response: Response, form: FormData, key: str | None
) -> UploadAccepted:
    organisation, file, told = form.get("organisation"), form.get("file"), form.get("terms", "")
    if not isinstance(organisation, str) or not isinstance(file, UploadFile) or not isinstance(told, str):
        raise UsageError("Missing or not as expected: {where}.", where="organisation, file, terms")
    check(caller, Right.DELIVER, organisation)
    terms = UploadTerms.of(_object(told))
    terms.check()
    name = file.filename or ""

    def act() -> UploadAccepted:
        made = uploads.receive(
            caller.settings, server.registry, file.file, organisation=organisation, name=name
        )
        try:
            job = uploads.read(caller.settings, server.registry, made, terms)
        except BilanzError:
            uploads.discard(caller.settings, server.registry, made)
            raise
        return UploadAccepted(upload=uploadanswers.short(made), job=started(server, response, job, caller))

    content = "" if key is None else digest(file.file, organisation, name, terms.model_dump_json())
    return once(server, caller, response, key, content, UploadAccepted, act)


def _object(text: str) -> Mapping[str, object]:
    """Return the object a JSON text holds; an empty text holds an empty one.

    Raises:
        UsageError: it holds none.
    """
    try:
        found = json.loads(text[:_LONGEST]) if text else {}
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise UsageError("Missing or not as expected: {where}.", where="terms")
    return found


@router.get("/uploads/{upload}")
def show(server: ServerOf, upload: Named, caller: Reader) -> UploadWhole:
    """Return an upload with what was read of it: counts, totals, preview, overlaps, why it was refused."""
    return uploadanswers.whole(server, caller, upload_of(server.registry, upload))


@router.get("/uploads/{upload}/issues")
def issues(
    server: ServerOf, upload: Named, caller: Reader, offset: Offset = 0, limit: Limit = 100
) -> Listed[IssueTold]:
    """Return what is wrong or doubtful in the file: row, column, value, reason and remedy."""
    found = upload_of(server.registry, upload)
    source = issues_file(uploads.folder(server.settings, found))
    return uploadanswers.issues(source, caller.language, offset, limit)


@router.get(
    "/uploads/{upload}/rejects",
    response_class=FileResponse,
    responses=media(
        "text/csv", "The rejected rows, with a column that says why; to be mended and sent again."
    ),
)
def rejects(server: ServerOf, upload: Named, caller: Reader) -> FileResponse:
    """Return the rejected rows as CSV (UTF-8), with their reasons in the language accepted.

    Raises:
        UnknownName: none were rejected.
    """
    found = upload_of(server.registry, upload)
    file = rejects_file(uploads.folder(server.settings, found), caller.language)
    if not file.exists() or not (found.outcome or {}).get("rejected"):
        raise UnknownName("No row of this file was rejected.")
    return FileResponse(file, media_type="text/csv", filename=f"{PurePath(found.file).stem}.csv")


@router.post("/uploads/{upload}/terms", status_code=HTTPStatus.ACCEPTED, responses=ACCEPTED)
def terms(
    server: ServerOf, response: Response, upload: Named, caller: Officer, stated: UploadTerms
) -> JobTold:
    """Let the file be read again on other terms; what is left out is not stated any more."""
    job = uploads.read(caller.settings, server.registry, upload_of(server.registry, upload), stated)
    return started(server, response, job, caller)


@router.post("/uploads/{upload}/commit", status_code=HTTPStatus.ACCEPTED, responses=ACCEPTED)
def commit(server: ServerOf, response: Response, upload: Named, caller: Officer, how: Commit) -> JobTold:
    """Take the file over. The overlaps are those of the last reading, or nothing is taken over."""
    found = upload_of(server.registry, upload)
    job = uploads.commit(caller.settings, server.registry, found, how.rule, how.reason)
    return started(server, response, job, caller)


@router.post("/uploads/{upload}/discard")
def discard(server: ServerOf, upload: Named, caller: Officer) -> UploadTold:
    """Delete the bytes of a file that is not wanted."""
    uploads.discard(caller.settings, server.registry, upload_of(server.registry, upload))
    return uploadanswers.short(upload_of(server.registry, upload))


@router.get(
    "/forms/{form}", responses=media("application/octet-stream", "An empty table to fill in, CSV or XLSX.")
)
def empty_form(
    form: Annotated[str, Path(max_length=64, description="Kind and ending.", examples=["standard.xlsx"])],
    caller: Annotated[Caller, Depends(Guard(None))],
) -> Response:
    """Return an empty table to fill in and upload.

    Raises:
        UnknownName: there is no such form.
    """
    kind, _, ending = form.rpartition(".")
    if ending not in {"csv", "xlsx"}:
        raise UnknownName('There is no form "{name}".', name=form)
    body = form_bytes(kind or STANDARD, ending, caller.language)
    headers = {"content-disposition": f'attachment; filename="bilanz-{kind or STANDARD}.{ending}"'}
    return Response(body, media_type="application/octet-stream", headers=headers)
