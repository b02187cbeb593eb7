"""Deflating there and back changes nothing, and every step is linear in the amount and in its index."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from bilanz.conversion import Conversion
from bilanz.price import INDEX_SCHEMA
from bilanz.valuation import Booked, Priced, Valuer

VALUES = st.decimals("0.01", "999999", places=6, allow_nan=False)


def rows(kind: str, values: dict[int, Decimal], **told: object) -> list[dict[str, object]]:
    return [
        dict.fromkeys(INDEX_SCHEMA)
        | {
            "index_id": f"{kind}{year}",
            "kind": kind,
            "series": kind,
            "region": "DE",
            "valid_from": date(year, 1, 1),
            "valid_to": date(year + 1, 1, 1),
            "value": value,
            "unit": "1",
            "per_unit": "1",
            "rank": 1,
            "source": "t",
            "edition": "e",
            "title": "T",
        }
        | told
        for year, value in values.items()
    ]


def ratio(table: list[dict[str, object]], unit: str, year: int, wanted: str, price_year: int) -> Fraction:
    known = Valuer(pl.DataFrame(table, schema=INDEX_SCHEMA, orient="row"))
    booked = Booked(unit, "", "C26", ("DE",), date(year, 5, 1))
    found = known.value(booked, Priced("f", wanted, price_year, "purchaser", ("DE",)))
    assert isinstance(found, Conversion)
    return found.ratio


@settings(deadline=None)
@given(VALUES, VALUES)
def test_there_and_back_is_where_it_began(first: Decimal, second: Decimal) -> None:
    table = rows("price_index", {2020: first, 2024: second})
    assert ratio(table, "EUR", 2024, "EUR", 2020) * ratio(table, "EUR", 2020, "EUR", 2024) == 1


@settings(deadline=None)
@given(VALUES, VALUES, VALUES)
def test_the_way_over_a_third_year_is_the_same(first: Decimal, second: Decimal, third: Decimal) -> None:
    table = rows("price_index", {2020: first, 2022: second, 2024: third})
    over = ratio(table, "EUR", 2024, "EUR", 2022) * ratio(table, "EUR", 2022, "EUR", 2020)
    assert over == ratio(table, "EUR", 2024, "EUR", 2020)


@settings(deadline=None)
@given(VALUES)
def test_changing_money_there_and_back_loses_nothing(rate: Decimal) -> None:
    table = rows("exchange_rate", {2024: rate}, unit="USD", per_unit="EUR", region=None)
    assert ratio(table, "EUR", 2024, "USD", 2024) * ratio(table, "USD", 2024, "EUR", 2024) == 1


@settings(deadline=None)
@given(VALUES, VALUES, st.integers(2, 9))
def test_a_doubled_index_of_the_factor_doubles_the_amount(
    first: Decimal, second: Decimal, times: int
) -> None:
    """A rebased series (both values times the same) changes nothing; one value alone is linear."""
    plain = ratio(rows("price_index", {2020: first, 2024: second}), "EUR", 2024, "EUR", 2020)
    rebased = rows("price_index", {2020: first * times, 2024: second * times})
    assert ratio(rebased, "EUR", 2024, "EUR", 2020) == plain
    raised = rows("price_index", {2020: first * times, 2024: second})
    assert ratio(raised, "EUR", 2024, "EUR", 2020) == times * plain
