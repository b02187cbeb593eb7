"""Master data on pages: lists, forms, what is saved, what is not theirs."""

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import masters
import pytest
import web

from bilanz.app.catalogue.ownfactors import import_factors
from bilanz.app.fund.tables import FUND_TABLES
from bilanz.app.master.tables import TABLES
from bilanz.period import Period
from bilanz.registry import periods, sources, trail
from bilanz.registry.declared import overlaps
from bilanz.registry.engine import Registry, open_registry
from bilanz.registry.organisations import figures, organisations
from bilanz.registry.plan import measures
from bilanz.trail import Deed

FOREIGN = {
    "organisations": "key=schools",
    "figures": "key=schools&key=2024-01-01",
    "sites": "key=gym",
    "sources": "key=S-1",
    "terms": "key=S-1&key=",
    "instruments": "key=none",
    "targets": "key=T-S",
    "measures": "key=M-S",
    "growth": "key=G-S",
    "memberships": "key=works&key=2022-01-01",
    "deliveries": "key=D-S",
    "compensations": "key=K-S",
    "notation_keys": "key=schools&key=2024&key=I.1.1",
    "weights": "key=free&key=2024-01-01",
    "overlaps": "key=O-S",
    "fund_members": "key=schools",
    "fund_figures": "key=schools&key=inhabitants&key=2023",
    "fund_keys": "key=S1-S",
    "fund_payments": "key=P-S",
    "fund_programmes": "key=heat-S",
    "fund_projects": "key=F-S",
    "fund_flows": "key=C-S",
    "fund_financing": "key=B-S",
    "fund_sources": "key=F-S&key=S-1",
    "fund_observations": "key=I-S",
    "fund_findings": "key=F-S-effect",
    "fund_claims": "key=F-S&key=2024&key=fund",
    "fund_rates": "key=uba-s&key=climate_cost&key=0.01&key=2024",
    "fund_factors": "key=grid-s&key=2024",
}
"""Table → a row that is none of Olga's."""

OWN = FOREIGN | {
    "organisations": "key=works",
    "figures": "key=works&key=2024-01-01",
    "sites": "key=plant",
    "sources": "key=W-1",
    "terms": "key=W-1&key=",
    "targets": "key=T-W",
    "measures": "key=M-W",
    "growth": "key=G-W",
    "memberships": "key=power&key=2022-01-01",
    "deliveries": "key=D-W",
    "compensations": "key=K-W",
    "notation_keys": "key=works&key=2024&key=I.1.1",
    "weights": "key=days&key=2024-01-01",
    "overlaps": "key=O-W",
    "fund_members": "key=works",
    "fund_figures": "key=works&key=inhabitants&key=2023",
    "fund_keys": "key=S1-W",
    "fund_payments": "key=P-W",
    "fund_programmes": "key=heat-W",
    "fund_projects": "key=F-W",
    "fund_flows": "key=C-W",
    "fund_financing": "key=B-W",
    "fund_sources": "key=F-W&key=W-1",
    "fund_observations": "key=I-W",
    "fund_findings": "key=F-W-effect",
    "fund_claims": "key=F-W&key=2024&key=fund",
    "fund_rates": "key=uba-w&key=climate_cost&key=0.01&key=2024",
    "fund_factors": "key=grid-w&key=2024",
}


@pytest.fixture
def city(site: web.Site, tmp_path: Path) -> web.Site:
    masters.fill(site.settings, tmp_path / "masters")
    return site


def form(page: str) -> dict[str, str]:
    """Return what the first form of a page to change a row holds."""
    inner = page.split('class="wide"', 1)[1].split("</form>", 1)[0]
    found = {
        re.search(r'name="([^"]+)"', field)[1]: re.search(r' value="([^"]*)"', field)[1]  # type: ignore[index] # a field has both
        for field in re.findall(r"<input [^>]*>", inner)
    }
    for name, options in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', inner, re.DOTALL):
        chosen = re.findall(r'<option value="([^"]*)" selected>', options)
        found[name] = chosen[0] if chosen else ""
    del found["csrf"]
    return found


OF_THE_LEAGUE = {"fund_members", "fund_figures", "fund_payments"}
"""What a member owes and paid: it may read it, the organisation above it states it."""


@pytest.mark.parametrize("table", [table.name for table in TABLES])
def test_a_row_of_others_is_not_there_and_an_own_one_is(city: web.Site, table: str) -> None:
    olga, clara = city.as_("olga"), city.as_("clara")
    assert "nothing you may see" in olga.get(f"/master/{table}/row?{FOREIGN[table]}", status=404)
    olga.post(f"/master/{table}/row?{FOREIGN[table]}", {"evidence": "x"}, status=404)
    if table != "instruments":
        clara.get(f"/master/{table}/row?{FOREIGN[table]}")
        is_form = 'class="wide"' in olga.get(f"/master/{table}/row?{OWN[table]}")
        assert is_form == (table not in OF_THE_LEAGUE)
    listed = olga.get(f"/master/{table}")
    assert "chools" not in listed


def test_the_overview_counts_what_the_caller_may_see(city: web.Site) -> None:
    def counts(login: str) -> dict[str, int]:
        page = city.as_(login).get("/master")
        found = re.findall(r'href="/master/(\w+)"><strong>.*?Rows: (\d+)', page, re.DOTALL)
        return {name: int(count) for name, count in found}

    assert counts("olga") == {
        "organisations": 2,
        "figures": 1,
        "sites": 1,
        "sources": 3,
        "terms": 3,
        "instruments": 0,
        "targets": 1,
        "measures": 1,
        "growth": 1,
        "memberships": 1,
        "deliveries": 1,
        "compensations": 1,
        "notation_keys": 1,
        "weights": 1,
        "overlaps": 1,
        **{table.name: 1 for table in FUND_TABLES},
    }
    everything = {name: len(lines) - 1 for name, lines in masters.FILES.items()}
    assert counts("vera") == everything | {"organisations": 4, "instruments": 0}
    tree = city.as_("olga").get("/master").split("<h2", 2)[1]
    assert "Works (works)" in tree
    assert "City" not in tree


def test_a_list_is_narrowed_and_nobody_asks_for_what_is_not_theirs(city: web.Site) -> None:
    olga = city.as_("olga")
    listed = olga.get("/master/sources?organisation=power")
    assert "W-2" in listed
    assert "W-1" not in listed
    assert "MOVED" in olga.get("/master/terms?source=MOVED")
    assert "W-1" not in olga.get("/master/sources?q=moved")
    olga.get("/master/sources?organisation=schools", status=404)
    olga.get("/master/nothing", status=404)
    olga.get("/master/sources?page=0", status=422)
    # what is hidden is not found by searching for it either
    assert "W-2" not in olga.get("/master/sources?q=C-1")
    assert "W-2" in city.as_("clara").get("/master/sources?q=C-1")


def test_who_may_only_read_has_no_form(city: web.Site) -> None:
    for login in ("rita", "vera"):
        page = city.as_(login).get("/master/sites/row?key=plant")
        assert "You may read this row and not change it" in page
        assert 'class="wide"' not in page
        city.as_(login).post("/master/sites/row?key=plant", {"name": "x"}, status=403)
        city.as_(login).get("/master/sites/new", status=403)
    city.as_("boris").get("/master", status=403)


def test_a_number_is_read_as_the_language_writes_it(city: web.Site) -> None:
    olga = city.as_("olga")
    olga.get("/language?to=de&then=/")
    page = olga.get("/master/figures/row?key=works&key=2024-01-01")
    assert 'value="4200,5"' in page
    told = form(page) | {"floor_area_m2": "1.234,5", "reason": "neu vermessen"}
    asked = olga.post("/master/figures/row?key=works&key=2024-01-01", told)
    assert "4.200,5" in asked
    assert "1.234,5" in asked
    saved = olga.post("/master/figures/row?key=works&key=2024-01-01", form_of_agreement(asked))
    assert "Gespeichert" in saved
    with registry_of(city) as registry:
        (held,) = [row for row in figures(registry) if row.organisation == "works"]
        entry = trail.entries(registry, "figures")[-1]
    assert str(held.floor_area_m2) == "1234.50"
    assert (entry.by, entry.reason) == ("olga", "neu vermessen")
    for wrong in ("1,234.5", "1.5", "12 5", "1 234.567", "x"):
        page = olga.post("/master/figures/row?key=works&key=2024-01-01", told | {"floor_area_m2": wrong}, 422)
        assert f'value="{wrong}"' in page
        assert "ist keine Zahl (erwartet: 1.234,5)" in page


def form_of_agreement(page: str, step: str = "save") -> dict[str, str]:
    """Return what the form that asks for agreement holds."""
    inner = page.split('<form class="row"', 1)[1].split("</form>", 1)[0]
    found = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', inner))
    del found["csrf"]
    return found | {"step": step}


@contextmanager
def registry_of(city: web.Site) -> Iterator[Registry]:
    with closing(open_registry(city.settings.registry)) as registry:
        yield registry


def test_a_change_is_shown_before_it_is_saved(city: web.Site) -> None:
    olga = city.as_("olga")
    told = form(olga.get("/master/sites/row?key=plant")) | {"name": "Plant South"}
    asked = olga.post("/master/sites/row?key=plant", told)
    assert re.search(r"Sewage plant North</td>\s*<td[^>]*>Plant South", asked)
    back = olga.post("/master/sites/row?key=plant", form_of_agreement(asked, "edit"))
    assert 'value="Plant South"' in back
    # somebody comes between: it is shown again
    other = olga.post("/master/sites/row?key=plant", told | {"name": "Plant West"})
    olga.post("/master/sites/row?key=plant", form_of_agreement(other))
    late = olga.post("/master/sites/row?key=plant", form_of_agreement(asked), status=422)
    assert "Somebody changed the row meanwhile" in late
    assert "Plant West" in olga.get("/master/sites/row?key=plant")
    same = form(olga.get("/master/sites/row?key=plant"))
    assert "Nothing was changed" in olga.post("/master/sites/row?key=plant", same)


def test_what_was_entered_is_kept_where_something_is_wrong(city: web.Site) -> None:
    olga = city.as_("olga")
    told = {"id": "hall", "organisation": "works", "name": "", "kind": "club", "floor_area_m2": "12,5,5"}
    page = olga.post("/master/sites/new", told, status=422)
    assert 'value="hall"' in page
    assert 'value="12,5,5"' in page
    assert page.count('aria-invalid="true"') == 1  # the number first, then what only the rules find
    page = olga.post("/master/sites/new", told | {"floor_area_m2": "12.5"}, status=422)
    assert page.count('aria-invalid="true"') == 2
    assert "The cell is empty and must not be." in page
    assert "The row was not imported" not in page


@pytest.mark.parametrize(
    ("table", "told", "column"),
    [
        ("sites", {"id": "x", "organisation": "schools", "name": "X"}, "organisation"),
        ("sites", {"id": "x", "organisation": "mars", "name": "X"}, "organisation"),
        ("organisations", {"id": "x", "parent": "schools", "name": "X", "kind": "agency"}, "parent"),
        ("organisations", {"id": "x", "parent": "mars", "name": "X", "kind": "agency"}, "parent"),
        ("sources", {"id": "x", "parent": "S-1", "term.organisation": "works"}, "parent"),
        ("sources", {"id": "x", "parent": "mars", "term.organisation": "works"}, "parent"),
        ("terms", {"source": "S-1", "organisation": "works", "valid_from": "2030-01-01"}, "source"),
        ("terms", {"source": "mars", "organisation": "works", "valid_from": "2030-01-01"}, "source"),
        ("terms", {"source": "W-1", "organisation": "schools", "valid_from": "2030-01-01"}, "organisation"),
        (
            "overlaps",
            {"id": "x", "kind": "part_of", "part_source": "S-1", "whole_source": "W-1"},
            "part_source",
        ),
    ],
)
def test_naming_what_is_of_others_and_what_is_not_there_ends_alike(
    city: web.Site, table: str, told: dict[str, str], column: str
) -> None:
    needed = {"role": "consumed", "tenure": "owned", "control": "true", "evidence": "e"}
    terms = {f"term.{name}": value for name, value in needed.items()}
    page = city.as_("olga").post(f"/master/{table}/new", needed | terms | told, status=422)
    (problem,) = re.findall(r'<p class="kern-error" id="e-([^"]+)">.*?kern-body">(.*?)</span>', page)
    assert problem == (column, "This is not known, or not yours to see. Choose one that is offered.")


def test_a_term_of_a_source_that_others_had_is_refused(city: web.Site) -> None:
    told = {
        "source": "MOVED",
        "organisation": "works",
        "role": "consumed",
        "tenure": "owned",
        "control": "true",
    }
    olga = city.as_("olga")
    refused = olga.post(
        "/master/terms/new", told | {"control": "true", "valid_from": "2020-01-01"}, status=422
    )
    assert "not yours to change" in refused
    with registry_of(city) as registry:
        assert len([term for term in sources.terms(registry) if term.source == "MOVED"]) == 2


def test_a_unit_is_added_below_an_own_one_and_moved_nowhere_else(city: web.Site) -> None:
    olga = city.as_("olga")
    olga.post("/master/organisations/new", {"id": "lab", "parent": "works", "name": "Lab", "kind": "agency"})
    page = olga.post("/master/organisations/new", {"id": "top", "name": "Top", "kind": "agency"}, status=422)
    assert "not yours to change" in page
    moved = form(olga.get("/master/organisations/row?key=lab")) | {"parent": "city"}
    assert "not known, or not yours" in olga.post("/master/organisations/row?key=lab", moved, status=422)
    page = olga.get("/master/organisations/row?key=works")
    assert 'name="parent"' not in page  # what is above it is not hers to see and stays
    assert "not yours to see" in page
    told = form(page) | {"parent": "power", "name": "City works"}
    olga.post(
        "/master/organisations/row?key=works",
        form_of_agreement(olga.post("/master/organisations/row?key=works", told)),
    )
    with registry_of(city) as registry:
        units = organisations(registry)
    assert (units["works"].name, units["works"].parent) == ("City works", "city")
    assert units["lab"].parent == "works"


def test_a_new_source_comes_with_its_term(city: web.Site) -> None:
    olga = city.as_("olga")
    term = {"term.role": "consumed", "term.tenure": "owned", "term.control": "true"}
    alone = olga.post("/master/sources/new", {"id": "NEW", "activity": "electricity"}, status=422)
    assert "A new source needs a term" in alone
    broken = olga.post("/master/sources/new", {"id": "NEW", "term.organisation": "works"}, status=422)
    assert 'id="e-term.role"' in broken
    with registry_of(city) as registry:
        assert "NEW" not in sources.sources(registry)
    olga.post("/master/sources/new", {"id": "NEW", "term.organisation": "works"} | term)
    with registry_of(city) as registry:
        assert "NEW" in sources.sources(registry)
        assert [row.organisation for row in sources.terms(registry) if row.source == "NEW"] == ["works"]
    again = olga.post("/master/sources/new", {"id": "NEW", "term.organisation": "works"} | term, status=422)
    assert "There is such a row already" in again


def test_an_identifier_of_others_is_taken_and_nothing_more_is_said(city: web.Site) -> None:
    told = {"id": "gym", "organisation": "works", "name": "Mine"}
    page = city.as_("olga").post("/master/sites/new", told, status=422)
    assert "not yours to change, or its identifier is taken" in page
    assert "Gym" not in page
    assert "chools" not in page


def test_an_assumed_term_is_shown_and_stated(city: web.Site) -> None:
    with registry_of(city) as registry:
        found = sources.Found("AUTO", "works", "electricity", "kWh", None, None, "consumed")
        sources.register_assumed(registry, [found])
    olga = city.as_("olga")
    assert "assumed by an import" in olga.get("/master/terms")
    assert "State who has it" in olga.get("/master/terms/row?key=AUTO&key=")
    told = form(olga.get("/master/terms/new?source=AUTO"))
    assert (told["source"], told["organisation"], told["tenure"]) == ("AUTO", "works", "owned")
    city.as_("otto").post("/master/terms/new", told | {"organisation": "schools"}, status=422)
    assert "Saved" in olga.post("/master/terms/new", told | {"tenure": "rented"})
    with registry_of(city) as registry:
        (held,) = [term for term in sources.terms(registry) if term.source == "AUTO"]
    assert (held.tenure, held.is_assumed) == ("rented", False)


def test_a_released_year_that_is_touched_is_told_before(city: web.Site) -> None:
    with registry_of(city) as registry:
        for name in ("works", "schools"):
            held = Period(organisation=name, year=2024, state="released", run=f"run {name}")
            periods.put_period(registry, held, Deed("test", "period.release", name))
    olga = city.as_("olga")
    told = {"id": "K-2", "organisation": "works", "kind": "removal", "tonnes": "1"}
    told |= {"standard": "Gold", "evidence": "register"}
    asked = olga.post("/master/compensations/new", told | {"year": "2024"})
    assert "2024 (works) is released. Its balance stays;" in asked
    assert "schools" not in asked
    assert "K-2" not in olga.get("/master/compensations")
    assert "Saved" in olga.post("/master/compensations/new", form_of_agreement(asked))
    assert "Saved" in olga.post("/master/compensations/new", told | {"id": "K-3", "year": "2023"})


def test_an_instrument_is_removed_by_who_may_change_it_with_a_reason(city: web.Site) -> None:
    green = city.settings.data / "green.csv"
    green.write_text(
        "activity,region,valid_from,valid_to,gas,value,mass_unit,per_unit,chain,gwp,title\n"
        "Strom,DE,2024-01-01,2025-01-01,CO2e,0,g,kWh,direct,unstated,Hydro\n",
        encoding="utf-8",
    )
    import_factors(green, city.settings, dry_run=False)
    olga = city.as_("olga")
    factor = "custom:green:electricity::DE:2024-01-01:kWh:none"
    assert factor in olga.get("/master/instruments/new")
    told = {"id": "C", "kind": "contract", "organisation": "works", "activity": "electricity"}
    told |= {"factor": factor, "valid_from": "2024-01-01", "valid_to": "2025-01-01", "evidence": "contract 5"}
    wrong = olga.post("/master/instruments/new", told | {"factor": "custom:gren"}, status=422)
    assert "is not in the catalogue" in wrong
    assert "Saved" in olga.post("/master/instruments/new", told)
    city.as_("otto").post("/master/instruments/remove?key=C", {"why": "x"}, status=404)
    city.as_("rita").post("/master/instruments/remove?key=C", {"why": "x"}, status=403)
    olga.post("/master/instruments/remove?key=C", status=409)
    assert "C" in olga.get("/master/instruments/row?key=C")
    olga.post("/master/instruments/remove?key=C", {"why": "typed twice"})
    olga.get("/master/instruments/row?key=C", status=404)
    with registry_of(city) as registry:
        entry = trail.entries(registry, "C")[-1]
    assert (entry.action, entry.by, entry.reason) == ("instrument.remove", "olga", "typed twice")


def test_a_form_is_filled_in_from_its_address(city: web.Site) -> None:
    olga = city.as_("olga")
    assert form(olga.get("/master/sources/new?organisation=power"))["term.organisation"] == "power"
    assert form(olga.get("/master/organisations/new?organisation=works"))["parent"] == "works"
    told = form(olga.get("/master/terms/new?source=W-1&valid_from=2026-01-01&other=x"))
    assert (told["source"], told["valid_from"]) == ("W-1", "2026-01-01")
    assert "schools" not in olga.get("/master/terms/new?source=W-1")


def test_a_rule_names_no_row_that_may_not_be_seen(city: web.Site) -> None:
    """S-1 is a part of W-1 already; that overlap is of the schools too, whose officer may not see W-1."""
    clara, olga = city.as_("clara"), city.as_("olga")
    told = {"id": "O-2", "kind": "part_of", "part_source": "W-2", "whole_source": "MOVED", "evidence": "plan"}
    assert "O-W" in clara.post("/master/overlaps/new", told, status=422)
    circle = {"id": "O-3", "kind": "part_of", "part_source": "W-1", "whole_source": "W-2", "evidence": "plan"}
    assert "makes a circle" in olga.post("/master/overlaps/new", circle, status=422)
    with registry_of(city) as registry:
        assert {row.id for row in overlaps(registry)} == {"O-W", "O-S"}


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("starts_on", "31.02.2024", "is not a date"),
        ("effect_kwh", "1" * 30, "is not a number"),
        ("lifetime_years", "99999999999", "is not a number"),
        ("lifetime_years", "9" * 5000, "is not a number"),
        ("currency", "EURO", "more than 3 characters"),
        ("title", "a\x00b", "signs that are no text"),
    ],
)
def test_what_the_database_cannot_hold_is_said_at_the_field(
    city: web.Site, column: str, value: str, said: str
) -> None:
    olga = city.as_("olga")
    told = form(olga.get("/master/measures/row?key=M-W")) | {column: value, "evidence": "x"}
    page = olga.post("/master/measures/row?key=M-W", told, status=422)
    assert said in re.findall(rf'id="e-{column}">.*?kern-body">(.*?)</span>', page)[0]
    with registry_of(city) as registry:
        assert {row.evidence for row in measures(registry)} == {"=1+1", "estimate"}
