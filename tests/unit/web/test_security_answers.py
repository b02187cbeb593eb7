"""What answers carry, and what they never tell."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import web
from fastapi.testclient import TestClient

from bilanz.app.account import accounts
from bilanz.app.web import headers, metrics
from bilanz.app.web.pages import start
from bilanz.app.web.pages.signing import inside

TEMPLATES = Path(headers.__file__).parent / "templates"
SCRIPTS = Path(headers.__file__).parent / "static"
SECRET = "/srv/secret: SELECT password_hash"  # noqa: S105 - what an exception says


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[web.Site]:
    settings = web.settings_of(tmp_path_factory.mktemp("answers"))
    web.populate(settings)
    with web.served(settings) as found:
        yield found


def defective(site: web.Site, login: str | None = None) -> TestClient:
    """Return a client that shows what a browser sees of a defect."""
    client = TestClient(site.client.app, base_url="http://localhost", raise_server_exceptions=False)
    if login:
        client.cookies.update(site.as_(login).client.cookies)
    return client


def broken(*_given: object, **_named: object) -> None:
    raise RuntimeError(SECRET)


def test_a_defect_tells_nothing_of_the_inside(site: web.Site, monkeypatch: pytest.MonkeyPatch) -> None:
    client = defective(site, "olga")
    monkeypatch.setattr(start, "page", broken)
    answer = client.get("/")
    assert answer.status_code == 500
    for word in (SECRET, "/srv", "Traceback", "RuntimeError", "start.py", "fastapi"):
        assert word not in answer.text


def test_an_answer_about_a_defect_is_as_guarded_as_any_other(
    site: web.Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = defective(site, "olga")
    monkeypatch.setattr(start, "page", broken)
    answer = client.get("/")
    assert answer.headers["content-security-policy"] == headers.POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"


def test_a_defect_of_one_request_is_no_end_of_the_server(
    site: web.Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(metrics, "text", broken)
        assert defective(site).get("/metrics").status_code == 500
    assert site.client.get("/metrics").status_code == 200
    assert site.client.get("/readyz").status_code == 200


def test_the_policy_lets_load_only_what_comes_from_here() -> None:
    told = dict(part.split(" ", 1) for part in headers.POLICY.split("; "))
    assert told["default-src"] == "'none'"  # also of objects, workers and frames
    assert told["base-uri"] == told["frame-ancestors"] == "'none'"
    assert told["script-src"] == "'self'"
    assert told["form-action"] == "'self'"
    sources = {source for value in told.values() for source in value.split()}
    assert sources <= {"'none'", "'self'", "data:", headers.EMPTY_STYLE}
    assert told["img-src"] == "'self' data:"


@pytest.mark.parametrize("path", ["/login", "/nothing", "/jobs/x", "/healthz", "/metrics", "/api/v1/me"])
def test_every_answer_says_what_it_is_and_that_nobody_keeps_it(site: web.Site, path: str) -> None:
    answer = site.client.get(path)
    kind = answer.headers["content-type"]
    assert "charset=utf-8" in kind or kind.startswith("application/")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert not {"server", "x-powered-by"} & set(answer.headers)


def test_no_other_origin_is_let_in(site: web.Site) -> None:
    asked = {"origin": "https://evil.example", "access-control-request-method": "POST"}
    for method in ("GET", "OPTIONS"):
        answer = site.client.request(method, "/api/v1/me", headers=asked)
        assert not [name for name in answer.headers if name.startswith("access-control-")]


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "\t//evil.example",
        " //evil.example",
        "http:evil.example",
        "evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "/ok\r\nset-cookie: a=b",
        "",
    ],
)
def test_no_way_back_leads_elsewhere(site: web.Site, address: str) -> None:
    assert inside(address) == "/"
    answer = site.client.get("/language", params={"to": "en", "then": address}, follow_redirects=False)
    assert answer.headers["location"] == "/"


def test_what_people_write_is_text_on_every_page(site: web.Site) -> None:
    mark = "<script>alert(1)</script>\"'><img src=x>"
    registry = site.server.registry
    accounts.add_user(registry, "mallory", mark, web.PASSWORD, by="test", duties=[("administrator", "")])
    mallory = site.as_("mallory")
    for path in ("/", "/account", "/users", f"/trail?subject={mark}", "/nothing"):
        text = mallory.client.get(path).text
        assert "<script>alert" not in text, path
        assert "<img src=x" not in text, path
    assert "&lt;script&gt;" in mallory.get("/account")
    answer = site.client.get("/login", params={"then": f"/{mark}"})
    assert "<script>alert" not in answer.text


def test_templates_hold_no_script_no_style_and_nothing_of_elsewhere() -> None:
    """What the policy forbids would break silently; what it cannot see would open it."""
    files = sorted(TEMPLATES.rglob("*.jinja"))
    assert len(files) > 5
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"\sstyle=", text), file.name
        assert not re.search(r"<style", text), file.name
        assert not re.search(r"\son[a-z]+=[\"']", text), file.name
        assert not re.search(r"<(?:base|object|embed|iframe)\b", text), file.name
        assert "{% autoescape" not in text, file.name
        for tag in re.findall(r"<script[^>]*>", text):
            assert 'src="' in tag or 'type="application/json"' in tag, (file.name, tag)
        for place in re.findall(r"(?:src|href|action)=\"(https?:|//)", text):
            raise AssertionError((file.name, place))


def test_scripts_make_no_code_of_text() -> None:
    files = sorted(SCRIPTS.glob("*.js"))
    assert files
    for file in files:
        text = file.read_text(encoding="utf-8")
        for word in (
            "eval(",
            "innerHTML",
            "outerHTML",
            "document.write",
            "new Function",
            "insertAdjacentHTML",
        ):
            assert word not in text, (file.name, word)
        for word in ("localStorage", "sessionStorage", "indexedDB", "postMessage", "http://", "https://"):
            assert word not in text, (file.name, word)


LET_THROUGH = {"account_factor.html.jinja: picture|safe"}  # a picture of squares, drawn by segno
MADE_HERE = {
    "balances.py: Markup(kept.sections)",  # of the template of the reports, which escapes everything
    "balances.py: Markup(figures)",  # JSON, every "<" escaped
    "fund.py: Markup(html)",  # of the same template
    "fund.py: Markup(figures)",
}
"""Where something that is no literal is put into a page as it is; each was looked at."""


def test_only_text_of_ours_is_put_into_pages_as_it_is() -> None:
    found = {
        f"{file.name}: {used}"
        for file in sorted(TEMPLATES.rglob("*.jinja"))
        for used in re.findall(r"[^\s{(,=]*[^\s'\"]\s*\|\s*safe\b", file.read_text(encoding="utf-8"))
    }
    assert found == LET_THROUGH
    made = {
        f"{file.name}: {used}"
        for file in sorted(TEMPLATES.parent.rglob("*.py"))
        for used in re.findall(r"Markup\(.*\)", file.read_text(encoding="utf-8"))
    }
    assert made == MADE_HERE
