"""Users and what they may do."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from bilanz.access import ALL, Duty, Right, User
from bilanz.app.account import accounts, granting
from bilanz.app.web import duties, invitations, security
from bilanz.app.web.guard import Caller, Guard
from bilanz.app.web.oidc import linked
from bilanz.app.web.state import Server, ServerOf
from bilanz.app.web.views import page
from bilanz.errors import UsageError
from bilanz.messages import translate
from bilanz.registry import sessions
from bilanz.registry.organisations import organisations

router = APIRouter(prefix="/users")

EVERYWHERE: Final = "*"
"""What the form holds for all organisations."""

Administrator = Annotated[Caller, Depends(Guard(Right.USERS))]
Short = Annotated[str, Form(max_length=200)]


@router.get("")
def listed(request: Request, server: ServerOf, caller: Administrator) -> Response:
    """List the users the caller manages."""
    units = organisations(server.registry)
    rows = [
        {
            "user": user,
            "duties": duties.told(grants, units, caller.language),
            "standing": accounts.standing(user),
        }
        for user, grants in granting.managed(server.registry, caller.reach)
    ]
    return page(request, "users_list.html.jinja", rows=rows, standings=duties.STANDINGS)


@router.get("/new")
def form(request: Request, server: ServerOf, caller: Administrator) -> Response:
    """Show the form for a new user."""
    return _form(request, server, caller)


@router.post("/new")
def add(
    request: Request,
    server: ServerOf,
    caller: Administrator,
    login: Short,
    name: Short = "",
    duty: Short = "",
    organisation: Short = "",
    identity: Short = "",
) -> Response:
    """Add a user; who signs in by password gets a link to choose one."""
    told = {"login": login, "name": name, "duty": duty, "organisation": organisation, "identity": identity}
    try:
        subject = linked(server.settings, identity)
        wanted = [_wanted(caller, duty, organisation)] if duty else []
        made = granting.add(
            server.registry, caller.reach, login, name, wanted, by=caller.user, subject=subject
        )
    except UsageError as error:
        said = translate(error.template, caller.language, **error.parameters)
        return _form(request, server, caller, told, said)
    security.note(server, request, "user_added", made.login)
    if subject is not None:
        return _back(made)
    return _invited(request, server, caller, made)


@router.get("/{user}")
def show(request: Request, server: ServerOf, user: str, caller: Administrator) -> Response:
    """Show a user with what may be done to them."""
    return _user(request, server, caller, user)


@router.post("/{user}/grants")
def grant(
    request: Request,
    server: ServerOf,
    user: str,
    caller: Administrator,
    kept: Annotated[list[str] | None, Form()] = None,
    duty: Short = "",
    organisation: Short = "",
) -> Response:
    """Keep the duties that are ticked and add one."""
    wanted = [(word, where) for word, _, where in (told.partition("@") for told in kept or [])]
    try:
        if duty:
            wanted.append(_wanted(caller, duty, organisation))
        granting.grant(server.registry, caller.reach, user, wanted, by=caller.user)
    except UsageError as error:
        said = translate(error.template, caller.language, **error.parameters)
        return _user(request, server, caller, user, said)
    return _done(request, server, caller, user, "grants_changed")


@router.post("/{user}/invite")
def invite(request: Request, server: ServerOf, user: str, caller: Administrator) -> Response:
    """Take the password away and show a link to choose a new one."""
    found = granting.other_user(server.registry, caller.reach, caller.user, user)
    security.note(server, request, "invited", found.login)
    return _invited(request, server, caller, found)


@router.post("/{user}/active")
def active(request: Request, server: ServerOf, user: str, caller: Administrator, to: Short = "") -> Response:
    """Lock a user out, or let them in again."""
    found = granting.other_user(server.registry, caller.reach, caller.user, user)
    if to not in {"in", "out"}:
        raise UsageError("Missing or not as expected: {where}.", where="to")
    accounts.set_active(server.registry, found, is_active=to == "in", by=caller.user.login)
    return _done(request, server, caller, user, "let_in" if found.is_active else "locked_out")


@router.post("/{user}/unlock")
def unlock(request: Request, server: ServerOf, user: str, caller: Administrator) -> Response:
    """Let an account that rests after wrong attempts be used again."""
    found = granting.other_user(server.registry, caller.reach, caller.user, user)
    accounts.unlock(server.registry, found, by=caller.user.login)
    return _done(request, server, caller, user, "unlocked")


@router.post("/{user}/factor")
def factor(request: Request, server: ServerOf, user: str, caller: Administrator) -> Response:
    """Take the second factor away from who has lost it; their sessions end."""
    found = granting.other_user(server.registry, caller.reach, caller.user, user)
    accounts.set_factor(server.registry, found, None, by=caller.user.login)
    sessions.end_sessions(server.registry, found.id)
    return _done(request, server, caller, user, "second_factor_removed")


@router.post("/{user}/identity")
def identity(
    request: Request, server: ServerOf, user: str, caller: Administrator, identity: Short = ""
) -> Response:
    """Link a user with an identity of the sign-in service, or with none; their sessions end."""
    found = granting.other_user(server.registry, caller.reach, caller.user, user)
    try:
        subject = linked(server.settings, identity)
        accounts.set_subject(server.registry, found, subject, by=caller.user.login)
    except UsageError as error:
        said = translate(error.template, caller.language, **error.parameters)
        return _user(request, server, caller, user, said)
    sessions.end_sessions(server.registry, found.id)
    return _done(request, server, caller, user, "identity_changed")


def _wanted(caller: Caller, duty: str, organisation: str) -> tuple[str, str]:
    """Return the duty that was chosen; the form names all organisations by a word of its own.

    Raises:
        UsageError: no organisation was chosen.
    """
    if not organisation:
        raise UsageError("Choose the organisation of the duty.")
    return duty, ALL if organisation == EVERYWHERE and caller.may(Right.USERS, ALL) else organisation


def _done(request: Request, server: Server, caller: Caller, user: str, event: str) -> Response:
    found, _ = granting.managed_user(server.registry, caller.reach, user)
    security.note(server, request, event, found.login)
    return _back(found)


def _back(user: User) -> Response:
    return RedirectResponse(f"/users/{user.id}", HTTPStatus.SEE_OTHER)


def _invited(request: Request, server: Server, caller: Caller, user: User) -> Response:
    accounts.invite(server.registry, user, by=caller.user.login)
    link = invitations.link(request, server, user)
    return page(request, "users_invited.html.jinja", user=user, link=link, days=invitations.DAYS)


def _choices(server: Server, caller: Caller) -> dict[str, Any]:
    """Return duties and organisations to choose from: those the caller manages users of."""
    units = organisations(server.registry)
    places = [(name, units[name].name) for name in caller.where(Right.USERS)]
    if caller.may(Right.USERS, ALL):
        places.insert(0, (EVERYWHERE, duties.everywhere(caller.language)))
    words = [(duty.value, translate(duties.DUTIES[duty], caller.language)) for duty in Duty]
    return {"duties": words, "places": places}


def _form(
    request: Request,
    server: Server,
    caller: Caller,
    told: Mapping[str, str] | None = None,
    problem: str = "",
) -> Response:
    return page(
        request,
        "users_new.html.jinja",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK,
        problem=problem,
        told=told or dict.fromkeys(("login", "name", "duty", "organisation", "identity"), ""),
        has_oidc=server.settings.oidc is not None,
        is_of_all=caller.may(Right.USERS, ALL),
        **_choices(server, caller),
    )


def _user(request: Request, server: Server, caller: Caller, user: str, problem: str = "") -> Response:
    found, grants = granting.managed_user(server.registry, caller.reach, user)
    units = organisations(server.registry)
    held = [
        (f"{one.duty}@{one.organisation}", words)
        for one, words in zip(grants, duties.told(grants, units, caller.language), strict=True)
    ]
    standing = accounts.standing(found)
    return page(
        request,
        "users_user.html.jinja",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK,
        problem=problem,
        user=found,
        held=held,
        standing=standing.value,
        standing_words=translate(duties.STANDINGS[standing], caller.language),
        is_self=found.id == caller.user.id,
        has_oidc=server.settings.oidc is not None,
        **_choices(server, caller),
    )
