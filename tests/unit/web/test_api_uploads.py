"""Uploads and files by the API: handed in once, read, mended, taken over, withdrawn; nothing of others."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from apicity import HEADER, POWER, SCHOOLS, City, Program, city

from bilanz.job import Repeatable
from bilanz.registry import repeatable

BAD = POWER.replace(",20000,", ",much,")
UNKNOWN = "Monat;Objekt;Strom kWh\n2024-01;Rathaus;100\n2024-02;Rathaus;120\n"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    with city(tmp_path_factory.mktemp("uploads")) as found:
        yield found


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[City]:
    with city(tmp_path) as found:
        yield found


def send(
    program: Program, content: str, status: int = 202, organisation: str = "power", **more: object
) -> dict[str, Any]:
    headers = {"idempotency-key": str(more.pop("key"))} if "key" in more else {}
    data = {"organisation": organisation, **more}
    files = {"file": ("bills.csv", content.encode(), "text/csv")}
    answer = program.ask("POST", "/uploads", status, data=data, files=files, headers=headers)
    return {
        **answer.json(),
        "replayed": answer.headers.get("idempotency-replayed"),
        "at": answer.headers.get("location"),
    }


def test_a_file_is_read_and_counted_before_it_is_taken_over(served: City) -> None:
    olga = served.program("olga")
    upload = olga.upload(POWER, "power", "read.csv")
    assert (upload["state"], upload["importer"], upload["batch"]) == ("read", "standard", None)
    assert upload["counts"] == {"read": 6, "accepted": 6, "rejected": 0, "ignored": 0}
    (total,) = upload["totals"]
    assert (total["activity"], total["quantity"], total["unit"]) == ("electricity", "25000", "kWh")
    assert upload["period"] == {"start": "2023-12-31T23:00:00+00:00", "end": "2024-06-30T22:00:00+00:00"}
    first = upload["preview"]["rows"][0]
    assert first["cells"][5] == "1000"
    assert (first["records"][0]["quantity"], first["records"][0]["start"]) == (
        "1000",
        "2023-12-31T23:00:00+00:00",
    )
    assert upload["can_replace"]


def test_what_is_wrong_is_told_row_by_row_in_the_language_accepted_and_can_be_mended(served: City) -> None:
    olga = served.program("olga")
    upload = olga.upload(BAD, "power", "bad.csv")
    assert upload["counts"] == {"read": 6, "accepted": 5, "rejected": 1, "ignored": 0}
    told = olga.get(f"/uploads/{upload['id']}/issues?limit=1", headers={"accept-language": "de"})
    (issue,) = told["items"]
    assert (issue["row"], issue["column"], issue["value"], issue["severity"]) == (
        6,
        "quantity",
        "much",
        "error",
    )
    assert "keine Zahl" in issue["message"]
    assert (told["total"] > 1, told["next"]) == (True, 1)
    rejects = olga.ask("GET", f"/uploads/{upload['id']}/rejects")
    assert rejects.headers["content-type"].startswith("text/csv")
    assert "much" in rejects.text
    mended = rejects.content.decode("utf-8-sig").replace("much", "20000")
    assert olga.upload(mended, "power", "mended.csv")["counts"]["accepted"] == 1


def test_terms_are_stated_and_refused_where_there_is_no_such_thing(served: City) -> None:
    olga = served.program("olga")
    upload = olga.upload(POWER, "power", "terms.csv")
    path = f"/uploads/{upload['id']}/terms"
    assert olga.post(path, {"importer": "none"}, 404)["code"] == "unknown_name"
    assert olga.post(path, {"unit": "furlong"}, 422)["code"] == "unit"
    assert olga.post(path, {"colour": "red"}, 422)["code"] == "malformed"
    assert olga.job(path, {"first": "2024-01-01", "last": "2024-02-29"})["code"] == "done"
    told = olga.get(f"/uploads/{upload['id']}")
    assert (told["terms"]["first"], told["counts"]["accepted"], told["counts"]["rejected"]) == (
        "2024-01-01",
        2,
        4,
    )


def test_terms_travel_with_the_file(served: City) -> None:
    olga = served.program("olga")
    told = send(olga, POWER, terms=json.dumps({"first": "2024-01-01", "last": "2024-01-31"}))
    olga.followed(told["job"])
    assert olga.get(f"/uploads/{told['upload']['id']}")["counts"]["accepted"] == 1
    assert send(olga, POWER, 422, terms="[1]")["code"] == "usage"
    assert send(olga, POWER, 422, terms="{")["code"] == "usage"


def test_the_same_request_sent_again_is_answered_as_the_first_time_and_done_once(served: City) -> None:
    olga = served.program("olga")
    first = send(olga, POWER, key="once")
    again = send(olga, POWER, key="once")
    assert (first["replayed"], again["replayed"]) == (None, "true")
    assert (again["upload"], again["job"]["id"], again["at"]) == (
        first["upload"],
        first["job"]["id"],
        first["at"],
    )
    other = send(olga, SCHOOLS, 422, key="once")
    assert other["code"] == "key_used"
    assert send(olga, POWER, 422, organisation="works", key="once")["code"] == "key_used"
    assert send(served.program("clara"), POWER, key="once")["upload"]["id"] != first["upload"]["id"]


def test_a_key_in_progress_is_told_to_wait_and_one_of_a_refused_request_is_free(served: City) -> None:
    olga, registry = served.program("olga"), served.site.server.registry
    me = registry_user(served, "olga")
    first = send(olga, POWER, key="look")
    with registry.session() as session:
        kept = session.get(Repeatable, (me, "look"))
        kept.answer = None
        session.add(kept)
        session.commit()
    assert send(olga, POWER, 409, key="look")["code"] == "key_busy"
    assert first["replayed"] is None
    assert send(olga, "", 409, key="empty")["code"] == "empty_file"
    assert send(olga, POWER, key="empty")["replayed"] is None
    assert send(olga, POWER, 422, key="with space")["code"] == "malformed"
    repeatable.forget_older(registry, datetime.now(UTC).isoformat())
    assert send(olga, POWER, key="look")["replayed"] is None


def registry_user(served: City, login: str) -> str:
    from bilanz.registry import users

    found = users.by_login(served.site.server.registry, login)
    assert found is not None
    return found.id


def test_only_a_form_with_a_file_of_an_organisation_of_mine_is_taken(served: City) -> None:
    olga = served.program("olga")
    assert olga.ask("POST", "/uploads", 415, json={}).json()["status"] == 415
    assert (
        olga.ask("POST", "/uploads", 422, data={"organisation": "power"}, files={"x": b"1"}).json()["code"]
        == "usage"
    )
    assert send(olga, POWER, 404, organisation="schools")["code"] == "unknown_name"
    assert send(olga, POWER, 404, organisation="nowhere")["code"] == "unknown_name"
    assert send(served.program("rita"), POWER, 403)["code"] == "forbidden"
    assert send(served.program("olga", "read"), POWER, 403)["code"] == "forbidden"
    files = {"file": ("picture.png", b"1", "image/png")}
    told = olga.ask("POST", "/uploads", 409, data={"organisation": "power"}, files=files).json()
    assert told["code"] == "ending"


def test_uploads_of_others_are_not_there(served: City) -> None:
    upload = served.program("olga").upload(POWER, "power", "mine.csv")
    otto = served.program("otto")
    for path in ("", "/issues", "/rejects", "/mapping"):
        assert otto.get(f"/uploads/{upload['id']}{path}", 404)["code"] == "unknown_name"
    for path, told in (("terms", {}), ("commit", {}), ("discard", None)):
        otto.post(f"/uploads/{upload['id']}/{path}", told, 404)
    assert otto.get("/uploads")["items"] == []
    assert otto.get("/uploads?organisation=power", 404)["code"] == "unknown_name"
    rita = served.program("rita")
    assert rita.get(f"/uploads/{upload['id']}")["file"] == "mine.csv"
    assert rita.post(f"/uploads/{upload['id']}/discard", None, 403)["code"] == "forbidden"


def test_uploads_are_listed_in_parts_and_what_was_discarded_is_gone(fresh: City) -> None:
    olga = fresh.program("olga")
    names = [f"{number}.csv" for number in range(3)]
    made = [olga.upload(POWER, "power", name)["id"] for name in names]
    part = olga.get("/uploads?organisation=power&limit=2")
    assert ([one["file"] for one in part["items"]], part["total"], part["next"]) == (["2.csv", "1.csv"], 3, 2)
    rest = olga.get("/uploads?offset=2&limit=2")
    assert ([one["file"] for one in rest["items"]], rest["next"]) == (["0.csv"], None)
    assert olga.post(f"/uploads/{made[0]}/discard")["state"] == "discarded"
    assert olga.get("/uploads")["total"] == 2
    assert olga.post(f"/uploads/{made[0]}/discard", None, 409)["code"] == "upload_over"


def test_a_file_is_taken_over_seen_and_withdrawn(fresh: City) -> None:
    olga = fresh.program("olga")
    batch = olga.deliver(POWER, "power")
    (listed,) = olga.get("/files")["items"]
    assert (listed["id"], listed["by"], listed["state"]) == (batch, "olga", "committed")
    told = olga.get(f"/files/{batch}")
    assert (told["totals"][0]["quantity"], told["totals"][0]["records"]) == ("25000", 6)
    assert told["period"] == {"start": "2023-12-31T23:00:00+00:00", "end": "2024-06-30T22:00:00+00:00"}
    assert told["may_withdraw"]
    issues = olga.get(f"/files/{batch}/issues?limit=1")
    assert (issues["items"][0]["code"], issues["total"], issues["next"]) == (
        "outlier_record",
        told["issues"],
        1,
    )
    assert olga.ask("GET", f"/files/{batch}/original").content == POWER.encode()
    assert fresh.program("otto").get(f"/files/{batch}", 404)["status"] == 404
    assert fresh.program("rita").post(f"/files/{batch}/withdraw", {"reason": "x"}, 403)["code"] == "forbidden"
    assert olga.post(f"/files/{batch}/withdraw", {}, 422)["code"] == "malformed"
    assert olga.job(f"/files/{batch}/withdraw", {"reason": "twice"})["code"] == "done"
    told = olga.get(f"/files/{batch}")
    assert (told["state"], told["withdrawn"], told["may_withdraw"]) == ("withdrawn", "twice", False)
    assert olga.post(f"/files/{batch}/withdraw", {"reason": "again"}, 409)["code"] == "refused"


def test_overlaps_are_told_before_and_chosen_with_a_reason(fresh: City) -> None:
    olga = fresh.program("olga")
    first = olga.deliver(POWER, "power")
    upload = olga.upload(POWER.replace("20000", "2000"), "power", "new.csv")
    assert upload["overlap_count"] == 6
    overlap = upload["overlaps"][0]
    assert (overlap["batch"], overlap["file"], overlap["count"]) == (first, "bills.csv", 6)
    path = f"/uploads/{upload['id']}/commit"
    assert olga.post(path, {"rule": "replace"}, 422)["code"] == "usage"
    assert olga.post(path, {"rule": "newest"}, 422)["code"] == "malformed"
    assert olga.job(path, {"rule": "replace", "reason": "the bill was wrong"})["code"] == "done"
    batch = olga.get(f"/uploads/{upload['id']}")["batch"]
    (resolved,) = olga.get(f"/files/{batch}")["resolutions"]
    assert (resolved["outcome"], resolved["batch"], resolved["reason"]) == (
        "this",
        first,
        "the bill was wrong",
    )
    (seen,) = olga.get(f"/files/{first}")["resolutions"]
    assert (seen["outcome"], seen["batch"]) == ("other", batch)


def test_the_columns_of_an_unknown_file_are_asked_answered_and_kept(fresh: City) -> None:
    olga = fresh.program("olga")
    upload = olga.upload(UNKNOWN, "power", "list.csv")
    assert upload["state"] == "refused"
    assert upload["refusal"]["detail"]
    seen = olga.get(f"/uploads/{upload['id']}/mapping")
    assert (seen["kind"], seen["rows"]) == ("table", 2)
    assert [one["title"] for one in seen["columns"]] == ["Monat", "Objekt", "Strom kWh"]
    assert (seen["columns"][2]["activity"], seen["columns"][2]["unit"]) == ("electricity", "kWh")
    assert "quantity" in seen["fields"]["table"]
    columns = [
        {"title": "Monat", "field": "month"},
        {"title": "Objekt", "field": "source"},
        {"title": "Strom kWh", "field": "quantity", "activity": "electricity", "unit": "kWh"},
    ]
    path = f"/uploads/{upload['id']}/mapping"
    unknown = {"kind": "table", "columns": [{"title": "Gas", "field": "quantity"}]}
    assert "Gas" in olga.post(path, unknown, 422)["detail"]
    nothing = {"kind": "table", "columns": [{"title": "Monat", "field": "month"}]}
    assert olga.post(path, nothing, 422)["code"] == "usage"
    job = olga.job(path, {"kind": "table", "columns": columns, "quality": "billed"})
    assert job["code"] == "done"
    told = olga.get(f"/uploads/{upload['id']}")
    assert (told["state"], told["totals"][0]["quantity"]) == ("read", "220")
    kept = olga.post(f"{path}/keep", {"title": "Liste der Objekte"})
    assert kept == {
        "name": "liste-der-objekte",
        "title": "Liste der Objekte",
        "header": ["Monat", "Objekt", "Strom kWh"],
    }
    assert olga.upload(UNKNOWN.replace("100", "200"), "power", "next.csv")["totals"][0]["quantity"] == "320"


def test_of_files_of_others_no_name_is_told(fresh: City) -> None:
    clara = fresh.program("clara")
    content = SCHOOLS + POWER.removeprefix(HEADER + "\n")
    clara.deliver(content, "city", "everything.csv")
    upload = fresh.program("olga").upload(POWER.replace("20000", "2000"), "power", "mine.csv")
    overlap = upload["overlaps"][0]
    assert (overlap["batch"], overlap["file"], overlap["by"], overlap["count"]) == (None, None, None, 6)
    assert "everything.csv" not in json.dumps(upload)
