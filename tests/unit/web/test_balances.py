"""Which balances somebody sees, and what their dashboards show."""

import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
import web
from unit.web.balancesite import bill, city, document, links, loaded, released, user

from bilanz.app.balances import calculate_year, latest_result
from bilanz.registry import jobs
from bilanz.registry.engine import open_registry
from reports import numbers
from reports.totals import total_of

FOREIGN = ("Schools", "schools-2024.csv", "METER-SCHOOLS")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[web.Site]:
    with city(tmp_path, monkeypatch) as found:
        yield found


def dashboards_made(site: web.Site) -> int:
    registry = open_registry(site.settings.registry)
    with registry.session() as session:
        from sqlmodel import select

        from bilanz.job import Job

        count = len(session.exec(select(Job).where(Job.kind == "dashboard")).all())
    registry.close()
    return count


def sections(text: str) -> str:
    """Return what the dashboard itself says."""
    return str(document(text).xpath("//div[@class='dashboard']")[0].text_content())


def test_the_list_names_what_is_theirs_and_nothing_else(site: web.Site) -> None:
    everything = site.as_("clara").get("/balances?year=all")
    for name in ("All organisations", "City", "Works", "Power", "Schools", "2023", "2024"):
        assert name in everything
    lines = latest_result(site.settings, 2024).lines
    both = total_of(lines.filter(pl.col("organisation").is_in(["works", "power"])), "bisko")
    assert numbers.tonnes(both, "en") in everything, "works and power together"
    calculate_year(site.settings, 2024, organisation="works")
    theirs = site.as_("olga").get("/balances?year=all")
    assert "Works" in theirs
    assert "Power" in theirs
    assert not [name for name in ("City", "Schools", "All organisations") if name in theirs]
    assert "not calculated" in theirs, "2023 is calculated over all only"
    assert links(theirs, "/balances/2024") == [
        "/balances/2024?organisation=works&of=works",
        "/balances/2024?organisation=power&of=works",
    ]
    assert "No balance has been released yet" in site.as_("boris").get("/balances")
    assert "no balance yet" in site.as_("otto").get("/balances?year=1999").lower()
    site.as_("nobody").get("/balances", 403)


def test_a_dashboard_is_complete_without_javascript(site: web.Site) -> None:
    clara = site.as_("clara")
    text = loaded(clara, "/balances/2024")
    page = document(text)
    panels = page.xpath("//article")
    assert len(panels) > 15
    charts = page.xpath("//article/div[@data-figure]")
    assert charts
    for panel in panels:
        assert panel.xpath("./h3")[0].text_content().strip()
        assert panel.xpath("./p[@class='finding']")
        assert panel.xpath(".//table/tbody/tr")
    for chart in charts:
        assert chart.xpath("../details[@open]//table/caption")
    assert page.xpath("//table[@id='table-headline-totals']")
    scripts = re.findall(r"<script\b[^>]*>", text)
    assert '<script type="application/json" id="figures">' in scripts
    assert not [tag for tag in scripts if "src=" not in tag and "application/json" not in tag]
    assert "style=" not in re.sub(r"<script\b.*?</script>", "", text, flags=re.DOTALL)
    assert not page.xpath("//a[starts-with(@href, 'data:')]")
    assert site.client.get("/static/charts.js").status_code == 200


def test_every_table_leads_to_its_exact_values(site: web.Site) -> None:
    clara = site.as_("clara")
    address = links(loaded(clara, "/balances/2024"), "/balances/2024/tables/headline-totals")[0]
    answer = clara.client.get(address)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="headline-totals-2024.csv"'
    total = total_of(latest_result(site.settings, 2024).lines, "bisko")
    assert total is not None
    assert f"{total.normalize():f}" in answer.content.decode("utf-8-sig")
    assert "not there any more" in clara.get("/balances/2024/tables/about.json?of=*", 404)
    clara.get("/balances/2024/tables/..%2f..%2f..%2fregistry.sqlite?of=*", 404)


def test_an_own_run_shows_nothing_of_others(site: web.Site) -> None:
    calculate_year(site.settings, 2024, organisation="works")
    text = loaded(site.as_("olga"), "/balances/2024?organisation=works")
    assert "Works: balance 2024" in text
    assert "Power" in text
    assert "works-2024.csv" in text
    assert not [name for name in FOREIGN if name in text]
    assert "This balance is open" in text
    assert "Part of a larger balance" not in text
    part = loaded(site.as_("olga"), "/balances/2024?organisation=power")
    assert "Part of a larger balance" in part
    assert "power-2024.csv" in part
    assert "works-2024.csv" not in part


def test_a_part_of_an_open_balance_is_for_those_who_may_see_the_whole(site: web.Site) -> None:
    part = loaded(site.as_("clara"), "/balances/2024?organisation=works")
    assert "Shown is what Works has of the balance of All organisations" in part
    assert not [name for name in FOREIGN if name in sections(part)]
    missing = site.as_("olga").get("/balances/2024?organisation=works")
    assert "has not been calculated for this organisation yet" in missing
    assert links(missing, "/jobs/") == []
    assert 'action="/balances/2024/calculate?organisation=works"' in missing
    assert "/calculate" not in site.as_("vera").get("/balances/2021")


@pytest.mark.parametrize("path", ["", "/tables/headline-totals", "/lines", "/sums", "/explain", "/exports"])
def test_a_foreign_balance_is_not_there(site: web.Site, path: str) -> None:
    otto = site.as_("otto")
    calculate_year(site.settings, 2024, organisation="works")
    for address in ("organisation=works", "organisation=power&of=works", "", "organisation=nowhere"):
        assert "nothing you may see" in otto.get(f"/balances/2024{path}?{address}", 404)
    theirs = otto.get(f"/balances/2024{path}?organisation=schools&of=works", 404 if path else 200)
    assert ("nothing you may see" if path else "has not been calculated") in theirs
    assert "Works" not in theirs


def test_nobody_orders_for_others(site: web.Site) -> None:
    otto = site.as_("otto")
    otto.post("/balances/2024/calculate?organisation=works", status=404)
    otto.post("/balances/2024/exports?organisation=works", {"form": "lines"}, status=404)
    otto.post("/balances/2024/exports?organisation=schools&of=*", {"form": "lines"}, status=404)
    boris = site.as_("boris")
    boris.post("/balances/2024/calculate", status=403)
    boris.post("/balances/2024/exports", {"form": "lines"}, status=404)


def test_a_calculation_is_ordered_once(site: web.Site) -> None:
    olga = site.as_("olga")
    site.server.queue.stop()
    sent = {"csrf": olga.csrf}
    path = "/balances/2024/calculate?organisation=works"
    first, second = (olga.client.post(path, data=sent, follow_redirects=False) for _ in range(2))
    assert first.status_code == 303
    assert first.headers["location"] == second.headers["location"]
    registry = open_registry(site.settings.registry)
    job = jobs.job(registry, first.headers["location"].removeprefix("/jobs/"))
    registry.close()
    told = (job.kind, job.organisation, job.subject, job.parameters, job.by)
    assert told == ("calculate", "works", "2024", {"year": 2024}, "olga")


def test_the_board_sees_what_is_released_and_no_open_figure(site: web.Site) -> None:
    released(site.settings, 2024)
    user(site.settings, "bea", "board", "works")
    boris, bea, clara = site.as_("boris"), site.as_("bea"), site.as_("clara")
    overview = boris.get("/balances?year=all")
    assert links(overview, "/balances/2023") == []
    assert "released" in overview
    assert "not calculated" not in overview
    boris.get("/balances/2023", 404)
    seen, whole = loaded(boris, "/balances/2024"), loaded(clara, "/balances/2024")
    assert "This balance is released" in seen
    assert "table-years-totals" not in seen
    assert 'id="years"' in whole, "who may see 2023 sees it beside"
    assert 'id="years"' not in seen
    assert "2023" not in sections(seen)
    part = loaded(bea, "/balances/2024?organisation=works")
    assert "Part of a larger balance" in part
    assert not [name for name in FOREIGN if name in part]
    bea.get("/balances/2024", 404)
    assert "City" not in bea.get("/balances")


def test_the_filters_lead_to_what_is_chosen(site: web.Site) -> None:
    clara = site.as_("clara")
    text = loaded(clara, "/balances/2024")
    offered = document(text).xpath("//select[@name='organisation']/option/@value")
    assert offered == ["", "city", "schools", "works", "power"]
    assert document(text).xpath("//select[@name='year']/option/@value") == ["2024", "2023"]
    answer = clara.client.get("/balances/show?organisation=power&year=2023&book=bisko&of=works")
    assert [str(entry.url).partition("localhost")[2] for entry in answer.history][1] == (
        "/balances/2023?organisation=power&book=bisko"
    )
    one = loaded(clara, "/balances/2023?organisation=power&book=ghgp_market")
    table = document(one).xpath("//table[@id='table-headline-totals']/tbody/tr/th")
    assert [head.text_content() for head in table] == ["GHG Protocol, market-based"]
    assert "GHG Protocol, location-based" not in sections(one)
    otto = site.as_("otto")
    calculate_year(site.settings, 2024, organisation="schools")
    theirs = document(loaded(otto, "/balances/2024?organisation=schools"))
    assert theirs.xpath("//select[@name='organisation']/option/@value") == ["schools"]


def test_what_is_kept_is_served_until_the_balance_changes(site: web.Site) -> None:
    clara = site.as_("clara")
    before = loaded(clara, "/balances/2024")
    assert dashboards_made(site) == 1
    assert sections(loaded(clara, "/balances/2024")) == sections(before)
    assert dashboards_made(site) == 1
    bill(site.settings, "works", 2024, 90_000, "late")
    run = calculate_year(site.settings, 2024)
    after = loaded(clara, "/balances/2024")
    assert dashboards_made(site) == 2
    assert run.manifest.manifest_hash in after
    assert run.manifest.manifest_hash not in before
    kept = list((site.settings.data / "reports" / "web").rglob("about.json"))
    assert len(kept) == 1, "what it took the place of is gone"


def test_the_sections_are_those_of_the_file(site: web.Site) -> None:
    from bilanz.app.output.rendering import render_year

    text = render_year(site.settings, 2024, None).read_text(encoding="utf-8")
    page = document(loaded(site.as_("clara"), "/balances/2024"))
    file = document(text)
    assert page.xpath("//article//h3/text()") == file.xpath("//article//h3/text()")
    for table in file.xpath("//table/@id"):
        cells = [cell.text_content() for cell in file.xpath(f"//table[@id='{table}']//td")]
        assert cells == [cell.text_content() for cell in page.xpath(f"//table[@id='{table}']//td")]
