"""Long bills by declared degree days or load profiles, by hand; without a declaration nothing changes."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger import Ledger, quantity, term

from bilanz.declared import APPORTIONMENT_SCHEMA, WEIGHT_SCHEMA, Declared
from bilanz.result import Result

BOOK = ("ghgp_location",)
HALF = {1: "500", 2: "400", 3: "300", 4: "200", 5: "100", 6: "0"}
"""Degree days of half a year: 1500 K d."""


def declared(weights: dict[date, str], *, share: str = "1", method: str = "degree_days") -> Declared:
    way = [("boiler", method, "station", Decimal(share))]
    rows = [("station", month, Decimal(value)) for month, value in weights.items()]
    return Declared(
        pl.DataFrame(way, schema=APPORTIONMENT_SCHEMA, orient="row"),
        pl.DataFrame(rows, schema=WEIGHT_SCHEMA, orient="row"),
    )


def months(year: int, weights: dict[int, str]) -> dict[date, str]:
    return {date(year, month, 1): value for month, value in weights.items()}


def by_month(result: Result) -> dict[int, Decimal]:
    sums = result.usage.group_by("month").agg(pl.col("quantity").sum())
    return {month.month: Decimal(value) for month, value in sums.iter_rows() if value}


def heated(quantity: str = "1500", first: date = date(2024, 1, 1), last: date = date(2024, 7, 1)) -> Ledger:
    ledger = Ledger()
    ledger.terms.append(term("boiler", activity="district_heat"))
    ledger.bill("boiler", "district_heat", quantity, first, last)
    return ledger


def test_the_heating_share_goes_by_degree_days_and_the_rest_by_day() -> None:
    """1500 kWh on 182 days: January 1200 × 500/1500 + 300 × 31/182 = 400 + 51.098901; June 49.450550."""
    result = heated().calculate(books=BOOK, declared=declared(months(2024, HALF), share="0.8"))
    found = by_month(result)
    assert found[1] == Decimal("451.098901")
    assert found[6] == Decimal(1500) - sum(found[month] for month in range(1, 6))
    assert abs(found[6] - Decimal("49.450549")) <= Decimal("0.000001")
    assert sum(found.values()) == Decimal(1500)
    assert result.usage["is_apportioned"].all()
    told = result.assumptions.filter(pl.col("code").str.starts_with("apportioned"))
    assert told.rows() == [("apportioned_by_weights", "boiler", "station")]


def test_a_profile_takes_all_of_it() -> None:
    """1500 × 500/1500 and so on; nothing is left for June."""
    told = declared(months(2024, HALF), method="profile")
    found = by_month(heated().calculate(books=BOOK, declared=told))
    assert found == {1: 500, 2: 400, 3: 300, 4: 200, 5: 100}


def test_without_a_declaration_a_bill_goes_by_day() -> None:
    """1820 kWh on 182 days are 10 a day."""
    ledger = heated("1820")
    plain = ledger.calculate(books=BOOK)
    assert by_month(plain) == {1: 310, 2: 290, 3: 310, 4: 300, 5: 310, 6: 300}
    other = Declared(weights=declared(months(2024, HALF)).weights)
    again = ledger.calculate(books=BOOK, declared=other)
    assert again.manifest.result_hash == plain.manifest.result_hash
    assert again.assumptions.rows() == plain.assumptions.rows()


def test_weights_that_lack_a_month_change_nothing_and_are_named() -> None:
    ledger = heated("1820")
    lacking = {month: value for month, value in HALF.items() if month != 4}
    result = ledger.calculate(books=BOOK, declared=declared(months(2024, lacking)))
    assert by_month(result)[1] == Decimal(310)
    assert result.manifest.result_hash == ledger.calculate(books=BOOK).manifest.result_hash
    codes = result.assumptions.filter(pl.col("code").str.starts_with("apportioned"))
    assert codes.rows() == [("apportioned_by_day", "boiler", "station")]


def test_weights_of_nothing_are_no_weights() -> None:
    nothing = dict.fromkeys(range(1, 7), "0")
    result = heated("1820").calculate(books=BOOK, declared=declared(months(2024, nothing)))
    assert by_month(result)[1] == Decimal(310)


def test_other_sources_stay_as_they_are() -> None:
    ledger = heated("1820")
    ledger.terms.append(term("meter"))
    ledger.bill("meter", "electricity", "1820", date(2024, 1, 1), date(2024, 7, 1))
    told = declared(months(2024, HALF), method="profile")
    result = ledger.calculate(books=BOOK, declared=told)
    rows = result.usage.filter(pl.col("source") == "meter", pl.col("month") == date(2024, 1, 1))
    assert rows["quantity"].to_list() == [Decimal(310)]


def test_parts_of_both_years_add_up_to_the_bill() -> None:
    """November 2023 to April 2024, with a third that leaves a remainder in every month."""
    winter = months(2023, {11: "411", 12: "502.5"}) | months(2024, {1: "533", 2: "420.1", 3: "377", 4: "201"})
    ledger = heated("1000.000001", date(2023, 11, 1), date(2024, 5, 1))
    told = declared(winter, share="0.7")
    sums = [
        quantity(ledger.calculate(books=BOOK, year=year, declared=told).usage, source="boiler")
        for year in (2023, 2024)
    ]
    assert sum(sums) == Decimal("1000.000001")
    # 2444.6 K d, 182 days: 0.7 × 913.5/2444.6 + 0.3 × 61/182 of it lie in 2023
    exact = Fraction("1000.000001") * (
        Fraction("0.7") * Fraction("913.5") / Fraction("2444.6") + Fraction("0.3") * 61 / 182
    )
    assert abs(Fraction(sums[0]) - exact) < Fraction(3, 10**6)


def test_a_day_that_something_better_covers_gives_way_with_its_weight() -> None:
    """A measured January takes the 500 of January away; 1000 stay."""
    ledger = heated()
    ledger.bill("boiler", "district_heat", "450", date(2024, 1, 1), date(2024, 2, 1), quality="measured")
    result = ledger.calculate(books=BOOK, declared=declared(months(2024, HALF), method="profile"))
    assert quantity(result.usage, quality="billed") == Decimal(1000)
    assert quantity(result.superseded, reason="better_rank") == Decimal(500)


@settings(deadline=None, max_examples=6)
@given(
    st.integers(-(10**12), 10**12),
    st.lists(st.integers(0, 999_999), min_size=14, max_size=14),
    st.integers(0, 1_000_000),
    st.integers(0, 300),
    st.integers(2, 120),
)
def test_no_part_of_a_bill_is_lost(micro: int, values: list[int], share: int, start: int, days: int) -> None:
    """Whatever the weights, the parts of two years are the bill."""
    weights = {
        date(2023 + (index + 11) // 12, (index + 11) % 12 + 1, 1): str(value)
        for index, value in enumerate(values)
    }
    first = date.fromordinal(date(2023, 12, 1).toordinal() + start)
    ledger = heated(str(Decimal(micro).scaleb(-6)), first, date.fromordinal(first.toordinal() + days))
    told = declared(weights, share=str(Decimal(share).scaleb(-6)))
    total = sum(
        quantity(ledger.calculate(books=BOOK, year=year, declared=told).usage, source="boiler")
        for year in (2023, 2024, 2025)
    )
    assert total == Decimal(micro).scaleb(-6)


@pytest.mark.parametrize("method", ["degree_days", "profile"])
def test_a_bill_of_one_month_is_that_month(method: str) -> None:
    ledger = heated("77", date(2024, 2, 1), date(2024, 3, 1))
    told = declared(months(2024, HALF), method=method)
    assert by_month(ledger.calculate(books=BOOK, declared=told)) == {2: Decimal(77)}
