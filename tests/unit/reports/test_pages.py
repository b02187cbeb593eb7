"""Parts add up to the whole, and every page of an organisation or site is there, linked and named."""

import re
import shutil
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from unit.reports.synthetic import BOOKS, full_result

from bilanz.app.output import printing
from bilanz.app.output.reporting import print_page, render, render_pages, wording
from bilanz.errors import Refused
from bilanz.result import Result
from reports.pages import INDEX, pages
from reports.part import below, of_organisation, of_site, sites
from reports.totals import total_of


def with_sites() -> Result:
    """Return the made-up result with two sites: one meter each."""
    result = full_result()
    place = pl.col("source").replace_strict({"DE0001": "Rathaus", "G-17": "Alte Schule"}, default=None)
    return replace(
        result,
        lines=result.lines.with_columns(site=place.cast(pl.String)),
        usage=result.usage.with_columns(site=place.cast(pl.String)),
    )


def test_what_stands_below_comes_after_what_stands_above() -> None:
    assert below(full_result(), "stadt") == ["stadt", "rathaus", "werke", "depot", "einkauf", "bus"]
    assert below(full_result(), "werke") == ["werke", "bus"]


@pytest.mark.parametrize("book", BOOKS)
def test_organisations_add_up_to_the_whole(book: str) -> None:
    result = full_result()
    parts = [of_organisation(result, name) for name in ("rathaus", "werke", "depot", "einkauf")]
    found = sum((total_of(part.lines, book) or Decimal(0) for part in parts), Decimal(0))
    assert found == total_of(result.lines, book)
    for name in ("lines", "usage", "exceptions", "superseded", "coverage", "batches"):
        assert sum(getattr(part, name).height for part in parts) == getattr(result, name).height


def test_a_part_holds_its_own_factors_only() -> None:
    part = of_organisation(full_result(), "depot")
    assert set(part.factors["activity"]) == {"diesel", "petrol"}
    assert part.manifest == full_result().manifest


def test_a_site_takes_what_its_sources_lack_with_it() -> None:
    result = with_sites()
    assert sites(result) == ["Alte Schule", "Rathaus"]
    part = of_site(result, "Rathaus")
    assert (
        set(part.lines["source"]) == set(part.usage["source"]) == set(part.coverage["source"]) == {"DE0001"}
    )
    assert part.coverage.height == 12
    assert part.usage.height == 11
    assert part.organisations["organisation"].to_list() == ["rathaus"]


def test_every_organisation_and_site_has_a_page() -> None:
    result = with_sites()
    found = dict(
        pages(result, wording("de", result=result), title="Stadt", site_names={"Rathaus": "Das Haus"})
    )
    assert list(found) == [
        INDEX,
        "organisation-depot.html",
        "organisation-einkauf.html",
        "organisation-rathaus.html",
        "organisation-werke.html",
        "organisation-bus.html",
        "site-alte-schule.html",
        "site-rathaus.html",
    ]
    links = set(re.findall(r'<a href="([^"#]+\.html)"', found[INDEX]))
    assert links == set(found) - {INDEX}
    for name, text in found.items():
        if name != INDEX:
            assert '<a href="index.html">Stadt: alle Seiten</a>' in text
    assert "<title>Das Haus: " in found["site-rathaus.html"]
    assert 'href="site-rathaus.html"' in found["organisation-rathaus.html"]
    assert 'href="site-rathaus.html"' not in found["organisation-depot.html"]
    assert len(found["site-rathaus.html"]) < 300_000 < len(found["organisation-rathaus.html"])


def test_names_that_would_be_one_file_are_two() -> None:
    result = with_sites()
    twin = pl.col("site").replace({"Alte Schule": "Rathaus!"})
    result = replace(result, lines=result.lines.with_columns(twin), usage=result.usage.with_columns(twin))
    found = dict(pages(result, wording("en", result=result), title="T", site_names={}))
    assert {"site-rathaus.html", "site-rathaus-2.html"} <= set(found)


def test_a_folder_is_replaced_as_a_whole(tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "organisation-gone.html").write_text("", encoding="utf-8")
    index = render_pages(full_result(), "en", folder)
    assert index == folder / INDEX
    assert not (folder / "organisation-gone.html").exists()
    assert [entry.name for entry in tmp_path.iterdir()] == ["pages"]
    (folder / "mine.txt").write_text("", encoding="utf-8")
    with pytest.raises(Refused, match="something else"):
        render_pages(full_result(), "en", folder)
    assert (folder / "mine.txt").exists()


def test_without_chromium_there_is_no_pdf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing.shutil, "which", lambda _name: None)
    with pytest.raises(Refused, match="needs Chromium"):
        print_page(tmp_path / "page.html", tmp_path / "page.pdf")
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(shutil.which("chromium") is None, reason="no Chromium here: nothing is printed")
def test_the_pdf_is_tagged_and_says_what_the_page_says(tmp_path: Path) -> None:
    from pypdf import PdfReader

    page = render(full_result(), "de", tmp_path / "page.html", title="Musterhafen")
    printed = PdfReader(print_page(page, tmp_path / "page.pdf"))
    assert printed.trailer["/Root"]["/MarkInfo"]["/Marked"] == True  # noqa: E712 - pypdf's boolean
    text = " ".join("".join(sheet.extract_text() for sheet in printed.pages).split())
    assert "Auf einen Blick" in text
    assert "Quellen und Methode" in text
