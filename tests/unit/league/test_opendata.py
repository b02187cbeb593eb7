"""Pages out of bundles: which are taken, which refused, and what is there before them."""

from pathlib import Path

import polars as pl
import pytest
from bench.leaguecases import bundle_of, files_of, frames_of, head_of, lines_of, use

from bilanz.app.league.files import write_files
from bilanz.app.league.opendata import MARK, write_site
from bilanz.errors import Refused
from bilanz.league.bundle import EXCEPTION_SCHEMA
from bilanz.league.consolidation import consolidate
from bilanz.league.signing import new_key
from reports.siteleague import league_gaps_panel
from reports.sitepanels import Say, gaps_panel, lacks

FRAMES = frames_of("a", lines_of(use("hall", "electricity", 10)))
LATER = "2027-01-01T00:00:00+00:00"


def put(path: Path, private: bytes | None = None, **told: str) -> Path:
    return write_files(files_of(head_of("a", FRAMES, **told), FRAMES, private), path)


def test_only_a_site_of_ours_is_replaced(tmp_path: Path) -> None:
    bundle, out = put(tmp_path / "a"), tmp_path / "site"
    write_site([bundle], out, title="Hanse")
    assert (out / MARK).exists()
    (out / "de" / "gone.html").touch()
    write_site([bundle], out, title="Hanse")
    assert not (out / "de" / "gone.html").exists()
    (out / "thesis.odt").touch()
    with pytest.raises(Refused, match="something else"):
        write_site([bundle], out, title="Hanse")
    assert (out / "thesis.odt").exists()


def test_a_folder_with_assets_is_not_taken_for_a_site(tmp_path: Path) -> None:
    (tmp_path / "web" / "assets").mkdir(parents=True)
    for out in (tmp_path / "web", put(tmp_path / "a") / "manifest.json"):
        with pytest.raises(Refused, match="something else"):
            write_site([tmp_path / "a"], out, title="Hanse")
    assert (tmp_path / "web" / "assets").exists()


def test_two_keys_of_one_member_are_refused(tmp_path: Path) -> None:
    paths = [put(tmp_path / "one"), put(tmp_path / "two", new_key(), published_at=LATER)]
    with pytest.raises(Refused) as refused:
        write_site(paths, tmp_path / "site", title="Hanse")
    assert refused.value.code == "key_changed"


def test_two_bundles_of_one_second_are_refused(tmp_path: Path) -> None:
    paths = [put(tmp_path / "one"), put(tmp_path / "later", published_at=LATER)]
    write_site(paths, tmp_path / "site", title="Hanse")
    with pytest.raises(Refused, match="which one counts"):
        write_site([*paths, put(tmp_path / "two")], tmp_path / "site", title="Hanse")


@pytest.mark.parametrize("is_inside", [True, False])
def test_a_bundle_without_its_description_is_named_not_skipped(tmp_path: Path, *, is_inside: bool) -> None:
    put(tmp_path / "all" / "good")
    bad = put(tmp_path / "all" / "bad", published_at=LATER)
    (bad / "datapackage.json").unlink()
    with pytest.raises(Refused, match=r"bad.*datapackage\.json"):
        write_site([tmp_path / "all" if is_inside else bad], tmp_path / "site", title="Hanse")


def test_the_page_of_the_league_says_who_has_no_figure_and_how_many_exceptions(tmp_path: Path) -> None:
    row = (None, "no_factor", None, None, None, 3, 1)
    frames = {**FRAMES, "exceptions": pl.DataFrame([row], schema=EXCEPTION_SCHEMA, orient="row")}
    more = frames_of("b", lines_of(use("pool", "electricity", 10, books=("bisko",))))
    bundles = [
        write_files(files_of(head_of("a", frames), frames), tmp_path / "a"),
        write_files(files_of(head_of("b", more), more), tmp_path / "b"),
    ]
    write_site(bundles, tmp_path / "site", title="Hanse")
    page = (tmp_path / "site" / "en" / "index.html").read_text("utf-8")
    assert "3 records of all members have no number" in page
    part = page[page.index("league-gaps") :]
    assert "Members without a figure" in part
    assert ">B<" in part


def test_the_page_of_the_league_says_why_there_is_no_ratio(tmp_path: Path) -> None:
    """B has inhabitants and no emissions in one of the books."""
    more = frames_of("b", lines_of(use("pool", "electricity", 10, books=("bisko",))), population=None)
    bundles = [
        write_files(files_of(head_of("a", FRAMES), FRAMES), tmp_path / "a"),
        write_files(files_of(head_of("b", more), more), tmp_path / "b"),
    ]
    write_site(bundles, tmp_path / "site", title="Hanse")
    for language, told in (
        ("en", ("not stated: no figure of B", "not stated: no emissions of B")),
        ("de", ("keine Angabe: keine Bezugsgröße von B", "keine Angabe: keine Emissionen von B")),
    ):
        page = (tmp_path / "site" / language / "index.html").read_text("utf-8")
        assert all(text in page for text in told), language


def test_no_more_than_five_are_named() -> None:
    row = {"missing": "", "silent": ", ".join("abcdefg")}
    assert lacks(row, "en", {"b": "Town"}) == "no emissions of a, Town, c, d, e, …"
    assert lacks({"missing": "x", "silent": "y"}, "en", {}) == "no figure of x; no emissions of y"
    assert lacks({"missing": "", "silent": None}, "en", {}) == ""


def test_at_least_n_places_is_said_only_where_it_holds() -> None:
    head = head_of("a", FRAMES)
    for below, said in ((0, "each of at least 3 places"), (2, "2 of these rest on fewer than 3 places")):
        grain = head.grain.model_copy(update={"smallest": 3, "below": below})
        bundle = bundle_of(files_of(head.model_copy(update={"grain": grain}), FRAMES))
        note = gaps_panel(bundle, Say("en")).note
        assert said in note
        assert ("each of at least" in note) == (not below)


def test_the_page_says_what_can_be_worked_out_and_which_effects_are_left_out() -> None:
    head = head_of("a", FRAMES)
    notes = {}
    for count in (0, 4):
        told = {"smallest": 3, "solvable": count, "effects_left_out": count}
        grain = head.grain.model_copy(update=told)
        bundle = bundle_of(files_of(head.model_copy(update={"grain": grain}), FRAMES))
        notes[count] = gaps_panel(bundle, Say("en")).note or ""
        few = head.grain.model_copy(update={"effects_left_out": count})
        member = bundle_of(files_of(head.model_copy(update={"grain": few}), FRAMES))
        league = league_gaps_panel(consolidate([member]), Say("en")).note or ""
        assert ("Effects of 4 projects are not published" in league) == (count == 4)
    assert "of 4 places: of each alone or of fewer than 3 together" in notes[4]
    assert "Effects of 4 projects are not published" in notes[4]
    assert "work something out" not in notes[0]
    assert "Effects" not in notes[0]
