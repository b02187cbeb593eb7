"""A release is whole, never changes, and what was done to it is noticed."""

import hashlib
import json
import shutil
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from ledger import factor, with_factors
from polars.testing import assert_frame_equal

from bilanz.errors import Refused, ReleaseBroken, UnknownName, UsageError
from factors import releases
from factors.base import Catalogue, catalogue
from factors.base import release as hash_of
from factors.releases import Release, chosen, frames_of, load, read, write


def kept(known: Catalogue, folder: Path, name: str = "R1") -> Release:
    return write(known, folder, name=name, created="2026-01-31", code_version="0.1.0")


@pytest.fixture
def release(tmp_path: Path) -> Path:
    kept(catalogue(), tmp_path)
    return tmp_path / "R1"


def test_a_release_gives_back_every_frame_of_the_catalogue(release: Path) -> None:
    found = load(release, catalogue())
    assert (found.name, found.release, found.sources) == ("R1", catalogue().release, catalogue().sources)
    assert len(frames_of(found)) >= 8
    for name, frame in frames_of(catalogue()).items():
        assert_frame_equal(frames_of(found)[name], frame, check_row_order=False)


def test_a_release_says_what_it_holds(release: Path) -> None:
    about = read(release)
    assert (about.name, about.created, about.code_version) == ("R1", "2026-01-31", "0.1.0")
    assert about.sha256 == catalogue().release
    assert about.frames == {name: frame.height for name, frame in frames_of(catalogue()).items()}
    named = {(one.source, one.edition) for one in about.editions}
    assert named > {(one.source, one.edition) for one in catalogue().sources}
    mix = next(one for one in about.editions if (one.source, one.edition) == ("uba_strommix", "cc13_2025"))
    assert mix.rows == catalogue().factors.filter(pl.col("edition") == "cc13_2025").height
    assert len({one.sha256 for one in about.editions}) == len(about.editions)


def test_the_same_content_has_the_same_hash_and_the_same_bytes_in_any_order(tmp_path: Path) -> None:
    known = catalogue()
    turned = replace(known, **{name: frame.reverse() for name, frame in frames_of(known).items()})
    first, second = kept(known, tmp_path, "one"), kept(turned, tmp_path, "two")
    assert first.sha256 == second.sha256
    assert first.editions == second.editions
    for name in first.frames:
        ours, theirs = (tmp_path / folder / f"{name}.parquet" for folder in ("one", "two"))
        assert ours.read_bytes() == theirs.read_bytes()


def test_the_hash_of_a_known_content_is_what_it_was() -> None:
    """Text is hashed: a library that words numbers or dates otherwise would break every release."""
    row = factor("diesel", "2.67", valid_from=date(2024, 1, 1), uncertainty=2.5)
    frame = with_factors([row], only=True).factors.select(
        "factor_id", "valid_from", "valid_to", "value", "uncertainty"
    )
    line = "own:diesel\x1f2024-01-01\x1f\x00\x1f2.670000000000000000\x1f2.5"
    text = "\x1e".join(["factors", *frame.columns, line, "\x1d"])
    assert hash_of({"factors": frame}) == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("order", [1, -1])
def test_editions_may_be_chosen_in_any_order(order: int) -> None:
    names = ["desnz:2025", "uba_strommix"][::order]
    found = chosen(catalogue(), only=names)
    assert {(one.source, one.edition) for one in found.sources} == {
        ("desnz", "2025"),
        ("uba_strommix", "cc13_2025"),
        ("uba_strommix", "cc16_2026"),
    }
    assert found.release == chosen(catalogue(), only=names[::-1]).release


def test_what_an_edition_left_out_states_is_in_no_frame() -> None:
    found = chosen(catalogue(), without=["desnz:2025"])
    pair = (pl.col("source") == "desnz") & (pl.col("edition") == "2025")
    assert catalogue().properties.filter(pair).height > 0
    assert found.factors.filter(pair).is_empty()
    assert found.properties.filter(pair).is_empty()
    rest = catalogue().properties.filter(~pair)
    assert_frame_equal(found.properties, rest, check_row_order=False)
    assert_frame_equal(found.gwp, catalogue().gwp)


def test_heating_values_of_no_factor_edition_stay_unless_named() -> None:
    ordinance = pl.col("source") == "heizkostenv"
    assert chosen(catalogue(), only=["geg"]).properties.filter(ordinance).height > 0
    assert chosen(catalogue(), only=["geg"], without=["heizkostenv"]).properties.filter(ordinance).is_empty()


def test_choices_are_checked() -> None:
    with pytest.raises(
        UnknownName, match=r'"uba_strommix:cc16" is not known. Similar: .*uba_strommix:cc16_2026'
    ):
        chosen(catalogue(), only=["uba_strommix:cc16"])
    with pytest.raises(Refused, match="No factor is left"):
        chosen(catalogue(), only=["geg"], without=["geg"])


@pytest.mark.parametrize("name", ["current", "Current", "", "a/b", "../x", ".x", "x.", "a b", "ä", "x" * 65])
def test_a_name_is_a_plain_word(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot name a release"):
        kept(catalogue(), tmp_path, name)
    assert not list(tmp_path.iterdir())


def test_a_name_is_given_once_whatever_its_capitals(release: Path) -> None:
    with pytest.raises(Refused, match=r'There is a release "R1" already'):
        kept(catalogue(), release.parent, "r1")
    kept(catalogue(), release.parent, "R2")
    assert sorted(path.name for path in release.parent.iterdir()) == ["R1", "R2"]


def test_a_release_that_cannot_be_written_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(releases, "sync_file", full)
    with pytest.raises(OSError, match="No space left"):
        kept(catalogue(), tmp_path)
    assert not list(tmp_path.iterdir())


# --- what was done to it is noticed


def rewritten(path: Path, frame: pl.DataFrame) -> None:
    path.chmod(0o644)
    frame.write_parquet(path)


def told_anew(folder: Path, **told: object) -> None:
    path = folder / "release.json"
    path.chmod(0o644)
    path.write_text(json.dumps(json.loads(path.read_text()) | told))


def test_a_changed_value_is_noticed(release: Path) -> None:
    path = release / "factors.parquet"
    frame = pl.read_parquet(path)
    first = pl.int_range(pl.len()) == 0
    lower = (
        pl.when(first).then(pl.col("value") - Decimal("0.001")).otherwise("value").cast(frame["value"].dtype)
    )
    rewritten(path, frame.with_columns(value=lower))
    with pytest.raises(ReleaseBroken, match=f"was changed after it was made .recorded {catalogue().release}"):
        load(release, catalogue())


def test_a_row_too_many_or_too_few_is_noticed(release: Path) -> None:
    path = release / "gwp.parquet"
    rewritten(path, pl.read_parquet(path).head(-1))
    with pytest.raises(ReleaseBroken, match="was changed"):
        load(release, catalogue())


def test_a_hash_made_to_fit_does_not_fit_the_editions(release: Path) -> None:
    path = release / "factors.parquet"
    rewritten(path, pl.read_parquet(path).with_columns(locator=pl.lit("elsewhere")))
    frames = {name: pl.read_parquet(release / f"{name}.parquet") for name in read(release).frames}
    told_anew(release, sha256=hash_of(frames))
    with pytest.raises(ReleaseBroken, match="was changed"):
        load(release, catalogue())


def test_what_is_missing_unreadable_or_renamed_is_noticed(release: Path) -> None:
    renamed = shutil.copytree(release, release.parent / "R9")
    with pytest.raises(ReleaseBroken, match=r'The folder "R9" holds the release "R1"'):
        read(renamed)
    (release / "blends.parquet").unlink()
    with pytest.raises(ReleaseBroken, match=r"blends.parquet cannot be read"):
        load(release, catalogue())
    told_anew(release, editions="all")
    with pytest.raises(ReleaseBroken, match=r"release.json cannot be read"):
        read(release)
    (release / "release.json").unlink()
    with pytest.raises(ReleaseBroken, match=r"release.json cannot be read"):
        read(release)


# --- another version of the program


def test_a_release_of_an_older_version_lacks_columns_and_frames_and_keeps_its_hash(tmp_path: Path) -> None:
    known = catalogue()
    older = replace(known, factors=known.factors.drop("delivery", "note"))
    frames = frames_of(older)
    about = kept(replace(older, release=hash_of(frames)), tmp_path)
    (tmp_path / "R1" / "families.parquet").unlink()  # as if there had been no such frame
    frames.pop("families")
    told_anew(
        tmp_path / "R1", frames={name: frame.height for name, frame in frames.items()}, sha256=hash_of(frames)
    )
    found = load(tmp_path / "R1", known)
    assert found.release == hash_of(frames) != about.sha256
    assert found.factors.schema == known.factors.schema
    assert found.factors["delivery"].null_count() == known.factors.height
    assert found.families.is_empty()
    assert found.families.schema == known.families.schema


def test_a_column_this_version_does_not_know_is_left_aside(tmp_path: Path) -> None:
    known = catalogue()
    newer = known.factors.with_columns(weather=pl.lit("cold"))
    kept(replace(known, factors=newer), tmp_path)
    found = load(tmp_path / "R1", known)
    assert found.factors.columns == known.factors.columns
    assert found.release != known.release


def test_the_hash_of_an_edition_does_not_move_with_a_column_it_leaves_empty() -> None:
    known = catalogue()
    wider = replace(known, factors=known.factors.with_columns(weather=pl.lit(None, dtype=pl.String)))
    assert releases.editions(frames_of(wider)) == releases.editions(frames_of(known))


def test_every_field_of_a_source_survives(release: Path) -> None:
    assert {field.name for field in fields(catalogue().sources[0])} == set(read(release).sources[0])
