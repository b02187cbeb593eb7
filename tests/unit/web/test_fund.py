"""The page of the board in the browser and by the API: for who may see the league, with the same figures."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import fundboards
import pytest
import web
from lxml import html

from bilanz.app.account import accounts
from bilanz.app.fund.board import board_of
from bilanz.registry.engine import open_registry


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[web.Site]:
    settings = fundboards.league(tmp_path_factory.mktemp("league"))
    with closing(open_registry(settings.registry)) as registry:
        for login, duty, organisation in (
            ("bea", "board", "hanse"),
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
