"""The security log: what stands in it, and what never does."""

import json
import logging
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import web
from fastapi.testclient import TestClient
from sqlalchemy.exc import IntegrityError

from bilanz.access import User
from bilanz.app.web import throttle
from bilanz.app.web.pages import start
from bilanz.registry import trail, users


def events(site: web.Site) -> list[dict[str, Any]]:
    """Return the lines of the security log."""
    text = (site.settings.data / "logs" / "security.log").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_an_event_says_when_what_from_where_and_who(site: web.Site) -> None:
    site.as_("olga")
    (event,) = events(site)
    assert (event["event"], event["subject"], event["from"]) == ("login", "olga", "testclient")
    assert (event["method"], event["path"]) == ("POST", "/login")
    assert datetime.fromisoformat(event["at"]).utcoffset() == timedelta(0)


def test_whoever_is_turned_away_stands_in_the_log(site: web.Site) -> None:
    olga = site.as_("olga")
    olga.get("/users?csrf=hidden", status=403)
    olga.get("/trail", status=404)
    olga.csrf = "of another session"
    olga.post("/logout", status=403)
    told = [(event["event"], event["path"], event["subject"]) for event in events(site)[1:]]
    assert told == [
        ("not_allowed", "/users", "olga"),
        ("not_allowed", "/trail", "olga"),
        ("form_refused", "/logout", "olga"),
    ]


def test_whoever_asks_too_often_stands_in_the_log_once(
    site: web.Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle.Throttled, "_may_ask", lambda _self, _request: False)
    for _ in range(3):
        answer = site.client.get("/login")
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
    assert [event["event"] for event in events(site)] == ["too_many_requests"]


def test_no_line_of_the_log_can_be_forged(site: web.Site) -> None:
    visitor = site.visitor()
    visitor.get("/login")
    forged = 'olga"}\n{"event":"login","subject":"adam"}\r\n\u2028x\x1b[31m'
    sent = {"csrf": visitor.client.cookies["bilanz_form"], "login": forged[:64], "password": "wrong"}
    visitor.client.post("/login", data=sent)
    assert [event["event"] for event in events(site)] == ["login_failed"]
    raw = (site.settings.data / "logs" / "security.log").read_bytes()
    assert raw.count(b"\n") == 1
    assert raw.isascii()
    assert b"\x1b" not in raw


def test_no_secret_stands_in_the_log(site: web.Site) -> None:
    olga = site.as_("olga")
    cookie, csrf = olga.client.cookies["bilanz"], olga.csrf
    made = olga.post("/account/tokens", {"name": "mine", "days": "9", "scopes": "read"})
    olga.post("/account/password", {"old": "wrong-old-secret", "password": "x", "again": "x"}, status=422)
    olga.post("/logout")
    log = (site.settings.data / "logs" / "security.log").read_text(encoding="utf-8")
    (secret,) = {part.split('"')[0].split("<")[0] for part in made.split("bilanz_")[1:] if len(part) > 60}
    for word in (cookie, csrf, secret.split("_")[1][:40], web.PASSWORD, "wrong-old-secret"):
        assert word not in log
    assert {"login", "token_made", "logout"} <= {event["event"] for event in events(site)}


def test_what_was_typed_as_a_login_stands_in_no_log(site: web.Site) -> None:
    """Who is in a hurry writes the password into the first field."""
    visitor = site.visitor()
    visitor.get("/login")
    for login in (web.PASSWORD, "olga"):
        sent = {"csrf": visitor.client.cookies["bilanz_form"], "login": login, "password": "wrong"}
        visitor.client.post("/login", data=sent)
    assert [event["subject"] for event in events(site)] == ["", "olga"]


def test_a_defect_stands_in_the_log_of_the_server_on_a_line_of_its_own(
    site: web.Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_given: object, **_named: object) -> None:
        raise RuntimeError("the reason")

    client = TestClient(site.client.app, base_url="http://localhost", raise_server_exceptions=False)
    client.cookies.update(site.as_("olga").client.cookies)
    monkeypatch.setattr(start, "page", broken)
    with caplog.at_level(logging.ERROR, "bilanz.web"):
        assert client.get("/").status_code == 500
    (record,) = [record for record in caplog.records if record.name == "bilanz.web"]
    assert record.getMessage() == "GET / failed"
    assert record.exc_info is not None


def test_what_was_to_be_written_is_in_no_message_of_the_registry(site: web.Site) -> None:
    twice = User(id=uuid4().hex, login="olga", name="x", password_hash="hash", created_at="")  # noqa: S106 - none
    registry = site.server.registry
    with pytest.raises(IntegrityError) as told:
        users.put_user(registry, twice)
    assert "INSERT INTO webuser" in str(told.value)
    assert "hash'" not in str(told.value)
    assert "hidden" in str(told.value)


def test_the_trail_is_apart_from_the_security_log(site: web.Site) -> None:
    """Who signed in is forgotten after weeks; who changed a number never is."""
    before = len(trail.entries(site.server.registry))
    site.as_("olga").post("/logout")
    assert len(trail.entries(site.server.registry)) == before
