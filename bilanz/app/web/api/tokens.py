"""Personal tokens. They are made and revoked in a session: a token that leaks must not make further ones."""

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import Depends, Path, Request
from pydantic import BaseModel, Field

from bilanz.access import ApiToken
from bilanz.app.web import security
from bilanz.app.web.api.base import Code, Given, Limit, Listed, Offset, listed, new_router
from bilanz.app.web.guard import Caller, Guard
from bilanz.app.web.sessions import LONGEST_TOKEN, make_token, revoke_token
from bilanz.app.web.state import ServerOf
from bilanz.registry import sessions

router = new_router("tokens")

Own = Annotated[Caller, Depends(Guard(None))]
Scope = Literal["read", "deliver", "calculate", "review", "manage"]


class TokenTold(BaseModel):
    """A token, without its secret. Times: UTC."""

    id: str
    name: str
    scopes: list[str]
    created_at: str
    expires_at: str
    used_at: str | None
    revoked_at: str | None


class NewToken(Given):
    """What a token is called, what it is for, and how many days it lives."""

    name: Annotated[Code, Field(min_length=1)]
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=5)]
    days: Annotated[int, Field(ge=1, le=LONGEST_TOKEN)] = 90


class TokenMade(BaseModel):
    """A new token; it is shown this once."""

    token: str


def _told(token: ApiToken) -> TokenTold:
    return TokenTold(**{name: getattr(token, name) for name in TokenTold.model_fields})


@router.get("/tokens")
def own(server: ServerOf, caller: Own, offset: Offset = 0, limit: Limit = 100) -> Listed[TokenTold]:
    """Return the caller's tokens, the newest first."""
    found = [_told(one) for one in sessions.tokens_of(server.registry, caller.user.id)]
    return listed(found, offset, limit)


@router.post("/tokens", status_code=HTTPStatus.CREATED)
def make(request: Request, server: ServerOf, caller: Own, told: NewToken) -> TokenMade:
    """Make a token. Only in a session, with its `X-CSRF-Token`: with a token it is forbidden."""
    made = make_token(server, caller.user, told.name, list(told.scopes), told.days)
    security.note(server, request, "token_made", caller.user.login)
    return TokenMade(token=made)


@router.delete("/tokens/{token}", status_code=HTTPStatus.NO_CONTENT)
def revoke(
    request: Request,
    server: ServerOf,
    caller: Own,
    token: Annotated[str, Path(max_length=16, description="Identifier of the token.")],
) -> None:
    """Make a token useless. Only in a session, with its `X-CSRF-Token`: with a token it is forbidden."""
    revoke_token(server, caller.user, token)
    security.note(server, request, "token_revoked", caller.user.login)
