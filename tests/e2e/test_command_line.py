"""The command-line contract other programs rely on, against the schemas printed in docs/cli.md."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

ROOT = Path(__file__).parents[2]
BILANZ = str(Path(sys.executable).with_name("bilanz"))
UPLOAD = """\
Organisation;Standort;Quelle;Aktivität;Beginn;Ende;Menge;Einheit;Bezug;Kosten netto;Währung;Qualität
schools;Grundschule;ZP-1;Strom;01.01.2024;31.12.2024;12.000,50;kWh;;3.600,15;EUR;abgerechnet
schools;Grundschule;G-1;Erdgas;01.01.2024;31.12.2024;100.000;kWh;Hs;8.000,00;EUR;abgerechnet
schools;Grundschule;W-1;Trinkwasser;01.01.2024;31.12.2024;350,25;m³;;700,00;EUR;abgerechnet
schools;Grundschule;ZP-2;Strom;01.01.2024;31.12.2024;12x;kWh;;;EUR;abgerechnet
"""


def schemas() -> dict[str, Any]:
    """Return the JSON schemas of docs/cli.md by name."""
    text = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    found = re.findall(r"<!-- schema: ([a-z-]+) -->\n```json\n(.*?)```", text, flags=re.DOTALL)
    assert len(found) >= 6
    return {name: json.loads(body) for name, body in found}


def called(
    *arguments: str, data: Path | None = None, code: int = 0, schema: str | None = None
) -> dict[str, Any]:
    """Run a command with --json; check exit code, that stdout is one object, and its schema."""
    environment = os.environ | {"BILANZ_LANG": "en"} | ({} if data is None else {"BILANZ_DATA": str(data)})
    done = subprocess.run(
        [BILANZ, *arguments, "--json"],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        timeout=120,
    )
    assert done.returncode == code, done.stdout + done.stderr
    answer = json.loads(done.stdout)
    assert isinstance(answer, dict)
    if schema:
        jsonschema.validate(answer, schemas()[schema])
    return answer


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, dict[str, Any]]:
    """Return the data directory of a town with one imported file, the file, and the answer of its import."""
    folder = tmp_path_factory.mktemp("town")
    data, upload = folder / "data", folder / "upload.csv"
    upload.write_text(UPLOAD, encoding="utf-8")
    called("organisation", "add", "town", "--name", "Stadt", "--kind", "municipality", data=data)
    called("organisation", "add", "schools", "--name", "Schulen", "--parent", "town", data=data)
    answer = called("import", str(upload), "--org", "schools", data=data, code=1, schema="import")
    return data, upload, answer


def test_identify(town: tuple[Path, Path, dict[str, Any]]) -> None:
    answer = called("identify", str(town[1]), schema="identify")
    assert answer["importer"] == "standard"


def test_import_counts_and_totals(town: tuple[Path, Path, dict[str, Any]]) -> None:
    answer = town[2]
    assert (answer["read"], answer["accepted"], answer["rejected"], answer["ignored"]) == (4, 3, 1, 0)
    totals = {
        (entry["activity"], entry["unit"], entry["basis"]): entry["quantity"] for entry in answer["totals"]
    }
    assert totals == {
        ("electricity", "kWh", "none"): "12000.5",
        ("natural_gas", "kWh", "Hs"): "100000",
        ("water_supply", "m3", "none"): "350.25",
    }
    assert answer["period"] == {"start": "2024-01-01T00:00:00+01:00", "end": "2025-01-01T00:00:00+01:00"}
    issue = next(entry for entry in answer["issues"] if entry["code"] == "not_a_number")
    assert (issue["row"], issue["column"], issue["value"]) == (5, "Menge", "12x")


def test_the_same_bytes_again_are_refused_naming_the_first(town: tuple[Path, Path, dict[str, Any]]) -> None:
    data, upload, first = town
    answer = called("import", str(upload), "--org", "schools", data=data, code=1, schema="error")
    assert answer["error"]["code"] == "already_imported"
    assert first["batch"] in answer["error"]["message"]


def test_a_dry_run_needs_no_data_directory(town: tuple[Path, Path, dict[str, Any]], tmp_path: Path) -> None:
    data = tmp_path / "none"
    answer = called(
        "import", str(town[1]), "--org", "schools", "--dry-run", data=data, code=1, schema="import"
    )
    assert answer["accepted"] == 3
    assert not data.exists()


def test_calculate_by_hand(town: tuple[Path, Path, dict[str, Any]]) -> None:
    answer = called("calculate", "--year", "2024", data=town[0], schema="calculate")
    books = {book["book"]: book for book in answer["books"]}
    # electricity 12 000.5 kWh × 361 g/kWh (UBA 2026, CO2e without upstream)
    assert books["ghgp_location"]["scopes"]["2"] == "4332.1805"
    # 12 000.5 kWh × 724.56 g/kWh (AIB residual mix 2024)
    assert books["ghgp_market"]["scopes"]["2"] == "8695.08228"
    # natural gas 100 000 kWh Hs × 0.903 × 3.6 MJ/kWh × 55.8 g/MJ = 18139.464 (EBeV 2030); DESNZ 2024 in
    # AR6: CH4 and N2O 100 000 × (0.00028 × 27.9/28 + 0.00009 × 273/265) = 37.171698113207
    assert books["ghgp_location"]["scopes"]["1"] == "18176.635698113207"


def test_calculating_again_gives_the_same_hash(town: tuple[Path, Path, dict[str, Any]]) -> None:
    first = called("calculate", "--year", "2024", data=town[0])
    second = called("calculate", "--year", "2024", data=town[0])
    assert first["result_hash"] == second["result_hash"]
    assert first["manifest_hash"] == second["manifest_hash"]


def test_explain_leads_back_to_file_and_row(town: tuple[Path, Path, dict[str, Any]]) -> None:
    called("calculate", "--year", "2024", data=town[0])
    answer = called(
        "explain", "--year", "2024", "--activity", "electricity", "--month", "2024-03", data=town[0]
    )
    told = json.dumps(answer, ensure_ascii=False)
    assert "upload.csv" in told
    assert "uba_strommix:cc16_2026" in told
    assert {origin["row"] for line in answer["lines"] for origin in line["origin"]} == {2}


def test_explain_takes_names_and_says_when_nothing_fits(town: tuple[Path, Path, dict[str, Any]]) -> None:
    by_name = called("explain", "--year", "2024", "--activity", "Strom", data=town[0])
    assert len(by_name["lines"]) == 12
    called("explain", "--year", "2024", "--activity", "Heizöl", data=town[0], code=1)
    error = called("explain", "--year", "2024", "--org", "shools", data=town[0], code=2, schema="error")
    assert "schools" in error["error"]["message"]


def test_an_incomplete_data_directory_is_no_empty_balance(
    town: tuple[Path, Path, dict[str, Any]], tmp_path: Path
) -> None:
    broken = tmp_path / "data"
    shutil.copytree(town[0], broken)
    (broken / "bilanz.duckdb").unlink()
    error = called("calculate", "--year", "2024", data=broken, code=1, schema="error")
    assert error["error"]["code"] == "store_incomplete"


def test_changing_a_source_keeps_what_is_not_named(tmp_path: Path) -> None:
    data = tmp_path / "data"
    called("organisation", "add", "town", "--name", "Stadt", data=data)
    called("source", "add", "M1", "--org", "town", "--activity", "Strom", data=data)
    called("source", "add", "M1", "--org", "town", "--role", "sub_meter", data=data)
    (source,) = called("source", "list", data=data)["sources"]
    assert (source["activity"], source["role"]) == ("electricity", "sub_meter")


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no directory")
    error = called("template", str(tmp_path / "file" / "x.csv"), code=2, schema="error")
    assert "file" in error["error"]["message"]


def test_forms_are_listed_written_and_read(tmp_path: Path) -> None:
    listed = called("template", "--list", schema="forms")["forms"]
    assert listed[0]["kind"] == "standard"
    path = tmp_path / "tank.csv"
    answer = called("template", str(path), "--kind", "fuel_deliveries")
    assert answer == {"path": str(path), "kind": "fuel_deliveries"}
    found = called("identify", str(path), schema="identify")
    importers = {entry["kind"]: entry["importer"] for entry in listed}
    assert found["importer"] == importers["fuel_deliveries"]


@pytest.mark.parametrize("arguments", [(), ("x.csv", "--list"), ("--list", "--kind", "waste_notes")])
def test_a_template_is_written_or_the_forms_are_listed(arguments: tuple[str, ...]) -> None:
    called("template", *arguments, code=2, schema="error")


def test_a_form_there_is_none_of_names_those_there_are(tmp_path: Path) -> None:
    error = called("template", str(tmp_path / "x.csv"), "--kind", "waste", code=2, schema="error")
    assert "waste_notes" in error["error"]["message"]


def test_report_is_one_file_without_network(town: tuple[Path, Path, dict[str, Any]], tmp_path: Path) -> None:
    called("calculate", "--year", "2024", data=town[0])
    out = tmp_path / "page.html"
    answer = called("report", "--year", "2024", "--out", str(out), "--lang", "de", data=town[0])
    assert answer["path"] == str(out)
    page = out.read_text(encoding="utf-8")
    assert '<html lang="de"' in page
    assert not re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="https?://', page)


@pytest.mark.parametrize(
    ("arguments", "kilograms"),
    [
        (("--activity", "electricity", "--unit", "kWh", "--book", "bisko"), "414"),
        (("--activity", "Strom", "--unit", "MWh", "--book", "ghgp_location"), "361000"),
        # 200.88 CO2; CH4 and N2O: 1000 × (0.00031 × 27.9/28 + 0.0001 × 273/265) = 0.411911725068
        (("--activity", "natural_gas", "--unit", "kWh", "--basis", "Hi", "--gwp", "AR6"), "201.291911725068"),
    ],
)
def test_estimate_by_hand(arguments: tuple[str, ...], kilograms: str) -> None:
    answer = called("estimate", *arguments, "--quantity", "1000", "--date", "2024-06-30", schema="estimate")
    assert answer["co2e_kg"] == kilograms


def test_estimate_without_a_factor_says_why() -> None:
    arguments = ("--activity", "hydrogen", "--quantity", "1", "--unit", "kg", "--date", "2024-06-30")
    answer = called("estimate", *arguments, code=1, schema="error")
    assert answer["error"]["code"] == "no_factor"


def test_own_factors(tmp_path: Path) -> None:
    table = tmp_path / "own.csv"
    header = "activity,region,valid_from,valid_to,gas,value,mass_unit,per_unit,chain,gwp,method,title"
    good = "Fernwärme,DE,2024-01-01,2025-01-01,CO2e,182.5,g,kWh,total,AR5,exergy,Certificate"
    bad = "Fernkälte,DE,2024-01-01,2025-01-01,CO2e,1.2.3,g,kWh,total,AR5,energy,Certificate"
    table.write_text(f"{header}\n{good}\n{bad}", encoding="utf-8")
    answer = called("factors", "import", str(table), "--dry-run", code=1, schema="factors-import")
    assert (answer["rows"], answer["accepted"]) == (2, 1)
    assert answer["quarantined"][0]["row"] == 3


def test_own_properties(tmp_path: Path) -> None:
    table, data = tmp_path / "gas.csv", str(tmp_path / "data")
    good = "Erdgas;Zustandszahl;Netz Nord;2024-01-01;2025-01-01;0.9512;Gas bill"
    bad = "Erdgas;Zustandszahl;Netz Süd;2024-01-01;2025-01-01;11.4;Gas bill"
    table.write_text(f"activity;kind;area;valid_from;valid_to;value;title\n{good}\n{bad}", encoding="utf-8")
    asked = ("factors", "properties", "import", str(table), "--data-dir", data)
    answer = called(*asked, code=1, schema="properties-import")
    assert (answer["rows"], answer["accepted"], answer["areas"]) == (2, 1, ["Netz Nord"])
    assert answer["quarantined"][0]["row"] == 3
    again = called(*asked, code=1, schema="error")
    assert again["error"]["code"] == "refused"
    listed = called("factors", "properties", "list", "--data-dir", data)
    assert [row["value"] for row in listed["properties"] if row["area"]] == ["0.9512"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("import", "no-such-file.csv", "--org", "x"),
        ("estimate", "--activity", "electricity"),
        ("no-such-command",),
        ("calculate", "--year", "2024", "--data-dir", "no-such-directory"),
        ("identify", str(ROOT / "pyproject.toml"), "--lang", "fr"),
    ],
)
def test_usage_is_exit_2_and_still_one_object(arguments: tuple[str, ...]) -> None:
    called(*arguments, code=2, schema="error")


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("empty.csv", b"", "empty_file"),
        ("binary.csv", bytes(range(256)) * 20, "binary_file"),
        ("picture.csv", b"\x89PNG\r\n\x1a\n" + bytes(100), "binary_file"),
        ("page.xlsx", b"<html><body><table><tr><td>1</td></tr></table></body></html>", None),
        ("words.csv", b"Lorem ipsum;dolor\nsit;amet\n", None),
    ],
)
def test_files_that_are_none_are_refused(tmp_path: Path, name: str, content: bytes, code: str | None) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    answer = called("import", str(path), "--org", "x", "--dry-run", code=1, schema="error")
    assert code in {None, answer["error"]["code"]}
    assert name in answer["error"]["message"]


def test_the_help_lists_every_command_in_german_and_english() -> None:
    for language, word in (("de", "Standardvorlage"), ("en", "upload template")):
        environment = os.environ | {"BILANZ_LANG": language, "COLUMNS": "120"}
        done = subprocess.run([BILANZ, "--help"], capture_output=True, text=True, check=True, env=environment)
        assert word in done.stdout


def test_the_factor_of_a_heat_network_by_the_example_of_the_documentation(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "factors.md").read_text(encoding="utf-8")
    path = tmp_path / "netz.toml"
    path.write_text(page.partition("```toml\n")[2].partition("```")[0], encoding="utf-8")
    asked = ("factors", "heat-network", str(path), "--book", "bisko", "--method")
    answer = called(*asked, "exergy", data=tmp_path / "data", schema="heat-network")
    assert answer["co2e_kg_per_kwh"] == "0.176074303534"
    refused = called(*asked, "credit", data=tmp_path / "data", code=2, schema="error")
    assert refused["error"]["code"] == "unknown_name"
