"""The page of the board in the browser and by the API: for who may see the league, with the same figures."""

import re
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import fundboards
import pytest
import web
from lxml import html

from bilanz.app.account import accounts
from bilanz.app.fund.board import board_of
from bilanz.registry import trail
from bilanz.registry.engine import open_registry


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[web.Site]:
    settings = fundboards.league(tmp_path_factory.mktemp("league"))
    with closing(open_registry(settings.registry)) as registry:
        for login, duty, organisation in (
            ("bea", "board", "hanse"),
            ("adam", "administrator", "hanse"),
            ("olaf", "officer", "musterdorf"),
            ("vera", "auditor", "hanse"),
        ):
            made = accounts.add_user(registry, login, login.title(), web.PASSWORD, by="test")
            accounts.grant(registry, made, [(duty, organisation)], by="test")
    with web.served(settings) as served:
        yield served


def test_the_board_reads_the_page_and_takes_the_workbook_along(site: web.Site) -> None:
    bea = site.as_("bea")
    assert 'href="/fund"' in bea.get("/")
    text = bea.get("/fund")
    found = html.document_fromstring(text)
    assert found.xpath("string(//h1)") == "Neue Hanse (fiktiv): the common fund, 2024"
    board = board_of(site.settings, 2024)
    assert board.contributions is not None
    (due,) = found.xpath("//table[@id='table-fund-contributions']//tfoot//td[3]/text()")
    assert due == "2,266,200.00"
    targets = {href.removeprefix("#") for href in found.xpath("//td/a/@href")}
    assert targets <= set(found.xpath("//@id"))
    assert "5,928,803" in text.replace("\u00a0", " ")
    answer = bea.client.get("/fund/workbook?year=2024")
    assert answer.headers["content-disposition"] == 'attachment; filename="bilanz-fund-2024.xlsx"'
    assert answer.content.startswith(b"PK")


def test_another_year_is_chosen_and_none_is_made_up(site: web.Site) -> None:
    bea = site.as_("bea")
    text = bea.get("/fund?year=2021")
    assert "the common fund, 2021" in text
    assert "not stated" in text, "nothing was measured for 2021"
    bea.get("/fund?year=21", 422)


def test_who_sees_a_part_of_the_league_does_not_see_its_fund(site: web.Site) -> None:
    olaf = site.as_("olaf")
    assert 'href="/fund"' not in olaf.get("/")
    for path in ("/fund", "/fund/workbook?year=2024", "/api/v1/fund", "/api/v1/fund/2024"):
        assert olaf.client.get(path).status_code == 404, path


def test_where_there_is_no_fund_there_is_no_page(tmp_path: Path) -> None:
    settings = web.settings_of(tmp_path)
    web.populate(settings)
    with web.served(settings) as served:
        clara = served.as_("clara")
        assert 'href="/fund"' not in clara.get("/")
        clara.get("/fund", 404)


def test_the_api_says_the_same(site: web.Site) -> None:
    bea = site.as_("bea")
    assert bea.client.get("/api/v1/fund").json() == {"years": [2020, 2021, 2022, 2023, 2024]}
    told = bea.client.get("/api/v1/fund/2024").json()
    assert (told["league"], told["currency"], told["key"], told["due"]) == (
        "hanse",
        "EUR",
        "S1-2020",
        "2266200",
    )
    dorf = next(one for one in told["contributions"] if one["organisation"] == "musterdorf")
    assert (dorf["due"], dorf["paid"], dorf["missing"]) == ("441742.23", "441742.23", [])
    pump = next(one for one in told["projects"] if one["project"] == "MH-04")
    assert pump["sum_of_shares"] == "1"
    assert (pump["alpha"], pump["promised"], pump["saved"], pump["saved_half_width"]) == (
        *("0.5", "41000", "40000"),
        "3000",
    )
    assert (pump["measured_t"], pump["half_width_t"], pump["fund_measured_t"]) == ("16", "1.8", "8")
    none = next(one for one in told["projects"] if one["project"] == "MH-01")
    assert (none["saved"], none["measured_t"], none["fund_measured_t"]) == (None, None, None)
    book = bea.client.get("/api/v1/fund/2024/workbook")
    assert book.content == bea.client.get("/fund/workbook?year=2024").content


def test_contributions_are_looked_at_then_assessed_by_who_may_change_keys(site: web.Site) -> None:
    bea, adam = site.as_("bea"), site.as_("adam")
    assert "/fund/assess" not in bea.get("/fund?year=2025")
    bea.get("/fund/assess?year=2025", 403)
    site.as_("olaf").get("/fund/assess?year=2025", 404)
    assert 'href="/fund/assess?year=2025"' in adam.get("/fund?year=2025")
    text = adam.get("/fund/assess?year=2025").replace("\u00a0", " ")
    assert "Not assessed yet (provisional)" in text
    assert "2,269,800.00 EUR" in text, "60 EUR · (18,300 + 8,120 + 11,410)"
    (seen,) = re.findall(r'name="seen" value="([0-9a-f]{64})"', text)
    told = {"year": "2025", "reason": "", "seen": "0" * 64}
    assert "has changed meanwhile" in adam.post("/fund/assess", told, status=409)
    bea.post("/fund/assess", told | {"seen": seen}, status=403)
    page = adam.post("/fund/assess", told | {"seen": seen, "reason": "resolution 9"})
    assert "Assessed: number 1 of" in page
    assert "resolution 9" in page
    assert "Nothing has changed since assessment 1 of 2025" in adam.get("/fund/assess?year=2025")
    with closing(open_registry(site.settings.registry)) as registry:
        entry = trail.entries(registry, "2025 hanse")[-1]
    assert (entry.by, entry.action, entry.reason) == ("adam", "fund.assess", "resolution 9")
    adam.get("/fund/assess?year=2027", 200)
    assert "2027 cannot be assessed" in adam.get("/fund/assess?year=2027")


def test_a_correction_is_assessed_with_a_reason_by_the_api_too(site: web.Site) -> None:
    bea, adam = site.as_("bea"), site.as_("adam")
    told = bea.client.get("/api/v1/fund/2022").json()
    assert (told["assessment"]["number"], told["assessment"]["total"]) == (1, "2259000.00")
    assert sum(Decimal(one["difference"]) for one in told["differences"]) == -6000
    assert bea.client.get("/api/v1/fund/2024").json()["assessment"] is None
    path = "/api/v1/fund/2022/assessments"
    look = adam.client.post(path, json={"dry_run": True}, headers={"x-csrf-token": adam.csrf})
    assert (look.json()["number"], look.json()["is_kept"], look.json()["total"]) == (2, False, "2253000.00")
    assert adam.client.post(path, json={}, headers={"x-csrf-token": adam.csrf}).status_code == 422
    seen = {"reason": "census", "seen": look.json()["inputs_sha256"]}
    assert bea.client.post(path, json=seen, headers={"x-csrf-token": bea.csrf}).status_code == 403
    made = adam.client.post(path, json=seen, headers={"x-csrf-token": adam.csrf}).json()
    assert (made["number"], made["reason"], made["is_kept"]) == (2, "census", True)
    first, second = bea.client.get(path).json()["items"]
    assert [row["former"] for row in second["amounts"]] == [row["due"] for row in first["amounts"]]
    assert bea.client.get("/api/v1/fund/2022").json()["differences"] == []
    assert "assessed_by" not in second
