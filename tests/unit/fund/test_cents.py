"""Largest remainder by hand."""

from decimal import Decimal
from fractions import Fraction

import pytest

from bilanz.errors import Refused
from bilanz.fund.cents import amount_of, decimal, shares, whole_cents


def weights(**given: int) -> dict[str, Fraction]:
    return {name: Fraction(weight) for name, weight in given.items()}


def test_the_cents_left_go_to_the_largest_remainders() -> None:
    # 100 · 47/100 = 47.0, 16.0, 15.8, 12.0, 6.1, 3.1 of 100: 99 are given, 15.8 has the largest remainder
    given = shares(100, weights(a=4700, b=1600, c=1580, d=1200, e=610, f=310))
    assert given == {"a": 47, "b": 16, "c": 16, "d": 12, "e": 6, "f": 3}


def test_equal_remainders_are_served_in_the_order_of_the_identifiers() -> None:
    assert shares(200, weights(c=1, b=1, a=1)) == {"a": 67, "b": 67, "c": 66}


def test_identifiers_come_out_sorted() -> None:
    assert list(shares(3, weights(z=1, a=2))) == ["a", "z"]


def test_nothing_is_shared_among_nobody() -> None:
    assert shares(0, {}) == {}
    assert shares(0, weights(a=0)) == {"a": 0}


@pytest.mark.parametrize(("cents", "given"), [(-1, {"a": 1}), (1, {"a": 2, "b": -1}), (1, {"a": 0}), (1, {})])
def test_what_cannot_be_shared_is_refused(cents: int, given: dict[str, int]) -> None:
    with pytest.raises(Refused):
        shares(cents, weights(**given))


def test_amounts_and_cents_are_the_same_money() -> None:
    assert whole_cents(Fraction("0.125")) == 12  # half to even
    assert whole_cents(Fraction("0.135")) == 14
    assert str(amount_of(-1205)) == "-12.05"
    assert str(amount_of(10**40 + 1)) == "1" + "0" * 38 + ".01"  # no digit of a large amount is lost
    assert decimal(Fraction(2, 3), 4) == Decimal("0.6667")
