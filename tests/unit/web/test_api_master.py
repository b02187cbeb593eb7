"""Master data by the API: seen, written, imported and exported; nothing of others."""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from apicity import City, Program, city

from bilanz.app.master.tables import TABLES
from bilanz.app.master.workbook import MEDIA

SITE = {"id": "hall", "organisation": "works", "name": "Hall", "floor_area_m2": "1200.5"}
PDF = b"%PDF-1.7 a contract"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    with city(tmp_path_factory.mktemp("master")) as found:
        yield found


def put(
    program: Program, table: str, cells: dict[str, str], status: int = 200, **more: object
) -> dict[str, Any]:
    told: dict[str, Any] = program.ask(
        "PUT", f"/master/{table}/row", status, json={"cells": cells, **more}
    ).json()
    return told


def send(
    program: Program, name: str, content: str | bytes, status: int = 200, **params: object
) -> dict[str, Any]:
    body = content if isinstance(content, bytes) else content.encode()
    answer = program.ask(
        "POST", "/master/import", status, params=params, files={"file": (name, body, "text/csv")}
    )
    told: dict[str, Any] = answer.json()
    return told


def test_the_tables_tell_their_columns_in_the_language_accepted(served: City) -> None:
    told = served.program("olga").get("/master", headers={"accept-language": "de"})
    assert [one["name"] for one in told["items"]] == [table.name for table in TABLES]
    sites = next(one for one in told["items"] if one["name"] == "sites")
    column = next(one for one in sites["columns"] if one["name"] == "organisation")
    assert (column["refers"], column["is_needed"], sites["key"]) == ("organisations", True, ["id"])
    assert column["title"] == "Organisation"
    units = next(one for one in told["items"] if one["name"] == "organisations")
    assert units["rows"] == 2


def test_a_row_is_written_changed_and_found(served: City) -> None:
    olga = served.program("olga")
    made = put(olga, "sites", SITE, reason="new")
    assert (made["is_written"], made["row"]["key"], made["row"]["cells"]["floor_area_m2"]) == (
        True,
        ["hall"],
        "1200.5",
    )
    assert put(olga, "sites", SITE)["is_written"] is False
    mark = made["row"]["mark"]
    changed = put(olga, "sites", {"id": "hall", "name": "Great Hall"}, mark=mark)
    assert (changed["row"]["cells"]["name"], changed["row"]["cells"]["organisation"]) == (
        "Great Hall",
        "works",
    )
    assert put(olga, "sites", {"id": "hall", "name": "Hall"}, 409, mark=mark)["code"] == "row_changed"
    assert put(olga, "sites", {"id": "hall", "name": "Hall"}, 409, mark="new")["code"] == "row_changed"
    assert olga.get("/master/sites/row?key=hall")["cells"]["name"] == "Great Hall"
    told = olga.get("/master/sites/rows?organisation=works&sought=great")
    assert [one["key"] for one in told["items"]] == [["hall"]]
    assert olga.get("/master/sites/rows?sought=nothing")["total"] == 0


def test_what_is_wrong_with_a_row_is_told(served: City) -> None:
    olga = served.program("olga")
    told = put(olga, "sites", SITE | {"id": "shed", "floor_area_m2": "large"}, 422)
    assert (told["code"], "large" in told["detail"]) == ("row_refused", True)
    german = olga.ask(
        "PUT",
        "/master/sites/row",
        422,
        json={"cells": SITE | {"id": "shed", "floor_area_m2": "large"}},
        headers={"accept-language": "de"},
    ).json()
    assert "keine Zahl" in german["detail"]
    assert put(olga, "sites", {"id": "shed"}, 422)["code"] == "row_refused"
    assert put(olga, "sites", {}, 422)["code"] == "malformed"
    assert put(olga, "colours", {"id": "red"}, 404)["code"] == "unknown_name"
    assert put(olga, "sites", SITE, 422, term={"organisation": "works"})["code"] == "usage"


def test_a_new_source_comes_with_its_term(served: City) -> None:
    olga = served.program("olga")
    cells = {"id": "meter-1", "activity": "electricity", "unit": "kWh"}
    assert put(olga, "sources", cells, 422)["code"] == "row_refused"
    term = {"organisation": "works", "role": "consumed", "tenure": "owned", "control": "true"}
    made = put(olga, "sources", cells, term=term)
    assert made["row"]["cells"]["activity"] == "electricity"
    (held,) = olga.get("/master/terms/rows?source=meter-1")["items"]
    assert (held["key"], held["cells"]["organisation"]) == (["meter-1", ""], "works")


def test_rows_of_others_are_neither_seen_nor_written(served: City) -> None:
    put(served.program("olga"), "sites", SITE | {"id": "mine"})
    otto = served.program("otto")
    assert otto.get("/master/sites/row?key=mine", 404)["code"] == "unknown_name"
    assert "mine" not in str(otto.get("/master/sites/rows"))
    assert otto.get("/master/sites/rows?organisation=works", 404)["code"] == "unknown_name"
    assert put(otto, "sites", SITE | {"id": "mine"}, 422)["code"] == "row_refused"
    assert put(otto, "sites", SITE | {"id": "other"}, 422)["code"] == "row_refused"
    assert put(served.program("rita"), "sites", SITE, 403)["code"] == "forbidden"
    assert put(served.program("olga", "read"), "sites", SITE, 403)["code"] == "forbidden"
    assert served.program("boris").get("/master", 403)["code"] == "forbidden"


def test_a_file_is_tried_before_it_is_taken_over(served: City) -> None:
    olga = served.program("olga")
    content = "id,organisation,name\npool,works,Pool\nbad,,Bad\n"
    tried = send(olga, "sites.csv", content, dry_run=True)
    assert (tried["is_written"], tried["tables"]["sites"]) == (
        False,
        {"read": 2, "added": 1, "changed": 0, "unchanged": 0, "rejected": 1},
    )
    (issue,) = tried["issues"]
    assert (issue["row"], issue["column"], issue["severity"]) == (3, "organisation", "error")
    assert olga.get("/master/sites/row?key=pool", 404)["status"] == 404
    assert send(olga, "whatever.csv", content, table="sites")["is_written"]
    again = "id,organisation,name\npool,works,Swimming pool\n"
    assert send(olga, "sites.csv", again)["tables"]["sites"]["rejected"] == 1
    assert send(olga, "sites.csv", again, update=True, reason="renamed")["tables"]["sites"]["changed"] == 1
    assert send(olga, "whatever.csv", content, 409)["code"] == "no_table"
    assert send(olga, "sites.csv", b"", 409)["code"] == "no_file"
    assert olga.ask("POST", "/master/import", 415, json={}).json()["status"] == 415
    assert send(served.program("rita"), "sites.csv", content, 403)["code"] == "forbidden"


def test_what_is_exported_imports_without_any_change(served: City) -> None:
    olga = served.program("olga")
    put(olga, "sites", SITE)
    answer = olga.ask("GET", "/master/export")
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert set(archive.namelist()) == {f"{table.name}.csv" for table in TABLES}
    told = send(olga, "masterdata.zip", answer.content)
    assert not told["is_written"]
    assert {count["rejected"] for count in told["tables"].values()} == {0}
    book = olga.ask("GET", "/master/export", params={"workbook": True})
    assert book.headers["content-type"] == MEDIA
    told = send(olga, "masterdata.xlsx", book.content)
    assert not told["is_written"]
    assert told["tables"]["sites"]["unchanged"] >= 1
    assert {count["rejected"] for count in told["tables"].values()} == {0}
    sites = olga.ask("GET", "/master/sites/export")
    assert sites.headers["content-type"].startswith("text/csv")
    assert "hall" in sites.text
    assert "hall" not in served.program("otto").ask("GET", "/master/sites/export").text


def test_a_row_names_its_evidence_and_an_instrument_is_removed(served: City) -> None:
    olga = served.program("olga")
    term = {"organisation": "works", "role": "consumed", "tenure": "owned", "control": "true"}
    put(olga, "sources", {"id": "meter-2", "activity": "electricity", "unit": "kWh"}, term=term)
    path = "/master/terms/evidence"
    key = {"key": ["meter-2", ""]}
    files = {"file": ("contract.pdf", PDF, "application/pdf")}
    kept = olga.ask("POST", f"{path}/uploads", params=key, files=files).json()
    assert (kept["name"], kept["media"]) == ("contract.pdf", "application/pdf")
    assert olga.ask("GET", f"{path}/{kept['sha256']}", params=key).content == PDF
    assert kept["sha256"] in olga.get("/master/terms/row", params=key)["cells"]["evidence"]
    assert served.program("otto").get(f"{path}/{kept['sha256']}", 404, params=key)["status"] == 404
    assert served.program("otto").ask("POST", f"{path}/uploads", 404, params=key, files=files)
    text = {"file": ("contract.txt", b"text", "text/plain")}
    assert olga.ask("POST", f"{path}/uploads", 409, params=key, files=text).json()["code"] == "evidence_kind"
    gone = {"key": ["none"], "reason": "typed twice"}
    assert olga.ask("DELETE", "/master/fund_flows/row", 404, params=gone).json()["code"] == "unknown_name"
    assert olga.ask("DELETE", "/master/sites/row", 404, params=gone).json()["code"] == "unknown_name"
    assert olga.ask("DELETE", "/master/fund_flows/row", 422, params={"key": ["none"]}).json()["status"] == 422
    missing = {"key": ["none"], "reason": "sold"}
    assert olga.ask("DELETE", "/master/instruments/row", 404, params=missing).json()["code"] == "unknown_name"
    assert (
        olga.ask("DELETE", "/master/instruments/row", 422, params={"key": ["none"]}).json()["code"]
        == "malformed"
    )
