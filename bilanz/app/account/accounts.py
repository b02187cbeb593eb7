"""Accounts: who signs in, with what, and what they may do where.

Passwords are hashed with argon2id; after `ATTEMPTS` wrong ones in a row an account rests, longer each time.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import uuid4

from bilanz.access import ALL, RIGHTS, Duty, Grant, Right, User
from bilanz.app.account import passwords
from bilanz.app.account.passwords import hashed
from bilanz.errors import Refused, UnknownName, UsageError
from bilanz.organisation import OrganisationUnit
from bilanz.registry import sessions
from bilanz.registry import users as registered
from bilanz.registry.engine import Registry
from bilanz.registry.organisations import organisation, organisations
from bilanz.trail import Deed

ATTEMPTS: Final = 5
_FIRST_REST: Final = timedelta(minutes=1)
_LONGEST_REST: Final = timedelta(hours=1)
_MOST_DOUBLINGS: Final = 10
LONGEST_LOGIN: Final = 64


@dataclass(frozen=True, slots=True)
class Reach:
    """What a user may do where.

    Attributes:
        rights: organisation → rights, for every organisation there is; `ALL` where a grant is on all.
    """

    rights: Mapping[str, frozenset[Right]] = field(default_factory=dict)

    def may(self, right: Right, organisation: str) -> bool:
        """Tell whether a right reaches an organisation; `ALL`: all of them together."""
        return right in self.rights.get(organisation, frozenset())

    def where(self, right: Right) -> list[str]:
        """Return the organisations a right reaches, without `ALL`."""
        return [name for name, rights in self.rights.items() if name != ALL and right in rights]

    def anywhere(self, right: Right) -> bool:
        """Tell whether a right reaches anything."""
        return any(right in rights for rights in self.rights.values())


def reach(grants: Iterable[Grant], units: Mapping[str, OrganisationUnit]) -> Reach:
    """Return what grants allow: a duty reaches an organisation and everything below it."""
    held: dict[str, set[Right]] = {}
    for grant in grants:
        allowed = RIGHTS[Duty(grant.duty)]
        for name in _below(grant.organisation, units):
            held.setdefault(name, set()).update(allowed)
    return Reach({name: frozenset(rights) for name, rights in held.items()})


def _below(root: str, units: Mapping[str, OrganisationUnit]) -> list[str]:
    if root == ALL:
        return [ALL, *units]
    children: dict[str | None, list[str]] = {}
    for unit in units.values():
        children.setdefault(unit.parent, []).append(unit.id)
    found = [root] if root in units else []
    for name in found:  # grows while it is walked
        found += [child for child in children.get(name, ()) if child not in found]
    return found


def reach_of(registry: Registry, identifier: str) -> Reach:
    """Return what a user may do where, as it is now."""
    return reach(registered.grants(registry, identifier), organisations(registry))


def add_user(
    registry: Registry,
    login: str,
    name: str,
    password: str | None,
    *,
    by: str,
    subject: str | None = None,
    duties: Iterable[tuple[str, str]] = (),
) -> User:
    """Register a user with what they may do. `password`: None where they sign in otherwise, or are invited.

    Raises:
        UsageError: the login is none or taken, the identity is taken, or the password is not good enough.
        UnknownName: there is no such duty or organisation.
    """
    login = login.strip().lower()
    if not login or not login.replace(".", "").replace("-", "").replace("_", "").replace("@", "").isalnum():
        raise UsageError('"{login}" is no login: letters, digits and . - _ @ only.', login=login)
    if len(login) > LONGEST_LOGIN:
        raise UsageError("A login has at most {most} characters.", most=LONGEST_LOGIN)
    if registered.by_login(registry, login) is not None:
        raise UsageError('There is a user "{login}" already.', login=login)
    _check_subject(registry, subject)
    made = User(
        id=uuid4().hex,
        login=login,
        name=name.strip() or login,
        password_hash=None if password is None else hashed(password, login, name),
        subject=subject,
        created_at=_iso(_now()),
    )
    rows = _grants(registry, made, duties)
    deeds = [Deed(by, "user.add", login, details={"name": made.name})]
    if rows:
        deeds.append(Deed(by, "user.grant", login, details={"before": [], "after": _told(rows)}))
    registered.add_user(registry, made, rows, deeds)
    return made


def grant(registry: Registry, user: User, wanted: Iterable[tuple[str, str]], *, by: str) -> None:
    """Replace what a user may do. `wanted`: (duty, organisation); `ALL`: every organisation.

    Raises:
        UnknownName: there is no such duty or organisation.
    """
    rows = _grants(registry, user, wanted)
    before = _told(registered.grants(registry, user.id))
    deed = Deed(by, "user.grant", user.login, details={"before": before, "after": _told(rows)})
    registered.put_grants(registry, user.id, rows, deed)


def _grants(registry: Registry, user: User, wanted: Iterable[tuple[str, str]]) -> list[Grant]:
    rows = [Grant(user=user.id, duty=duty, organisation=where) for duty, where in sorted(set(wanted))]
    for row in rows:
        if row.duty not in set(Duty):
            raise UnknownName('"{name}" is not one of {expected}.', name=row.duty, expected=", ".join(Duty))
        if row.organisation != ALL:
            organisation(registry, row.organisation)
    return rows


def _told(grants: Iterable[Grant]) -> list[str]:
    return [f"{one.duty} {one.organisation}".strip() for one in grants]


def known(registry: Registry, login: str) -> User:
    """Return the user of a login.

    Raises:
        UnknownName: there is none.
    """
    found = registered.by_login(registry, login)
    if found is None:
        raise UnknownName('The user "{name}" is not known.', name=login)
    return found


class Standing(StrEnum):
    """How a user stands."""

    ACTIVE = "active"
    INVITED = "invited"  # has not chosen a password yet
    RESTS = "rests"  # after wrong attempts
    INACTIVE = "inactive"


def standing(user: User) -> Standing:
    """Return how a user stands."""
    if not user.is_active:
        return Standing.INACTIVE
    if rests(user):
        return Standing.RESTS
    return Standing.INVITED if passwords.is_awaited(user.password_hash) else Standing.ACTIVE


def set_password(
    registry: Registry, user: User, password: str, *, by: str, keep_session: str | None = None
) -> None:
    """Give a user a password; their sessions end, but the one that is kept.

    Raises:
        UsageError: it is not good enough.
    """
    values = {"password_hash": hashed(password, user.login, user.name), "failures": 0, "locked_until": None}
    _change(registry, user, Deed(by, "user.password", user.login), values)
    sessions.end_sessions(registry, user.id, but=keep_session)


def invite(registry: Registry, user: User, *, by: str) -> None:
    """Take a user's password away until they choose one; sessions end, tokens are revoked."""
    values = {"password_hash": passwords.awaited(), "failures": 0, "locked_until": None}
    _change(registry, user, Deed(by, "user.invite", user.login), values)
    end_all(registry, user, by=by)


def set_active(registry: Registry, user: User, *, is_active: bool, by: str) -> None:
    """Let a user sign in, or no longer; then their sessions end and their tokens are revoked."""
    action = "user.activate" if is_active else "user.deactivate"
    _change(registry, user, Deed(by, action, user.login), {"is_active": is_active})
    if not is_active:
        end_all(registry, user, by=by)


def end_all(registry: Registry, user: User, *, by: str) -> None:
    """End the sessions of a user and revoke their tokens."""
    sessions.end_sessions(registry, user.id)
    sessions.revoke(registry, user.id, _iso(_now()), by)


def unlock(registry: Registry, user: User, *, by: str) -> None:
    """Let an account that rests be used again."""
    _change(registry, user, Deed(by, "user.unlock", user.login), {"failures": 0, "locked_until": None})


def set_factor(registry: Registry, user: User, totp: str | None, *, by: str, step: int = 0) -> None:
    """Keep the second factor of a user, encrypted; None: they have none any more."""
    deed = Deed(by, "user.second_factor", user.login, details={"is_on": totp is not None})
    _change(registry, user, deed, {"totp": totp, "totp_step": step})


def set_subject(registry: Registry, user: User, subject: str | None, *, by: str) -> None:
    """Link a user with an identity of OpenID Connect, or with none.

    Raises:
        UsageError: it belongs to another user.
    """
    if subject != user.subject:
        _check_subject(registry, subject)
        deed = Deed(by, "user.identity", user.login, details={"before": user.subject, "after": subject})
        _change(registry, user, deed, {"subject": subject})


def subject_of(issuer: str, subject: str) -> str:
    """Return an identity as the registry keeps it: the same subject of two issuers is two people."""
    return f"{issuer} {subject}"


def _check_subject(registry: Registry, subject: str | None) -> None:
    if subject is not None and registered.by_subject(registry, subject) is not None:
        raise UsageError("This identity belongs to another user already.")


def _change(registry: Registry, user: User, deed: Deed, values: Mapping[str, object]) -> None:
    registered.change_user(registry, user.id, deed, **values)
    for name, value in values.items():
        setattr(user, name, value)


def signed_in(registry: Registry, login: str, password: str) -> User:
    """Return the user a login and password belong to; what is wrong is not told.

    Raises:
        Refused: nobody, or the account rests.
    """
    user = registered.by_login(registry, login)
    if user is None or user.password_hash is None or not user.is_active or rests(user):
        passwords.is_right(password, None)  # takes as long as for somebody there is
        if user is not None and user.is_active and rests(user):
            raise Refused("Too many wrong attempts. Try again later.", code="locked")
        raise Refused("Login or password is wrong.", code="wrong_login")
    if not passwords.is_right(password, user.password_hash):
        failed(registry, user)
        raise Refused("Login or password is wrong.", code="wrong_login")
    return user


def check_password(registry: Registry, user: User, password: str) -> None:
    """Let only who knows the password of a user go on; a wrong one counts as when signing in.

    Raises:
        Refused: it is wrong, or the account rests.
    """
    if rests(user):
        raise Refused("Too many wrong attempts. Try again later.", code="locked")
    if not passwords.is_right(password, user.password_hash):
        failed(registry, user)
        raise Refused("The password is wrong.", code="wrong_password")


def failed(registry: Registry, user: User) -> None:
    """Count a wrong password or code; every `ATTEMPTS` of them the account rests, longer each time."""
    user.failures = registered.count_failure(registry, user.id)
    if user.failures % ATTEMPTS == 0:
        # The exponent is bounded: a number of failures is not.
        doublings = min(user.failures // ATTEMPTS - 1, _MOST_DOUBLINGS)
        user.locked_until = _iso(_now() + min(_FIRST_REST * 2**doublings, _LONGEST_REST))
        registered.change_user(registry, user.id, None, locked_until=user.locked_until)


def succeeded(registry: Registry, user: User) -> None:
    """Forget wrong attempts after the right one."""
    if user.failures or user.locked_until:
        registered.change_user(registry, user.id, None, failures=0, locked_until=None)


def rests(user: User) -> bool:
    """Tell whether an account rests after wrong attempts."""
    return user.locked_until is not None and datetime.fromisoformat(user.locked_until) > _now()


def secret_hash(secret: str) -> str:
    """Return what is kept of a random secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _now() -> datetime:
    return datetime.now(UTC)


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
