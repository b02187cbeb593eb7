"""The start page: what waits, by duty."""

import html
import re
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
import web

from bilanz.app.account import accounts
from bilanz.job import Job, JobState, Upload, UploadState
from bilanz.period import Period, PeriodState
from bilanz.registry import jobs, periods
from bilanz.registry.engine import open_registry
from bilanz.trail import Deed


@pytest.fixture
def busy(site: web.Site) -> web.Site:
    """The site with files, years and jobs of "works", "power" and "schools"."""
    with closing(open_registry(site.settings.registry)) as registry:
        for number, (organisation, state) in enumerate(
            [
                ("works", UploadState.READ),
                ("power", UploadState.READ),
                ("power", UploadState.REFUSED),
                ("works", UploadState.COMMITTED),
                ("schools", UploadState.READ),
            ]
        ):
            file = {"file": "a.csv", "size": 1, "sha256": "0" * 64, "at": "2026-01-01", "by": "x"}
            jobs.put_upload(
                registry, Upload(id=f"u{number}", organisation=organisation, state=state.value, **file)
            )
        for organisation, year, state, by in [
            ("works", 2023, PeriodState.CLOSED, "rita"),
            ("works", 2024, PeriodState.RELEASED, "clara"),
            ("power", 2024, PeriodState.RELEASED, "rita"),
            ("schools", 2024, PeriodState.RELEASED, "otto"),
            ("", 2022, PeriodState.CLOSED, "clara"),
        ]:
            period = Period(
                organisation=organisation,
                year=year,
                state=state.value,
                run="r",
                released_by=by,
                released_at="2026-02-01T08:00:00+00:00",
            )
            periods.put_period(registry, period, Deed(by, "period.release", f"{organisation} {year}"))
        for days, organisation in ((1, "works"), (30, "works")):
            at = (datetime.now(UTC) - timedelta(days=days)).isoformat()
            jobs.put_job(
                registry,
                Job(
                    id=f"j{days}",
                    kind="dashboard",
                    organisation=organisation,
                    by="olga",
                    language="en",
                    state=JobState.FAILED.value,
                    created_at=at,
                ),
            )
    return site


def waits(page: str) -> dict[str, int]:
    found = re.findall(
        r'waiting__count">(\d+)</span><a class="kern-link" href="[^"]+">([^<]+)</a>', html.unescape(page)
    )
    return {text: int(count) for count, text in found}


def test_an_officer_sees_the_files_of_their_own_organisations(busy: web.Site) -> None:
    assert waits(busy.as_("olga").get("/")) == {
        "Files read and checked that nobody has committed yet": 2,
        "Files that could not be taken as they are": 1,
    }
    assert waits(busy.as_("otto").get("/")) == {"Files read and checked that nobody has committed yet": 1}


def test_a_reviewer_sees_the_years_somebody_else_released(busy: web.Site) -> None:
    text = "Released years that wait for you to close them, as the second person"
    assert waits(busy.as_("rita").get("/")) == {text: 1}
    assert waits(busy.as_("clara").get("/"))[text] == 2


def test_the_board_sees_what_was_released_and_nothing_that_waits(busy: web.Site) -> None:
    page = busy.as_("boris").get("/")
    assert "What waits for you" not in page
    assert re.findall(r'href="(/balances/[^"]+)"', html.unescape(page)) == [
        "/balances/2024?organisation=power",
        "/balances/2024?organisation=schools",
        "/balances/2024?organisation=works",
        "/balances/2023?organisation=works",
        "/balances/2022",
    ]
    assert "All organisations" in page
    own = busy.as_("otto").get("/")
    assert re.findall(r'href="(/balances/[^"]+)"', own) == ["/balances/2024?organisation=schools"]


def test_an_administrator_sees_accounts_and_what_failed_lately(busy: web.Site) -> None:
    with closing(open_registry(busy.settings.registry)) as registry:
        accounts.invite(registry, accounts.known(registry, "vera"), by="adam")
        for _ in range(5):
            accounts.failed(registry, accounts.known(registry, "otto"))
    page = busy.as_("adam").get("/")
    assert waits(page) == {
        "Accounts that rest after wrong passwords": 1,
        "Users who have not chosen a password yet": 1,
    }
    assert re.findall(r'href="/jobs/(\w+)"', page) == ["j1"]
    assert "/jobs/" not in busy.as_("olga").get("/")


def test_who_may_nothing_yet_is_told_so(busy: web.Site) -> None:
    page = busy.as_("nobody").get("/")
    assert "You may not see anything yet" in page
    assert "/balances" not in page


def test_the_navigation_shows_what_may_be_opened(site: web.Site) -> None:
    for login, expected in {
        "olga": ["/", "/uploads", "/review", "/balances", "/master", "/tour"],
        "boris": ["/", "/balances", "/tour"],
        "vera": ["/", "/uploads", "/review", "/balances", "/master", "/trail", "/tour"],
        "adam": ["/", "/uploads", "/review", "/balances", "/master", "/trail", "/users", "/tour"],
        "nobody": ["/", "/tour"],
    }.items():
        visitor = site.as_(login)
        for path, status in (("/", 200), ("/nothing-here", 404)):
            page = visitor.get(path, status)
            nav = page[page.index('class="main-nav"') :]
            assert re.findall(r'<li><a href="([^"]+)"', nav[: nav.index("</nav>")]) == expected
