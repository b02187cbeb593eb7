import json
import re
from datetime import UTC, datetime

import pyotp
import pytest
import web

from bilanz.app.web.attempts import FAILURES, Attempts
from bilanz.registry import trail, users
from bilanz.registry.engine import open_registry


def test_who_is_not_signed_in_is_led_to_the_form_and_back(site: web.Site) -> None:
    visitor = site.visitor()
    answer = visitor.client.get("/jobs/x?a=1", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?then=%2Fjobs%2Fx%3Fa%3D1")
    assert "Signed in as Olga." in site.as_("olga").get("/")


def test_nothing_is_told_of_what_is_wrong(site: web.Site) -> None:
    visitor = site.visitor()
    (token,) = re.findall(r'name="csrf" value="([^"]+)"', visitor.get("/login"))
    said = [
        visitor.client.post("/login", data={"csrf": token, "login": login, "password": "wrong"})
        for login in ("olga", "not there")
    ]
    assert [answer.status_code for answer in said] == [401, 401]
    assert all("Login or password is wrong." in answer.text for answer in said)


def test_an_account_rests_after_five_wrong_passwords(site: web.Site) -> None:
    visitor = site.visitor()
    (token,) = re.findall(r'name="csrf" value="([^"]+)"', visitor.get("/login"))
    for _ in range(5):
        visitor.client.post("/login", data={"csrf": token, "login": "olga", "password": "wrong"})
    answer = visitor.client.post("/login", data={"csrf": token, "login": "olga", "password": web.PASSWORD})
    assert "Too many wrong attempts" in answer.text
    log = (site.settings.data / "logs" / "security.log").read_text(encoding="utf-8")
    events = [json.loads(line) for line in log.splitlines()]
    assert [event["event"] for event in events] == [*["login_failed"] * 5, "locked", "login_failed"]
    assert {event["subject"] for event in events} == {"olga"}
    assert web.PASSWORD not in log
    assert "wrong" not in log


def test_a_session_ends_with_signing_out(site: web.Site) -> None:
    visitor = site.as_("olga")
    kept = visitor.client.cookies["bilanz"]
    visitor.post("/logout")
    again = site.visitor()
    again.client.cookies.set("bilanz", kept)
    assert again.client.get("/", follow_redirects=False).status_code == 303


def test_a_form_of_another_session_is_refused(site: web.Site) -> None:
    olga, otto = site.as_("olga"), site.as_("otto")
    olga.csrf = otto.csrf
    assert "The form has run out" in olga.post("/logout", status=403)
    assert "Signed in as Olga." in olga.get("/")


def test_a_request_of_another_site_is_refused(site: web.Site) -> None:
    olga = site.as_("olga")
    olga.client.headers["sec-fetch-site"] = "cross-site"
    assert "another site" in olga.post("/logout", status=403)


def test_the_form_to_sign_in_is_bound_to_the_browser(site: web.Site) -> None:
    visitor = site.visitor()
    (token,) = re.findall(r'name="csrf" value="([^"]+)"', visitor.get("/login"))
    other = site.visitor()
    answer = other.client.post("/login", data={"csrf": token, "login": "olga", "password": web.PASSWORD})
    assert answer.status_code == 403


def test_the_way_back_leads_to_no_other_site(site: web.Site) -> None:
    for address in ("https://example.org/", "//example.org", "/\\example.org", "javascript:alert(1)"):
        visitor = site.visitor()
        answer = visitor.client.get("/language", params={"to": "de", "then": address}, follow_redirects=False)
        assert answer.headers["location"] == "/"


def test_a_second_factor_is_asked_for_and_no_code_works_twice(site: web.Site) -> None:
    registry, server = open_registry(site.settings.registry), site.server
    olga = users.by_login(registry, "olga")
    assert olga is not None
    secret = pyotp.random_base32()
    olga.totp = server.fernet.encrypt(secret.encode()).decode()
    users.put_user(registry, olga)
    code = pyotp.TOTP(secret).at(datetime.now(UTC))

    def attempt(code: str) -> int:
        visitor = site.visitor()
        (token,) = re.findall(r'name="csrf" value="([^"]+)"', visitor.get("/login"))
        sent = {"csrf": token, "login": "olga", "password": web.PASSWORD}
        asked = visitor.client.post("/login", data=sent).text
        assert "Code of your authenticator app" in asked
        (token,) = re.findall(r'name="csrf" value="([^"]+)"', asked)
        (ticket,) = re.findall(r'name="ticket" value="([^"]+)"', asked)
        sent = {"csrf": token, "ticket": ticket, "code": code}
        return visitor.client.post("/login/code", data=sent).status_code

    assert attempt("000000" if code != "000000" else "111111") == 401
    assert attempt(code) == 200
    assert attempt(code) == 401
    registry.close()


def test_who_was_added_and_granted_stands_in_the_trail(site: web.Site) -> None:
    registry = open_registry(site.settings.registry)
    told = [(entry.action, entry.subject) for entry in trail.entries(registry)]
    registry.close()
    assert ("user.add", "olga") in told
    assert ("user.grant", "olga") in told


def test_the_language_of_the_browser_is_taken_and_can_be_changed(site: web.Site) -> None:
    visitor = site.visitor()
    visitor.client.headers["accept-language"] = "de-DE,de;q=0.9"
    assert '<html lang="de"' in visitor.get("/login")
    visitor.client.get("/language", params={"to": "en"})
    assert '<html lang="en"' in visitor.get("/login")


def test_an_address_that_fails_too_often_waits_whatever_the_login(site: web.Site) -> None:
    server = site.server
    visitor = site.visitor()
    (token,) = re.findall(r'name="csrf" value="([^"]+)"', visitor.get("/login"))
    for number in range(3):
        visitor.client.post("/login", data={"csrf": token, "login": f"guess{number}", "password": "x"})
    while not server.attempts.are_used_up("testclient"):
        server.attempts.count("testclient")
    sent = {"csrf": token, "login": "olga", "password": web.PASSWORD}
    answer = visitor.client.post("/login", data=sent)
    assert answer.status_code == 401
    assert "Too many wrong attempts from your network." in answer.text
    log = (site.settings.data / "logs" / "security.log").read_text(encoding="utf-8")
    events = [json.loads(line)["event"] for line in log.splitlines()]
    assert events == [*["login_failed"] * 3, "address_refused"]


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("", "", True),
    ],
)
def test_failures_are_counted_by_address(one: str, other: str, *, is_same: bool) -> None:
    attempts = Attempts()
    for _ in range(FAILURES):
        assert not attempts.are_used_up(one)
        attempts.count(one)
    assert attempts.are_used_up(one)
    assert attempts.are_used_up(other) is is_same
