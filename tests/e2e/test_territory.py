"""A territory by the command line: master data, forms, balances of town hall and territory, page, exports."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import fastexcel
import pytest

BILANZ = str(Path(sys.executable).with_name("bilanz"))
ORGANISATIONS = """\
id;name;kind;region;municipality
stadt;Stadt Lindenau;municipality;DE;
gebiet;Gebiet der Stadt Lindenau;municipality;DE;stadt
"""
FIGURES = """\
organisation;valid_from;population;staff;source
gebiet;2024-01-01;12480;4310;made up
"""
SALES = """\
Jahr;Netzbetreiber;Verbrauchssektor;Energieträger;Netzabsatz;Einheit;Bezug;Datengüte;Null bestätigt
2024;Netz;private Haushalte;Strom;18250,5;MWh;;A;
2024;Netz;GHD;Strom;14100;MWh;;A;
2024;Netz;Industrie;Strom;22740;MWh;;A;
2024;Netz;private Haushalte;Erdgas;61200;MWh;Hs;A;
2024;Netz;GHD;Erdgas;25300;MWh;Hs;A;
2024;Netz;Industrie;Erdgas;0;MWh;Hs;A;ja
2024;Netz;Industrie;Fernwärme;0;MWh;;A;
2024;Rechnung;Verkehr;Diesel;41800;MWh;Hi;D;
2024;Rechnung;Verkehr;Kerosin;0;MWh;Hi;;x
"""
HALL = """\
Organisation;Zähler;Aktivität;von;bis;Menge;Einheit;Bezug;Qualität
stadt;R-1;Strom;01.01.2024;31.12.2024;1180000;kWh;;gemessen
stadt;R-2;Erdgas;01.01.2024;31.12.2024;2260000;kWh;Hs;abgerechnet
"""


def called(data: Path, *arguments: str, code: int = 0) -> dict[str, Any]:
    environment = os.environ | {"BILANZ_LANG": "de", "BILANZ_DATA": str(data)}
    command = [BILANZ, *arguments, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=180)
    assert done.returncode == code, done.stdout + done.stderr
    answer = json.loads(done.stdout)
    assert isinstance(answer, dict)
    return answer


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data directory with a town hall and its territory, both calculated."""
    folder = tmp_path_factory.mktemp("lindenau")
    data, tables = folder / "data", folder / "tables"
    tables.mkdir()
    (tables / "organisations.csv").write_text(ORGANISATIONS, encoding="utf-8")
    (tables / "figures.csv").write_text(FIGURES, encoding="utf-8")
    called(data, "masterdata", "import", str(tables))
    for name, text, organisation in (("netz", SALES, "gebiet"), ("rathaus", HALL, "stadt")):
        path = folder / f"{name}.csv"
        path.write_text(text, encoding="utf-8")
        answer = called(data, "import", str(path), "--org", organisation)
        assert answer["rejected"] == 0
    for organisation in ("stadt", "gebiet"):
        called(data, "calculate", "--year", "2024", "--org", organisation)
    return data


def rows(path: Path, sheet: str) -> list[dict[str, Any]]:
    return fastexcel.read_excel(path).load_sheet(sheet).to_polars().to_dicts()


def test_the_export_takes_the_town_hall_off_commerce_and_names_what_is_missing(data: Path) -> None:
    path = data / "bisko.xlsx"
    called(data, "export", "bisko", "--year", "2024", "--org", "gebiet", "--out", str(path))
    told = {(it["sector"], it["carrier"]): it["final_energy_MWh"] for it in rows(path, "Endenergie")}
    assert told["Kommunale Einrichtungen", "Strom"] == 1180
    assert told["Gewerbe, Handel, Dienstleistungen", "Strom"] == 12920  # 14 100 − 1 180
    assert told["Gewerbe, Handel, Dienstleistungen", "Erdgas"] == pytest.approx(
        20805.12
    )  # (25 300 − 2 260) × 0.903
    states = {it["Anforderung"]: it["Stand"] for it in rows(path, "Anforderungen")}
    assert states["Erdgas: Industrie"] == "bestätigte Null"
    assert states["Kerosin: Verkehr"] == "bestätigte Null"
    assert states["Fernwärme: Industrie"] == "Null, nicht bestätigt"
    assert states["Benzin: Verkehr"] == "fehlt"
    said = [
        it["Aussage"] for it in rows(path, "Über diese Datei") if it["Thema"].startswith("Gebiet der Stadt")
    ]
    assert said == ["nicht konform"]


def test_the_inventory_names_its_open_rows(data: Path) -> None:
    path = data / "crf.xlsx"
    called(data, "export", "crf", "--year", "2024", "--org", "gebiet", "--out", str(path))
    states = {it["Nr."]: it["Stand"] for it in rows(path, "2 Untergruppen")}
    assert states["I.1.1"] == states["II.1.1"] == "Zahl"
    assert states["II.3.1"].startswith("fehlt")


def test_the_page_holds_the_territory_and_that_of_the_town_hall_does_not(data: Path) -> None:
    for organisation, is_there in (("gebiet", True), ("stadt", False)):
        path = data / f"{organisation}.html"
        called(data, "report", "--year", "2024", "--org", organisation, "--out", str(path))
        assert ("Bilanz des Gebiets" in path.read_text(encoding="utf-8")) is is_there


def test_the_town_hall_alone_is_no_territory(data: Path) -> None:
    called(data, "export", "bisko", "--year", "2024", "--org", "stadt", code=1)


def test_the_municipality_survives_the_round_trip_of_the_master_data(data: Path) -> None:
    folder = data / "tables"
    called(data, "masterdata", "export", str(folder))
    with (folder / "organisations.csv").open(encoding="utf-8-sig", newline="") as stream:
        found = {row["id"]: row["municipality"] for row in csv.DictReader(stream, delimiter=";")}
    assert found == {"stadt": "", "gebiet": "stadt"}
    assert (folder / "notation_keys.csv").exists()
