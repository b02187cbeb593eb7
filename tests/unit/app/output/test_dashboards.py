"""Who sees which balance out of which run, and when a dashboard that is kept is made anew."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from toy import City, found_city, use_toys

from bilanz.access import ALL, Right
from bilanz.app.account.accounts import Reach, reach
from bilanz.app.balances import calculate_year
from bilanz.app.intake.ingest import import_file
from bilanz.app.output import dashboards, downloads
from bilanz.app.output.dashboards import Wanted
from bilanz.app.period.closing import Asked, release
from bilanz.app.queue import Work
from bilanz.app.settings import Settings
from bilanz.app.shown.balancelist import overview
from bilanz.app.shown.result import result_of
from bilanz.app.shown.sight import Outlook, View, chosen, seen
from bilanz.errors import Refused, UnknownName
from bilanz.job import Job, JobState
from bilanz.organisation import OrganisationUnit, Site
from bilanz.period import Period, PeriodState
from bilanz.registry import jobs, trail
from bilanz.registry.engine import Registry, open_registry
from bilanz.registry.organisations import put_site
from bilanz.store.runlines import Entry, within
from bilanz.trail import Deed

TREE = {"city": None, "works": "city", "power": "works", "schools": "city"}


@dataclass(frozen=True)
class Rights:
    """Somebody with one right on some organisations."""

    right: Right
    where: tuple[str, ...]

    def may(self, right: Right, organisation: str) -> bool:
        is_enough = right is self.right or (self.right, right) == (Right.READ, Right.READ_RELEASED)
        return is_enough and organisation in self.where


ALL_OF_THEM = (ALL, *TREE)
OFFICER = Rights(Right.READ, ("works", "power"))
BOARD = Rights(Right.READ_RELEASED, ("works", "power"))
MAYOR = Rights(Right.READ, ALL_OF_THEM)
FUND = Rights(Right.READ_RELEASED, ALL_OF_THEM)


def entry(run: str, organisation: str | None = None, year: int = 2024) -> Entry:
    return Entry(run, year, organisation, "f", ("bisko",), "2025-01-01T00:00:00+00:00", run)


def outlook(*entries: Entry, standing: dict[str, Entry] | None = None) -> Outlook:
    units = {
        name: OrganisationUnit(id=name, parent=parent, name=name.title(), kind="agency")
        for name, parent in TREE.items()
    }
    stands = {
        (2024, of): (Period(organisation=of, year=2024, state="released", run=one.run), one)
        for of, one in (standing or {}).items()
    }
    held = {(one.year, one.organisation or ALL): one for one in entries}
    runs = {one.run for one in (*entries, *(standing or {}).values())}
    return Outlook(units, held, stands, dict.fromkeys(runs, TREE))


def sources(found: Outlook, who: Rights, organisation: str) -> list[str]:
    return [view.source for view in found.views(who, organisation, 2024)]


def test_an_open_run_is_for_those_who_may_read_all_of_it() -> None:
    found = outlook(entry("whole"), entry("own", "works"))
    assert sources(found, OFFICER, "works") == ["works"]
    assert sources(found, OFFICER, "power") == ["works"]
    assert sources(found, MAYOR, "power") == ["works", "*"]
    assert sources(found, OFFICER, "schools") == []
    assert sources(found, OFFICER, ALL) == []
    for who in (BOARD, FUND):
        assert [sources(found, who, name) for name in (*TREE, ALL)] == [[]] * 5


def test_of_a_released_run_everybody_sees_their_part() -> None:
    found = outlook(entry("own", "works"), standing={ALL: entry("whole")})
    assert sources(found, BOARD, "power") == ["*"]
    assert sources(found, BOARD, "schools") == []
    assert sources(found, BOARD, ALL) == []
    assert sources(found, FUND, ALL) == ["*"]
    views = found.views(OFFICER, "power", 2024)
    assert [(view.source, view.state, view.sees_open) for view in views] == [
        ("works", PeriodState.OPEN, True),
        ("*", PeriodState.RELEASED, False),
    ]
    assert found.views(MAYOR, "power", 2024)[1].sees_open


def test_what_is_not_to_be_seen_cannot_be_chosen() -> None:
    views = outlook(entry("whole"), entry("own", "works")).views(OFFICER, "power", 2024)
    assert chosen(views, None) is chosen(views, "works") is views[0]
    with pytest.raises(UnknownName):
        chosen(views, "*")
    with pytest.raises(UnknownName):
        chosen([], None)


def test_a_territory_is_shown_less_its_municipality_to_who_may_see_that() -> None:
    found = outlook(entry("own", "works"))
    found.units["works"].municipality = "schools"
    alone = replace(found, trees={"own": {"works": None, "power": "works"}})
    view = chosen(alone.views(OFFICER, "works", 2024), None)
    assert not dashboards.wanted(alone, OFFICER, view, None).sees_municipality
    assert dashboards.wanted(alone, MAYOR, view, None).sees_municipality
    assert dashboards.wanted(found, OFFICER, view, None).sees_municipality, "it is part of the run itself"


def test_a_file_that_tells_a_municipality_apart_is_for_those_who_may_see_it(tmp_path: Path) -> None:
    found = outlook(entry("own", "works"))
    settings = Settings(data=tmp_path)
    told = {"year": 2024, "organisation": "works", "of": "works", "run": "own", "sees_open": True}

    def refused(who: Rights, *, sees: bool) -> str:
        made = Job(
            id="made",
            kind=downloads.KIND,
            state=JobState.DONE,
            result={"file": "file.csv", "name": "x.csv"},
            parameters=told | {"sees_municipality": sees},
        )
        with pytest.raises(UnknownName) as error:
            downloads.file_of(settings, found, who, made)
        return error.value.template

    foreign, gone = refused(BOARD, sees=False), refused(OFFICER, sees=True)
    assert foreign != gone, "nothing is taken apart: only the file is missing here"
    found.units["works"].municipality = "schools"
    assert refused(OFFICER, sees=True) == foreign
    assert refused(OFFICER, sees=False) == refused(MAYOR, sees=True) == gone
    found.units["works"].municipality = "power"
    assert refused(OFFICER, sees=True) == gone, "it is part of the run itself"


def test_a_tree_that_is_a_circle_ends() -> None:
    assert within({"a": "b", "b": "a"}, "a") == ("a", "b")
    assert within({"a": None}, "x") == ()


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> City:
    use_toys(monkeypatch)
    found = found_city(tmp_path)
    for organisation, kwh in (("town", 1000), ("depot", 300)):
        row = f"M-{organisation},electricity,2024-06-01,2024-07-01,{kwh}"
        file = found.file(f"{organisation}.csv", "source,activity,start,end,quantity", row)
        import_file(file, organisation=organisation, settings=found.settings)
    calculate_year(found.settings, 2024)
    return found


@pytest.fixture
def registry(town: City) -> Iterator[Registry]:
    with closing(open_registry(town.settings.registry)) as found:
        yield found


def mayor(registry: Registry) -> Reach:
    from bilanz.access import Grant
    from bilanz.registry.organisations import organisations

    return reach([Grant(user="m", duty="officer", organisation=ALL)], organisations(registry))


def asked(town: City, registry: Registry, organisation: str = ALL) -> tuple[Outlook, Wanted]:
    found = seen(town.settings, registry)
    view = chosen(found.views(mayor(registry), organisation, 2024), None)
    return found, dashboards.wanted(found, mayor(registry), view, None)


def made(town: City, registry: Registry, wanted: Wanted) -> Job:
    job = dashboards.ordered(town.settings, registry, mayor(registry), wanted)
    taken = jobs.take(registry)
    assert taken is not None
    assert taken.id == job.id
    dashboards.make(Work(town.settings, registry, taken, lambda _share: None))
    jobs.finish(registry, taken.id, JobState.DONE)
    return taken


def test_a_dashboard_is_kept_until_something_it_shows_changes(town: City, registry: Registry) -> None:
    def kept() -> dashboards.Kept | None:
        return dashboards.kept(town.settings, registry, *asked(town, registry))

    assert kept() is None
    made(town, registry, asked(town, registry)[1])
    assert kept() is not None
    for deed in (Deed("x", "user.grant", "x"), Deed("x", "import.commit", "x")):
        trail.record(registry, deed)
        assert kept() is not None, "nothing of it is on the page"
    trail.record(registry, Deed("x", "masterdata.change", "targets.csv"))
    assert kept() is None
    made(town, registry, asked(town, registry)[1])
    assert kept() is not None
    (town.settings.data / "uncertainty.csv").write_text("", encoding="utf-8")
    assert kept() is None
    (town.settings.data / "uncertainty.csv").unlink()
    found, wanted = asked(town, registry)
    german = town.settings.model_copy(update={"lang": "de"})
    assert dashboards.kept(german, registry, found, wanted) is None
    narrow = replace(wanted, view=replace(wanted.view, sees_open=False))
    assert dashboards.kept(town.settings, registry, found, narrow) is None


def test_who_waits_for_the_same_dashboard_waits_for_one_job(town: City, registry: Registry) -> None:
    _, wanted = asked(town, registry)
    first = dashboards.ordered(town.settings, registry, mayor(registry), wanted)
    assert dashboards.ordered(town.settings, registry, mayor(registry), wanted).id == first.id
    stranger = town.settings.model_copy(update={"user": "stranger"})
    assert dashboards.ordered(stranger, registry, Reach(), wanted).id != first.id


def test_a_dashboard_of_another_time_is_not_made(town: City, registry: Registry) -> None:
    _, wanted = asked(town, registry)
    job = dashboards.ordered(town.settings, registry, mayor(registry), wanted)
    calculate_year(town.settings, 2024, books=("bisko",))
    with pytest.raises(Refused, match="has changed meanwhile"):
        dashboards.make(Work(town.settings, registry, job, lambda _share: None))


def test_a_result_of_one_organisation_names_no_other(town: City, registry: Registry) -> None:
    for site, organisation in (("yard", "depot"), ("hall", "town")):
        put_site(registry, Site(id=site, organisation=organisation, name=site.title()))
    calculate_year(town.settings, 2024, organisation="depot")
    found = seen(town.settings, registry)
    views = found.views(mayor(registry), "depot", 2024)
    assert [view.source for view in views] == ["depot", "*"]
    for view in views:
        result = result_of(town.settings, view)
        for frame in (result.lines, result.usage, result.organisations, result.batches, result.coverage):
            assert set(frame["organisation"]) == {"depot"}
    own = result_of(town.settings, views[0]).beside
    assert own.sites is not None
    assert own.figures is not None
    assert own.sites["site"].to_list() == ["yard"]
    assert set(own.figures["organisation"]) == {"depot"}
    assert result_of(town.settings, views[0]).beside.gases is not None
    assert result_of(town.settings, views[1]).beside.gases is None


def test_one_book_is_shown_alone(town: City, registry: Registry) -> None:
    view = asked(town, registry)[1].view
    result = result_of(town.settings, view, book="bisko")
    assert result.manifest.books == ("bisko",)
    assert set(result.lines["book"]) == {"bisko"}
    assert result.beside.reconciliation is None
    assert result.beside.intervals is not None
    assert set(result.beside.intervals["book"].drop_nulls()) == {"bisko"}


def test_years_nobody_has_released_are_not_beside_a_released_one(town: City, registry: Registry) -> None:
    calculate_year(town.settings, 2023)
    release(
        town.settings.model_copy(update={"user": "rita"}),
        Asked(2024, accepts_exceptions=True, reason="test"),
    )
    found = seen(town.settings, registry)
    view = View(2024, ALL, ALL, found.standing[2024, ALL][1], found.standing[2024, ALL][0], sees_open=False)
    assert result_of(town.settings, view).beside.earlier == ()
    wide = result_of(town.settings, replace(view, sees_open=True)).beside.earlier
    assert [year.manifest.year for year in wide] == [2023]
    part = result_of(town.settings, replace(view, organisation="depot")).beside.earlier
    assert part == ()


def test_the_list_shows_totals_of_an_organisation_with_everything_below(
    town: City, registry: Registry
) -> None:
    everything, tree = overview(town.settings, registry, mayor(registry)).branches
    assert (everything.organisation, tree.organisation, tree.size) == (ALL, "town", 2)
    (depot,) = tree.below
    whole, own = dict(everything.years[0].totals), dict(depot.years[0].totals)
    assert dict(tree.years[0].totals) == whole
    assert whole["bisko"] is not None
    assert own["bisko"] is not None
    assert abs(float(own["bisko"] / whole["bisko"]) - 300 / 1300) < 1e-9
    assert overview(town.settings, registry, Reach(), year=None).branches == []
