"""The OpenAPI document, made of the routes and their guards."""

from functools import partial
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts

from bilanz.app.web.api.base import PREFIX, Problem
from bilanz.app.web.guard import Guard

ADDRESS: Final = f"{PREFIX}/openapi.json"

_ABOUT: Final = """\
Everything the pages do, for programs. Send a personal token (`Authorization: Bearer bilanz_…`, made on the
page of your account). Numbers that were calculated are decimal strings: they are exact. Times are UTC, ISO
8601. `Accept-Language: de` or `en` chooses the language of texts. Uploads may be sent again with the same
`Idempotency-Key`. What takes longer is a job: it is answered with 202 and a `Location`; follow it there.
What goes wrong is a problem (RFC 9457) with a `code` for programs. Lists are asked for part by part with
`offset` and `limit`; `next` is the offset of the part that follows.
"""

_TAGS: Final = {
    "account": "Who asks, and which organisations they may see.",
    "tokens": "Personal tokens; made and revoked in a session only.",
    "jobs": "What takes longer than a request.",
    "uploads": "Files handed in: read, counted, then taken over or discarded.",
    "files": "Files that were taken over.",
    "balances": "Balances: totals, lines, explanations, files.",
    "fund": "The common fund: contributions, projects with their effects, the workbook.",
    "review": "What is missing, has no figure or is suspect, and the decisions on it.",
    "periods": "Release, closing and restatement of years.",
    "master": "Organisations, sites, sources, terms, contracts and what else is registered.",
    "trail": "The audit trail.",
    "users": "Users and what they may do.",
}

_SCHEMES: Final = {
    "token": {"type": "http", "scheme": "bearer", "description": "A personal token with scopes."},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "bilanz",
        "description": "The session of a browser; what changes something also needs its `X-CSRF-Token`.",
    },
}


def routes_of(app: FastAPI) -> list[RouteContext]:
    """Return the routes of the API; FastAPI keeps those of a router together as one."""
    found = (one for one in iter_route_contexts(app.routes) if isinstance(one.original_route, APIRoute))
    return [route for route in found if route.include_in_schema]


def guards_of(route: RouteContext) -> list[Guard]:
    """Return the guards of a route."""
    return [one.call for one in route.dependant.dependencies if isinstance(one.call, Guard)]


def document(app: FastAPI, version: str) -> dict[str, Any]:
    """Return the OpenAPI document of the API."""
    routes = routes_of(app)
    tags = [{"name": name, "description": text} for name, text in _TAGS.items()]
    made = get_openapi(title="bilanz", version=version, description=_ABOUT, routes=routes, tags=tags)
    parts = made.setdefault("components", {})
    schemas = parts.setdefault("schemas", {})
    schemas["Problem"] = Problem.model_json_schema()
    for name in ("HTTPValidationError", "ValidationError"):  # the framework's; ours are problems
        schemas.pop(name, None)
    parts["securitySchemes"] = _SCHEMES
    for route in routes:
        for method in sorted(route.methods or ()):
            described = made["paths"][route.path_format][method.lower()]
            _describe(described, guards_of(route), is_safe=method in {"GET", "HEAD"})
    return made


def _describe(described: dict[str, Any], guards: list[Guard], *, is_safe: bool) -> None:
    """State who may use a route, and say of it what concerns who uses it."""
    is_personal = any(guard.right is None for guard in guards) and not is_safe
    ways = [{"session": list[str]()}] if is_personal else [{"token": list[str]()}, {"session": []}]
    described["security"] = ways if guards else []
    rights = [guard.right.value for guard in guards if guard.right is not None]
    if rights:
        described["x-right"] = rights[0]
    text = described.get("description", "").partition("\n\nRaises:")[0]
    described["description"] = " ".join(text.split()) + (
        f"\n\nNeeds the right `{rights[0]}`." if rights else ""
    )
    described["summary"] = text.partition(". ")[0].partition("\n")[0].rstrip(".")


def install(app: FastAPI, version: str) -> None:
    """Let the application answer with its document."""
    app.openapi = partial(document, app, version)  # type: ignore[method-assign] # the documented way
