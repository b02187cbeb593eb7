"""Signing in and out, sessions of browsers, tokens of programs."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Final

import pyotp

from bilanz.access import SCOPES, ApiToken, User, WebSession
from bilanz.app.account.accounts import secret_hash
from bilanz.app.web.state import Server
from bilanz.errors import UnknownName, UsageError
from bilanz.registry import sessions as registered
from bilanz.registry import users as registered_users
from bilanz.trail import Deed

IDLE: Final = timedelta(hours=1)
LONGEST: Final = timedelta(hours=12)
_SEEN_EVERY: Final = timedelta(minutes=1)
_TOKEN: Final = "bilanz"  # noqa: S105 - the word tokens begin with, no secret
LONGEST_TOKEN: Final = 366
"""Days a token lives at most."""


def cookie_name(server: Server) -> str:
    """Return the name of the session cookie."""
    return server.cookie("bilanz")


def open_session(server: Server, user: User) -> tuple[str, WebSession]:
    """Return what the cookie of a new session holds, and the session."""
    token, at = secrets.token_urlsafe(32), _now()
    opened = WebSession(
        id=secret_hash(token),
        user=user.id,
        csrf=secrets.token_urlsafe(24),
        created_at=_iso(at),
        seen_at=_iso(at),
    )
    registered.end_older(server.registry, _iso(at - LONGEST), _iso(at - IDLE))
    registered.put_session(server.registry, opened)
    return token, opened


def session_of(server: Server, token: str) -> tuple[WebSession, User] | None:
    """Return the session a cookie belongs to and its user; None: it has run out, or never was."""
    found = registered.session_of(server.registry, secret_hash(token))
    if found is None:
        return None
    at = _now()
    if found.created_at < _iso(at - LONGEST) or found.seen_at < _iso(at - IDLE):
        registered.end_session(server.registry, found.id)
        return None
    user = registered_users.user(server.registry, found.user)
    if not user.is_active:
        return None
    if found.seen_at < _iso(at - _SEEN_EVERY):
        found.seen_at = _iso(at)
        registered.seen(server.registry, found.id, found.seen_at)
    return found, user


def make_token(server: Server, user: User, name: str, scopes: list[str], days: int) -> str:
    """Return a new token of a user; it is shown once.

    Raises:
        UsageError: no name, no scope, or a life that is too long.
        UnknownName: there is no such scope.
    """
    if not name.strip() or not scopes or not 0 < days <= LONGEST_TOKEN:
        message = "A token has a name, at least one scope, and lives between 1 and {days} days."
        raise UsageError(message, days=LONGEST_TOKEN)
    for scope in scopes:
        if scope not in SCOPES:
            raise UnknownName('"{name}" is not one of {expected}.', name=scope, expected=", ".join(SCOPES))
    identifier, secret, at = secrets.token_hex(8), secrets.token_urlsafe(32), _now()
    made = ApiToken(
        id=identifier,
        user=user.id,
        name=name.strip(),
        secret_hash=secret_hash(secret),
        scopes=sorted(set(scopes)),
        created_at=_iso(at),
        expires_at=_iso(at + timedelta(days=days)),
    )
    details = {"name": made.name, "scopes": made.scopes, "expires_at": made.expires_at}
    registered.add_token(server.registry, made, Deed(user.login, "token.add", identifier, details=details))
    return f"{_TOKEN}_{identifier}_{secret}"


def token_of(server: Server, text: str) -> tuple[ApiToken, User] | None:
    """Return the token a program shows and its owner; None: it is none, or no longer."""
    word, _, rest = text.partition("_")
    identifier, _, secret = rest.partition("_")
    found = registered.token_of(server.registry, identifier) if word == _TOKEN else None
    if found is None or not secrets.compare_digest(found.secret_hash, secret_hash(secret)):
        return None
    at = _iso(_now())
    if found.revoked_at is not None or found.expires_at < at:
        return None
    user = registered_users.user(server.registry, found.user)
    if not user.is_active:
        return None
    if found.used_at is None or found.used_at < _iso(_now() - _SEEN_EVERY):
        found.used_at = at
        registered.used(server.registry, found.id, at)
    return found, user


def revoke_token(server: Server, user: User, identifier: str) -> None:
    """Make a token of a user useless.

    Raises:
        UnknownName: the user has no such token.
    """
    held = (token.id for token in registered.tokens_of(server.registry, user.id))
    if identifier not in held:
        raise UnknownName('The token "{name}" is not known.', name=identifier)
    registered.revoke(server.registry, user.id, _iso(_now()), user.login, identifier)


def end_own_session(server: Server, user: User, identifier: str) -> None:
    """End a session of a user.

    Raises:
        UnknownName: the user has no such session.
    """
    held = (one.id for one in registered.sessions_of(server.registry, user.id))
    if identifier not in held:
        raise UnknownName("This session has ended already.")
    registered.end_session(server.registry, identifier)


def is_code(server: Server, user: User, code: str) -> bool:
    """Tell whether a code is that of the second factor of a user, and has not been used yet."""
    if user.totp is None:
        return False
    step = right_step(server.fernet.decrypt(user.totp.encode()).decode(), code)
    return step is not None and registered_users.use_step(server.registry, user.id, step)


def right_step(secret: str, code: str) -> int | None:
    """Return the step of time a code is right for: now, the one before or after; None: none."""
    code, generator = "".join(code.split()), pyotp.TOTP(secret)
    now = int(_now().timestamp()) // generator.interval
    for step in (now, now - 1, now + 1):
        if secrets.compare_digest(generator.generate_otp(step), code):
            return step
    return None


def _now() -> datetime:
    return datetime.now(UTC)


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
