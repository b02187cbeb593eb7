"""Accounts: who signs in, with what, and what they may do where.

Passwords are hashed with argon2id; after `ATTEMPTS` wrong ones in a row an account rests, longer each time.
"""

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from bilanz.access import ALL, RIGHTS, Duty, Grant, Right, User
from bilanz.errors import Refused, UnknownName, UsageError
from bilanz.organisation import OrganisationUnit
from bilanz.registry import users as registered
from bilanz.registry.engine import Registry
from bilanz.registry.organisations import organisation, organisations
from bilanz.trail import Deed

if TYPE_CHECKING:
    from pwdlib import PasswordHash

ATTEMPTS: Final = 5
LEAST: Final = 12
"""Characters a password has at least (ASVS 5.0, 6.2.1 asks for 8, recommends 15)."""
MOST: Final = 256
_FIRST_REST: Final = timedelta(minutes=1)
_LONGEST_REST: Final = timedelta(hours=1)


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
    found = [root] if root in units else []
    for name in found:  # grows while it is walked
        found += [unit.id for unit in units.values() if unit.parent == name and unit.id not in found]
    return found


def reach_of(registry: Registry, identifier: str) -> Reach:
    """Return what a user may do where, as it is now."""
    return reach(registered.grants(registry, identifier), organisations(registry))


def add_user(
    registry: Registry, login: str, name: str, password: str | None, *, by: str, subject: str | None = None
) -> User:
    """Register a user who may do nothing yet.

    Raises:
        UsageError: the login is none or taken, or the password is too short or too long.
    """
    login = login.strip().lower()
    if not login or not login.replace(".", "").replace("-", "").replace("_", "").replace("@", "").isalnum():
        raise UsageError('"{login}" is no login: letters, digits and . - _ @ only.', login=login)
    if registered.by_login(registry, login) is not None:
        raise UsageError('There is a user "{login}" already.', login=login)
    made = User(
        id=uuid4().hex,
        login=login,
        name=name.strip() or login,
        password_hash=None if password is None else hashed(password),
        subject=subject,
        created_at=_now().isoformat(timespec="seconds"),
    )
    registered.put_user(registry, made, Deed(by, "user.add", login, details={"name": made.name}))
    return made


def grant(registry: Registry, user: User, wanted: Iterable[tuple[str, str]], *, by: str) -> None:
    """Replace what a user may do. `wanted`: (duty, organisation); `ALL`: every organisation.

    Raises:
        UnknownName: there is no such duty or organisation.
    """
    rows = [Grant(user=user.id, duty=duty, organisation=where) for duty, where in sorted(set(wanted))]
    for row in rows:
        if row.duty not in set(Duty):
            raise UnknownName('"{name}" is not one of {expected}.', name=row.duty, expected=", ".join(Duty))
        if row.organisation != ALL:
            organisation(registry, row.organisation)
    before = [f"{one.duty} {one.organisation}".strip() for one in registered.grants(registry, user.id)]
    after = [f"{one.duty} {one.organisation}".strip() for one in rows]
    deed = Deed(by, "user.grant", user.login, details={"before": before, "after": after})
    registered.put_grants(registry, user.id, rows, deed)


def known(registry: Registry, login: str) -> User:
    """Return the user of a login.

    Raises:
        UnknownName: there is none.
    """
    found = registered.by_login(registry, login)
    if found is None:
        raise UnknownName('The user "{name}" is not known.', name=login)
    return found


def set_password(registry: Registry, user: User, password: str, *, by: str) -> None:
    """Give a user a password.

    Raises:
        UsageError: it is too short or too long.
    """
    user.password_hash, user.failures, user.locked_until = hashed(password), 0, None
    registered.put_user(registry, user, Deed(by, "user.password", user.login))


def set_active(registry: Registry, user: User, *, is_active: bool, by: str) -> None:
    """Let a user sign in, or no longer."""
    user.is_active = is_active
    action = "user.activate" if is_active else "user.deactivate"
    registered.put_user(registry, user, Deed(by, action, user.login))


def signed_in(registry: Registry, login: str, password: str) -> User:
    """Return the user a login and password belong to; what is wrong is not told.

    Raises:
        Refused: nobody, or the account rests.
    """
    user = registered.by_login(registry, login)
    if user is None or user.password_hash is None or not user.is_active:
        _hasher().verify(password[:MOST], _decoy())  # takes as long as for somebody there is
        raise Refused("Login or password is wrong.", code="wrong_login")
    if rests(user):
        raise Refused("Too many wrong attempts. Try again later.", code="locked")
    if not _hasher().verify(password[:MOST], user.password_hash):
        failed(registry, user)
        raise Refused("Login or password is wrong.", code="wrong_login")
    return user


def failed(registry: Registry, user: User) -> None:
    """Count a wrong password or code; every `ATTEMPTS` of them the account rests, longer each time."""
    user.failures += 1
    if user.failures % ATTEMPTS == 0:
        rest = min(_FIRST_REST * 2 ** (user.failures // ATTEMPTS - 1), _LONGEST_REST)
        user.locked_until = (_now() + rest).isoformat(timespec="seconds")
    registered.put_user(registry, user)


def succeeded(registry: Registry, user: User) -> None:
    """Forget wrong attempts after the right one."""
    if user.failures or user.locked_until:
        user.failures, user.locked_until = 0, None
        registered.put_user(registry, user)


def rests(user: User) -> bool:
    """Tell whether an account rests after wrong attempts."""
    return user.locked_until is not None and datetime.fromisoformat(user.locked_until) > _now()


def hashed(password: str) -> str:
    """Return the argon2id hash of a password.

    Raises:
        UsageError: it is too short or too long.
    """
    if not LEAST <= len(password) <= MOST:
        message = "A password has between {least} and {most} characters."
        raise UsageError(message, least=LEAST, most=MOST)
    return _hasher().hash(password)


def secret_hash(secret: str) -> str:
    """Return what is kept of a random secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


@cache
def _hasher() -> "PasswordHash":
    from pwdlib import PasswordHash
    from pwdlib.hashers.argon2 import Argon2Hasher

    return PasswordHash((Argon2Hasher(),))


@cache
def _decoy() -> str:
    return _hasher().hash(secrets.token_hex())


def _now() -> datetime:
    return datetime.now(UTC)
