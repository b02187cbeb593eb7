"""Every export on data imported by the command line: the same total in each, no cell a formula."""

import csv
import io
import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from sheets import sheets, texts

from bilanz.app.output.rendering import export_year
from bilanz.app.settings import Settings
from bilanz.errors import Refused
from bilanz.messages import LANGUAGES, Language
from reports.export import exports_found

BILANZ = str(Path(sys.executable).with_name("bilanz"))
FOR_TERRITORIES = {"bisko", "crf"}
"""Forms of a territory, which is an organisation of its own; see tests/golden/territory."""

HOSTILE = "=cmd|' /C calc'!A0"
UPLOAD = f"""\
Organisation;Standort;Quelle;Aktivität;Beginn;Ende;Menge;Einheit;Bezug;Kosten netto;Währung;Qualität
town;Rathaus;{HOSTILE};Strom;01.01.2024;31.12.2024;250.000,00;kWh;;;;abgerechnet
town;Rathaus;G-1;Erdgas;01.01.2024;31.12.2024;100.000,00;kWh;Hs;;;abgerechnet
town;Klärwerk;ZP-2;Strom;01.01.2024;31.12.2024;750.000,00;kWh;;;;abgerechnet
"""
SITES = """\
id;organisation;name;kind;floor_area_m2;area_kind;population_equivalent
hall;town;Rathaus;non_residential;4200;net_floor;
sewage;town;Klärwerk;sewage_plant;;;30000
"""
FIGURES = """\
organisation;valid_from;population;floor_area_m2;staff;source
town;2024-01-01;18000;9000;120,5;register office
"""
MEASURES = """\
id;organisation;title;starts_on;lifetime_years;effect_kwh;activity;status;method;evidence
M-1;town;Pumps;2024-02-01;10;20000;electricity;implemented;readings;report
"""
INDICATORS = """\
[[indicator]]
id = "1"
name = "Emissions per inhabitant"
figure = "ghgp_market.total"
per = "population"
"""


def run(data: Path, *arguments: str, language: str = "en", code: int = 0) -> dict[str, Any]:
    environment = os.environ | {"BILANZ_LANG": language, "BILANZ_DATA": str(data)}
    command = [BILANZ, *arguments, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=120)
    assert done.returncode == code, done.stdout + done.stderr
    answer = json.loads(done.stdout)
    assert isinstance(answer, dict)
    return answer


def export(data: Path, name: str, language: Language) -> Path:
    return export_year(Settings(data=data, lang=language), 2024, name, None)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Return a data directory of a calculated year, and the answer of the calculation."""
    folder = tmp_path_factory.mktemp("exports")
    data, master = folder / "data", folder / "master"
    master.mkdir()
    (folder / "upload.csv").write_text(UPLOAD, encoding="utf-8")
    (master / "sites.csv").write_text(SITES, encoding="utf-8")
    (master / "figures.csv").write_text(FIGURES, encoding="utf-8")
    (master / "measures.csv").write_text(MEASURES, encoding="utf-8")
    run(data, "organisation", "add", "town", "--name", "Stadt", "--kind", "municipality")
    run(data, "masterdata", "import", str(master))
    run(data, "import", str(folder / "upload.csv"), "--org", "town")
    answer = run(data, "calculate", "--year", "2024")
    refused = run(data, "export", "indicators", "--year", "2024", language="de", code=1)
    assert "legen Sie indicators.toml" in refused["error"]["message"]
    (data / "indicators.toml").write_text(INDICATORS, encoding="utf-8")
    return data, answer


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_export_is_written(town: tuple[Path, dict[str, Any]], language: Language) -> None:
    data, _ = town
    for form in exports_found():
        if form.name in FOR_TERRITORIES:
            with pytest.raises(Refused, match="territory"):
                export(data, form.name, language)
            continue
        path = export(data, form.name, language)
        assert path.name == f"{form.name}-2024.{language}{form.suffix}"
        assert path.stat().st_size > 0


def test_the_command_lists_the_forms_and_writes_one(town: tuple[Path, dict[str, Any]]) -> None:
    data, _ = town
    listed = run(data, "export")["exports"]
    assert [form["name"] for form in listed] == [form.name for form in exports_found()]
    path = Path(run(data, "export", "vsme", "--year", "2024")["path"])
    assert path.is_file()


def test_every_form_states_the_total_of_the_calculation(town: tuple[Path, dict[str, Any]]) -> None:
    data, answer = town
    totals = {book["book"]: Decimal(book["co2e_kg"]) for book in answer["books"]}
    whole = json.loads(export(data, "json", "en").read_text(encoding="utf-8"))
    assert {book["book"]: Decimal(book["co2e_kg"]) for book in whole["totals"]["books"]} == totals
    lines = [row for row in whole["lines"] if row["book"] == "ghgp_market" and row["scope"] in "123"]
    assert sum(Decimal(row["co2e_kg"]) for row in lines if row["co2e_kg"]) == totals["ghgp_market"]
    rows = texts(export(data, "ghg_inventory", "en"), "Emissions")
    total = next(row for row in rows if row and row[0] == "Total of scopes 1 to 3")
    assert Decimal(total[5]) == totals["ghgp_market"]
    told = {"_".join(filter(None, row[1:3])): row for row in texts(export(data, "vsme", "en"), "VSME")}
    market = told["vsme:TotalGrossMarketBasedGHGEmissions_CurrentlyStatedMember"]
    assert Decimal(market[7]) * 1000 == totals["ghgp_market"]
    indicator = texts(export(data, "indicators", "en"), "Indicators")[1]
    assert Decimal(indicator[9]) == round(totals["ghgp_market"] / 1000 / 18_000, 12)


def test_no_cell_of_any_form_is_a_formula(town: tuple[Path, dict[str, Any]]) -> None:
    data, _ = town
    with ZipFile(export(data, "tables", "de")) as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read("lines.csv").decode())))
    assert f"'{HOSTILE}" in {row["source"] for row in rows}
    book = sheets(export(data, "workbook", "de"))
    values = {cell.value for sheet in book.values() for cell in sheet.values()}
    assert f"'{HOSTILE}" in values
    assert HOSTILE not in values
    assert {name for name, sheet in book.items() if any(cell.formula for cell in sheet.values())} == {
        "Summen"
    }


def test_the_energy_report_holds_net_energy_of_the_sites(town: tuple[Path, dict[str, Any]]) -> None:
    data, _ = town
    path = export(data, "energy_report", "de")
    heads, *rows = texts(path, "Standorte")
    told = {row[1]: dict(zip(heads, row, strict=False)) for row in rows}
    ratio = float(texts(path, "Heiz- und Brennwerte")[1][1])
    assert 0.89 < ratio < 0.92
    assert float(told["Rathaus"]["Erdgas (kWh)"]) == pytest.approx(100_000 * ratio, abs=1e-3)
    assert float(told["Klärwerk"]["Strom (kWh)"]) == 750_000
    assert float(told["Klärwerk"]["Einwohnerwerte"]) == 30_000
    assert "Fehlt" not in told["Klärwerk"]
