import json
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import web
from typer.testing import CliRunner

from bilanz.access import ALL, ApiToken, Grant
from bilanz.app.account import accounts, granting, passwords
from bilanz.app.account.accounts import Standing
from bilanz.app.cli import app
from bilanz.app.settings import Settings
from bilanz.errors import Refused, UsageError
from bilanz.registry import sessions, trail, users
from bilanz.registry.engine import Registry, open_registry
from bilanz.trail import Deed


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = web.settings_of(tmp_path)
    web.populate(found)
    return found


@pytest.fixture
def registry(settings: Settings) -> Iterator[Registry]:
    with closing(open_registry(settings.registry)) as found:
        yield found


@pytest.mark.parametrize(
    "password",
    [
        "aaaaaaaaaaaa",
        "123412341234",
        "passwort1234",
        "Passwort-2026!",
        "olga.schmidt1",
        "bilanz-bilanz",
        "Sommer2026!!",
    ],
)
def test_what_is_guessed_first_is_no_password(password: str) -> None:
    with pytest.raises(UsageError, match="easily guessed"):
        passwords.hashed(password, "olga", "Olga Schmidt")


@pytest.mark.parametrize("password", [web.PASSWORD, "drei Wörter ohne Sinn", "kT9#fQ2!mZ7x"])
def test_what_is_not_guessed_is_one(password: str) -> None:
    kept = passwords.hashed(password, "olga", "Olga Schmidt")
    assert kept.startswith("$argon2id$")
    assert passwords.is_right(password, kept)
    assert not passwords.is_right(password + "x", kept)


@pytest.mark.parametrize("length", [0, 11, 257])
def test_a_password_has_a_length(length: int) -> None:
    with pytest.raises(UsageError, match="between 12 and 256"):
        passwords.hashed("".join(chr(97 + n % 26) for n in range(length)))


def test_no_password_fits_where_none_was_chosen() -> None:
    waits = passwords.awaited()
    assert passwords.is_awaited(waits)
    assert waits != passwords.awaited()
    assert not any(passwords.is_right(told, kept) for told in ("", waits) for kept in (waits, None))


def test_an_account_rests_longer_each_time(registry: Registry) -> None:
    rests = []
    for _ in range(60):
        olga = accounts.known(registry, "olga")
        accounts.failed(registry, olga)
        if olga.failures % accounts.ATTEMPTS == 0:
            assert olga.locked_until is not None
            rest = datetime.fromisoformat(olga.locked_until) - datetime.now(UTC)
            rests.append(round(rest / timedelta(minutes=1)))
    assert rests == [1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60]
    olga = accounts.known(registry, "olga")
    assert accounts.standing(olga) == Standing.RESTS
    with pytest.raises(Refused, match="Too many wrong attempts"):
        accounts.signed_in(registry, "olga", web.PASSWORD)
    accounts.unlock(registry, olga, by="adam")
    assert accounts.signed_in(registry, "OLGA ", web.PASSWORD).id == olga.id


def test_wrong_passwords_at_the_same_time_count_each(registry: Registry) -> None:
    olga = accounts.known(registry, "olga")
    threads = [threading.Thread(target=users.count_failure, args=(registry, olga.id)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert accounts.known(registry, "olga").failures == 8


def test_a_code_works_once_also_at_the_same_time(registry: Registry) -> None:
    olga, used = accounts.known(registry, "olga"), []
    threads = [
        threading.Thread(target=lambda: used.append(users.use_step(registry, olga.id, 7))) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(used) == [False] * 5 + [True]
    assert not users.use_step(registry, olga.id, 6)


def test_whoever_signs_in_takes_back_nothing_an_administrator_did(registry: Registry) -> None:
    seen = accounts.known(registry, "olga")
    seen.failures = 1
    accounts.set_active(registry, accounts.known(registry, "olga"), is_active=False, by="adam")
    accounts.failed(registry, seen)
    accounts.succeeded(registry, seen)
    assert not accounts.known(registry, "olga").is_active
    assert accounts.standing(accounts.known(registry, "olga")) == Standing.INACTIVE


def test_users_are_added_with_their_duties_or_not_at_all(registry: Registry) -> None:
    with pytest.raises(UsageError):
        accounts.add_user(registry, "petra", "Petra", web.PASSWORD, by="adam", duties=[("king", "")])
    with pytest.raises(UsageError):
        accounts.add_user(registry, "petra", "Petra", web.PASSWORD, by="adam", duties=[("board", "nowhere")])
    assert users.by_login(registry, "petra") is None
    assert not trail.entries(registry, "petra")
    made = accounts.add_user(registry, "petra", "", None, by="adam", duties=[("board", "works")])
    assert (made.name, accounts.standing(made)) == ("petra", Standing.ACTIVE)
    assert [entry.action for entry in trail.entries(registry, "petra")] == ["user.add", "user.grant"]


@pytest.mark.parametrize(
    ("places", "of_all", "of_works"),
    [
        ([], True, False),
        (["works"], True, True),
        (["power"], True, True),
        (["power", "works"], True, True),
        (["works", "schools"], True, False),
        (["city"], True, False),
        ([ALL], True, False),
        (["gone"], True, False),
    ],
)
def test_whom_an_administrator_manages(
    registry: Registry, places: list[str], *, of_all: bool, of_works: bool
) -> None:
    wanda = accounts.add_user(
        registry, "wanda", "Wanda", None, by="test", duties=[("administrator", "works")]
    )
    grants = [Grant(user="x", duty="officer", organisation=place) for place in places]
    adam = accounts.reach_of(registry, accounts.known(registry, "adam").id)
    assert granting.manages(adam, grants) is of_all
    assert granting.manages(accounts.reach_of(registry, wanda.id), grants) is of_works


def test_ending_a_token_is_told_once(registry: Registry) -> None:
    olga = accounts.known(registry, "olga")
    at = "2026-01-01T00:00:00+00:00"
    kept = accounts.secret_hash("secret")
    token = ApiToken(
        id="t1", user=olga.id, name="meters", secret_hash=kept, scopes=["read"], created_at=at, expires_at=at
    )
    sessions.add_token(registry, token, Deed("olga", "token.add", "t1"))
    accounts.set_active(registry, olga, is_active=False, by="adam")
    assert sessions.revoke(registry, olga.id, at, "adam") == 0
    revoked = [entry for entry in trail.entries(registry) if entry.action == "token.revoke"]
    assert [(entry.subject, entry.by) for entry in revoked] == [("t1", "adam")]


RUNNER = CliRunner()
NEW = "a river without any bridge"


def run(settings: Settings, *words: str, **environment: str) -> str:
    """Return what a command says, or why it is refused."""
    done = RUNNER.invoke(
        app, ["user", *words, "--data-dir", str(settings.data), "--lang", "en"], env=environment
    )
    return done.output if done.exception is None else str(done.exception)


def test_users_are_locked_out_and_let_in_by_command(settings: Settings, registry: Registry) -> None:
    assert "The user olga was locked out." in run(settings, "lock-out", "olga")
    assert not accounts.known(registry, "olga").is_active
    assert "inactive" in run(settings, "list")
    assert "The user olga may sign in again." in run(settings, "let-in", "olga")
    assert accounts.known(registry, "olga").is_active


def test_an_identity_is_linked_by_command(settings: Settings, registry: Registry) -> None:
    told = json.dumps({"issuer": "https://id.example", "client": "bilanz", "secret": "x"})
    assert "State the sign-in service first" in run(settings, "add", "petra", "--subject", "p-1")
    run(settings, "add", "petra", "--subject", "p-1", "--duty", "officer@works", BILANZ_OIDC=told)
    petra = accounts.known(registry, "petra")
    assert (petra.subject, petra.password_hash) == ("https://id.example p-1", None)
    assert "belongs to another user" in run(
        settings, "identity", "olga", "--subject", "p-1", BILANZ_OIDC=told
    )
    run(settings, "identity", "olga", "--subject", "o-1", BILANZ_OIDC=told)
    assert accounts.known(registry, "olga").subject == "https://id.example o-1"
    run(settings, "identity", "olga", BILANZ_OIDC=told)
    assert accounts.known(registry, "olga").subject is None


def test_a_wrong_variable_is_named_and_its_value_is_not(settings: Settings) -> None:
    told = json.dumps({"issuer": "https://id.example", "secret": "hush"})
    assert run(settings, "list", BILANZ_OIDC=told) == "Missing or not as it must be: BILANZ_OIDC.CLIENT."
    assert run(settings, "list", BILANZ_OIDC="hush") == "Missing or not as it must be: BILANZ_OIDC."


def test_a_new_password_by_command_ends_sessions(settings: Settings) -> None:
    with web.served(settings) as site:
        olga = site.as_("olga")
        run(settings, "password", "olga", BILANZ_PASSWORD=NEW)
        assert olga.client.get("/", follow_redirects=False).status_code == 303
        assert "Signed in as Olga." in site.visitor().sign_in("olga", NEW).get("/")
