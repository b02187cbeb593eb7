"""What the routes of the API share: their address, problems, pages of lists, what a program sends."""

from http import HTTPStatus
from typing import Annotated, Any, Final, Generic, TypeVar

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

PREFIX: Final = "/api/v1"
MOST: Final = 500
"""Most entries of a list at once."""

Item = TypeVar("Item")


class Problem(BaseModel):
    """What went wrong (RFC 9457), in the language the program accepts."""

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
    str, Query(alias="organisation", max_length=64, description="Organisation; empty: all together.")
]


def listed(items: list[Item], offset: int, limit: int) -> Listed[Item]:
    """Return a part of a list."""
    end = offset + limit
    return Listed(items=items[offset:end], total=len(items), next=end if end < len(items) else None)


_DESCRIBED: Final = {
    HTTPStatus.UNAUTHORIZED: "No token, or none that is valid.",
    HTTPStatus.FORBIDDEN: "The token's owner or its scopes do not allow this.",
    HTTPStatus.NOT_FOUND: "There is no such thing, or none the owner may see.",
    HTTPStatus.CONFLICT: "Not possible as things are; `detail` says why.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The request is larger than the server takes.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "Something stated is missing or not right; `detail` says what.",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests in a short time.",
    HTTPStatus.SERVICE_UNAVAILABLE: "The store is busy; ask again after `Retry-After` seconds.",
}

PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    int(status): {
        "description": text,
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for status, text in _DESCRIBED.items()
}


def new_router(tag: str) -> APIRouter:
    """Return a router of the API for one kind of things."""
    return APIRouter(prefix=PREFIX, tags=[tag], responses=PROBLEMS)
