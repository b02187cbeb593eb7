"""The audit trail: who did what, when and why; followed link by link, and handed out."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from bilanz.access import Right
from bilanz.app.trail import exported
from bilanz.app.web import security
from bilanz.app.web.guard import Caller, Guard
from bilanz.app.web.state import ServerOf
from bilanz.app.web.views import address, page
from bilanz.errors import UnknownName
from bilanz.messages import Language, translate
from bilanz.registry import trail as registered
from bilanz.trail import ACTIONS, BREAKS, TrailEntry, told

router = APIRouter(prefix="/trail")

PAGE: Final = 50
"""Entries of a part of the list."""

Auditor = Annotated[Caller, Depends(Guard(Right.TRAIL, "everything"))]
Short = Annotated[str, Query(max_length=200)]


@router.get("")
def listed(
    request: Request,
    server: ServerOf,
    caller: Auditor,
    subject: Short = "",
    by: Short = "",
    action: Short = "",
    before: Annotated[int | None, Query(ge=1, le=2**53)] = None,
) -> Response:
    """List entries, the newest first."""
    asked = {"subject": subject.strip(), "by": by.strip(), "action": action}
    found = registered.found(server.registry, **asked, before=before, limit=PAGE + 1)
    rows, is_more = found[:PAGE], len(found) > PAGE
    return page(
        request,
        "trail_list.html.jinja",
        asked=asked,
        rows=_words(rows, caller.language),
        actions=_actions(caller.language),
        newest=address("/trail", **asked) if before is not None else "",
        older=address("/trail", **asked, before=rows[-1].sequence) if is_more else "",
        is_filtered=any(asked.values()),
    )


@router.get("/check")
def check(request: Request, server: ServerOf, caller: Auditor) -> Response:
    """Follow the chain from its start and tell whether every link holds."""
    broken, head = registered.broken_link(server.registry), registered.head(server.registry)
    return page(
        request,
        "trail_check.html.jinja",
        broken=broken,
        reason="" if broken is None else translate(BREAKS[broken.code], caller.language),
        entries=head[0] if head else 0,
        hash=head[1] if head else "",
        at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


@router.get("/export")
def export(request: Request, server: ServerOf, caller: Auditor) -> Response:
    """Hand out the whole chain as JSON lines."""
    text, _ = exported(server.registry)
    security.note(server, request, "trail_exported", caller.user.login)
    headers = {"content-disposition": 'attachment; filename="trail.jsonl"'}
    return Response(text, media_type="application/x-ndjson", headers=headers)


@router.get("/{sequence}")
def show(request: Request, server: ServerOf, sequence: int, caller: Auditor) -> Response:
    """Show an entry with all it says."""
    entry = registered.entry(server.registry, sequence) if 0 < sequence <= _LAST else None
    if entry is None:
        raise UnknownName("There is no such entry.")
    (words,) = _words([entry], caller.language)
    return page(request, "trail_entry.html.jinja", words=words, entry=told(entry), last=_last(server))


_LAST: Final = 2**31 - 1
"""The largest number the column holds."""


def _last(server: ServerOf) -> int:
    head = registered.head(server.registry)
    return head[0] if head else 0


def _actions(language: Language) -> list[tuple[str, str]]:
    """Return the actions to choose from, by their words."""
    words = ((code, translate(text, language)) for code, text in ACTIONS.items())
    return sorted(words, key=lambda pair: pair[1].casefold())


def _words(rows: Iterable[TrailEntry], language: Language) -> list[dict[str, Any]]:
    return [
        {
            "sequence": row.sequence,
            "at": row.at,
            "by": row.by,
            "action": translate(ACTIONS.get(row.action, row.action), language),
            "subject": row.subject,
            "reason": row.reason,
        }
        for row in rows
    ]
