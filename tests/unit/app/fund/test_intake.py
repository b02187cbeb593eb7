"""Effects out of bundles: only what verifies, by the key that is known, of the member's own projects."""

import json
from pathlib import Path
from shutil import copytree

import fundboards
import pytest

from bilanz.app.demoleague.build import measured, town_data
from bilanz.app.demoleague.towns import MUSTERDORF, YEARS
from bilanz.app.fund.board import board_of, rows_of
from bilanz.app.fund.intake import take_effects
from bilanz.app.league.files import read_files, write_files
from bilanz.app.league.publishing import Asked, publish
from bilanz.app.master.data import import_masterdata
from bilanz.app.master.tables import cell
from bilanz.app.settings import Settings
from bilanz.errors import Refused
from bilanz.league.signing import new_key, signed
from bilanz.registry.engine import open_registry

GIVEN = {
    "publisher": "x",
    "contact": "x",
    "contact_mail": "x@x.example",
    "licence": "cc-zero",
    "effects_of_few": True,  # each project is one building
}


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("town")
    settings = town_data(folder, MUSTERDORF, "en")
    assert measured(settings) > 0
    asked = Asked(YEARS[-1], organisation=MUSTERDORF.code, is_open=True, given=GIVEN)
    publish(settings, asked, folder / "bundle")
    return folder / "bundle"


@pytest.fixture
def league(tmp_path: Path) -> Settings:
    return fundboards.league(tmp_path)


def test_effects_come_to_the_board_once(bundle: Path, league: Settings) -> None:
    first = take_effects(league, [bundle])
    assert (first.first_seen, first.left_out, first.summary.exit_code) == (("musterdorf",), {}, 0)
    assert first.taken[str(bundle)] == 12  # three projects, two years, kWh and tonnes
    assert take_effects(league, [bundle]).first_seen == ()
    saved = board_of(league, YEARS[-1]).effect("MD-01").saved
    assert saved is not None
    assert 60_000 < saved.value < 80_000


def test_a_bundle_says_why_a_project_is_not_measured(bundle: Path, league: Settings) -> None:
    """Of every project of the town a row, and one of each of the three years of three that are measured."""
    before = {one.project: one for one in board_of(league, YEARS[-1]).unmeasured}
    assert before["MD-05"].assessed_on is None
    taken = take_effects(league, [bundle])
    board = board_of(league, YEARS[-1])
    own = [row for row in board.rows.findings if row.project.startswith("MD-")]
    assert taken.looked[str(bundle)] == len(own) == len(board.rows.findings)
    assert {row.year for row in own if row.project == "MD-01"} == {None, 2022, 2023, 2024}
    after = {one.project: one for one in board.unmeasured}
    assert after["MD-05"].assessed_on is not None
    assert "MD-01" not in after
    assert not board.outdated, "what was measured and what was assessed are of one assessment"
    assert all(row.evidence.startswith("bundle of ") for row in own), "no meter is named"


def test_another_key_is_refused(bundle: Path, league: Settings, tmp_path: Path) -> None:
    take_effects(league, [bundle])
    files = {name: content for name, content in read_files(bundle).items() if "/" not in name}
    private = new_key()
    named = {name: content for name, content in files.items() if name not in signed({}, private)}
    write_files(signed(named, private), tmp_path / "forged")
    with pytest.raises(Refused):
        take_effects(league, [tmp_path / "forged"])


def test_nobody_speaks_for_another_member(bundle: Path, league: Settings, tmp_path: Path) -> None:
    """Signed soundly by a stranger who calls himself otherwise: the projects are not his."""
    private = new_key()
    files = read_files(bundle)
    head = json.loads(files["manifest.json"])
    head["member"]["id"] = "stranger"
    files["manifest.json"] = json.dumps(head).encode()
    named = {name: content for name, content in files.items() if name not in signed({}, private)}
    write_files(signed(named, private), tmp_path / "forged")
    before = board_of(league, YEARS[-1]).effect("MD-02").saved
    with pytest.raises(Refused):
        take_effects(league, [tmp_path / "forged"])
    assert board_of(league, YEARS[-1]).effect("MD-02").saved == before


def test_what_is_of_no_project_of_the_member_is_left_out(
    bundle: Path, league: Settings, tmp_path: Path
) -> None:
    """The league's registry gives MD-02 to another town."""
    copytree(league.data, tmp_path / "other")
    other = Settings(data=tmp_path / "other", lang="en")
    registry = open_registry(other.registry)
    (project,) = [one for one in rows_of(registry).projects if one.id == "MD-02"]
    registry.close()
    told = project.model_dump() | {"organisation": "musterhafen"}
    heads = [name for name, value in told.items() if value is not None]
    folder = tmp_path / "rows"
    folder.mkdir()
    text = ";".join(heads) + "\n" + ";".join(cell(told[name]) for name in heads) + "\n"
    (folder / "fund_projects.csv").write_text(text, encoding="utf-8")
    assert import_masterdata(folder, other, update=True, reason="test").exit_code == 0
    taken = take_effects(other, [bundle])
    assert taken.left_out == {str(bundle): ("MD-02",)}
    assert taken.taken[str(bundle)] == 8
