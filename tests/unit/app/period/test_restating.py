"""A restatement stands beside the closed balance, tells each cause apart, and is shown with it."""

import json
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from toy import City, found_city, use_toys

from bilanz.app import trail
from bilanz.app.balances import calculate_year, latest_result, reported_result
from bilanz.app.cli import run as command
from bilanz.app.intake.ingest import batches, import_file, withdraw
from bilanz.app.output.rendering import render_year
from bilanz.app.period import closing
from bilanz.app.period.closing import Asked
from bilanz.app.period.restating import Outcome, restate
from bilanz.errors import Refused, UsageError
from bilanz.restatement import CAUSES

HEADER = "source,activity,start,end,quantity"
HEAT = """\
activity,region,valid_from,valid_to,gas,value,mass_unit,per_unit,chain,gwp,method,title
Fernwärme,DE,2024-01-01,2025-01-01,CO2e,{grams},g,kWh,total,AR5,exergy,Certificate {grams}
"""


@pytest.fixture
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> City:
    """Return a city whose 2024 is closed: 1 000 and 500 kWh of district heat at 100 g."""
    use_toys(monkeypatch)
    found = found_city(tmp_path)
    city = City(found.settings.model_copy(update={"user": "Office"}), tmp_path)
    factors(city, 100)
    bill(city, "a.csv", "H1,district_heat,2024-06-01,2024-06-30,1000")
    bill(city, "b.csv", "H2,district_heat,2024-06-01,2024-06-30,500")
    calculate_year(city.settings, 2024, books=("bisko",))
    closing.release(city.settings, Asked(2024))
    closing.close(city.settings.model_copy(update={"user": "Treasury"}), 2024, None)
    return city


def factors(city: City, grams: int) -> None:
    file = city.folder / f"heat{grams}.csv"
    file.write_text(HEAT.format(grams=grams), encoding="utf-8")
    assert command(["factors", "import", str(file), "--data-dir", str(city.settings.data), "--json"]) == 0


def bill(city: City, name: str, *rows: str, **options: str) -> str:
    import_file(city.file(name, HEADER, *rows), organisation="town", settings=city.settings, **options)
    return str(batches(city.settings)[-1]["batch"])


def moved(city: City, source: str) -> None:
    """Let a source belong to the agency."""
    add = ("source", "add", source, "--org", "depot", "--activity", "district_heat")
    assert command([*add, "--data-dir", str(city.settings.data), "--json"]) == 0


def by_cause(found: Outcome) -> list[Decimal]:
    (row,) = found.totals.rows(named=True)
    assert row["co2e_old_kg"] + sum(row[f"{cause}_kg"] for cause in CAUSES) == row["co2e_new_kg"]
    return [row[f"{cause}_kg"] for cause in CAUSES]


def test_each_cause_alone(city: City) -> None:
    bill(city, "c.csv", "H3,district_heat,2024-06-01,2024-06-30,10")
    assert by_cause(restate(city.settings, 2024, None, dry_run=True)) == [0, 1, 0, 0]  # 10 kWh × 0.1 kg


def test_data_first_then_factor_so_that_both_add_up(city: City) -> None:
    """Data: 10 kWh × 0.1 = 1. Factor: 1 510 kWh × (0.3 - 0.1) = 302. Boundary: H1 moves, the total stays."""
    bill(city, "c.csv", "H3,district_heat,2024-06-01,2024-06-30,10")
    withdraw(str(batches(city.settings)[0]["batch"]), reason="no heat", settings=city.settings)
    bill(city, "d.csv", "H1,district_heat,2024-06-01,2024-06-30,1000.5")
    assert command(["factors", "withdraw", "heat100", "--data-dir", str(city.settings.data), "--json"]) == 0
    factors(city, 300)
    moved(city, "H1")
    found = restate(city.settings, 2024, None, reason="new bills", release="current")
    # data: 10 × 0.1 + 0.5 × 0.1 = 1.05; factor: 1 510.5 × 0.2 = 302.1
    assert by_cause(found) == [0, Decimal("1.05"), Decimal("302.1"), 0]
    assert found.totals["co2e_old_kg"].to_list() == [Decimal(150)]
    assert found.totals["is_reached"].to_list() == [True]
    boundary = found.differences.filter(pl.col("cause") == "boundary")
    assert sorted(boundary.select("organisation", "source", "effect_kg").rows()) == [
        ("depot", "H1", Decimal("300.15")),
        ("town", "H1", Decimal("-300.15")),
    ]
    told = calculate_year(city.settings, 2024, books=("bisko",), release="current").manifest
    assert told.result_hash == found.new.manifest.result_hash  # what a calculation gives today


def test_another_version_is_the_method(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice the mass of every line, as a defect mended in the program would give: 150 → 300."""
    from bilanz.app.period import recomputation

    whole = recomputation.calculate

    def doubled(*args: object, **options: object) -> object:
        from dataclasses import replace

        result = whole(*args, **options)  # type: ignore[arg-type]  # handed on as given
        twice = pl.col("co2e_kg") * 2
        lines = result.lines.with_columns(twice.cast(result.lines.schema["co2e_kg"]))
        return replace(result, lines=lines, manifest=replace(result.manifest, result_hash="f" * 64))

    monkeypatch.setattr(recomputation, "calculate", doubled)
    assert by_cause(restate(city.settings, 2024, None, dry_run=True)) == [150, 0, 0, 0]


def test_the_closed_balance_stays_and_shows_the_restatement(city: City) -> None:
    closed = latest_result(city.settings, 2024).manifest.run
    bill(city, "c.csv", "H3,district_heat,2024-06-01,2024-06-30,100")
    for number in (1, 2):
        found = restate(city.settings, 2024, None, reason="late bill")
        assert found.number == number
    assert found.new.manifest.run != closed
    shown = reported_result(city.settings, 2024)
    assert shown.manifest.run == closed
    view = shown.beside.closing
    assert view is not None
    assert (view.state, view.released_by, view.closed_by) == ("closed", "Office", "Treasury")
    assert [(each.number, each.run, each.reason) for each in view.restatements] == [
        (1, found.new.manifest.run, "late bill"),
        (2, found.new.manifest.run, "late bill"),
    ]
    assert view.restatements[0].totals.equals(found.totals)
    assert view.restatements[0].differences.equals(found.differences)
    page = render_year(city.settings, 2024, None).read_text(encoding="utf-8")
    assert "late bill" in page
    entry = trail.listed(city.settings, "2024")[-1]
    assert (entry["action"], entry["reason"]) == ("period.restate", "late bill")
    assert entry["details"]["books"]["bisko"]["data_kg"] == "10"


def test_a_restatement_becomes_the_balance_by_a_new_release(city: City) -> None:
    bill(city, "c.csv", "H3,district_heat,2024-06-01,2024-06-30,100")
    run = restate(city.settings, 2024, None, reason="late bill").new.manifest.run
    closing.reopen(city.settings, 2024, None, "restated")
    assert closing.release(city.settings, Asked(2024, run=run)).run == run
    view = reported_result(city.settings, 2024).beside.closing
    assert view is not None
    assert (view.state, view.restatements) == ("released", ())


def test_what_is_not_closed_or_not_changed_is_not_restated(city: City) -> None:
    with pytest.raises(Refused, match="are the same today"):
        restate(city.settings, 2024, None, reason="x")
    with pytest.raises(UsageError, match="needs a reason"):
        restate(city.settings, 2024, None, reason=" ")
    with pytest.raises(Refused, match="2023 is not closed"):
        restate(city.settings, 2023, None, reason="x")


def test_a_look_keeps_nothing_and_the_command_says_all(
    city: City, capsys: pytest.CaptureFixture[str]
) -> None:
    bill(city, "c.csv", "H3,district_heat,2024-06-01,2024-06-30,100")
    before = len(trail.listed(city.settings))
    data = ("--data-dir", str(city.settings.data))
    capsys.readouterr()
    assert command(["period", "restate", "--year", "2024", "--dry-run", *data, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["number"], told["is_reached"], told["books"][0]["data_kg"]) == (None, True, "10")
    assert [line["source"] for line in told["lines"]] == ["H3"]
    assert len(trail.listed(city.settings)) == before
    arguments = ["period", "restate", "--year", "2024", "--reason", "Nachtrag", "--lang", "de", *data]
    assert command(arguments) == 0
    said = capsys.readouterr().out
    # 10 of 150 kg: 6.7 %
    assert "Die Änderung erreicht die Schwelle von 5,0\u00a0%: Das Basisjahr muss auf derselben" in said
    assert "Aufbewahrt als Neudarstellung 1" in said
