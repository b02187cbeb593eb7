"""Every page of the web application holds WCAG 2.2 AA as far as a program can tell, and by keyboard alone.

A page that is not listed here fails: nobody adds one that axe-core has not seen.
"""

import re
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Literal

import fundboards
import pytest
import web
from axe_playwright_python.sync_playwright import Axe
from fastapi.routing import iter_route_contexts
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from bilanz.app.account import accounts
from bilanz.app.web.server import application
from bilanz.messages import LANGUAGES, Language
from bilanz.registry.engine import open_registry

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: accessibility is not checked")

WIDTHS = (1280, 390)
WHERE = "organisation=works"
SOURCE = "source=Meter+town+baths"
BILLS = """\
source;activity;start;end;quantity;unit;basis;quality
Meter town baths;Electricity;2024-01-01;2024-06-30;12.345,6;kWh;;billed
Meter town baths;Electricity;2024-07-01;2024-12-31;9.8O1,5;kWh;;billed
Oil tank depot;Heavy fuel oil;2024-01-01;2024-12-31;5.000,0;kWh;;billed
"""

PAGES: dict[str, tuple[str, str]] = {
    "/login": ("", "/login"),
    "/": ("clara", "/"),
    "/account": ("clara", "/account"),
    "/account/factor": ("clara", "/account/factor"),
    "/users": ("adam", "/users"),
    "/users/new": ("adam", "/users/new"),
    "/users/{user}": ("adam", "/users/{user}"),
    "/trail": ("adam", "/trail"),
    "/trail/check": ("adam", "/trail/check"),
    "/trail/{sequence}": ("adam", "/trail/1"),
    "/jobs/{job}": ("clara", "/jobs/{job}"),
    "/balances": ("clara", "/balances"),
    "/balances/{year}": ("clara", f"/balances/2024?{WHERE}"),
    "/balances/{year}/lines": ("clara", f"/balances/2024/lines?{WHERE}"),
    "/balances/{year}/sums": ("clara", f"/balances/2024/sums?{WHERE}&by=source"),
    "/balances/{year}/explain": (
        "clara",
        f"/balances/2024/explain?{WHERE}&book=ghgp_location&{SOURCE}&activity=electricity&month=2024-01",
    ),
    "/balances/{year}/exports": ("clara", f"/balances/2024/exports?{WHERE}"),
    "/master": ("adam", "/master"),
    "/master/import": ("adam", "/master/import"),
    "/master/{table}": ("adam", "/master/terms"),
    "/master/{table}/new": ("adam", "/master/sites/new"),
    "/master/{table}/row": ("adam", "/master/organisations/row?key=works"),
    "/uploads": ("clara", "/uploads"),
    "/uploads/{upload}": ("clara", "/uploads/{upload}"),
    "/uploads/{upload}/mapping": ("clara", "/uploads/{upload}/mapping"),
    "/files": ("clara", "/files"),
    "/files/{batch}": ("clara", "/files/{batch}"),
    "/review": ("clara", "/review"),
    "/review/{year}": ("clara", f"/review/2024?{WHERE}"),
    "/review/{year}/calendar": ("clara", f"/review/2024/calendar?{WHERE}"),
    "/review/{year}/exceptions": ("clara", f"/review/2024/exceptions?{WHERE}"),
    "/review/{year}/records": ("clara", "{records}"),
    "/review/{year}/findings": ("clara", f"/review/2024/findings?{WHERE}"),
    "/review/{year}/value": ("clara", "{value}"),
    "/review/{year}/period": ("clara", f"/review/2024/period?{WHERE}"),
    "/tour": ("clara", "/tour"),
}
"""Route → who opens it, and the address."""

OF_THE_FUND = {"/fund", "/fund/assess"}
"""Looked at in a league, which a city is not."""

NO_PAGES = {
    *("/language", "/oidc/login", "/oidc/callback", "/invitation"),  # lead on, or need what is outside
    *("/trail/export", "/uploads/{upload}/rejects.csv", "/files/{batch}/original", "/forms/{form}"),
    *("/master/export", "/master/{table}.csv", "/master/{table}/evidence", "/downloads/{job}"),
    *("/balances/{year}/tables/{panel}", "/balances/show", "/jobs/{job}/events"),
    *("/healthz", "/readyz", "/metrics", "/fund/workbook"),
}
"""Routes that answer with no page of their own."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[tuple[str, dict[str, str]]]:
    """Serve a city with an upload to mend, a file taken over and a balance; lend what addresses need."""
    settings = web.settings_of(tmp_path_factory.mktemp("city"))
    web.populate(settings)
    with web.live(settings) as address:
        page = signed_in(browser, address, "clara", "en", WIDTHS[0])
        upload(page, "bills 2024.csv")
        page.get_by_role("button", name=re.compile("^Take over")).click()
        page.get_by_role("link", name="Show what was taken over").wait_for()
        batch = page.get_by_role("link", name="Show what was taken over").get_attribute("href") or ""
        page.goto(f"/review/2024?{WHERE}")
        with page.expect_response(re.compile(r"/jobs/[0-9a-f]{32}$")) as asked:
            page.get_by_role("button", name="Calculate 2024").click()
        job = asked.value.url
        page.wait_for_url(re.compile(r"/(review|balances)/2024"), timeout=120_000)
        page.goto(f"/review/2024/exceptions?{WHERE}")
        links = {name: page.get_by_role("link", name=re.compile(name)).first for name in ("all", "Correct")}
        found = {name: link.get_attribute("href") or "" for name, link in links.items()}
        second = upload(page, "again.csv", BILLS.replace("Meter town", "Meter new"))
        page.context.close()
        adam = signed_in(browser, address, "adam", "en", WIDTHS[0])
        adam.goto("/users")
        user = adam.locator("main a[href^='/users/']:not([href$=new])").first.get_attribute("href") or ""
        adam.context.close()
        yield (
            address,
            {
                "{upload}": second,
                "{batch}": batch.rsplit("/", 1)[-1],
                "{job}": job.rsplit("/", 1)[-1],
                "{user}": user.rsplit("/", 1)[-1],
                "{records}": found["all"],
                "{value}": found["Correct"],
            },
        )


def signed_in(browser: Browser, address: str, login: str, language: Language, width: int) -> Page:
    context = browser.new_context(base_url=address, locale=language, viewport={"width": width, "height": 900})
    page = context.new_page()
    page.set_default_timeout(60_000)
    if login:
        page.goto("/login")
        page.locator("#f-login").fill(login)
        page.locator("#f-password").fill(web.PASSWORD)
        page.locator("main button[type=submit]").click()
        page.wait_for_url(f"{address}/")
    return page


def upload(page: Page, name: str, text: str = BILLS) -> str:
    """Upload a file for the works and return its identifier."""
    page.goto("/uploads")
    page.locator("#f-organisation").select_option("works")
    file = {"name": name, "mimeType": "text/csv", "buffer": text.encode()}
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Upload", exact=True).click()
    page.wait_for_url(re.compile(r"/uploads/[0-9a-f]{32}$"), timeout=120_000)
    return page.url.rsplit("/", 1)[-1]


def test_every_page_is_listed(tmp_path: Path) -> None:
    app = application(web.settings_of(tmp_path))
    found = {
        route.path
        for route in iter_route_contexts(app.routes)
        if "GET" in (route.methods or ()) and not str(route.path).startswith(("/api/", "/static/"))
    }
    assert len(found) > 30
    assert found == PAGES.keys() | NO_PAGES | OF_THE_FUND


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing(
    browser: Browser, city: tuple[str, dict[str, str]], language: Language, width: int
) -> None:
    address, known = city
    pages = {login: signed_in(browser, address, login, language, width) for login in ("", "clara", "adam")}
    wrong: list[str] = []
    for login, pattern in PAGES.values():
        path = re.sub(r"\{\w+\}", lambda found: known[found[0]], pattern)
        page = pages[login]
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        if "/jobs/" in page.url:  # what is shown is being made
            page.wait_for_url(lambda address: "/jobs/" not in address, timeout=120_000)
        assert page.locator("html").get_attribute("lang") == language
        assert page.locator("h1").count() == 1, path
        wrong += violations(page, path)
        if width == min(WIDTHS):
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width + 1, f"{path} is {wide} wide"
    assert wrong == []
    for page in pages.values():
        page.context.close()


@pytest.fixture(scope="module")
def league(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the fund of a league to its board."""
    settings = fundboards.league(tmp_path_factory.mktemp("league"))
    with closing(open_registry(settings.registry)) as registry:
        for login, duty in (("bea", "board"), ("adam", "administrator")):
            made = accounts.add_user(registry, login, login.title(), web.PASSWORD, by="test")
            accounts.grant(registry, made, [(duty, "hanse")], by="test")
    with web.live(settings) as address:
        yield address


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_on_the_page_of_the_board(
    browser: Browser, league: str, language: Language, width: int
) -> None:
    page = signed_in(browser, league, "bea", language, width)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.goto("/fund")
    page.locator(".chart svg").first.wait_for()
    assert page.locator("html").get_attribute("lang") == language
    assert page.locator("h1").count() == 1
    assert violations(page, "/fund") == []
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width + 1, f"it is {wide} wide"
    assert said == []
    page.context.close()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_where_contributions_are_assessed(
    browser: Browser, league: str, language: Language, width: int
) -> None:
    page = signed_in(browser, league, "adam", language, width)
    page.goto("/fund/assess?year=2023")
    assert page.locator("h1").count() == 1
    assert page.locator("main form button[type=submit]").count() == 1
    assert violations(page, "/fund/assess") == []
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width + 1, f"it is {wide} wide"
    page.context.close()


def violations(page: Page, path: str) -> list[str]:
    found: dict[str, Any] = Axe().run(page, options={"resultTypes": ["violations", "passes"]}).response
    assert len(found["passes"]) > 10
    return [
        f"{path} {rule['id']}: {node['html'][:160]}" for rule in found["violations"] for node in rule["nodes"]
    ]


def test_from_upload_to_dashboard_by_keyboard(browser: Browser, city: tuple[str, dict[str, str]]) -> None:
    address, _ = city
    page = signed_in(browser, address, "olga", "en", WIDTHS[0])
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to the content")
    go(page, "link", "Files")
    page.wait_for_url("**/uploads")
    reach(page, page.locator("#f-organisation"))
    page.keyboard.type("Works")
    reach(page, page.locator("input[type=file]"))
    text = BILLS.replace("Meter town", "Meter keyboard").replace("9.8O1", "9.801").encode()
    file = {"name": "keyboard.csv", "mimeType": "text/csv", "buffer": text}
    page.locator("input[type=file]").set_input_files(file)  # the dialog belongs to the system
    go(page, "button", "Upload")
    page.wait_for_url(re.compile(r"/uploads/[0-9a-f]{32}$"), timeout=120_000)
    go(page, "button", "Take over 3 rows")
    expect(page.locator("body")).to_contain_text("3 rows were taken over", timeout=120_000)
    go(page, "link", "Check what is missing or doubtful")
    page.wait_for_url("**/review")
    go(page, "link", "2024")
    page.wait_for_url("**/review/2024**")
    go(page, "button", "Calculate 2024")
    page.wait_for_url(re.compile(r"/(review|balances)/2024"), timeout=120_000)
    page.goto(f"/balances/2024?{WHERE}")
    expect(page.locator("h1")).to_have_text("Works: balance 2024")
    page.context.close()


def go(page: Page, role: Literal["button", "link"], name: str) -> None:
    """Tab to a link or button that says so and press Enter; its focus can be seen."""
    target = page.get_by_role(role, name=name).first
    reach(page, target)
    outline = target.evaluate(
        "e => { const s = getComputedStyle(e); const c = getComputedStyle(e, ':focus');"
        " return [s.outlineStyle, s.boxShadow, c.outlineStyle].join(' '); }"
    )
    assert outline.replace("none", "").strip(), f"the focus on {name!r} cannot be seen"
    page.keyboard.press("Enter")


def reach(page: Page, target: Locator) -> None:
    """Press Tab until something has the focus."""
    target.wait_for()
    for _ in range(120):
        if target.evaluate("e => e === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not come to {target}")
