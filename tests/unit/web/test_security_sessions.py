"""Cookies, sessions, passwords and keys."""

import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from typing import Any

import pytest
import web
from fastapi.testclient import TestClient
from pwdlib import PasswordHash

from bilanz.access import User, WebSession
from bilanz.app.account import accounts, passwords
from bilanz.app.web.server import application
from bilanz.app.web.sessions import IDLE, LONGEST, make_token
from bilanz.errors import Refused, UsageError
from bilanz.registry import sessions, users


def server(site: web.Site) -> Any:  # noqa: ANN401 - what the application holds
    return site.server


def user(site: web.Site, login: str) -> User:
    return accounts.known(server(site).registry, login)


def kept(site: web.Site, login: str) -> WebSession:
    (found,) = sessions.sessions_of(server(site).registry, user(site, login).id)
    return found


@pytest.fixture
def over_https(site: web.Site) -> Iterator[web.Visitor]:
    app = application(site.settings, is_secure=True)
    yield web.Visitor(TestClient(app, base_url="https://localhost", headers={"accept-language": "en"}))
    app.state.server.registry.close()


def set_by(answer: Any) -> dict[str, Any]:  # noqa: ANN401 - an answer
    """Return the cookies an answer sets, with their attributes."""
    return {
        name: morsel
        for line in answer.headers.get_list("set-cookie")
        for name, morsel in SimpleCookie(line).items()
    }


def test_over_https_no_cookie_travels_without_it(over_https: web.Visitor) -> None:
    form = over_https.client.get("/login")
    sent = {
        "login": "olga",
        "password": web.PASSWORD,
        "csrf": over_https.client.cookies["__Host-bilanz_form"],
    }
    cookies = {
        **set_by(form),
        **set_by(over_https.client.post("/login", data=sent, follow_redirects=False)),
        **set_by(over_https.client.get("/language?to=de", follow_redirects=False)),
    }
    assert {"__Host-bilanz", "__Host-bilanz_form", "__Host-bilanz_language"} == set(cookies)
    for name, cookie in cookies.items():
        assert cookie["secure"], name
        assert cookie["httponly"], name
        assert cookie["samesite"] in {"lax", "strict"}, name
        assert (cookie["path"], cookie["domain"]) == ("/", ""), name
    assert form.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"


def test_a_session_is_new_after_signing_in_and_the_one_before_ends(site: web.Site) -> None:
    visitor = site.visitor()
    visitor.client.cookies.set("bilanz", "chosen-by-somebody-else")
    visitor.sign_in("olga")
    first = visitor.client.cookies.get("bilanz", domain="localhost.local") or visitor.client.cookies["bilanz"]
    assert first != "chosen-by-somebody-else"
    before = kept(site, "olga")
    visitor.sign_in("olga")
    assert kept(site, "olga").id != before.id
    assert kept(site, "olga").csrf != before.csrf


def test_the_registry_holds_no_cookie_and_no_token(site: web.Site) -> None:
    visitor = site.as_("olga")
    cookie = visitor.client.cookies["bilanz"]
    assert len(cookie) >= 43  # 256 bits
    assert cookie not in str(kept(site, "olga"))
    secret = make_token(server(site), user(site, "olga"), "test", ["read"], 1).split("_")[2]
    (token,) = sessions.tokens_of(server(site).registry, user(site, "olga").id)
    assert secret not in str(token)


@pytest.mark.parametrize(
    ("column", "longest"), [("seen_at", IDLE), ("created_at", LONGEST)], ids=["idle", "longest"]
)
def test_a_session_runs_out(site: web.Site, column: str, longest: timedelta) -> None:
    visitor = site.as_("olga")
    visitor.get("/account")
    changed = kept(site, "olga")
    at = datetime.now(UTC) - longest - timedelta(seconds=1)
    setattr(changed, column, at.isoformat(timespec="seconds"))
    sessions.put_session(server(site).registry, changed)
    assert visitor.client.get("/account", follow_redirects=False).status_code == 303
    assert not sessions.sessions_of(server(site).registry, user(site, "olga").id)


def test_who_is_locked_out_is_out_at_once(site: web.Site) -> None:
    visitor = site.as_("olga")
    made = make_token(server(site), user(site, "olga"), "test", ["read"], 1)
    headers = {"authorization": f"Bearer {made}"}
    assert site.client.get("/api/v1/me", headers=headers).status_code == 200
    accounts.set_active(server(site).registry, user(site, "olga"), is_active=False, by="adam")
    assert visitor.client.get("/account", follow_redirects=False).status_code == 303
    assert site.client.get("/api/v1/me", headers=headers).status_code == 401


def test_a_right_that_is_taken_away_is_gone_with_the_next_request(site: web.Site) -> None:
    visitor = site.as_("adam")
    visitor.get("/users")
    accounts.grant(server(site).registry, user(site, "adam"), [], by="test")
    visitor.get("/users", status=403)


def test_an_expired_token_is_none(site: web.Site) -> None:
    made = make_token(server(site), user(site, "olga"), "test", ["read"], 1)
    (token,) = sessions.tokens_of(server(site).registry, user(site, "olga").id)
    token.expires_at = (datetime.now(UTC) - timedelta(seconds=1)).isoformat(timespec="seconds")
    with server(site).registry.session() as session:
        session.merge(token)
        session.commit()
    answer = site.client.get("/api/v1/me", headers={"authorization": f"Bearer {made}"})
    assert answer.status_code == 401


def test_whether_a_login_is_known_shows_in_no_time_it_takes(
    site: web.Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted, not measured: each attempt verifies exactly one argon2id hash."""
    verified = []
    genuine = PasswordHash.verify

    def counted(hasher: PasswordHash, password: str, kept: str) -> bool:
        verified.append(kept)
        return genuine(hasher, password, kept)

    passwords.is_right("", None)  # what is made once is made
    monkeypatch.setattr(PasswordHash, "verify", counted)
    registry = server(site).registry
    by_oidc = accounts.add_user(registry, "odile", "", None, by="test")
    accounts.set_active(registry, user(site, "vera"), is_active=False, by="test")
    for login in ("olga", "not there", by_oidc.login, "vera"):
        verified.clear()
        with pytest.raises(Refused) as told:
            accounts.signed_in(registry, login, "wrong")
        assert (len(verified), told.value.code) == (1, "wrong_login"), login


def test_a_password_is_kept_as_argon2id_with_enough_memory(site: web.Site) -> None:
    hashed = user(site, "olga").password_hash
    assert hashed is not None
    _, kind, _, parameters, _, _ = hashed.split("$")
    told = dict(part.split("=") for part in parameters.split(","))
    assert kind == "argon2id"
    assert int(told["m"]) >= 47104 or (int(told["m"]) >= 19456 and int(told["t"]) >= 2)


def test_passwords_may_be_of_any_kind_and_are_taken_as_they_are(site: web.Site) -> None:
    registry, olga = server(site).registry, user(site, "olga")
    long = "the quick brown fox jumps over nothing at all and then rests a while"
    for password in (long, "nur kleine wörter hier", "  leer am rand innen  ", "1 8 2 7 9 0 3 5 4 6 11 12"):
        accounts.set_password(registry, olga, password, by="olga")
        assert accounts.signed_in(registry, "olga", password).id == olga.id
        for other in (password.upper(), password.strip() + ".", password[:-1]):
            if other != password:
                with pytest.raises(Refused):
                    accounts.signed_in(registry, "olga", other)
        accounts.unlock(registry, olga, by="adam")
    longest = "wxyz" + "abcdefgh" * 31 + "1234"
    accounts.set_password(registry, olga, longest, by="olga")
    with pytest.raises(Refused):
        accounts.signed_in(registry, "olga", longest + "!")
    assert accounts.signed_in(registry, "olga", longest).id == olga.id


@pytest.mark.parametrize(
    "password",
    ["", "short", "olga olga olga", "passwort1234", "bilanz-bilanz-2026", "aaaaaaaaaaaaaaaa", "x" * 257],
)
def test_a_password_that_is_guessed_first_is_refused(site: web.Site, password: str) -> None:
    with pytest.raises(UsageError):
        accounts.set_password(server(site).registry, user(site, "olga"), password, by="olga")


def test_there_is_no_account_nobody_made(site: web.Site) -> None:
    assert {one.login for one in users.users(server(site).registry)} == set(web.USERS)


def test_the_key_is_readable_by_its_owner_only(site: web.Site) -> None:
    file = site.settings.data / "web.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(file.read_bytes()) == 44  # 256 bits: half to encrypt with, half to sign with


def test_what_browsers_carry_is_signed_with_sha256_for_one_purpose(site: web.Site) -> None:
    form, factor = server(site).signer("form"), server(site).signer("second factor")
    text = form.dumps("x")
    assert len(text.rsplit(".", 1)[1]) == 43
    assert form.loads(text) == "x"
    unsafe, _ = factor.loads_unsafe(text)
    assert not unsafe
