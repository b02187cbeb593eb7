"""What meters no longer tell counts for nothing, and why a project is not measured is always said."""

from datetime import date
from decimal import Decimal
from string import Formatter

import pytest
from unit.fund.money import project

from bilanz.errors import Refused
from bilanz.fund.effect.reason import KEPT, because
from bilanz.fund.finding import (
    check_finding,
    facts_said,
    is_of_meters,
    months_of,
    named,
    outdated,
    reason_of,
)
from bilanz.fund.observed import AVOIDED, SAVED, TONNES, yearly_effects
from bilanz.fund.project import FundFinding, FundObservation, FundProject
from bilanz.fund.unmeasured import Unmeasured, unmeasured

D = Decimal
YEAR = 2024
LOOKED, SINCE = date(2025, 3, 1), date(2025, 1, 15)
FEW = '{"count": "5", "least": "12"}'


def finding(year: int | None = YEAR, **told: object) -> FundFinding:
    given = {"assessed_on": LOOKED, "since": SINCE, "evidence": "meters", "project": "P"}
    return FundFinding(id=f"P-effect-{year}", year=year, **(given | told))


def observation(indicator: str = SAVED, value: str = "40000", **told: object) -> FundObservation:
    given = {
        "id": named("P", indicator, YEAR),
        "unit": "kWh" if indicator == SAVED else TONNES,
        "sight": "ex_post",
        "half_width": D(3000),
        "evidence": "meters",
    }
    return FundObservation(project="P", indicator=indicator, year=YEAR, value=D(value), **(given | told))


def whole(**told: object) -> FundFinding:
    return finding(**({"saved": D(40000), "unit": "kWh", "half_width": D(3000)} | told))


def test_what_the_meters_still_say_stands() -> None:
    assert outdated([observation()], [whole()]) == ()
    assert outdated([observation()], []) == (), "nobody has looked since"
    assert outdated([observation()], [finding(None, code="no_baseline")]) == (), "it is of no year"


def test_a_reason_against_the_year_outdates_its_figures_and_keeps_what_is_known_of_a_part() -> None:
    part = whole(code="part_of_year", facts='{"count": "9", "least": "12"}', saved=D(31000))
    rows = [observation(), observation(AVOIDED, "16"), observation("flats", "3")]
    first, second = outdated(rows, [part])
    assert (first.observation.indicator, first.told) == (AVOIDED, None)
    assert (second.observation.indicator, second.told) == (SAVED, (D(31000), "kWh", D(3000)))
    assert second.since == SINCE


@pytest.mark.parametrize("other", [{"saved": D(39000)}, {"unit": "MWh"}, {"half_width": None}])
def test_another_figure_outdates_the_one_that_is_stated(other: dict[str, object]) -> None:
    (found,) = outdated([observation()], [whole(**other)])
    assert found.told != (D(40000), "kWh", D(3000))


def test_tonnes_without_a_factor_any_more_are_outdated_and_the_saving_is_not() -> None:
    (found,) = outdated([observation(), observation(AVOIDED, "16")], [whole()])
    assert (found.observation.indicator, found.told) == (AVOIDED, None)


def test_what_people_state_is_not_of_the_meters() -> None:
    by_hand = observation(id="audit-7")
    assert not is_of_meters(by_hand)
    assert not is_of_meters(observation(sight="ex_ante"))
    assert outdated([by_hand], [finding(code="no_month")]) == ()


def test_months_are_told_where_the_reason_counts_them() -> None:
    assert months_of(because("too_few_before", count=5, least=12)) == (5, 12)
    assert months_of(because("no_month")) == (0, 12)
    assert months_of(because("poor_model", error=31, limit=25)) == (None, None)


def test_a_reason_comes_back_as_it_was_kept() -> None:
    reason = because("drifting_baseline", p=0.003)
    row = finding(code=reason.code, facts=facts_said(reason))
    assert reason_of(row) == reason
    assert reason_of(finding()) is None


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"code": "too_few_before"}, "count, least"),
        ({"code": "too_few_before", "facts": '{"count": 5, "least": 12}'}, "count, least"),
        ({"code": "no_month", "facts": FEW}, "needs the facts –"),
        ({"facts": "{"}, "as JSON"),
        ({"since": date(2025, 3, 2)}, "later day"),
        ({"saved": D(1)}, "needs its unit"),
        ({"year": None, "avoided_t": D(1)}, "needs its year"),
        ({"half_width_t": D(-1)}, "negative"),
    ],
)
def test_a_row_that_contradicts_itself_is_refused(told: dict[str, object], words: str) -> None:
    with pytest.raises(Refused) as refused:
        check_finding(finding(**told))
    assert words in refused.value.template.format(**refused.value.parameters)


@pytest.mark.parametrize("code", sorted(KEPT))
def test_every_code_may_be_kept_with_the_facts_of_its_text(code: str) -> None:
    names = {name for _, name, _, _ in Formatter().parse(KEPT[code]) if name}
    reason = because(code, **dict.fromkeys(names, "x"))
    row = finding(code=code, facts=facts_said(reason))
    check_finding(row)
    assert reason_of(row) == reason


def metered(**told: object) -> FundProject:
    return project("P", **({"completed_on": date(2023, 6, 1), "unit": "kWh", "nature_share": D(1)} | told))


def why(
    of: FundProject, *rows: FundFinding, stated: tuple[FundObservation, ...] = (), year: int = YEAR
) -> Unmeasured:
    (found,) = unmeasured([of], yearly_effects([of], stated, [], year), rows, stated, year)
    return found


def test_nobody_has_looked_is_said() -> None:
    found = why(metered())
    assert (found.reason.code, found.assessed_on, found.since) == ("not_looked", None, None)


def test_the_reason_of_the_year_stands_before_that_of_the_project() -> None:
    of_all = finding(None, code="no_degree_days")
    part = finding(code="part_of_year", facts='{"count": "7", "least": "12"}')
    found = why(metered(), of_all, part)
    assert (found.reason.code, found.months, found.needed) == ("part_of_year", 7, 12)
    assert (found.since, found.assessed_on) == (SINCE, LOOKED)
    assert why(metered(), of_all).reason.code == "no_degree_days"


@pytest.mark.parametrize(
    ("told", "looked", "code"),
    [
        ({"completed_on": date(2025, 2, 1)}, date(2025, 3, 1), "later"),
        ({"completed_on": None}, None, "not_completed"),
        ({}, date(2023, 3, 1), "not_looked_after"),
        ({}, date(2023, 12, 31), "not_looked_since"),
        ({}, date(2024, 1, 1), "no_month"),
        ({"nature_share": D(0), "social_share": D(1)}, None, "no_meters"),
    ],
)
def test_what_no_assessment_says_is_told_by_the_row(
    told: dict[str, object], looked: date | None, code: str
) -> None:
    rows = [] if looked is None else [finding(None, assessed_on=looked, since=looked)]
    found = why(metered(**told), *rows)
    assert (found.reason.code, found.since, found.assessed_on) == (code, None, looked)


def test_an_assessment_from_before_says_nothing_of_the_year() -> None:
    old = {"assessed_on": date(2023, 12, 1), "since": date(2023, 12, 1)}
    assert why(metered(), finding(None, code="no_degree_days", **old)).reason.code == "not_looked_since"
    undone = finding(None, code="not_completed")
    assert why(metered(), undone).reason.code == "no_month", "it has been completed since"
    assert why(metered(completed_on=None), undone).reason.code == "not_completed"


def test_who_is_measured_is_not_listed_and_who_is_stated_twice_is() -> None:
    other = observation(id="audit")
    assert unmeasured([metered()], yearly_effects([metered()], [other], [], YEAR), [], [other], YEAR) == ()
    assert why(metered(), stated=(observation(), other)).reason.code == "not_counted"


def test_projects_meters_are_not_to_judge_stand_last() -> None:
    rows = [project("A", nature_share=D(0), social_share=D(1)), metered()]
    found = unmeasured(rows, yearly_effects(rows, [], [], YEAR), [], [], YEAR)
    assert [(one.project, one.is_metered) for one in found] == [("P", True), ("A", False)]
