"""What meters came to is kept as rows that never outlive what they say, and travels with a bundle."""

from contextlib import closing
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import fundboards
import polars as pl
import pytest
from unit.fund.effect.made import alternating, question, rows, use

from bilanz.app.fund import observations as fundobservations
from bilanz.app.fund.board import board_of, rows_of
from bilanz.app.fund.findings import Kept, findings_of, newer, of_member, reasons_only
from bilanz.app.settings import Settings
from bilanz.fund.effect.assessment import assess
from bilanz.fund.effect.reason import NotAssessable, refuse
from bilanz.fund.effect.result import Effect
from bilanz.fund.project import FundFinding, FundSource
from bilanz.registry.engine import open_registry

FIRST, NEXT = date(2025, 2, 1), date(2025, 5, 1)
SOURCES = (FundSource(project="P", source="A", use="touched"),)


@pytest.fixture(scope="module")
def effect() -> Effect:
    """Nine months of 2022 and three of 2023, of a project that saves water."""
    found = assess(question(use(rows("A", alternating)), "A"))
    assert isinstance(found, Effect)
    return found


def complete(effect: Effect) -> Effect:
    """Return the same with every month of 2022."""
    first, *others = effect.saving.years
    years = (replace(first, months=12), *others)
    return replace(effect, saving=replace(effect.saving, years=years))


def looked(found: Effect | NotAssessable, day: date, kept: Kept | None = None) -> dict[str, FundFinding]:
    kept = Kept(sources=SOURCES) if kept is None else kept
    return {row.id: row for row in findings_of({"P": found}, kept, day, "en")}


def again(found: Effect | NotAssessable, before: dict[str, FundFinding]) -> dict[str, FundFinding]:
    return looked(found, NEXT, Kept(list(before.values()), (), SOURCES))


def test_a_project_and_each_of_its_years_have_a_row(effect: Effect) -> None:
    found = looked(complete(effect), FIRST)
    told = [(name, row.year, row.code) for name, row in found.items()]
    assert told == [
        ("P-effect", None, None),
        ("P-effect-2022", 2022, None),
        ("P-effect-2023", 2023, "part_of_year"),
    ]
    # 275 days of 2 m³ in 2022, 90 in 2023 (docs/fund.md, by hand)
    assert (found["P-effect-2022"].saved, found["P-effect-2022"].unit) == (Decimal("550.000"), "kWh")
    part = found["P-effect-2023"]
    assert (part.saved, part.facts) == (Decimal("180.000"), '{"count": "3", "least": "12"}')
    assert part.evidence.startswith("meters A; version ")


def test_since_is_the_first_day_that_said_the_same(effect: Effect) -> None:
    before = looked(effect, FIRST)
    same = again(effect, before)
    assert {(row.since, row.assessed_on) for row in same.values()} == {(FIRST, NEXT)}
    other = again(complete(effect), before)
    assert (other["P-effect-2022"].code, other["P-effect-2022"].since) == (None, NEXT)
    assert other["P-effect-2023"].since == FIRST


def test_no_row_of_a_year_outlives_what_it_says(effect: Effect) -> None:
    before = looked(complete(effect), FIRST)
    gone = again(refuse("drifting_baseline", p=0.003), before)
    assert {name: row.code for name, row in gone.items()} == dict.fromkeys(before, "drifting_baseline")
    assert {row.saved for row in gone.values()} == {None}
    only = replace(effect, saving=replace(effect.saving, years=effect.saving.years[1:]))
    assert again(only, before)["P-effect-2022"].code == "no_month"


def test_a_registry_that_knows_no_meters_takes_nothing_back(effect: Effect) -> None:
    before = looked(complete(effect), FIRST)
    assert again(refuse("no_source"), before) == {}
    (first,) = looked(refuse("no_source"), FIRST).values()
    (then,) = again(refuse("no_source"), {first.id: first}).values()
    assert (then.code, then.since, then.assessed_on) == ("no_source", FIRST, NEXT)


def test_an_earlier_assessment_takes_no_later_one_back(effect: Effect) -> None:
    first, then = (list(looked(effect, day).values()) for day in (FIRST, NEXT))
    assert newer(first, then) == []
    assert newer(then, first) == then
    assert newer(first, first) == first


@pytest.fixture
def league(tmp_path: Path) -> Settings:
    return fundboards.league(tmp_path)


def test_a_figure_the_meters_no_longer_tell_leaves_the_sums_of_the_board(league: Settings) -> None:
    """MH-04 avoided 16 t and MD-02 23.6 t; the readings of MH-04 were corrected since."""
    refused = refuse("too_few_before", count=5, least=12)
    assert fundobservations.keep(league, {"MH-04": refused}, NEXT, "test").exit_code == 0
    board = board_of(league, fundboards.YEAR)
    assert board.whole.measured_t == Decimal("23.6")
    assert {one.observation.id for one in board.outdated} == {"MH-04-saved-2024", "MH-04-avoided-2024"}
    found = next(one for one in board.unmeasured if one.project == "MH-04")
    assert (found.reason, found.months, found.needed) == (refused.reason, 5, 12)
    assert len(board.rows.observations) == len(board_of(league, 2023).rows.observations)
    assert fundobservations.stale({"MH-04": refused}, board.rows.observations, "en") == [
        one.observation for one in board.outdated
    ]
    assert fundobservations.stale({"MH-04": refuse("no_source")}, board.rows.observations, "en") == []


def test_what_is_outdated_is_not_published_but_its_reason_is(league: Settings) -> None:
    fundobservations.keep(league, {"MH-04": refuse("no_baseline")}, NEXT, "test")
    registry = open_registry(league.registry)
    units = {project.organisation for project in rows_of(registry).projects}
    effects = fundobservations.published(registry, units, fundboards.YEAR)
    assert effects["project"].to_list() == ["MD-02"]
    told = of_member(registry, units, fundboards.YEAR)
    registry.close()
    assert told.select("project", "year", "code").rows() == [
        ("MH-04", None, "no_baseline"),
        ("MH-04", 2024, "no_baseline"),
    ]
    assert "evidence" not in told.columns, "meters are not named"


def test_of_few_places_the_reason_is_published_and_no_figure(effect: Effect, league: Settings) -> None:
    fundobservations.keep(league, {"MH-04": complete(effect)}, NEXT, "test")
    with closing(open_registry(league.registry)) as registry:
        units = {project.organisation for project in rows_of(registry).projects}
        told = reasons_only(of_member(registry, units, fundboards.YEAR))
    withheld = told.filter(pl.col("code") == "too_few_places")
    assert withheld.select("project", "year", "facts").rows() == [("MH-04", 2022, None)]
    assert set(told["code"]) == {"part_of_year", "no_month", "too_few_places"}
    assert (
        told.select("saved_quantity", "unit", "half_width", "co2e_kg").null_count().row(0)
        == (told.height,) * 4
    )
