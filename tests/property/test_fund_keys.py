"""What holds for every fund, whatever its members and its key."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from unit.fund.paying import YEAR, figure, key, member, town

from bilanz.errors import Refused
from bilanz.fund.cents import amount_of, shares
from bilanz.fund.contributions import Contributions, contributions, votes
from bilanz.fund.figures import Figures, Held, Reason
from bilanz.fund.keys import Payer, amounts, rates, total
from bilanz.fund.member import FundFigure, FundKey, FundMember
from bilanz.fund.memberchecks import check_key
from bilanz.fund.scenarios import compare

people = st.integers(1, 5_000_000)
incomes = st.decimals(1_000, 100_000, places=2)
capacities = st.decimals(1, 10_000, places=2)
joining = st.dates(date(2020, 1, 1), date(2027, 1, 5))
exponents = st.sampled_from([Decimal(0), Decimal("0.5"), Decimal(1), Decimal("1.5"), Decimal("2.25")])
gradients = st.decimals(0, 1, places=4)
amounts_per_head = st.decimals("0.01", 500, places=2)
countries = st.sampled_from(["DE", "PL", "EE"])


@st.composite
def payers(draw: st.DrawFn) -> list[Payer]:
    """Draw members; the first is the anchor of an anchored key."""
    rows = draw(st.lists(st.tuples(people, incomes, capacities, countries), min_size=1, max_size=8))
    return [
        Payer(f"m{number}", country, Fraction(count), Fraction(income), Fraction(capacity))
        for number, (count, income, capacity, country) in enumerate(rows)
    ]


@st.composite
def keys(draw: st.DrawFn, modes: tuple[str, ...] = ("total", "anchor")) -> FundKey:
    """Draw a key that passes its check."""
    kind = draw(st.sampled_from(["elastic", "relief", "two_tier"]))
    mode = draw(st.sampled_from(modes))
    told: dict[str, object] = {
        "mode": mode,
        "anchor": "m0" if mode == "anchor" else None,
        "amount": draw(amounts_per_head),
    }
    if kind == "elastic" or (kind == "two_tier" and draw(st.booleans())):
        told["elasticity"] = draw(exponents)
    else:
        told["relief"] = draw(gradients)
    if kind == "two_tier":
        told["fiscal_weight"] = draw(gradients)
    held = Decimal(1) if kind == "elastic" else Decimal(str(told["amount"]))
    if draw(st.booleans()):
        told["lowest"] = (held * draw(st.decimals(0, 1, places=2))).quantize(Decimal("1e-4"))
    if draw(st.booleans()):
        told["highest"] = (held * draw(st.decimals(1, 3, places=2))).quantize(Decimal("1e-4"))
    found = key(kind, **told)
    check_key(found)
    return found


@given(
    st.integers(0, 10**14),
    st.dictionaries(st.text(max_size=4), st.fractions(0, 10**6), min_size=1, max_size=9),
)
def test_shares_add_up_and_are_off_by_less_than_a_cent(cents: int, weights: dict[str, Fraction]) -> None:
    whole = sum(weights.values(), Fraction(0))
    assume(whole > 0)
    found = shares(cents, weights)
    assert sum(found.values()) == cents
    assert all(abs(found[name] - cents * weight / whole) < 1 for name, weight in weights.items())
    assert found == shares(cents, dict(reversed(weights.items())))
    assert sum((amount_of(share) for share in found.values()), Decimal(0)) == amount_of(cents)


@given(payers(), keys(("total",)))
def test_a_fixed_total_is_raised_exactly(members: list[Payer], given_key: FundKey) -> None:
    found = rates(given_key, members)
    owed = amounts(given_key, members)
    assert sum(found[one.organisation] * one.inhabitants for one in members) == total(given_key, members)
    assert sum(owed.values()) == total(given_key, members) * 100
    assert all(
        abs(owed[one.organisation] - found[one.organisation] * one.inhabitants * 100) < 1 for one in members
    )


@given(payers(), keys(("anchor",)))
def test_the_anchor_pays_its_amount_and_everybody_to_half_a_cent(
    members: list[Payer], given_key: FundKey
) -> None:
    found = rates(given_key, members)
    owed = amounts(given_key, members)
    assert found["m0"] == Fraction(given_key.amount)
    for one in members:
        assert abs(owed[one.organisation] - found[one.organisation] * one.inhabitants * 100) <= Fraction(1, 2)


@given(payers(), keys())
def test_whoever_has_more_pays_no_less(members: list[Payer], given_key: FundKey) -> None:
    found = rates(given_key, members)
    if given_key.key == "two_tier":
        # inside a country by tax capacity
        pairs = [(one, other) for one in members for other in members if one.country == other.country]
        assert all(
            found[one.organisation] <= found[other.organisation]
            for one, other in pairs
            if (one.capacity or 0) <= (other.capacity or 0)
        )
        return
    ordered = sorted(members, key=lambda one: one.income)
    per_head = [found[one.organisation] for one in ordered]
    assert per_head == sorted(per_head)
    assert all(
        found[one.organisation] == found[other.organisation]
        for one in members
        for other in members
        if one.income == other.income
    )


@given(payers(), keys(("total",)), st.decimals(1, 50_000, places=2))
def test_whoever_earns_more_than_before_pays_no_less_and_the_others_no_more(
    members: list[Payer], given_key: FundKey, more: Decimal
) -> None:
    assume(given_key.key != "two_tier" and given_key.lowest is None and given_key.highest is None)
    before = rates(given_key, members)
    richer = [replace(members[0], income=members[0].income + Fraction(more)), *members[1:]]
    after = rates(given_key, richer)
    slack = Fraction(1, 10**20) * Fraction(given_key.amount)  # powers have 34 digits
    assert after["m0"] >= before["m0"] - slack
    assert all(after[one.organisation] <= before[one.organisation] + slack for one in members[1:])


@given(payers(), keys(), st.fractions(Fraction(1, 1000), 1000, max_denominator=10**6))
def test_incomes_in_another_currency_give_the_same_cents(
    members: list[Payer], given_key: FundKey, rate: Fraction
) -> None:
    scaled = [
        replace(one, income=one.income * rate, capacity=None if one.capacity is None else one.capacity * rate)
        for one in members
    ]
    assert rates(given_key, scaled) == rates(given_key, members)
    assert amounts(given_key, scaled) == amounts(given_key, members)


@given(payers(), keys(), st.integers(2, 1000))
def test_a_key_in_another_currency_gives_rates_as_much_larger(
    members: list[Payer], given_key: FundKey, rate: int
) -> None:
    is_weight = given_key.key == "elastic"
    limits = {
        name: limit if limit is None or is_weight else limit * rate
        for name, limit in (("lowest", given_key.lowest), ("highest", given_key.highest))
    }
    other = given_key.model_copy(update={"amount": given_key.amount * rate, **limits})
    found = rates(given_key, members)
    assert rates(other, members) == {name: per_head * rate for name, per_head in found.items()}


@given(payers(), keys(), st.randoms())
def test_the_order_of_members_decides_about_no_cent(
    members: list[Payer], given_key: FundKey, random: Random
) -> None:
    shuffled = sorted(members, key=lambda _: random.random())
    assert amounts(given_key, shuffled) == amounts(given_key, members)


@given(payers(), keys())
def test_limits_are_kept(members: list[Payer], given_key: FundKey) -> None:
    found = rates(given_key, members)
    low, high = given_key.lowest, given_key.highest
    if given_key.key == "elastic":
        # weights are clipped: nobody pays more than highest/lowest times another
        if low and high:
            assert max(found.values()) * Fraction(low) <= min(found.values()) * Fraction(high)
        return
    assert all(low is None or rate >= Fraction(low) for rate in found.values())
    assert all(high is None or rate <= Fraction(high) for rate in found.values())


@given(payers(), keys(("total",)), st.decimals("0.01", 100, places=2), st.booleans())
def test_limits_that_cannot_raise_the_total_are_refused(
    members: list[Payer],
    given_key: FundKey,
    beyond: Decimal,
    is_low: bool,  # noqa: FBT001 - drawn
) -> None:
    assume(given_key.key != "elastic")
    limits = {"lowest": given_key.amount + beyond, "highest": None}
    if not is_low:
        assume(given_key.amount > beyond)
        limits = {"lowest": None, "highest": given_key.amount - beyond}
    impossible = given_key.model_copy(update=limits)
    with pytest.raises(Refused, match="cannot be kept"):
        rates(impossible, members)
    with pytest.raises(Refused, match="must hold"):
        check_key(impossible)


@given(payers(), keys(("total",)))
def test_where_no_limit_holds_rates_are_in_proportion(members: list[Payer], given_key: FundKey) -> None:
    """Redistribution scales: whoever is inside the limits keeps the proportions it had without them."""
    assume(given_key.key == "relief")
    free = rates(given_key.model_copy(update={"lowest": None, "highest": None}), members)
    found = rates(given_key, members)
    limits = {None if limit is None else Fraction(limit) for limit in (given_key.lowest, given_key.highest)}
    scales = {found[name] / free[name] for name in found if found[name] not in limits}
    assert len(scales) <= 1


@given(payers(), keys(("anchor",)), people, incomes, capacities, countries)
def test_a_new_member_changes_nobody_elses_amount_where_the_anchor_is_fixed(
    members: list[Payer], given_key: FundKey, count: int, income: Decimal, capacity: Decimal, country: str
) -> None:
    new = Payer("new", country, Fraction(count), Fraction(income), Fraction(capacity))
    before, after = amounts(given_key, members), amounts(given_key, [*members, new])
    is_tiers = given_key.key == "two_tier"
    for one in members:
        if is_tiers and one.country == country != members[0].country:
            continue  # the second tier shares what its country owes
        assert after[one.organisation] == before[one.organisation]


Drawn = list[tuple[int, Decimal, date, int]]
drawn_members = st.lists(st.tuples(people, incomes, joining, st.integers(0, 4000)), min_size=1, max_size=6)


def registered(drawn: Drawn) -> tuple[list[FundMember], list[FundFigure]]:
    """Return members, most of them for a part of the year, and their figures."""
    members = [
        member(f"m{number}", joined_on=joined, left_on=joined + timedelta(days=days + 1) if days else None)
        for number, (_, _, joined, days) in enumerate(drawn)
    ]
    figures = [
        row for number, (count, income, _, _) in enumerate(drawn) for row in town(f"m{number}", count, income)
    ]
    return members, figures


def of(members: list[FundMember], figures: list[FundFigure], given_key: FundKey) -> Contributions:
    return contributions(YEAR, members=members, figures=Figures(figures), key=given_key)


@given(drawn_members, keys(("total",)))
def test_amounts_add_up_to_the_total_whenever_members_join_or_leave(drawn: Drawn, given_key: FundKey) -> None:
    members, figures = registered(drawn)
    found = of(members, figures, given_key)
    people_of_year = sum(Fraction(drawn[int(row.organisation[1:])][0] * row.days, 365) for row in found.rows)
    assert sum(row.due or 0 for row in found.rows) == found.due
    assert found.due == amount_of(round(Fraction(given_key.amount) * people_of_year * 100))


@given(drawn_members, keys(("anchor",)), people, incomes, joining)
def test_joining_on_any_day_changes_no_row_of_others_where_the_anchor_is_fixed(
    drawn: Drawn, given_key: FundKey, count: int, income: Decimal, joined: date
) -> None:
    members, figures = registered(drawn)
    new = member("new", joined_on=joined)  # of the country of the anchor
    before = of(members, figures, given_key)
    after = of([*members, new], [*figures, *town("new", count, income)], given_key)
    assert [row for row in after.rows if row.organisation != "new"] == list(before.rows)


@given(st.lists(incomes, min_size=1, max_size=8), st.integers(1, 8))
def test_a_mean_takes_exactly_the_years_it_declares(values: list[Decimal], mean_years: int) -> None:
    rows = [figure("x", "income", YEAR - 1 - back, value, "EUR") for back, value in enumerate(values)]
    found = Figures([*rows, figure("x", "income", YEAR, 10**9, "EUR")]).mean(
        "x", "income", range(YEAR - mean_years, YEAR)
    )
    if len(values) < mean_years:
        assert not isinstance(found, Held)
        assert found.reason == Reason.MISSING
        assert len(dict(found.facts)["years"].split(", ")) == mean_years - len(values)
    else:
        assert isinstance(found, Held)
        assert found.value == sum(map(Fraction, values[:mean_years])) / mean_years


@given(drawn_members, st.integers(0, 5), st.integers(YEAR - 3, YEAR - 1), keys(("total",)))
def test_one_missing_figure_leaves_a_fixed_total_without_any_amount(
    drawn: Drawn, which: int, year: int, given_key: FundKey
) -> None:
    members, figures = registered(drawn)
    complete = of(members, figures, given_key)
    assume(complete.rows)
    name = complete.rows[which % len(complete.rows)].organisation
    lacking = [row for row in figures if (row.organisation, row.kind, row.year) != (name, "income", year)]
    found = of(members, lacking, given_key)
    assert {row.due for row in found.rows} == {None}
    assert found.due is None
    assert all(row.gaps for row in found.rows)


@given(drawn_members, keys(), keys(), st.dates(date(2020, 1, 1), date(2030, 1, 1)))
def test_votes_know_nothing_of_money(drawn: Drawn, one: FundKey, other: FundKey, day: date) -> None:
    members, figures = registered(drawn)
    cast = votes(members, day)
    assert set(cast.values()) <= {1}
    poorer, _ = registered([(1, income, joined, days) for _, income, joined, days in drawn])
    assert votes(poorer, day) == cast
    asked = {name for given_key in (one, other) for name in _names(of(members, figures, given_key))}
    if day.year == YEAR:
        assert set(cast) <= asked  # whoever votes is asked to pay, whatever that is


def _names(found: Contributions) -> Mapping[str, object]:
    return {row.organisation: row.due for row in found.rows}


@given(drawn_members, keys(("total",)), keys(("total",)))
def test_with_equal_totals_what_one_gains_others_lose(drawn: Drawn, one: FundKey, other: FundKey) -> None:
    members, figures = registered(drawn)
    alike = other.model_copy(update={"amount": one.amount, "lowest": None, "highest": None})
    _, scenario = compare(YEAR, members=members, figures=Figures(figures), in_force=one, others=[alike])
    assert sum(outcome.due_difference or 0 for outcome in scenario.outcomes) == 0
    assert scenario.due_difference == 0
