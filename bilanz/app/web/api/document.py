"""The OpenAPI document, made of the routes and their guards."""

from functools import partial
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from bilanz.app.web.api.base import PREFIX, Problem
from bilanz.app.web.guard import Guard

ADDRESS: Final = f"{PREFIX}/openapi.json"

_ABOUT: Final = """\
Everything the pages do, for programs. Send a personal token (`Authorization: Bearer bilanz_…`, made on the
page of your account). Numbers that were calculated are decimal strings: they are exact. Times are UTC, ISO
8601. `Accept-Language: de` or `en` chooses the language of texts. Uploads may be sent again with the same
`Idempotency-Key`. What takes longer is a job: follow `/jobs/{job}`.
"""


def guards_of(route: APIRoute) -> list[Guard]:
    """Return the guards of a route."""
    return [one.call for one in route.dependant.dependencies if isinstance(one.call, Guard)]


def document(app: FastAPI, version: str) -> dict[str, Any]:
    """Return the OpenAPI document of the API."""
    routes = [route for route in app.routes if isinstance(route, APIRoute) and route.include_in_schema]
    made = get_openapi(title="bilanz", version=version, description=_ABOUT, routes=routes)
    parts = made.setdefault("components", {})
    parts.setdefault("schemas", {})["Problem"] = Problem.model_json_schema()
    parts["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    for route in routes:
        for method in sorted(route.methods or ()):
            described = made["paths"][route.path_format][method.lower()]
            _describe(described, guards_of(route))
    return made


def _describe(described: dict[str, Any], guards: list[Guard]) -> None:
    """State who may use a route; our own answer to malformed requests takes the place of the framework's."""
    described["security"] = [{"token": []}] if guards else []
    rights = [guard.right.value for guard in guards if guard.right is not None]
    if rights:
        described["x-right"] = rights[0]


def install(app: FastAPI, version: str) -> None:
    """Let the application answer with its document."""
    app.openapi = partial(document, app, version)  # type: ignore[method-assign] # the documented way
