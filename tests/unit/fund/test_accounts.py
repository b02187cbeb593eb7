"""Arrears by hand: a owes 222 m, b 76.8 m, c 3.6 m EUR a year."""

from datetime import date

import pytest
from unit.fund.paying import anchored, constant, known, member, members, payment, three, town

from bilanz.errors import Refused
from bilanz.fund.accounts import Ledger, ledger
from bilanz.fund.figures import Figures, Reason
from bilanz.fund.member import FundFigure, FundKey, FundMember, FundPayment

KEY = anchored("elastic", elasticity=1)
LATER = [
    row for name in "abc" for row in constant(name, {"inhabitants": (1_000_000, "person")}, [2026, 2027])
]


def told(found: Ledger, name: str) -> list[tuple[int, str, str, str, str]]:
    return [
        (row.year, str(row.due), str(row.paid), str(row.arrears), str(row.cumulative))
        for row in found.accounts
        if row.organisation == name
    ]


def account(
    last: int,
    *payments: FundPayment,
    given: list[FundMember] | None = None,
    rows: list[FundFigure] | None = None,
    keys: list[FundKey] | None = None,
) -> Ledger:
    """Return accounts of cities whose figures of 2025 are those of the years after."""
    later = [
        row.model_copy(update={"year": year}) for year in (2026, 2027) for row in three() if row.year == 2025
    ]
    figures = Figures([*three(), *later, *(rows or ())])
    return ledger(last, members=given or members(), figures=figures, keys=keys or [KEY], payments=payments)


def test_arrears_add_up_and_an_overpayment_stays_visible() -> None:
    found = account(
        2028,
        payment("c", 2026, "4000000.00"),
        payment("c", 2027, "3000000.00"),
        payment("c", 2027, "500000.55"),
    )
    assert told(found, "c") == [
        (2026, "3600000.00", "4000000.00", "-400000.00", "-400000.00"),
        (2027, "3600000.00", "3500000.55", "99999.45", "-300000.55"),
        (2028, "3600000.00", "0.00", "3600000.00", "3299999.45"),
    ]
    assert told(found, "b")[-1] == (2028, "76800000.00", "0.00", "76800000.00", "230400000.00")


def test_money_paid_back_is_negative() -> None:
    found = account(2026, payment("c", 2026, 4_000_000), payment("c", 2026, -400_000))
    assert told(found, "c") == [(2026, "3600000.00", "3600000.00", "0.00", "0.00")]


def test_a_payment_in_the_members_currency_counts_at_the_rate_it_was_told() -> None:
    poland = member("p", currency="PLN")
    rows = [*town("p", 1000, 20_000), *constant("p", {"exchange_rate": ("4.32", "PLN/EUR")}, [2025])]
    found = account(2026, payment("p", 2026, "129600.00", "PLN"), given=[*members(), poland], rows=rows)
    assert told(found, "p") == [(2026, "30000.00", "30000.00", "0.00", "0.00")]  # 129,600/4.32


def test_a_payment_that_cannot_be_converted_leaves_the_arrears_open() -> None:
    found = account(2027, payment("c", 2026, 1_000_000), payment("c", 2026, 1, "USD"))
    assert told(found, "c") == [
        (2026, "3600000.00", "None", "None", "None"),
        (2027, "3600000.00", "0.00", "3600000.00", "None"),
    ]
    first = next(row for row in found.accounts if row.organisation == "c")
    assert [one.text("en") for one in first.gaps] == [
        "c: a payment for 2026 in USD cannot be converted to EUR."
    ]


def test_a_payment_needs_the_rate_of_its_year() -> None:
    poland = member("p", currency="PLN")
    found = account(
        2026, payment("p", 2026, 1, "PLN"), given=[*members(), poland], rows=town("p", 1000, 20_000)
    )
    row = found.accounts[-1]
    assert (row.paid, [one.reason for one in row.gaps]) == (None, [Reason.MISSING])


def test_an_unknown_due_makes_the_sum_unknown_from_then_on() -> None:
    figures = known(*LATER, without=[("c", "income", 2023)])
    found = ledger(2027, members=members(), figures=figures, keys=[KEY], payments=[payment("c", 2026, 5)])
    assert told(found, "c") == [
        (2026, "None", "5.00", "None", "None"),
        (2027, "None", "0.00", "None", "None"),
    ]


def test_who_left_owes_what_it_owed_and_nothing_more() -> None:
    leaving = [*members()[:2], member("c", left_on=date(2027, 1, 1))]
    found = account(2028, payment("c", 2027, 600_000), given=leaving)
    assert told(found, "c") == [
        (2026, "3600000.00", "0.00", "3600000.00", "3600000.00"),
        (2027, "0.00", "600000.00", "-600000.00", "3000000.00"),
        (2028, "0.00", "0.00", "0.00", "3000000.00"),
    ]


def test_money_of_somebody_who_is_no_member_is_not_lost() -> None:
    found = account(2027, payment("x", 2026, 10), payment("x", 2027, 1, "USD"))
    assert told(found, "x") == [
        (2026, "0.00", "10.00", "-10.00", "-10.00"),
        (2027, "0.00", "None", "None", "None"),
    ]


def test_payments_for_other_years_are_listed() -> None:
    early, late = payment("c", 2024, 1), payment("c", 2027, 2)
    found = account(2026, early, late)
    assert found.outside == (early, late)
    assert told(found, "c") == [(2026, "3600000.00", "0.00", "3600000.00", "3600000.00")]


def test_before_the_first_key_there_is_no_account() -> None:
    assert account(2025).accounts == ()
    assert ledger(2026, members=members(), figures=known(), keys=[], payments=[]).years == ()


def test_a_later_key_takes_over_in_its_year() -> None:
    half = anchored("elastic", elasticity=1, id="half", first_year=2027, amount=30)
    found = account(2028, keys=[KEY, half])
    assert [row[1] for row in told(found, "c")] == ["3600000.00", "1800000.00", "1800000.00"]
    assert [year.key.id for year in found.years] == ["key-elastic", "half", "half"]


def test_accounts_in_two_currencies_are_refused() -> None:
    other = anchored("elastic", elasticity=1, id="other", first_year=2027, currency="PLN")
    with pytest.raises(Refused, match="change from EUR to PLN in 2027"):
        account(2028, keys=[KEY, other])
