"""How often somebody may ask: by token or session, else by address."""

import hashlib
from http import HTTPStatus
from typing import Final

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from bilanz.app.web import security
from bilanz.app.web.problems import answer

REQUESTS: Final = 600
"""Requests a minute of one token or session: pages and programs stay far below."""

_OF_ADDRESS: Final = 20
"""How many times that an address may ask: an administration often has one for all its officers."""

_FREE: Final = ("/static/", "/healthz", "/readyz", "/metrics")


_NOTED: Final = RateLimitItemPerMinute(1, namespace="noted")


class Throttled:
    """Answers 429 to whoever asks too often."""

    def __init__(self, app: ASGIApp, *, cookie: str, requests: int = REQUESTS) -> None:
        self.app, self.cookie = app, cookie
        self.limit = RateLimitItemPerMinute(requests)
        self.limit_of_address = RateLimitItemPerMinute(requests * _OF_ADDRESS)
        self.window = MovingWindowRateLimiter(MemoryStorage())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or scope["path"].startswith(_FREE):
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        if self._may_ask(request):
            await self.app(scope, receive, send)
            return
        self._note(request)
        status = HTTPStatus.TOO_MANY_REQUESTS
        message = "Too many requests in a short time. Wait a moment, then try again."
        refused = answer(request, status, "too_many_requests", message, {})
        refused.headers["retry-after"] = "60"
        await refused(scope, receive, send)

    def _note(self, request: Request) -> None:
        """Enter in the security log that an address asks too often, once a minute: the log stays small."""
        address = request.client.host if request.client else ""
        if self.window.hit(_NOTED, address):
            security.note(request.app.state.server, request, "too_many_requests")

    def _may_ask(self, request: Request) -> bool:
        """Count a request; of what is shown only the hash is kept, and inventing it anew does not help."""
        shown = request.headers.get("authorization") or request.cookies.get(self.cookie)
        address = request.client.host if request.client else ""
        who = hashlib.sha256(shown.encode()).hexdigest() if shown else address
        return self.window.hit(self.limit_of_address, address) and self.window.hit(self.limit, who)
