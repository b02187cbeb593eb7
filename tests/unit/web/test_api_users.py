"""Users, tokens and the trail by the API."""

from collections.abc import Iterator

import pytest
from apicity import City, city

from bilanz.app.account import accounts


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    with city(tmp_path_factory.mktemp("users")) as found:
        registry = found.site.server.registry
        accounts.add_user(registry, "anna", "Anna", None, by="test", duties=[("administrator", "works")])
        yield found


def identifier(served: City, login: str) -> str:
    return accounts.known(served.site.server.registry, login).id


def test_an_administrator_sees_the_users_they_manage(served: City) -> None:
    adam = served.program("adam").get("/users?limit=3")
    assert ([one["login"] for one in adam["items"]], adam["next"]) == (["adam", "anna", "boris"], 3)
    anna = served.program("anna").get("/users")["items"]
    assert [one["login"] for one in anna] == ["anna", "olga", "rita"]
    olga = next(one for one in anna if one["login"] == "olga")
    assert olga["grants"] == [{"duty": "officer", "organisation": "works"}]
    assert (olga["standing"], olga["has_second_factor"]) == ("active", False)
    assert served.program("olga").get("/users", 403)["code"] == "forbidden"
    assert served.program("adam", "read").get("/users", 403)["code"] == "forbidden"


def test_a_user_is_added_invited_changed_and_locked_out(served: City) -> None:
    anna = served.program("anna")
    told = {"login": "Pia", "name": "Pia P.", "grants": [{"duty": "officer", "organisation": "power"}]}
    made = anna.ask("POST", "/users", 201, json=told).json()
    assert (made["user"]["login"], made["user"]["standing"]) == ("pia", "invited")
    assert made["link"].startswith("http://localhost/invitation?ticket=")
    here = f"/users/{made['user']['id']}"
    assert anna.get(here)["name"] == "Pia P."
    change = {"grants": [{"duty": "reviewer", "organisation": "works"}], "is_active": False}
    changed = anna.ask("PATCH", here, json=change).json()
    assert (changed["grants"][0]["duty"], changed["standing"]) == ("reviewer", "inactive")
    assert (
        anna.ask("PATCH", here, json={"is_active": True, "is_resting": False}).json()["standing"] == "invited"
    )
    assert anna.ask("PATCH", here, json={"has_second_factor": False}).json()["has_second_factor"] is False
    again = anna.post(f"{here}/invite")
    assert again["link"] != made["link"]


def test_nobody_reaches_further_than_their_part_of_the_tree(served: City) -> None:
    anna = served.program("anna")
    foreign = {"login": "paul", "grants": [{"duty": "officer", "organisation": "schools"}]}
    assert anna.post("/users", foreign, 404)["code"] == "unknown_name"
    assert anna.post("/users", {"login": "paul"}, 422)["code"] == "usage"
    assert anna.post("/users", foreign | {"grants": [{"duty": "king"}]}, 422)["code"] == "malformed"
    assert anna.post("/users", foreign | {"colour": "red"}, 422)["code"] == "malformed"
    otto = f"/users/{identifier(served, 'otto')}"
    assert anna.get(otto, 404)["code"] == "unknown_name"
    assert anna.ask("PATCH", otto, 404, json={"is_active": False}).json()["code"] == "unknown_name"
    assert anna.post(f"{otto}/invite", None, 404)["code"] == "unknown_name"
    own = f"/users/{identifier(served, 'anna')}"
    assert anna.ask("PATCH", own, 403, json={"grants": []}).json()["code"] == "forbidden"


def test_without_a_sign_in_service_an_identity_is_refused_and_nothing_unlinked(served: City) -> None:
    adam, registry = served.program("adam"), served.site.server.registry
    told = {"login": "ida", "name": "Ida", "identity": "ida-at-the-city"}
    assert adam.post("/users", told, 422)["code"] == "usage"
    otto = accounts.known(registry, "otto")
    accounts.set_subject(registry, otto, "https://id.example otto", by="test")
    here = f"/users/{otto.id}"
    assert adam.ask("PATCH", here, 422, json={"identity": "otto-at-the-city"}).json()["code"] == "usage"
    assert accounts.known(registry, "otto").subject == "https://id.example otto"
    nowhere = {"identity": "", "grants": [{"duty": "officer", "organisation": "nowhere"}]}
    assert adam.ask("PATCH", here, 404, json=nowhere).json()["code"] == "unknown_name"
    assert accounts.known(registry, "otto").subject == "https://id.example otto", "all of it, or nothing"
    adam.ask("PATCH", here, json={"identity": ""})
    assert accounts.known(registry, "otto").subject is None


def test_tokens_are_made_and_revoked_in_a_session_only(served: City) -> None:
    program = served.program("otto")
    (own,) = program.get("/tokens")["items"]
    assert (own["name"], own["revoked_at"]) == ("test", None)
    assert "secret_hash" not in own
    told = {"name": "second", "scopes": ["read"]}
    assert program.post("/tokens", told, 403)["code"] == "forbidden"
    assert program.ask("DELETE", f"/tokens/{own['id']}", 403).json()["code"] == "forbidden"
    visitor = served.site.as_("otto")
    headers = {"x-csrf-token": visitor.csrf}
    answer = visitor.client.post("/api/v1/tokens", json=told, headers=headers)
    assert answer.status_code == 201
    made = answer.json()["token"]
    client = served.site.client
    assert client.get("/api/v1/me", headers={"authorization": f"Bearer {made}"}).json()["scopes"] == ["read"]
    assert visitor.client.post("/api/v1/tokens", json=told).status_code == 403
    identified = made.split("_")[1]
    assert visitor.client.delete(f"/api/v1/tokens/{identified}", headers=headers).status_code == 204
    assert client.get("/api/v1/me", headers={"authorization": f"Bearer {made}"}).status_code == 401
    other = served.program("olga").get("/tokens")["items"][0]["id"]
    assert visitor.client.delete(f"/api/v1/tokens/{other}", headers=headers).status_code == 404


def test_the_trail_is_read_part_by_part_and_followed(served: City) -> None:
    vera = served.program("vera")
    first = vera.get("/trail?limit=2")
    last = first["items"][0]["sequence"]
    assert [one["sequence"] for one in first["items"]] == [last, last - 1]
    assert first["before"] == last - 1
    rest = vera.get(f"/trail?before={first['before']}&limit=500")
    assert (rest["items"][0]["sequence"], rest["before"]) == (last - 2, None)
    named = vera.get("/trail?action=user.grant&subject=olga")["items"]
    assert [(one["by"], one["details"]["after"]) for one in named] == [("test", ["officer works"])]
    assert vera.get("/trail/1")["previous_hash"] == "0" * 64
    assert vera.get("/trail/99999", 404)["code"] == "unknown_name"
    told = vera.post("/trail/verify")
    assert (told["is_intact"], told["entries"], told["broken"]) == (True, last, None)
    exported = vera.ask("GET", "/trail/export")
    assert exported.headers["content-type"] == "application/x-ndjson"
    assert told["hash"] in exported.text
    assert served.program("olga").get("/trail", 404)["code"] == "unknown_name"
    assert served.program("clara").get("/trail", 403)["code"] == "forbidden"
