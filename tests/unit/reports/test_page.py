import base64
import hashlib
import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import polars as pl
import pytest
from lxml import html
from plotly.offline import get_plotlyjs
from unit.reports.synthetic import ORGANISATIONS, empty_result, frame, full_result

from bilanz.app.output.reporting import render
from bilanz.errors import UsageError
from bilanz.messages import Language
from bilanz.result import ORGANISATION_SCHEMA, Beside, Result
from reports.base import Wording, sections_found
from reports.page import page

HUGE = "Amt für " + "Sonderaufgabenverwaltungsangelegenheiten " * 20
EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)> & 'Söhne' \"GmbH\" {0} {{ x }} %{x}"


def made(result: Result, language: Language = "de") -> str:
    return page(result, Wording(language), title="Musterhafen (Beispiel)")


def parsed(text: str) -> html.HtmlElement:
    """The page without its scripts, which no HTML parser needs to see."""
    return html.document_fromstring(re.sub(r"<script\b.*?</script>", "", text, flags=re.DOTALL))


FULL = made(full_result())


def test_the_same_result_gives_the_same_bytes() -> None:
    shuffled = full_result()
    shuffled = replace(shuffled, lines=shuffled.lines.reverse(), usage=shuffled.usage.reverse())
    assert made(full_result()) == FULL
    assert made(shuffled) == FULL


def test_plotly_is_there_once_and_cannot_end_its_element() -> None:
    assert "</script" not in get_plotlyjs().casefold()
    assert FULL.count(get_plotlyjs()) == 1


def test_the_policy_allows_our_scripts_and_style_and_nothing_else() -> None:
    policy = unescape(re.search(r'Content-Security-Policy" content="([^"]*)"', FULL).group(1))  # type: ignore[union-attr]
    scripts = re.findall(r"<script>(.*?)</script>", FULL, flags=re.DOTALL)
    style = re.findall(r"<style>(.*?)</style>", FULL, flags=re.DOTALL)
    assert (len(scripts), len(style)) == (2, 1)
    for text in (*scripts, *style):
        assert base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() in policy
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert "http" not in policy


def test_nothing_outside_the_file_is_referred_to() -> None:
    document = parsed(FULL)
    assert not document.xpath("//@src | //link | //iframe | //object | //form | //base")
    for address in document.xpath("//@href"):
        assert address.startswith(("#", "data:text/csv;")), address
    assert not re.search(r"url\(|@import", document.xpath("//style")[0].text)


def test_every_anchor_has_its_target_and_every_id_is_unique() -> None:
    document = parsed(FULL)
    ids = document.xpath("//@id")
    assert len(ids) == len(set(ids))
    targets = [address[1:] for address in document.xpath("//@href") if address.startswith("#")]
    shown = [section.name for section in sections_found() if section.panels(full_result(), Wording("de"))]
    assert targets == ["content", *shown]
    assert len(shown) >= 12
    labels = [part for value in document.xpath("//@aria-labelledby") for part in value.split()]
    assert set(targets) | set(labels) <= set(ids)


def test_every_chart_has_heading_finding_label_and_table() -> None:
    document = parsed(FULL)
    panels = document.xpath("//article")
    assert len(panels) > 20
    charts = 0
    for panel in panels:
        assert panel.xpath("./h3")[0].text_content().strip()
        assert panel.xpath("./p[@class='finding']")[0].text_content().strip().endswith(".")
        assert panel.xpath(".//table/caption")
        assert panel.xpath(".//table/tbody/tr")
        for chart in panel.xpath("./div[@data-figure]"):
            charts += 1
            assert chart.get("role") == "img"
            assert len(chart.get("aria-label")) > 40
            assert panel.xpath("./details[@open]//table"), "without script the table must be open"
    assert charts > 12


def test_tables_name_their_headers() -> None:
    document = parsed(FULL)
    for table in document.xpath("//table"):
        assert table.xpath("./thead/tr/th[@scope='col']")
        assert len(table.xpath("./thead/tr/th")) == len(table.xpath("./tbody/tr[1]/*"))
        assert all(row.xpath("./th[@scope='row']") for row in table.xpath("./tbody/tr"))


@pytest.mark.parametrize(("language", "total"), [("de", "3.317,3"), ("en", "3,317.3")])
def test_language_and_numbers(language: Language, total: str) -> None:
    text = made(full_result(), language)
    document = parsed(text)
    assert document.get("lang") == language
    assert document.xpath("//table[@id='table-headline-totals']/tbody/tr[2]/td[4]")[0].text == total
    assert ("keine Angabe" in text) == (language == "de")
    assert document.xpath("//nav/@aria-label") == [{"de": "Abschnitte", "en": "Sections"}[language]]


def test_no_english_is_left_on_the_german_page() -> None:
    words = parsed(FULL).xpath("//body")[0].text_content()
    for word in ("not stated", "Coverage", "Reason", "source-month", "Records", "records", "every book"):
        assert word not in words


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_year_without_data_says_so_and_shows_no_figure(language: Language) -> None:
    text = made(empty_result(), language)
    document = parsed(text)
    said = document.xpath("//p[@class='empty']")[0].text_content()
    assert "2025" in said
    assert {"de": "keine Daten", "en": "no data"}[language] in said
    assert not document.xpath("//*[@data-figure]")
    assert len(text) < 100_000, "no chart needs no plotly"


def test_only_exceptions_are_no_empty_year() -> None:
    result = replace(empty_result(), exceptions=full_result().exceptions)
    document = parsed(made(result))
    assert not document.xpath("//p[@class='empty']")
    assert "es gibt keine Summe" in document.text_content()
    assert document.xpath("//table[@id='table-exceptions-list']/tbody/tr")


def test_one_organisation_and_one_book() -> None:
    full = full_result()
    one = pl.col("organisation") == "werke"
    result = replace(
        full,
        manifest=replace(full.manifest, books=("ghgp_market",), gwp="ghgp_market: AR6"),
        lines=full.lines.filter(one, pl.col("book") == "ghgp_market"),
        usage=full.usage.filter(one),
        exceptions=full.exceptions.clear(),
        superseded=full.superseded.clear(),
        coverage=full.coverage.filter(one),
        organisations=full.organisations.filter(one),
        beside=Beside(),
    )
    document = parsed(made(result))
    sections = [link[1:] for link in document.xpath("//nav//@href")]
    assert {"headline", "scopes", "carriers", "months", "organisations", "energy", "sources"} <= set(sections)
    assert not {"fleet", "procurement", "exceptions"} & set(sections)
    assert "BISKO" not in document.xpath("//main")[0].text_content()


def renamed(name: str) -> Result:
    full = full_result()
    rows = [
        {**row, "name": name if row["organisation"] == "rathaus" else row["name"]} for row in ORGANISATIONS
    ]
    return replace(
        full,
        organisations=frame(rows, ORGANISATION_SCHEMA),
        batches=full.batches.with_columns(file=pl.lit(name)),
        exceptions=full.exceptions.with_columns(detail=pl.lit(name), source=pl.lit(name)),
    )


def test_names_from_files_are_text_and_never_markup() -> None:
    text = made(renamed(EVIL))
    assert "<script>alert" not in text
    assert "<img" not in text.split("<script", 1)[0]
    assert EVIL in parsed(text).text_content()
    data = re.search(r'<script type="application/json" id="figures">(.*?)</script>', text, flags=re.DOTALL)
    assert data is not None
    assert "<" not in data.group(1)
    assert "&lt;script&gt;" in data.group(1)


def test_huge_names_are_shortened_in_charts_and_whole_in_tables() -> None:
    text = made(renamed(HUGE))
    assert HUGE.strip() in parsed(text).text_content()
    labels = re.search(r'"ticktext":\[(.*?)\]', text)
    assert labels is not None
    assert max(len(label) for label in labels.group(1).split('","')) < 150


def test_the_file_appears_whole_in_a_folder_made_for_it(tmp_path: Path) -> None:
    path = render(full_result(), "de", tmp_path / "new" / "bilanz.html", title="Musterhafen")
    assert path.read_text("utf-8").startswith("<!doctype html>")
    assert [entry.name for entry in path.parent.iterdir()] == ["bilanz.html"]
    first = path.read_bytes()
    assert render(full_result(), "de", path, title="Musterhafen").read_bytes() == first
    assert "BISKO bilanziert ein Gebiet" in first.decode(), "the reasons of the shipped book"


def test_a_place_that_cannot_be_written_is_a_message(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="could not be written"):
        render(empty_result(), "de", tmp_path / "file" / "bilanz.html")
