"""Signing in by OpenID Connect, against a provider that listens on this machine."""

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import httpx2
import oidc
import pyotp
import pytest
import web
from joserfc.jwk import RSAKey

from bilanz.app.account import accounts
from bilanz.app.account.accounts import subject_of
from bilanz.app.settings import Oidc
from bilanz.app.web.oidc import check_address
from bilanz.errors import UsageError
from bilanz.registry.engine import open_registry


@pytest.fixture
def provider() -> Iterator[oidc.Provider]:
    with oidc.running(oidc.Provider()) as found:
        yield found


@pytest.fixture
def site(tmp_path: Path, provider: oidc.Provider) -> Iterator[web.Site]:
    told = {"issuer": provider.issuer, "client": oidc.CLIENT, "secret": oidc.SECRET}
    settings = web.settings_of(tmp_path, oidc=Oidc.model_validate(told))
    web.populate(settings)
    with closing(open_registry(settings.registry)) as registry:
        olga = accounts.known(registry, "olga")
        accounts.set_subject(registry, olga, subject_of(provider.issuer, provider.subject), by="test")
    with web.served(settings) as found:
        yield found


def back(visitor: web.Visitor, then: str = "/") -> str:
    """Begin, let the provider answer, and return the address it sends the browser back to."""
    begun = visitor.client.get("/oidc/login", params={"then": then}, follow_redirects=False)
    assert begun.status_code == 303, begun.text[:500]
    answer = httpx2.get(begun.headers["location"])
    return answer.headers["location"].removeprefix("http://localhost")


def events(site: web.Site) -> str:
    return (site.settings.data / "logs" / "security.log").read_text(encoding="utf-8")


def refused(site: web.Site, said: str = "did not answer as expected") -> str:
    """Sign in, hold that nobody is let in, and return the page."""
    visitor = site.visitor()
    page = visitor.get(back(visitor), status=403)
    assert said in page
    assert "bilanz" not in visitor.client.cookies
    return page


def test_who_is_linked_is_let_in_and_led_on(site: web.Site) -> None:
    visitor = site.visitor()
    assert "/oidc/login?then=%2Faccount" in visitor.get("/login?then=/account")
    answer = visitor.client.get(back(visitor, "/account"), follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert "Signed in as Olga." in visitor.get("/")


def test_the_provider_is_asked_with_pkce_state_and_nonce(site: web.Site) -> None:
    visitor = site.visitor()
    begun = visitor.client.get("/oidc/login", follow_redirects=False)
    asked = {name: value for name, (value,) in parse_qs(urlparse(begun.headers["location"]).query).items()}
    assert asked["code_challenge_method"] == "S256"
    assert asked["response_type"] == "code"
    assert asked["redirect_uri"] == "http://localhost/oidc/callback"
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) >= 32
    kept = begun.headers["set-cookie"]
    assert "HttpOnly" in kept
    assert "SameSite=lax" in kept
    assert asked["state"] not in kept
    again = visitor.client.get("/oidc/login", follow_redirects=False)
    assert asked["state"] not in again.headers["location"]


def test_who_is_not_linked_is_told_what_to_tell_the_administrator(
    site: web.Site, provider: oidc.Provider
) -> None:
    provider.subject = "a-stranger"
    page = refused(site, "nobody has given you access here")
    assert "a-stranger" in page
    assert "oidc_unknown" in events(site)


def test_who_is_locked_out_stays_out(site: web.Site) -> None:
    with closing(open_registry(site.settings.registry)) as registry:
        accounts.set_active(registry, accounts.known(registry, "olga"), is_active=False, by="test")
    refused(site, "nobody has given you access here")


def test_a_second_factor_is_asked_for_here_too(site: web.Site) -> None:
    with closing(open_registry(site.settings.registry)) as registry:
        kept = site.server.fernet.encrypt(pyotp.random_base32().encode()).decode()
        accounts.set_factor(registry, accounts.known(registry, "olga"), kept, by="test")
    visitor = site.visitor()
    assert "Code of your authenticator app" in visitor.get(back(visitor))
    assert visitor.client.get("/", follow_redirects=False).status_code == 303


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "of another attempt"},
        {"nonce": None},
        {"aud": "another application"},
        {"aud": [oidc.CLIENT, "another application"]},
        {"aud": None},
        {"iss": "https://provider.example"},
        {"exp": 1_700_000_000, "iat": 1_699_999_000},
        {"exp": None},
        {"nbf": 4_000_000_000},
        {"azp": "another application"},
        {"sub": ""},
        {"sub": None},
        {"at_hash": "of another token"},
    ],
    ids=str,
)
def test_a_token_that_does_not_hold_is_refused(
    site: web.Site, provider: oidc.Provider, claims: dict[str, object]
) -> None:
    provider.claims = claims
    refused(site)
    assert "oidc_failed" in events(site)
    provider.claims = {}
    visitor = site.visitor()
    assert "Signed in as Olga." in visitor.get(back(visitor))


def test_a_token_of_a_foreign_key_is_refused(site: web.Site, provider: oidc.Provider) -> None:
    provider.signs_with = RSAKey.generate_key(2048, {"kid": "first"})
    refused(site)
    provider.signs_with = RSAKey.generate_key(2048, {"kid": "never heard of"})
    refused(site)


def test_a_token_signed_by_a_secret_or_by_nobody_is_refused(site: web.Site, provider: oidc.Provider) -> None:
    provider.algorithm = "HS256"
    for secret in (oidc.SECRET.encode(), provider.key.as_pem(private=False)):
        provider.signs_with = secret
        refused(site)
    provider.algorithm, provider.signs_with = "none", None
    refused(site)


def test_a_new_key_of_the_provider_is_learned(
    site: web.Site, provider: oidc.Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = site.visitor()
    visitor.get(back(visitor))
    provider.key = RSAKey.generate_key(2048, {"kid": "second"})
    refused(site)
    monkeypatch.setattr("bilanz.app.web.oidc._AGAIN", 0)
    visitor = site.visitor()
    assert "Signed in as Olga." in visitor.get(back(visitor))


def test_what_comes_back_to_another_browser_or_twice_is_refused(site: web.Site) -> None:
    visitor, other = site.visitor(), site.visitor()
    address = back(visitor)
    said = "Signing in was not begun in this browser"
    assert said in other.get(address, status=403)
    address = back(visitor)
    visitor.get(address)
    assert said in visitor.get(address, status=403)
    back(other)
    assert said in other.get(address, status=403)


def test_a_state_that_was_made_up_is_refused(site: web.Site) -> None:
    visitor = site.visitor()
    address = re.sub(r"state=[^&]+", "state=x", back(visitor))
    assert "Signing in was not begun in this browser" in visitor.get(address, status=403)


def test_a_code_that_was_made_up_is_refused(site: web.Site) -> None:
    visitor = site.visitor()
    address = re.sub(r"code=[^&]+", "code=x", back(visitor))
    assert "did not answer as expected" in visitor.get(address, status=403)


def test_an_answer_that_names_another_issuer_is_refused(site: web.Site) -> None:
    visitor = site.visitor()
    address = f"{back(visitor)}&iss=https%3A%2F%2Fprovider.example"
    assert "did not let you in" in visitor.get(address, status=403)


def test_whom_the_provider_does_not_let_in_is_told(site: web.Site, provider: oidc.Provider) -> None:
    provider.denies = True
    refused(site, "The sign-in service did not let you in.")


def test_a_provider_that_speaks_for_another_issuer_is_not_believed(
    site: web.Site, provider: oidc.Provider
) -> None:
    provider.issuer_told = "https://provider.example"
    page = site.visitor().get("/oidc/login", status=403)
    assert "did not answer as expected" in page


def test_without_a_provider_there_is_nothing(tmp_path: Path) -> None:
    settings = web.settings_of(tmp_path)
    with web.served(settings) as site:
        assert "/oidc/login" not in site.visitor().get("/login")
        site.visitor().get("/oidc/login", status=404)
        site.visitor().get("/oidc/callback?code=x&state=y", status=404)


def test_an_administrator_links_an_identity_once(site: web.Site, provider: oidc.Provider) -> None:
    adam = site.as_("adam")
    told = {"login": "petra", "name": "Petra", "identity": "petra-at-the-city"}
    assert "petra-at-the-city" in adam.post("/users/new", told)
    assert "belongs to another user already" in adam.post("/users/new", {**told, "login": "two"}, 422)
    provider.subject = "petra-at-the-city"
    visitor = site.visitor()
    assert "Signed in as Petra." in visitor.get(back(visitor))
    with closing(open_registry(site.settings.registry)) as registry:
        petra = accounts.known(registry, "petra")
    assert petra.password_hash is None
    adam.post(f"/users/{petra.id}/identity", {"identity": ""})
    assert visitor.client.get("/", follow_redirects=False).status_code == 303
    refused(site, "nobody has given you access here")


@pytest.mark.parametrize("address", ["http://provider.example/", "ftp://127.0.0.1/", "file:///etc", "x"])
def test_a_provider_is_asked_over_https(address: str) -> None:
    with pytest.raises(UsageError):
        check_address(address)
    check_address("https://provider.example/")
    check_address("http://127.0.0.1:8000/keys")
