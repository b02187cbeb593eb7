"""Uploading as an officer does: read first, mended, compared with what is held, taken over, withdrawn."""

import io
import re
import threading
import time
import zipfile
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest
import web

from bilanz.app.upload import outcome as uploadoutcome
from bilanz.app.upload import overlaps as overlappreview
from bilanz.app.upload import uploads
from bilanz.app.web import jobs
from bilanz.job import JobState
from bilanz.organisation import Source, SourceTerm
from bilanz.registry import jobs as registered
from bilanz.registry.engine import Registry, open_registry
from bilanz.registry.sources import put_source, put_term
from bilanz.registry.uploads import newest_about
from bilanz.store.connection import open_store

LIST = b"""Wo;Zeitraum;Halle eins Strom kWh;Farbe
Rathaus;2023;12.345,5;rot
Bad;2023;98.000;blau
Rathaus;2024;11.900;rot
"""
HEADER = "Quelle;Aktivität;Beginn;Ende;Menge;Einheit;Qualität"
GOOD = [
    f"S-{month};Strom;01.{month:02}.2024;{last}.{month:02}.2024;1.234,{month};kWh;gemessen"
    for month, last in ((1, 31), (3, 31), (5, 31))
]


def table(*lines: str, header: str = HEADER) -> bytes:
    return "\n".join([header, *lines, ""]).encode()


def send(
    visitor: web.Visitor, *files: tuple[str, bytes], organisation: str = "works", status: int = 200
) -> str:
    """Upload files and return the page it leads to."""
    parts = [("files", (name, io.BytesIO(body))) for name, body in files]
    return visitor.post("/uploads", {"organisation": organisation}, status, files=parts)


def settled(site: web.Site) -> None:
    """Wait until no job is open."""
    with closing(open_registry(site.settings.registry)) as registry:
        for _ in range(600):
            if not registered.unfinished(registry):
                return
            time.sleep(0.05)
    pytest.fail("a job does not end")


def newest(site: web.Site) -> str:
    """Return the address of the newest upload."""
    with closing(open_registry(site.settings.registry)) as registry:
        return f"/uploads/{registered.uploads(registry)[0].id}"


def uploaded(
    site: web.Site, visitor: web.Visitor, name: str, body: bytes, organisation: str = "works"
) -> tuple[str, str]:
    """Upload a file, wait until it was read, and return address and text of its page."""
    send(visitor, (name, body), organisation=organisation)
    settled(site)
    here = newest(site)
    return here, visitor.get(here)


def committed(site: web.Site, visitor: web.Visitor, here: str, **form: str) -> str:
    visitor.post(f"{here}/commit", form)
    settled(site)
    return visitor.get(here)


def held(site: web.Site) -> dict[str, Decimal]:
    with open_store(site.settings.store_file, read_only=True) as store:
        return dict(
            store.rows(
                """SELECT a.source, sum(quantity) FROM activity_live a WHERE NOT is_superseded
                GROUP BY a.source ORDER BY a.source"""
            )
        )


def heading(page: str) -> str:
    (found,) = re.findall(r"<h1[^>]*>(.*?)</h1>", page)
    return str(found)


# --- received


def test_a_file_is_read_shown_and_taken_over(site: web.Site) -> None:
    olga = site.as_("olga")
    here, page = uploaded(site, olga, "Zähler 2024.csv", table(*GOOD))
    assert heading(page) == "All 3 rows can be taken."
    assert re.search(r"Electricity, 1,234\.1 kWh, Jan 1, 2024 – Jan 31, 2024, S-1, works", page)
    assert "1.234,1" in page  # the cell as the file has it
    assert not (site.settings.data / "archive").exists()
    page = committed(site, olga, here)
    assert heading(page) == "Zähler 2024.csv was taken over."
    assert "3 rows were taken over" in page
    assert held(site) == {"S-1": Decimal("1234.1"), "S-3": Decimal("1234.3"), "S-5": Decimal("1234.5")}
    assert not list((site.settings.data / "uploads").glob("*/content*"))
    (batch,) = re.findall(r'href="(/files/[^"]+)"', page)
    page = olga.get(batch)
    assert re.search(r">Taken over by</dt><dd[^>]*>olga<", page)
    assert "3,702.9 kWh" in page  # 1234.1 + 1234.3 + 1234.5
    assert olga.client.get(f"{batch}/original").content == table(*GOOD)
    name = olga.client.get(f"{batch}/original").headers["content-disposition"]
    assert name.startswith("attachment")


def test_rejected_rows_are_mended_and_uploaded_again(site: web.Site) -> None:
    olga = site.as_("olga")
    bad = "S-7;Strom;01.07.2024;31.07.2024;12,O;kWh;gemessen"
    here, page = uploaded(site, olga, "strom.csv", table(*GOOD, bad))
    assert heading(page) == "3 of 4 rows can be taken. 1 row needs mending."
    assert "12,O" in page
    answer = olga.client.get(f"{here}/rejects.csv")
    assert "strom-to mend.csv" in answer.headers["content-disposition"].replace("%20", " ")
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert "bilanz" in lines[0]
    assert "S-7" in lines[-1]
    committed(site, olga, here)
    mended = answer.content.replace(b"12,O", b"12,5")
    here, page = uploaded(site, olga, "strom mended.csv", mended)
    assert heading(page) == "The one row can be taken."
    committed(site, olga, here)
    assert held(site)["S-7"] == Decimal("12.5")


def test_several_files_and_those_that_are_none(site: web.Site) -> None:
    olga = site.as_("olga")
    page = send(olga, ("a.csv", table(GOOD[0])), ("leer.csv", b""), ("virus.exe", b"MZ"), status=422)
    assert "leer.csv is empty." in page
    assert "virus.exe: files with this ending are not taken." in page
    assert "Received: a.csv" in page
    settled(site)
    assert heading(olga.get(newest(site))) == "The one row can be taken."
    assert "Choose at least one file." in send(olga, status=422)


def test_a_name_is_a_label_and_no_path(site: web.Site) -> None:
    olga = site.as_("olga")
    here, page = uploaded(site, olga, "../../etc/pass\u202ewd.csv", table(GOOD[0]))
    assert ">passwd.csv<" in page
    folder = site.settings.data / "uploads" / here.rpartition("/")[2]
    assert "content.csv" in {file.name for file in folder.iterdir()}


def test_more_files_than_allowed(site: web.Site) -> None:
    olga = site.as_("olga")
    parts = [(f"{number}.csv", table(GOOD[0])) for number in range(uploads.MOST_FILES + 1)]
    assert "At most 20 files" in send(olga, *parts, status=422)
    olga.client.headers["x-csrf-token"] = olga.csrf  # as the script of the page sends them
    assert "At most 20 files" in send(olga, *parts, status=422)
    assert not (site.settings.data / "uploads").exists()


def test_a_file_larger_than_allowed(tmp_path: Path) -> None:
    settings = web.settings_of(tmp_path, upload_bytes=3000)
    web.populate(settings)
    with web.served(settings) as site:
        olga = site.as_("olga")
        body = table(*GOOD * 30)
        answer = olga.client.post(
            "/uploads", data={"csrf": olga.csrf, "organisation": "works"}, files={"files": ("a.csv", body)}
        )
        assert answer.status_code == 413
    assert not (settings.data / "uploads").exists()


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("bild.csv", b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "is no table but a picture, whatever its name says"),
        ("tabelle.xlsx", b"%PDF-1.7 ...", "is no Excel workbook (.xlsx) but a PDF document"),
        ("seite.csv", b"<html><body>Bitte melden Sie sich an</body></html>", "is no table but a web page"),
    ],
)
def test_what_a_file_is_decides_not_its_name(site: web.Site, name: str, body: bytes, said: str) -> None:
    _, page = uploaded(site, site.as_("olga"), name, body)
    assert heading(page) == f"{name} cannot be taken as it is."
    assert f"{name} {said}" in page
    assert "content." not in page


def test_a_workbook_that_unpacks_to_many_times_its_size(site: web.Site) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (40 * 1024**2))
    _, page = uploaded(site, site.as_("olga"), "bombe.xlsx", made.getvalue())
    assert "bombe.xlsx unpacks to many times its size, as no table does." in page


def test_a_package_that_unpacks_to_too_much(site: web.Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importers.formats.archive.MAX_UNPACKED", 1024**2)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", b" " * (2 * 1024**2))
    _, page = uploaded(site, site.as_("olga"), "bombe.zip", made.getvalue())
    assert "bombe.zip unpacks to more than 1 MB. Split the archive." in page


# --- other terms


def test_a_column_that_can_be_read_in_two_ways_is_asked_about(site: web.Site) -> None:
    olga = site.as_("olga")
    rows = [
        "S-1;Strom;01.01.2024;31.01.2024;1.234;kWh;gemessen",
        "S-2;Strom;01.01.2024;31.01.2024;2.345;kWh;gemessen",
    ]
    here, page = uploaded(site, olga, "mehrdeutig.csv", table(*rows))
    assert heading(page) == "None of 2 rows can be taken."
    assert "Is 1.234 one thousand two hundred thirty-four" in page
    assert "--declare" not in page
    place = re.findall(r'name="column_(\d+)" value="Menge"', page)[0]
    olga.post(f"{here}/terms", {f"column_{place}": "Menge", f"format_{place}": "1.234,56"})
    settled(site)
    page = olga.get(here)
    assert heading(page) == "All 2 rows can be taken."
    assert "1,234 kWh" in page


def test_terms_that_are_wrong_are_said_beside_the_form(site: web.Site) -> None:
    olga = site.as_("olga")
    here, _ = uploaded(site, olga, "a.csv", table(GOOD[0]))
    assert "The unit “kWj” is not known" in olga.post(f"{here}/terms", {"unit": "kWj"}, 422).replace(
        "&#34;kWj&#34;", "“kWj”"
    )
    assert "ends before it starts" in olga.post(
        f"{here}/terms", {"first": "2024-02-01", "last": "2024-01-01"}, 422
    )
    assert "is not known" in olga.post(f"{here}/terms", {"zone": "Mars/Base"}, 422)
    olga.post(f"{here}/terms", {"first": "2023-01-01", "last": "2023-12-31"})
    settled(site)
    assert heading(olga.get(here)) == "The one row cannot be taken."


def test_an_unknown_layout_is_mapped_and_kept(site: web.Site) -> None:
    olga = site.as_("olga")
    here, page = uploaded(site, olga, "Jahresliste.csv", LIST)
    assert heading(page) == "Jahresliste.csv cannot be taken as it is."
    assert "--map" not in page
    page = olga.get(f"{here}/mapping")
    assert "Column 3: Halle eins Strom kWh" in page
    assert 'value="kWh"' in page
    form = {
        "kind": "table",
        "field_0": "site",
        "field_1": "year",
        "field_2": "quantity",
        "activity_2": "electricity",
        "unit_2": "kWh",
        "quality": "billed",
        "negative": "refused",
        "action": "try",
    }
    assert "Two columns are" in olga.post(f"{here}/mapping", {**form, "field_3": "year"}, 422)
    assert "No column is the quantity yet" in olga.post(f"{here}/mapping", {**form, "field_2": ""}, 422)
    olga.post(f"{here}/mapping", form)
    settled(site)
    page = olga.get(here)
    assert "12,345.5 kWh" in page
    assert heading(page).endswith("rows can be taken.")
    assert "Give the mapping a name" in olga.post(f"{here}/mapping", {"action": "save", "title": " "}, 422)
    olga.post(f"{here}/mapping", {"action": "save", "title": "Jahresliste der Stadtwerke"})
    assert (site.settings.data / "profiles" / "jahresliste-der-stadtwerke.toml").exists()
    committed(site, olga, here)
    next_year = LIST.replace(b"2023", b"2021").replace(b"2024", b"2022")
    _, page = uploaded(site, olga, "naechste.csv", next_year)
    assert "The header is that of the mapping profile" in page


def test_a_mapping_of_the_template_is_not_kept(site: web.Site) -> None:
    """It would change how the files of everybody are read."""
    olga = site.as_("olga")
    here, _ = uploaded(site, olga, "a.csv", table(*GOOD))
    form = {"kind": "table", "action": "try", "negative": "reversed"}
    for place, name in enumerate(("source", "activity", "start", "end", "quantity", "unit", "quality")):
        form[f"field_{place}"] = name
    olga.post(f"{here}/mapping", form)
    settled(site)
    assert "are read without a mapping" in olga.post(f"{here}/mapping", {"action": "save", "title": "x"}, 422)
    assert not (site.settings.data / "profiles").exists()


# --- what is held already


def test_the_same_bytes_twice(site: web.Site) -> None:
    olga, clara = site.as_("olga"), site.as_("clara")
    here, _ = uploaded(site, olga, "a.csv", table(*GOOD))
    committed(site, olga, here)
    _, page = uploaded(site, olga, "b.csv", table(*GOOD))
    assert "b.csv was imported already, as a.csv in batch" in page
    assert "Show the earlier file" in page
    _, page = uploaded(site, site.as_("otto"), "c.csv", table(*GOOD), "schools")
    assert "handed in before, for an organisation you may not see" in page
    assert "a.csv" not in page
    assert "a.csv" in clara.get(newest(site))


def test_overlaps_are_shown_and_chosen_among(site: web.Site) -> None:
    olga = site.as_("olga")
    here, _ = uploaded(site, olga, "alt.csv", table(GOOD[0]))
    committed(site, olga, here)
    newer = GOOD[0].replace("1.234,1", "2.000,5")
    here, page = uploaded(site, olga, "neu.csv", table(newer))
    assert "Data that are held already" in page
    assert "alt.csv" in page
    assert held(site) == {"S-1": Decimal("1234.1")}
    assert "Say why the new file is to replace" in olga.post(f"{here}/commit", {"rule": "replace"}, 422)
    later, _ = uploaded(site, olga, "spaeter.csv", table(newer.replace("2.000,5", "3.000,5")))
    page = committed(site, olga, later)
    assert "This does not count, because another file speaks of the same time" in page
    assert "3,000.5 kWh" in page
    assert "what is held has changed since the preview" in committed(
        site, olga, here, rule="replace", reason="x"
    )
    page = committed(site, olga, here, rule="replace", reason="Korrektur des Versorgers")
    assert held(site) == {"S-1": Decimal("2000.5")}
    (batch,) = re.findall(r'href="(/files/[^"]+)"', page)
    page = olga.get(batch)
    assert "This file counts." in page
    assert "Korrektur des Versorgers" in page


def test_overlaps_that_came_after_the_preview_stop_the_commit(site: web.Site) -> None:
    olga = site.as_("olga")
    newer = GOOD[0].replace("1.234,1", "2.000,5")
    late, page = uploaded(site, olga, "neu.csv", table(newer))
    assert "Data that are held already" not in page
    here, _ = uploaded(site, olga, "alt.csv", table(GOOD[0]))
    committed(site, olga, here)
    page = committed(site, olga, late, rule="first")
    assert "what is held has changed since the preview. It now overlaps here: S-1" in page
    assert "Data that are held already" in page
    assert held(site) == {"S-1": Decimal("1234.1")}
    committed(site, olga, late, rule="replace", reason="besser")
    assert held(site) == {"S-1": Decimal("2000.5")}


def test_overlaps_that_are_not_listed_are_counted(site: web.Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overlappreview, "LISTED", 1)
    olga = site.as_("olga")
    late, _ = uploaded(site, olga, "neu.csv", table(*(row.replace("1.234", "2.000") for row in GOOD)))
    here, _ = uploaded(site, olga, "alt.csv", table(*GOOD))
    committed(site, olga, here)
    committed(site, olga, late)
    with closing(open_registry(site.settings.registry)) as registry:
        outcome = registered.upload(registry, late.rpartition("/")[2]).outcome
    assert outcome is not None
    assert (len(outcome["overlaps"]), outcome["overlap_count"]) == (1, 3)


def test_a_list_that_is_cut_off_says_so(site: web.Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploadoutcome, "_MOST", 1)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for number, row in enumerate(GOOD):
            archive.writestr(f"{number}.csv", table(row))
    _, page = uploaded(site, site.as_("olga"), "paket.zip", made.getvalue())
    assert "The list shows 1 of 3." in page


def test_a_package_is_taken_over_file_by_file(site: web.Site) -> None:
    olga = site.as_("olga")
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("a.csv", table(GOOD[0]))
        archive.writestr("folder/b.csv", table(GOOD[1], GOOD[0].replace("1.234,1", "9,9")))
        archive.writestr("brief.pdf", b"%PDF-1.4 Sehr geehrte Damen und Herren")
    here, page = uploaded(site, olga, "paket.zip", made.getvalue())
    assert "folder/b.csv" in page
    assert "brief.pdf" in page
    assert "3 of 4 rows can be taken" in page
    page = committed(site, olga, here)
    assert heading(page) == "paket.zip was taken over."
    assert len(set(re.findall(r'href="(/files/[^"]+)"', page))) == 2
    assert held(site) == {"S-1": Decimal("1234.1"), "S-3": Decimal("1234.3")}  # inside one package the first


def test_a_commit_repeated_after_a_crash_counts_as_done(
    site: web.Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    olga = site.as_("olga")
    here, _ = uploaded(site, olga, "a.csv", table(*GOOD))
    from bilanz.registry import uploads as of_uploads

    real = of_uploads.change

    def crash(*_: object, **__: object) -> bool:
        raise RuntimeError

    monkeypatch.setattr(of_uploads, "change", crash)
    page = committed(site, olga, here)
    assert "The program failed" in page
    monkeypatch.setattr(of_uploads, "change", real)
    page = committed(site, olga, here)
    assert heading(page) == "a.csv was taken over."
    with open_store(site.settings.store_file, read_only=True) as store:
        assert store.rows("SELECT count(*) FROM batch") == [(1,)]


# --- ended early


def test_reading_can_be_cancelled_and_begun_again(site: web.Site, monkeypatch: pytest.MonkeyPatch) -> None:
    olga, gate, begun = site.as_("olga"), threading.Event(), threading.Event()
    real = jobs.KINDS["read"]

    def slow(work: object) -> object:
        begun.set()
        while not gate.wait(0.05):
            work.progress(0.5)  # type: ignore[attr-defined] # a Work
        return real(work)  # type: ignore[arg-type] # a Work

    monkeypatch.setitem(jobs.KINDS, "read", slow)  # type: ignore[misc] # a dict
    send(olga, ("a.csv", table(*GOOD)))
    assert begun.wait(10)
    here = newest(site)
    page = olga.get(here)
    assert heading(page) == "a.csv is being read."
    assert "Something is being done with a.csv" in olga.post(f"{here}/discard", status=422)
    (job,) = re.findall(r'href="(/jobs/[^"]+)"', page)
    olga.post(f"{job}/cancel")
    settled(site)
    page = olga.get(here)
    assert "Reading was cancelled." in page
    gate.set()
    olga.post(f"{here}/terms")
    settled(site)
    assert heading(olga.get(here)) == "All 3 rows can be taken."


def test_a_discarded_file_is_gone(site: web.Site) -> None:
    olga = site.as_("olga")
    here, _ = uploaded(site, olga, "a.csv", table(*GOOD))
    page = olga.post(f"{here}/discard")
    assert "a.csv" not in page.partition("<h2")[2].partition("Uploaded files")[2]
    assert list((site.settings.data / "uploads").iterdir()) == []
    assert heading(olga.get(here)) == "a.csv was discarded."
    assert "was taken over or discarded already" in olga.post(f"{here}/terms", status=422)


def test_a_file_is_withdrawn_with_a_reason(site: web.Site) -> None:
    olga = site.as_("olga")
    here, _ = uploaded(site, olga, "a.csv", table(*GOOD))
    page = committed(site, olga, here)
    (batch,) = re.findall(r'href="(/files/[^"]+)"', page)
    assert "Say why the file is withdrawn." in olga.post(f"{batch}/withdraw", {"reason": " "}, 422)
    olga.post(f"{batch}/withdraw", {"reason": "falsches Jahr"})
    settled(site)
    page = olga.get(batch)
    assert "Reason: falsches Jahr" in page
    assert held(site) == {}
    assert "withdrawn" in olga.get("/files")
    assert "already" in olga.post(f"{batch}/withdraw", {"reason": "nochmal"}, 409)


# --- who may


def test_nobody_sees_or_touches_the_uploads_of_others(site: web.Site) -> None:
    olga, otto, rita = site.as_("olga"), site.as_("otto"), site.as_("rita")
    here, _ = uploaded(site, olga, "geheim.csv", table(*GOOD, "S-9;Strom;x;y;z;kWh;gemessen"))
    for path in ("", "/rejects.csv", "/mapping"):
        otto.get(f"{here}{path}", 404)
    for path in ("terms", "commit", "discard", "mapping"):
        otto.post(f"{here}/{path}", {"rule": "first"}, 404)
        rita.post(f"{here}/{path}", {"rule": "first"}, 403)
    assert "geheim.csv" not in otto.get("/uploads")
    assert "geheim.csv" in rita.get("/uploads")
    assert 'type="file"' not in rita.get("/uploads")
    assert f'action="{here}' not in rita.get(here)
    page = committed(site, olga, here)
    batch = re.findall(r'href="(/files/[^"]+)"', page)[0]
    for path in ("", "/original"):
        otto.get(f"{batch}{path}", 404)
        rita.get(f"{batch}{path}")
    otto.post(f"{batch}/withdraw", {"reason": "x"}, 404)
    rita.post(f"{batch}/withdraw", {"reason": "x"}, 403)
    assert "geheim.csv" not in otto.get("/files")
    otto.get("/files?organisation=works", 404)
    assert "geheim.csv" in site.as_("vera").get("/files?organisation=works")
    site.as_("boris").get("/uploads", 403)


def test_nothing_is_uploaded_for_others(site: web.Site) -> None:
    otto = site.as_("otto")
    send(otto, ("a.csv", table(*GOOD)), organisation="works", status=404)
    send(otto, ("a.csv", table(*GOOD)), organisation="", status=404)
    send(site.as_("vera"), ("a.csv", table(*GOOD)), organisation="works", status=403)
    assert not (site.settings.data / "uploads").exists()


def test_no_kilowatt_hour_lands_on_a_meter_of_others(site: web.Site) -> None:
    with closing(open_registry(site.settings.registry)) as registry:
        _works_meter(registry)
    otto = site.as_("otto")
    body = table(
        "W-1;Strom;01.01.2024;31.01.2024;999;kWh;gemessen;",
        "S-1;Strom;01.01.2024;31.01.2024;5;kWh;gemessen;",
        "S-2;Strom;01.01.2024;31.01.2024;7;kWh;gemessen;works",
        header=f"{HEADER};Organisation",
    )
    here, page = uploaded(site, otto, "a.csv", body, "schools")
    assert heading(page) == "1 of 3 rows can be taken. 2 rows need mending."
    assert "registered for an organisation for which you may not hand in data" in page
    committed(site, otto, here)
    assert held(site) == {"S-1": Decimal(5)}
    other, _ = uploaded(site, otto, "b.csv", body.replace(b";5;", b";6;"), "schools")
    otto.post(f"{other}/terms", {"source": "W-1"})
    settled(site)
    page = otto.get(other)
    assert heading(page) == "b.csv cannot be taken as it is."
    assert "is not registered" in page


def _works_meter(registry: Registry) -> None:
    put_source(registry, Source(id="W-1", activity="electricity", unit="kWh"))
    put_term(
        registry,
        SourceTerm(source="W-1", organisation="works", role="consumed", tenure="owned", control=True),
    )


def test_a_right_that_is_gone_stops_the_commit(site: web.Site) -> None:
    from bilanz.app.account import accounts

    olga = site.as_("olga")
    here, _ = uploaded(site, olga, "a.csv", table(*GOOD))
    gate, real = threading.Event(), jobs.KINDS["commit"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(jobs.KINDS, "commit", lambda work: gate.wait(10) and real(work))  # type: ignore[misc] # a dict
        olga.post(f"{here}/commit")
        with closing(open_registry(site.settings.registry)) as registry:
            accounts.grant(registry, accounts.known(registry, "olga"), [("auditor", "works")], by="test")
        gate.set()
        settled(site)
    assert "You may not do this." in olga.get(here)
    with closing(open_registry(site.settings.registry)) as registry:
        job = newest_about(registry, here.rpartition("/")[2])
    assert job is not None
    assert job.state == JobState.FAILED


def test_empty_tables_can_be_downloaded(site: web.Site) -> None:
    olga = site.as_("olga")
    assert "/forms/standard.xlsx" in olga.get("/uploads")
    assert olga.client.get("/forms/standard.xlsx").content[:2] == b"PK"
    assert "activity" in olga.get("/forms/standard.csv").casefold()
    olga.get("/forms/nothing.csv", 404)
    olga.get("/forms/standard.exe", 404)


def test_pages_are_german_for_who_wants_it(site: web.Site) -> None:
    olga = site.as_("olga")
    here, _ = uploaded(site, olga, "a.csv", table(*GOOD, "S-9;Strom;01.02.2024;29.02.2024;x;kWh;gemessen"))
    olga.get("/language?to=de&then=/uploads")
    assert heading(olga.get(here)) == "3 von 4 Zeilen können übernommen werden. 1 Zeile ist zu verbessern."
    assert "1.234,1 kWh" in olga.get(here)
