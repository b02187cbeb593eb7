import re
from contextlib import closing
from urllib.parse import urlparse

import pytest
import web

from bilanz.app.account import accounts
from bilanz.registry import sessions, trail, users
from bilanz.registry.engine import open_registry

LINK = re.compile(r"http://localhost(/invitation\?ticket=[^<\s]+)")
NEW = "a river without any bridge"


def id_of(site: web.Site, login: str) -> str:
    with closing(open_registry(site.settings.registry)) as registry:
        return accounts.known(registry, login).id


def duties_of(site: web.Site, login: str) -> set[tuple[str, str]]:
    with closing(open_registry(site.settings.registry)) as registry:
        return {(one.duty, one.organisation) for one in users.grants(registry, id_of(site, login))}


def deeds(site: web.Site, subject: str) -> list[tuple[str, str]]:
    with closing(open_registry(site.settings.registry)) as registry:
        return [(entry.action, entry.by) for entry in trail.entries(registry, subject)]


@pytest.fixture
def subtree(site: web.Site) -> web.Site:
    """The site with wanda, who administers "works" and what is below it."""
    with closing(open_registry(site.settings.registry)) as registry:
        made = accounts.add_user(registry, "wanda", "Wanda", web.PASSWORD, by="test")
        accounts.grant(registry, made, [("administrator", "works")], by="test")
    return site


def test_an_administrator_adds_a_user_who_chooses_a_password_by_the_link(site: web.Site) -> None:
    adam = site.as_("adam")
    told = {"login": "Petra", "name": "Petra Neu", "duty": "officer", "organisation": "schools"}
    shown = adam.post("/users/new", told)
    assert "This link is shown once" in shown
    (link,) = LINK.findall(shown)
    assert "Invited" in adam.get("/users")

    petra = site.visitor()
    page = petra.get(link)
    assert "Hello Petra Neu. Your login is petra." in page
    (token,) = re.findall(r'name="csrf" value="([^"]+)"', page)
    (ticket,) = re.findall(r'name="ticket" value="([^"]+)"', page)
    form = {"csrf": token, "ticket": ticket, "password": NEW, "again": NEW}
    for wrong, said in (
        ({"again": "another one entirely"}, "The two passwords are not the same."),
        ({"password": "short", "again": "short"}, "A password has between 12 and 256 characters."),
        ({"password": "petra-passwort-1", "again": "petra-passwort-1"}, "This password is easily guessed."),
    ):
        answer = petra.client.post("/invitation", data={**form, **wrong})
        assert answer.status_code == 422
        assert said in answer.text
    assert "Signed in as Petra Neu." in petra.client.post("/invitation", data=form).text
    assert duties_of(site, "petra") == {("officer", "schools")}
    assert deeds(site, "petra") == [
        ("user.add", "adam"),
        ("user.grant", "adam"),
        ("user.invite", "adam"),
        ("user.password", "petra"),
    ]
    assert "Signed in as Petra Neu." in site.visitor().sign_in("petra", NEW).get("/")

    used = site.visitor()
    assert "This link has run out or was used already." in used.get(link, status=409)


def test_a_new_link_ends_everything_and_makes_the_older_one_useless(site: web.Site) -> None:
    adam, olga = site.as_("adam"), site.as_("olga")
    olga.post("/account/tokens", {"name": "meter", "scopes": ["read"], "days": "30"})
    path = f"/users/{id_of(site, 'olga')}/invite"
    (first,), (second,) = LINK.findall(adam.post(path)), LINK.findall(adam.post(path))
    assert olga.client.get("/", follow_redirects=False).status_code == 303
    with closing(open_registry(site.settings.registry)) as registry:
        (token,) = sessions.tokens_of(registry, id_of(site, "olga"))
    assert token.revoked_at is not None
    visitor = site.visitor()
    visitor.get(first, status=409)
    visitor.get(second)
    (form,) = re.findall(r'name="csrf" value="([^"]+)"', visitor.get("/login"))
    old = {"csrf": form, "login": "olga", "password": web.PASSWORD}
    assert visitor.client.post("/login", data=old).status_code == 401


@pytest.mark.parametrize("ticket", ["", "x", "a.b.c"])
def test_a_link_that_was_made_up_is_refused(site: web.Site, ticket: str) -> None:
    assert "Ask the administrator for a new one." in site.visitor().get(
        f"/invitation?ticket={ticket}", status=409
    )


def test_duties_are_kept_taken_away_and_added(site: web.Site) -> None:
    adam, path = site.as_("adam"), f"/users/{id_of(site, 'clara')}"
    assert "Officer: All organisations" in adam.get(path)
    changed = {"kept": ["reviewer@"], "duty": "board", "organisation": "works"}
    page = adam.post(f"{path}/grants", changed)
    assert "Board: Works" in page
    assert duties_of(site, "clara") == {("reviewer", ""), ("board", "works")}
    adam.post(f"{path}/grants", {"duty": "auditor", "organisation": "*"})
    assert duties_of(site, "clara") == {("auditor", "")}
    assert "Choose the organisation of the duty." in adam.post(
        f"{path}/grants", {"duty": "auditor"}, status=422
    )
    assert "is not one of" in adam.post(f"{path}/grants", {"kept": ["king@"]}, status=422)
    assert duties_of(site, "clara") == {("auditor", "")}


def test_nobody_changes_their_own_rights(site: web.Site) -> None:
    adam, path = site.as_("adam"), f"/users/{id_of(site, 'adam')}"
    assert "This is you" in adam.get(path)
    assert "/grants" not in adam.get(path)
    for action, told in (
        ("grants", {"kept": ["administrator@"], "duty": "officer", "organisation": "*"}),
        ("active", {"to": "out"}),
        ("invite", {}),
        ("factor", {}),
        ("unlock", {}),
        ("identity", {}),
    ):
        assert "Another administrator has to do this" in adam.post(f"{path}/{action}", told, status=403)
    assert duties_of(site, "adam") == {("administrator", "")}


def test_an_administrator_of_a_subtree_sees_and_changes_only_users_of_it(subtree: web.Site) -> None:
    wanda = subtree.as_("wanda")
    listed = wanda.get("/users")
    assert all(name in listed for name in ("Olga", "Rita", "Wanda"))
    assert not any(name in listed for name in ("Otto", "Adam", "Clara", "Nobody"))
    for login in ("otto", "adam", "clara", "nobody"):
        path = f"/users/{id_of(subtree, login)}"
        wanda.get(path, status=404)
        for action in ("grants", "invite", "active", "unlock", "factor", "identity"):
            wanda.post(f"{path}/{action}", status=404)
    assert duties_of(subtree, "clara") == {("officer", ""), ("reviewer", "")}


def test_an_administrator_of_a_subtree_grants_nothing_beyond_it(subtree: web.Site) -> None:
    wanda, path = subtree.as_("wanda"), f"/users/{id_of(subtree, 'olga')}/grants"
    for place in ("schools", "city", "*"):
        said = wanda.post(path, {"kept": ["officer@works"], "duty": "officer", "organisation": place}, 422)
        assert "You do not manage users of this organisation." in said
    wanda.post(path, {"kept": ["officer@schools", "officer@"]}, 422)
    assert "Leave at least one duty" in wanda.post(path, {}, 422)
    assert duties_of(subtree, "olga") == {("officer", "works")}
    wanda.post(path, {"duty": "officer", "organisation": "power"})
    assert duties_of(subtree, "olga") == {("officer", "power")}
    new = {"login": "neu", "name": "Neu"}
    assert "Choose a duty and an organisation" in wanda.post("/users/new", new, 422)
    wanda.post("/users/new", {**new, "duty": "board", "organisation": "*"}, 422)
    wanda.post("/users/new", {**new, "duty": "board", "organisation": "city"}, 422)
    wanda.post("/users/new", {**new, "duty": "board", "organisation": "power"})
    assert duties_of(subtree, "neu") == {("board", "power")}


def test_who_is_locked_out_is_out_at_once_and_can_be_let_in_again(site: web.Site) -> None:
    adam, olga = site.as_("adam"), site.as_("olga")
    path = f"/users/{id_of(site, 'olga')}/active"
    assert "Locked out" in adam.post(path, {"to": "out"})
    assert olga.client.get("/", follow_redirects=False).status_code == 303
    visitor = site.visitor()
    (token,) = re.findall(r'name="csrf" value="([^"]+)"', visitor.get("/login"))
    told = {"csrf": token, "login": "olga", "password": web.PASSWORD}
    assert visitor.client.post("/login", data=told).status_code == 401
    adam.post(path, {"to": "in"})
    for unclear in ({}, {"to": "elsewhere"}):
        adam.post(path, unclear, status=422)
    assert visitor.client.post("/login", data=told).status_code == 200
    assert ("user.deactivate", "adam") in deeds(site, "olga")


def test_an_account_that_rests_is_unlocked(site: web.Site) -> None:
    visitor = site.visitor()
    (token,) = re.findall(r'name="csrf" value="([^"]+)"', visitor.get("/login"))
    for _ in range(5):
        visitor.client.post("/login", data={"csrf": token, "login": "olga", "password": "wrong"})
    adam, path = site.as_("adam"), f"/users/{id_of(site, 'olga')}"
    assert "Locked for now" in adam.get("/users")
    assert "The account rests after wrong attempts." in adam.get(path)
    assert "Locked until" in adam.get(path)
    adam.post(f"{path}/unlock")
    assert "Signed in as Olga." in site.as_("olga").get("/")


def test_a_login_is_taken_once_and_has_few_signs(site: web.Site) -> None:
    adam = site.as_("adam")
    assert 'There is a user "olga" already.' in adam.post(
        "/users/new", {"login": " OLGA ", "name": "x"}, 422
    ).replace("&#34;", '"')
    assert "is no login" in adam.post("/users/new", {"login": "a b", "name": "x"}, 422)
    assert "at most 64" in adam.post("/users/new", {"login": "a" * 65, "name": "x"}, 422)


@pytest.mark.parametrize("login", ["olga", "rita", "boris", "vera", "nobody"])
def test_nobody_else_manages_users(site: web.Site, login: str) -> None:
    visitor = site.as_(login)
    assert "/users" not in re.findall(r'href="([^"]+)"', visitor.get("/"))
    for path in ("/users", "/users/new", f"/users/{id_of(site, login)}"):
        visitor.get(path, status=403)
    visitor.post("/users/new", {"login": "x", "name": "x"}, 403)


def test_a_link_leads_to_the_host_that_was_asked(site: web.Site) -> None:
    shown = site.as_("adam").post("/users/new", {"login": "petra", "name": "Petra"})
    (path,) = LINK.findall(shown)
    assert urlparse(path).path == "/invitation"
