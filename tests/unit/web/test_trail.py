import html
import json
import re
import sqlite3

import pytest
import web

from bilanz.trail import broken_line


def test_the_trail_is_listed_the_newest_first_and_filtered(site: web.Site) -> None:
    vera = site.as_("vera")
    page = html.unescape(vera.get("/trail"))
    numbers = [int(found) for found in re.findall(r'href="/trail/(\d+)"', page)]
    assert numbers == sorted(numbers, reverse=True)
    assert "user added" in page
    found = vera.get("/trail?subject=olga&action=user.grant&by=test")
    rows = re.findall(r'<td class="kern-table__cell"><span class="id">([^<]*)</span>', found)
    assert rows == ["olga"]
    assert "There is no such entry" in vera.get("/trail?by=somebody")


def test_a_long_trail_has_parts(site: web.Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bilanz.app.web.pages.trail.PAGE", 5)
    vera, seen, path = site.as_("vera"), [], "/trail"
    while path:
        page = html.unescape(vera.get(path))
        seen += [int(found) for found in re.findall(r'<a class="kern-link" href="/trail/(\d+)"', page)]
        path = next(iter(re.findall(r'rel="next" href="([^"]+)"', page)), "")
    assert seen == list(range(len(seen), 0, -1))
    assert len(seen) > 10


def test_an_entry_shows_all_it_says(site: web.Site) -> None:
    vera = site.as_("vera")
    (number,) = re.findall(r'href="/trail/(\d+)"', vera.get("/trail?subject=olga&action=user.grant"))
    page = html.unescape(vera.get(f"/trail/{number}"))
    assert '"officer works"' in page
    assert "Hash of the one before" in page
    for wrong in ("0", "99999", "999999999999"):
        vera.get(f"/trail/{wrong}", status=404)


def test_the_chain_is_checked_and_handed_out(site: web.Site) -> None:
    vera = site.as_("vera")
    assert "Every link of the chain holds" in vera.get("/trail/check")
    answer = vera.client.get("/trail/export")
    assert answer.headers["content-disposition"] == 'attachment; filename="trail.jsonl"'
    lines = answer.text.splitlines()
    assert broken_line(lines)[0] is None
    assert json.loads(lines[-1])["end"] == len(lines) - 1
    log = (site.settings.data / "logs" / "security.log").read_text(encoding="utf-8")
    assert "trail_exported" in log


def test_a_broken_chain_is_told_and_not_handed_out(site: web.Site) -> None:
    connection = sqlite3.connect(site.settings.data / "registry.sqlite")
    triggers = connection.execute("select name from sqlite_master where type = 'trigger'").fetchall()
    for (name,) in triggers:
        connection.execute(f'drop trigger "{name}"')
    connection.execute("update trail set subject = 'somebody' where sequence = 3")
    connection.commit()
    connection.close()
    vera = site.as_("vera")
    page = vera.get("/trail/check")
    assert "The chain is broken at entry 3" in page
    assert "the entry was changed" in page
    vera.get("/trail/export", status=409)


@pytest.mark.parametrize("login", ["olga", "rita", "otto", "boris", "clara", "nobody"])
def test_nobody_else_sees_the_trail(site: web.Site, login: str) -> None:
    visitor = site.as_(login)
    assert "/trail" not in re.findall(r'href="([^"]+)"', visitor.get("/"))
    for path in ("/trail", "/trail/1", "/trail/check", "/trail/export"):
        assert visitor.client.get(path).status_code in {403, 404}
