"""Signing in and out, the language of the pages."""

from http import HTTPStatus
from typing import Annotated, Final
from urllib.parse import urlparse

from fastapi import APIRouter, Depends, Form, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response
from itsdangerous import BadSignature

from bilanz.access import User
from bilanz.app.account import accounts
from bilanz.app.web import security
from bilanz.app.web.forms import expected, form_token, with_form
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
_YEAR: Final = 365 * 86400
_OF_ADDRESS: Final = "too_many_attempts"
"""Code of the refusal of an address."""


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
    await check_form(request, expected(request, server))
    return await run_in_threadpool(_by_password, request, server, login, password, inside(then))


def _by_password(request: Request, server: Server, login: str, password: str, then: str) -> Response:
    try:
        check_attempts(request, server)
        user = accounts.signed_in(server.registry, login, password)
    except Refused as error:
        refused(request, server, "login_failed", login, error)
        said = translate(error.template, language_of(request))
        return _form(request, server, then=then, login=login, problem=said)
    return known(request, server, user, then)


def known(request: Request, server: Server, user: User, then: str) -> Response:
    """Let in who has shown who they are, or ask for their second factor."""
    if user.totp is None:
        return entered(request, server, user, then)
    ticket = server.signer("second factor").dumps([user.id, then])
    return _ask_code(request, server, str(ticket))


@router.post("/login/code", dependencies=[Depends(public)])
async def code(
    request: Request,
    server: ServerOf,
    code: Annotated[str, Form(max_length=16)],
    ticket: Annotated[str, Form(max_length=4000)],
) -> Response:
    """Check the second factor."""
    await check_form(request, expected(request, server))
    return await run_in_threadpool(_by_code, request, server, code, ticket)


def _by_code(request: Request, server: Server, code: str, ticket: str) -> Response:
    try:
        identifier, then = server.signer("second factor").loads(ticket, max_age=_TICKET_SECONDS)
    except BadSignature:
        return RedirectResponse("/login", HTTPStatus.SEE_OTHER)
    user = users.user(server.registry, identifier)
    if not user.is_active:
        return RedirectResponse("/login", HTTPStatus.SEE_OTHER)
    try:
        check_attempts(request, server)
        check_code(server, user, code)
    except Refused as error:
        refused(request, server, "code_failed", user.login, error)
        return _ask_code(request, server, ticket, translate(error.template, language_of(request)))
    return entered(request, server, user, then)


def check_code(server: Server, user: User, code: str) -> None:
    """Let only who has the second factor of a user go on.

    Raises:
        Refused: the code is wrong, or the account rests.
    """
    if accounts.rests(user):
        raise Refused("Too many wrong attempts. Try again later.", code="locked")
    if not is_code(server, user, code):
        accounts.failed(server.registry, user)
        raise Refused("The code is wrong or was used already.", code="wrong_code")


def check_attempts(request: Request, server: Server) -> None:
    """Let an address try that has not failed too often.

    Raises:
        Refused: it has.
    """
    if server.attempts.are_used_up(_address(request)):
        message = "Too many wrong attempts from your network. Try again in a few minutes."
        raise Refused(message, code=_OF_ADDRESS)


def refused(request: Request, server: Server, event: str, login: str, error: Refused) -> None:
    """Count and note that somebody could not show who they are."""
    user = users.by_login(server.registry, login)
    # What was typed as a login may be a password: the log names only whom there is.
    named = "" if user is None else user.login
    if error.code == _OF_ADDRESS:
        security.note(server, request, "address_refused", named)
        return
    server.attempts.count(_address(request))
    security.note(server, request, event, named)
    if error.code != "locked" and user is not None and accounts.rests(user):
        security.note(server, request, "locked", user.login)


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


@router.post("/logout")
def logout(request: Request, server: ServerOf, caller: Annotated[Caller, Depends(Guard(None))]) -> Response:
    """End the session."""
    if caller.session is not None:
        registered.end_session(server.registry, caller.session)
        security.note(server, request, "logout", caller.user.login)
    answer = RedirectResponse("/login", HTTPStatus.SEE_OTHER)
    answer.delete_cookie(cookie_name(server), secure=server.is_secure, httponly=True, samesite="lax")
    answer.headers["clear-site-data"] = '"cache", "storage"'
    return answer


@router.get("/language", dependencies=[Depends(public)])
def language(server: ServerOf, to: str = "de", then: str = "/") -> Response:
    """Choose the language of the pages."""
    answer = RedirectResponse(inside(then), HTTPStatus.SEE_OTHER)
    if to in LANGUAGES:
        answer.set_cookie(
            server.cookie(COOKIE), to, max_age=_YEAR, secure=server.is_secure, httponly=True, samesite="lax"
        )
    return answer


def entered(request: Request, server: Server, user: User, then: str) -> Response:
    """Open a session and lead on; the one the browser had before ends."""
    accounts.succeeded(server.registry, user)
    before = request.cookies.get(cookie_name(server))
    if before:
        registered.end_session(server.registry, accounts.secret_hash(before))
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
    token = form_token(request, server)
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
    return with_form(answer, server, token)


def _ask_code(request: Request, server: Server, ticket: str, problem: str = "") -> Response:
    status = HTTPStatus.UNAUTHORIZED if problem else HTTPStatus.OK
    token = form_token(request, server)
    answer = page(request, "code.html.jinja", status=status, ticket=ticket, problem=problem, form_token=token)
    return with_form(answer, server, token)
