"""The fictional league from its files to the page of the board: what was put in is measured again."""

import json
from calendar import monthrange
from decimal import Decimal
from pathlib import Path

import pytest

from bilanz.app.cli import run
from bilanz.app.demoleague.build import LeagueOutcome, build
from bilanz.app.demoleague.towns import METERS, TOWNS, Meter, degree_days, town_of
from bilanz.app.fund.board import board_of
from bilanz.app.settings import Settings
from bilanz.errors import UsageError
from bilanz.fund.board import Board
from bilanz.fund.cost import NotPriced

YEAR = 2024
MEASURED = [meter for meter in METERS if meter.project is not None]


@pytest.fixture(scope="module")
def league(tmp_path_factory: pytest.TempPathFactory) -> LeagueOutcome:
    return build(tmp_path_factory.mktemp("league"), language="en")


@pytest.fixture(scope="module")
def board(league: LeagueOutcome) -> Board:
    return board_of(Settings(data=league.directory / "league" / "data", lang="en"), YEAR)


def put_in(meter: Meter, year: int) -> float:
    """Return what a project saves in a year without the irregularity of its meter."""
    town = town_of(meter.agency)
    used = sum(
        meter.base * monthrange(year, month)[1] + meter.slope * degree_days(town, year, month)
        for month in range(1, 13)
    )
    return used * meter.effect


def test_what_was_put_in_is_measured_within_the_interval(board: Board) -> None:
    assert len(MEASURED) == 12
    beside = []
    for meter in MEASURED:
        saved = board.effect(str(meter.project)).saved
        assert saved is not None, meter.project
        assert saved.half_width is not None
        distance = abs(float(saved.value) - put_in(meter, YEAR))
        assert distance <= 2 * float(saved.half_width), meter.project
        if distance > saved.half_width:
            beside.append(meter.project)
    assert len(beside) <= 1, "of twelve intervals of 95 % more than one hardly ever misses"


def test_a_project_without_effect_shows_none_whatever_it_promises(board: Board) -> None:
    blower = board.effect("MD-03")
    assert blower.promised == 35000
    assert blower.saved is not None
    assert blower.saved.half_width is not None
    assert abs(blower.saved.value) < blower.saved.half_width
    cost = next(one for one in board.costs if one.name == "MD-03")
    assert isinstance(cost, NotPriced)
    assert cost.missing == ("distinct_effect",)


def test_the_league_says_what_the_towns_measured(league: LeagueOutcome, board: Board) -> None:
    lines = (league.directory / "bundles" / f"modelhavn-{YEAR}" / "effects.csv").read_text("utf-8")
    row = next(line for line in lines.splitlines() if line.startswith(f"MO-03,{YEAR},"))
    saved = board.effect("MO-03").saved
    assert saved is not None
    assert Decimal(row.split(",")[2]) == saved.value
    assert "bundle of Modelhavn" in saved.evidence


def test_thirty_projects_of_five_years_are_on_the_page(league: LeagueOutcome, board: Board) -> None:
    assert len(board.holdings) == 30
    assert [year.year for year in board.accounts.years] == [2020, 2021, 2022, 2023, 2024]
    english = (league.directory / "pages" / f"fonds-{YEAR}.en.html").read_text("utf-8")
    for holding in board.holdings:
        assert holding.project.title in english
    assert "Neue Hanse (fiktiv)" in english


def test_every_project_is_measured_or_the_page_says_why(league: LeagueOutcome, board: Board) -> None:
    named = {one.project for one in board.unmeasured}
    assert named == {one.project.id for one in board.holdings} - {meter.project for meter in MEASURED}
    assert all(one.assessed_on is not None for one in board.unmeasured), "the towns have looked at each"
    assert not board.outdated
    page = (league.directory / "pages" / f"fonds-{YEAR}.de.html").read_text("utf-8")
    missed = sum(one.is_metered for one in board.unmeasured)
    projects = 30 - len(named) + missed
    assert f"{missed} von {projects} Projekten, die an Zählern zu messen sind, haben für {YEAR} keine" in page
    early = board_of(Settings(data=league.directory / "league" / "data", lang="en"), 2022)
    roof = next(one for one in early.unmeasured if one.project == "MD-01")
    assert (roof.reason.code, roof.needed) == ("part_of_year", 12)
    later = {one.project: one for one in early.upcoming}
    assert (later["MD-01"].from_year, later["MD-01"].saving) == (2023, 80000)


def test_bundles_verify_elsewhere_and_not_when_altered(
    league: LeagueOutcome, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert len(league.bundles) == len(TOWNS)
    for path in league.bundles:
        assert run(["verify", str(path), "--data-dir", str(tmp_path / "second"), "--json"]) == 0
    capsys.readouterr()
    effects = league.bundles[0] / "effects.csv"
    before = effects.read_bytes()
    effects.write_bytes(before.replace(b",kWh,", b",MWh,", 1))
    try:
        assert run(["verify", str(league.bundles[0]), "--json"]) == 1
        assert "effects.csv" in capsys.readouterr().out
        taken = [
            "fund",
            "take",
            str(league.bundles[0]),
            "--data-dir",
            str(league.directory / "league" / "data"),
        ]
        assert run([*taken, "--json"]) == 1
        assert "effects.csv" in json.loads(capsys.readouterr().out)["error"]["message"]
    finally:
        effects.write_bytes(before)


def test_members_add_up_to_the_league(
    league: LeagueOutcome, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--data-dir", str(tmp_path / "second"), "--json"]
    assert run(["consolidate", *map(str, league.bundles), *where]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {one["member"] for one in told["members"]} == {town.code for town in TOWNS}


def test_the_commands_of_the_fund_answer(
    league: LeagueOutcome, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ["--data-dir", str(league.directory / "league" / "data")]
    assert run(["fund", "contributions", "--year", str(YEAR), *data, "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["contributions"]
    assert sum(Decimal(row["due"]) for row in rows) == Decimal("2266200.00")
    town = ["--data-dir", str(league.directory / "towns" / "musterdorf" / "data"), "--json"]
    assert run(["fund", "effects", *town]) == 0
    told = json.loads(capsys.readouterr().out)["effects"]
    assert told["MD-02"]["years"][-1]["year"] == YEAR
    assert "reason" in told["MD-05"]
    assert run(["fund", "flows", *town]) == 0
    assert json.loads(capsys.readouterr().out)["flows"] == []
    for name, command in (("board.html", "report"), ("board.xlsx", "export")):
        assert run(["fund", command, "--year", str(YEAR), "--out", str(tmp_path / name), *data]) == 0
        assert (tmp_path / name).stat().st_size > 10_000


def test_nothing_is_built_over_something_else(league: LeagueOutcome, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x", encoding="utf-8")
    with pytest.raises(UsageError):
        build(tmp_path)
    with pytest.raises(UsageError, match="--fresh"):
        build(league.directory)
    assert (tmp_path / "mine.txt").exists()
