"""Green power by the command line: own factor, certificate, contract, balance, explanation, removal."""

import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

BILANZ = str(Path(sys.executable).with_name("bilanz"))
UPLOAD = """\
Organisation;Standort;Quelle;Aktivität;Beginn;Ende;Menge;Einheit;Bezug;Kosten netto;Währung;Qualität
plant;Werk;ZP-1;Strom;01.01.2024;31.12.2024;250.000,00;kWh;;;;abgerechnet
hall;Halle;ZP-2;Strom;01.01.2024;31.12.2024;750.000,00;kWh;;;;abgerechnet
"""
FACTOR = """\
activity,region,valid_from,valid_to,gas,value,mass_unit,per_unit,chain,gwp,title,factor_id
Strom,DE,2024-01-01,2025-01-01,CO2e,{value},g,kWh,direct,unstated,{title},{name}
"""
TIME = ("--from", "2024-01-01", "--to", "2025-01-01")


def called(data: Path, *arguments: str, code: int = 0) -> dict[str, Any]:
    environment = os.environ | {"BILANZ_LANG": "en", "BILANZ_DATA": str(data)}
    command = [BILANZ, *arguments, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=120)
    assert done.returncode == code, done.stdout + done.stderr
    answer = json.loads(done.stdout)
    assert isinstance(answer, dict)
    return answer


def totals(data: Path) -> dict[str, Decimal]:
    answer = called(data, "calculate", "--year", "2024")
    return {book["book"]: Decimal(book["scopes"]["2"]) for book in answer["books"]}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data directory with two buildings and two own factors."""
    folder = tmp_path_factory.mktemp("green")
    data = folder / "data"
    (folder / "upload.csv").write_text(UPLOAD, encoding="utf-8")
    (folder / "statement.pdf").write_bytes(b"cancelled")
    called(data, "organisation", "add", "town", "--name", "Stadt", "--kind", "municipality")
    for name in ("plant", "hall"):
        called(data, "organisation", "add", name, "--name", name, "--parent", "town")
    called(data, "import", str(folder / "upload.csv"), "--org", "town")
    for value, title, name in (("0", "Guarantees of origin 2024", "wind"), ("50", "Contract 7", "contract7")):
        path = folder / f"{name}.csv"
        path.write_text(FACTOR.format(value=value, title=title, name=name), encoding="utf-8")
        assert called(data, "factors", "import", str(path), "--org", "town")["accepted"] == 1
    return data


def test_from_the_certificate_to_the_balance_and_back(town: Path) -> None:
    before = totals(town)
    assert before["ghgp_market"] == Decimal("724.56") * 1000
    certificate = ("--kind", "certificate", "--factor", "custom:wind:wind", "--org", "town", *TIME)
    proof = ("--evidence", "HKNR, statement 4711, 2025-02-03", "--vintage", "2024")
    added = ("--cancelled-on", "2025-02-03", "--origin", "DE", "--technology", "wind")
    file = ("--evidence-file", str(town.parent / "statement.pdf"))
    refused = called(town, "instrument", "add", "go-2024", *certificate, *proof, *added, code=2)
    assert "needs the covered quantity" in refused["error"]["message"]
    called(town, "instrument", "add", "go-2024", *certificate, *proof, *added, *file, "--quantity", "400000")
    contract = ("--kind", "contract", "--factor", "custom:contract7:contract7", "--source", "ZP-1", *TIME)
    called(town, "instrument", "add", "supply-7", *contract, "--evidence", "contract 7 of 2023-11-02")
    listed = called(town, "instrument", "list")["instruments"]
    assert [(row["id"], row["quantity_kwh"]) for row in listed] == [("go-2024", 400000), ("supply-7", None)]
    shown = called(town, "instrument", "show", "go-2024")
    assert len(shown["instrument"]["evidence_sha256"]) == 64
    assert shown["factor"][0]["value"] == "0"

    after = totals(town)
    # 400 MWh at 0 g, 40 % of each; ZP-1: 150 MWh at 50 g = 7.5 t; ZP-2: 450 MWh at 724.56 g = 326.052 t
    # over 24 months of meters, each part rounded to a millionth of a kWh
    assert round(after["ghgp_market"], 3) == Decimal(7500 + 326052)
    assert {name: after[name] for name in ("bisko", "ghgp_location")} == {
        name: before[name] for name in ("bisko", "ghgp_location")
    }
    place = ("--year", "2024", "--book", "ghgp_market", "--source", "ZP-2", "--month", "2024-03")
    (line,) = called(town, "explain", *place)["lines"]
    assert any(step.startswith("Cancelled certificate go-2024 covers ") for step in line["steps"])
    assert any("HKNR, statement 4711" in step for step in line["steps"])
    assert "go-2024: exhausted: 400000 of 400000 kWh used" in line["tried"]

    called(town, "masterdata", "export", str(town.parent / "out"))
    again = called(town, "masterdata", "import", str(town.parent / "out"))
    assert again["tables"]["instruments"]["unchanged"] == 2
    for name in ("go-2024", "supply-7"):
        called(town, "instrument", "remove", name)
    assert called(town, "instrument", "list")["instruments"] == []
    assert totals(town) == before


def test_an_unknown_instrument_is_named(town: Path) -> None:
    answer = called(town, "instrument", "show", "nothing", code=2)
    assert 'The instrument "nothing" is not registered' in answer["error"]["message"]
