from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from bilanz.errors import UnknownName, UsageError
from bilanz.organisation import OrganisationFigure, OrganisationUnit, Site, Source, SourceTerm
from bilanz.registry import frames
from bilanz.registry.engine import Registry, open_registry
from bilanz.registry.frames import organisations_frame, source_terms_frame
from bilanz.registry.organisations import (
    organisation,
    organisations,
    put_figure,
    put_organisation,
    put_site,
    zone_of,
)
from bilanz.registry.sources import Found, put_source, put_term, register_assumed, source, terms


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    opened = open_registry(f"sqlite:///{tmp_path / 'registry.sqlite'}")
    put_organisation(
        opened,
        OrganisationUnit(id="town", name="Town", kind="municipality", region="DE-SH", zone="Europe/Berlin"),
    )
    put_organisation(opened, OrganisationUnit(id="schools", name="Schools", kind="agency", parent="town"))
    yield opened
    opened.close()


def term(**changes: object) -> SourceTerm:
    given = {
        "source": "M1",
        "organisation": "schools",
        "role": "consumed",
        "tenure": "owned",
        "control": True,
    }
    return SourceTerm(**(given | changes))


def test_an_unknown_organisation_names_near_misses(registry: Registry) -> None:
    with pytest.raises(UnknownName, match="schools") as caught:
        organisation(registry, "Schols")
    assert caught.value.exit_code == 2


def test_an_organisation_is_never_its_own_ancestor(registry: Registry) -> None:
    with pytest.raises(UsageError, match="own ancestor"):
        put_organisation(registry, OrganisationUnit(id="town", name="T", kind="agency", parent="schools"))
    with pytest.raises(UsageError, match="own ancestor"):
        put_organisation(registry, OrganisationUnit(id="new", name="N", kind="agency", parent="new"))


def test_zone_and_region_come_from_the_nearest_ancestor(registry: Registry) -> None:
    assert zone_of("schools", organisations(registry)) == "Europe/Berlin"
    frame = organisations_frame(registry)
    assert frame.select("organisation", "path", "region").rows() == [
        ("town", "town", "DE-SH"),
        ("schools", "town/schools", "DE-SH"),
    ]


def test_figures_are_those_in_force_on_the_day(registry: Registry) -> None:
    put_figure(
        registry,
        OrganisationFigure(
            organisation="town",
            valid_from=date(2020, 1, 1),
            population=100,
            staff=Decimal("7.5"),
            source="register",
        ),
    )
    put_figure(
        registry,
        OrganisationFigure(
            organisation="town", valid_from=date(2024, 1, 1), population=120, source="register"
        ),
    )
    figures = ("population", "staff")
    before = organisations_frame(registry, date(2023, 12, 31)).select(figures).rows()[0]
    after = organisations_frame(registry).select(figures).rows()[0]
    assert before == (100, Decimal("7.5"))
    assert after == (120, Decimal("7.5"))  # staff was not stated again and stays in force


def test_two_terms_never_hold_at_once(registry: Registry) -> None:
    put_source(registry, Source(id="M1"))
    put_term(registry, term(valid_to=date(2024, 1, 1)))
    put_term(registry, term(valid_from=date(2024, 1, 1), role="sub_meter"))
    with pytest.raises(UsageError, match="same time"):
        put_term(registry, term(valid_from=date(2023, 6, 1), valid_to=date(2023, 7, 1)))
    with pytest.raises(UnknownName, match="borrowed"):
        put_term(registry, term(tenure="borrowed"))
    with pytest.raises(UsageError, match="before it starts"):
        put_term(registry, term(valid_from=date(2030, 1, 1), valid_to=date(2030, 1, 1)))
    assert len(terms(registry)) == 2


def test_what_an_import_assumed_gives_way_to_what_is_stated(registry: Registry) -> None:
    found = Found("M1", "schools", "electricity", "kWh", "none", 15, "consumed")
    assert register_assumed(registry, [found, found]) == [found]
    assert register_assumed(registry, [found]) == []
    assert source_terms_frame(registry).select("is_assumed", "activity", "region").rows() == [
        (True, "electricity", "DE-SH")
    ]
    put_term(registry, term(role="generated"))
    assert source_terms_frame(registry).select("is_assumed", "role").rows() == [(False, "generated")]


def test_the_region_of_a_source_goes_before_that_of_its_site(registry: Registry) -> None:
    put_site(registry, Site(id="hall", organisation="schools", name="Hall", region="AT"))
    for identifier, region in (("M1", None), ("M2", "CH")):
        put_source(registry, Source(id=identifier, region=region))
        put_term(registry, term(source=identifier, site="hall"))
    assert source_terms_frame(registry)["region"].to_list() == ["AT", "CH"]


def test_an_unknown_source_names_near_misses(registry: Registry) -> None:
    put_source(registry, Source(id="DE0001"))
    with pytest.raises(UnknownName, match="DE0001"):
        source(registry, "DE0002")
    with pytest.raises(UsageError, match="own parent"):
        put_source(registry, Source(id="M9", parent="M9"))


def test_sources_registered_while_they_are_read_are_no_fault(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another thread registers a source with its term between two of our reads, whichever come first."""
    put_source(registry, Source(id="M1", activity="electricity", unit="kWh"))
    put_term(registry, term())
    for name in ("sources", "terms"):
        read = getattr(frames, name)

        def and_then(opened: Registry, name: str = name, read: Callable[[Registry], object] = read) -> object:
            found = read(opened)
            put_source(opened, Source(id=f"after {name}", activity="electricity", unit="kWh"))
            put_term(opened, term(source=f"after {name}"))
            return found

        monkeypatch.setattr(frames, name, and_then)
    assert source_terms_frame(registry)["source"].to_list() == ["M1"]
