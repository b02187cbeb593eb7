"""`bilanz factors diff`: what changed, and what it does to a year or a run."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from toy import City, found_city, use_toys

from bilanz.app.balances import calculate_year
from bilanz.app.catalogue import releases
from bilanz.app.catalogue.comparison import compare
from bilanz.app.cli import run as command
from bilanz.app.cli.releases import difference_lines
from bilanz.app.intake.ingest import import_file
from bilanz.errors import UnknownName, UsageError

OLD, NEW = "mix-2025", "mix-2026"
MIX = "uba_strommix:{}:electricity:DE:2024:{}"


@pytest.fixture
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> City:
    """Return a city with 1000 kWh of electricity in May 2024, and a release before and after the new mix."""
    use_toys(monkeypatch)
    found = found_city(tmp_path)
    path = found.file("may.csv", "source,start,end,quantity", "M1,2024-05-02,2024-05-30,1000")
    import_file(path, organisation="depot", settings=found.settings)
    for name, without in ((OLD, ("uba_strommix:cc16_2026",)), (NEW, ("uba_strommix:cc13_2025",))):
        releases.create(found.settings, name, only=(), without=without)
    return found


def book(found: dict[str, Any], name: str) -> dict[str, Any]:
    return next(entry for entry in found["balance"]["books"] if entry["book"] == name)


def test_the_effect_of_a_new_mix_on_a_year(city: City) -> None:
    """1000 kWh x (0.361 kg CO2e - 0.363 kg CO2) = -2 kg; BISKO had no total before: 414 kg."""
    found = compare(city.settings, OLD, NEW, year=2024)
    location = book(found, "ghgp_location")
    assert (location["co2e_a_kg"], location["co2e_b_kg"], location["difference_kg"]) == ("363", "361", "-2")
    effects = {(row["book"], row["factor_a"], row["factor_b"]): row for row in found["balance"]["effects"]}
    row = effects["ghgp_location", MIX.format("cc13_2025", "direct_co2"), MIX.format("cc16_2026", "direct")]
    assert (row["effect_kg"], row["cause"], row["slices"]) == ("-2", "other_factor", 1)
    assert book(found, "bisko")["exceptions_a"] - book(found, "bisko")["exceptions_b"] == 1
    assert effects["bisko", None, MIX.format("cc16_2026", "total")]["effect_kg"] == "414"
    for entry in found["balance"]["books"]:
        told = [
            Decimal(row["effect_kg"])
            for row in found["balance"]["effects"]
            if row["book"] == entry["book"] and row["is_counted"]
        ]
        assert sum(told) == Decimal(entry["difference_kg"])
    assert found["counts"]["factors"]["new_edition"] > 0
    assert (
        calculate_year(city.settings, 2024, release=OLD).manifest.factor_release
        == found["a"]["factor_release"]
    )


def test_a_release_is_like_itself(city: City) -> None:
    found = compare(city.settings, NEW, NEW, year=2024)
    assert (found["counts"], found["changes"], found["balance"]["effects"]) == ({}, [], [])
    assert {entry["difference_kg"] for entry in found["balance"]["books"]} == {"0"}
    assert "The factors are the same." in difference_lines(found, "en")


def test_a_run_is_compared_with_its_own_organisation_books_and_potentials(city: City) -> None:
    run = calculate_year(
        city.settings, 2024, books=("ghgp_location",), gwp="AR5", organisation="depot", release=OLD
    ).manifest
    found = compare(city.settings, OLD, NEW, run=run.run)["balance"]
    assert (found["run"], found["year"], found["organisation"]) == (run.run, 2024, "depot")
    assert [entry["book"] for entry in found["books"]] == ["ghgp_location"]
    assert found["is_reproduced"] is True
    assert compare(city.settings, NEW, "current", run=run.run)["balance"]["is_reproduced"] is None
    path = city.file("june.csv", "source,start,end,quantity", "M1,2024-06-02,2024-06-20,5")
    import_file(path, organisation="depot", settings=city.settings)
    moved = compare(city.settings, OLD, NEW, run=run.run)
    assert moved["balance"]["is_reproduced"] is False
    assert any("changed since the run" in line for line in difference_lines(moved, "en"))


def test_books_are_chosen_and_questions_checked(city: City) -> None:
    found = compare(city.settings, OLD, NEW, year=2024, books=("bisko",))
    assert [entry["book"] for entry in found["balance"]["books"]] == ["bisko"]
    assert compare(city.settings, OLD, "current")["balance"] is None
    for told in ({"year": 2024, "run": "x"}, {"books": ("bisko",)}):
        with pytest.raises(UsageError, match="by --year or by --run"):
            compare(city.settings, OLD, NEW, **told)
    with pytest.raises(UnknownName, match=r'"mix-2024" is not known. Similar: mix-202'):
        compare(city.settings, "mix-2024", NEW)
    with pytest.raises(UnknownName, match=r'The run "x" is not known'):
        compare(city.settings, OLD, NEW, run="x")


def test_a_person_reads_it_in_german(city: City) -> None:
    lines = difference_lines(compare(city.settings, OLD, NEW, year=2024), "de")
    text = "\n".join(lines)
    assert lines[0].startswith("A: mix-2025 (")
    assert "GHG Protocol, standortbasiert, 2024: A 0,363 t CO2e, B 0,361 t CO2e, Unterschied -2 kg" in lines
    old, new = MIX.format("cc13_2025", "direct_co2"), MIX.format("cc16_2026", "direct_co2")
    row = next(line for line in lines if line.startswith(new))
    for part in ("363", "353", "-2,75"):  # 353 / 363 - 1 = -2.75 %
        assert part in row
    effect = next(line for line in lines if line.startswith("-2 ") and old in line)
    assert "anderer Faktor" in effect
    assert "nur mit B gezählt" in text
    assert "in anderer Ausgabe" in text


# --- the commands


@pytest.fixture
def bilanz(city: City, capsys: pytest.CaptureFixture[str]) -> Any:  # noqa: ANN401 - a function
    def called(*arguments: str, code: int = 0) -> dict[str, Any]:
        capsys.readouterr()
        assert command([*arguments, "--data-dir", str(city.settings.data), "--json"]) == code
        answer: dict[str, Any] = json.loads(capsys.readouterr().out)
        return answer

    return called


def test_a_release_from_the_command_line(bilanz: Any, city: City) -> None:  # noqa: ANN401 - the fixture, a function
    made = bilanz("factors", "release", "create", "geg", "--only", "geg", "--without", "geg:2026")
    # what is no edition of factors stays: properties, prices, degree days, indices
    assert [(one["source"], one["edition"]) for one in made["editions"]] == [
        ("behg", "2026"),
        ("destatis_vpi", "2026"),
        ("dwd_try", "2011"),
        ("ecb", "2026"),
        ("eurostat", "2024"),
        ("geg", "2020"),
        ("heizkostenv", "2023"),
        ("landkreis_heidenheim", "heidenheim"),
        ("rvr", "tuttlingen"),
        ("uba", "mk31"),
        ("uba", "mk32"),
        ("uba", "mk40"),
        ("ustg", "2026"),
    ]
    again = bilanz("factors", "release", "create", "geg", code=1)
    assert again["error"]["code"] == "refused"
    assert bilanz("factors", "release", "pin", "2024", OLD)["release_name"] == OLD
    told = {one["name"]: one for one in bilanz("factors", "release", "list")["releases"]}
    assert set(told) == {OLD, NEW, "geg"}
    assert (told[OLD]["years"], told[NEW]["years"]) == ([2024], [])
    assert bilanz("factors", "release", "show", made["sha256"][:10])["name"] == "geg"
    closed = bilanz("calculate", "--year", "2024", code=1)
    assert (closed["release_name"], closed["factor_release"]) == (OLD, told[OLD]["sha256"])
    other = bilanz("calculate", "--year", "2024", "--release", NEW)
    assert other["release_name"] == NEW
    assert other["result_hash"] != closed["result_hash"]
    shown = bilanz("explain", "--year", "2024", "--activity", "electricity")
    assert shown["release_name"] == OLD
    assert bilanz("factors", "release", "unpin", "2024")["release_name"] == OLD
    assert bilanz("factors", "release", "unpin", "2024", code=1)["error"]["code"] == "refused"
    assert bilanz("calculate", "--year", "2024")["release_name"] is None
    assert releases.pins(city.settings) == {}


def test_the_catalogue_of_a_release_is_listed_shown_searched_and_asked(bilanz: Any) -> None:  # noqa: ANN401 - the fixture, a function
    bilanz("factors", "release", "create", "geg", "--only", "geg")
    told = ("--release", "geg")
    listed = bilanz("factors", "list", *told)
    assert {row["source"] for row in listed["sources"]} == {"geg"}
    assert listed["release_name"] == "geg"
    mix = MIX.format("cc16_2026", "direct")
    assert bilanz("factors", "show", mix)["factor"]
    assert bilanz("factors", "show", mix, *told, code=2)["error"]["code"] == "unknown_name"
    assert {row["source"] for row in bilanz("factors", "search", "Erdgas", *told)["factors"]} == {"geg"}
    covered = bilanz("factors", "coverage", "--from", "2024", "--to", "2024", *told)["coverage"]
    assert not any(row["is_covered"] for row in covered if row["activity"] == "diesel")
    asked = ("--activity", "electricity", "--quantity", "10", "--unit", "kWh", "--date", "2024-05-01")
    assert bilanz("estimate", *asked)["co2e_kg"] == "3.61"
    assert bilanz("estimate", *asked, "--release", OLD)["co2e_kg"] == "3.63"
    assert bilanz("estimate", *asked, *told, code=1)["error"]["code"] == "no_factor"
    bilanz("factors", "release", "pin", "2024", OLD)
    assert bilanz("estimate", *asked)["release_name"] == OLD


def test_a_difference_from_the_command_line(bilanz: Any) -> None:  # noqa: ANN401 - the fixture, a function
    found = bilanz("factors", "diff", OLD, NEW, "--year", "2024", "--book", "ghgp_location")
    assert [entry["difference_kg"] for entry in found["balance"]["books"]] == ["-2"]
    unknown = bilanz("factors", "diff", OLD, "mix-2027", code=2)
    assert unknown["error"]["message"] == 'The release "mix-2027" is not known. Similar: mix-2026, mix-2025.'


def test_a_person_is_told_which_factors_were_used(city: City, capsys: pytest.CaptureFixture[str]) -> None:
    data = ("--data-dir", str(city.settings.data))
    assert command(["factors", "release", "pin", "2024", OLD, *data]) == 0
    assert command(["calculate", "--year", "2024", "--release", NEW, "--lang", "de", *data]) == 0
    out = capsys.readouterr().out
    assert "Faktoren: mix-2026 (" in out
    assert f"2024 behält den Faktorenstand {OLD}: Diese Berechnung steht daneben" in out
    for name in ("list", "show"):
        arguments = [name] if name == "list" else [name, OLD]
        assert command(["factors", "release", *arguments, *data]) == 0
        assert OLD in capsys.readouterr().out
