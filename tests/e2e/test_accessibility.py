"""Every page holds WCAG 2.2 AA as far as a program can tell (axe-core), and is whole without JavaScript."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright
from unit.reports.synthetic import empty_result, full_result

from bilanz.app.output.reporting import render
from bilanz.messages import Language

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: accessibility is not checked")

LANGUAGES: tuple[Language, ...] = ("de", "en")
WIDTHS = (1280, 390)
OPTIONS = {"resultTypes": ["violations", "passes"]}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


def violations(browser: Browser, page: Path, width: int) -> tuple[list[str], int]:
    """Return what axe finds wrong, and how many rules it found kept."""
    view = browser.new_page(viewport={"width": width, "height": 900})
    view.goto(page.as_uri())
    view.wait_for_function("document.querySelectorAll('.chart.drawn:not(:has(.main-svg))').length === 0")
    found: dict[str, Any] = Axe().run(view, options=OPTIONS).response
    view.close()
    wrong = [f"{rule['id']}: {node['html'][:160]}" for rule in found["violations"] for node in rule["nodes"]]
    return wrong, len(found["passes"])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["full", "empty"])
def test_axe_finds_nothing(browser: Browser, tmp_path: Path, language: Language, name: str) -> None:
    result = full_result() if name == "full" else empty_result()
    page = render(result, language, tmp_path / "page.html", title="Musterhafen")
    for width in WIDTHS:
        wrong, kept = violations(browser, page, width)
        assert wrong == []
        assert kept > 15


def test_axe_would_find_something(browser: Browser, tmp_path: Path) -> None:
    page = tmp_path / "bad.html"
    page.write_text('<!doctype html><html><body><img src="x.png"><p style="color:#ccc">pale', "utf-8")
    wrong, _ = violations(browser, page, WIDTHS[0])
    assert {entry.split(":")[0] for entry in wrong} >= {"image-alt", "color-contrast", "html-has-lang"}


def test_the_page_is_whole_without_javascript(browser: Browser, tmp_path: Path) -> None:
    page = render(full_result(), "de", tmp_path / "page.html", title="Musterhafen")
    cells = {}
    for is_on in (True, False):
        context = browser.new_context(java_script_enabled=is_on)
        view = context.new_page()
        view.goto(page.as_uri())
        cells[is_on] = view.locator("table").all_text_contents()
        assert is_on or all(table.is_visible() for table in view.locator("table").all())
        context.close()
    assert cells[False] == cells[True]
    assert len(cells[False]) > 10
