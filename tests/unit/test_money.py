from decimal import Decimal

import pytest

from bilanz.errors import UnitError, UnknownName
from bilanz.money import Money, find_currency


def test_equal_currencies_add_exactly() -> None:
    assert Money(Decimal("0.10"), "EUR") + Money(Decimal("0.20"), "EUR") == Money(Decimal("0.30"), "EUR")
    assert -(Money(Decimal(3), "EUR") - Money(Decimal(5), "EUR")) * 2 == Money(Decimal(4), "EUR")


def test_currencies_are_never_mixed() -> None:
    with pytest.raises(UnitError, match="EUR and CHF"):
        Money(Decimal(1), "EUR") + Money(Decimal(1), "CHF")


def test_an_unknown_currency_is_refused() -> None:
    with pytest.raises(UnknownName, match="XYZ"):
        Money(Decimal(1), "XYZ")


@pytest.mark.parametrize(
    ("spelling", "code"),
    [("eur", "EUR"), (" € ", "EUR"), ("£", "GBP"), ("$", None), ("kr", None), ("", None)],
)
def test_only_unambiguous_spellings_are_read(spelling: str, code: str | None) -> None:
    assert find_currency(spelling) == code
