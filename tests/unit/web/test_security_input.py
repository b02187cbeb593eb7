"""Whatever an address or a form holds, the server says what is wrong and does not fail."""

import re
from collections.abc import Iterator
from typing import Final

import pytest
import web
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from fastapi.testclient import TestClient

from bilanz.app.account import accounts
from bilanz.app.web.attempts import Attempts
from bilanz.app.web.throttle import Throttled

ABSURD: Final = (
    "-1",
    "9" * 30,
    "x' OR '1'='1",
    "{x.__class__}%s{{7*7}}",
    "../../etc/passwd",
    "\x00\u202e\ufffe",
    "x" * 3000,
)
"""Numbers nobody means, words of other languages, signs nobody sees."""

BODIES: Final = (
    ("application/json", b"[" * 2000),
    ("application/json", b"\xff\xfe\x00"),
    ("multipart/form-data", b"x"),
    ("multipart/form-data; boundary=x", b"--x\r\n\r\n--x--"),
    ("x/y", b"\xff"),
)
"""Kinds of bodies that are none."""

NEVER: Final = ("Traceback", "sqlite3", "sqlalchemy", "site-packages", "root:x:0")
"""What would show the inside of the server."""

ENDS_THE_SESSION: Final = {"/logout"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[web.Site]:
    settings = web.settings_of(tmp_path_factory.mktemp("input"))
    web.populate(settings)
    with pytest.MonkeyPatch.context() as patch, web.served(settings) as served:
        patch.setattr(Throttled, "_may_ask", lambda _self, _request: True)
        patch.setattr(Attempts, "are_used_up", lambda _self, _address: False)
        yield served


@pytest.fixture
def almighty(site: web.Site) -> web.Visitor:
    """Return somebody no guard stops, so that every route sees what was sent."""
    registry = site.server.registry
    everything = [(duty, "") for duty in ("officer", "reviewer", "auditor", "administrator")]
    user = accounts.known(registry, "clara")
    accounts.set_active(registry, user, is_active=True, by="test")
    accounts.grant(registry, user, everything, by="test")
    accounts.unlock(registry, user, by="test")
    visitor = site.as_("clara")
    shown = TestClient(site.client.app, base_url="http://localhost", raise_server_exceptions=False)
    shown.cookies.update(visitor.client.cookies)
    return web.Visitor(shown, visitor.csrf)


def routes(site: web.Site) -> list[RouteContext]:
    """Return every route of the application."""
    found = iter_route_contexts(site.client.app.routes)  # type: ignore[attr-defined] # the application
    return [route for route in found if isinstance(route.original_route, APIRoute)]


def fields(dependant: Dependant, kind: str) -> list[str]:
    """Return the names of the parameters of a kind, with those of what a route depends on."""
    below = [name for one in dependant.dependencies for name in fields(one, kind)]
    own = [
        name
        for one in getattr(dependant, kind)
        for name in getattr(one.field_info.annotation, "model_fields", [one.alias])
    ]
    return [*own, *below]


def failed(visitor: web.Visitor, method: str, path: str, **sent: object) -> list[str]:
    """Return where the server failed or showed its inside."""
    headers = {"x-csrf-token": visitor.csrf, **sent.pop("headers", {})}  # type: ignore[dict-item] # headers
    answer = visitor.client.request(method, path, headers=headers, follow_redirects=False, **sent)  # type: ignore[arg-type] # what is sent
    is_wrong = answer.status_code >= 500 or any(word in answer.text for word in NEVER)
    return [f"{method} {path[:80]} {str(sent)[:120]}: {answer.status_code}"] if is_wrong else []


def filled(path: str, value: str) -> str:
    return re.sub(r"{\w+(?::\w+)?}", value, path)


def test_no_query_makes_the_server_fail(site: web.Site, almighty: web.Visitor) -> None:
    tried, found = 0, []
    for route in routes(site):
        named = sorted({*fields(route.dependant, "query_params"), "organisation"})
        path = filled(route.path_format, "2024")
        if path in ENDS_THE_SESSION or path.endswith("/events"):
            continue
        for method in route.methods or ():
            for value in ABSURD:
                found += failed(almighty, method, path, params=dict.fromkeys(named, value))
            for name in named:
                found += failed(almighty, method, path, params={name: "9" * 30})
                tried += 1
            found += failed(almighty, method, path, params=[(name, "2024") for name in named * 2])
    assert not found
    assert tried > 100


def test_no_address_makes_the_server_fail(site: web.Site, almighty: web.Visitor) -> None:
    tried, found = 0, []
    for route in routes(site):
        for method in route.methods or () if "{" in route.path_format else ():
            for value in ("-1", "9" * 30, "x'--", "%00", "%0a%25%ff", "%2e%2e%2f", "x" * 3000):
                found += failed(almighty, method, filled(route.path_format, value))
                tried += 1
    assert not found
    assert tried > 100


def test_no_form_makes_the_server_fail(site: web.Site, almighty: web.Visitor) -> None:
    tried, found = 0, []
    for route in routes(site):
        if "POST" not in (route.methods or ()) or route.path_format in ENDS_THE_SESSION:
            continue
        path = filled(route.path_format, "2024")
        named = [*fields(route.dependant, "body_params"), "organisation", "key"]
        for value in ABSURD[1:]:
            found += failed(almighty, "POST", path, data=dict.fromkeys(named, value))
            tried += 1
        for kind, content in BODIES:
            found += failed(almighty, "POST", path, content=content, headers={"content-type": kind})
    assert not found
    assert tried > 20
