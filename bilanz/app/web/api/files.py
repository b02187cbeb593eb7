"""Files that were taken over: what each holds, what counts instead of what, and taking one out again."""

from collections.abc import Mapping
from http import HTTPStatus
from pathlib import PurePosixPath
from typing import Annotated, Any

from fastapi import Depends, Path, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel

from bilanz.access import Right
from bilanz.app.upload.issues import PART, in_words
from bilanz.app.upload.uploads import shown_name
from bilanz.app.upload.view import batch_view, readable
from bilanz.app.upload.withdrawal import may_withdraw, order
from bilanz.app.web.api import uploadanswers
from bilanz.app.web.api.base import (
    Given,
    Limit,
    Listed,
    Needed,
    Offset,
    Only,
    media,
    new_router,
    of_list,
    places,
)
from bilanz.app.web.api.exact import instant
from bilanz.app.web.api.jobs import ACCEPTED, JobTold, started
from bilanz.app.web.api.uploadanswers import Counts, IssueTold, Span, Total
from bilanz.app.web.guard import Caller, Guard
from bilanz.app.web.state import Server, ServerOf
from bilanz.batch import ImportBatch
from bilanz.errors import UnknownName
from bilanz.registry import uploads as registered
from bilanz.store.archive import archive_file

router = new_router("files")

Named = Annotated[str, Path(max_length=64, description="Identifier of the file.")]
Reader = Annotated[Caller, Depends(Guard(Right.READ, "batch"))]


class FileTold(BaseModel):
    """A file that was taken over. `state`: committed (it counts), withdrawn or committing."""

    id: str
    organisation: str
    file: str
    sha256: str
    importer: str
    state: str
    by: str
    at: str
    counts: Counts


class Resolved(BaseModel):
    """What counts where two files speak of the same. `outcome`: this, other, both or excluded.

    Of files the caller may not see, neither name nor reason is told.
    """

    source: str
    start: str
    end: str
    rule: str
    outcome: str
    batch: str | None
    reason: str | None


class FileWhole(FileTold):
    """A file with what the store holds of it. `withdrawn`: why it counts no more."""

    period: Span | None
    totals: list[Total]
    resolutions: list[Resolved]
    issues: int
    withdrawn: str | None
    may_withdraw: bool


class Withdrawal(Given):
    """Why a file is taken out of every later balance."""

    reason: Needed


def _short(batch: ImportBatch) -> dict[str, Any]:
    counts = {name: getattr(batch, f"n_{name}") for name in Counts.model_fields}
    return {
        "id": batch.id,
        "organisation": batch.organisation,
        "file": batch.file,
        "sha256": batch.sha256,
        "importer": batch.importer,
        "state": batch.state,
        "by": batch.uploaded_by,
        "at": instant(batch.uploaded_at),
        "counts": Counts(**counts),
    }


def _batch(server: Server, name: str) -> ImportBatch:
    return registered.batches_named(server.registry, [name])[name]


@router.get("/files")
def listed(
    server: ServerOf,
    caller: Annotated[Caller, Depends(Guard(Right.READ))],
    organisation: Only = "",
    offset: Offset = 0,
    limit: Limit = 100,
) -> Listed[FileTold]:
    """Return the files of the caller's organisations, the newest first."""
    where = places(caller, Right.READ, organisation)
    found, count = registered.batches_of(server.registry, where, offset=offset, limit=limit)
    return of_list([FileTold(**_short(one)) for one in found], count, offset)


@router.get("/files/{batch}")
def show(server: ServerOf, batch: Named, caller: Reader) -> FileWhole:
    """Return a file with what it holds and what counts instead of what."""
    found = _batch(server, batch)
    told = batch_view(server.settings, found)
    period = told["period"]
    return FileWhole(
        **_short(found),
        period=None if period is None else Span(start=instant(period[0]), end=instant(period[1])),
        totals=uploadanswers.totals(told["totals"]),
        resolutions=_resolutions(server, caller, found, told["resolutions"]),
        issues=told["issue_count"],
        withdrawn=told["withdrawn"],
        may_withdraw=may_withdraw(caller, found, told["organisations"]),
    )


def _resolutions(
    server: Server, caller: Caller, batch: ImportBatch, rows: list[dict[str, Any]]
) -> list[Resolved]:
    others = [row["loser"] if row["winner"] == batch.id else row["winner"] for row in rows]
    seen = readable(server.settings, caller, others)
    known = registered.batches_named(server.registry, seen)
    return [_resolved(row, batch, known.get(other)) for row, other in zip(rows, others, strict=True)]


def _resolved(row: Mapping[str, Any], batch: ImportBatch, other: ImportBatch | None) -> Resolved:
    is_seen = other is not None
    won = row["winner"] == batch.id
    return Resolved(
        source=row["source"],
        start=instant(row["start"]),
        end=instant(row["end"]),
        rule=row["rule"],
        outcome=row["rule"] if row["rule"] in {"both", "excluded"} else "this" if won else "other",
        batch=None if other is None else other.id,
        reason=row["reason"] if is_seen or won else None,
    )


@router.get("/files/{batch}/issues")
def issues(
    server: ServerOf, batch: Named, caller: Reader, offset: Offset = 0, limit: Limit = 100
) -> Listed[IssueTold]:
    """Return what was found wrong or doubtful in a file."""
    found, told = _batch(server, batch), list[IssueTold]()
    while True:
        part = batch_view(server.settings, found, offset=offset + len(told))
        told += [IssueTold(**one) for one in in_words(part["issues"], caller.language)]
        if len(told) >= limit or part["issues"].height < PART:
            return of_list(told[:limit], part["issue_count"], offset)


@router.get(
    "/files/{batch}/original",
    response_class=FileResponse,
    responses=media("application/octet-stream", "The bytes as they were handed in."),
)
def original(server: ServerOf, batch: Named, caller: Reader) -> FileResponse:
    """Return the bytes as they were handed in.

    Raises:
        UnknownName: they are not in the archive.
    """
    del caller
    found = _batch(server, batch)
    path = archive_file(server.settings.data, found.sha256)
    if not path.exists():
        raise UnknownName("The bytes of this file are not in the archive.")
    name = shown_name(PurePosixPath(found.file).name)
    return FileResponse(path, media_type="application/octet-stream", filename=name)


@router.post("/files/{batch}/withdraw", status_code=HTTPStatus.ACCEPTED, responses=ACCEPTED)
def withdraw(
    server: ServerOf,
    response: Response,
    batch: Named,
    caller: Annotated[Caller, Depends(Guard(Right.DELIVER, "batch"))],
    told: Withdrawal,
) -> JobTold:
    """Take a file out of every later balance.

    Raises:
        Refused: it counts no more.
    """
    job = order(caller.settings, server.registry, _batch(server, batch), told.reason)
    return started(server, response, job, caller)
