"""A town from its files to the consolidated balance, by command and on the page."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from toy import City, found_city, use_toys

from bilanz.app.balances import calculate_year, reported_result
from bilanz.app.beside.consolidation import consolidate_year
from bilanz.app.cli import run
from bilanz.app.intake.ingest import import_file
from bilanz.app.master.data import import_masterdata
from bilanz.app.output.rendering import render_year
from bilanz.boundary import Approach

HEADER = "organisation,source,activity,role,basis,start,end,quantity"
RECORDS = (
    "works,G1,natural_gas,consumed,Hi,2024-02-01,2024-12-01,500000",
    "works,N1,district_heat,sold,none,2024-02-01,2024-12-01,400000",
    "depot,D1,district_heat,consumed,none,2024-02-01,2024-12-01,100000",
    "depot,E1,electricity,consumed,none,2024-02-01,2024-12-01,20000",
)
MASTER = {
    "organisations": ["id,parent,name,kind", "works,town,Works,enterprise"],
    "figures": [
        "organisation,valid_from,population,floor_area_m2,staff,source",
        "town,2024-06-01,5000,,,register",
        "town,2025-02-01,9999,,,register",
        "works,2020-01-01,,1000,20,report",
        "depot,2020-01-01,,500,,report",
    ],
    "memberships": [
        "organisation,parent,valid_from,equity_share,operational_control,financial_control",
        "works,town,2020-01-01,0.8,true,true",
    ],
    "deliveries": [
        "id,kind,seller,buyer,activity,valid_from,evidence",
        "heat,generates,works,depot,district_heat,2020-01-01,contract",
    ],
}


@pytest.fixture
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> City:
    use_toys(monkeypatch)
    found = found_city(tmp_path)
    folder = tmp_path / "master"
    folder.mkdir()
    for name, lines in MASTER.items():
        (folder / f"{name}.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")
    assert import_masterdata(folder, found.settings).as_json()["issues"] == []
    import_file(found.file("a.csv", HEADER, *RECORDS), organisation="town", settings=found.settings)
    calculate_year(found.settings, 2024)
    return found


def answer(
    city: City, capsys: pytest.CaptureFixture[str], *options: str, expected: int = 0
) -> dict[str, Any]:
    arguments = ["consolidate", "--year", "2024", "--data-dir", str(city.settings.data), "--json", *options]
    assert run(arguments) == expected
    (line,) = capsys.readouterr().out.splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


def total(found: dict[str, Any], organisation: str, column: str) -> Decimal:
    return sum(
        (
            Decimal(row[column] or 0)
            for row in found["levels"]
            if (row["organisation"], row["book"]) == (organisation, "bisko") and row["scope"] in {"1", "2"}
        ),
        Decimal(0),
    )


def test_the_heat_of_the_depot_counts_once(city: City, capsys: pytest.CaptureFixture[str]) -> None:
    found = answer(city, capsys)
    (delivery,) = [row for row in found["deliveries"] if row["book"] == "bisko"]
    assert (delivery["state"], delivery["sold"], delivery["bought"]) == ("agreed", "400000", "100000")
    heat = Decimal(delivery["eliminated"])
    assert heat > 0
    assert total(found, "town", "eliminated") == heat
    assert total(found, "depot", "eliminated") == 0
    members = total(found, "works", "own") + total(found, "depot", "own")
    assert total(found, "town", "own") == members
    assert total(found, "town", "consolidated") == members - heat


def test_the_equity_share_of_the_works(city: City, capsys: pytest.CaptureFixture[str]) -> None:
    """0.8 of the works and 0.8 of the heat that comes from them."""
    found = answer(city, capsys, "--approach", "equity")
    works, depot = total(found, "works", "own"), total(found, "depot", "own")
    (heat,) = [Decimal(row["eliminated"]) for row in found["deliveries"] if row["book"] == "bisko"]
    assert total(found, "town", "minority") == works * Decimal("0.2")
    assert total(found, "town", "consolidated") == works * Decimal("0.8") + depot - heat


def test_figures_are_those_of_the_last_day_of_the_year(
    city: City, capsys: pytest.CaptureFixture[str]
) -> None:
    """5 000 inhabitants, not those of the next year; the staff of the depot is missing and named."""
    found = answer(city, capsys)
    rows = {
        row["indicator"]: row
        for row in found["indicators"]
        if (row["organisation"], row["book"]) == ("town", "bisko")
    }
    per_head = total(found, "town", "consolidated") / 5000
    assert Decimal(rows["population"]["value"]) == round(per_head, 6)
    assert (rows["staff"]["value"], rows["staff"]["missing"]) == (None, ["depot"])


def test_one_organisation_and_what_is_below_it(city: City, capsys: pytest.CaptureFixture[str]) -> None:
    found = answer(city, capsys, "--org", "works")
    assert [row["organisation"] for row in found["organisations"]] == ["works"]
    assert {row["organisation"] for row in found["levels"]} == {"works"}
    assert len(found["deliveries"]) == 3


@pytest.mark.parametrize(
    ("options", "code"), [(("--org", "nobody"), "unknown_name"), (("--approach", "own"), "unknown_name")]
)
def test_what_does_not_exist_is_named(
    city: City, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], code: str
) -> None:
    assert answer(city, capsys, *options, expected=2)["error"]["code"] == code


def test_people_read_tables(city: City, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["consolidate", "--year", "2024", "--data-dir", str(city.settings.data), "--lang", "de"]) == 0
    text = capsys.readouterr().out
    assert "betriebliche Kontrolle" in text
    assert "Geliefert wurde mindestens so viel wie bezogen." in text
    assert "Je Vollzeitstelle: Bezugsgröße fehlt für Depot." in text


def test_the_page_shows_the_levels(city: City) -> None:
    page = render_year(city.settings, 2024, None).read_text(encoding="utf-8")
    assert "Internal deliveries" in page
    assert "consolidation-ratios" in page


def test_a_run_of_a_part_has_no_levels(city: City) -> None:
    calculate_year(city.settings, 2024, organisation="depot")
    assert reported_result(city.settings, 2024, "depot").beside.consolidation is None
    assert reported_result(city.settings, 2024).beside.consolidation is not None


def test_books_stay_as_they_were(city: City) -> None:
    """What stands beside a run does not change it."""
    before = calculate_year(city.settings, 2024)
    result, found = consolidate_year(city.settings, 2024, Approach.OPERATIONAL)
    assert result.manifest.result_hash == before.manifest.result_hash
    own = found.levels.filter(pl.col("node") == "town")["own"].sum()
    assert own == result.lines["co2e_kg"].sum()


@pytest.mark.parametrize("language", ["de", "en"])
def test_declarations_are_listed_and_taken_back(
    city: City, capsys: pytest.CaptureFixture[str], language: str
) -> None:
    where = ["--data-dir", str(city.settings.data), "--lang", language]
    assert run(["membership", "list", *where]) == 0
    assert run(["internal-delivery", "list", *where]) == 0
    assert run(["internal-delivery", "remove", "heat", *where]) == 0
    assert run(["membership", "remove", "works", "--from", "2020-01-01", *where]) == 0
    text = capsys.readouterr().out
    assert " 0.8 " in text
    assert "district_heat" in text
    assert run(["internal-delivery", "remove", "heat", *where]) == 2
    assert answer(city, capsys)["deliveries"] == []


def test_a_run_has_the_sizes_of_its_year(city: City) -> None:
    sizes = {}
    for year in (2023, 2024, 2025):
        result = calculate_year(city.settings, year)
        sizes[year] = dict(result.organisations.select("organisation", "population").iter_rows())["town"]
    assert sizes == {2023: None, 2024: 5000, 2025: 9999}
