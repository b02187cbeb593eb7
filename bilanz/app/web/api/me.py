"""Who asks, and which organisations they may see."""

from typing import Annotated, Any

from fastapi import Depends, Request
from pydantic import BaseModel

from bilanz.access import ALL, Right
from bilanz.app.web.api.base import PREFIX, Limit, Listed, Offset, listed, new_router
from bilanz.app.web.api.document import ADDRESS
from bilanz.app.web.guard import Caller, Guard, public
from bilanz.app.web.state import ServerOf
from bilanz.registry.organisations import organisations

router = new_router("account")


class Me(BaseModel):
    """Who asks. `rights`: organisation → rights; the empty organisation: all together."""

    login: str
    name: str
    scopes: list[str] | None
    rights: dict[str, list[str]]


class Organisation(BaseModel):
    """An organisation the caller may see."""

    id: str
    name: str
    kind: str
    parent: str | None
    rights: list[str]


@router.get("/me")
def who(caller: Annotated[Caller, Depends(Guard(None))]) -> Me:
    """Return who asks and what they may do where."""
    rights = {
        name: [right.value for right in Right if caller.may(right, name)] for name in caller.reach.rights
    }
    scopes = None if caller.scopes is None else list(caller.scopes)
    return Me(login=caller.user.login, name=caller.user.name, scopes=scopes, rights=rights)


@router.get("/organisations")
def listed_organisations(
    server: ServerOf,
    caller: Annotated[Caller, Depends(Guard(Right.READ_RELEASED))],
    offset: Offset = 0,
    limit: Limit = 100,
) -> Listed[Organisation]:
    """Return the organisations the caller may see."""
    units = organisations(server.registry)
    seen = [name for name in caller.reach.rights if name != ALL and caller.may(Right.READ_RELEASED, name)]
    told_ = [
        Organisation(
            id=name,
            name=units[name].name,
            kind=units[name].kind,
            parent=units[name].parent if units[name].parent in seen else None,
            rights=[right.value for right in Right if caller.may(right, name)],
        )
        for name in sorted(seen)
    ]
    return listed(told_, offset, limit)


@router.get(ADDRESS.removeprefix(PREFIX), dependencies=[Depends(public)], include_in_schema=False)
def openapi(request: Request) -> dict[str, Any]:
    """Return the OpenAPI document."""
    made: dict[str, Any] = request.app.openapi()
    return made
