"""The caller's own account: password, second factor, tokens, sessions. Tokens of programs do not reach it."""

from http import HTTPStatus
from typing import Annotated, Any, Final

import pyotp
import segno
from cryptography.fernet import InvalidToken
from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from bilanz.access import SCOPES, User
from bilanz.app.account import accounts, passwords
from bilanz.app.web import duties, security
from bilanz.app.web.guard import Caller, Guard
from bilanz.app.web.pages.invitation import check_again
from bilanz.app.web.sessions import (
    LONGEST_TOKEN,
    end_own_session,
    make_token,
    revoke_token,
    right_step,
)
from bilanz.app.web.state import Server, ServerOf
from bilanz.app.web.views import page
from bilanz.errors import BilanzError, Refused, UsageError
from bilanz.messages import translate
from bilanz.registry import sessions as registered
from bilanz.registry import users
from bilanz.registry.organisations import organisations

router = APIRouter(prefix="/account")

_TICKET_SECONDS: Final = 900
_DAYS: Final = (30, 90, 180, LONGEST_TOKEN)


Own = Annotated[Caller, Depends(Guard(None))]
Secret = Annotated[str, Form(max_length=1024)]
Short = Annotated[str, Form(max_length=200)]


@router.get("")
def show(request: Request, server: ServerOf, caller: Own, done: str = "") -> Response:
    """Show the account."""
    return _account(request, server, caller, done=done)


@router.post("/password")
def password(
    request: Request, server: ServerOf, caller: Own, old: Secret, password: Secret, again: Secret
) -> Response:
    """Change the password; every other session ends."""
    try:
        check_again(password, again)
        accounts.check_password(server.registry, caller.user, old)
        accounts.set_password(
            server.registry, caller.user, password, by=caller.user.login, keep_session=caller.session
        )
    except (UsageError, Refused) as error:
        return _refused(request, server, caller, "password", error)
    security.note(server, request, "password_changed", caller.user.login)
    return _done("password")


@router.get("/factor")
def factor(request: Request, server: ServerOf, caller: Own) -> Response:
    """Show a new secret for the second factor."""
    if caller.user.totp is not None:
        return RedirectResponse("/account#factor", HTTPStatus.SEE_OTHER)
    return _factor(request, server, caller, pyotp.random_base32())


@router.post("/factor")
def turn_on(
    request: Request,
    server: ServerOf,
    caller: Own,
    ticket: Annotated[str, Form(max_length=1000)],
    code: Annotated[str, Form(max_length=16)],
    password: Secret = "",
) -> Response:
    """Keep the second factor whose code was shown; every other session ends."""
    try:
        secret = _secret(server, caller.user, ticket)
    except InvalidToken:
        return RedirectResponse("/account/factor", HTTPStatus.SEE_OTHER)
    try:
        _check_own(server, caller.user, password)
        step = _step(secret, code)
    except (UsageError, Refused) as error:
        return _factor(request, server, caller, secret, _said(caller, error))
    kept = server.fernet.encrypt(secret.encode()).decode()
    accounts.set_factor(server.registry, caller.user, kept, by=caller.user.login, step=step)
    registered.end_sessions(server.registry, caller.user.id, but=caller.session)
    security.note(server, request, "second_factor_on", caller.user.login)
    return _done("factor_on")


@router.post("/factor/off")
def turn_off(request: Request, server: ServerOf, caller: Own, password: Secret = "") -> Response:
    """Do without the second factor."""
    try:
        _check_own(server, caller.user, password)
    except Refused as error:
        return _refused(request, server, caller, "factor", error)
    accounts.set_factor(server.registry, caller.user, None, by=caller.user.login)
    security.note(server, request, "second_factor_off", caller.user.login)
    return _done("factor_off")


@router.post("/tokens")
def token(
    request: Request,
    server: ServerOf,
    caller: Own,
    name: Short,
    days: Annotated[int, Form()],
    scopes: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Make a token and show it once."""
    try:
        made = make_token(server, caller.user, name, scopes or [], days)
    except UsageError as error:
        return _refused(request, server, caller, "tokens", error)
    security.note(server, request, "token_made", caller.user.login)
    return page(request, "account_token.html.jinja", token=made, name=name.strip())


@router.post("/tokens/{token}/revoke")
def revoke(request: Request, server: ServerOf, caller: Own, token: str) -> Response:
    """Make a token useless."""
    revoke_token(server, caller.user, token)
    security.note(server, request, "token_revoked", caller.user.login)
    return _done("token_revoked")


@router.post("/sessions/{session}/end")
def end(request: Request, server: ServerOf, caller: Own, session: str) -> Response:
    """End a session of the caller."""
    end_own_session(server, caller.user, session)
    security.note(server, request, "session_ended", caller.user.login)
    return _done("session_ended")


@router.post("/sessions/end")
def end_others(request: Request, server: ServerOf, caller: Own) -> Response:
    """End every other session of the caller."""
    registered.end_sessions(server.registry, caller.user.id, but=caller.session)
    security.note(server, request, "sessions_ended", caller.user.login)
    return _done("sessions_ended")


_DONE: Final = {
    "password": "The password was changed. Every other session has ended.",
    "factor_on": "The second factor is on. Every other session has ended.",
    "factor_off": "The second factor is off.",
    "token_revoked": "The token was revoked.",
    "session_ended": "The session has ended.",
    "sessions_ended": "Every other session has ended.",
}
"""Word of the address → what it says was done."""


def _done(word: str) -> Response:
    return RedirectResponse(f"/account?done={word}", HTTPStatus.SEE_OTHER)


def _said(caller: Caller, error: BilanzError) -> str:
    return translate(error.template, caller.language, **error.parameters)


def _refused(request: Request, server: Server, caller: Caller, part: str, error: BilanzError) -> Response:
    if error.code in {"wrong_password", "locked"}:
        security.note(server, request, "password_wrong", caller.user.login)
    return _account(request, server, caller, problem=(part, _said(caller, error)))


def _check_own(server: Server, user: User, password: str) -> None:
    """Let only who knows the password go on; who has none signs in by the sign-in service.

    Raises:
        Refused: it is wrong.
    """
    if user.password_hash is not None:
        accounts.check_password(server.registry, user, password)


def _step(secret: str, code: str) -> int:
    step = right_step(secret, code)
    if step is None:
        raise UsageError("The code is wrong. Check the time of your device, then take the next code.")
    return step


def _secret(server: Server, user: User, ticket: str) -> str:
    """Return the secret a form carries, encrypted, for this user.

    Raises:
        InvalidToken: it is none of ours, of somebody else, or too old.
    """
    text = server.fernet.decrypt(ticket.encode(), ttl=_TICKET_SECONDS).decode()
    purpose, _, rest = text.partition(" ")
    identifier, _, secret = rest.partition(" ")
    if (purpose, identifier) != ("factor", user.id):
        raise InvalidToken
    return secret


def _factor(request: Request, server: Server, caller: Caller, secret: str, problem: str = "") -> Response:
    address = pyotp.TOTP(secret).provisioning_uri(name=caller.user.login, issuer_name="bilanz")
    picture = segno.make(address, error="m").svg_inline(
        border=2, omitsize=True, svgclass=None, lineclass=None
    )
    ticket = server.fernet.encrypt(f"factor {caller.user.id} {secret}".encode()).decode()
    return page(
        request,
        "account_factor.html.jinja",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK,
        problem=problem,
        picture=picture,
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        ticket=ticket,
        has_password=caller.user.password_hash is not None,
    )


def _account(
    request: Request,
    server: Server,
    caller: Caller,
    *,
    done: str = "",
    problem: tuple[str, str] | None = None,
) -> Response:
    registry, user, language = server.registry, caller.user, caller.language
    grants, units = users.grants(registry, user.id), organisations(registry)
    context: dict[str, Any] = {
        "user": user,
        "duties": duties.told(grants, units, language),
        "done": translate(_DONE[done], language) if done in _DONE else "",
        "problem": dict([problem] if problem else []),
        "tokens": registered.tokens_of(registry, user.id),
        "sessions": registered.sessions_of(registry, user.id),
        "this_session": caller.session,
        "scopes": [(scope, translate(duties.SCOPES[scope], language)) for scope in SCOPES],
        "scope_words": duties.SCOPES,
        "days": [(str(days), translate("{days} days", language, days=days)) for days in _DAYS],
        "least": passwords.LEAST,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    return page(request, "account_show.html.jinja", status=status, **context)
