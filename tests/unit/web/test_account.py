import html
import re
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pyotp
import web

from bilanz.access import User, WebSession
from bilanz.app.account import accounts
from bilanz.app.account.accounts import secret_hash
from bilanz.registry import sessions, trail
from bilanz.registry.engine import Registry, open_registry

NEW = "a river without any bridge"
CHANGE = {"old": web.PASSWORD, "password": NEW, "again": NEW}


def opened(site: web.Site) -> closing[Registry]:
    return closing(open_registry(site.settings.registry))


def user(site: web.Site, login: str = "olga") -> User:
    with opened(site) as registry:
        return accounts.known(registry, login)


def is_out(visitor: web.Visitor) -> bool:
    return visitor.client.get("/account", follow_redirects=False).status_code == 303


def test_a_new_password_ends_every_other_session(site: web.Site) -> None:
    here, there, rita = site.as_("olga"), site.as_("olga"), site.as_("rita")
    assert "The password was changed." in here.post("/account/password", CHANGE)
    assert (is_out(here), is_out(there), is_out(rita)) == (False, True, False)
    assert "Signed in as Olga." in site.visitor().sign_in("olga", NEW).get("/")
    with opened(site) as registry:
        assert [(entry.action, entry.by) for entry in trail.entries(registry, "olga")][-1] == (
            "user.password",
            "olga",
        )


def test_a_password_is_changed_by_who_knows_it(site: web.Site) -> None:
    olga = site.as_("olga")
    assert "The password is wrong." in olga.post("/account/password", {**CHANGE, "old": "wrong"}, 422)
    assert "not the same" in olga.post("/account/password", {**CHANGE, "again": "other"}, 422)
    said = olga.post("/account/password", {**CHANGE, "password": "olga" * 3, "again": "olga" * 3}, 422)
    assert "This password is easily guessed." in said
    for _ in range(4):
        olga.post("/account/password", {**CHANGE, "old": "wrong"}, 422)
    assert "Too many wrong attempts" in olga.post("/account/password", CHANGE, 422)
    log = (site.settings.data / "logs" / "security.log").read_text(encoding="utf-8")
    assert "password_wrong" in log
    assert NEW not in log


def secret_of(page: str) -> tuple[str, str]:
    (ticket,) = re.findall(r'name="ticket" value="([^"]+)"', page)
    (secret,) = re.findall(r'aria-labelledby="secret">([^<]+)<', page)
    return ticket, secret.replace(" ", "")


def test_a_second_factor_is_turned_on_by_its_code_and_off_by_the_password(site: web.Site) -> None:
    olga, other = site.as_("olga"), site.as_("olga")
    page = olga.get("/account/factor")
    assert "<svg" in page
    assert "style=" not in page
    ticket, secret = secret_of(page)
    told = {"ticket": ticket, "password": web.PASSWORD, "code": "000000"}
    again = olga.post("/account/factor", told, 422)
    assert "The code is wrong." in again
    assert secret_of(again)[1] == secret
    code = pyotp.TOTP(secret).at(datetime.now(UTC))
    assert "The password is wrong." in olga.post(
        "/account/factor", {**told, "code": code, "password": "x"}, 422
    )
    assert user(site).totp is None
    assert "The second factor is on." in olga.post("/account/factor", {**told, "code": code})
    assert is_out(other)
    kept = user(site).totp
    assert kept is not None
    assert secret not in kept
    assert site.server.fernet.decrypt(kept.encode()).decode() == secret

    visitor = site.visitor()
    (token,) = re.findall(r'name="csrf" value="([^"]+)"', visitor.get("/login"))
    asked = visitor.client.post(
        "/login", data={"csrf": token, "login": "olga", "password": web.PASSWORD}
    ).text
    (ticket,) = re.findall(r'name="ticket" value="([^"]+)"', asked)
    used = visitor.client.post("/login/code", data={"csrf": token, "ticket": ticket, "code": code})
    assert "The code is wrong or was used already." in used.text

    assert "The password is wrong." in olga.post("/account/factor/off", {"password": "x"}, 422)
    assert "The second factor is off." in olga.post("/account/factor/off", {"password": web.PASSWORD})
    assert user(site).totp is None


def test_the_secret_of_somebody_else_is_not_taken(site: web.Site) -> None:
    olga, rita = site.as_("olga"), site.as_("rita")
    ticket, secret = secret_of(olga.get("/account/factor"))
    code = pyotp.TOTP(secret).at(datetime.now(UTC))
    rita.post("/account/factor", {"ticket": ticket, "password": web.PASSWORD, "code": code})
    assert user(site, "rita").totp is None


def test_what_was_encrypted_for_another_purpose_is_no_ticket(site: web.Site) -> None:
    olga = site.as_("olga")
    for kept in ('{"for": "bilanz_oidc", "then": "/"}', "factor", ""):
        ticket = site.server.fernet.encrypt(kept.encode()).decode()
        told = {"ticket": ticket, "password": web.PASSWORD, "code": "000000"}
        assert "The secret as text" in olga.post("/account/factor", told)
    assert user(site).totp is None


def test_a_token_is_shown_once_and_revoked(site: web.Site) -> None:
    olga = site.as_("olga")
    page = olga.post("/account/tokens", {"name": "Meter <1>", "scopes": ["read", "deliver"], "days": "30"})
    (token,) = re.findall(r">(bilanz_[0-9a-f]{16}_[\w-]+)<", page)
    listed = olga.get("/account")
    assert token not in listed
    assert "Meter &lt;1&gt;" in listed
    assert "Upload and commit files" in listed
    with opened(site) as registry:
        (kept,) = sessions.tokens_of(registry, user(site).id)
    assert token.rpartition("_")[2] not in kept.secret_hash
    assert (
        timedelta(days=29) < datetime.fromisoformat(kept.expires_at) - datetime.now(UTC) < timedelta(days=31)
    )
    site.as_("rita").post(f"/account/tokens/{kept.id}/revoke", status=404)
    assert "The token was revoked." in olga.post(f"/account/tokens/{kept.id}/revoke")
    with opened(site) as registry:
        (kept,) = sessions.tokens_of(registry, user(site).id)
        assert kept.revoked_at is not None
        made = [entry for entry in trail.entries(registry) if entry.action.startswith("token.")]
    assert [entry.action for entry in made] == ["token.add", "token.revoke"]
    assert token not in "".join(entry.details for entry in made)


def test_a_token_has_a_name_a_scope_and_an_end(site: web.Site) -> None:
    olga = site.as_("olga")
    for told in (
        {"name": " ", "scopes": ["read"], "days": "30"},
        {"name": "x", "days": "30"},
        {"name": "x", "scopes": ["read"], "days": "4000"},
    ):
        assert "A token has a name" in olga.post("/account/tokens", told, 422)
    unknown = html.unescape(olga.post("/account/tokens", {"name": "x", "scopes": ["all"], "days": "30"}, 422))
    assert '"all" is not one of' in unknown


def test_a_token_does_not_reach_the_account(site: web.Site) -> None:
    olga = site.as_("olga")
    page = olga.post("/account/tokens", {"name": "m", "scopes": ["manage"], "days": "30"})
    (token,) = re.findall(r">(bilanz_[0-9a-f]{16}_[\w-]+)<", page)
    program = site.visitor()
    program.client.headers["authorization"] = f"Bearer {token}"
    for path in ("/account", "/users", "/trail"):
        assert program.client.get(path, follow_redirects=False).status_code == 303
    made = program.client.post(
        "/account/tokens", data={"name": "n", "scopes": "read", "days": "30"}, follow_redirects=False
    )
    assert made.headers["location"].startswith("/login")
    with opened(site) as registry:
        assert len(sessions.tokens_of(registry, user(site).id)) == 1


def test_own_sessions_are_listed_and_ended(site: web.Site) -> None:
    here, there, rita = site.as_("olga"), site.as_("olga"), site.as_("rita")
    page = here.get("/account")
    assert "this session" in page
    (other,) = re.findall(r"/account/sessions/([0-9a-f]{64})/end", page)
    rita.post(f"/account/sessions/{other}/end", status=404)
    assert not is_out(there)
    assert "The session has ended." in here.post(f"/account/sessions/{other}/end")
    assert (is_out(here), is_out(there)) == (False, True)
    third = site.as_("olga")
    here.post("/account/sessions/end")
    assert (is_out(here), is_out(third)) == (False, True)


def put_back(site: web.Site, cookie: str, **ago: timedelta) -> None:
    with opened(site) as registry:
        found = sessions.session_of(registry, secret_hash(cookie))
        assert found is not None
        told = {name: (datetime.now(UTC) - back).isoformat(timespec="seconds") for name, back in ago.items()}
        sessions.put_session(registry, WebSession(**{**found.model_dump(), **told}))


def test_a_session_ends_after_an_hour_without_use_and_after_twelve_in_any_case(site: web.Site) -> None:
    olga = site.as_("olga")
    kept = olga.client.cookies["bilanz"]
    put_back(site, kept, seen_at=timedelta(minutes=59))
    assert not is_out(olga)
    put_back(site, kept, seen_at=timedelta(minutes=61))
    assert is_out(olga)
    olga = site.as_("olga")
    put_back(site, olga.client.cookies["bilanz"], created_at=timedelta(hours=12, minutes=1))
    assert is_out(olga)
    with opened(site) as registry:
        assert sessions.sessions_of(registry, user(site).id) == []


def test_signing_in_makes_a_new_session_and_ends_the_one_before(site: web.Site) -> None:
    olga = site.as_("olga")
    before, csrf = olga.client.cookies["bilanz"], olga.csrf
    olga.sign_in("olga")
    assert olga.client.cookies["bilanz"] != before
    assert olga.csrf != csrf
    with opened(site) as registry:
        assert sessions.session_of(registry, secret_hash(before)) is None
        (kept,) = sessions.sessions_of(registry, user(site).id)
    assert kept.id == secret_hash(olga.client.cookies["bilanz"])


def test_a_session_that_ended_does_not_come_back_by_a_late_request(site: web.Site) -> None:
    olga = site.as_("olga")
    identifier = secret_hash(olga.client.cookies["bilanz"])
    with opened(site) as registry:
        sessions.end_session(registry, identifier)
        sessions.seen(registry, identifier, "2026-01-01T00:00:00+00:00")
        assert sessions.session_of(registry, identifier) is None
