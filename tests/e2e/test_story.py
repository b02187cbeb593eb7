"""The whole story in a real browser, in both languages: officer, reviewer, board member, intruder.

With `--tour-update` the pictures of the guided tour are made anew; without it the test compares what the
pages say with what they said when the pictures were made, so that the tour never shows another program.
"""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import web
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from bilanz.app.web.pages.tour import PICTURES, STEPS
from bilanz.messages import LANGUAGES, Language, translate
from reports import numbers

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: the pages are not walked through")

RECEIVED = Path(__file__).parents[3] / "shared" / "data" / "metering" / "at_netz" / "NetzNOEv2.csv"
BILLS = """\
source;activity;start;end;quantity;unit;basis;quality
Meter town baths;Electricity;2024-01-01;2024-01-31;12.345,6;kWh;;billed
Meter town baths;Electricity;2024-02-01;2024-02-29;11.207,4;kWh;;billed
Meter town baths;Electricity;2024-03-01;2024-03-31;10.951,0;kWh;;billed
Meter town baths;Electricity;2024-04-01;2024-04-30;9.8O1,5;kWh;;billed
Oil tank depot;Heavy fuel oil;2024-01-01;2024-12-31;5.000,0;kWh;;billed
"""
OWN = """\
source;activity;start;end;quantity;unit;quality
Meter depot;Electricity;2024-01-01;2024-12-31;8.200,0;kWh;billed
"""
SLOW = 120_000
CLIP = {"x": 0, "y": 0, "width": 1120, "height": 900}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


class Person:
    """Somebody at a browser."""

    def __init__(
        self, browser: Browser, address: str, language: Language, *, has_scripts: bool = True
    ) -> None:
        self.language = language
        self.context: BrowserContext = browser.new_context(
            base_url=address,
            locale=language,
            viewport={"width": 1120, "height": 900},
            java_script_enabled=has_scripts,
        )
        self.context.set_default_timeout(30_000)
        self.page: Page = self.context.new_page()
        self.wrong: list[str] = []
        self.page.on("console", lambda told: self.wrong.append(told.text) if told.type == "error" else None)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))

    def say(self, template: str, **parameters: object) -> str:
        return translate(template, self.language, **parameters)

    def sign_in(self, login: str) -> None:
        self.page.goto("/login")
        self.page.get_by_label(self.say("Login"), exact=True).fill(login)
        self.page.get_by_label(self.say("Password"), exact=True).fill(web.PASSWORD)
        self.press("Sign in")
        self.sees(self.say("Signed in as {name}.", name=login.title()))

    def press(self, template: str, **parameters: object) -> None:
        self.page.get_by_role("button", name=self.say(template, **parameters), exact=True).first.click()

    def follow(self, template: str, **parameters: object) -> None:
        self.page.get_by_role("link", name=self.say(template, **parameters)).first.click()

    def sees(self, text: str) -> None:
        expect(self.page.locator("body")).to_contain_text(text, timeout=SLOW)

    def arrives(self, pattern: str) -> None:
        self.page.wait_for_url(re.compile(pattern), timeout=SLOW)

    def upload(self, name: str, content: bytes) -> None:
        self.page.goto("/uploads")
        self.page.get_by_label(self.say("Organisation")).select_option("works")
        file = {"name": name, "mimeType": "text/csv", "buffer": content}
        self.page.locator("input[type=file]").set_input_files(file)
        self.press("Upload")
        self.arrives(r"/uploads/[0-9a-f]{32}$")

    def take_over(self, count: int) -> None:
        many = {"count": numbers.decimal(count, self.language)}
        asked, done = "Take over {count} rows", "{count} rows were taken over"
        asked, done = ("Take over 1 row", "1 row was taken over") if count == 1 else (asked, done)
        self.page.get_by_role("button", name=self.say(asked, **many)).click()
        self.sees(self.say(done, **many))

    def leave(self) -> None:
        assert self.wrong == []
        self.page.goto("/")
        self.press("Sign out")
        self.arrives(r"/login$")
        self.context.close()


class Camera:
    """Takes the pictures of the tour, or compares the words of the pages with those of the pictures."""

    def __init__(self, language: Language, *, is_updating: bool) -> None:
        self.folder, self.is_updating = PICTURES / language, is_updating
        self.words: dict[str, str] = {}

    def take(self, page: Page, step: str) -> None:
        assert step in {one.name for one in STEPS}
        self.words[step] = told(page.locator("main").inner_text())
        if self.is_updating:
            self.folder.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=self.folder / f"{step}.png", clip=CLIP)

    def compare(self) -> None:
        file = self.folder / "words.json"
        if self.is_updating:
            file.write_text(json.dumps(self.words, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        kept = json.loads(file.read_text(encoding="utf-8"))
        assert self.words == kept, "the pages changed: pytest tests/e2e/test_story.py --tour-update"
        assert list(kept) == [step.name for step in STEPS]
        assert all((self.folder / f"{step.name}.png").exists() for step in STEPS)


def told(text: str) -> str:
    """Return the first words of a page without what differs each time: numbers and identifiers."""
    words = re.sub(r"[0-9a-f]{8,}|\d[\d.,:]*", "0", text)
    return " ".join(words.split())[:600]


@pytest.mark.parametrize("language", LANGUAGES)
def test_from_the_first_file_to_the_board(
    browser: Browser, tmp_path: Path, language: Language, pytestconfig: pytest.Config
) -> None:
    settings = web.settings_of(tmp_path)
    web.populate(settings)
    camera = Camera(language, is_updating=pytestconfig.getoption("--tour-update"))
    with web.live(settings) as address:
        deliver(browser, address, language, camera)
        release(browser, address, language, camera)
        read(browser, address, language, camera, tmp_path)
        look_as_board(browser, address, language, camera)
        intrude(browser, address, language)
        deliver_as_received(browser, address, language)
    camera.compare()


def deliver(browser: Browser, address: str, language: Language, camera: Camera) -> None:
    """Upload, mend, take over, resolve an exception."""
    olga = Person(browser, address, language)
    olga.sign_in("olga")
    olga.page.goto("/uploads")
    camera.take(olga.page, "upload")
    olga.upload("bills 2024.csv", BILLS.encode())
    olga.sees(olga.say("{accepted} of {read} rows can be taken. 1 row needs mending.", accepted=4, read=5))
    camera.take(olga.page, "read")
    with olga.page.expect_download() as saved:
        olga.follow("Download the rows to mend, with the reasons (CSV)")
    rejects = Path(saved.value.path()).read_text(encoding="utf-8-sig")
    assert "9.8O1,5" in rejects
    olga.take_over(4)
    camera.take(olga.page, "mend")
    olga.upload("mended.csv", rejects.replace("9.8O1,5", "9.801,5").encode())
    olga.take_over(1)
    olga.upload("depot.csv", OWN.encode())
    olga.take_over(1)
    olga.page.goto("/review/2024?organisation=works")
    olga.press("Calculate {year}", year=2024)
    olga.arrives(r"/(review|balances)/2024")
    olga.page.goto("/review/2024?organisation=works")
    camera.take(olga.page, "review")
    olga.page.goto("/review/2024/exceptions?organisation=works")
    olga.sees("Oil tank depot")
    camera.take(olga.page, "exception")
    olga.follow("Correct or exclude")
    olga.page.locator("#f-reason-exclude").fill("The tank was sold in 2023.")
    olga.press("Exclude")
    olga.page.goto("/review/2024?organisation=works")
    olga.press("Calculate {year}", year=2024)
    olga.arrives(r"/(review|balances)/2024")
    olga.page.goto("/review/2024/exceptions?organisation=works")
    olga.sees(olga.say("There is no exception"))
    olga.leave()


def deliver_as_received(browser: Browser, address: str, language: Language) -> None:
    """Take over a file as a grid operator sent it; the closed year stays as it is and says so."""
    if not RECEIVED.exists():
        return  # the example files are not beside the repository
    olga = Person(browser, address, language)
    olga.sign_in("olga")
    olga.upload(RECEIVED.name, RECEIVED.read_bytes())
    olga.take_over(1248)
    olga.sees(olga.say("Years that are released or closed"))
    olga.leave()


def release(browser: Browser, address: str, language: Language, camera: Camera) -> None:
    """Release by another person, close by a third one."""
    rita = Person(browser, address, language)
    rita.sign_in("rita")
    rita.page.goto("/review/2024/period?organisation=works")
    camera.take(rita.page, "release")
    rita.press("Release")
    rita.arrives(r"/review/2024/period")
    rita.sees(rita.say("You released this year. Another person closes it: two persons look at a balance."))
    rita.leave()
    clara = Person(browser, address, language, has_scripts=False)
    clara.sign_in("clara")
    clara.page.goto("/review/2024/period?organisation=works")
    clara.press("Close the year")
    clara.sees(clara.say("Restate and keep"))
    clara.leave()


def read(browser: Browser, address: str, language: Language, camera: Camera, folder: Path) -> None:
    """Read the dashboard and download an export."""
    olga = Person(browser, address, language)
    olga.sign_in("olga")
    olga.page.goto("/balances/2024?organisation=works")
    olga.page.wait_for_selector(".dashboard .panel, .dashboard article", timeout=SLOW)
    olga.page.wait_for_selector(".main-svg", timeout=SLOW, state="attached")
    camera.take(olga.page, "dashboard")
    olga.follow("Downloads")
    olga.page.locator("button[value=workbook]").click()
    olga.sees(olga.say("The file is ready"))
    with olga.page.expect_download() as saved:
        olga.page.locator("main a.kern-btn--primary").click()
    kept = folder / "export.xlsx"
    saved.value.save_as(kept)
    assert kept.read_bytes()[:2] == b"PK"
    olga.leave()


def look_as_board(browser: Browser, address: str, language: Language, camera: Camera) -> None:
    """See what was released, and nothing else."""
    boris = Person(browser, address, language)
    boris.sign_in("boris")
    boris.page.goto("/balances")
    boris.sees("Works")
    camera.take(boris.page, "board")
    for path in ("/uploads", "/review", "/master", "/users", "/trail"):
        answer = boris.page.goto(path)
        assert answer is not None
        assert answer.status == 403, path
    boris.wrong.clear()  # the browser notes each refusal
    boris.leave()


def intrude(browser: Browser, address: str, language: Language) -> None:
    """See nothing of others, with and without signing in."""
    nobody = Person(browser, address, language)
    nobody.page.goto("/uploads")
    assert "/login" in nobody.page.url
    otto = Person(browser, address, language)
    otto.sign_in("otto")
    otto.page.goto("/uploads")
    expect(otto.page.locator("body")).not_to_contain_text("bills 2024.csv")
    for path in ("/review/2024", "/review/2024/period", "/balances/2024", "/balances/2024/exports"):
        answer = otto.page.goto(f"{path}?organisation=works")
        assert answer is not None
        assert answer.status == 404, path
    otto.wrong.clear()
    otto.leave()
