"""Intervals of a run as commands and reports have them: own half widths, the year before, `--json`."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from toy import City, found_city, use_toys
from unit.reports.synthetic import full_result

from bilanz.app.balances import calculate_year, reported_result
from bilanz.app.beside.intervals import intervals_of, with_intervals
from bilanz.app.cli import run
from bilanz.app.intake.ingest import import_file
from bilanz.app.settings import Settings
from bilanz.app.shown.summary import summary
from bilanz.errors import FileRefused

PAGE = (Path(__file__).parents[4] / "docs" / "cli.md").read_text(encoding="utf-8")
HEADER = "organisation,source,activity,start,end,quantity,unit,basis"


@pytest.fixture
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> City:
    """Return a city whose depot burned 1000 kWh of gas (Hs) in 2023 and 900 in 2024, from one meter."""
    use_toys(monkeypatch)
    city = found_city(tmp_path)
    rows = [
        f"depot,G1,natural_gas,{year}-01-01,{year + 1}-01-01,{quantity},kWh,Hs"
        for year, quantity in ((2023, 1000), (2024, 900))
    ]
    import_file(city.file("gas.csv", HEADER, *rows), organisation="depot", settings=city.settings)
    return city


def asked(city: City, *words: str) -> tuple[int, dict[str, Any]]:
    """Run a command with `--json` and return exit code and answer."""
    lines: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("typer.echo", lambda text, **_: lines.append(str(text)))
        code = run([*words, "--data-dir", str(city.settings.data), "--json"])
    assert len(lines) == 1
    answer: dict[str, Any] = json.loads(lines[0])
    return code, answer


def schema(name: str) -> dict[str, Any]:
    """Return the schema of an answer as docs/cli.md has it."""
    text = PAGE.partition(f"<!-- schema: {name} -->\n```json\n")[2].partition("```")[0]
    found: dict[str, Any] = json.loads(text)
    return found


def book(answer: dict[str, Any], name: str = "bisko") -> dict[str, Any]:
    return next(entry for entry in answer["books"] if entry["book"] == name)


def test_calculate_says_how_far_each_total_may_be_off(city: City) -> None:
    _, answer = asked(city, "calculate", "--year", "2024")
    jsonschema.validate(answer, schema("calculate"))
    interval = book(answer)["interval_95"]
    assert set(interval) == {"low", "high"}
    total = float(book(answer)["co2e_kg"])
    # √(5² + 10²) = 11.2 % by the shipped defaults, rounded to two digits of it
    assert float(interval["low"]) == pytest.approx(total * (1 - 0.108), rel=0.02)
    assert float(interval["high"]) == pytest.approx(total * (1 + 0.115), rel=0.02)


def test_without_intervals_the_answer_is_null() -> None:
    result = full_result()
    assert {entry["interval_95"] for entry in summary(result)["books"]} == {None}
    told = summary(with_intervals(Settings(data=Path("nowhere")), result))
    assert all(entry["interval_95"] for entry in told["books"])


def test_both_approaches_and_the_change_against_the_year_before(city: City) -> None:
    for year in (2023, 2024):
        calculate_year(city.settings, year)
    code, answer = asked(city, "uncertainty", "--year", "2024", "--draws", "5000", "--seed", "7")
    assert code == 0
    jsonschema.validate(answer, schema("uncertainty"))
    assert (answer["draws"], answer["seed"], answer["year"]) == (5000, 7, 2024)
    told = book(answer)
    assert told["is_small"] is True
    total = told["totals"][0]
    assert (total["kind"], total["scope"]) == ("total", None)
    # the same factor in both years, in % of the first: √((10 % · 10)² + (5 % · 90)² + (5 % · 100)²) = 6.8
    change = told["change"]
    before = float(total["co2e_kg"]) / 0.9
    assert change["year"] == 2023
    assert float(change["co2e_kg"]) == pytest.approx(-0.1 * before, rel=0.01)  # an hour of local time
    assert float(change["approach_1"]["half_width"]) == pytest.approx(0.068 * before, rel=0.03)
    assert change["is_different"] is True
    assert {entry["kind"] for entry in told["contributions"]} == {"factor", "source"}
    again = asked(city, "uncertainty", "--year", "2024", "--draws", "5000", "--seed", "7")[1]
    assert again == answer


def test_a_report_has_the_intervals_beside_the_run_and_they_are_not_kept(city: City) -> None:
    calculate_year(city.settings, 2024)
    result = reported_result(city.settings, 2024)
    found = result.beside.intervals
    assert found is not None
    assert found.equals(intervals_of(city.settings, replace(result)))  # no year before: no change
    assert "change" not in set(found["kind"])


def test_own_half_widths_replace_defaults_and_a_broken_file_is_refused(city: City) -> None:
    result = calculate_year(city.settings, 2024)
    file = city.settings.data / "uncertainty.csv"
    file.write_text("of,source,half_width,title\nactivity,G1,0.5,Eichschein 2024\n", encoding="utf-8")
    found = intervals_of(city.settings, result)
    assert found.filter(found["kind"] == "half_width")["title"].to_list().count("Eichschein 2024") == 3
    file.write_text("of,source,half_width,title\nactivity,G1,0.5 %,Eichschein 2024\n", encoding="utf-8")
    with pytest.raises(FileRefused):
        intervals_of(city.settings, result)
    code, answer = asked(city, "uncertainty", "--year", "2024", "--lang", "de")
    assert code == 1
    assert answer["error"]["message"].startswith("uncertainty.csv, Zeile 2, Spalte „half_width“")


def test_a_broken_file_of_half_widths_stops_a_calculation_before_it_is_kept(city: City) -> None:
    file = city.settings.data / "uncertainty.csv"
    file.write_text("of,half_width,title\nactivity,5,a\nactivity,6,b\n", encoding="utf-8")
    assert asked(city, "calculate", "--year", "2024")[0] == 1
    file.unlink()
    _, answer = asked(city, "uncertainty", "--year", "2024")
    assert answer["error"]["code"] == "refused"  # not calculated yet


def test_a_year_without_a_calculation_is_refused(city: City) -> None:
    code, answer = asked(city, "uncertainty", "--year", "2024")
    assert (code, answer["error"]["code"]) == (1, "refused")


def test_people_read_the_same_in_both_languages(city: City, capsys: pytest.CaptureFixture[str]) -> None:
    for year in (2023, 2024):
        calculate_year(city.settings, year)
    for language, words in {
        "de": ("Verfahren 1", "Gegenüber 2023", "Menge einer Quelle", "nicht bestätigt", "abgerechnet"),
        "en": ("approach 1", "Against 2023", "quantity of a source", "not confirmed", "billed"),
    }.items():
        assert (
            run(["uncertainty", "--year", "2024", "--data-dir", str(city.settings.data), "--lang", language])
            == 0
        )
        printed = capsys.readouterr().out
        assert [word for word in words if word not in printed] == []
