"""Signing in with the account of the administration."""

import json
import secrets
from dataclasses import asdict
from http import HTTPStatus
from typing import Annotated, Final

from cryptography.fernet import InvalidToken
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse, Response

from bilanz.app.account.accounts import subject_of
from bilanz.app.settings import Oidc
from bilanz.app.web import security
from bilanz.app.web.guard import public
from bilanz.app.web.language import language_of
from bilanz.app.web.oidc import Flow, provider_of
from bilanz.app.web.pages.signing import inside, known
from bilanz.app.web.state import Server, ServerOf
from bilanz.app.web.views import page
from bilanz.errors import Refused, UnknownName
from bilanz.messages import translate
from bilanz.registry import users

router = APIRouter(prefix="/oidc", dependencies=[Depends(public)])

_COOKIE: Final = "bilanz_oidc"
_SECONDS: Final = 600
_STARTED_ELSEWHERE: Final = (
    "Signing in was not begun in this browser, or too long ago. Begin again at the form to sign in."
)
_REFUSED: Final = "The sign-in service did not let you in. Try again, or ask its administrator."
_UNKNOWN: Final = (
    "You are signed in at the sign-in service, but nobody has given you access here. "
    "Tell the administrator of bilanz this identity: {subject}"
)


@router.get("/login")
def begin(request: Request, server: ServerOf, then: Annotated[str, Query(max_length=2000)] = "/") -> Response:
    """Send the browser to the provider."""
    flow = Flow()
    try:
        address = provider_of(_settings(server)).authorization(flow, _redirect(request))
    except Refused as error:
        return _failed(request, server, error)
    answer = RedirectResponse(address, HTTPStatus.SEE_OTHER)
    kept = json.dumps({"for": _COOKIE, "then": inside(then), "flow": asdict(flow)})
    answer.set_cookie(
        server.cookie(_COOKIE),
        server.fernet.encrypt(kept.encode()).decode(),
        max_age=_SECONDS,
        secure=server.is_secure,
        httponly=True,
        samesite="lax",
    )
    return answer


@router.get("/callback")
def come_back(
    request: Request,
    server: ServerOf,
    code: Annotated[str, Query(max_length=4000)] = "",
    state: Annotated[str, Query(max_length=1000)] = "",
    iss: Annotated[str, Query(max_length=1000)] = "",
) -> Response:
    """Let in whom the provider names, if an administrator has linked them with a user."""
    try:
        settings = _settings(server)
        flow, then = _kept(request, server, state)
        if not code or (iss and iss != settings.issuer):
            raise Refused(_REFUSED, code="oidc_refused")  # noqa: TRY301 - told like every other refusal
        found = provider_of(settings).subject(flow, code, _redirect(request))
    except Refused as error:
        return _failed(request, server, error)
    user = users.by_subject(server.registry, subject_of(settings.issuer, found))
    if user is None or not user.is_active:
        security.note(server, request, "oidc_unknown", found)
        return _told(request, server, translate(_UNKNOWN, language_of(request), subject=found))
    return _forgotten(known(request, server, user, then), server)


def _settings(server: Server) -> Oidc:
    if server.settings.oidc is None:
        raise UnknownName("There is nothing at this address.")
    return server.settings.oidc


def _redirect(request: Request) -> str:
    return f"{request.base_url}oidc/callback"


def _kept(request: Request, server: Server, state: str) -> tuple[Flow, str]:
    """Return what the browser kept since it was sent to the provider.

    Raises:
        Refused: it kept nothing, or what comes back is of another attempt.
    """
    try:
        text = server.fernet.decrypt(request.cookies.get(server.cookie(_COOKIE), "").encode(), ttl=_SECONDS)
        kept = json.loads(text)
        is_ours = isinstance(kept, dict) and kept.get("for") == _COOKIE
    except (InvalidToken, ValueError):
        is_ours = False
    if not is_ours or not secrets.compare_digest(kept["flow"]["state"].encode(), state.encode()):
        raise Refused(_STARTED_ELSEWHERE, code="oidc_state")
    return Flow(**kept["flow"]), inside(kept["then"])


def _failed(request: Request, server: Server, error: Refused) -> Response:
    security.note(server, request, "oidc_failed", error.code)
    return _told(request, server, translate(error.template, language_of(request)))


def _told(request: Request, server: Server, detail: str) -> Response:
    title = translate("Signing in did not work", language_of(request))
    answer = page(request, "oidc_problem.html.jinja", status=HTTPStatus.FORBIDDEN, title=title, detail=detail)
    return _forgotten(answer, server)


def _forgotten(answer: Response, server: Server) -> Response:
    """Let the browser forget the attempt: what comes back works once."""
    answer.delete_cookie(server.cookie(_COOKIE), secure=server.is_secure, httponly=True, samesite="lax")
    return answer
