"""Linear in quantity and factor, to the last digit; every share of a record adds up."""

from datetime import date, timedelta
from decimal import Decimal

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger import Ledger, co2e, factor, with_factors

BOOK = ("ghgp_location",)
MONTH = (date(2024, 6, 1), date(2024, 7, 1))
MICRO = Decimal("0.000001")

quantities = st.integers(1, 10**12).map(lambda micro: micro * MICRO)
values = st.integers(1, 10**9).map(lambda nano: nano * Decimal("0.000000001"))


def balance(quantity: Decimal, value: Decimal) -> Decimal:
    ledger = Ledger()
    ledger.bill("meter", "district_heat", str(quantity), *MONTH)
    own = with_factors([factor("district_heat", str(value))], only=True)
    result = ledger.calculate(catalogue=own, books=BOOK)
    return co2e(result, "ghgp_location")


@settings(max_examples=15, deadline=None)
@given(quantities, values)
def test_twice_the_quantity_or_twice_the_factor_is_twice_the_mass(quantity: Decimal, value: Decimal) -> None:
    once = balance(quantity, value)
    unit = Decimal("0.000000000001")
    assert abs(once - quantity * value) <= unit / 2
    assert abs(balance(2 * quantity, value) - 2 * once) <= unit
    assert abs(balance(quantity, 2 * value) - 2 * once) <= unit


@settings(max_examples=15, deadline=None)
@given(
    st.integers(-(10**13), 10**13).filter(bool).map(lambda micro: micro * MICRO),
    st.dates(date(2022, 1, 1), date(2024, 12, 30)),
    st.integers(1, 1200),
)
def test_the_years_of_a_record_add_up_to_it(quantity: Decimal, first: date, days: int) -> None:
    last = first + timedelta(days=days)
    ledger = Ledger()
    ledger.bill("meter", "electricity", str(quantity), first, last)
    found = Decimal(0)
    for year in range(first.year, last.year + 1):
        result = ledger.calculate(year=year, books=BOOK)
        parts = [result.lines.filter(pl.col("is_lead")), result.exceptions]
        found += sum((Decimal(part["quantity"].sum() or 0) for part in parts), Decimal(0))
    assert found == quantity
