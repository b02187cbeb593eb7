"""A served city with bills of two years for three organisations, and how its balances are looked at."""

import re
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from html import unescape
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory

import pytest
import web
from lxml import html
from toy import use_toys

from bilanz.app.account import accounts
from bilanz.app.balances import calculate_year
from bilanz.app.intake.ingest import import_file
from bilanz.app.period.closing import Asked, release
from bilanz.app.settings import Settings
from bilanz.registry.engine import open_registry

HEADER = "source,activity,start,end,quantity"
KWH = {"works": 1000, "power": 700, "schools": 500}
"""Organisation → electricity of June 2024; of June 2023 it is ten more."""


def bill(settings: Settings, organisation: str, year: int, kwh: int, name: str = "") -> None:
    """Import a bill for June of a year; the first row of data is row 3 of its file."""
    path = settings.data.parent / f"{name or organisation}-{year}.csv"
    row = f"METER-{organisation.upper()},electricity,{year}-06-01,{year}-07-01,{kwh}"
    path.write_text(f"toy\n{HEADER}\n{row}\n", encoding="utf-8")
    import_file(path, organisation=organisation, settings=settings)


def user(settings: Settings, login: str, duty: str, organisation: str) -> None:
    """Add a user with one duty."""
    with closing(open_registry(settings.registry)) as registry:
        made = accounts.add_user(registry, login, login.title(), web.PASSWORD, by="test")
        accounts.grant(registry, made, [(duty, organisation)], by="test")


def released(settings: Settings, year: int, organisation: str | None = None) -> None:
    """Release the latest run of a year."""
    asked = Asked(year, organisation, accepts_exceptions=True, reason="test")
    release(settings.model_copy(update={"user": "rita"}), asked)


@cache
def _made() -> TemporaryDirectory[str]:
    """Make the data directory once; 2023 and 2024 are calculated over all."""
    folder = TemporaryDirectory()
    settings = web.settings_of(Path(folder.name))
    web.populate(settings)
    for organisation, kwh in KWH.items():
        bill(settings, organisation, 2023, kwh + 10)
        bill(settings, organisation, 2024, kwh)
    calculate_year(settings, 2023)
    calculate_year(settings, 2024)
    return folder


@contextmanager
def city(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[web.Site]:
    """Serve a copy of the city."""
    use_toys(monkeypatch)
    copytree(Path(_made().name) / "data", folder / "data")
    with web.served(web.settings_of(folder)) as site:
        yield site


def loaded(visitor: web.Visitor, path: str) -> str:
    """Return a page, after the job it needs first."""
    answer = visitor.client.get(path)
    for _ in range(300):
        if "/jobs/" not in str(answer.url):
            break
        time.sleep(0.1)
        answer = visitor.client.get(str(answer.url))
    assert answer.status_code == 200, (path, answer.status_code, answer.text[:2000])
    assert "/jobs/" not in str(answer.url), answer.text
    return answer.text


def links(text: str, start: str) -> list[str]:
    """Return the addresses on a page that begin so."""
    return [unescape(found) for found in re.findall(r'href="([^"]+)"', text) if found.startswith(start)]


def document(text: str) -> html.HtmlElement:
    """Return a page without its scripts."""
    return html.document_fromstring(re.sub(r"<script\b.*?</script>", "", text, flags=re.DOTALL))


def fact(text: str, name: str) -> str:
    """Return the value of a name in a list of facts."""
    (found,) = document(text).xpath("//dt[normalize-space()=$name]/following-sibling::dd[1]", name=name)
    return str(found.text_content()).strip()
