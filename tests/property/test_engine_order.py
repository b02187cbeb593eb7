"""The same data in another order, or on other threads, gives the same bytes."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger import Ledger, term

MONTHS = [date(2024, month, 1) for month in range(1, 13)]


def entries() -> list[tuple[str, dict[str, Any]]]:
    """Return bills, refuellings, spend and day rows that compete, overlap and get lost."""
    found: list[tuple[str, dict[str, Any]]] = []
    for index, month in enumerate(MONTHS):
        following = (month + timedelta(days=32)).replace(day=1)
        period = {"first": month, "last": following}
        told = {"source": "meter", "activity": "electricity", "quantity": f"{100 + index}.333333"}
        found.append(("bill", told | period))
        gas = {"source": "gas", "activity": "natural_gas", "quantity": "77.7", "basis": "Hs"}
        found.append(("bill", gas | period))
        spend = {"source": "shop", "activity": "purchase", "quantity": "12.5", "unit": "EUR"}
        found.append(("bill", spend | period | {"quality": "spend", "product_group": "D35"}))
        found.append(
            ("day", {"source": "meter", "activity": "electricity", "quantity": "3.25", "day": month})
        )
        hourly = {"source": "meter", "activity": "electricity", "quantity": "3.26", "day": month}
        found.append(("day", hourly | {"minutes": 60}))
    return found


def hashes(order: list[int], threads: int = 2) -> tuple[str, Decimal]:
    ledger = Ledger()
    ledger.store.con.execute(f"SET threads = {threads}")
    ledger.terms = [term("meter"), term("gas", activity="natural_gas")]
    told = entries()
    for index in order:
        kind, values = told[index]
        getattr(ledger, kind)(**values)
    result = ledger.calculate()
    return result.manifest.result_hash, Decimal(result.lines["co2e_kg"].sum())


@pytest.fixture(scope="module")
def expected() -> tuple[str, Decimal]:
    return hashes(list(range(len(entries()))))


@settings(max_examples=5, deadline=None)
@given(order=st.permutations(range(len(entries()))))
def test_the_order_of_imports_does_not_matter(order: list[int]) -> None:
    assert hashes(order) == hashes(list(range(len(entries()))))


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_the_number_of_threads_does_not_matter(threads: int, expected: tuple[str, Decimal]) -> None:
    assert hashes(list(range(len(entries()))), threads) == expected


def test_another_number_is_another_hash(expected: tuple[str, Decimal]) -> None:
    assert hashes(list(range(1, len(entries())))) != expected
