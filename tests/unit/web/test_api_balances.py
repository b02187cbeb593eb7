"""Balances, review and periods by the API: exact, in parts, explained, decided, released."""

import csv
import io
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from apicity import YEAR, City, city, fill, rows

from bilanz.app.cli import run as command


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    with city(tmp_path_factory.mktemp("balances")) as found:
        fill(found)
        yield found


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[City]:
    with city(tmp_path) as found:
        fill(found)
        yield found


def test_balances_are_listed_with_whose_run_they_come_from(served: City) -> None:
    told = served.program("clara").get("/balances")["items"]
    shown = {one["organisation"]: (one["of"], one["is_part"], one["state"]) for one in told}
    assert shown == {
        "": ("*", False, "open"),
        "city": ("*", True, "open"),
        "schools": ("*", True, "open"),
        "works": ("works", False, "open"),
        "power": ("works", True, "open"),
    }
    totals = {one["organisation"]: {each["book"]: each["co2e_kg"] for each in one["totals"]} for one in told}
    # 31 000 kWh × 0.414 kg, of which 6 000 kWh are the schools'
    assert (totals[""]["bisko"], totals["schools"]["bisko"], totals["works"]["bisko"]) == (
        "12834",
        "2484",
        "10350",
    )


def test_who_may_read_a_part_sees_no_open_balance_of_the_whole(served: City) -> None:
    assert [one["organisation"] for one in served.program("olga").get("/balances")["items"]] == [
        "works",
        "power",
    ]
    (waiting,) = served.program("otto").get("/balances")["items"]
    assert (waiting["organisation"], waiting["is_calculated"], waiting["run"]) == ("schools", False, None)
    otto = served.program("otto")
    assert otto.get(f"/balances/{YEAR}?organisation=works", 404)["code"] == "unknown_name"
    assert otto.get(f"/balances/{YEAR}?organisation=schools", 404)["code"] == "unknown_name"
    assert otto.get(f"/balances/{YEAR}", 404)["code"] == "unknown_name"
    assert served.program("boris").get("/balances")["items"] == []


def test_a_summary_is_what_the_command_answers(served: City, capsys: pytest.CaptureFixture[str]) -> None:
    told = served.program("olga").get(f"/balances/{YEAR}?organisation=works")
    assert told["view"]["run"] == told["summary"]["run"]
    data = str(served.site.settings.data)
    assert command(["calculate", "--year", str(YEAR), "--org", "works", "--data-dir", data, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    said.pop("stands_beside")
    assert told["summary"] == said


def test_a_part_of_a_run_is_summed_as_such(served: City) -> None:
    told = served.program("clara").get(f"/balances/{YEAR}?organisation=schools")
    assert (told["view"]["of"], told["view"]["is_part"]) == ("*", True)
    assert {book["book"]: book["co2e_kg"] for book in told["summary"]["books"]}["bisko"] == "2484"


def test_lines_are_exact_and_come_in_parts(served: City) -> None:
    olga = served.program("olga")
    path = f"/balances/{YEAR}/lines?organisation=works&book=bisko"
    first = olga.get(f"{path}&limit=4")
    rest = olga.get(f"{path}&offset=4&limit=4")
    assert (first["total"], first["next"], rest["next"]) == (6, 4, None)
    lines = first["items"] + rest["items"]
    assert sum(Decimal(line["co2e_kg"]) for line in lines) == Decimal(first["sums"]["co2e_kg"]) == 10350
    assert first["sums"]["quantities"] == [{"unit": "kWh", "basis": "none", "quantity": "25000"}]
    assert (lines[0]["month"], lines[0]["quantity"], lines[0]["co2e_kg"]) == ("2024-05", "20000", "8280")
    assert lines[0]["factor"]["publisher"] == "Umweltbundesamt"
    may = olga.get(f"{path}&month=2024-05")
    assert may["total"] == 1
    assert olga.get(f"{path}&month=later", 422)["code"] == "usage"
    assert olga.get(f"/balances/{YEAR}/lines?organisation=works&book=none", 404)["code"] == "unknown_name"


def test_sums_are_exact(served: City) -> None:
    olga = served.program("olga")
    told = olga.get(f"/balances/{YEAR}/sums?organisation=works&by=month&book=bisko")
    assert told["items"][0] == {"key": "2024-05", "scope": None, "lines": 1, "co2e_kg": "8280"}
    assert olga.get(f"/balances/{YEAR}/sums?organisation=works&by=colour", 422)["code"] == "malformed"


def test_a_line_is_followed_to_the_row_of_its_file(served: City) -> None:
    olga = served.program("olga")
    told = olga.get(f"/balances/{YEAR}/explain?organisation=power&book=bisko&month=2024-05")
    (line,) = told["lines"]
    assert (line["quantity"], line["month"], line["outcome"]) == ("20000", "2024-05", "counted")
    assert "= 8280 kg CO2e [Scope 2, Purchased electricity]" in line["steps"]
    # the file was handed in for the power plant
    (origin,) = line["origin"]
    assert (origin["file"], origin["row"], origin["column"]) == ("bills.csv", 6, "quantity")
    assert origin["batch"] is not None
    assert olga.get(f"/balances/{YEAR}/explain", 404)["code"] == "unknown_name"
    assert (
        served.program("boris").get(f"/balances/{YEAR}/explain?organisation=power", 403)["code"]
        == "forbidden"
    )


def test_a_balance_is_taken_along_as_a_file(served: City) -> None:
    olga, otto = served.program("olga"), served.program("otto")
    forms = [one["form"] for one in olga.get(f"/balances/{YEAR}/exports?organisation=works")["items"]]
    assert {"page", "manifest", "lines", "json"} <= set(forms)
    assert (
        olga.post(f"/balances/{YEAR}/exports?organisation=works", {"form": "none"}, 404)["code"]
        == "unknown_name"
    )
    job = olga.job(f"/balances/{YEAR}/exports?organisation=works", {"form": "lines"})
    assert job["code"] == "done", job
    answer = olga.ask("GET", f"/jobs/{job['id']}/file")
    assert answer.headers["content-disposition"] == f'attachment; filename="bilanz-{YEAR}-works-lines.en.csv"'
    lines = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert {line["organisation"] for line in lines} == {"power"}
    assert otto.get(f"/jobs/{job['id']}", 404)["code"] == "unknown_name"
    assert otto.get(f"/jobs/{job['id']}/file", 404)["code"] == "unknown_name"


def test_only_who_may_calculate_there_calculates(served: City) -> None:
    path = f"/balances/{YEAR}/calculate?organisation=works"
    assert served.program("otto").post(path, None, 404)["code"] == "unknown_name"
    assert served.program("vera").post(path, None, 403)["code"] == "forbidden"
    assert served.program("olga", "read").post(path, None, 403)["code"] == "forbidden"
    assert served.program("olga").post(f"/balances/{YEAR}/calculate", None, 404)["code"] == "unknown_name"


def test_a_job_is_cancelled_by_its_owner_or_who_calculates_there(served: City) -> None:
    job = served.program("olga").job(f"/balances/{YEAR}/calculate?organisation=works")
    assert served.program("rita").post(f"/jobs/{job['id']}/cancel")["code"] == "done"
    assert served.program("vera").post(f"/jobs/{job['id']}/cancel", None, 403)["code"] == "forbidden"


def test_the_review_tells_what_is_open_missing_and_suspect(served: City) -> None:
    rita = served.program("rita")
    years = [(one["organisation"], one["open_findings"]) for one in rita.get("/review")["items"]]
    assert years == [("works", 1), ("power", 1)]
    assert rita.get("/review?organisation=schools", 404)["code"] == "unknown_name"
    months = rita.get(f"/review/{YEAR}/calendar?organisation=works")
    assert months["total"] == 12
    states = [(one["month"], one["state"]) for one in months["items"]]
    assert (states[0], states[11]) == ((f"{YEAR}-01", "billed"), (f"{YEAR}-12", "missing"))
    assert rita.get(f"/review/{YEAR}/exceptions?organisation=works")["items"] == []
    (finding,) = rita.get(f"/review/{YEAR}/findings?organisation=works&state=open")["items"]
    assert (finding["code"], finding["value"]["quantity"], finding["value"]["row"]) == (
        "outlier_record",
        "20000",
        6,
    )
    german = rita.get(f"/review/{YEAR}/findings?organisation=works", headers={"accept-language": "de"})
    assert german["items"][0]["message"] == (
        "bills.csv, Zeile 6, Spalte „quantity“: 20000 kWh sind 645 kWh am Tag; die übrigen "
        "Datensätze von P1 liegen zwischen 32.3 und 34.5. Es wurde unverändert importiert."
    )
    assert rita.get(f"/review/{YEAR}/findings?organisation=schools", 404)["code"] == "unknown_name"
    records = rita.get(f"/review/{YEAR}/records?organisation=works&source=P1&limit=2")
    assert (records["total"], records["next"], records["items"][0]["quantity"]) == (6, 2, "1000")
    assert served.program("otto").get(f"/review/{YEAR}/records?organisation=schools&source=P1")["items"] == []
    assert rita.get(f"/review/{YEAR}/pairs?organisation=works")["items"] == []


def test_decisions_are_taken_and_taken_back(fresh: City) -> None:
    rita = fresh.program("rita")
    listed = f"/review/{YEAR}/findings?organisation=works"
    (finding,) = rita.get(listed)["items"]

    def post(what: str, told: object = None, status: int = 200) -> dict[str, Any]:
        path = f"/review/{YEAR}/findings/{finding['id']}/{what}?organisation=works"
        answered: dict[str, Any] = rita.post(path, told, status)
        return answered

    confirmed = post("confirm", {"reason": "the boiler was replaced"})
    assert confirmed["state"] == "confirmed"
    assert confirmed["confirmation"]["by"] == "rita"
    assert post("confirm", {}, 409)["code"] == "refused"
    assert post("reopen")["state"] == "open"
    assert post("reopen", None, 409)["code"] == "refused"
    assert post("exclude", {}, 422)["code"] == "malformed"
    assert post("exclude", {"reason": "counted elsewhere"})["state"] == "excluded"
    assert post("include", {"reason": "not so"})["state"] == "open"
    wrong = {"quantity": "2", "unit": "m3", "reason": "x"}
    assert post("correct", wrong, 422)["code"] == "usage"
    assert post("correct", {"quantity": "2,0", "unit": "MWh", "reason": "x"}, 422)["code"] == "malformed"
    assert (
        post("correct", {"quantity": "2", "unit": "MWh", "reason": "a comma was lost"})["state"]
        == "corrected"
    )
    record = finding["value"]["record"]
    told = rita.get(f"/review/{YEAR}/records?organisation=works&source=P1")["items"]
    assert {one["record"]: one["state"] for one in told}[record] == "corrected"
    first = told[0]["record"]
    path = f"/review/records/{first}"
    assert rita.post(f"{path}/exclude?organisation=works", {"reason": "twice"})["state"] == "excluded"
    assert rita.post(f"{path}/include?organisation=works", {})["state"] == "counts"
    fixed = {"quantity": "900.5", "unit": "kWh", "reason": "misread"}
    assert rita.post(f"{path}/correct?organisation=works", fixed)["state"] == "corrected"
    otto = fresh.program("otto")
    for what in ("exclude", "correct"):
        assert otto.post(
            f"{path}/{what}?organisation=schools", fixed if what == "correct" else {"reason": "x"}, 404
        )
    foreign = f"/review/{YEAR}/findings/{finding['id']}/confirm"
    assert otto.post(f"{foreign}?organisation=schools", {}, 404)["code"] == "unknown_name"
    assert otto.post(f"{foreign}?organisation=works", {}, 404)["code"] == "unknown_name"
    assert fresh.program("vera").post(f"{foreign}?organisation=works", {}, 403)["code"] == "forbidden"
    assert fresh.program("rita", "read").post(f"{foreign}?organisation=works", {}, 403)["code"] == "forbidden"


def test_missing_months_are_estimated_with_a_reason(fresh: City) -> None:
    olga = fresh.program("olga")
    olga.deliver(rows("power", "P1", dict.fromkeys(range(1, 13), "700"), YEAR - 1), "power", "before.csv")
    path = f"/review/{YEAR}/fill?organisation=works"
    assert olga.post(path, {"method": "own_history"}, 422)["code"] == "malformed"
    told = {"method": "own_history", "reason": "the meter broke", "source": "S1"}
    assert olga.post(path, told, 404)["code"] == "unknown_name"
    job = olga.job(path, told | {"source": "P1"})
    assert job["code"] == "done", job
    assert job["result"]["estimated"] == 6
    months = olga.get(f"/review/{YEAR}/calendar?organisation=works")["items"]
    assert {(one["state"], one["quantity"]) for one in months[6:]} == {("estimated", "700")}


def test_two_persons_release_and_close_a_year_and_it_is_restated_and_reopened(fresh: City) -> None:
    rita, clara, olga = fresh.program("rita"), fresh.program("clara"), fresh.program("olga")
    here = f"/periods/{YEAR}"
    where = {"organisation": "works"}
    seen = rita.get(here, params=where)
    assert (seen["period"]["state"], seen["exceptions"], seen["totals"][0]["co2e_kg"]) == ("open", 0, "10350")
    assert olga.post(f"{here}/release", {"run": seen["run"]}, 403, params=where)["code"] == "forbidden"
    assert (
        fresh.program("otto").post(f"{here}/release", {"run": "x"}, 404, params=where)["code"]
        == "unknown_name"
    )
    refused = rita.job(f"{here}/release", {"run": "another"}, params=where)
    assert refused["code"] == "failed"
    job = rita.job(
        f"{here}/release", {"run": seen["run"], "threshold": "0.1", "is_base_year": True}, params=where
    )
    assert job["code"] == "done", job
    assert rita.post(f"{here}/close", {}, 409, params=where)["code"] == "refused"
    closed = clara.post(f"{here}/close", {}, params=where)
    assert (closed["state"], closed["released_by"], closed["closed_by"]) == ("closed", "rita", "clara")
    assert (closed["threshold"], closed["is_base_year"]) == ("0.1", True)
    (listed,) = fresh.program("boris").get("/periods")["items"]
    assert (listed["organisation"], listed["year"], listed["state"]) == ("works", YEAR, "closed")
    assert fresh.program("otto").get("/periods")["items"] == []
    shown = fresh.program("boris").get("/balances")["items"]
    assert [(one["organisation"], one["state"]) for one in shown] == [
        ("works", "closed"),
        ("power", "closed"),
    ]
    (finding,) = rita.get(f"/review/{YEAR}/findings", params=where)["items"]
    path = f"/review/{YEAR}/findings/{finding['id']}/exclude"
    rita.post(path, {"reason": "counted elsewhere"}, params=where)
    assert rita.post(f"{here}/restate", {}, 422, params=where)["code"] == "usage"
    look = rita.job(f"{here}/restate", {"dry_run": True}, params=where)
    assert (look["code"], look["result"]["number"]) == ("done", None)
    kept = rita.job(f"{here}/restate", {"reason": "an error was found"}, params=where)
    assert kept["result"]["number"] == 1
    (restated,) = rita.get(here, params=where)["restatements"]
    assert (restated["by"], restated["reason"]) == ("rita", "an error was found")
    bisko = next(row for row in restated["totals"] if row["book"] == "bisko")
    assert (bisko["co2e_old_kg"], bisko["co2e_new_kg"]) == ("10350", "2070")
    assert rita.post(f"{here}/reopen", {}, 422, params=where)["code"] == "malformed"
    assert rita.post(f"{here}/reopen", {"reason": "to take it over"}, params=where)["state"] == "open"


def test_exceptions_are_accepted_with_a_reason_only(served: City) -> None:
    told = {"run": "x", "accepts_exceptions": True}
    path = f"/periods/{YEAR}/release?organisation=works"
    assert served.program("rita").post(path, told, 422)["code"] == "usage"
