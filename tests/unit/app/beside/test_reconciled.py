"""The command that says why books differ, and the views a report of a real data directory shows."""

import csv
import json
from decimal import Decimal
from pathlib import Path

import pytest
from toy import City, found_city, use_toys

from bilanz.app.balances import calculate_year, latest_result, reported_result
from bilanz.app.beside.reconciled import reconcile_year
from bilanz.app.cli import run
from bilanz.app.intake.ingest import import_file
from bilanz.app.output.rendering import export_year, render_year
from bilanz.errors import Refused, UnknownName, UsageError


@pytest.fixture
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> City:
    use_toys(monkeypatch)
    found = found_city(tmp_path)
    header = "source,activity,start,end,quantity,unit,basis"
    path = found.file(
        "data.csv",
        header,
        "M1,electricity,2024-01-01,2024-02-01,1000,kWh,none",
        "G1,natural_gas,2024-01-01,2024-02-01,2000,kWh,Hi",
        "T1,diesel,2024-01-01,2024-02-01,50,l,none",
    )
    import_file(path, organisation="depot", settings=found.settings)
    return found


def test_the_causes_add_up_for_every_pair(city: City) -> None:
    calculate_year(city.settings, 2024)
    found = reconcile_year(city.settings, 2024)
    assert [(pair["book_a"], pair["book_b"]) for pair in found["pairs"]] == [
        ("bisko", "ghgp_location"),
        ("bisko", "ghgp_market"),
    ]
    for pair in found["pairs"]:
        total = Decimal(pair["difference_kg"])
        assert total == sum(Decimal(row["effect_kg"]) for row in pair["rows"])
        assert total == sum(Decimal(value) for value in pair["causes_kg"].values())
        assert "diesel" in {row["activity"] for row in pair["rows"] if row["cause"] == "boundary"}


def test_the_pair_that_is_asked_for(city: City) -> None:
    calculate_year(city.settings, 2024)
    (pair,) = reconcile_year(city.settings, 2024, ("ghgp_market", "ghgp_location"))["pairs"]
    assert {row["activity"] for row in pair["rows"]} == {"electricity"}
    (first,) = reconcile_year(city.settings, 2024, ("ghgp_market",))["pairs"]
    assert (first["book_a"], first["book_b"]) == ("bisko", "ghgp_market")
    with pytest.raises(UnknownName, match="bisko, ghgp_location, ghgp_market"):
        reconcile_year(city.settings, 2024, ("hourly",))
    with pytest.raises(Refused):
        reconcile_year(city.settings, 2024, ("bisko", "bisko"))
    with pytest.raises(Refused):
        reconcile_year(city.settings, 2024, ("bisko",))


def test_one_book_has_nothing_to_be_compared_with(city: City) -> None:
    calculate_year(city.settings, 2024, books=("bisko",))
    with pytest.raises(Refused, match="no second book"):
        reconcile_year(city.settings, 2024)
    assert reported_result(city.settings, 2024).beside.reconciliation is None
    assert reported_result(city.settings, 2024).beside.iso is None


def test_the_command_prints_one_object(city: City, capsys: pytest.CaptureFixture[str]) -> None:
    calculate_year(city.settings, 2024)
    where = ["--year", "2024", "--data-dir", str(city.settings.data)]
    assert run(["reconcile", *where, "--json"]) == 0
    assert set(json.loads(capsys.readouterr().out)) == {"year", "run", "organisation", "result_hash", "pairs"}
    assert run(["reconcile", *where, "--lang", "de"]) == 0
    assert "Die Ursachen ergeben genau diese Differenz." in capsys.readouterr().out


def test_the_export_holds_the_total_of_each_book(city: City) -> None:
    result = calculate_year(city.settings, 2024)
    path = export_year(city.settings, 2024, "iso14064", None)
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for book in ("ghgp_location", "ghgp_market"):
        lines = result.lines.filter(book=book)
        total = sum(lines.filter(scope=scope)["co2e_kg"].sum() for scope in ("1", "2", "3"))
        assert sum(Decimal(row["co2e_kg"]) for row in rows if row["book"] == book) == total
    assert {row["result_hash"] for row in rows} == {result.manifest.result_hash}


def test_a_report_shows_both_ways_of_the_administration(city: City) -> None:
    calculate_year(city.settings, 2024, books=("ghgp_location", "administration"))
    page = render_year(city.settings, 2024, None).read_text(encoding="utf-8")
    assert "Balance of the administration" in page
    assert "Administration, electricity by contract" in page
    assert "Statements of the inventory" in page


def test_a_broken_declaration_stops_with_its_place(city: City) -> None:
    city.settings.data.joinpath("inventory.toml").write_text("base_year = 19\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"inventory.toml: \"base_year\""):
        calculate_year(city.settings, 2024)
    with pytest.raises(Refused, match="has not been calculated yet"):
        latest_result(city.settings, 2024)
