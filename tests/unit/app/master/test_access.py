"""Whose a row of master data is, table by table, and what an import of others' rows comes to."""

from collections.abc import Callable, Iterator
from pathlib import Path

import masters
import pytest

from bilanz.access import ALL, Duty, Grant
from bilanz.app.account.accounts import Reach, reach
from bilanz.app.master import csvfiles
from bilanz.app.master.access import HIDDEN, OWNERS, Access
from bilanz.app.master.data import held_against, import_masterdata, write
from bilanz.app.master.intake import Known
from bilanz.app.master.tables import BY_NAME
from bilanz.app.settings import Settings
from bilanz.fund.project import FundFlow
from bilanz.organisation import (
    Delivery,
    EnergyInstrument,
    Membership,
    MonthWeight,
    OrganisationUnit,
    Overlap,
    Source,
    SourceTerm,
)
from bilanz.registry.engine import Registry, open_registry
from bilanz.registry.organisations import organisations, put_organisation
from bilanz.registry.sources import Found, register_assumed, sources

CITY = {"city": None, "works": "city", "power": "works", "schools": "city"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = Settings(data=tmp_path / "data", lang="en", user="olga")
    registry = open_registry(found.registry)
    for name, parent in CITY.items():
        put_organisation(registry, OrganisationUnit(id=name, parent=parent, name=name, kind="agency"))
    registry.close()
    masters.fill(found, tmp_path / "masters")
    return found


@pytest.fixture
def registry(settings: Settings) -> Iterator[Registry]:
    found = open_registry(settings.registry)
    yield found
    found.close()


def rights(registry: Registry, *where: str, duty: Duty = Duty.OFFICER) -> Reach:
    grants = [Grant(user="u", duty=duty, organisation=name) for name in where]
    return reach(grants, organisations(registry))


@pytest.fixture
def of(registry: Registry) -> Callable[..., Access]:
    """Return what an officer of organisations may do."""

    def made(*where: str, duty: Duty = Duty.OFFICER) -> Access:
        found = Known.of(registry, rights=rights(registry, *where, duty=duty)).access
        assert found is not None
        return found

    return made


def row(access: Access, table: str, *key: object) -> object:
    """Return a registered row by the texts of its key."""
    rows = {tuple(map(str, held)): found for held, found in access.rows[table].items()}
    return rows[tuple(map(str, key))]


def sees(access: Access, table: str, *key: object) -> tuple[bool, bool]:
    """Return whether a row may be seen, and changed."""
    found = row(access, table, *key)
    return access.sees(table, found), access.may_change(table, found, found)  # type: ignore[arg-type] # a row


BOTH, READ, NONE = (True, True), (True, False), (False, False)


def test_every_table_has_an_owner() -> None:
    assert set(OWNERS) == set(BY_NAME)


@pytest.mark.parametrize("table", ["sites", "targets", "measures", "growth", "compensations"])
def test_rows_of_an_organisation(of: Callable[..., Access], table: str) -> None:
    own = {"sites": ("plant", "gym"), "targets": ("T-W", "T-S"), "measures": ("M-W", "M-S")}
    own |= {"growth": ("G-W", "G-S"), "compensations": ("K-W", "K-S")}
    assert [sees(of("works"), table, key) for key in own[table]] == [BOTH, NONE]
    assert [sees(of("works", duty=Duty.AUDITOR), table, key) for key in own[table]] == [READ, NONE]
    moved, before = row(of("works"), table, own[table][0]), row(of("works"), table, own[table][0])
    changed = type(moved)(**(moved.model_dump() | {"organisation": "schools"}))  # type: ignore[attr-defined] # a row
    assert not of("works").may_change(table, before, changed)  # type: ignore[arg-type] # a row
    assert of("city").may_change(table, before, changed)  # type: ignore[arg-type] # a row


def test_figures_and_notation_keys(of: Callable[..., Access]) -> None:
    for table, more in (("figures", ("2024-01-01",)), ("notation_keys", (2024, "I.1.1"))):
        assert sees(of("works"), table, "works", *more) == BOTH
        assert sees(of("works"), table, "schools", *more) == NONE


def test_organisations(of: Callable[..., Access]) -> None:
    works = of("works")
    assert [sees(works, "organisations", name) for name in CITY] == [NONE, BOTH, BOTH, NONE]

    def may(before: str | None, parent: str | None, access: Access = works) -> bool:
        held = None if before is None else row(access, "organisations", before)
        after = OrganisationUnit(id=before or "new", parent=parent, name="x", kind="agency")
        return access.may_change("organisations", held, after)  # type: ignore[arg-type] # a row

    assert may(None, "works")
    assert not may(None, "city")
    assert not may(None, None)
    assert may(None, None, of(ALL))
    assert may("works", "city")  # its place in the tree does not change
    assert not may("works", "schools")
    assert not may("works", None)
    assert not may("power", "schools")
    assert may("power", "schools", of("works", "schools"))
    assert not may("works", "schools", of("works", "schools"))  # taken away from the city


def test_sources_belong_to_all_who_have_or_had_them(of: Callable[..., Access]) -> None:
    names = ("W-1", "W-2", "S-1", "C-1", "MOVED", "LOST")
    assert [sees(of("works"), "sources", name) for name in names] == [BOTH, BOTH, NONE, NONE, READ, NONE]
    assert [sees(of("city"), "sources", name) for name in names] == [BOTH] * 5 + [NONE]
    assert sees(of(ALL), "sources", "LOST") == BOTH
    taken = Source(id="S-2", weights="free")
    access = of("works")
    access.announced = {"S-2": frozenset({"works"})}
    assert not access.may_change("sources", None, taken)  # weights nobody of hers uses
    assert access.may_change("sources", None, Source(id="S-2", weights="days"))


def test_terms_ask_all_who_have_or_had_the_source(of: Callable[..., Access]) -> None:
    works = of("works")
    assert sees(works, "terms", "W-1", None) == BOTH
    assert sees(works, "terms", "MOVED", "2024-01-01") == READ
    assert sees(works, "terms", "MOVED", None) == NONE

    def may(source: str, access: Access) -> bool:
        return access.may_change("terms", None, SourceTerm(source=source, organisation="works"))

    assert [may(name, works) for name in ("W-1", "MOVED", "S-1", "LOST")] == [True, False, False, False]
    assert [may(name, of(ALL)) for name in ("W-1", "MOVED", "S-1", "LOST")] == [True] * 4


def test_rows_of_a_project_are_of_its_organisation(of: Callable[..., Access]) -> None:
    works = of("works")
    keys = {"fund_projects": ("F-{}",), "fund_flows": ("C-{}",), "fund_financing": ("B-{}",)}
    keys |= {"fund_findings": ("F-{}-effect",), "fund_observations": ("I-{}",)}
    keys |= {"fund_claims": ("F-{}", "2024", "fund")}
    for table, key in keys.items():
        assert sees(works, table, *(part.format("W") for part in key)) == BOTH
        assert sees(works, table, *(part.format("S") for part in key)) == NONE
    assert sees(works, "fund_sources", "F-W", "W-1") == BOTH
    assert sees(of("works", duty=Duty.AUDITOR), "fund_flows", "C-W") == READ
    moved = FundFlow(**(row(works, "fund_flows", "C-W").model_dump() | {"project": "F-S"}))  # type: ignore[attr-defined] # a row
    assert not works.may_change("fund_flows", row(works, "fund_flows", "C-W"), moved)  # type: ignore[arg-type] # a row
    nobodys = FundFlow(id="x", project="none", kind="commitment")
    assert not works.may_change("fund_flows", None, nobodys)
    assert of(ALL).may_change("fund_flows", None, nobodys)


def test_an_assumed_term_counts_too(registry: Registry, of: Callable[..., Access]) -> None:
    register_assumed(registry, [Found("AUTO", "schools", None, None, None, None, "consumed")])
    mine = SourceTerm(source="AUTO", organisation="works")
    assert not of("works").may_change("terms", None, mine)
    assert of("works", "schools").may_change("terms", None, mine)


def test_instruments(of: Callable[..., Access]) -> None:
    def may(**told: str) -> tuple[bool, bool]:
        made = EnergyInstrument(id="i", kind="contract", **told)
        return of("works").sees("instruments", made), of("works").may_change("instruments", None, made)

    assert may(organisation="works") == BOTH
    assert may(organisation="city") == NONE
    assert may(source="W-1") == BOTH
    assert may(source="MOVED") == READ
    assert may(source="S-1") == NONE
    assert may() == NONE


def test_memberships_and_deliveries_have_two_sides(of: Callable[..., Access]) -> None:
    assert sees(of("works"), "memberships", "power", "2022-01-01") == BOTH
    assert sees(of("works"), "memberships", "works", "2022-01-01") == NONE
    assert sees(of("works"), "deliveries", "D-W") == BOTH
    assert sees(of("works"), "deliveries", "D-S") == NONE
    assert sees(of("works", "schools"), "deliveries", "D-S") == BOTH
    assert not of("works").may_change("memberships", None, Membership(organisation="works", parent="city"))
    assert not of("works").may_change("deliveries", None, Delivery(id="d", seller="city", buyer="works"))


def test_weights_belong_to_the_sources_that_use_them(of: Callable[..., Access]) -> None:
    assert sees(of("works"), "weights", "days", "2024-01-01") == BOTH
    assert sees(of("schools"), "weights", "days", "2024-01-01") == NONE
    assert sees(of("works"), "weights", "free", "2024-01-01") == NONE
    assert sees(of(ALL), "weights", "free", "2024-01-01") == BOTH
    assert not of("works").may_change("weights", None, MonthWeight(name="other"))


def test_overlaps_have_two_sources(of: Callable[..., Access]) -> None:
    assert sees(of("works"), "overlaps", "O-W") == BOTH
    assert sees(of("works"), "overlaps", "O-S") == NONE
    assert sees(of("works", "schools"), "overlaps", "O-S") == BOTH
    moved = Overlap(id="x", kind="part_of", part_source="MOVED", whole_source="W-1")
    assert not of("works").may_change("overlaps", None, moved)


def sheets(**files: str) -> dict[str, csvfiles.Sheet]:
    return {name: csvfiles.read(text.encode(), BY_NAME[name], f"{name}.csv") for name, text in files.items()}


def codes(registry: Registry, settings: Settings, *where: str, **files: str) -> dict[str, list[str]]:
    """Return table → codes of the issues of an import by an officer, changes taken over."""
    held = rights(registry, *where)
    taking = held_against(sheets(**files), registry, settings, update=True, rights=held)
    for count in taking.summary.tables.values():
        assert count.read == count.added + count.changed + count.unchanged + count.rejected
    found: dict[str, list[str]] = {}
    for file, issue in taking.summary.issues:
        found.setdefault(file.removesuffix(".csv"), []).append(issue.code)
    return found


def test_rows_of_others_are_rejected_alike_whether_they_are_the_same_or_not(
    registry: Registry, settings: Settings
) -> None:
    head = "id;organisation;name;kind"
    same, other = "gym;schools;Gym;sports_ground", "gym;works;Mine;pool"
    told = codes(registry, settings, "works", sites=f"{head}\n{same}\n{other}")
    assert told == {"sites": ["masterdata_foreign"] * 2}
    told = codes(registry, settings, "works", sites=f"{head}\nnew;schools;X;pool\nnew;mars;X;pool")
    assert told == {"sites": ["unknown_reference"] * 2}
    assert codes(registry, settings, ALL, sites=f"{head}\n{same}\n{other}") == {
        "sites": ["masterdata_changed"]
    }


def test_what_is_hidden_stays_and_cannot_be_exchanged(registry: Registry, settings: Settings) -> None:
    head = "id;activity;unit;parent"
    kept = f"{head}\nW-2;electricity;kWh;{HIDDEN}"
    assert codes(registry, settings, "works", sources=kept) == {}
    taken = f"{head}\nW-2;electricity;kWh;W-1"
    assert codes(registry, settings, "works", sources=taken) == {"sources": ["masterdata_foreign"]}
    assert codes(registry, settings, ALL, sources=taken) == {"sources": ["masterdata_changed"]}


def test_a_new_source_without_a_term_that_can_be_taken_is_not_taken(
    registry: Registry, settings: Settings
) -> None:
    source = "id;activity\nNEW;electricity\nSUB;electricity"
    head = "source;organisation;role;tenure;control;site"
    alone = codes(registry, settings, "works", sources=source)
    assert alone == {"sources": ["masterdata_refused"] * 2}
    foreign = f"{head}\nNEW;schools;consumed;owned;true;\nSUB;works;consumed;owned;true;nowhere"
    told = codes(registry, settings, "works", sources=source, terms=foreign)
    assert len(told["sources"]) == 2
    own = f"{head}\nNEW;works;consumed;owned;true;\nSUB;power;consumed;owned;true;"
    assert codes(registry, settings, "works", sources=source, terms=own) == {}
    held = rights(registry, "works")
    write(sheets(sources=source, terms=foreign), registry, settings, update=True, rights=held)
    assert not {"NEW", "SUB"} & set(sources(registry))
    write(sheets(sources=source, terms=own), registry, settings, update=True, rights=held)
    assert {"NEW", "SUB"} <= set(sources(registry))


def test_a_new_unit_and_what_is_below_it_come_together(registry: Registry, settings: Settings) -> None:
    units = "id;parent;name;kind\nlab;works;Lab;agency\ndesk;lab;Desk;agency\nspy;schools;Spy;agency"
    sites = "id;organisation;name\nroom;desk;Room"
    told = codes(registry, settings, "works", organisations=units, sites=sites)
    assert told == {"organisations": ["unknown_reference"]}


def test_factors_of_others_cannot_be_named(of: Callable[..., Access]) -> None:
    import polars as pl

    known = pl.DataFrame(
        {"factor_id": ["a", "b", "c", "d"], "organisation": [None, "city", "works", "schools"]}
    )
    assert of("power").factors(known)["factor_id"].to_list() == ["a", "b", "c"]


def test_the_files_of_the_command_line_are_everybodys(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "more"
    folder.mkdir()
    (folder / "sources.csv").write_text("id;activity\nALONE;electricity\n", encoding="utf-8")
    assert import_masterdata(folder, settings).exit_code == 0
