"""Forms before somebody has signed in: there is no session they could be of, so the browser keeps a value."""

import secrets
from typing import Final

from fastapi import Request
from fastapi.responses import Response
from itsdangerous import BadSignature

from bilanz.app.web.state import Server

_SECONDS: Final = 3600
_COOKIE: Final = "bilanz_form"


def form_token(request: Request, server: Server) -> str:
    """Return what the form holds: what the browser keeps already, so that a second window breaks no first."""
    return _kept(request, server) or str(server.signer("form").dumps("form"))


def expected(request: Request, server: Server) -> str:
    """Return what the form must hold; where the browser keeps nothing of ours, what no form holds."""
    return _kept(request, server) or secrets.token_urlsafe()


def with_form(answer: Response, server: Server, token: str) -> Response:
    """Let the browser keep what the form holds."""
    answer.set_cookie(
        server.cookie(_COOKIE),
        token,
        max_age=_SECONDS,
        secure=server.is_secure,
        httponly=True,
        samesite="strict",
    )
    return answer


def _kept(request: Request, server: Server) -> str | None:
    kept = request.cookies.get(server.cookie(_COOKIE), "")
    try:
        server.signer("form").loads(kept, max_age=_SECONDS)
    except BadSignature:
        return None
    return kept
