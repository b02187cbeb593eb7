"""What every answer carries for the browser, and which hosts and bodies are let in."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

EMPTY_STYLE: Final = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
"""Hash of the empty style element plotly inserts before it fills it rule by rule."""

POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        f"style-src 'self' {EMPTY_STYLE}",
        "img-src 'self' data:",  # plotly draws the cells of a heat map into an image of its own
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)

_ALWAYS: Final = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_STRICT_TRANSPORT: Final = "max-age=31536000; includeSubDomains"
_STATIC: Final = "/static/"
_UPLOADS: Final = "/uploads"
_IMPORTED: Final = frozenset({_UPLOADS, f"/api/v1{_UPLOADS}"})
KEPT_BY_NOBODY: Final = {"cache-control": "no-store"}


def headers_of(*, is_secure: bool) -> dict[str, str]:
    """Return what every answer carries. `is_secure`: it travels over HTTPS only."""
    return dict(_ALWAYS) | ({"strict-transport-security": _STRICT_TRANSPORT} if is_secure else {})


class Headers:
    """Adds the headers; an answer that states its own policy keeps it."""

    def __init__(self, app: ASGIApp, *, is_secure: bool) -> None:
        self.app = app
        added = headers_of(is_secure=is_secure).items()
        self.added = [(name.encode(), value.encode()) for name, value in added]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        is_static = scope["path"].startswith(_STATIC)

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message["headers"],
                    *self._missing(message["headers"], is_static=is_static),
                ]
            await send(message)

        await self.app(scope, receive, sent)

    def _missing(
        self, headers: Iterable[tuple[bytes, bytes]], *, is_static: bool
    ) -> list[tuple[bytes, bytes]]:
        present = {name.lower() for name, _ in headers}
        kept = b"public, max-age=3600" if is_static else b"no-store"
        return [pair for pair in (*self.added, (b"cache-control", kept)) if pair[0] not in present]


class Limited:
    """Refuses bodies that are larger than allowed, by what they state and by what they are.

    Files to be imported may have `uploads` bytes, evidence of master data `evidence`, anything else `most`.
    """

    def __init__(self, app: ASGIApp, *, most: int, uploads: int, evidence: int) -> None:
        self.app, self.most, self.uploads, self.evidence = app, most, uploads, evidence

    def _limit(self, path: str) -> int:
        if path.rstrip("/") in _IMPORTED:
            return self.uploads
        return self.evidence if path.rstrip("/").endswith(_UPLOADS) else self.most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = self._limit(scope["path"])
        stated = dict(scope["headers"]).get(b"content-length", b"0")
        if not stated.isdigit() or int(stated) > limit:
            await _too_large(scope, receive, send)
            return
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > limit:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return message

        await self.app(scope, counted, send)


async def _too_large(scope: Scope, receive: Receive, send: Send) -> None:
    """Say that a body is too large; the rest of it is not read, so the connection ends."""
    from bilanz.app.web.problems import answer  # which knows the headers of this module

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    found = answer(Request(scope), status, "too_large", "What was sent is larger than the server takes.", {})
    found.headers["connection"] = "close"
    await found(scope, receive, send)
