"""Requests that nobody's browser sends by itself."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import web
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.types import Message

from bilanz.access import SCOPES
from bilanz.app.account import accounts
from bilanz.app.web.sessions import make_token
from bilanz.job import Job, JobState
from bilanz.registry import jobs, sessions

EVIL = "evil.example"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[web.Site]:
    settings = web.settings_of(tmp_path_factory.mktemp("requests"))
    web.populate(settings)
    with web.served(settings) as found:
        yield found


def server(site: web.Site) -> Any:  # noqa: ANN401 - what the application holds
    return site.server


def token(site: web.Site, login: str, *scopes: str) -> dict[str, str]:
    user = accounts.known(server(site).registry, login)
    return {"authorization": f"Bearer {make_token(server(site), user, 'test', list(scopes), 1)}"}


def a_job(site: web.Site, organisation: str) -> str:
    made = Job(
        id=f"job-{uuid4().hex[:24]}",
        kind="trial",
        organisation=organisation,
        by="test",
        language="en",
        state=JobState.FAILED.value,
        created_at=jobs.now(),
    )
    jobs.put_job(server(site).registry, made)
    return made.id


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
def test_a_method_nobody_needs_is_refused(site: web.Site, method: str) -> None:
    assert site.client.request(method, "/login").status_code == 405


def test_no_answer_repeats_the_host_a_request_names(site: web.Site) -> None:
    visitor = site.as_("olga")
    headers = {
        "host": EVIL,
        "x-forwarded-host": EVIL,
        "x-forwarded-proto": "https",
        "forwarded": f"host={EVIL}",
    }
    for path in ("/", "/login", "/login/", "/nothing", "/account", "/account/", "/healthz/", "/api/v1/me/"):
        answer = visitor.client.get(path, headers=headers, follow_redirects=False)
        assert EVIL not in answer.text, path
        assert EVIL not in str(answer.headers), path


def test_the_object_of_the_path_is_the_one_that_is_asked_for(site: web.Site) -> None:
    """A second name in the query, first or last, opens nothing."""
    olga = site.as_("olga")
    own, foreign = a_job(site, "works"), a_job(site, "schools")
    for query in (
        f"?job={own}",
        f"?job={own}&job={foreign}",
        f"?job={foreign}&job={own}",
        "?organisation=works",
    ):
        olga.get(f"/jobs/{foreign}/events{query}", status=404)
        olga.get(f"/jobs/{own}/events{query}")


def test_an_address_is_decoded_once(site: web.Site) -> None:
    olga, own = site.as_("olga"), a_job(site, "works")
    olga.get(f"/jobs/{own.replace('-', '%2D')}/events")
    for foreign in (f"x%2F..%2F{own}", f"%2E%2E/{own}", f"{own}%00", f"{own}%20"):
        olga.get(f"/jobs/{foreign}/events", status=404)


def test_nothing_lies_beside_the_files_that_are_served(site: web.Site) -> None:
    for path in ("../server.py", "..%2Fserver.py", "%2e%2e/server.py", "..%5Cserver.py", "/etc/passwd", "."):
        assert site.client.get(f"/static/own/{path}").status_code in {404, 405}, path
    for path in ("/static/own/", "/static/kern/", "/static/", "/.git/config", "/web.key"):
        assert site.client.get(path).status_code == 404, path


def test_what_is_not_there_and_what_is_foreign_look_the_same(site: web.Site) -> None:
    olga = site.as_("olga")
    foreign, missing = a_job(site, "schools"), "job-of-nobody"
    told = [olga.get(f"/jobs/{name}/events", status=404).replace(name, "…") for name in (foreign, missing)]
    assert told[0] == told[1]
    headers = token(site, "olga", "read")
    api = [site.client.get(f"/api/v1/jobs/{name}", headers=headers).json() for name in (foreign, missing)]
    assert api[0] == api[1]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ('{"csrf": "x"}', "application/json"),
        ("csrf=x", "text/plain"),
        ("csrf=x", "application/x-www-form-urlencoded"),
        ("", "application/x-www-form-urlencoded"),
        ('{"a": "=b"}', "text/plain"),
    ],
)
def test_no_kind_of_body_does_without_the_token_of_the_session(
    site: web.Site, content: str, kind: str
) -> None:
    olga = site.as_("olga")
    for path in ("/logout", f"/api/v1/jobs/{a_job(site, 'works')}/cancel"):
        answer = olga.client.post(path, content=content, headers={"content-type": kind})
        assert answer.status_code == 403, path
    olga.get("/account")


def test_the_token_of_the_session_is_no_query_parameter(site: web.Site) -> None:
    olga = site.as_("olga")
    assert olga.client.post(f"/logout?csrf={olga.csrf}").status_code == 403


@pytest.mark.parametrize("site_of_request", ["cross-site", "same-site"])
def test_a_request_of_another_site_is_refused_with_the_right_token_too(
    site: web.Site, site_of_request: str
) -> None:
    olga = site.as_("olga")
    headers = {"sec-fetch-site": site_of_request, "x-csrf-token": olga.csrf}
    assert olga.client.post("/logout", headers=headers).status_code == 403
    olga.get("/account")


def test_signing_in_takes_a_form_of_this_browser_only(site: web.Site) -> None:
    """Whoever makes others sign in as themselves reads what is handed in afterwards."""
    for csrf in ("", "\x00", "x"):
        sent = {"csrf": csrf, "login": "olga", "password": web.PASSWORD}
        assert site.visitor().client.post("/login", data=sent).status_code == 403, repr(csrf)


def test_a_token_opens_no_page(site: web.Site) -> None:
    headers = token(site, "adam", *SCOPES)
    for path in ("/", "/account", "/users", "/trail", "/trail/export"):
        answer = site.client.get(path, headers=headers, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"][:7]) == (303, "/login?"), path
    answer = site.client.post("/account/tokens", headers=headers, data={"name": "more", "days": "9"})
    assert (
        len(sessions.tokens_of(server(site).registry, accounts.known(server(site).registry, "adam").id)) == 1
    )
    assert "bilanz_" not in answer.text


def test_a_token_does_no_more_than_its_scopes(site: web.Site) -> None:
    job = a_job(site, "works")
    for scope, status in (
        ("read", 403),
        ("calculate", 404),
        ("deliver", 404),
        ("review", 404),
        ("manage", 404),
    ):
        answer = site.client.post(f"/api/v1/jobs/{job}/cancel", headers=token(site, "olga", scope))
        assert answer.status_code == status, scope
    both = token(site, "olga", "read", "calculate")
    assert site.client.post(f"/api/v1/jobs/{job}/cancel", headers=both).status_code == 200
    foreign = token(site, "otto", *SCOPES)
    assert site.client.post(f"/api/v1/jobs/{job}/cancel", headers=foreign).status_code == 404


def test_a_token_is_taken_from_the_header_only(site: web.Site) -> None:
    made = token(site, "olga", "read")["authorization"].removeprefix("Bearer ")
    for name in ("token", "access_token", "authorization"):
        assert site.client.get("/api/v1/me", params={name: made}).status_code == 401
        visitor = site.visitor()
        visitor.client.cookies.set(name, made)
        assert visitor.client.get("/api/v1/me").status_code == 401
    assert site.client.get("/api/v1/me", headers={"authorization": f"Basic {made}"}).status_code == 401


async def pieces_read(app: Any, path: str, headers: dict[str, str]) -> tuple[int, int]:  # noqa: ANN401 - ASGI
    """Send an upload that never ends; return the status and how many pieces of it were read."""
    read, status = 0, 0

    async def receive() -> Message:
        nonlocal read
        read += 1
        return {"type": "http.request", "body": b"x" * 2**16, "more_body": read < 200}

    async def send(message: Message) -> None:
        nonlocal status
        status = message.get("status", status)

    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("192.0.2.1", 1),
        "server": ("localhost", 80),
        "scheme": "http",
        "root_path": "",
        "http_version": "1.1",
    }
    await app(scope, receive, send)
    return status, read


def test_nobody_fills_the_disk_who_may_not(site: web.Site) -> None:
    """A body is read after it is known who sends it, not before."""
    kind = {"content-type": "multipart/form-data; boundary=x"}
    session = {"cookie": f"bilanz={site.as_('vera').client.cookies['bilanz']}"}
    paths = [
        route.path_format
        for route in iter_route_contexts(site.client.app.routes)  # type: ignore[attr-defined] # the application
        if isinstance(route.original_route, APIRoute)
        and "POST" in (route.methods or ())
        and (route.path or "").endswith("/uploads")
    ]
    assert "/uploads" in paths
    for path in paths:
        place = path.replace("{table}", "sites")
        for headers in (kind, kind | session, kind | {"authorization": "Bearer bilanz_x_y"}):
            status, read = asyncio.run(pieces_read(site.client.app, place, headers))
            assert status in {303, 401, 403}, (path, headers)
            assert read <= 2, (path, headers)


def test_fields_the_api_does_not_know_are_refused(site: web.Site) -> None:
    """No column is set by naming it: whatever a program may send is a model that forbids the rest."""
    told = json.loads(site.client.get("/api/v1/openapi.json").text)
    assert told["paths"]
    sent = {
        described["requestBody"]["content"]["application/json"]["schema"]["$ref"].rsplit("/")[-1]
        for methods in told["paths"].values()
        for described in methods.values()
        if "application/json" in described.get("requestBody", {}).get("content", {})
    }
    assert [
        name for name in sent if told["components"]["schemas"][name].get("additionalProperties") is not False
    ] == []
