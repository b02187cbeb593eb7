"""Money of several currencies is converted at the year's rate or not at all."""

from decimal import Decimal

import pytest

from bilanz.errors import Refused, UnknownName
from bilanz.fund.exchange import Exchange
from bilanz.money import Money

D = Decimal
RATES = Exchange("EUR", {("PLN", 2024): D("4.3"), ("PLN", 2025): D("4.25"), ("CZK", 2024): D("25.1")})


def test_an_amount_is_divided_by_the_rate_of_its_year() -> None:
    # 430 / 4.3 = 100; 430 / 4.25 = 101.176… → 101.18
    assert RATES.in_fund(Money(D(430), "PLN"), 2024) == D("100.00")
    assert RATES.in_fund(Money(D(430), "PLN"), 2025) == D("101.18")


def test_between_two_foreign_currencies_it_goes_by_the_funds() -> None:
    # 43 PLN / 4.3 = 10 EUR; 10 · 25.1 = 251 CZK
    assert RATES.exchanged(Money(D(43), "PLN"), 2024, "CZK") == Money(D("251.00"), "CZK")
    assert RATES.exchanged(Money(D(10), "EUR"), 2024, "PLN") == Money(D("43.00"), "PLN")


def test_without_a_rate_of_the_year_there_is_no_amount() -> None:
    assert RATES.in_fund(Money(D(430), "PLN"), 2023) is None
    assert RATES.in_fund(Money(D(430), "SEK"), 2024) is None
    assert RATES.exchanged(Money(D(1), "EUR"), 2023, "PLN") is None


def test_money_in_the_currency_asked_for_needs_no_rate_and_is_not_rounded() -> None:
    assert RATES.in_fund(Money(D("1.005"), "EUR"), 1999) == D("1.005")
    assert RATES.exchanged(Money(D(7), "PLN"), 1999, "PLN") == Money(D(7), "PLN")


def test_half_a_cent_goes_to_the_even_one() -> None:
    # 0.01 / 2 = 0.005 → 0.00; 0.03 / 2 = 0.015 → 0.02
    halves = Exchange("EUR", {("PLN", 2024): D(2)})
    assert halves.in_fund(Money(D("0.01"), "PLN"), 2024) == D("0.00")
    assert halves.in_fund(Money(D("0.03"), "PLN"), 2024) == D("0.02")


@pytest.mark.parametrize(
    ("currency", "rate"), [("PLN", D(0)), ("PLN", D(-1)), ("EUR", D("1.1"))], ids=["zero", "negative", "own"]
)
def test_what_is_no_rate_is_refused(currency: str, rate: Decimal) -> None:
    with pytest.raises(Refused, match="no exchange rate"):
        Exchange("EUR", {(currency, 2024): rate})


def test_an_unknown_currency_is_refused() -> None:
    with pytest.raises(UnknownName, match="XXX"):
        Exchange("XXX")
    with pytest.raises(UnknownName, match="YYY"):
        Exchange("EUR", {("YYY", 2024): D(1)})
