"""Who asks, and whether they may: every route names the right it needs and the object it is about.

An object that is not theirs is not there: whoever may not read it learns nothing of it (404). What they may
read and not do is forbidden (403).
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from fastapi import Request
from fastapi.concurrency import run_in_threadpool

from bilanz.access import ALL, SCOPES, Right, User
from bilanz.app.account.accounts import Reach, reach_of
from bilanz.app.settings import Settings
from bilanz.app.web import security
from bilanz.app.web.language import language_of
from bilanz.app.web.problems import API
from bilanz.app.web.sessions import cookie_name, session_of, token_of
from bilanz.app.web.state import Server, server_of
from bilanz.app.web.subjects import SUBJECTS
from bilanz.errors import Forbidden, NotSignedIn, UnknownName
from bilanz.messages import Language

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
ANYWHERE: Final = "anywhere"
"""A route about no object: whoever has the right on any organisation; what is listed is theirs."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks.

    Attributes:
        csrf: what forms of the session hold; empty for a token.
        scopes: of a token; None: a session, which may all its user may.
        session: identifier of the session; None: a token.
        organisation: what the object of the route belongs to in the first place; `ALL`: to all, or to none.
    """

    user: User
    reach: Reach
    settings: Settings
    language: Language
    csrf: str = field(default="", repr=False)
    scopes: tuple[str, ...] | None = None
    session: str | None = None
    organisation: str = ALL

    def may(self, right: Right, organisation: str | None = None) -> bool:
        """Tell whether the caller may do something to an organisation; None: to any."""
        if self.scopes is not None and not any(right in SCOPES[scope] for scope in self.scopes):
            return False
        return self.reach.anywhere(right) if organisation is None else self.reach.may(right, organisation)

    def where(self, right: Right) -> list[str]:
        """Return the organisations the caller has a right on."""
        return self.reach.where(right) if self.may(right) else []


@dataclass(frozen=True, slots=True)
class Guard:
    """A dependency that lets a route be reached by those who may.

    Attributes:
        right: what is needed; None: to be signed in.
        of: the object it is needed on, a name of `SUBJECTS`, or `ANYWHERE`.
    """

    right: Right | None
    of: str = ANYWHERE

    async def __call__(self, request: Request) -> Caller:
        """Return the caller.

        Raises:
            NotSignedIn: nobody we know.
            UnknownName: the object is not there, or not theirs.
            Forbidden: they may read it and not do this, or the form is not of their session.

        Whoever is turned away stands in the security log.
        """
        server = server_of(request)
        parameters = {**request.query_params, **request.path_params}
        caller = await run_in_threadpool(self._caller, server, request, parameters)
        if caller.session is not None and request.method not in SAFE:
            try:
                await check_form(request, caller.csrf)
            except Forbidden:
                await run_in_threadpool(security.note, server, request, "form_refused", caller.user.login)
                raise
        request.state.caller = caller
        return caller

    def _caller(self, server: Server, request: Request, parameters: Mapping[str, str]) -> Caller:
        found = caller_of(server, request)
        if found is None:
            raise NotSignedIn("Sign in first.")
        request.state.caller = found  # so that the page that refuses is theirs: language, navigation
        try:
            return self._checked(server, request, found, parameters)
        except (Forbidden, _NotTheirs):
            security.note(server, request, "not_allowed", found.user.login)
            raise

    def _checked(
        self, server: Server, request: Request, found: Caller, parameters: Mapping[str, str]
    ) -> Caller:
        if any("\0" in value for value in parameters.values()):  # databases refuse such a text
            raise UnknownName(_NOTHING)
        if self.right is None:
            # No scope speaks of the account itself: a token that leaks must not make further ones.
            if found.scopes is not None and request.method not in SAFE:
                raise Forbidden("You may not do this.")
            return found
        if self.of == ANYWHERE:
            if not found.may(self.right):
                raise Forbidden("You may not do this.")
            return found
        try:
            where = SUBJECTS[self.of](server, parameters)
        except UnknownName as error:
            raise UnknownName(_NOTHING) from error
        if not all(found.may(self.right, one) for one in where):
            if all(found.may(Right.READ, one) or found.may(Right.READ_RELEASED, one) for one in where):
                raise Forbidden("You may not do this.")
            raise _NotTheirs(_NOTHING)
        return replace(found, organisation=where[0])


_NOTHING: Final = "There is nothing here, or nothing you may see."
"""The same words for both: nobody learns by trying what is there."""


class _NotTheirs(UnknownName):
    """Something is there that they may not see."""


def caller_of(server: Server, request: Request) -> Caller | None:
    """Return who asks: by a token in the header, else by the cookie of a session; None: nobody.

    Tokens are of the API only: what pages do beyond it, no scope names.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    common: dict[str, Any]
    if scheme.lower() == "bearer" and request.url.path.startswith(API):
        found = token_of(server, token.strip())
        if found is None:
            return None
        shown, user = found
        common = {"scopes": tuple(shown.scopes)}
    else:
        kept = session_of(server, request.cookies.get(cookie_name(server), ""))
        if kept is None:
            return None
        session, user = kept
        common = {"csrf": session.csrf, "session": session.id}
    language = language_of(request, user.language)
    settings = server.settings.model_copy(update={"user": user.login, "lang": language})
    return Caller(user, reach_of(server.registry, user.id), settings, language, **common)


async def check_form(request: Request, expected: str) -> None:
    """Refuse what another site made a browser send.

    Raises:
        Forbidden: the request is of another site, or does not hold what forms of the session hold.
    """
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise Forbidden("The request comes from another site.")
    sent = request.headers.get("x-csrf-token")
    if sent is None and request.headers.get("content-type", "").startswith(_FORMS):
        sent = str((await request.form()).get("csrf", ""))
    if not secrets.compare_digest((sent or "").encode(), expected.encode()):
        await request.close()  # what was uploaded with the form
        raise Forbidden("The form has run out. Load the page again.")


_FORMS: Final = ("multipart/form-data", "application/x-www-form-urlencoded")


def public() -> None:
    """Declare a route that anybody may reach."""
