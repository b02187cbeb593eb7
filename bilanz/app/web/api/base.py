"""What the routes of the API share: their address, problems, pages of lists, what a program sends."""

from http import HTTPStatus
from typing import Annotated, Any, Final, Generic, TypeVar

from fastapi import APIRouter, Path, Query
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, StringConstraints

from bilanz.access import Right
from bilanz.app.web.guard import Caller
from bilanz.errors import Forbidden, UnknownName

PREFIX: Final = "/api/v1"
MOST: Final = 500
"""Most entries of a list at once."""

Item = TypeVar("Item")

_SEEN: Final = r"^[^\x00]*$"
"""Texts hold no NUL: databases keep none."""

Code = Annotated[str, StringConstraints(max_length=200, pattern=_SEEN)]
"""A name, a code, an identifier."""

Said = Annotated[str, StringConstraints(max_length=1000, pattern=_SEEN)]
"""A reason, a note."""

Needed = Annotated[str, StringConstraints(min_length=1, max_length=1000, pattern=_SEEN)]
"""A reason that has to be given."""

Exact = Annotated[str, StringConstraints(max_length=60, pattern=r"^-?[0-9]{1,20}(\.[0-9]{1,20})?$")]
"""A decimal number as text: point, no thousands."""


class Problem(BaseModel):
    """What went wrong (RFC 9457), in the language the program accepts."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "about:blank",
                    "title": "Not found",
                    "status": 404,
                    "detail": "There is nothing here, or nothing you may see.",
                    "code": "unknown_name",
                }
            ]
        }
    )

    type: str
    title: str
    status: int
    detail: str
    code: str


class Listed(BaseModel, Generic[Item]):
    """A part of a list. `next`: `offset` of the part that follows, null at its end."""

    items: list[Item]
    total: int
    next: int | None


class Given(BaseModel):
    """Base of what programs send: a field nobody knows is an error, not a silence."""

    model_config = ConfigDict(extra="forbid")


Offset = Annotated[int, Query(ge=0, le=10**9, description="Entries to pass over.")]
Limit = Annotated[int, Query(ge=1, le=MOST, description="Entries at most.")]
Unit = Annotated[
    str,
    Query(
        alias="organisation",
        max_length=64,
        pattern=_SEEN,
        description="Organisation by its identifier; empty: all together, which needs a grant on all.",
        examples=["stadtwerke"],
    ),
]
Only = Annotated[
    str,
    Query(
        alias="organisation",
        max_length=64,
        pattern=_SEEN,
        description="Only of this organisation; empty: of every one the caller may read.",
        examples=["stadtwerke"],
    ),
]
Year = Annotated[int, Path(ge=1900, le=2200, description="Calendar year.", examples=[2024])]


def of_list(items: list[Item], total: int, offset: int) -> Listed[Item]:
    """Return a part of a list that was asked for as such."""
    end = offset + len(items)
    return Listed(items=items, total=total, next=end if items and end < total else None)


def listed(items: list[Item], offset: int, limit: int) -> Listed[Item]:
    """Return a part of a whole list."""
    return of_list(items[offset : offset + limit], len(items), offset)


def check(caller: Caller, right: Right, organisation: str) -> None:
    """Let only who has a right on an organisation go on, as the guard does with objects of an address.

    Raises:
        UnknownName: they may not even see it.
        Forbidden: they may see it and not do this.
    """
    if caller.may(right, organisation):
        return
    if caller.may(Right.READ, organisation) or caller.may(Right.READ_RELEASED, organisation):
        raise Forbidden("You may not do this.")
    raise UnknownName("There is nothing here, or nothing you may see.")


def places(caller: Caller, right: Right, only: str) -> list[str]:
    """Return the organisations a list is of: the one asked for, else all the caller has the right on.

    Raises:
        UnknownName: the one asked for is not theirs.
    """
    if not only:
        return caller.where(right)
    check(caller, right, only)
    return [only]


_DESCRIBED: Final = {
    HTTPStatus.BAD_REQUEST: "The request cannot be understood.",
    HTTPStatus.UNAUTHORIZED: "No token, or none that is valid.",
    HTTPStatus.FORBIDDEN: "The token's owner or its scopes do not allow this.",
    HTTPStatus.NOT_FOUND: "There is no such thing, or none the owner may see.",
    HTTPStatus.CONFLICT: "Not possible as things are; `detail` says why.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The request is larger than the server takes.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "What was sent is of another media type than is taken here.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "Something stated is missing or not right; `detail` says what.",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests in a short time; ask again after `Retry-After` seconds.",
    HTTPStatus.SERVICE_UNAVAILABLE: "The store is busy; ask again after `Retry-After` seconds.",
}
_OF_FILES: Final = (HTTPStatus.UNSUPPORTED_MEDIA_TYPE,)


def _problem(status: HTTPStatus) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": _DESCRIBED[status], "content": content}


PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    int(status): _problem(status) for status in _DESCRIBED if status not in _OF_FILES
}
"""Status → answer of every route."""

OF_FILES: Final[dict[int | str, dict[str, Any]]] = {int(status): _problem(status) for status in _OF_FILES}
"""Status → further answers of routes that take files."""


def media(kind: str, description: str) -> dict[int | str, dict[str, Any]]:
    """Return how an answer that is a file is described."""
    schema = {"type": "string", "format": "binary"}
    return {200: {"description": description, "content": {kind: {"schema": schema}}}}


def _identifier(route: APIRoute) -> str:
    return f"{route.tags[0]}_{route.name}"


def new_router(tag: str) -> APIRouter:
    """Return a router of the API for one kind of things."""
    return APIRouter(prefix=PREFIX, tags=[tag], responses=PROBLEMS, generate_unique_id_function=_identifier)
