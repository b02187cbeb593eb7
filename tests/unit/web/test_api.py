import web

from bilanz.app.web.api.document import ADDRESS
from bilanz.app.web.sessions import make_token
from bilanz.registry import users
from bilanz.registry.engine import open_registry


def token(site: web.Site, login: str, *scopes: str) -> dict[str, str]:
    registry = open_registry(site.settings.registry)
    user = users.by_login(registry, login)
    registry.close()
    assert user is not None
    made = make_token(site.server, user, "test", list(scopes) or ["read"], 1)
    return {"authorization": f"Bearer {made}"}


def test_a_token_shows_who_asks_and_no_more_than_its_scopes(site: web.Site) -> None:
    told = site.client.get("/api/v1/me", headers=token(site, "olga")).json()
    assert told["login"] == "olga"
    assert told["scopes"] == ["read"]
    assert told["rights"] == {"works": ["read", "read_released"], "power": ["read", "read_released"]}


def test_without_a_token_a_problem_is_told_in_the_language_accepted(site: web.Site) -> None:
    answer = site.client.get("/api/v1/me", headers={"accept-language": "de"})
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["title"] == "Bitte zuerst anmelden"
    assert answer.json()["code"] == "not_signed_in"


def test_a_token_that_is_revoked_or_invented_is_none(site: web.Site) -> None:
    headers = token(site, "olga")
    identifier = headers["authorization"].split("_")[1]
    invented = {"authorization": f"Bearer bilanz_{identifier}_invented"}
    assert site.client.get("/api/v1/me", headers=invented).status_code == 401
    assert site.client.get("/api/v1/me", headers={"authorization": "Bearer x"}).status_code == 401


def test_organisations_are_those_of_the_caller_and_no_parent_is_betrayed(site: web.Site) -> None:
    told = site.client.get("/api/v1/organisations", headers=token(site, "olga")).json()
    assert [(one["id"], one["parent"]) for one in told["items"]] == [("power", "works"), ("works", None)]
    part = site.client.get("/api/v1/organisations?limit=1", headers=token(site, "adam")).json()
    assert (len(part["items"]), part["total"], part["next"]) == (1, 4, 1)


def test_what_is_malformed_names_the_place(site: web.Site) -> None:
    answer = site.client.get("/api/v1/organisations?limit=0", headers=token(site, "olga"))
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed")
    assert "limit" in answer.json()["detail"]


def test_an_unknown_job_is_not_there(site: web.Site) -> None:
    answer = site.client.get("/api/v1/jobs/none", headers=token(site, "olga"))
    assert (answer.status_code, answer.json()["status"]) == (404, 404)


def test_the_document_states_every_answer_and_who_may_ask(site: web.Site) -> None:
    told = site.client.get(ADDRESS).json()
    assert told["openapi"].startswith("3.")
    assert set(told["components"]["securitySchemes"]) == {"token", "session"}
    named = {tag["name"] for tag in told["tags"]}
    identifiers = []
    for path, methods in told["paths"].items():
        for method, described in methods.items():
            where = f"{method} {path}"
            assert {"401", "403", "404", "409", "413", "422", "429", "503"} <= set(described["responses"]), (
                where
            )
            is_personal = "/tokens" in path and method != "get"
            assert described["security"] == [*([] if is_personal else [{"token": []}]), {"session": []}], (
                where
            )
            assert described["summary"], where
            assert "Raises" not in described["description"], where
            assert set(described["tags"]) <= named, where
            assert described.get("x-right") or "/tokens" in path or path.endswith(("/me", "/forms/{form}")), (
                where
            )
            identifiers.append(described["operationId"])
    assert len(identifiers) > 70
    assert len(set(identifiers)) == len(identifiers)


def test_the_document_describes_parameters_bodies_and_answers(site: web.Site) -> None:
    told = site.client.get(ADDRESS).json()
    schemas = told["components"]["schemas"]
    assert schemas["Problem"]["examples"][0]["status"] == 404
    assert "HTTPValidationError" not in schemas
    for path, methods in told["paths"].items():
        for method, described in methods.items():
            where = f"{method} {path}"
            for parameter in described.get("parameters", []):
                assert parameter.get("description"), (where, parameter["name"])
            good = [status for status in described["responses"] if status.startswith("2")]
            assert len(good) == 1, where
            answer = described["responses"][good[0]]
            assert good == ["204"] or answer["content"], where
            assert good != ["202"] or "Location" in answer["headers"], where
    body = told["paths"]["/api/v1/uploads"]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert body["required"] == ["organisation", "file"]


def test_what_is_too_large_is_a_problem_too(site: web.Site) -> None:
    headers = token(site, "olga", "manage") | {"content-type": "application/json"}
    answer = site.client.put("/api/v1/master/sites/row", headers=headers, content=b"x" * (3 * 1024**2))
    assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")
    assert answer.json()["code"] == "too_large"


def test_an_empty_table_is_handed_out(site: web.Site) -> None:
    headers = token(site, "olga")
    answer = site.client.get("/api/v1/forms/standard.csv", headers=headers)
    assert answer.headers["content-disposition"] == 'attachment; filename="bilanz-standard.csv"'
    assert "activity" in answer.text
    assert site.client.get("/api/v1/forms/none.xlsx", headers=headers).status_code == 404
    assert site.client.get("/api/v1/forms/standard.exe", headers=headers).status_code == 404


def test_who_asks_too_often_is_told_to_wait(site: web.Site) -> None:
    headers = token(site, "olga")
    codes = {site.client.get("/api/v1/me", headers=headers).status_code for _ in range(602)}
    assert codes == {200, 429}
    assert site.client.get("/api/v1/me", headers=token(site, "otto")).status_code == 200
