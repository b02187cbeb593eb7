"""Uploads: files handed in, what was read of them, and whether they are taken over."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from pathlib import PurePath
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse, RedirectResponse, Response
from starlette.datastructures import FormData, UploadFile

from bilanz.access import Right
from bilanz.app.forms import forms_listed
from bilanz.app.upload import uploads
from bilanz.app.upload.issues import PART
from bilanz.app.upload.outcome import rejects_file
from bilanz.app.upload.terms import UploadTerms
from bilanz.app.web.guard import Caller, Guard
from bilanz.app.web.state import Server, ServerOf
from bilanz.app.web.uploadstory import story
from bilanz.app.web.uploadwords import STATES, Words, choices, named
from bilanz.app.web.views import address, page
from bilanz.errors import BilanzError, UnknownName
from bilanz.job import Job, Upload, UploadState
from bilanz.messages import translate
from bilanz.registry import uploads as registered
from bilanz.registry.jobs import upload as upload_of
from bilanz.registry.organisations import organisations

router = APIRouter(prefix="/uploads")

_PART: Final = 25
"""Uploads of one page."""

Part = Annotated[int, Query(ge=0, le=1_000_000)]
Reader = Annotated[Caller, Depends(Guard(Right.READ, "upload"))]
Officer = Annotated[Caller, Depends(Guard(Right.DELIVER, "upload"))]


@router.get("")
def listed(
    request: Request, server: ServerOf, caller: Annotated[Caller, Depends(Guard(Right.READ))], part: Part = 0
) -> Response:
    """List the uploads of the caller's organisations, with the form for more."""
    return _list(request, server, caller, part=part)


def _list(
    request: Request,
    server: Server,
    caller: Caller,
    *,
    part: int = 0,
    problems: Sequence[str] = (),
    taken: Sequence[str] = (),
) -> Response:
    words, units = Words(caller.language, server.settings.zone), organisations(server.registry)
    found, count = registered.part_of_list(
        server.registry, caller.where(Right.READ), offset=part * _PART, limit=_PART
    )
    rows = [
        {
            "upload": one,
            "at": words.moment(one.at),
            "organisation": named(one.organisation, units),
            "state": STATES[UploadState(one.state)],
            "counts": _counts(one, words),
        }
        for one in found
    ]
    return page(
        request,
        "uploads_list.html.jinja",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK,
        rows=rows,
        problems=problems,
        taken=taken,
        organisations=choices(caller, Right.DELIVER, units),
        accepted=",".join(uploads.endings()),
        most=uploads.MOST_FILES,
        size=words.size(server.settings.upload_bytes),
        forms=forms_listed(caller.language),
        newer=address("/uploads", part=part - 1) if part else None,
        older=address("/uploads", part=part + 1) if (part + 1) * _PART < count else None,
    )


def _counts(upload: Upload, words: Words) -> str:
    outcome = upload.outcome or {}
    if "read" not in outcome:
        return "–"
    return words.say(
        "{accepted} of {read}",
        accepted=outcome["accepted"],
        read=outcome["read"] - outcome["ignored"],
    )


@router.post("")
async def receive(
    request: Request, server: ServerOf, caller: Annotated[Caller, Depends(Guard(Right.DELIVER))]
) -> Response:
    """Take files in and let them be read.

    The body is read after the guard has let the caller in: nobody else fills the disk.

    Raises:
        UnknownName: the organisation is none the caller may deliver for.
    """
    form = await request.form()  # more than `MOST_FILES` are told, whatever sent them
    try:
        return await run_in_threadpool(_receive, request, server, caller, form)
    finally:
        await form.close()


def _receive(request: Request, server: Server, caller: Caller, form: FormData) -> Response:
    organisation = str(form.get("organisation", ""))
    if not caller.may(Right.DELIVER, organisation):
        raise UnknownName('The organisation "{name}" is not known.', name=organisation)
    files = [one for one in form.getlist("files") if isinstance(one, UploadFile) and one.filename]
    if not files:
        told = translate("Choose at least one file.", caller.language)
        return _list(request, server, caller, problems=[told])
    if len(files) > uploads.MOST_FILES:
        message = "At most {count} files are taken at once. Pack more of them as .zip."
        told = translate(message, caller.language, count=uploads.MOST_FILES)
        return _list(request, server, caller, problems=[told])
    jobs, problems = _taken_in(server, caller, organisation, files)
    server.queue.wake()
    if problems:
        return _list(request, server, caller, problems=problems, taken=[one for one, _ in jobs])
    if len(jobs) == 1:
        return _to_job(jobs[0][1])
    return RedirectResponse("/uploads", HTTPStatus.SEE_OTHER)


def _taken_in(
    server: Server, caller: Caller, organisation: str, files: Sequence[UploadFile]
) -> tuple[list[tuple[str, Job]], list[str]]:
    """Return (name, job) of each file that was received, and why the others were not."""
    jobs, problems = [], []
    for file in files:
        try:
            made = uploads.receive(
                caller.settings,
                server.registry,
                file.file,
                organisation=organisation,
                name=file.filename or "",
            )
            jobs.append((made.file, uploads.read(caller.settings, server.registry, made, UploadTerms())))
        except BilanzError as error:
            problems.append(translate(error.template, caller.language, **error.parameters))
    return jobs, problems


def _to_job(job: Job) -> Response:
    return RedirectResponse(f"/jobs/{job.id}", HTTPStatus.SEE_OTHER)


@router.get("/{upload}")
def show(request: Request, server: ServerOf, upload: str, caller: Reader, issues: Part = 0) -> Response:
    """Show what was read of a file and what can be done with it."""
    return _show(request, server, caller, upload_of(server.registry, upload), part=issues)


def _show(
    request: Request,
    server: Server,
    caller: Caller,
    upload: Upload,
    *,
    part: int = 0,
    problem: str = "",
    form: Mapping[str, Any] | None = None,
) -> Response:
    told = story(server, caller, upload)
    count = told.issue_count()
    here = f"/uploads/{upload.id}"
    return page(
        request,
        "uploads_show.html.jinja",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK,
        story=told,
        upload=upload,
        words=told.words,
        problem=problem or told.problem(),
        form=form or {},
        issues=told.issues(part * PART),
        newer=f"{address(here, issues=part - 1 or None)}#issues" if part else None,
        older=f"{address(here, issues=part + 1)}#issues" if (part + 1) * PART < count else None,
        here=here,
    )


@router.get("/{upload}/rejects.csv")
def rejects(server: ServerOf, upload: str, caller: Reader) -> Response:
    """Send the rejected rows with their reasons, to be mended and uploaded again.

    Raises:
        UnknownName: none were rejected.
    """
    found = upload_of(server.registry, upload)
    file = rejects_file(uploads.folder(server.settings, found), caller.language)
    if not file.exists() or not (found.outcome or {}).get("rejected"):
        raise UnknownName("No row of this file was rejected.")
    name = translate("{name}-to mend.csv", caller.language, name=PurePath(found.file).stem)
    return FileResponse(file, media_type="text/csv; charset=utf-8", filename=name)


@router.post("/{upload}/terms")
async def terms(request: Request, server: ServerOf, upload: str, caller: Officer) -> Response:
    """Read a file again on other terms."""
    form = await request.form()
    return await run_in_threadpool(_terms, request, server, caller, upload, form)


def _terms(request: Request, server: Server, caller: Caller, upload: str, form: FormData) -> Response:
    found = upload_of(server.registry, upload)
    told = {
        name: str(form.get(name, "")).strip()
        for name in ("importer", "source", "unit", "zone", "first", "last")
    }
    formats: dict[str, str] = {}
    for name, column in form.multi_items():
        if name.startswith("column_") and str(column).strip():
            text = str(form.get(f"format_{name.removeprefix('column_')}", "")).strip()
            if text:
                formats[str(column).strip()] = text
    profile = None if form.get("forget") else found.terms.get("profile")
    try:
        stated = UploadTerms.of({**told, "formats": formats, "profile": profile})
        job = uploads.read(caller.settings, server.registry, found, stated)
    except BilanzError as error:
        said = translate(error.template, caller.language, **error.parameters)
        return _show(request, server, caller, found, problem=said, form=told)
    server.queue.wake()
    return _to_job(job)


@router.post("/{upload}/commit")
def commit(
    request: Request,
    server: ServerOf,
    upload: str,
    caller: Officer,
    rule: Annotated[str, Form(max_length=16)] = "first",
    reason: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """Take a file over that was read."""
    found = upload_of(server.registry, upload)
    try:
        job = uploads.commit(caller.settings, server.registry, found, rule, reason)
    except BilanzError as error:
        said = translate(error.template, caller.language, **error.parameters)
        told = {"rule": rule, "reason": reason}
        return _show(request, server, caller, found, problem=said, form=told)
    server.queue.wake()
    return _to_job(job)


@router.post("/{upload}/discard")
def discard(request: Request, server: ServerOf, upload: str, caller: Officer) -> Response:
    """Delete the bytes of a file that is not wanted."""
    found = upload_of(server.registry, upload)
    try:
        uploads.discard(caller.settings, server.registry, found)
    except BilanzError as error:
        said = translate(error.template, caller.language, **error.parameters)
        return _show(request, server, caller, found, problem=said)
    return RedirectResponse("/uploads", HTTPStatus.SEE_OTHER)
