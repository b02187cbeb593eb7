"""Users and what they may do, as administrators manage them; nobody changes their own rights."""

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import Depends, Path, Request
from pydantic import BaseModel, Field, StringConstraints

from bilanz.access import ALL, Duty, Grant, Right, User
from bilanz.app.account import accounts, granting
from bilanz.app.web import invitations, security
from bilanz.app.web.api.base import Code, Given, Limit, Listed, Offset, listed, new_router
from bilanz.app.web.guard import Caller, Guard
from bilanz.app.web.oidc import linked
from bilanz.app.web.state import Server, ServerOf
from bilanz.registry import sessions

router = new_router("users")

Administrator = Annotated[Caller, Depends(Guard(Right.USERS))]
Named = Annotated[str, Path(max_length=32, description="Identifier of the user.")]


class GrantTold(Given):
    """A duty on an organisation and everything below it; the empty organisation: on all of them."""

    duty: Duty
    organisation: Annotated[Code, Field(max_length=64)] = ALL


class UserTold(BaseModel):
    """A user. `standing`: active, invited (no password yet), rests (after wrong attempts) or inactive."""

    id: str
    login: str
    name: str
    standing: str
    has_second_factor: bool
    grants: list[GrantTold]


class NewUser(Given):
    """Who is to sign in. `identity`: with the sign-in service; empty: by password, which they choose."""

    login: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^\x00]*$")]
    name: Code = ""
    grants: Annotated[list[GrantTold], Field(max_length=100, default_factory=list)]
    identity: Code = ""


class Invited(BaseModel):
    """A user and the link by which they choose a password; null: they sign in by the sign-in service."""

    user: UserTold
    link: str | None
    days: int


class UserChange(Given):
    """What is changed of a user; what is absent stays. `is_resting`: only false; `identity`: empty: none."""

    grants: Annotated[list[GrantTold], Field(max_length=100)] | None = None
    is_active: bool | None = None
    is_resting: Literal[False] | None = None
    has_second_factor: Literal[False] | None = None
    identity: Code | None = None


def _told(user: User, grants: list[Grant]) -> UserTold:
    held = [GrantTold(duty=Duty(one.duty), organisation=one.organisation) for one in grants]
    return UserTold(
        id=user.id,
        login=user.login,
        name=user.name,
        standing=accounts.standing(user).value,
        has_second_factor=user.totp is not None,
        grants=held,
    )


def _pairs(grants: list[GrantTold]) -> list[tuple[str, str]]:
    return [(one.duty.value, one.organisation) for one in grants]


@router.get("/users")
def all_users(
    server: ServerOf, caller: Administrator, offset: Offset = 0, limit: Limit = 100
) -> Listed[UserTold]:
    """Return the users the caller manages, by login."""
    found = [_told(user, grants) for user, grants in granting.managed(server.registry, caller.reach)]
    return listed(found, offset, limit)


@router.get("/users/{user}")
def show(server: ServerOf, user: Named, caller: Administrator) -> UserTold:
    """Return a user the caller manages."""
    return _told(*granting.managed_user(server.registry, caller.reach, user))


@router.post("/users", status_code=HTTPStatus.CREATED)
def add(request: Request, server: ServerOf, caller: Administrator, told: NewUser) -> Invited:
    """Add a user; who signs in by password gets a link to choose one, which is answered once."""
    subject = linked(server.settings, told.identity)
    made = granting.add(
        server.registry,
        caller.reach,
        told.login,
        told.name,
        _pairs(told.grants),
        by=caller.user,
        subject=subject,
    )
    security.note(server, request, "user_added", made.login)
    return _invited(request, server, caller, made, is_by_password=subject is None)


@router.patch("/users/{user}")
def change(
    request: Request, server: ServerOf, user: Named, caller: Administrator, told: UserChange
) -> UserTold:
    """Change a user the caller manages: duties, whether they may sign in, what locks them out.

    Duties that may not be given change nothing else either.
    """
    registry, by = server.registry, caller.user.login
    found = granting.other_user(registry, caller.reach, caller.user, user)
    if told.grants is not None:
        granting.check_duties(registry, caller.reach, _pairs(told.grants))

    def note(event: str) -> None:
        security.note(server, request, event, found.login)

    if told.identity is not None:
        accounts.set_subject(registry, found, linked(server.settings, told.identity), by=by)
        sessions.end_sessions(registry, found.id)
        note("identity_changed")
    if told.grants is not None:
        granting.grant(registry, caller.reach, user, _pairs(told.grants), by=caller.user)
        note("grants_changed")
    if told.has_second_factor is not None:
        accounts.set_factor(registry, found, None, by=by)
        sessions.end_sessions(registry, found.id)
        note("second_factor_removed")
    if told.is_resting is not None:
        accounts.unlock(registry, found, by=by)
        note("unlocked")
    if told.is_active is not None:
        accounts.set_active(registry, found, is_active=told.is_active, by=by)
        note("let_in" if told.is_active else "locked_out")
    return show(server, user, caller)


@router.post("/users/{user}/invite")
def invite(request: Request, server: ServerOf, user: Named, caller: Administrator) -> Invited:
    """Take the password away, end sessions and tokens, and return a link to choose a new one."""
    found = granting.other_user(server.registry, caller.reach, caller.user, user)
    security.note(server, request, "invited", found.login)
    return _invited(request, server, caller, found, is_by_password=True)


def _invited(
    request: Request, server: Server, caller: Caller, user: User, *, is_by_password: bool
) -> Invited:
    link = None
    if is_by_password:
        accounts.invite(server.registry, user, by=caller.user.login)
        link = invitations.link(request, server, user)
    found = granting.managed_user(server.registry, caller.reach, user.id)
    return Invited(user=_told(*found), link=link, days=invitations.DAYS)
