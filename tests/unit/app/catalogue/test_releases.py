"""Last year's balance does not move when this year's factors arrive (lessons, rows 4 and 5)."""

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from toy import City, found_city, use_toys

from bilanz.app.balances import calculate_year, explain_year, latest_result
from bilanz.app.catalogue import releases
from bilanz.app.catalogue.ownfactors import import_factors
from bilanz.app.intake.ingest import import_file
from bilanz.app.output.rendering import render_year
from bilanz.app.settings import Settings
from bilanz.errors import Refused, ReleaseBroken, UnknownName
from bilanz.result import Result
from bilanz.store import runs
from bilanz.store.connection import open_store
from factors import table
from factors.base import Catalogue, catalogue, load

NEW_EDITION = """\
factor_id,valid_from,valid_to,gas,value,chain,gwp,locator
uba_strommix:cc17_2027:electricity:DE:2024:direct,2024-01-01,2025-01-01,CO2e,350,direct,unstated,test
uba_strommix:cc17_2027:electricity:DE:2024:total,2024-01-01,2025-01-01,CO2e,400,total,unstated,test
"""
ABOUT = """
[editions.cc17_2027]
title = "test"
licence = "test"
"""
HEAT = """\
activity,region,valid_from,valid_to,gas,value,mass_unit,per_unit,chain,gwp,method,title
Fernwärme,DE,2024-01-01,2025-01-01,CO2e,100,g,kWh,direct,AR5,unstated,Certificate
"""


@pytest.fixture
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> City:
    """Return a city that used 1000 kWh of electricity and 500 kWh of district heat in June 2024."""
    use_toys(monkeypatch)
    found = found_city(tmp_path)
    header = "source,activity,start,end,quantity"
    rows = [f"M1,{name},2024-06-01,2024-07-01,{kwh}" for name, kwh in ENERGY.items()]
    import_file(found.file("june.csv", header, *rows), organisation="town", settings=found.settings)
    return found


ENERGY = {"electricity": 1000, "district_heat": 500}


@pytest.fixture
def upgrade(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Return what installs a version of the program whose catalogue has a newer edition of the mix."""

    def install() -> None:
        data = tmp_path / "newer"
        shutil.copytree(table.DATA, data)
        (data / "uba_strommix" / "cc17_2027.csv").write_text(NEW_EDITION)
        with (data / "uba_strommix" / "source.toml").open("a") as stream:
            stream.write(ABOUT)
        newer = load(data)

        def shelf(
            extra: Sequence[Path] = (),
            own_properties: Sequence[Path] = (),
            beside: Mapping[str, Sequence[Path]] | None = None,
        ) -> Catalogue:
            assert not [
                *extra,
                *own_properties,
                *(path for paths in (beside or {}).values() for path in paths),
            ]
            return newer

        monkeypatch.setattr(releases, "catalogue", shelf)

    return install


def total(result: Result, book: str = "ghgp_location", activity: str = "electricity") -> Decimal:
    lines = result.lines.filter((pl.col("book") == book) & (pl.col("activity") == activity))
    return Decimal(lines["co2e_kg"].sum())


def create(city: City, name: str, **told: tuple[str, ...]) -> str:
    return releases.create(city.settings, name, **({"only": (), "without": ()} | told)).sha256


def test_a_pinned_year_does_not_move_when_new_factors_arrive_and_an_unpinned_one_does(
    city: City, upgrade: Callable[[], None]
) -> None:
    sha256 = create(city, "R1")
    releases.pin(city.settings, 2024, "R1")
    before = calculate_year(city.settings, 2024)
    assert (before.manifest.release_name, before.manifest.factor_release) == ("R1", sha256)
    assert total(before) == Decimal(361)  # 1000 kWh x 0.361 kg/kWh, Climate Change 16/2026
    upgrade()
    again = calculate_year(city.settings, 2024)
    assert again.manifest.result_hash == before.manifest.result_hash
    assert again.manifest.manifest_hash == before.manifest.manifest_hash
    releases.unpin(city.settings, 2024)
    moved = calculate_year(city.settings, 2024)
    assert moved.manifest.result_hash != before.manifest.result_hash
    assert moved.manifest.release_name is None
    assert total(moved) == Decimal(350)  # 1000 kWh x 0.350 kg/kWh, the newer edition


def test_a_release_of_the_whole_catalogue_gives_the_same_run_as_the_catalogue(city: City) -> None:
    create(city, "R1")
    current, named = calculate_year(city.settings, 2024), calculate_year(city.settings, 2024, release="R1")
    assert named.manifest.manifest_hash == current.manifest.manifest_hash
    assert named.lines.equals(current.lines)


def test_a_factor_of_ones_own_that_comes_later_is_not_in_the_release(city: City) -> None:
    create(city, "R1")
    releases.pin(city.settings, 2024, "R1")
    before = calculate_year(city.settings, 2024)
    path = city.folder / "heat.csv"
    path.write_text(HEAT, encoding="utf-8")
    import_factors(path, city.settings, dry_run=False)
    again = calculate_year(city.settings, 2024)
    assert again.manifest.result_hash == before.manifest.result_hash
    current = calculate_year(city.settings, 2024, release="current")
    assert total(current, activity="district_heat") == Decimal(50)  # 500 kWh x 0.1 kg/kWh
    assert total(again, activity="district_heat") != Decimal(50)
    create(city, "R2")
    assert releases.find(city.settings, "R2").sha256 == current.manifest.factor_release


def test_a_match_uses_only_what_is_in_the_release(city: City) -> None:
    create(city, "old", without=("uba_strommix:cc16_2026",))
    result = calculate_year(city.settings, 2024, release="old")
    assert total(result) == Decimal(363)  # 1000 kWh x 0.363 kg CO2/kWh, Climate Change 13/2025
    missing = result.exceptions.filter(pl.col("activity") == "electricity")
    assert "bisko" in set(missing["book"])  # the total stands in the edition left out only


# --- which run stands for a closed year


def test_a_calculation_with_other_factors_never_stands_for_a_pinned_year(
    city: City, upgrade: Callable[[], None]
) -> None:
    create(city, "R1")
    releases.pin(city.settings, 2024, "R1")
    closed = calculate_year(city.settings, 2024)
    upgrade()
    other = calculate_year(city.settings, 2024, release="current")
    assert other.manifest.result_hash != closed.manifest.result_hash
    assert latest_result(city.settings, 2024).manifest.run == closed.manifest.run
    page = render_year(city.settings, 2024, None).read_text(encoding="utf-8")
    assert f"R1 ({closed.manifest.factor_release})" in page


def test_a_pinned_year_that_was_not_calculated_so_says_so(city: City, upgrade: Callable[[], None]) -> None:
    create(city, "R1")
    upgrade()
    calculate_year(city.settings, 2024)
    releases.pin(city.settings, 2024, "R1")
    with pytest.raises(Refused, match="2024 keeps the release R1 and has not been calculated with it yet"):
        latest_result(city.settings, 2024)


def test_a_year_that_keeps_a_release_takes_another_only_after_it_was_let_go(
    city: City, upgrade: Callable[[], None]
) -> None:
    create(city, "R1")
    create(city, "R1b")
    releases.pin(city.settings, 2024, "R1")
    releases.pin(city.settings, 2024, "R1")
    releases.pin(city.settings, 2024, "R1b")  # the same content
    assert releases.pins(city.settings)[2024].name == "R1b"
    upgrade()
    create(city, "R2")
    with pytest.raises(Refused, match="bilanz factors diff R1b R2 --year 2024, then"):
        releases.pin(city.settings, 2024, "R2")
    assert releases.unpin(city.settings, 2024).name == "R1b"
    releases.pin(city.settings, 2024, "R2")
    releases.pin(city.settings, 2023, "R1")
    assert {year: pin.name for year, pin in releases.pins(city.settings).items()} == {2023: "R1", 2024: "R2"}
    with pytest.raises(Refused, match="2020 keeps no release"):
        releases.unpin(city.settings, 2020)


# --- explained with the factors of the run


def electricity(city: City, **told: str) -> str:
    told = {"activity": "electricity", "month": "2024-06"} | told
    found = explain_year(city.settings, 2024, book="ghgp_location", **told)
    (line,) = found["lines"]
    return " ".join(line["steps"])


def test_a_run_is_explained_with_the_factors_it_used(city: City, upgrade: Callable[[], None]) -> None:
    create(city, "R1")
    calculate_year(city.settings, 2024)
    upgrade()
    assert "cc16_2026" in electricity(city)
    assert "cc17_2027" in electricity(city, release="current")
    calculate_year(city.settings, 2024)
    assert "cc17_2027" in electricity(city)
    assert "cc16_2026" in electricity(city, release="R1")


def test_a_run_whose_factors_are_gone_is_not_explained_with_others(
    city: City, upgrade: Callable[[], None]
) -> None:
    run = calculate_year(city.settings, 2024).manifest
    upgrade()
    with pytest.raises(Refused, match=f"{run.run} of 2024 used the factors {run.factor_release}, which are"):
        electricity(city)
    calculate_year(city.settings, 2024)
    assert "cc17_2027" in electricity(city)


def test_a_run_saved_before_there_were_releases_is_still_read(city: City) -> None:
    run = calculate_year(city.settings, 2024).manifest.run
    with open_store(city.settings.store_file) as store:
        stored = json.loads(store.rows("SELECT manifest FROM run WHERE run = ?", [run])[0][0])
        del stored["release_name"]
        store.con.execute("UPDATE run SET manifest = ? WHERE run = ?", [json.dumps(stored), run])
        assert runs.manifest(store, run).release_name is None
    assert latest_result(city.settings, 2024).manifest.run == run


# --- names


def test_a_release_is_found_by_its_name_else_by_its_hash(city: City) -> None:
    sha256 = create(city, "spring-2026")
    create(city, sha256[:8], only=("geg",))  # a name that looks like the hash of another is a name
    assert releases.find(city.settings, "spring-2026").sha256 == sha256
    assert releases.find(city.settings, sha256[:9]).name == "spring-2026"
    assert releases.find(city.settings, sha256[:8]).name == sha256[:8]
    with pytest.raises(UnknownName, match=r'"sprung-2026" is not known. Similar: spring-2026'):
        releases.find(city.settings, "sprung-2026")
    with pytest.raises(UnknownName):
        releases.find(city.settings, sha256[:7])
    with pytest.raises(UnknownName):
        releases.find(city.settings, "")


def test_the_current_factors_have_a_name_and_a_hash_too(city: City) -> None:
    sha256 = catalogue().release
    assert releases.named(city.settings, "current").release == sha256
    assert releases.named(city.settings, sha256[:8]).name is None
    with pytest.raises(UnknownName, match="Similar: –"):
        releases.named(city.settings, "R1")


def test_two_releases_of_the_same_content_mean_the_same(city: City) -> None:
    sha256 = create(city, "one")
    assert create(city, "two") == sha256
    assert releases.find(city.settings, sha256[:12]).name == "one"
    with pytest.raises(Refused, match="already"):
        create(city, "one", only=("geg",))


# --- what was done to the data directory


def test_a_pinned_release_that_is_gone_or_another_is_never_replaced_silently(city: City) -> None:
    sha256 = create(city, "R1")
    releases.pin(city.settings, 2024, "R1")
    folder = city.settings.data / "releases"
    shutil.rmtree(folder / "R1")
    with pytest.raises(ReleaseBroken, match=f"2024 keeps the release R1 with the hash {sha256}"):
        calculate_year(city.settings, 2024)
    create(city, "R1", without=("geg",))
    with pytest.raises(ReleaseBroken, match="and there is none"):
        calculate_year(city.settings, 2024)
    create(city, "same")
    assert calculate_year(city.settings, 2024).manifest.release_name == "same"


def test_a_changed_release_stops_the_calculation_and_the_pin(city: City) -> None:
    create(city, "R1")
    path = city.settings.data / "releases" / "R1" / "factors.parquet"
    path.chmod(0o644)
    pl.read_parquet(path).slice(1).write_parquet(path)
    for refused in (
        lambda: calculate_year(city.settings, 2024, release="R1"),
        lambda: releases.pin(city.settings, 2024, "R1"),
    ):
        with pytest.raises(ReleaseBroken, match="was changed after it was made"):
            refused()
    assert releases.pins(city.settings) == {}


def test_pins_that_cannot_be_read_are_not_guessed(city: City) -> None:
    create(city, "R1")
    releases.pin(city.settings, 2024, "R1")
    path = city.settings.data / "release-pins.json"
    assert json.loads(path.read_text())["2024"]["name"] == "R1"
    path.write_text('{"2024": "R1"}')
    with pytest.raises(ReleaseBroken, match=r"release-pins.json\) cannot be read"):
        calculate_year(city.settings, 2024)


def test_a_withdrawn_table_is_out_of_the_catalogue_and_kept_aside(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    path = tmp_path / "netz.csv"
    path.write_text(HEAT, encoding="utf-8")
    before = releases.catalogue_of(settings).release
    import_factors(path, settings, dry_run=False)
    assert releases.catalogue_of(settings).release != before
    assert releases.withdraw(settings, "netz") == "custom_netz"
    assert releases.catalogue_of(settings).release == before
    kept = list((tmp_path / "factors" / releases.WITHDRAWN).glob("custom_netz-*.csv"))
    assert len(kept) == 1
    import_factors(path, settings, dry_run=False)  # mended, it may come again under its name
    with pytest.raises(UnknownName, match="custom_netz"):
        releases.withdraw(settings, "nezt")
