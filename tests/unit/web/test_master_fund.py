"""The fund's tables on the pages of master data: apart from the others, entered, handed in as a workbook."""

import io
import re
from contextlib import closing
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import masters
import pytest
import web
import xlsxwriter

from bilanz.app.fund.tables import FUND_TABLES
from bilanz.app.master import workbook as masterworkbook
from bilanz.app.master.tables import TABLES
from bilanz.period import Period
from bilanz.registry import fund, periods, trail
from bilanz.registry.engine import open_registry
from bilanz.trail import Deed

FUND = [table.name for table in FUND_TABLES]


@pytest.fixture
def city(site: web.Site, tmp_path: Path) -> web.Site:
    masters.fill(site.settings, tmp_path / "masters")
    return site


def tables(part: str) -> list[str]:
    return re.findall(r'href="/master/(\w+)"><strong>', part)


def test_empty_tables_of_the_fund_are_folded_away(site: web.Site) -> None:
    page = site.as_("olga").get("/master")
    shown, folded = page.split("<details", 1)
    assert tables(shown) == [table.name for table in TABLES if table.name not in FUND]
    assert tables(folded) == FUND
    assert "The common fund</h2>" not in page
    # who may only read is not shown what nobody has filled in
    assert tables(site.as_("rita").get("/master")) == tables(shown)


def test_filled_tables_of_the_fund_stand_apart(city: web.Site) -> None:
    page = city.as_("olga").get("/master")
    ours, theirs = page.split("The common fund</h2>", 1)
    assert tables(theirs) == FUND
    assert not {*tables(ours)} & {*FUND}
    assert "<details" not in page
    assert "Projekte des Fonds" in german(city).get("/master")


def german(city: web.Site) -> web.Visitor:
    visitor = city.as_("olga")
    visitor.get("/language?to=de&then=/")
    return visitor


def test_a_project_is_entered_with_words_for_codes_and_leads_to_its_rows(city: web.Site) -> None:
    olga = german(city)
    page = olga.get("/master/fund_projects/row?key=F-W")
    assert "Pumps" in page
    assert re.search(r'<option value="none">\s*Keines \(0 %\)', page)
    assert re.search(r'<option value="EUR" selected>', page)
    assert 'href="/master/fund_flows?q=F-W"' in page
    assert '<option value="">keine Angabe</option>' in page  # not assessed is no "no"
    listed = olga.get("/master/fund_flows?q=F-W")
    assert "C-W" in listed
    assert "500.000" in listed
    assert "Pumps (F-W)" in listed
    assert "C-W" in olga.get("/master/fund_flows?organisation=works")
    assert "C-W" not in olga.get("/master/fund_flows?organisation=power")


PAYMENT = {
    "id": "D1",
    "project": "F-W",
    "kind": "disbursement",
    "on": "2024-02-01",
    "amount": "500.000,01",
    "currency": "EUR",
    "evidence": "bill 1",
    "reason": "payment run",
}


def test_a_disbursement_is_saved_by_the_rules(city: web.Site) -> None:
    olga = german(city)
    page = olga.post("/master/fund_flows/new", PAYMENT, status=422)
    assert "0.01 EUR zu viel" in page
    assert 'value="500.000,01"' in page
    assert "Gespeichert" in olga.post("/master/fund_flows/new", PAYMENT | {"amount": "500.000,00"})
    with closing(open_registry(city.settings.registry)) as registry:
        assert [row.amount for row in fund.flows(registry) if row.id == "D1"] == [Decimal(500000)]
        entry = trail.entries(registry, "fund_flows")[-1]
    assert (entry.by, entry.reason) == ("olga", "payment run")
    olga.post("/master/fund_flows/new", PAYMENT | {"id": "D2", "project": "F-S"}, status=422)


def test_rows_of_the_fund_speak_of_no_balance(city: web.Site) -> None:
    with closing(open_registry(city.settings.registry)) as registry:
        told = {"organisation": "works", "year": 2024, "state": "released", "run": "r", "released_by": "rita"}
        period = Period(**told, released_at="2026-02-01T08:00:00+00:00")
        periods.put_period(registry, period, Deed("rita", "period.release", "works 2024"))
    told = {"id": "P9", "organisation": "works", "year": "2024", "paid_on": "2024-04-01", "amount": "5"}
    given = told | {"currency": "EUR", "evidence": "e"}
    assert "Saved" in city.as_("clara").post("/master/fund_payments/new", given)
    city.as_("olga").post(
        "/master/fund_payments/new", given | {"id": "P10"}, status=422
    )  # what it owes itself


def test_a_workbook_is_handed_in_and_comes_out(city: web.Site) -> None:
    olga = city.as_("olga")
    answer = olga.client.get("/master/export?workbook=yes")
    assert answer.headers["content-type"] == masterworkbook.MEDIA
    assert answer.headers["content-disposition"] == 'attachment; filename="masterdata.xlsx"'
    page = olga.post("/master/import", {"update": "yes"}, files={"file": ("m.xlsx", answer.content)})
    assert "There is nothing to take over." in page
    assert "schools" not in page  # nothing of others is in it
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        sheet = book.add_worksheet("fund_payments")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        names = ("id", "organisation", "year", "paid_on", "amount", "currency", "evidence")
        sheet.write_row(0, 0, names)
        sheet.write_row(1, 0, ("P-W", "works", 2024, "", 1080000.5, "EUR", "statement 3"))
        sheet.write_row(2, 0, ("P8", "works", 2024, "", 0.1, "EUR", "statement 8"))
        for row in (1, 2):
            sheet.write_datetime(row, 3, datetime(2024, 3, 1), day)  # noqa: DTZ001 - a civil day
    page = city.as_("clara").post("/master/import", {}, files={"file": ("payments.xlsx", target.getvalue())})
    counts = [int(cell) for cell in re.findall(r"<td[^>]*>(\d+)</td>", page)]
    assert counts == [2, 1, 0, 1, 0]
    page = olga.post(
        "/master/import",
        {"table": "fund_flows"},
        files={"file": ("payments.xlsx", b"PK\x03\x04 no")},
        status=422,
    )
    assert "cannot be unpacked" in page


def test_a_column_that_stands_twice_is_refused(city: web.Site) -> None:
    told = "id;organisation;name;name\nhall;works;Hall;Town hall\n"
    page = city.as_("olga").post("/master/import", {}, files={"file": ("sites.csv", told.encode())})
    assert "The column &#34;name&#34; occurs more than once. Nothing of the table was imported." in page
    assert "There is nothing to take over." in page


def test_a_row_entered_by_mistake_is_withdrawn_with_a_reason(city: web.Site) -> None:
    olga = city.as_("olga")
    assert "Why it is withdrawn" in olga.get("/master/fund_flows/row?key=C-W")
    assert "Why it is withdrawn" not in olga.get("/master/sites/row?key=plant"), "only rows of the fund are"
    assert "Why it is withdrawn" not in city.as_("rita").get("/master/fund_flows/row?key=C-W")
    city.as_("otto").post("/master/fund_flows/withdraw?key=C-W", {"why": "x"}, status=404)
    city.as_("rita").post("/master/fund_flows/withdraw?key=C-W", {"why": "x"}, status=403)
    olga.post("/master/fund_flows/withdraw?key=C-W", status=409)
    assert "fund_flows 1" in olga.post("/master/fund_projects/withdraw?key=F-W", {"why": "x"}, status=409)
    olga.post("/master/fund_flows/withdraw?key=C-W", {"why": "typed twice"})
    olga.get("/master/fund_flows/row?key=C-W", status=404)
    with closing(open_registry(city.settings.registry)) as registry:
        entry = trail.entries(registry, "fund_flows")[-1]
        assert [row.key for row in fund.withdrawn(registry)] == ["C-W"]
    assert (entry.action, entry.by, entry.reason) == ("masterdata.withdraw", "olga", "typed twice")
