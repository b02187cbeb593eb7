"""Liquidity by hand."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from unit.fund.money import committed, paid, project

from bilanz.fund.exchange import Exchange
from bilanz.fund.liquidity import Liquidity, Unknown, liquidity
from bilanz.fund.member import FundPayment
from bilanz.fund.payout import Payout, nothing, payout, real_return
from bilanz.fund.project import FundFlow
from bilanz.fund.spending import book
from bilanz.money import Money

D = Decimal
EURO = Exchange("EUR", {("PLN", 2023): D(4)})
PROJECTS = [
    project("P", planned_completion=date(2023, 12, 31)),
    project("Q", planned_completion=date(2026, 1, 1)),
]
NONE = {year: payout(nothing(), {}, year, currency="EUR") for year in range(2022, 2027)}


def payment(on: date, amount: str, currency: str = "EUR") -> FundPayment:
    return FundPayment(
        id=f"{on}-{amount}",
        organisation="town",
        year=2023,
        paid_on=on,
        amount=D(amount),
        currency=currency,
        evidence="bank",
    )


PAYMENTS = [payment(date(2023, 5, 1), "1000"), payment(date(2024, 1, 5), "500")]
FLOWS = [
    committed(2023, "700", "P"),
    paid(2023, "300", "P"),
    paid(2024, "100", "P"),
    committed(2024, "900", "Q"),
    paid(2024, "50", "Q"),
]


def of(
    payments: list[FundPayment] = PAYMENTS,
    flows: list[FundFlow] = FLOWS,
    *,
    payouts: Mapping[int, Payout] = NONE,
) -> Liquidity:
    spending = book(PROJECTS, flows, EURO)
    return liquidity(payments, payouts, PROJECTS, spending, EURO, opening=D(10), this_year=2024)


def test_the_balance_is_what_came_in_less_what_went_out() -> None:
    # 2023: 10 + 1 000 − 300 = 710; 2024: 710 + 500 − 150 = 1 060, by the day of payment
    first, second, *_ = of().years
    assert (first.contributions, first.disbursed, first.change, first.balance) == (1000, 300, 700, 710)
    assert (second.contributions, second.disbursed, second.balance) == (500, 150, 1060)


def test_promises_stand_in_the_year_a_project_is_to_be_completed() -> None:
    # P: 700 − 400 = 300 since 2023, overdue; Q: 900 − 50 = 850 in 2026
    found = of()
    assert {row.year: row.to_pay for row in found.years} == {2023: 300, 2024: 0, 2025: 0, 2026: 850}
    assert found.to_pay == 1150
    assert [row.is_overdue for row in found.years] == [True, False, False, False]


def test_of_later_years_only_promises_are_known() -> None:
    last = of().years[-1]
    assert (last.contributions, last.payout, last.disbursed, last.balance) == (None, None, None, None)
    assert last.unknown == (Unknown.FUTURE,)


def test_a_payout_is_added() -> None:
    # 3 % of 2 000 = 60 in 2024; 2023: nothing by the market value of 2022, 0
    values = {2022: Money(D(0), "EUR"), 2023: Money(D(2000), "EUR")}
    paid_out = {year: payout(real_return(D("0.03")), values, year, currency="EUR") for year in (2023, 2024)}
    assert of(payouts=paid_out).years[1].balance == 1120


def test_an_unknown_payout_leaves_this_and_later_balances_open() -> None:
    unknown = {2023: payout(real_return(D("0.03")), {}, 2023, currency="EUR"), 2024: NONE[2024]}
    first, second, *_ = of(payouts=unknown).years
    assert (first.unknown, first.change, first.balance) == ((Unknown.PAYOUT,), None, None)
    assert (second.unknown, second.change, second.balance) == ((), 350, None)
    assert of(payouts={}).years[0].unknown == (Unknown.PAYOUT,)


def test_money_that_cannot_be_converted_is_apart_and_leaves_the_balance_open() -> None:
    # 400 PLN of 2023 are 100 EUR; those of 2024 have no rate
    zloty = [payment(date(2023, 2, 1), "400", "PLN"), payment(date(2024, 2, 1), "400", "PLN")]
    first, second, *_ = of(zloty, [*FLOWS, paid(2024, "8", "P", "PLN")]).years
    assert first.contributions == 100
    assert second.unknown == (Unknown.CONTRIBUTION, Unknown.DISBURSEMENT)
    assert [str(money) for money in second.apart] == ["400 PLN", "8 PLN"]
    assert second.balance is None


def test_without_any_money_the_year_asked_for_is_still_told() -> None:
    found = of([], [])
    assert [(row.year, row.balance) for row in found.years] == [(2024, 10)]
