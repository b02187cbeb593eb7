"""Payouts by hand."""

from decimal import Decimal

import pytest

from bilanz.errors import UnitError, UsageError
from bilanz.fund.payout import Payout, PayoutRule, nothing, payout, pomv, real_return
from bilanz.money import Money

D = Decimal
VALUES = {
    year: Money(D(amount), "EUR")
    for year, amount in {2021: "100", 2022: "140", 2023: "90", 2024: "110"}.items()
}


def of(rule: PayoutRule, year: int) -> Payout:
    return payout(rule, VALUES, year, currency="EUR")


def test_by_the_rule_none_nothing_is_paid_whatever_is_known() -> None:
    assert (of(nothing(), 1999).amount, of(nothing(), 1999).missing_years) == (D(0), ())


def test_the_real_return_is_of_the_end_of_the_year_before() -> None:
    # 3 % of 110
    found = of(real_return(D("0.03")), 2025)
    assert (found.base, found.amount) == (D("110.00"), D("3.30"))


def test_percent_of_market_value_is_of_the_mean_of_the_years_before() -> None:
    # (140 + 90 + 110) / 3 = 113.33; 5 % of 113.333… = 5.666… → 5.67
    found = of(pomv(D("0.05"), 3), 2025)
    assert (found.base, found.amount) == (D("113.33"), D("5.67"))


def test_a_missing_market_value_leaves_the_payout_open_and_is_named() -> None:
    found = of(pomv(D("0.05"), 3), 2023)
    assert (found.amount, found.base, found.missing_years) == (None, None, (2020,))
    assert of(real_return(D("0.03")), 2026).missing_years == (2025,)


def test_nothing_is_paid_out_of_less_than_nothing() -> None:
    debt = {2024: Money(D(-100), "EUR")}
    assert payout(real_return(D("0.03")), debt, 2025, currency="EUR").amount == 0


def test_a_market_value_in_another_currency_is_refused() -> None:
    with pytest.raises(UnitError, match="PLN"):
        payout(real_return(D("0.03")), {2024: Money(D(100), "PLN")}, 2025, currency="EUR")


@pytest.mark.parametrize(("rate", "years"), [("1.5", 5), ("-0.1", 5), ("0.05", 0)])
def test_a_rule_that_is_none_is_refused(rate: str, years: int) -> None:
    with pytest.raises(UsageError):
        pomv(D(rate), years)
