"""A bundle that is signed soundly and contradicts itself: found by `verify`, refused by `consolidate`."""

import json
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from bench.leaguecases import (
    PARTS,
    YEAR,
    bundle_of,
    files_of,
    frames_of,
    head_of,
    key,
    lines_of,
    use,
)

from bilanz.app.league.balance import opened, verify_path
from bilanz.app.league.files import write_files
from bilanz.app.settings import Settings
from bilanz.delivery import DELIVERY_SCHEMA
from bilanz.errors import Refused
from bilanz.league.bundle import EFFECT_SCHEMA, EXCEPTION_SCHEMA, TERRITORY_SCHEMA, Head
from bilanz.league.consolidation import consolidate
from bilanz.league.description import of_bundle
from bilanz.league.leaguepackage import frames as league_frames
from bilanz.league.leaguepackage import head as league_head
from bilanz.league.overlap import Declared
from bilanz.league.reading import read_many
from bilanz.league.signing import PUBLIC, SIGNATURE, SUMS, integrity, signed
from bilanz.league.verification import verify

_SOLD = {
    "id": "heat",
    "kind": "generates",
    "seller": "works",
    "buyer": "pool",
    "activity": "district_heat",
    "valid_from": date(2020, 1, 1),
    "evidence": "contract",
}


def _frames() -> dict[str, pl.DataFrame]:
    """Return the tables of a town with everything a bundle can hold."""
    lines = lines_of(
        *(use("works", activity, 100, months=(1,)) for activity in PARTS),
        use("works", "district_heat", 50, role="sold", months=(1,), source="out"),
    )
    told = frames_of("town", lines, deliveries=pl.DataFrame([_SOLD], schema=DELIVERY_SCHEMA, orient="row"))
    gap = ("bisko", "no_factor", "diesel", "l", Decimal(10), 2, 1)
    cell = ("land", YEAR, "households", "natural_gas", "heat", Decimal(1000), Decimal(201), 0)
    effect = ("roof", YEAR, Decimal(10), "kWh", None, None, None, "monitoring")
    return {
        **told,
        "exceptions": pl.DataFrame([gap], schema=EXCEPTION_SCHEMA, orient="row"),
        "territory": pl.DataFrame([cell], schema=TERRITORY_SCHEMA, orient="row"),
        "effects": pl.DataFrame([effect], schema=EFFECT_SCHEMA, orient="row"),
    }


FRAMES = _frames()
HEAD = head_of("town", FRAMES)


def resigned(files: Mapping[str, bytes]) -> dict[str, bytes]:
    rest = {name: content for name, content in files.items() if name not in {SUMS, SIGNATURE, PUBLIC}}
    return signed(rest, key())


def found_in(files: Mapping[str, bytes]) -> dict[str, str]:
    """Return check → what it names, of a bundle that is whole and refused by whoever adds."""
    verdict = verify(files)
    assert verdict.integrity.is_whole
    wrong = {check.name: check.first for check in verdict.checks if check.wrong}
    assert verdict.is_good == (not wrong)
    if wrong:
        with pytest.raises(Refused) as refused:
            consolidate(read_many([(files, integrity(files))]))
        assert refused.value.code == "bundle_wrong"
        assert "town: " in str(refused.value)
    return wrong


def test_a_bundle_with_everything_agrees_with_itself() -> None:
    files = files_of(HEAD, FRAMES)
    assert found_in(files) == {}
    assert consolidate(read_many([(files, integrity(files))])).territory.height == 1
    told = {check.name for check in verify(files).checks if check.rows}
    assert told >= {
        *("books", "deliveries", "files", "head", "metadata", "organisations", "package", "years"),
    }


def with_grain(**changed: object) -> Head:
    return HEAD.model_copy(update={"grain": HEAD.grain.model_copy(update=changed)})


def with_member(**changed: object) -> Head:
    return HEAD.model_copy(update={"member": HEAD.member.model_copy(update=changed)})


@pytest.mark.parametrize(
    ("head", "check", "named"),
    [
        (HEAD.model_copy(update={"exceptions": 1}), "head", "exceptions"),
        (HEAD.model_copy(update={"territories": []}), "head", "territories"),
        (HEAD.model_copy(update={"territories": HEAD.territories * 2}), "head", "territories"),
        (HEAD.model_copy(update={"approach": "control"}), "head", "approach"),
        (HEAD.model_copy(update={"published_at": "later"}), "head", "published_at"),
        (HEAD.model_copy(update={"run": HEAD.run | {"gwp": "bisko: AR6"}}), "head", "potentials"),
        (with_member(name="Other town"), "head", "member"),
        (with_member(kind="agency"), "head", "member"),
        (with_member(organisation="works"), "head", "member"),
        (with_grain(joined={"activities": 1}), "head", "joined"),
        (with_grain(below=1), "head", "below"),
        (with_grain(smallest=0), "head", "smallest"),
        (with_grain(rows=7), "manifest", "lines"),
        (with_grain(lines=7), "manifest", "lines"),
        (HEAD.model_copy(update={"year": YEAR - 1}), "manifest", "year"),
    ],
)
def test_a_head_that_is_not_what_its_tables_come_to_is_found(head: Head, check: str, named: str) -> None:
    assert named in found_in(files_of(head, FRAMES))[check]


def first(table: str, **values: object) -> dict[str, pl.DataFrame]:
    """Return the tables with other values in the first row of one."""
    frame = FRAMES[table]
    is_first = pl.int_range(pl.len()) == 0
    changed = [
        pl.when(is_first).then(pl.lit(value).cast(frame.schema[name])).otherwise(name).alias(name)
        for name, value in values.items()
    ]
    return {**FRAMES, table: frame.with_columns(changed)}


@pytest.mark.parametrize(
    ("frames", "check", "named"),
    [
        (first("delivered", month=date(YEAR - 1, 1, 1)), "years", "delivered.csv"),
        (first("delivered", month=date(YEAR, 1, 2)), "years", "delivered.csv"),
        (first("deliveries", valid_from=date(YEAR + 1, 1, 1)), "years", "deliveries.csv"),
        (first("deliveries", valid_to=date(YEAR, 1, 1)), "years", "deliveries.csv"),
        (first("denominators", valid_from=date(YEAR + 1, 1, 1)), "years", "denominators.csv"),
        (first("territory", year=YEAR - 1), "years", "territory.csv"),
        (first("effects", year=YEAR + 1), "years", "effects.csv"),
        (first("exceptions", book="ghgp_market"), "books", "exceptions.csv · ghgp_market"),
        (first("delivered", book="ghgp_market"), "books", "delivered.csv · ghgp_market"),
        (first("deliveries", burns="ghgp_market"), "books", "deliveries.csv · ghgp_market"),
        (first("potentials", gwp="AR5"), "books", "potentials.csv · bisko"),
        (first("denominators", organisation="hall"), "organisations", "denominators.csv · hall"),
        (first("organisations", organisation="works"), "organisations", "organisations.csv · works"),
        (first("deliveries", seller="hall"), "organisations", "deliveries.csv · heat"),
        (first("deliveries", buyer="town"), "organisations", "deliveries.csv · heat"),
        (first("deliveries", side="both"), "organisations", "deliveries.csv · heat"),
        (first("deliveries", kind="gives"), "organisations", "deliveries.csv · heat"),
        (first("deliveries", lines="L9"), "deliveries", "delivered.csv · L1"),
        (first("delivered", taken=Decimal("1.01")), "deliveries", "delivered.csv · L1"),
        (first("delivered", taken=Decimal("-0.01")), "deliveries", "delivered.csv · L1"),
        (first("delivered", share=Decimal("1.01")), "deliveries", "delivered.csv · L1"),
        (first("territory", territory="sea"), "head", "territories"),
        (first("exceptions", records=3), "head", "exceptions"),
        (first("balance", joined="gases"), "head", "joined"),
    ],
)
def test_a_table_that_contradicts_is_found(frames: dict[str, pl.DataFrame], check: str, named: str) -> None:
    assert named in found_in(files_of(HEAD, frames))[check]


def test_a_buyer_has_nothing_it_could_say_of_a_sale() -> None:
    """Whoever buys says what it bought: `taken` on its side would be believed by nobody."""
    frames = {**first("deliveries", side="buyer", seller="pool", buyer="works", burns="")}
    assert found_in(files_of(HEAD, frames)) == {"deliveries": "delivered.csv · L1 · bisko"}


def test_shares_of_other_owners_do_not_go_with_control() -> None:
    """Under control a share is all or nothing: a part of other owners is one of equity."""
    minority = first("balance", minority_kg=Decimal(1))
    assert found_in(files_of(HEAD, minority))["boundary"].startswith("balance.csv · bisko")
    equity = HEAD.model_copy(update={"approach": "equity"})
    assert "boundary" not in found_in(files_of(equity, minority))


def test_lines_of_a_delivery_that_stand_for_two_kinds_are_found() -> None:
    other = FRAMES["deliveries"].with_columns(id=pl.lit("more"), kind=pl.lit("lets"))
    both = pl.concat([FRAMES["deliveries"], other])
    assert "deliveries" in found_in(files_of(HEAD, {**FRAMES, "deliveries": both}))


FILES = files_of(HEAD, FRAMES)


def altered(name: str, change: Callable[[dict[str, Any]], object]) -> dict[str, bytes]:
    """Return the bundle with one of its descriptions changed and signed again."""
    told = json.loads(FILES[name])
    change(told)
    content = (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()
    return resigned({**FILES, name: content})


def of_balance(told: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in told["resources"] if each["name"] == "balance")
    return found


def column(told: dict[str, Any], name: str) -> dict[str, Any]:
    fields = of_balance(told)["schema"]["fields"]
    found: dict[str, Any] = next(each for each in fields if each["name"] == name)
    return found


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda told: column(told, "co2e_kg").update(unit="t CO2e"), "balance.csv"),
        (lambda told: column(told, "co2e_kg").pop("unit"), "balance.csv"),
        (lambda told: column(told, "quantity").update(unitColumn="basis"), "balance.csv"),
        (lambda told: column(told, "places").update(type="string"), "balance.csv"),
        (lambda told: column(told, "places").update(name="sites"), "balance.csv"),
        (lambda told: of_balance(told).update(rows=1), "balance.csv"),
        (lambda told: of_balance(told).update(rows=float(of_balance(told)["rows"])), "balance.csv"),
        (lambda told: of_balance(told).update(bytes=1), "balance.csv"),
        (lambda told: of_balance(told).update(hash="sha256:" + "0" * 64), "balance.csv"),
        (lambda told: of_balance(told)["dialect"].update(delimiter=";"), "balance.csv"),
        (lambda told: of_balance(told)["schema"].update(missingValues=["", "0"]), "balance.csv"),
        (lambda told: of_balance(told).update(path="other.csv"), "balance.csv"),
        (lambda told: told["resources"].append(of_balance(told)), "resources"),
        (lambda told: told.update(created="2020-01-01T00:00:00+00:00"), "created"),
        (lambda told: told.update(name="bilanz-other-2024"), "name"),
        (lambda told: told.update(title="Balance 2019, Town"), "title"),
        (lambda told: told.update(title="Balance 2024, City"), "title"),
        (lambda told: told["licenses"][0].update(path="https://licence.example/"), "licenses"),
        (lambda told: told["licenses"][0].update(title="All rights reserved"), "licenses"),
        (lambda told: told.update(sources=[]), "keys"),
        (lambda told: told.clear(), "balance.csv"),
    ],
)
def test_a_description_that_is_not_so_is_found(
    change: Callable[[dict[str, Any]], object], named: str
) -> None:
    assert found_in(altered("datapackage.json", change))["package"] == named


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda told: told["dct:temporal"]["dcat:endDate"].update({"@value": "2023-12-31"}), "dct:temporal"),
        (lambda told: told["dct:issued"].update({"@value": "2020-01-01T00:00:00+00:00"}), "dct:issued"),
        (lambda told: told["adms:versionNotes"].update({"@value": "provisional"}), "adms:versionNotes"),
        (lambda told: told["dct:publisher"].update({"foaf:name": "Other town"}), "dct:publisher"),
        (lambda told: told["dct:title"][1].update({"@value": "Balance 2019, Town"}), "dct:title"),
        (lambda told: told["dcat:distribution"].pop(), "dcat:distribution"),
        (lambda told: told["dcat:distribution"][0].update({"dcat:byteSize": 1}), "dcat:distribution"),
        (lambda told: told.update({"dct:source": "elsewhere"}), "keys"),
        (lambda told: told.pop("dct:title"), "dcat.jsonld"),
    ],
)
def test_metadata_that_are_not_so_are_found(change: Callable[[dict[str, Any]], object], named: str) -> None:
    assert found_in(altered("dcat.jsonld", change)) == {"metadata": named}


def test_a_description_that_says_a_thing_twice_is_found() -> None:
    """Readers differ in which of two they take."""
    content = FILES["datapackage.json"].replace(b'"rows":', b'"rows": 1,\n"rows":', 1)
    assert "package" in found_in(resigned({**FILES, "datapackage.json": content}))


@pytest.mark.parametrize("name", ["persons.csv", "README", "totals.csv"])
def test_a_file_that_is_signed_and_no_part_of_the_format_is_found(name: str) -> None:
    assert found_in(resigned({**FILES, name: b"x\n1\n"})) == {"files": name}


@pytest.mark.parametrize("name", ["datapackage.json", "dcat.jsonld"])
def test_a_description_that_is_missing_is_found(name: str) -> None:
    rest = {one: content for one, content in FILES.items() if one != name}
    assert found_in(resigned(rest))["files"] == name


@pytest.mark.parametrize("run", [{"gwp": "AR6"}, {"gwp": 6}, {"books": ["bisko", 1]}])
def test_a_run_that_is_none_is_told_not_raised(run: dict[str, object]) -> None:
    found = verify(files_of(HEAD.model_copy(update={"run": HEAD.run | run}), FRAMES))
    assert found.problem is not None
    assert "run." in str(found.problem)


def test_a_manifest_that_says_a_thing_twice_is_found() -> None:
    content = FILES["manifest.json"].replace(b'"exceptions": 2,', b'"exceptions": 0,\n "exceptions": 2,')
    assert content != FILES["manifest.json"]
    assert found_in(resigned({**FILES, "manifest.json": content})) == {"files": "manifest.json"}


@pytest.mark.parametrize("is_alone", [True, False])
def test_a_bundle_of_an_earlier_format_is_refused_as_such(*, is_alone: bool) -> None:
    """Before, `delivered.csv` did not say what is taken off within a member."""
    head = FILES["manifest.json"].replace(b"bilanz-bundle 2", b"bilanz-bundle 1")
    table = FRAMES["delivered"].drop("taken").write_csv().encode()
    old = resigned({**FILES, "manifest.json": head, "delivered.csv": table})
    found = verify(old)
    assert found.problem is not None
    assert found.problem.code == "bundle_format"
    told = [old] if is_alone else [FILES, old]
    with pytest.raises(Refused, match=r"bilanz-bundle 1.*bilanz-bundle 2"):
        read_many([(files, integrity(files)) for files in told])


def test_bundles_on_disk_are_refused_before_anything_is_added(tmp_path: Path) -> None:
    write_files(altered("datapackage.json", lambda told: of_balance(told).update(rows=1)), tmp_path / "a.zip")
    with pytest.raises(Refused, match=r"package, 1 \(balance\.csv\)"):
        opened([tmp_path / "a.zip"])


def league_files() -> dict[str, bytes]:
    from bilanz.league.assembly import assembled
    from bilanz.league.dcat import LICENCES, Described

    found = consolidate([bundle_of(FILES)])
    at = "2026-02-01T00:00:00+00:00"
    head = league_head(found, Declared(), league="Hanse", published_at=at)
    told = Described(
        title={"de": f"Bilanz {YEAR}, Hanse", "en": f"Balance {YEAR}, Hanse"},
        description={"de": "Erfunden", "en": "Invented"},
        publisher="Hanse",
        publisher_address="https://hanse.example/",
        contact="nobody",
        contact_mail="nobody@city.example",
        licence=LICENCES["dl-by-de/2.0"],
        year=YEAR,
        issued=at,
        is_final=True,
    )
    return signed(assembled(league_frames(found), head.as_bytes(), told, f"bilanz-league-{YEAR}"), key())


def test_the_package_of_a_league_is_checked_alike(tmp_path: Path) -> None:
    files, settings = league_files(), Settings(data=tmp_path)
    write_files(files, tmp_path / "good")
    assert verify_path(settings, tmp_path / "good")["is_good"]
    write_files(resigned({**files, "balance.csv": b"x\n"}), tmp_path / "more")
    found = verify_path(settings, tmp_path / "more")
    assert {check["name"]: check["first"] for check in found["checks"] if check["wrong"]} == {
        "files": "balance.csv"
    }
    old = files["manifest.json"].replace(b"bilanz-league 2", b"bilanz-league 1")
    write_files(resigned({**files, "manifest.json": old}), tmp_path / "old")
    found = verify_path(settings, tmp_path / "old")
    assert "bilanz-league 1" in found["problem"]
    assert not found["is_good"]


def test_what_a_bundle_is_of_is_what_its_head_says() -> None:
    subject = of_bundle(bundle_of(FILES))
    assert (subject.member, subject.year, subject.package) == ("town", YEAR, f"bilanz-town-{YEAR}")
