"""From a figure to its lines, to every step and to the row of the file; and the files to be taken along."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
import web
from unit.web.balancesite import HEADER, KWH, city, document, fact, links, loaded, released, user

from bilanz.app.balances import calculate_year, latest_result
from bilanz.app.intake.ingest import import_file
from bilanz.app.period.closing import reopen
from bilanz.app.web.linefilters import exact
from bilanz.app.web.pages.evidence import HEADINGS
from bilanz.registry.engine import open_registry
from bilanz.registry.periods import period
from bilanz.store.runlines import GROUPS
from reports.totals import counted

EXACT = "kg CO₂e, exact"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[web.Site]:
    with city(tmp_path, monkeypatch) as found:
        yield found


def total(lines: pl.DataFrame, **equal: str) -> str:
    lines = lines.with_columns(pl.col("month").dt.strftime("%Y-%m"))
    kept = counted(lines).filter(*(pl.col(name) == value for name, value in equal.items()))
    return exact(sum(kept["co2e_kg"].drop_nulls().to_list(), Decimal(0)), "en")


def test_the_lines_behind_a_figure_add_up_to_it(site: web.Site) -> None:
    clara = site.as_("clara")
    text = loaded(clara, "/balances/2024")
    lines = latest_result(site.settings, 2024).lines
    book = "ghgp_location"
    expected = {
        "table-headline-totals": (f"book={book}&scope=1-3", {}),
        "table-scopes-categories": (f"scope=2&category=purchased_electricity&book={book}", {"scope": "2"}),
        "table-months-emissions": (f"scope=1-3&month=2024-06&book={book}", {"month": "2024-06"}),
        "table-organisations-ghgp-location": (
            f"book={book}&scope=1-3&unit=schools&reach=itself",
            {"organisation": "schools"},
        ),
    }
    page = document(text)
    for table, (query, equal) in expected.items():
        cells = page.xpath(f"//table[@id='{table}']//a")
        (cell,) = [each for each in cells if each.get("href").endswith(query)]
        shown = clara.get(cell.get("href"))
        assert fact(shown, EXACT) == total(lines, book=book, **equal)
        assert fact(shown, "As on the dashboard").removesuffix("\u00a0t\u00a0CO₂e") == cell.text_content()
    below = clara.get(f"/balances/2024/lines?of=*&book={book}&scope=1-3&unit=works")
    assert fact(below, "Lines") == str(
        counted(lines).filter(pl.col("organisation").is_in(["works", "power"]), pl.col("book") == book).height
    )


def test_every_figure_that_leads_to_lines_is_their_sum(site: web.Site) -> None:
    clara = site.as_("clara")
    page = document(loaded(clara, "/balances/2024"))
    cells = page.xpath("//td/a[contains(@href, '/lines?')]")
    assert len(cells) > 25
    for cell in cells:
        shown = fact(clara.get(cell.get("href")), "As on the dashboard")
        assert shown == f"{cell.text_content()}\u00a0t\u00a0CO₂e", cell.get("href")


def test_sums_by_source_lead_to_lines(site: web.Site) -> None:
    clara = site.as_("clara")
    text = clara.get("/balances/2024/sums?of=*&by=source&book=bisko")
    heads = [head.text_content() for head in document(text).xpath("//tbody/tr/th[@scope='row']")]
    assert heads == ["METER-WORKS", "METER-POWER", "METER-SCHOOLS"]
    lines = clara.get(links(text, "/balances/2024/lines")[1])
    assert fact(lines, "Quantities") == f"{exact(Decimal(KWH['works']), 'en')} kWh"
    assert set(HEADINGS) == set(GROUPS)
    for by in GROUPS:
        text = clara.get(f"/balances/2024/sums?of=*&by={by}&book=bisko")
        assert total(latest_result(site.settings, 2024).lines, book="bisko") in text
    clara.get("/balances/2024/sums?by=co2e_kg", 422)
    clara.get("/balances/2024/lines?month=June", 422)
    clara.get("/balances/2024/lines?book=nothing", 404)
    assert "There is no such line" in clara.get("/balances/2024/lines?source=%27%20OR%201=1--")
    assert "There is no such line" in clara.get("/balances/2024/lines?source=1-3"), (
        "a meter, not scopes 1 to 3"
    )


def test_without_a_scope_only_what_counts_is_added(site: web.Site) -> None:
    clara = site.as_("clara")
    for page in ("lines", "sums"):
        assert fact(clara.get(f"/balances/2024/{page}?of=*&book=bisko"), "Scope") == "Scopes 1 to 3"
        assert fact(clara.get(f"/balances/2024/{page}?of=*&book=bisko&scope=2"), "Scope") == "Scope 2"


def test_a_file_with_data_of_others_is_for_those_who_may_read_all_of_it(site: web.Site) -> None:
    path = site.settings.data.parent / "both.csv"
    row = "METER-SHARED,electricity,2024-03-01,2024-04-01,40,"
    path.write_text(f"toy\n{HEADER},organisation\n{row}works\n{row}schools\n", encoding="utf-8")
    batch = import_file(path, organisation="works", settings=site.settings).batch
    for visitor, status in ((site.as_("clara"), 200), (site.as_("olga"), 404), (site.as_("otto"), 404)):
        for way in ("", "/original"):
            visitor.get(f"/files/{batch}{way}", status)
    site.as_("olga").post(f"/files/{batch}/withdraw", {"reason": "x"}, 404)


def test_lines_of_others_are_not_to_be_had_by_a_filter(site: web.Site) -> None:
    calculate_year(site.settings, 2024, organisation="works")
    olga = site.as_("olga")
    text = olga.get("/balances/2024/lines?organisation=works&book=bisko")
    assert "METER-POWER" in text
    assert "METER-SCHOOLS" not in text
    olga.get("/balances/2024/lines?organisation=works&unit=schools", 404)
    olga.get("/balances/2024/sums?organisation=power&of=works&unit=works", 404)
    assert "METER-WORKS" not in olga.get("/balances/2024/lines?organisation=power&of=works")


def test_a_line_is_explained_down_to_the_row_of_the_file(site: web.Site) -> None:
    calculate_year(site.settings, 2024, organisation="works")
    olga = site.as_("olga")
    lines = olga.get("/balances/2024/lines?organisation=works&book=bisko&source=METER-POWER")
    address, _ = links(lines, "/balances/2024/explain")  # a few hours of the bill are in July, local time
    assert "organisation=power&of=works" in address
    text = olga.get(address)
    (row,) = document(text).xpath("//table/tbody/tr")
    cells = [cell.text_content() for cell in row]
    assert cells[:4] == ["power-2024.csv", "3", "quantity", "700"]
    assert row.xpath("./th/a/@href")[0].startswith("/files/")
    steps = [step.text_content() for step in document(text).xpath("//ol/li")]
    assert any("Umweltbundesamt" in step for step in steps), "the publication of the factor"
    assert any(step.startswith("= ") and "kg CO2e" in step for step in steps)
    assert document(text).xpath("//details//li"), "the candidates that lost"
    assert "schools" not in text.lower()
    (back,) = links(text, "/balances/2024/lines")
    assert "scope=2" in back, "lines of other scopes are not added to those it came from"
    olga.get(address.replace("organisation=power", "organisation=schools"), 404)
    olga.get("/balances/2024/explain?book=bisko", 404)
    site.as_("clara").get("/balances/2024/explain?of=*&book=bisko", 404)


def test_the_board_sees_lines_of_a_released_balance_and_no_files(site: web.Site) -> None:
    released(site.settings, 2024)
    user(site.settings, "bea", "board", "works")
    bea = site.as_("bea")
    text = bea.get("/balances/2024/lines?organisation=works&book=bisko")
    assert "METER-WORKS" in text
    assert "METER-SCHOOLS" not in text
    assert not links(text, "/balances/2024/explain")
    bea.get("/balances/2024/explain?organisation=works&of=*&book=bisko&source=METER-WORKS", 403)
    explained = site.as_("clara").get("/balances/2024/explain?organisation=works&of=*&book=bisko")
    assert "files and master data of the day of the release" in explained


def made(visitor: web.Visitor, path: str, form: str) -> str:
    """Return the address of a file that was ordered."""
    answer = visitor.client.post(path, data={"csrf": visitor.csrf, "form": form}, follow_redirects=False)
    assert answer.status_code == 303, answer.text[:500]
    text = loaded(visitor, answer.headers["location"])
    assert "The file is ready" in text
    (address,) = links(text, "/downloads/")
    return address


def test_a_balance_is_taken_along_as_a_file(site: web.Site) -> None:
    clara = site.as_("clara")
    text = clara.get("/balances/2024/exports?of=*")
    for form in (
        "Balance lines, exact (CSV)",
        "VSME B3",
        "The dashboard as one file",
        "to be calculated again",
    ):
        assert form in text
    answer = clara.client.get(made(clara, "/balances/2024/exports?of=*", "lines"))
    assert answer.headers["content-disposition"] == 'attachment; filename="bilanz-2024-lines.en.csv"'
    assert answer.headers["content-type"] == "application/octet-stream"
    assert "METER-SCHOOLS" in answer.text
    part = clara.client.get(made(clara, "/balances/2024/exports?organisation=works&of=*", "lines"))
    assert "METER-WORKS" in part.text
    assert "METER-SCHOOLS" not in part.text
    manifest = json.loads(clara.client.get(made(clara, "/balances/2024/exports?of=*", "manifest")).text)
    assert manifest["result_hash"] == latest_result(site.settings, 2024).manifest.result_hash
    page = clara.client.get(made(clara, "/balances/2024/exports?of=*", "page"))
    assert page.text.startswith("<!doctype html>")
    clara.post("/balances/2024/exports?of=*", {"form": "../lines"}, status=404)


def test_a_file_is_for_those_who_may_see_the_balance(site: web.Site) -> None:
    clara, olga, boris = site.as_("clara"), site.as_("olga"), site.as_("boris")
    calculate_year(site.settings, 2024, organisation="works")
    of_works = made(olga, "/balances/2024/exports?organisation=works", "lines")
    of_all = made(clara, "/balances/2024/exports?organisation=works&of=*", "lines")
    assert clara.client.get(of_works).status_code == 200
    for visitor, address in (
        (olga, of_all),
        (boris, of_all),
        (boris, of_works),
        (site.as_("otto"), of_works),
    ):
        assert visitor.client.get(address).status_code == 404
    released(site.settings, 2024)
    theirs = made(boris, "/balances/2024/exports", "lines")
    assert boris.client.get(theirs).status_code == 200
    registry = open_registry(site.settings.registry)
    assert period(registry, "", 2024).stands
    registry.close()
    reopen(site.settings, 2024, None, "test")
    assert boris.client.get(theirs).status_code == 404, "nobody has released it any more"
    assert clara.client.get(theirs).status_code == 200


def test_the_job_of_somebody_who_sees_less_is_followed_by_who_asked(site: web.Site) -> None:
    released(site.settings, 2024)
    boris = site.as_("boris")
    answer = boris.client.get("/balances/2024", follow_redirects=False)
    address = answer.headers["location"]
    assert address.startswith("/jobs/")
    assert boris.client.get(address, follow_redirects=False).status_code in {200, 303}
    user(site.settings, "ben", "board", "")
    site.as_("ben").get(address, 404)
