"""The history of files taken over: who, when, what came of it; and withdrawing one."""

from http import HTTPStatus
from pathlib import PurePosixPath
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import FileResponse, RedirectResponse, Response

from bilanz.access import Right
from bilanz.app.forms import form_bytes
from bilanz.app.upload.issues import PART, in_words
from bilanz.app.upload.uploads import shown_name
from bilanz.app.upload.view import batch_view, readable
from bilanz.app.upload.withdrawal import may_withdraw, order
from bilanz.app.web.guard import Caller, Guard
from bilanz.app.web.state import Server, ServerOf
from bilanz.app.web.uploadwords import BATCH_STATES, RULES, SEVERITIES, Words, choices, named
from bilanz.app.web.views import address, page
from bilanz.batch import ImportBatch
from bilanz.errors import UnknownName, UsageError
from bilanz.messages import translate
from bilanz.registry import uploads as registered
from bilanz.registry.organisations import organisations, zone_of
from bilanz.store.archive import archive_file

router = APIRouter()

_PART: Final = 50
Part = Annotated[int, Query(ge=0, le=1_000_000)]
Reader = Annotated[Caller, Depends(Guard(Right.READ, "batch"))]


@router.get("/files")
def listed(
    request: Request,
    server: ServerOf,
    caller: Annotated[Caller, Depends(Guard(Right.READ))],
    organisation: str = "",
    part: Part = 0,
) -> Response:
    """List the files of the caller's organisations, or of one of them.

    Raises:
        UnknownName: the organisation is none the caller may read.
    """
    if organisation and not caller.may(Right.READ, organisation):
        raise UnknownName('The organisation "{name}" is not known.', name=organisation)
    units = organisations(server.registry)
    chosen = [organisation] if organisation else caller.where(Right.READ)
    found, count = registered.batches_of(server.registry, chosen, offset=part * _PART, limit=_PART)
    words = Words(caller.language, server.settings.zone)
    rows = [
        {
            "batch": one,
            "organisation": named(one.organisation, units),
            "at": words.moment(one.uploaded_at.isoformat()),
            "state": BATCH_STATES[one.state],
        }
        for one in found
    ]
    return page(
        request,
        "files_list.html.jinja",
        rows=rows,
        organisation=organisation,
        organisations=[("", words.say("all of mine")), *choices(caller, Right.READ, units)],
        newer=address("/files", organisation=organisation, part=part - 1) if part else None,
        older=address("/files", organisation=organisation, part=part + 1)
        if (part + 1) * _PART < count
        else None,
    )


@router.get("/files/{batch}")
def show(request: Request, server: ServerOf, batch: str, caller: Reader, issues: Part = 0) -> Response:
    """Show what a file holds and what was found in it."""
    return _show(request, server, caller, _batch(server, batch), part=issues)


def _batch(server: Server, name: str) -> ImportBatch:
    return registered.batches_named(server.registry, [name])[name]


def _show(
    request: Request, server: Server, caller: Caller, batch: ImportBatch, *, part: int = 0, problem: str = ""
) -> Response:
    units = organisations(server.registry)
    zone = zone_of(batch.organisation, units) if batch.organisation in units else None
    words = Words(caller.language, zone or server.settings.zone)
    told = batch_view(server.settings, batch, offset=part * PART)
    here = f"/files/{batch.id}"
    found = list(in_words(told["issues"], caller.language))
    return page(
        request,
        "files_show.html.jinja",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK,
        batch=batch,
        state=BATCH_STATES[batch.state],
        words=words,
        told=told,
        facts=_facts(batch, told, words, named(batch.organisation, units)),
        issues=[{**one, "kind": SEVERITIES[one["severity"]]} for one in found],
        meets=_meets(server, caller, batch, told["resolutions"], words),
        may_withdraw=may_withdraw(caller, batch, told["organisations"]),
        problem=problem,
        here=here,
        newer=f"{address(here, issues=part - 1 or None)}#issues" if part else None,
        older=f"{address(here, issues=part + 1)}#issues" if (part + 1) * PART < told["issue_count"] else None,
    )


def _facts(
    batch: ImportBatch, told: dict[str, Any], words: Words, organisation: str
) -> list[tuple[str, Any]]:
    say, titles = words.say, dict(words.kinds_of_file())
    return [
        (say("State"), say(BATCH_STATES[batch.state][1])),
        (say("Organisation"), organisation),
        (say("Taken over by"), batch.uploaded_by),
        (say("Taken over at"), words.moment(batch.uploaded_at.isoformat())),
        (say("Kind of file"), titles.get(batch.importer, say("Your columns"))),
        (say("Period"), words.span(*told["period"]) if told["period"] else say("without a date")),
        (say("Rows read"), batch.n_read),
        (say("Taken over"), batch.n_accepted),
        (say("Rejected"), batch.n_rejected),
        (say("Left out as they hold no data"), batch.n_ignored),
        (say("Fingerprint (SHA-256)"), batch.sha256),
    ]


def _meets(
    server: Server, caller: Caller, batch: ImportBatch, resolutions: list[dict[str, Any]], words: Words
) -> list[dict[str, Any]]:
    """Return what counts instead of what, in words; of files nobody may see nothing is told."""
    others = [one["loser"] if one["winner"] == batch.id else one["winner"] for one in resolutions]
    known = registered.batches_named(server.registry, readable(server.settings, caller, others))
    shown = []
    for one, name in zip(resolutions, others, strict=True):
        other = known.get(name)
        is_seen = other is not None
        shown.append(
            {
                "source": one["source"],
                "period": words.span(one["start"], one["end"]),
                "batch": name if is_seen else None,
                "file": words.say("a file of another organisation") if other is None else other.file,
                "outcome": words.say(_OUTCOMES[_outcome(one, batch)]),
                "rule": words.say(RULES[one["rule"]]),
                "reason": one["reason"] if is_seen or one["winner"] == batch.id else None,
            }
        )
    return shown


_OUTCOMES: Final = {
    "both": "Both count.",
    "excluded": "It does not count.",
    "winner": "This file counts.",
    "loser": "The other file counts.",
}


def _outcome(one: dict[str, Any], batch: ImportBatch) -> str:
    if one["rule"] in {"both", "excluded"}:
        return str(one["rule"])
    return "winner" if one["winner"] == batch.id else "loser"


@router.get("/files/{batch}/original")
def original(server: ServerOf, batch: str, caller: Reader) -> Response:
    """Send the bytes as they were handed in."""
    del caller
    found = _batch(server, batch)
    file = archive_file(server.settings.data, found.sha256)
    if not file.exists():
        raise UnknownName("The bytes of this file are not in the archive.")
    name = shown_name(PurePosixPath(found.file).name)
    return FileResponse(file, media_type="application/octet-stream", filename=name)


@router.post("/files/{batch}/withdraw")
def withdraw(
    request: Request,
    server: ServerOf,
    batch: str,
    caller: Annotated[Caller, Depends(Guard(Right.DELIVER, "batch"))],
    reason: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """Take a file out of every later balance.

    Raises:
        Refused: it does not count any more.
    """
    found = _batch(server, batch)
    try:
        job = order(caller.settings, server.registry, found, reason)
    except UsageError as error:
        said = translate(error.template, caller.language, **error.parameters)
        return _show(request, server, caller, found, problem=said)
    server.queue.wake()
    return RedirectResponse(f"/jobs/{job.id}", HTTPStatus.SEE_OTHER)


@router.get("/forms/{form}")
def template(form: str, caller: Annotated[Caller, Depends(Guard(None))]) -> Response:
    """Send an empty table to fill in, as CSV or XLSX: `standard.xlsx`.

    Raises:
        UnknownName: there is no such form.
    """
    kind, _, ending = form.rpartition(".")
    if ending not in {"csv", "xlsx"}:
        raise UnknownName('There is no form "{name}".', name=form)
    body = form_bytes(kind, ending, caller.language)
    media = "text/csv; charset=utf-8" if ending == "csv" else _XLSX
    headers = {"content-disposition": f'attachment; filename="bilanz-{kind}.{ending}"'}
    return Response(body, media_type=media, headers=headers)


_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
