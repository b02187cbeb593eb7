"""Signing in and out, the language of the pages."""

from http import HTTPStatus
from typing import Annotated, Final
from urllib.parse import urlparse

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response
from itsdangerous import BadSignature

from bilanz.access import User
from bilanz.app import accounts
from bilanz.app.web import security
from bilanz.app.web.guard import Caller, Guard, check_form, public
from bilanz.app.web.language import COOKIE, language_of
from bilanz.app.web.sessions import LONGEST, cookie_name, is_code, open_session
from bilanz.app.web.state import Server, ServerOf
from bilanz.app.web.views import page
from bilanz.errors import Refused
from bilanz.messages import LANGUAGES, translate
from bilanz.registry import sessions as registered
from bilanz.registry import users

router = APIRouter()

_TICKET_SECONDS: Final = 300
_FORM_SECONDS: Final = 3600
_FORM_COOKIE: Final = "bilanz_form"
_YEAR: Final = 365 * 86400


@router.get("/login", dependencies=[Depends(public)])
def show(request: Request, server: ServerOf, then: str = "/") -> Response:
    """Show the form."""
    return _form(request, server, then=inside(then))


@router.post("/login", dependencies=[Depends(public)])
async def login(
    request: Request,
    server: ServerOf,
    login: Annotated[str, Form(max_length=64)],
    password: Annotated[str, Form(max_length=1024)],
    then: Annotated[str, Form(max_length=2000)] = "/",
) -> Response:
    """Sign in by password; who has a second factor is asked for it."""
    await check_form(request, _expected(request, server))
    from fastapi.concurrency import run_in_threadpool

    try:
        user = await run_in_threadpool(accounts.signed_in, server.registry, login, password)
    except Refused as error:
        security.note(server, request, "login_failed", login)
        said = translate(error.template, language_of(request))
        return _form(request, server, then=inside(then), login=login, problem=said)
    if user.totp is None:
        return entered(request, server, user, inside(then))
    ticket = server.signer("second factor").dumps([user.id, inside(then)])
    return _ask_code(request, server, str(ticket))


@router.post("/login/code", dependencies=[Depends(public)])
async def code(
    request: Request,
    server: ServerOf,
    code: Annotated[str, Form(max_length=16)],
    ticket: Annotated[str, Form(max_length=4000)],
) -> Response:
    """Check the second factor."""
    await check_form(request, _expected(request, server))
    try:
        identifier, then = server.signer("second factor").loads(ticket, max_age=_TICKET_SECONDS)
    except BadSignature:
        return RedirectResponse("/login", HTTPStatus.SEE_OTHER)
    user = users.user(server.registry, identifier)
    if accounts.rests(user) or not is_code(server, user, code):
        accounts.failed(server.registry, user)
        security.note(server, request, "code_failed", user.login)
        said = translate("The code is wrong or was used already.", language_of(request))
        return _ask_code(request, server, ticket, said)
    return entered(request, server, user, then)


@router.post("/logout")
def logout(server: ServerOf, caller: Annotated[Caller, Depends(Guard(None))]) -> Response:
    """End the session."""
    if caller.session is not None:
        registered.end_session(server.registry, caller.session)
    answer = RedirectResponse("/login", HTTPStatus.SEE_OTHER)
    answer.delete_cookie(cookie_name(server), secure=server.is_secure, httponly=True, samesite="lax")
    answer.headers["clear-site-data"] = '"cache", "storage"'
    return answer


@router.get("/language", dependencies=[Depends(public)])
def language(server: ServerOf, to: str = "de", then: str = "/") -> Response:
    """Choose the language of the pages."""
    answer = RedirectResponse(inside(then), HTTPStatus.SEE_OTHER)
    if to in LANGUAGES:
        answer.set_cookie(COOKIE, to, max_age=_YEAR, secure=server.is_secure, httponly=True, samesite="lax")
    return answer


def entered(request: Request, server: Server, user: User, then: str) -> Response:
    """Open a session and lead on."""
    accounts.succeeded(server.registry, user)
    token, _ = open_session(server, user)
    security.note(server, request, "login", user.login)
    answer = RedirectResponse(inside(then), HTTPStatus.SEE_OTHER)
    answer.set_cookie(
        cookie_name(server),
        token,
        max_age=int(LONGEST.total_seconds()),
        secure=server.is_secure,
        httponly=True,
        samesite="lax",
    )
    return answer


def inside(address: str) -> str:
    """Return an address of these pages; another one becomes that of the start page."""
    parts = urlparse(address)
    is_ours = address.startswith("/") and not address.startswith(("//", "/\\")) and not parts.netloc
    return address if is_ours and not any(sign in address for sign in "\r\n\t\\") else "/"


def _form(request: Request, server: Server, *, then: str, login: str = "", problem: str = "") -> Response:
    status = HTTPStatus.UNAUTHORIZED if problem else HTTPStatus.OK
    token = _form_token(request, server)
    answer = page(
        request,
        "login.html.jinja",
        status=status,
        then=then,
        login=login,
        problem=problem,
        form_token=token,
        has_oidc=server.settings.oidc is not None,
    )
    return _with_form(answer, server, token)


def _ask_code(request: Request, server: Server, ticket: str, problem: str = "") -> Response:
    status = HTTPStatus.UNAUTHORIZED if problem else HTTPStatus.OK
    token = _form_token(request, server)
    answer = page(request, "code.html.jinja", status=status, ticket=ticket, problem=problem, form_token=token)
    return _with_form(answer, server, token)


def _with_form(answer: Response, server: Server, token: str) -> Response:
    """Let the browser keep what the form holds: before signing in there is no session to compare with."""
    answer.set_cookie(
        _FORM_COOKIE, token, max_age=_FORM_SECONDS, secure=server.is_secure, httponly=True, samesite="strict"
    )
    return answer


def _form_token(request: Request, server: Server) -> str:
    """Return what the form holds: what the browser keeps already, so that a second window breaks no first."""
    return _kept(request, server) or str(server.signer("form").dumps("form"))


def _expected(request: Request, server: Server) -> str:
    """Return what the form must hold; where the browser keeps nothing of ours, what no form holds."""
    return _kept(request, server) or "\x00"


def _kept(request: Request, server: Server) -> str | None:
    kept = request.cookies.get(_FORM_COOKIE, "")
    try:
        server.signer("form").loads(kept, max_age=_FORM_SECONDS)
    except BadSignature:
        return None
    return kept
