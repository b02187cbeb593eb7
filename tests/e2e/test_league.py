"""Three cities by the command line: published, checked elsewhere, added up, shown in a browser."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

BILANZ = str(Path(sys.executable).with_name("bilanz"))
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
BILLS = """\
Organisation;Quelle;Aktivität;Von;Bis;Menge;Einheit
{name};meter {name};Strom;2024-01-01;2024-12-31;{quantity};kWh
"""
CITIES = {"lindenau": 120_000, "seehafen": 40_000, "talheim": 8_000}
STATED = """\
publisher = "{name}"
contact = "office"
contact_mail = "office@{name}.example"
licence = "dl-by-de/2.0"
"""


def called(data: Path, *arguments: str | Path, code: int = 0) -> dict[str, Any]:
    environment = os.environ | {"BILANZ_LANG": "en", "BILANZ_DATA": str(data)}
    command = [BILANZ, *(str(one) for one in arguments), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=120)
    assert done.returncode == code, done.stdout + done.stderr
    answer = json.loads(done.stdout)
    assert isinstance(answer, dict)
    return answer


@pytest.fixture(scope="module")
def league(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a data directory and a bundle for each city."""
    folder = tmp_path_factory.mktemp("league")
    for name, quantity in CITIES.items():
        data, bill = folder / name, folder / f"{name}.csv"
        bill.write_text(BILLS.format(name=name, quantity=quantity), encoding="utf-8")
        called(data, "organisation", "add", name, "--name", name.title(), "--kind", "municipality")
        assert called(data, "import", bill, "--org", name)["accepted"] == 1
        called(data, "calculate", "--year", "2024")
        (data / "publication.toml").write_text(STATED.format(name=name), encoding="utf-8")
        called(
            data, "publish", "--year", "2024", "--open", "--smallest", "1", "--out", folder / "bundles" / name
        )
    return folder


@pytest.fixture(scope="module")
def site(league: Path) -> Path:
    """Return the pages."""
    called(
        league / "elsewhere",
        "publish-site",
        league / "bundles",
        "--out",
        league / "site",
        "--league",
        "Hanse",
    )
    return league / "site"


@pytest.mark.parametrize("name", sorted(CITIES))
def test_a_bundle_is_sound_on_another_data_directory(league: Path, name: str) -> None:
    found = called(league / "elsewhere", "verify", league / "bundles" / name)
    assert (found["is_good"], found["member"], found["key"]) == (True, name, "first")


def test_an_altered_bundle_is_not(league: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(league / "bundles" / "lindenau", copy)
    content = (copy / "balance.csv").read_bytes()
    (copy / "balance.csv").write_bytes(content.replace(b"120000", b"120001", 1))
    assert called(tmp_path, "verify", copy, code=1)["altered"] == ["balance.csv"]
    refused = called(tmp_path, "consolidate", copy, league / "bundles" / "talheim", code=1)
    assert refused["error"]["code"] == "bundle_altered"


def test_the_league_is_the_sum_of_its_members(league: Path, tmp_path: Path) -> None:
    """Electricity only, so emissions are in the proportion of the quantities: 168 000 to 120 000 kWh."""
    bundles = [league / "bundles" / name for name in CITIES]
    shutil.copy(league / "lindenau" / "publication.toml", tmp_path / "publication.toml")
    found = called(tmp_path, "consolidate", *bundles, "--out", tmp_path / "hanse.zip", "--league", "Hanse")
    assert sorted(found["first_seen"]) == sorted(CITIES)
    totals = {
        row["member"]: Decimal(row["league_kg"])
        for row in found["totals"]
        if row["book"] == "bisko" and row["scope"] == "2"
    }
    assert totals[None] * 120 == totals["lindenau"] * 168
    assert called(tmp_path, "verify", tmp_path / "hanse.zip")["is_good"]
    assert called(tmp_path, "consolidate", *bundles)["first_seen"] == []


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: the pages are not looked at")
def test_the_pages_work_from_a_disk_in_both_languages_and_widths(site: Path) -> None:
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for language in ("de", "en"):
            for name in ("index", *(f"member-{city}" for city in CITIES)):
                for width in (1280, 390):
                    look(browser, site / language / f"{name}.html", width)
        browser.close()


def look(browser: Any, path: Path, width: int) -> None:  # noqa: ANN401 - a browser of playwright
    """Hold a page against what every page has to be."""
    page, said = browser.new_page(viewport={"width": width, "height": 900}), []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    charts = page.locator(".chart").count()
    page.wait_for_function(f"document.querySelectorAll('.chart.drawn .main-svg').length >= {charts}")
    assert charts >= 2
    assert page.locator("article:has(.chart) table").count() == charts
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert (
        page.locator("main").count() == page.locator("header").count() == page.locator("footer").count() == 1
    )
    assert all(url.startswith(("file:", "data:")) for url in asked)
    assert not said
    for link in page.locator("a[href]").all():
        target = str(link.get_attribute("href"))
        if not target.startswith(("#", "http", "data:", "mailto:")):
            assert (path.parent / target.partition("#")[0]).exists(), target
    page.close()


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: the pages are not looked at")
def test_the_pages_have_no_violation_of_wcag(site: Path) -> None:
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name in ("index.html", "de/index.html", "de/member-lindenau.html"):
            page = browser.new_page(bypass_csp=True)
            page.goto((site / name).as_uri())
            page.wait_for_timeout(1000)
            found = Axe().run(page).response["violations"]
            assert not [(each["id"], each["help"]) for each in found], name
        browser.close()


def test_the_hash_a_page_shows_is_that_of_the_file(site: Path, tmp_path: Path) -> None:
    for name in CITIES:
        file = site / "bundles" / f"{name}-2024.zip"
        page = (site / "en" / f"member-{name}.html").read_text(encoding="utf-8")
        assert hashlib.sha256(file.read_bytes()).hexdigest() in page
        assert called(tmp_path, "verify", file)["is_good"]
        assert f"bilanz verify ../{name}-2024.zip" in page


def test_without_charts_the_pages_say_everything(site: Path) -> None:
    """JavaScript off: tables are open in the text of the page."""
    page = (site / "de" / "member-lindenau.html").read_text(encoding="utf-8")
    assert page.count("<details open>") == page.count('class="chart"') >= 2


def test_a_site_is_replaced_as_a_whole_and_nothing_else_is(league: Path, tmp_path: Path) -> None:
    out = tmp_path / "site"
    arguments = ("publish-site", league / "bundles", "--out", out)
    called(tmp_path, *arguments)
    (out / "de" / "gone.html").write_text("", encoding="utf-8")
    called(tmp_path, *arguments)
    assert not (out / "de" / "gone.html").exists()
    other = tmp_path / "other"
    other.mkdir()
    (other / "letter.txt").write_text("", encoding="utf-8")
    refused = called(tmp_path, "publish-site", league / "bundles", "--out", other, code=1)
    assert "letter.txt" in {entry.name for entry in other.iterdir()}
    assert refused["error"]["code"] == "refused"
