"""`bilanz publish`, `verify`, `consolidate` on data directories: keys, files, states, refusals."""

import json
import shutil
import stat
import zipfile
from contextlib import closing as closing_of
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from bench.leaguecases import bundle_of, files_of, frames_of, head_of, lines_of, scaled, use
from toy import City, found_city, use_toys

from bilanz.app.balances import calculate_year
from bilanz.app.cli import run as command
from bilanz.app.fund.observations import save
from bilanz.app.intake.ingest import import_file
from bilanz.app.league.balance import Asked as Adding
from bilanz.app.league.balance import consolidate_bundles, verify_path, write_league
from bilanz.app.league.files import read_files, write_files
from bilanz.app.league.keys import KEY, TRUST
from bilanz.app.league.publishing import Asked, Published, publish, stated_of
from bilanz.app.master.data import import_masterdata
from bilanz.app.period import closing
from bilanz.app.period.closing import Asked as Release
from bilanz.app.period.restating import restate
from bilanz.app.settings import Settings
from bilanz.errors import Refused, UnknownName, UsageError
from bilanz.fund.project import FundObservation
from bilanz.league.signing import new_key
from bilanz.organisation import Delivery, OrganisationUnit, Site, SourceTerm
from bilanz.registry.deliveries import put_delivery
from bilanz.registry.engine import open_registry
from bilanz.registry.organisations import put_organisation, put_site
from bilanz.registry.sources import put_term

STATED = """\
publisher = "Town"
contact = "Climate office"
contact_mail = "climate@town.example"
licence = "dl-by-de/2.0"
smallest = 1
"""
BOOKS = ("bisko", "ghgp_location")


@pytest.fixture
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> City:
    use_toys(monkeypatch)
    found = found_city(tmp_path)
    bill(found, "june.csv", 1000)
    calculate_year(found.settings, 2024, books=BOOKS)
    (found.settings.data / "publication.toml").write_text(STATED, encoding="utf-8")
    return found


def bill(city: City, name: str, quantity: int) -> None:
    file = city.file(
        name, "source,activity,start,end,quantity", f"{name},electricity,2024-06-01,2024-07-01,{quantity}"
    )
    import_file(file, organisation="depot", settings=city.settings)


def published(city: City, path: Path, **asked: Any) -> Published:  # noqa: ANN401 - fields of what is asked
    return publish(city.settings, Asked(2024, **{"is_open": True, **asked}), path)


def test_a_year_is_published_and_verifies_elsewhere(city: City, tmp_path: Path) -> None:
    made = published(city, tmp_path / "bundle")
    found = verify_path(Settings(data=tmp_path / "other"), tmp_path / "bundle")
    assert (found["is_good"], found["kind"], found["key"], found["member"]) == (
        True,
        "bundle",
        "first",
        "town",
    )
    assert found["result_hash"] == made.head.manifest.result_hash
    assert not (tmp_path / "other").exists()
    assert made.balance.filter(pl.col("book") == "bisko")["lead_quantity"].sum() == Decimal(1000)


def test_any_byte_of_a_published_bundle_that_is_altered_is_named(city: City, tmp_path: Path) -> None:
    published(city, tmp_path / "bundle")
    files = read_files(tmp_path / "bundle")
    other = tmp_path / "altered"
    write_files(files, other)
    for name, content in files.items():
        for place in {0, len(content) // 3, len(content) // 2, len(content) - 1}:
            changed = bytearray(content)
            changed[place] ^= 1
            (other / name).write_bytes(bytes(changed))
            found = verify_path(city.settings, other)
            assert not found["is_good"]
            assert name in found["altered"], (name, place)
        (other / name).write_bytes(content)
    assert verify_path(city.settings, other)["is_good"]


def test_a_folder_in_a_bundle_is_named(city: City, tmp_path: Path) -> None:
    published(city, tmp_path / "bundle")
    (tmp_path / "bundle" / "more").mkdir()
    assert verify_path(city.settings, tmp_path / "bundle")["extra"] == ["more/"]


def test_an_open_year_is_published_only_where_asked_for_and_is_marked(city: City, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="--open") as refused:
        published(city, tmp_path / "bundle", is_open=False)
    assert refused.value.code == "period_open"
    assert not (tmp_path / "bundle").exists()
    assert published(city, tmp_path / "bundle").head.state.state == "open"
    assert b"provisional" in (tmp_path / "bundle" / "dcat.jsonld").read_bytes()


def close(city: City) -> None:
    office = city.settings.model_copy(update={"user": "Office"})
    closing.release(office, Release(2024))
    treasury = city.settings.model_copy(update={"user": "Treasury"})
    closing.close(treasury, 2024, None)


def test_a_closed_year_names_its_state_and_nobody(city: City, tmp_path: Path) -> None:
    close(city)
    made = published(city, tmp_path / "bundle", is_open=False)
    assert made.head.state.state == "closed"
    content = b"".join(read_files(tmp_path / "bundle").values())
    assert b"Office" not in content
    assert b"Treasury" not in content


def test_the_run_of_a_restatement_flows_into_the_league_as_a_difference(city: City, tmp_path: Path) -> None:
    close(city)
    published(city, tmp_path / "old", is_open=False)
    bill(city, "late.csv", 500)
    number = restate(city.settings, 2024, None, reason="a late bill").number
    made = published(city, tmp_path / "new", restatement=number)
    state = made.head.state
    assert (state.state, state.restatements, state.restatement) == ("closed", 1, number)
    stands = published(city, tmp_path / "stands", is_open=False).head.state
    assert (stands.restatements, stands.restatement) == (1, None)
    found = consolidate_bundles(city.settings, Adding([tmp_path / "new"], [tmp_path / "old"])).league
    scope = found.differences.filter(pl.col("book") == "ghgp_location", pl.col("scope") == "2")
    assert scope["before_kg"].item() * 3 == scope["after_kg"].item() * 2  # 1 000 and 1 500 kWh
    assert "files" in scope["causes"].item()
    with pytest.raises(Refused, match="no restatement 7"):
        published(city, tmp_path / "none", restatement=7)


def test_the_key_is_made_once_for_nobody_else_and_never_published(city: City, tmp_path: Path) -> None:
    first = published(city, tmp_path / "one")
    path = city.settings.data / KEY
    assert first.is_new_key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again = published(city, tmp_path / "two")
    assert (again.is_new_key, again.fingerprint) == (False, first.fingerprint)
    private = path.read_bytes().splitlines()[1]
    assert all(private not in content for content in again.files.values())


def test_a_key_of_ones_own_is_taken_unless_others_may_read_it(city: City, tmp_path: Path) -> None:
    path = tmp_path / "own.pem"
    path.write_bytes(new_key())
    path.chmod(0o644)
    with pytest.raises(UsageError, match="chmod 600"):
        published(city, tmp_path / "bundle", key=path)
    path.chmod(0o600)
    assert not published(city, tmp_path / "bundle", key=path).is_new_key
    assert not (city.settings.data / KEY).exists()
    with pytest.raises(UsageError, match="cannot be read"):
        published(city, tmp_path / "bundle", key=tmp_path / "none.pem")


def test_the_same_run_at_the_same_time_gives_the_same_bytes(city: City, tmp_path: Path) -> None:
    one, two = (published(city, tmp_path / name) for name in ("one", "two"))
    timed = {"manifest.json", "datapackage.json", "dcat.jsonld", "SHA256SUMS", "SHA256SUMS.sig"}
    assert {name for name in one.files if one.files[name] != two.files[name]} <= timed


def test_a_zip_is_a_bundle_as_well(city: City, tmp_path: Path) -> None:
    published(city, tmp_path / "bundle.zip")
    assert verify_path(city.settings, tmp_path / "bundle.zip")["is_good"]
    with zipfile.ZipFile(tmp_path / "bundle.zip", "a") as archive:
        archive.writestr("more.csv", b"")
    assert verify_path(city.settings, tmp_path / "bundle.zip")["extra"] == ["more.csv"]


def test_a_zip_that_holds_a_file_twice_is_refused(city: City, tmp_path: Path) -> None:
    published(city, tmp_path / "bundle.zip")
    with (
        zipfile.ZipFile(tmp_path / "bundle.zip", "a") as archive,
        pytest.warns(UserWarning, match="Duplicate"),
    ):
        archive.writestr("balance.csv", b"")
    with pytest.raises(Refused, match="twice"):
        verify_path(city.settings, tmp_path / "bundle.zip")


def test_what_is_no_bundle_is_refused(city: City, tmp_path: Path) -> None:
    (tmp_path / "no.zip").write_bytes(b"PK")
    with pytest.raises(Refused, match="no bundle"):
        verify_path(city.settings, tmp_path / "no.zip")
    (tmp_path / "folder").mkdir()
    with pytest.raises(Refused, match=r"manifest\.json"):
        verify_path(city.settings, tmp_path / "folder")
    with pytest.raises(UsageError, match="no file or folder"):
        verify_path(city.settings, tmp_path / "nothing")


def test_a_bundle_is_replaced_and_nothing_else_is(city: City, tmp_path: Path) -> None:
    path = tmp_path / "bundle"
    published(city, path)
    published(city, path)
    (path / "left-over").write_bytes(b"")
    with pytest.raises(Refused, match="something else"):
        published(city, path)
    assert (path / "left-over").exists()
    shutil.rmtree(path)
    path.mkdir()
    (path / "thesis.odt").write_bytes(b"")
    with pytest.raises(Refused, match="something else"):
        published(city, path)
    assert (path / "thesis.odt").exists()


@pytest.mark.parametrize("smallest", [1, 3])
def test_metadata_say_how_many_rows_rest_on_fewer_places(city: City, tmp_path: Path, smallest: int) -> None:
    made = published(city, tmp_path / "bundle", given={"smallest": smallest})
    below = made.head.grain.below
    assert (below > 0) == (smallest == 3)
    assert (f"except {below} that rest on fewer".encode() in made.files["dcat.jsonld"]) == (below > 0)


@pytest.mark.parametrize("name", ["folder", "file.zip"])
def test_what_only_looks_like_a_bundle_is_not_replaced(city: City, tmp_path: Path, name: str) -> None:
    """A list of hashes lies beside many downloads; a zip may hold anything."""
    path = tmp_path / name
    if name == "folder":
        path.mkdir()
        (path / "image.iso").write_bytes(b"x")
        (path / "SHA256SUMS").write_text(f"{'0' * 64}  image.iso\n", encoding="utf-8")
    else:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("photo.jpg", b"x")
    with pytest.raises(Refused, match="something else"):
        published(city, path)
    assert path.exists()
    (tmp_path / "notes.zip").write_bytes(b"letters")
    with pytest.raises(Refused, match="something else"):
        published(city, tmp_path / "notes.zip")
    assert (tmp_path / "notes.zip").read_bytes() == b"letters"
    published(city, tmp_path / "mine.zip")
    assert published(city, tmp_path / "mine.zip").files


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_compressions_are_refused(tmp_path: Path, method: int) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w", method) as archive:
        archive.writestr("manifest.json", b"{}")
    with pytest.raises(Refused, match="compression"):
        read_files(tmp_path / "x.zip")


def test_a_zip_that_is_damaged_anywhere_is_refused_or_read(city: City, tmp_path: Path) -> None:
    path = tmp_path / "bundle.zip"
    published(city, path)
    content = path.read_bytes()
    refused = 0
    for place in range(0, len(content), len(content) // 300):
        changed = bytearray(content)
        changed[place] ^= 0xFF
        path.write_bytes(bytes(changed))
        try:
            read_files(path)
        except Refused:
            refused += 1
    assert refused > 200


def test_bytes_of_a_zip_are_counted_as_they_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", b"0" * 1000)
    monkeypatch.setattr("bilanz.app.league.files.MOST_BYTES", 999)
    monkeypatch.setattr("zipfile.ZipInfo.file_size", property(lambda _: 1, lambda *_: None), raising=False)
    with pytest.raises(Refused):
        read_files(tmp_path / "x.zip")


@pytest.mark.parametrize("missing", ["publisher", "contact", "contact_mail", "licence"])
def test_nothing_about_the_publisher_is_made_up(city: City, tmp_path: Path, missing: str) -> None:
    lines = [line for line in STATED.splitlines() if not line.startswith(f"{missing} ")]
    (city.settings.data / "publication.toml").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(UsageError, match=missing):
        published(city, tmp_path / "bundle")
    value = {"contact_mail": "a@town.example", "licence": "cc-zero"}.get(missing, "somebody")
    assert published(city, tmp_path / "bundle", given={missing: value}).files


def test_what_is_stated_has_to_be_what_it_is_called(city: City, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="contact_mail"):
        stated_of(city.settings, {"contact_mail": "nobody"})
    with pytest.raises(UsageError, match="smallest"):
        stated_of(city.settings, {"smallest": 0})
    with pytest.raises(UnknownName, match="dl-by-de"):
        published(city, tmp_path / "bundle", given={"licence": "all mine"})
    with pytest.raises(UsageError, match="--member"):
        published(city, tmp_path / "bundle", given={"member": "a town"})


def test_several_outermost_organisations_have_to_be_named(city: City, tmp_path: Path) -> None:
    registry = open_registry(city.settings.registry)
    put_organisation(registry, OrganisationUnit(id="mill", name="Mill", kind="enterprise"))
    registry.close()
    file = city.file(
        "mill.csv", "source,activity,start,end,quantity", "X,electricity,2024-06-01,2024-07-01,7"
    )
    import_file(file, organisation="mill", settings=city.settings)
    calculate_year(city.settings, 2024, books=BOOKS)
    with pytest.raises(Refused, match="mill, town"):
        published(city, tmp_path / "bundle")
    made = published(city, tmp_path / "bundle", organisation="town")
    assert made.balance.filter(pl.col("book") == "bisko")["lead_quantity"].sum() == Decimal(1000)
    assert verify_path(city.settings, tmp_path / "bundle")["is_good"]
    with pytest.raises(UnknownName, match="castle"):
        published(city, tmp_path / "bundle", organisation="castle")


def test_a_run_of_one_organisation_is_published_as_its_own(city: City, tmp_path: Path) -> None:
    calculate_year(city.settings, 2024, books=("bisko",), organisation="depot")
    made = published(city, tmp_path / "bundle", organisation="depot")
    assert (made.head.member.id, made.head.manifest.organisation, made.head.books) == (
        "depot",
        "depot",
        ("bisko",),
    )
    assert verify_path(city.settings, tmp_path / "bundle")["is_good"]


def test_a_year_that_was_not_calculated_is_refused(city: City, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="2023"):
        publish(city.settings, Asked(2023, is_open=True), tmp_path / "bundle")


def test_a_delivery_to_another_member_is_published_without_its_sources(city: City, tmp_path: Path) -> None:
    registry = open_registry(city.settings.registry)
    put_organisation(registry, OrganisationUnit(id="abroad", name="Works of another town", kind="enterprise"))
    told = {
        "id": "power",
        "kind": "generates",
        "seller": "abroad",
        "buyer": "depot",
        "activity": "electricity",
    }
    told |= {"buyer_source": "june.csv", "valid_from": "2020-01-01", "evidence": "contract"}
    put_delivery(registry, Delivery.model_validate(told))
    registry.close()
    made = published(city, tmp_path / "bundle")
    assert b"june.csv" not in b"".join(made.files.values())
    rows = made.files["deliveries.csv"].decode().splitlines()
    assert b"contract" not in b"".join(made.files.values())
    assert rows[1] == 'power,generates,buyer,abroad,depot,electricity,false,2020-01-01,,"","",L1'
    assert verify_path(city.settings, tmp_path / "bundle")["is_good"]
    found = consolidate_bundles(city.settings, Adding([tmp_path / "bundle"]))
    assert found.league.deliveries["state"].to_list() == ["not_a_member"]


@pytest.mark.parametrize(("kind", "count"), [("site", 0), ("agency", 1)])
def test_what_is_let_to_a_tenant_is_not_published(city: City, tmp_path: Path, kind: str, count: int) -> None:
    registry = open_registry(city.settings.registry)
    put_organisation(registry, OrganisationUnit(id="tenant-7", name="Somebody", kind=kind))
    told = {"id": "flat", "kind": "lets", "seller": "depot", "buyer": "tenant-7", "evidence": "lease"}
    told |= {"seller_source": "june.csv", "activity": "electricity", "valid_from": "2020-01-01"}
    put_delivery(registry, Delivery.model_validate(told))
    registry.close()
    made = published(city, tmp_path / "bundle")
    assert made.files["deliveries.csv"].count(b"\nflat,") == count
    assert made.files["deliveries.csv"].count(b"tenant-7") == count


ORGANISATIONS = """\
id;name;kind;region;municipality
hall;Town of Lindenau;municipality;DE;
land;Territory of Lindenau;municipality;DE;hall
"""
SALES = """\
Jahr;Netzbetreiber;Verbrauchssektor;Energieträger;Netzabsatz;Einheit;Bezug;Datengüte
2024;Netz;private Haushalte;Strom;100;MWh;;A
2024;Netz;GHD;Strom;50;MWh;;A
"""
HALL = """\
Organisation;Zähler;Aktivität;von;bis;Menge;Einheit;Bezug;Qualität
hall;R-1;Strom;01.01.2024;31.12.2024;10000;kWh;;gemessen
"""


@pytest.mark.parametrize("is_one_run", [True, False])
def test_a_territory_stands_beside_the_balance_and_is_no_part_of_it(
    tmp_path: Path, *, is_one_run: bool
) -> None:
    settings = Settings(data=tmp_path / "data", lang="en", wait=5)
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "organisations.csv").write_text(ORGANISATIONS, encoding="utf-8")
    import_masterdata(tmp_path / "tables", settings)
    for name, text in (("land", SALES), ("hall", HALL)):
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
        import_file(tmp_path / f"{name}.csv", organisation=name, settings=settings)
    for name in (None,) if is_one_run else ("hall", "land"):
        calculate_year(settings, 2024, books=("bisko",), organisation=name)
    (settings.data / "publication.toml").write_text(STATED, encoding="utf-8")
    made = publish(settings, Asked(2024, "hall", is_open=True), tmp_path / "bundle")
    assert made.balance["lead_quantity"].sum() == Decimal(10_000)
    found = bundle_of(made.files)
    energy = found.tables["territory"].group_by("territory").agg(pl.col("energy_kwh").sum())
    assert energy.rows() == [("land", Decimal(150_000))]
    assert [(one.territory, one.state) for one in made.head.territories] == [("land", "open")]
    assert verify_path(settings, tmp_path / "bundle")["is_good"]


def observed(project: str, year: int, indicator: str, value: str, half: str | None) -> FundObservation:
    return FundObservation(
        id=f"{project}-{indicator}-{year}",
        project=project,
        indicator=indicator,
        year=year,
        value=Decimal(value),
        unit="kWh" if indicator == "saved" else "t CO2e",
        sight="ex_post",
        half_width=None if half is None else Decimal(half),
        evidence="meters",
    )


def test_effects_of_own_projects_that_were_kept_are_published(city: City, tmp_path: Path) -> None:
    programme = ("id;organisation;title;evidence", "g;town;G;x")
    heads = "id;organisation;programme;title;nature_share;social_share;democracy_share;starts_on"
    heads += ";planned_completion;currency;evidence"
    rows = [f"{name};town;g;T;0;1;0;2022-01-01;2022-02-01;EUR;x" for name in ("lamps", "roof")]
    folder = tmp_path / "fund"
    folder.mkdir()
    (folder / "fund_programmes.csv").write_text("\n".join(programme), encoding="utf-8")
    (folder / "fund_projects.csv").write_text("\n".join((heads, *rows)), encoding="utf-8")
    assert import_masterdata(folder, city.settings).exit_code == 0
    kept = [
        observed("roof", 2024, "saved", "1200", "300"),
        observed("roof", 2024, "avoided", "0.435", None),
        observed("roof", 2025, "saved", "1300", "300"),  # after the year that is published
        observed("lamps", 2023, "saved", "-5", None),
    ]
    assert save(city.settings, kept, "test").exit_code == 0
    made = published(city, tmp_path / "bundle")
    assert made.files["effects.csv"].decode().splitlines() == [
        "project,year,saved_quantity,unit,half_width,co2e_kg,half_width_co2e_kg,method",
        "lamps,2023,-5,kWh,,,,meters",
        "roof,2024,1200,kWh,300,435,,meters",
    ]
    found = consolidate_bundles(city.settings, Adding([tmp_path / "bundle"])).league
    assert found.effects["saved_quantity"].to_list() == [Decimal(-5), Decimal(1200)]


def renovated(city: City) -> None:
    """Two projects with measured effects: the roofs of three sources, and lamps of which nothing is known."""
    heads = "id;organisation;programme;title;nature_share;social_share;democracy_share;starts_on"
    heads += ";planned_completion;currency;evidence"
    rows = [f"{name};town;g;T;0;1;0;2022-01-01;2022-02-01;EUR;x" for name in ("lamps", "roof")]
    folder = city.settings.data.parent / "fund"
    folder.mkdir()
    tables = {
        "fund_programmes": ("id;organisation;title;evidence", "g;town;G;x"),
        "fund_projects": (heads, *rows),
        "fund_sources": (
            "project;source;use",
            *(f"roof;{name};touched" for name in ("june.csv", "one", "two")),
            *(f"lamps;{name};control" for name in ("june.csv", "one", "two")),
        ),
    }
    for name, lines in tables.items():
        (folder / f"{name}.csv").write_text("\n".join(lines), encoding="utf-8")
    for name in ("one", "two"):
        bill(city, name, 10)
    assert import_masterdata(folder, city.settings).exit_code == 0
    kept = [observed("roof", 2024, "saved", "1200", "300"), observed("lamps", 2024, "saved", "5", None)]
    assert save(city.settings, kept, "test").exit_code == 0


def sited(city: City, *names: str) -> None:
    """Put sources into one building."""
    with closing_of(open_registry(city.settings.registry)) as registry:
        put_site(registry, Site(id="school", organisation="depot", name="School"))
        for name in names:
            told = {"source": name, "organisation": "depot", "site": "school", "role": "consumed"}
            put_term(registry, SourceTerm(**told, tenure="owned", control=True))


def projects(made: Published) -> list[str]:
    lines = made.files.get("effects.csv", b"").decode().splitlines()[1:]
    return [line.split(",")[0] for line in lines]


def test_effects_of_few_places_are_left_out_and_counted(city: City, tmp_path: Path) -> None:
    renovated(city)
    made = published(city, tmp_path / "bundle", given={"smallest": 3})
    assert (projects(made), made.head.grain.effects_left_out) == (["roof"], 1)
    found = consolidate_bundles(city.settings, Adding([tmp_path / "bundle"])).league
    assert found.members["effects_left_out"].to_list() == [1]
    for given in ({"smallest": 1}, {"smallest": 3, "effects_of_few": True}):
        every = published(city, tmp_path / "bundle", given=given)
        assert (projects(every), every.head.grain.effects_left_out) == (["lamps", "roof"], 0)


def test_several_sources_of_one_building_are_one_place_of_a_project(city: City, tmp_path: Path) -> None:
    renovated(city)
    sited(city, "one", "two")
    made = published(city, tmp_path / "bundle", given={"smallest": 3})
    assert (projects(made), made.head.grain.effects_left_out) == ([], 2)


def test_the_command_says_which_effects_are_left_out_and_takes_the_option(
    city: City, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    renovated(city)
    base = ["publish", "--year", "2024", "--open", "--smallest", "3", "--data-dir", str(city.settings.data)]
    base += ["--lang", "en", "--out", str(tmp_path / "bundle")]
    assert command(base) == 0
    assert "Effects of 1 projects are not published" in capsys.readouterr().out
    assert (
        command(
            ["consolidate", str(tmp_path / "bundle"), "--data-dir", str(city.settings.data), "--lang", "en"]
        )
        == 0
    )
    assert "town: effects of 1 projects of too few places are not published" in capsys.readouterr().out
    assert command([*base, "--effects-of-few"]) == 0
    assert "are not published" not in capsys.readouterr().out


def test_a_key_that_changed_is_no_good_bundle_and_adds_nothing(city: City, tmp_path: Path) -> None:
    published(city, tmp_path / "bundle")
    adding = Adding([tmp_path / "bundle"])
    assert consolidate_bundles(city.settings, adding).first_seen == ("town",)
    assert consolidate_bundles(city.settings, adding).first_seen == ()
    assert verify_path(city.settings, tmp_path / "bundle")["key"] == "known"
    (city.settings.data / KEY).unlink()
    published(city, tmp_path / "bundle")
    found = verify_path(city.settings, tmp_path / "bundle")
    assert (found["key"], found["is_good"]) == ("changed", False)
    with pytest.raises(Refused) as refused:
        consolidate_bundles(city.settings, adding)
    assert refused.value.code == "key_changed"


def test_an_altered_bundle_adds_nothing_and_pins_nothing(city: City, tmp_path: Path) -> None:
    published(city, tmp_path / "bundle")
    (tmp_path / "bundle" / "controls.csv").write_bytes(b"")
    with pytest.raises(Refused, match=r"controls\.csv"):
        consolidate_bundles(city.settings, Adding([tmp_path / "bundle"]))
    assert not (city.settings.data / TRUST).exists()


def test_strict_refuses_what_would_be_listed(city: City, tmp_path: Path) -> None:
    frames = frames_of("other", lines_of(use("pool", "electricity", 10)))
    for name, state in (("one", "closed"), ("two", "open")):
        told = scaled(frames, name, 1)
        write_files(files_of(head_of(name, told, state=state), told), tmp_path / name)
    paths = [tmp_path / "one", tmp_path / "two"]
    assert consolidate_bundles(city.settings, Adding(paths)).league.mismatches.height == 2
    with pytest.raises(Refused, match="state"):
        consolidate_bundles(city.settings, Adding(paths, is_strict=True))


def answered(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, dict[str, Any]]:
    code = command([*(str(one) for one in arguments), "--json"])
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return code, told


def test_the_commands_answer_with_one_object_and_their_exit_code(
    city: City, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ("--data-dir", city.settings.data)
    bundle, package = tmp_path / "bundle", tmp_path / "package.zip"
    code, told = answered(capsys, "publish", "--year", "2024", "--out", bundle, *data)
    assert (code, told["error"]["code"]) == (1, "period_open")
    code, told = answered(capsys, "publish", "--year", "2024", "--out", bundle, "--open", *data)
    assert (code, told["member"], told["is_new_key"]) == (0, "town", True)
    code, told = answered(capsys, "verify", bundle, *data)
    assert (code, told["is_good"]) == (0, True)
    code, told = answered(capsys, "consolidate", bundle, "--out", package, "--league", "Hanse", *data)
    assert (code, told["first_seen"], told["path"]) == (0, ["town"], str(package))
    code, told = answered(capsys, "verify", package, *data)
    assert (code, told["kind"], told["name"]) == (0, "league", "Hanse")
    (bundle / "balance.csv").write_bytes(b"x")
    code, told = answered(capsys, "verify", bundle, *data)
    assert (code, told["altered"]) == (1, ["balance.csv"])
    code, told = answered(capsys, "consolidate", bundle, *data)
    assert (code, told["error"]["code"]) == (1, "bundle_altered")
    assert answered(capsys, "consolidate", *data)[0] == 2
    for more in (("--year", "2024"), ("--approach", "operational"), ("--org", "town")):
        assert answered(capsys, "consolidate", bundle, *more, *data)[0] == 2
    assert answered(capsys, "verify", bundle, "--keys", tmp_path / "none.txt", *data)[0] == 2


@pytest.mark.parametrize("language", ["de", "en"])
def test_people_read_every_answer_in_their_language(
    city: City, tmp_path: Path, capsys: pytest.CaptureFixture[str], language: str
) -> None:
    rest = ("--data-dir", str(city.settings.data), "--lang", language)
    bundle = str(tmp_path / "bundle")
    assert command(["publish", "--year", "2024", "--out", bundle, "--open", *rest]) == 0
    assert command(["consolidate", bundle, *rest]) == 0
    assert command(["verify", bundle, *rest]) == 0
    (tmp_path / "bundle" / "factors.csv").unlink()
    assert command(["verify", bundle, *rest]) == 1
    said = capsys.readouterr().out
    assert ("Fingerprint of the key" in said) == (language == "en")
    assert ("Fingerabdruck" in said) == (language == "de")
    assert "factors.csv" in said


def test_the_package_of_a_league_that_was_altered_is_named(city: City, tmp_path: Path) -> None:
    published(city, tmp_path / "bundle")
    made = consolidate_bundles(city.settings, Adding([tmp_path / "bundle"]))
    write_league(city.settings, made, tmp_path / "league", "Hanse")
    files = read_files(tmp_path / "league")
    for name, content in files.items():
        changed = bytearray(content or b"x")
        changed[len(changed) // 2] ^= 1
        (tmp_path / "league" / name).write_bytes(bytes(changed))
        found = verify_path(city.settings, tmp_path / "league")
        assert not found["is_good"]
        assert name in found["altered"], name
        (tmp_path / "league" / name).write_bytes(content)


def test_a_bundle_on_disk_is_the_bundle_that_was_made(city: City, tmp_path: Path) -> None:
    made = published(city, tmp_path / "bundle")
    read = bundle_of(read_files(tmp_path / "bundle"))
    assert read.head == made.head
    assert read.tables["balance"].equals(made.balance)
