"""The fund's money adds up to the cent, and its verdicts do not depend on order or scale."""

from datetime import date
from decimal import Decimal
from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st
from unit.fund.money import committed, paid, split

from bilanz.fund.attribution import attribute, attributed
from bilanz.fund.claims import claimed
from bilanz.fund.cost import Discount, MacConvention, MacState, constant, cost_per_tonne
from bilanz.fund.exchange import Exchange
from bilanz.fund.portfolio import Dimension, ProjectEffect, groups, holdings, total
from bilanz.fund.project import (
    Claimant,
    FlowKind,
    FundClaim,
    FundFinancing,
    FundFlow,
    FundProject,
    Pillar,
    Sight,
)
from bilanz.fund.spending import book
from bilanz.fund.tags import EU_2021_2027, tagged
from bilanz.fund.thirds import Thirds, ThirdsRule, ThirdsVerdict, thirds
from bilanz.money import Money

D = Decimal
PAID = FlowKind.DISBURSEMENT
RATES = Exchange("EUR", {("PLN", year): D("4.2501") for year in range(2020, 2024)})
MILLION = 1_000_000
YEARS = st.integers(2020, 2026)
CENTS = st.integers(-(10**9), 10**11)
NAMES = st.sampled_from("PQRX")  # X is no project
TAGS = st.sampled_from([None, "principal", "significant", "none", "unfavourable"])


@st.composite
def projects(draw: st.DrawFn) -> list[FundProject]:
    found = []
    for name in "PQR":
        first, second = sorted([draw(st.integers(0, MILLION)), draw(st.integers(0, MILLION))])
        parts = (first, second - first, MILLION - second)
        shares = [str(D(part) / MILLION) for part in parts]
        told = {"climate_tag": draw(TAGS), "total_cost": D(draw(st.integers(1, 10**11))) / 100}
        found.append(split(name, *shares, icma_category=draw(st.sampled_from([None, "a", "b"])), **told))
    return found


@st.composite
def money(draw: st.DrawFn) -> FundFlow:
    make = draw(st.sampled_from([paid, committed]))
    amount = D(draw(CENTS)).scaleb(-2)
    return make(draw(YEARS), str(amount), draw(NAMES), draw(st.sampled_from(["EUR", "EUR", "PLN"])))


FLOWS = st.lists(money(), max_size=15)
RULES = st.builds(ThirdsRule, st.sampled_from([D(0), D("0.05"), D("0.2")]), st.integers(0, 3))
SPENT = st.lists(st.tuples(YEARS, st.sampled_from("nsd"), st.integers(-(10**6), 10**7)), max_size=20)


def judged(spent: list[tuple[int, str, int]], rule: ThirdsRule, scale: int = 1) -> Thirds:
    pure = [split("n", "1", "0", "0"), split("s", "0", "1", "0"), split("d", "0", "0", "1")]
    flows = [paid(year, str(D(cents * scale).scaleb(-2)), of) for year, of, cents in spent]
    return thirds(book(pure, flows, Exchange("EUR")), PAID, rule, closed_until=2025)


@given(projects(), FLOWS)
def test_every_flow_is_booked_or_apart_and_pillars_add_up_to_the_total(
    told: list[FundProject], flows: list[FundFlow]
) -> None:
    spending = book(told, flows, RATES)
    assert len(flows) == len(spending.booked) + len(spending.apart)
    for kind in FlowKind:
        by_year, by_project = spending.by_year(kind), spending.by_project(kind)
        assert sum(sums.total for sums in by_year.values()) == sum(by_project.values())
        for sums in by_year.values():
            cents = sums.in_cents()
            assert cents.total == sums.total
            assert all(abs(cents.of(pillar) - sums.of(pillar)) < D("0.01") for pillar in Pillar)


@given(projects(), FLOWS)
def test_tags_and_groups_hold_all_money_and_nothing_twice(
    told: list[FundProject], flows: list[FundFlow]
) -> None:
    spending = book(told, flows, RATES)
    paid_out = sum(spending.by_project(PAID).values())
    tags = tagged(told, spending, PAID, EU_2021_2027)
    assert tags.total == paid_out
    effects = [ProjectEffect(one.id, 2024, D("10.123456"), D("7.654321"), None) for one in told[:2]]
    held = holdings(told, spending, {}, effects)
    whole = total(held)
    assert whole.disbursed == paid_out
    for dimension in Dimension:
        parts = groups(held, dimension)
        for figure in ("committed", "disbursed", "outstanding", "covered"):
            assert sum(getattr(part, figure) for part in parts) == getattr(whole, figure)
        assert sum(part.measured_t or 0 for part in parts) == whole.measured_t


@given(SPENT, RULES)
def test_a_lack_is_advanced_made_up_or_remains_and_no_cent_counts_twice(
    spent: list[tuple[int, str, int]], rule: ThirdsRule
) -> None:
    found = judged(spent, rule)
    cent = D("0.01")
    for number, pillar in enumerate(Pillar):
        rows = [(year.total, year.pillars[number]) for year in found.years]
        for _, row in rows:
            assert row.pillar == pillar
            assert row.lacking == row.from_advance + row.made_up + row.remaining
            assert min(row.lacking, row.from_advance, row.made_up, row.remaining) >= 0
        used = sum(row.from_advance + row.made_up for _, row in rows)
        excess = sum(max(D(0), row.amount - whole / 3) for whole, row in rows)
        assert used <= excess + 2 * cent * len(rows)


@given(SPENT, RULES)
def test_verdicts_follow_from_what_remains(spent: list[tuple[int, str, int]], rule: ThirdsRule) -> None:
    for year in judged(spent, rule).years:
        lacks = sum(row.lacking for row in year.pillars)
        remains = sum(row.remaining for row in year.pillars)
        match year.verdict:
            case ThirdsVerdict.KEPT:
                assert lacks == 0
            case ThirdsVerdict.ADVANCED | ThirdsVerdict.MADE_UP:
                assert remains == 0
            case ThirdsVerdict.OPEN:
                assert year.make_up_until > 2025
            case ThirdsVerdict.BROKEN:
                assert year.make_up_until <= 2025
            case _:
                assert year.total == 0


@given(SPENT, RULES, st.randoms(use_true_random=False), st.integers(2, 1000))
def test_neither_order_nor_scale_changes_a_verdict(
    spent: list[tuple[int, str, int]], rule: ThirdsRule, random: Random, scale: int
) -> None:
    shuffled = list(spent)
    random.shuffle(shuffled)
    expected = [(year.verdict, year.cumulative_verdict) for year in judged(spent, rule).years]
    for found in (judged(shuffled, rule), judged(spent, rule, scale)):
        assert [(year.verdict, year.cumulative_verdict) for year in found.years] == expected


@given(SPENT)
def test_more_tolerance_never_breaks_a_year_that_kept_the_rule(spent: list[tuple[int, str, int]]) -> None:
    rules = [ThirdsRule(tolerance, 1) for tolerance in (D(0), D("0.05"), D("0.1"), D("0.333"))]
    kept = [
        {year.year for year in judged(spent, rule).years if year.verdict == ThirdsVerdict.KEPT}
        for rule in rules
    ]
    assert all(narrow <= wide for narrow, wide in pairwise(kept))


@given(st.dictionaries(YEARS, st.integers(1, 10**9)), RULES)
def test_equal_thirds_keep_the_rule_every_year(spent: dict[int, int], rule: ThirdsRule) -> None:
    found = judged([(year, pillar, cents) for year, cents in spent.items() for pillar in "nsd"], rule)
    assert {year.verdict for year in found.years} <= {ThirdsVerdict.KEPT, ThirdsVerdict.NOTHING_SPENT}
    assert all(year.cumulative_verdict == ThirdsVerdict.KEPT for year in found.years)


@given(
    st.integers(0, 10**10),
    st.integers(-(10**8), 10**8),
    st.integers(1, 10**9),
    st.integers(1, 60),
    st.integers(-200_000, 200_000),
)
def test_for_years_alike_the_discounted_cost_per_tonne_is_that_of_the_annuity(
    investment: int, yearly: int, kilograms: int, years: int, rate: int
) -> None:
    flow = constant(
        "m", Money(D(investment).scaleb(-2), "EUR"), (D(yearly).scaleb(-2), D(kilograms).scaleb(-3)), years
    )
    discount = Discount(D(rate).scaleb(-6), "board")
    discounted = cost_per_tonne(flow, discount, MacConvention.DISCOUNTED)
    annuity = cost_per_tonne(flow, discount, MacConvention.ANNUITY)
    assert discounted.mac == annuity.mac is not None
    undiscounted = cost_per_tonne(flow, discount, MacConvention.UNDISCOUNTED_TONNES)
    if rate == 0:
        assert undiscounted.mac == discounted.mac
    if rate > 0 and discounted.state == MacState.KNOWN:  # more tonnes in the denominator
        assert undiscounted.mac is not None
        assert undiscounted.mac.amount <= discounted.mac.amount


OTHERS = st.tuples(
    st.integers(1, 10**11), st.sampled_from(["EUR", "PLN"]), st.none() | st.dates(date(2019, 1, 1))
)


@given(projects(), FLOWS, st.lists(OTHERS, max_size=3), st.integers(0, MILLION))
def test_the_funds_part_never_exceeds_the_effect(
    told: list[FundProject],
    flows: list[FundFlow],
    others: list[tuple[int, str, date | None]],
    overlap: int,
) -> None:
    project = told[0]
    project.overlap_share = D(overlap) / MILLION
    rows = [
        FundFinancing(
            id=str(at),
            project="P",
            financier=str(at),
            amount=D(cents).scaleb(-2),
            currency=currency,
            on=on,
            evidence="x",
        )
        for at, (cents, currency, on) in enumerate(others)
    ]
    share = attribute(project, flows, rows, RATES, date(2026, 12, 31))
    is_told = {one.name: one.gap is None for one in share.others}
    assert is_told == {
        str(at): currency == "EUR" or (on is not None and 2020 <= on.year < 2024)
        for at, (_, currency, on) in enumerate(others)
        if on is None or on.year <= 2026
    }
    found = attributed(project, share, D(1000), Sight.EX_POST)
    assert (share.alpha is None) == (found.attributed_t is None)
    if share.alpha is not None:
        assert 0 <= share.alpha <= 1
        assert (share.sum_of_shares is not None) == all(is_told.values())
        assert share.sum_of_shares is None or share.sum_of_shares <= 1
        assert found.attributed_t is not None
        assert 0 <= found.attributed_t <= 1000 * share.alpha + D("0.0000005"), "rounded to six decimals"


@given(
    st.dictionaries(st.sampled_from(list(Claimant)), st.integers(0, MILLION)),
    st.integers(-(10**9), 10**9),
)
def test_claimed_unclaimed_and_disputed_tonnes_are_the_effect(
    shares: dict[Claimant, int], grams: int
) -> None:
    claims = [
        FundClaim(project="P", year=2024, claimant=who, share=D(part) / MILLION, evidence="x")
        for who, part in shares.items()
    ]
    effect = D(grams).scaleb(-6)
    (year,) = claimed(claims, {("P", 2024): effect}).years
    assert sum(tonnes for _, tonnes in year.tonnes) + year.unclaimed_t + year.disputed_t == effect
    assert bool(year.disputed_t) <= (sum(shares.values()) > MILLION)
