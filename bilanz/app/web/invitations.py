"""Links by which somebody chooses a password: signed, limited in time, of use once."""

from typing import Final
from urllib.parse import urlencode

from fastapi import Request
from itsdangerous import BadSignature

from bilanz.access import User
from bilanz.app.account import passwords
from bilanz.app.account.accounts import secret_hash
from bilanz.app.web.state import Server
from bilanz.errors import Refused, UnknownName
from bilanz.registry import users

DAYS: Final = 3
_SALT: Final = "invitation"
RUN_OUT: Final = "This link has run out or was used already. Ask the administrator for a new one."


def link(request: Request, server: Server, user: User) -> str:
    """Return the link for a user whose password is awaited; an earlier one is of no use any more."""
    ticket = str(server.signer(_SALT).dumps([user.id, _mark(user)]))
    return f"{request.base_url}invitation?{urlencode({'ticket': ticket})}"


def invited(server: Server, ticket: str) -> User:
    """Return the user a link is for.

    Raises:
        Refused: it has run out, was used, or another one was made since.
    """
    try:
        identifier, mark = server.signer(_SALT).loads(ticket, max_age=DAYS * 86400)
        user = users.user(server.registry, identifier)
    except (BadSignature, UnknownName, ValueError) as error:
        raise Refused(RUN_OUT, code="link_run_out") from error
    if not user.is_active or not passwords.is_awaited(user.password_hash) or mark != _mark(user):
        raise Refused(RUN_OUT, code="link_run_out")
    return user


def _mark(user: User) -> str:
    """Return what changes with the password."""
    return secret_hash(user.password_hash or "")
