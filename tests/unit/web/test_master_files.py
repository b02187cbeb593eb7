"""Files of master data over HTTP: out and in again without a change, evidence, formulas, what is refused."""

import csv
import io
import re
import zipfile
from pathlib import Path

import masters
import pytest
import web

from bilanz.app.master import csvfiles
from bilanz.app.master.tables import BY_NAME
from bilanz.app.master.words import templates
from bilanz.messages import catalogue
from bilanz.plan import Measure
from bilanz.registry import trail
from bilanz.registry.engine import open_registry
from bilanz.registry.organisations import sites

PDF = b"%PDF-1.7\n1 0 obj\n"


@pytest.fixture
def city(site: web.Site, tmp_path: Path) -> web.Site:
    masters.fill(site.settings, tmp_path / "masters")
    return site


def exported(visitor: web.Visitor) -> dict[str, list[dict[str, str]]]:
    answer = visitor.client.get("/master/export")
    assert answer.headers["content-disposition"] == 'attachment; filename="masterdata.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        texts = {name: archive.read(name).decode("utf-8-sig") for name in archive.namelist()}
    return {
        name.removesuffix(".csv"): list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))
        for name, text in texts.items()
    }


def hand_in(visitor: web.Visitor, name: str, content: bytes, status: int = 200, **told: str) -> str:
    return visitor.post("/master/import", told, status, files={"file": (name, content)})


def counts(page: str) -> dict[str, list[int]]:
    """Return title → read, added, changed, unchanged, rejected."""
    rows = re.findall(r'<tr class="kern-table__row">\s*(<td.*?)</tr>', page, re.DOTALL)
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in rows]
    return {title: [int(count) for count in rest] for title, *rest in cells}


@pytest.mark.parametrize("login", ["olga", "otto", "clara"])
def test_what_is_taken_out_comes_in_again_without_a_change(city: web.Site, login: str) -> None:
    visitor = city.as_(login)
    content = visitor.client.get("/master/export").content
    page = hand_in(visitor, "masterdata (1).zip", content, update="yes")
    found = counts(page)
    assert sum(count[0] for count in found.values()) > 10
    assert all(count[0] == count[3] for count in found.values()), found
    assert "There is nothing to take over." in page


def test_only_what_the_caller_may_see_is_taken_out(city: web.Site) -> None:
    found = exported(city.as_("olga"))
    assert {row["id"] for row in found["sources"]} == {"W-1", "W-2", "MOVED"}
    assert next(row["parent"] for row in found["sources"] if row["id"] == "W-2") == "***"
    assert [row["parent"] for row in found["organisations"]] == ["works", "***"]
    text = str(found)
    for foreign in ("schools", "S-1", "gym", "C-1", "LOST"):
        assert foreign not in text
    table = city.as_("olga").get("/master/sites.csv")
    assert "plant" in table
    assert "gym" not in table
    city.as_("olga").get("/master/users.csv", status=404)


def test_formulas_are_no_formulas_and_read_back(city: web.Site) -> None:
    found = exported(city.as_("olga"))
    assert found["measures"][0]["evidence"] == "'=1+1"
    assert found["measures"][0]["effect_kwh"] == "-1500.5"
    assert found["compensations"][0]["evidence"] == "'=SUM(A1)"
    table = BY_NAME["measures"]
    for text in ("=1", "'=1", "''+2", "'", "''", "-x", "@a", "plain", "it's", "'quoted'"):
        row = Measure(
            id="m", organisation="o", title=text, activity="diesel", status="planned", evidence=text
        )
        content = csvfiles.write(table, [(row, frozenset())])
        (held,) = csvfiles.read(content, table, "measures.csv").rows
        assert (held[1]["title"], held[1]["evidence"]) == (text, text)
        cell = content.decode("utf-8-sig").splitlines()[1].split(";")[2]
        assert not cell.startswith(("=", "+", "-", "@"))


def test_a_file_is_previewed_then_taken_over(city: web.Site) -> None:
    olga = city.as_("olga")
    told = (
        "id;organisation;name\nplant;works;Plant\nhall;works;Hall\ngym;schools;Taken\nx;schools;X\ny;mars;Y\n"
    )
    page = hand_in(olga, "sites.csv", told.encode())
    assert counts(page)["Sites"] == [5, 1, 0, 0, 4]
    assert "name: Sewage plant North → Plant" in page
    assert "row 4: The row is not yours to change" in page
    assert page.count("is not in the table organisations") == 2
    with_changes = olga.post("/master/import/take", taking(page, 1) | {"step": "preview"})
    assert counts(with_changes)["Sites"] == [5, 1, 1, 0, 3]
    done = olga.post("/master/import/take", taking(with_changes) | {"step": "take", "reason": "census"})
    assert counts(done)["Sites"] == [5, 1, 1, 0, 3]
    registry = open_registry(city.settings.registry)
    held = {name: (row.organisation, row.name) for name, row in sites(registry).items()}
    entry = trail.entries(registry, "sites")[-1]
    registry.close()
    assert held == {"plant": ("works", "Plant"), "hall": ("works", "Hall"), "gym": ("schools", "Gym")}
    assert (entry.by, entry.reason) == ("olga", "census")


def taking(page: str, index: int = 0) -> dict[str, str]:
    form = re.findall(r'action="/master/import/take">(.*?)</form>', page, re.DOTALL)[index]
    return dict(re.findall(r'<input type="hidden" name="(ticket|update)" value="([^"]*)">', form))


def test_a_file_of_somebody_else_is_not_taken_over(city: web.Site) -> None:
    page = hand_in(city.as_("olga"), "sites.csv", b"id;organisation;name\nhall;works;Hall\n")
    told = taking(page) | {"step": "take"}
    assert "no longer kept" in city.as_("otto").post("/master/import/take", told, status=404)
    assert "no longer kept" in city.as_("olga").post("/master/import/take", {"ticket": "x"}, status=404)
    city.as_("rita").post("/master/import/take", told, status=403)


def bomb() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("sites.csv", b"id;organisation;name\n" + b" " * (21 * 1024**2))
    return target.getvalue()


def twins() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("a/sites.csv", b"id")
        archive.writestr("b/sites.csv", b"id")
    return target.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("cats.csv", b"id\n1\n", "holds no table of master data"),
        ("sites.csv", "id;organisation;name\nk;works;Köln\n".encode("cp1252"), "is not UTF-8"),
        ("sites.csv", b'id;organisation;name\nx;works;"open\ny;works;Y\n', "is no CSV file"),
        ("sites.zip", b"PK\x03\x04 nothing", "cannot be unpacked"),
        ("sites.zip", bomb(), "is larger than 20 MB"),
        ("sites.zip", twins(), "too many files, or two of one name"),
        ("sites.csv", b"", "Choose a file first"),
        ("../../sites.csv", b"id;organisation;name\n" + b"x;works;X\n" * 20_001, "more than 20000 rows"),
    ],
)
def test_a_file_that_cannot_be_read_is_said(city: web.Site, name: str, content: bytes, said: str) -> None:
    assert said in hand_in(city.as_("olga"), name, content, 422)


def add_file(visitor: web.Visitor, query: str, name: str, content: bytes, status: int = 200) -> str:
    return visitor.post(f"/master/{query}", None, status, files={"file": (name, content)})


def test_a_file_of_evidence_is_kept_and_given_to_who_may_read_the_row(city: web.Site) -> None:
    olga = city.as_("olga")
    page = add_file(olga, "targets/uploads?key=T-W", "../Beschluss [1].exe", PDF)
    (address, name) = re.findall(r'href="(/master/targets/evidence[^"]+)" download>([^<]+)<', page)[0]
    assert name == "Beschluss 1.pdf"
    address = address.replace("&amp;", "&")
    for login in ("olga", "rita", "vera"):
        answer = city.as_(login).client.get(address)
        assert answer.content == PDF
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.headers["content-disposition"].startswith("attachment")
    city.as_("otto").get(address, status=404)
    city.as_("boris").get(address, status=403)
    # otto names the hash in a row of his own: the file was not handed in for him
    sha256 = address.rpartition("=")[2]
    otto = city.as_("otto")
    told = {"id": "G-X", "organisation": "schools", "activity": "electricity", "rate": "0.1"}
    told |= {"first_year": "2025", "last_year": "2026", "title": "T", "evidence": sha256}
    otto.post("/master/growth/new", told)
    assert "/master/growth/evidence" not in otto.get("/master/growth/row?key=G-X")
    otto.get(f"/master/growth/evidence?key=G-X&sha256={sha256}", status=404)


def test_what_is_no_evidence_is_refused(city: web.Site) -> None:
    olga = city.as_("olga")
    said = add_file(olga, "targets/uploads?key=T-W", "x.pdf", b"<script>alert(1)</script>", 409)
    assert "PDF, PNG, JPEG and TIFF" in said
    assert "larger than 20 MB" in add_file(
        olga, "targets/uploads?key=T-W", "x", PDF + b"x" * 21 * 1024**2, 409
    )
    add_file(olga, "targets/uploads?key=T-S", "x.pdf", PDF, 404)
    add_file(olga, "sites/uploads?key=plant", "x.pdf", PDF, 404)
    add_file(city.as_("rita"), "targets/uploads?key=T-W", "x.pdf", PDF, 403)
    assert not (city.settings.data / "evidence").exists()


def test_everything_that_tables_and_columns_are_called_is_german_too() -> None:
    assert len(templates()) > 250
    assert [text for text in templates() if text not in catalogue("de")] == []
