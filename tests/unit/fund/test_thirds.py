"""The rule of thirds by hand: amounts in thousands, T the total of a year, a third of it T/3."""

from decimal import Decimal

import pytest
from unit.fund.money import paid, split

from bilanz.errors import UsageError
from bilanz.fund.exchange import Exchange
from bilanz.fund.project import FlowKind, FundFlow, Pillar
from bilanz.fund.spending import book
from bilanz.fund.thirds import Thirds, ThirdsRule, thirds
from bilanz.fund.thirds import ThirdsVerdict as Verdict

D = Decimal
PROJECTS = [split("n", "1", "0", "0"), split("s", "0", "1", "0"), split("d", "0", "0", "1")]
RULE = ThirdsRule(D("0.05"), 1)
Amounts = dict[int, tuple[int, int, int]]


def flows(amounts: Amounts) -> list[FundFlow]:
    return [
        paid(year, str(amount), of)
        for year, spent in amounts.items()
        for of, amount in zip("nsd", spent, strict=True)
        if amount
    ]


def judged(amounts: Amounts, rule: ThirdsRule = RULE, closed_until: int = 2030) -> Thirds:
    spending = book(PROJECTS, flows(amounts), Exchange("EUR"))
    return thirds(spending, FlowKind.DISBURSEMENT, rule, closed_until=closed_until)


def verdicts(found: Thirds) -> dict[int, Verdict]:
    return {year.year: year.verdict for year in found.years}


def test_within_the_tolerance_the_rule_is_kept() -> None:
    # T = 300, edge = 100 − 0.05 · 300 = 85
    found = judged({2024: (115, 100, 85)})
    (year,) = found.years
    assert (year.verdict, year.cumulative_verdict) == (Verdict.KEPT, Verdict.KEPT)
    assert [one.share for one in year.pillars] == [D("0.383333"), D("0.333333"), D("0.283333")]
    assert [one.lacking for one in year.pillars] == [0, 0, 0]


def test_a_lack_is_what_is_short_of_the_edge_and_breaks_the_rule_when_time_is_over() -> None:
    # T = 300, edge 85: democracy lacks 85 − 60 = 25; nobody makes up for it
    found = judged({2024: (140, 100, 60)})
    (year,) = found.years
    assert year.pillars[2].lacking == year.pillars[2].remaining == D(25)
    assert (year.verdict, year.cumulative_verdict) == (Verdict.BROKEN, Verdict.LACKING)


def test_while_there_is_time_a_lack_is_open() -> None:
    assert verdicts(judged({2024: (140, 100, 60)}, closed_until=2024)) == {2024: Verdict.OPEN}
    assert verdicts(judged({2024: (140, 100, 60)}, closed_until=2025)) == {2024: Verdict.BROKEN}
    alone = ThirdsRule(D("0.05"), 0)
    assert verdicts(judged({2024: (140, 100, 60)}, alone, 2024)) == {2024: Verdict.BROKEN}
    assert judged({2024: (140, 100, 60)}).years[0].make_up_until == 2025


def test_what_one_year_lacks_is_made_up_in_the_next() -> None:
    # 2024: T 300, edge 85, nature lacks 85 − 0 = 85.
    # 2025: T 300, nature gets 200, 100 more than its third: 85 made up, 15 left as an advance.
    #       The others got 50 each, lack 85 − 50 = 35 each; each had 50 beyond its third in 2024: an advance.
    found = judged({2024: (0, 150, 150), 2025: (200, 50, 50)})
    first, second = found.years
    assert (first.pillars[0].lacking, first.pillars[0].made_up, first.pillars[0].remaining) == (85, 85, 0)
    assert [one.from_advance for one in second.pillars] == [0, 35, 35]
    assert verdicts(found) == {2024: Verdict.MADE_UP, 2025: Verdict.ADVANCED}
    assert [one.cumulative_share for one in second.pillars] == [D("0.333333")] * 3
    assert second.cumulative_verdict == Verdict.KEPT


def test_too_late_is_not_made_up() -> None:
    # carried for one year only: 2026 cannot make up for 2024; with two years it can
    amounts = {2024: (0, 150, 150), 2025: (100, 100, 100), 2026: (200, 50, 50)}
    assert verdicts(judged(amounts))[2024] == Verdict.BROKEN
    assert verdicts(judged(amounts, ThirdsRule(D("0.05"), 2)))[2024] == Verdict.MADE_UP
    # the advances of 2024 have lapsed by 2026, too, and nobody makes up for 2026
    assert verdicts(judged(amounts))[2026] == Verdict.BROKEN


def test_the_oldest_lack_is_made_up_first_and_every_cent_once() -> None:
    # 2024 and 2025: T 300, nature lacks 85 each.
    # 2026: nature 300 of 450, a third is 150: 150 to make up with, 85 for 2024 and 65 for 2025; 20 remain.
    amounts = {2024: (0, 150, 150), 2025: (0, 150, 150), 2026: (300, 75, 75)}
    found = judged(amounts, ThirdsRule(D("0.05"), 2))
    first, second = (year.pillars[0] for year in found.years[:2])
    assert (first.made_up, first.remaining) == (85, 0)
    assert (second.made_up, second.remaining) == (65, 20)
    assert verdicts(found)[2025] == Verdict.BROKEN


def test_an_advance_counts_once() -> None:
    # 2024: nature 250 of 300, 150 beyond its third. 2025 and 2026: nothing of 300, it lacks 85 each:
    # 85 of the advance for 2025, the other 65 for 2026; 20 remain.
    amounts = {2024: (250, 25, 25), 2025: (0, 150, 150), 2026: (0, 150, 150)}
    found = judged(amounts, ThirdsRule(D("0.05"), 2))
    second, third = (year.pillars[0] for year in found.years[1:])
    assert (second.from_advance, second.remaining) == (85, 0)
    assert (third.from_advance, third.remaining) == (65, 20)


def test_money_that_came_back_can_leave_a_pillar_short() -> None:
    # 2025: nature −90, T = −90, a third is −30: nature lacks −30 − (−90) = 60
    found = judged({2024: (100, 100, 100), 2025: (-90, 0, 0)})
    second = found.years[1]
    assert second.pillars[0].lacking == 60
    assert [one.share for one in second.pillars] == [None, None, None]
    assert second.verdict == Verdict.BROKEN
    # in all: 10, 100, 100 of 210; edge 70 − 10.5 = 59.5
    assert second.cumulative_verdict == Verdict.LACKING


def test_a_year_without_money_says_so() -> None:
    found = judged({2024: (100, 100, 100), 2026: (100, 100, 100)})
    assert verdicts(found)[2025] == Verdict.NOTHING_SPENT
    assert found.years[1].cumulative_verdict == Verdict.KEPT


def test_money_apart_leaves_the_year_and_any_lack_it_might_cover_without_a_verdict() -> None:
    euros = flows({2023: (140, 100, 60), 2024: (100, 100, 100), 2026: (100, 100, 100)})
    spending = book(PROJECTS, [*euros, paid(2024, "50", "d", "PLN")], Exchange("EUR"))
    found = thirds(spending, FlowKind.DISBURSEMENT, RULE, closed_until=2030)
    assert verdicts(found) == {
        2023: Verdict.INCOMPLETE,  # what was paid in zloty may have made up for it
        2024: Verdict.INCOMPLETE,
        2025: Verdict.NOTHING_SPENT,
        2026: Verdict.KEPT,  # on its own
    }
    assert [year.cumulative_verdict for year in found.years] == [Verdict.LACKING, *[Verdict.INCOMPLETE] * 3]
    assert [str(one.money) for one in found.years[1].apart] == ["50 PLN"]
    assert found.years[1].total == 300


def test_a_lack_splits_into_its_parts_to_the_cent() -> None:
    # T = 100.01; edge = 100.01/3 = 33.33666…; nature lacks 33.34 (rounded once), none of it made up
    spending = book(PROJECTS, [paid(2024, "50.01", "s"), paid(2024, "50", "d")], Exchange("EUR"))
    found = thirds(spending, FlowKind.DISBURSEMENT, ThirdsRule(D(0), 1), closed_until=2030)
    nature = found.years[0].pillars[0]
    assert nature.pillar == Pillar.NATURE
    assert (nature.lacking, nature.remaining) == (D("33.34"), D("33.34"))
    assert nature.from_advance == nature.made_up == 0


@pytest.mark.parametrize(("tolerance", "years"), [("-0.01", 1), ("0.34", 1), ("0.05", -1)])
def test_a_rule_that_is_none_is_refused(tolerance: str, years: int) -> None:
    with pytest.raises(UsageError):
        ThirdsRule(D(tolerance), years)
