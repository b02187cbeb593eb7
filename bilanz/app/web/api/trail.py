"""The audit trail: who did what, when and why."""

from typing import Annotated, Any

from fastapi import Depends, Path, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel

from bilanz.access import Right
from bilanz.app import trail
from bilanz.app.web import security
from bilanz.app.web.api.base import Code, Limit, media, new_router
from bilanz.app.web.guard import Caller, Guard
from bilanz.app.web.state import ServerOf
from bilanz.errors import UnknownName
from bilanz.registry import trail as registered
from bilanz.trail import TrailEntry, told

router = new_router("trail")

Auditor = Annotated[Caller, Depends(Guard(Right.TRAIL, "everything"))]
_LAST = 2**31 - 1
"""The largest number the column holds."""


class EntryTold(BaseModel):
    """An entry. `action`: a code; `hash`: of the entry and the hash of the one before."""

    sequence: int
    at: str
    by: str
    action: str
    subject: str
    reason: str | None
    details: dict[str, Any]
    previous_hash: str
    hash: str


class Entries(BaseModel):
    """A part of the trail, the newest first. `before`: what to ask for to get the part that follows."""

    items: list[EntryTold]
    before: int | None


class BreakTold(BaseModel):
    """The first link that does not hold."""

    sequence: int
    code: str
    reason: str


class Verdict(BaseModel):
    """Whether every link of the chain holds. `hash`: of its end, worth noting elsewhere."""

    is_intact: bool
    entries: int | None
    hash: str | None
    broken: BreakTold | None


@router.get("/trail")
def listed(
    server: ServerOf,
    caller: Auditor,
    subject: Annotated[Code, Query(description="What it was done to, exactly.")] = "",
    by: Annotated[Code, Query(description="Who did it, exactly.")] = "",
    action: Annotated[Code, Query(description="A code, such as `period.release`.")] = "",
    before: Annotated[
        int | None, Query(ge=1, le=_LAST, description="Only entries before the one of this number.")
    ] = None,
    limit: Limit = 100,
) -> Entries:
    """Return entries, the newest first. The trail grows while it is read: ask for parts by `before`."""
    del caller
    found = registered.found(
        server.registry, subject=subject, by=by, action=action, before=before, limit=limit + 1
    )
    shown = found[:limit]
    more = shown[-1].sequence if len(found) > limit else None
    return Entries(items=[_told(one) for one in shown], before=more)


def _told(entry: TrailEntry) -> EntryTold:
    return EntryTold(**told(entry))


@router.post("/trail/verify")
def verify(caller: Auditor) -> Verdict:
    """Follow the chain from its start and tell whether every link holds."""
    found = trail.verify(caller.settings)
    return Verdict(**{name: found[name] for name in Verdict.model_fields})


@router.get("/trail/export", responses=media("application/x-ndjson", "The chain, a line of JSON each."))
def export(request: Request, server: ServerOf, caller: Auditor) -> Response:
    """Return the whole chain, to be kept and verified elsewhere."""
    text, _ = trail.exported(server.registry)
    security.note(server, request, "trail_exported", caller.user.login)
    headers = {"content-disposition": 'attachment; filename="trail.jsonl"'}
    return Response(text, media_type="application/x-ndjson", headers=headers)


@router.get("/trail/{sequence}")
def show(
    server: ServerOf,
    sequence: Annotated[int, Path(ge=1, le=_LAST, description="Number of the entry.")],
    caller: Auditor,
) -> EntryTold:
    """Return one entry.

    Raises:
        UnknownName: there is none of this number.
    """
    del caller
    found = registered.entry(server.registry, sequence)
    if found is None:
        raise UnknownName("There is no such entry.")
    return _told(found)
