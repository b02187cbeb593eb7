"""The portfolio by hand: three projects, money in euros, tonnes of one year."""

from datetime import date
from decimal import Decimal

from unit.fund.money import committed, paid, split

from bilanz.fund.attribution import attribute
from bilanz.fund.exchange import Exchange
from bilanz.fund.portfolio import (
    Dimension,
    Group,
    Holding,
    ProjectEffect,
    groups,
    holdings,
    outstanding,
    total,
)
from bilanz.fund.spending import book

D = Decimal
EURO = Exchange("EUR")
PROJECTS = [
    split("roof", "0.8", "0.2", "0", total_cost=D(400), icma_category="energy", overlap_share=D(0)),
    split("bus", "1", "0", "0", total_cost=D(1000), icma_category="transport", organisation="harbour"),
    split("school", "0", "0.5", "0.5", taxonomy_state="aligned"),
]
FLOWS = [
    committed(2024, "200", "roof"),
    paid(2024, "100", "roof"),
    committed(2024, "500", "bus"),
    paid(2024, "250", "bus"),
    committed(2024, "60", "school"),
    paid(2024, "50", "school"),
]
EFFECTS = [
    ProjectEffect("roof", 2024, D(40), D(30), D(3)),
    ProjectEffect("bus", 2024, D(80), None, None),
]


def held(effects: list[ProjectEffect] | None = None) -> tuple[Holding, ...]:
    shares = {one.id: attribute(one, FLOWS, [], EURO, date(2024, 12, 31)) for one in PROJECTS}
    return holdings(PROJECTS, book(PROJECTS, FLOWS, EURO), shares, EFFECTS if effects is None else effects)


def by(dimension: Dimension, members: dict[str, str] | None = None) -> dict[str | None, Group]:
    return {group.key: group for group in groups(held(), dimension, members)}


def test_money_and_what_is_still_to_be_paid() -> None:
    # committed 760, paid 400: 360 to pay
    found = total(held())
    assert (found.committed, found.disbursed, found.outstanding, found.to_pay) == (760, 400, 400, 360)
    assert outstanding(held()) == {"bus": 250, "roof": 100, "school": 50}


def test_alpha_coverage_is_money_with_an_effect_and_a_share() -> None:
    # roof 100 and bus 250 of 400: school has neither cost nor effect
    found = total(held())
    assert (found.covered, found.alpha_coverage) == (350, D("0.875"))
    # without an effect there is nothing to attribute, whatever the share
    assert total(held([])).alpha_coverage == 0


def test_an_effect_nobody_has_a_share_of_is_not_covered() -> None:
    # school: 50 of 400 with an effect and without a total cost
    found = total(held([*EFFECTS, ProjectEffect("school", 2024, D(2), D(1), None)]))
    assert (found.covered, found.expected_t, found.fund_expected_t) == (350, 122, 30)


def test_a_project_of_two_pillars_stands_in_both_with_its_share() -> None:
    # nature: 0.8 · 100 + 250 = 330; social: 0.2 · 100 + 0.5 · 50 = 45; democracy: 25
    found = by(Dimension.PILLAR)
    assert list(found) == ["nature", "social", "democracy_digital"]
    assert [group.disbursed for group in found.values()] == [330, 45, 25]
    # tonnes likewise: 0.8 · 40 + 80 = 112 and 0.2 · 40 = 8; none of democracy is expected, which is not 0
    assert [group.expected_t for group in found.values()] == [112, 8, None]
    # covered of social: 20 of 45
    assert found["social"].alpha_coverage == D("0.444444444444")


def test_a_pillar_without_a_project_is_shown_empty() -> None:
    empty = groups([], Dimension.PILLAR)
    assert [(group.key, group.projects, group.alpha_coverage) for group in empty] == [
        ("nature", (), None),
        ("social", (), None),
        ("democracy_digital", (), None),
    ]


def test_delivered_compares_projects_that_have_both_figures() -> None:
    # roof: 30 of 40; the 80 expected of the bus are not measured and not in it
    found = total(held())
    assert (found.expected_t, found.measured_t, found.half_width_t) == (120, 30, 3)
    assert (found.compared_expected_t, found.compared_measured_t, found.delivered) == (40, 30, D("0.75"))
    assert (found.without_expected, found.without_measured) == (("school",), ("bus", "school"))


def test_the_funds_part_follows_each_share() -> None:
    # expected: roof 0.25 · 40 = 10, bus 0.25 · 80 = 20; measured: roof 0.25 · 30 = 7.5
    found = total(held())
    assert (found.fund_expected_t, found.fund_measured_t) == (30, D("7.5"))


def test_a_measured_effect_without_interval_leaves_the_sum_without() -> None:
    found = total(held([*EFFECTS[:1], ProjectEffect("bus", 2024, D(80), D(70), None)]))
    assert (found.measured_t, found.half_width_t) == (100, None)
    wide = total(held([*EFFECTS[:1], ProjectEffect("bus", 2024, D(80), D(70), D(5))]))
    assert wide.half_width_t == 8  # 3 + 5: whatever they have in common


def test_what_is_not_stated_is_a_group_of_its_own_and_last() -> None:
    assert list(by(Dimension.ICMA)) == ["energy", "transport", None]
    assert by(Dimension.ICMA)[None].projects == ("school",)
    assert list(by(Dimension.TAXONOMY)) == ["aligned", None]


def test_projects_count_for_the_member_they_belong_to() -> None:
    assert {key: group.disbursed for key, group in by(Dimension.MEMBER).items()} == {
        "harbour": 250,
        "town": 150,
    }
    joined = by(Dimension.MEMBER, {"harbour": "town"})
    assert {key: group.disbursed for key, group in joined.items()} == {"town": 400}


def test_money_taken_back_weighs_nothing() -> None:
    back = split("back", "1", "0", "0")
    spending = book([back], [committed(2024, "10", "back"), paid(2024, "-5", "back")], EURO)
    found = total(holdings([back], spending, {}, []))
    assert (found.disbursed, found.outstanding, found.to_pay) == (-5, 0, 15)


def test_a_project_whose_shares_are_wrong_is_not_lost() -> None:
    wrong = split("wrong", "1", "1", "0")
    effect = ProjectEffect("wrong", 2024, D(5), None, None)
    found = groups(holdings([wrong], book([wrong], [], EURO), {}, [effect]), Dimension.PILLAR)
    assert [(group.key, group.expected_t) for group in found][-1] == (None, 5)
