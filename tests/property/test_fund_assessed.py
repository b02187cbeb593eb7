"""What holds for every assessment, whatever becomes of the rows it was made of."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from property.test_fund_keys import incomes, joining, keys, people
from unit.fund.paying import YEAR, constant, member, payment, town

from bilanz.errors import Refused
from bilanz.fund.accounts import Ledger, ledger
from bilanz.fund.assessed import Assessment, assess
from bilanz.fund.cents import amount_of
from bilanz.fund.contributions import contributions
from bilanz.fund.figures import Figures
from bilanz.fund.member import FundFigure, FundKey, FundMember, FundPayment

rates = st.decimals("0.05", 400, places=4)
drawn_members = st.lists(st.tuples(people, incomes, st.booleans(), rates), min_size=1, max_size=5)
Drawn = list[tuple[int, Decimal, bool, Decimal]]
payments_made = st.lists(st.tuples(st.integers(0, 4), st.integers(-(10**9), 10**9)), max_size=6)


def registered(drawn: Drawn) -> tuple[list[FundMember], list[FundFigure]]:
    """Return members, the first of which stays in the fund's currency, and their figures."""
    members, figures = [], []
    for number, (count, income, is_abroad, rate) in enumerate(drawn):
        currency = "PLN" if is_abroad and number else "EUR"
        members.append(member(f"m{number}", currency=currency))
        figures += town(f"m{number}", count, income)
        if currency == "PLN":
            figures += constant(f"m{number}", {"exchange_rate": (rate, "PLN/EUR")})
    return members, figures


def assessed(
    members: list[FundMember], figures: list[FundFigure], key: FundKey, former: Assessment | None = None
) -> Assessment:
    found = contributions(YEAR, members=members, figures=Figures(figures), key=key)
    told = {"league": "league", "by": "x", "at": "2026-01-01T00:00:00+00:00", "reason": "r"}
    return assess(found, members, former=former, **told)


def account(
    members: list[FundMember],
    figures: list[FundFigure],
    key: FundKey,
    payments: list[FundPayment],
    *history: Assessment,
) -> Ledger:
    return ledger(
        YEAR + 1,
        members=members,
        figures=Figures(figures),
        keys=[key],
        payments=payments,
        assessments={YEAR: history} if history else {},
    )


def paid(members: list[FundMember], made: list[tuple[int, int]]) -> list[FundPayment]:
    return [
        payment(who.organisation, YEAR, amount_of(cents), who.currency, id=f"p{number}")
        for number, (which, cents) in enumerate(made)
        for who in (members[which % len(members)],)
    ]


def shown(found: Ledger) -> list[object]:
    """Return all that is told of the assessed year."""
    year = next(one for one in found.years if one.year == YEAR)
    rows = [(row.organisation, row.per_head, row.due, row.due_own, row.burden) for row in year.rows]
    return [year.due, rows, [account for account in found.accounts if account.year == YEAR]]


@given(drawn_members, keys(), drawn_members, keys(), payments_made)
def test_no_later_figure_rate_or_key_changes_an_assessed_year(
    before: Drawn, key: FundKey, after: Drawn, other: FundKey, made: list[tuple[int, int]]
) -> None:
    members, figures = registered(before)
    one = assessed(members, figures, key)
    payments = paid(members, made)
    _, later = registered((after * len(before))[: len(before)])
    at_first = account(members, figures, key, payments, one)
    assert shown(account(members, later, other, payments, one)) == shown(at_first)
    assert shown(account(members, figures, key, payments)) == shown(at_first), "it is what was reckoned"
    (stands, _) = at_first.standing
    assert (stands.differences, stands.changed) == ((), ())


@given(drawn_members, keys())
def test_the_amounts_add_up_to_the_total_to_the_cent(drawn: Drawn, key: FundKey) -> None:
    members, figures = registered(drawn)
    found = contributions(YEAR, members=members, figures=Figures(figures), key=key)
    one = assessed(members, figures, key)
    assert sum(row.due_cents for row in one.amounts) == one.head.total_cents
    assert one.total == found.due
    with pytest.raises(Refused, match="Nothing has changed"):
        assessed(members, figures, key, former=one)


@given(drawn_members, keys(), drawn_members, payments_made)
def test_arrears_are_due_less_paid_and_add_up(
    before: Drawn, key: FundKey, after: Drawn, made: list[tuple[int, int]]
) -> None:
    members, figures = registered(before)
    one = assessed(members, figures, key)
    _, later = registered((after * len(before))[: len(before)])
    later += [row.model_copy(update={"year": YEAR}) for row in later if row.year == YEAR - 1]
    found = account(members, later, key, paid(members, made), one)
    due = {row.organisation: row.due_cents for row in one.amounts}
    sums: dict[str, Decimal] = {}
    for row in found.accounts:
        if row.year == YEAR:
            assert row.due == amount_of(due[row.organisation])
        assert row.due is not None
        assert row.paid is not None
        assert row.arrears == row.due - row.paid
        sums[row.organisation] = sums.get(row.organisation, Decimal(0)) + row.arrears
        assert row.cumulative == sums[row.organisation]


@given(drawn_members, keys(), drawn_members, joining, st.integers(0, 400))
def test_differences_lead_from_the_assessment_to_what_is_reckoned(
    before: Drawn, key: FundKey, after: Drawn, joined: date, days: int
) -> None:
    """Assessed amounts and differences, somebody who joined included, add up to today's total."""
    members, figures = registered(before)
    one = assessed(members, figures, key)
    _, later = registered((after * len(before))[: len(before)])
    new = member("new", joined_on=joined, left_on=joined + timedelta(days=days + 1))
    found = account([*members, new], [*later, *town("new", 1000, 20_000)], key, [], one)
    (stands, _) = found.standing
    if stands.reckoned is None:
        assert stands.refusal is not None
        return
    assert stands.reckoned.due is not None
    changes = [row.difference for row in stands.differences]
    assert one.total + sum((row for row in changes if row is not None), Decimal(0)) == stands.reckoned.due
    assert None not in changes
    if stands.differences:
        assert stands.changed, "an amount that differs has a cause"
