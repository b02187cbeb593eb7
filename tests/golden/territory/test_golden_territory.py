"""The section and the exports about a territory as a reader sees them: one made-up town, two languages."""

import json
import os
from dataclasses import replace
from pathlib import Path

import fastexcel
import polars as pl
import pytest
from golden.sections.test_sections import as_read
from town import declare_keys, lindenau, with_view
from unit.reports.synthetic import full_result

from bilanz.app.output.reporting import wording, write_export
from bilanz.errors import Refused
from bilanz.messages import LANGUAGES, Language
from bilanz.result import MASS, Result
from reports.base import Wording
from reports.export import export
from reports.sections.headline import Headline
from reports.sections.territory import TerritoryBalance

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    folder = tmp_path_factory.mktemp("town")
    declare_keys(
        folder,
        "city,2024,I.5.1,NO,There is no farming in the territory.",
        "city,2024,II.3.1,NO,No waterway crosses the territory.",
        "city,2024,III.1.1,IE,The landfill stands in the inventory of the district.",
        "city,2024,II.1.1,NE,Declared before the figures of traffic arrived.",
        "city,2023,II.4.1,NO,Of another year.",
    )
    return with_view(lindenau(), folder)


@pytest.mark.parametrize("language", LANGUAGES)
def test_section(result: Result, language: Language, request: pytest.FixtureRequest) -> None:
    found = [as_read(panel, language) for panel in TerritoryBalance().panels(result, Wording(language))]
    path = HERE / f"section.{language}.json"
    text = json.dumps(found, ensure_ascii=False, indent=1) + "\n"
    if request.config.getoption("--golden-update", default=False) or os.environ.get("BILANZ_GOLDEN_UPDATE"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_the_headline_says_the_same_verdict(result: Result) -> None:
    panels = {panel.identifier: panel for panel in Headline().panels(result, Wording("en"))}
    told = dict(panels["headline-basis"].table.iter_rows())["Conformity with BISKO"]
    assert told.startswith("not conform.")
    cards = [dict(card.details) for panel in panels.values() for card in panel.cards]
    assert [card["Conformity"] for card in cards if "Conformity" in card] == ["not conform"]


def sheets(path: Path) -> str:
    """Return every cell of a workbook as text, one sheet after the other."""
    book = fastexcel.read_excel(path)
    lines = []
    for name in book.sheet_names:
        frame = book.load_sheet(name, header_row=None, dtypes="string").to_polars()
        lines += [
            f"# {name}",
            *(" | ".join("" if it is None else it for it in row) for row in frame.iter_rows()),
        ]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["bisko", "crf"])
def test_export(
    result: Result, name: str, language: Language, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    said = wording(language, result=result)
    first, second = tmp_path / "first.xlsx", tmp_path / "second.xlsx"
    write_export(export(name), result, said, first)
    write_export(export(name), result, said, second)
    assert first.read_bytes() == second.read_bytes()
    path = HERE / f"{name}.{language}.txt"
    text = _timeless(sheets(first), result)
    if request.config.getoption("--golden-update", default=False) or os.environ.get("BILANZ_GOLDEN_UPDATE"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def altered(result: Result, **frames: pl.DataFrame) -> Result:
    """Return the result with other frames in the view of its territory."""
    assert result.beside.territory is not None
    view = replace(result.beside.territory, **frames)
    return replace(result, beside=replace(result.beside, territory=view))


def test_an_inventory_without_a_number_has_no_total(result: Result, tmp_path: Path) -> None:
    view = result.beside.territory
    assert view is not None
    assert view.inventory is not None
    bare = view.inventory.with_columns(pl.lit(None, MASS).alias("co2e_kg"))
    for name, inventory in (("null", bare), ("told", view.inventory)):
        told = altered(result, inventory=inventory)
        path = write_export(export("crf"), told, wording("en", result=told), tmp_path / f"{name}.xlsx")
        totals = [row for row in sheets(path).split("\n") if row.startswith("BASIC") and "(t CO2e)" in row]
        assert len(totals) == 2
        assert [row.endswith(" | ") for row in totals] == [name == "null"] * 2


def test_cells_without_a_figure_have_no_sum(result: Result) -> None:
    view = result.beside.territory
    assert view is not None
    cells = view.cells.with_columns(pl.lit(None, MASS).alias("co2e_kg"))
    panels = {
        panel.identifier: panel
        for panel in TerritoryBalance().panels(altered(result, cells=cells), Wording("en"))
    }
    said = panels["territory-cells"].finding
    assert "cause not stated; the largest sector is not stated with not stated." in said


def _timeless(text: str, result: Result) -> str:
    """Return a text without what changes with the program and the catalogue."""
    pinned = result.manifest
    for value in (pinned.run, pinned.result_hash, pinned.factor_release, pinned.code_version):
        text = text.replace(value, "…")
    return text


@pytest.mark.parametrize("name", ["bisko", "crf"])
def test_a_run_without_a_territory_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="territory"):
        write_export(export(name), full_result(), wording("en"), tmp_path / "none.xlsx")
