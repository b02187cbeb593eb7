"""Money as booked becomes the money of a factor: each step by hand, and what is noted without a row."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl
import pytest

from bilanz.conversion import Conversion, Misfit
from bilanz.price import INDEX_SCHEMA
from bilanz.valuation import Booked, Priced, Valuer, is_money
from factors.base import catalogue

IN_2024 = date(2024, 6, 1)


def index(kind: str, value: str, year: int = 2024, **told: object) -> dict[str, Any]:
    """Return one index row: a year, Germany, series and edition alike."""
    row = dict.fromkeys(INDEX_SCHEMA) | {
        "index_id": f"{kind}:{year}:{value}",
        "kind": kind,
        "series": kind,
        "region": None if kind == "exchange_rate" else "DE",
        "valid_from": date(year, 1, 1),
        "valid_to": date(year + 1, 1, 1),
        "value": Decimal(value),
        "unit": "1",
        "per_unit": "1",
        "rank": 10,
        "source": "t",
        "edition": "e1",
        "publisher": "P",
        "title": "T",
        "locator": f"L{year}",
    }
    return row | told


PRICES = (index("price_index", "110", 2023), index("price_index", "120", 2024))
DOLLAR = index("exchange_rate", "1.25", unit="USD", per_unit="EUR")
POUND = index("exchange_rate", "0.8", unit="GBP", per_unit="EUR")
TAX = index("vat_rate", "19", unit="percent", category="standard")
MARGIN = index("margin", "0.9", product_group="C26")


def valuer(*rows: dict[str, Any]) -> Valuer:
    return Valuer(pl.DataFrame(rows, schema=INDEX_SCHEMA, orient="row"))


def booked(unit: str = "EUR", *, vat: str = "", group: str = "C26", on: date = IN_2024) -> Booked:
    return Booked(unit, vat, group, ("DE-BB", "DE"), on)


def priced(unit: str = "EUR", year: int | None = 2024, basis: str | None = "purchaser") -> Priced:
    return Priced("f", unit, year, basis, ("DE",))


def valued(known: Valuer, amount: Booked, factor: Priced) -> Conversion:
    found = known.value(amount, factor)
    assert isinstance(found, Conversion), found
    return found


def test_the_same_money_stays_as_it_is() -> None:
    found = valued(valuer(), booked(), priced())
    assert (found.ratio, found.steps, found.notes) == (1, (), ())


def test_prices_of_2024_become_prices_of_2023() -> None:
    """120 EUR of 2024 buy what 110 EUR bought in 2023: × 110 / 120."""
    found = valued(valuer(*PRICES), booked(), priced(year=2023))
    assert found.ratio == Fraction(110, 120)
    (step,) = found.steps
    assert (step.kind, step.subject, step.unit) == ("price_index", "110 / 120", "EUR 2023/EUR 2024")
    assert step.source == "P: T, L2023 / L2024"
    assert found.notes == (("deflated", "f: 2024 → 2023 (price_index:2024:120, price_index:2023:110)"),)


def test_the_shipped_index_of_consumer_prices() -> None:
    """Destatis, 2020 = 100: 116.7 in 2023, 119.3 in 2024. 1193 EUR of 2024 are 1167 EUR of 2023."""
    found = valued(Valuer(catalogue().indices), booked(), priced(year=2023))
    assert 1193 * found.ratio == 1167


@pytest.mark.parametrize(
    ("day", "gross", "category"),
    [
        (date(2020, 6, 30), 119, "standard"),
        (date(2020, 7, 1), 116, "standard"),
        (date(2020, 12, 31), 116, "standard"),
        (date(2021, 1, 1), 119, "standard"),
        (date(2020, 8, 1), 105, "reduced"),
        (date(2024, 8, 1), 107, "reduced"),
    ],
)
def test_the_tax_of_the_day_is_taken_off(day: date, gross: int, category: str) -> None:
    """§ 12 UStG 19 and 7 percent; § 28 UStG 16 and 5 percent from July to December 2020."""
    found = valued(Valuer(catalogue().indices), booked(vat=category, on=day), priced(year=day.year))
    assert gross * found.ratio == 100
    (step,) = found.steps
    assert step.subject == f"100 / (100 + {gross - 100})"
    assert "Umsatzsteuergesetz" in step.source


def test_another_currency_is_converted_at_the_rate_of_the_year() -> None:
    """1.25 USD per EUR: 100 USD are 80 EUR, 100 EUR are 125 USD."""
    known = valuer(DOLLAR)
    assert 100 * valued(known, booked("USD"), priced("EUR")).ratio == 80
    found = valued(known, booked("EUR"), priced("USD"))
    assert 100 * found.ratio == 125
    assert (found.steps[0].unit, found.steps[0].subject) == ("USD/EUR", "EUR → USD, 2024-01-01/2025-01-01")


def test_two_currencies_meet_in_a_third() -> None:
    """100 USD / 1.25 = 80 EUR; 80 EUR × 0.8 = 64 GBP."""
    found = valued(valuer(DOLLAR, POUND), booked("USD"), priced("GBP"))
    assert 100 * found.ratio == 64
    assert [step.unit for step in found.steps] == ["EUR/USD", "GBP/EUR"]


def test_the_shipped_rate_is_the_mean_of_the_daily_rates() -> None:
    """ECB, mean of 2023: 1.0813 USD per EUR (the ECB prints four decimals)."""
    found = valued(Valuer(catalogue().indices), booked("EUR", on=date(2023, 3, 1)), priced("USD", year=2023))
    assert round(found.ratio, 4) == Fraction(10813, 10000)


@pytest.mark.parametrize("on", [date(2023, 6, 1), date(2025, 1, 1)])
def test_no_rate_is_no_rate_of_one(on: date) -> None:
    found = valuer(DOLLAR).value(booked("USD", on=on), priced("EUR", year=on.year))
    assert isinstance(found, Misfit)
    assert found.code == "unit_mismatch"
    assert found.detail.text("en") == f"no exchange rate leads from USD to EUR on {on}"


def test_a_month_comes_before_the_year() -> None:
    june = DOLLAR | {"value": Decimal(2), "valid_from": date(2024, 6, 1), "valid_to": date(2024, 7, 1)}
    known = valuer(DOLLAR, june)
    assert valued(known, booked("EUR"), priced("USD")).ratio == 2
    assert valued(known, booked("EUR", on=date(2024, 7, 1)), priced("USD")).ratio == Fraction(5, 4)


def test_trade_and_transport_are_taken_out_where_the_factor_is_in_basic_prices() -> None:
    """Nine tenths of what is paid for C26 reach the maker: × 0.9."""
    found = valued(valuer(MARGIN), booked(), priced(basis="basic"))
    assert found.ratio == Fraction(9, 10)
    assert found.steps[0].unit == "EUR basic/EUR purchaser"
    assert valued(valuer(MARGIN), booked(), priced(basis="purchaser")).ratio == 1
    other = valued(valuer(MARGIN), booked(group="C27"), priced(basis="basic"))
    assert (other.ratio, other.notes) == (1, (("margins_not_removed", "f"),))


def test_all_steps_in_their_order() -> None:
    """1190 USD gross / 1.19 = 1000; / 1.25 = 800 EUR; × 110 / 120; × 0.9 = 660 EUR; / 1000 = 0.66 kEUR."""
    known = valuer(*PRICES, DOLLAR, TAX, MARGIN)
    found = valued(known, booked("USD", vat="standard"), priced("kEUR", year=2023, basis="basic"))
    assert 1190 * found.ratio == Fraction(66, 100)
    kinds = [step.kind for step in found.steps]
    assert kinds == ["vat_rate", "exchange_rate", "price_index", "margin", "definition"]
    assert len(found.properties) == 5


def test_without_an_index_money_stays_as_booked_and_says_so() -> None:
    found = valued(valuer(PRICES[0]), booked(), priced(year=2023))
    assert (found.ratio, found.notes) == (1, (("not_deflated", "f: 2024 → 2023"),))


@pytest.mark.parametrize(("year", "basis"), [(None, "purchaser"), (2024, None), (None, None)])
def test_a_factor_without_price_year_or_basis_says_so(year: int | None, basis: str | None) -> None:
    found = valued(valuer(*PRICES), booked(), priced(year=year, basis=basis))
    assert (found.ratio, found.notes) == (1, (("prices_unstated", "f"),))


def test_an_unknown_tax_is_no_tax_of_zero() -> None:
    found = valuer().value(booked(vat="standard"), priced())
    assert isinstance(found, Misfit)
    assert found.detail.text("en") == "no tax rate standard is known for 2024-06-01"


def test_the_index_of_the_product_group_comes_before_the_general_one() -> None:
    own = [
        index("price_index", value, year, product_group="C26", series="own", index_id=f"own{year}")
        for year, value in ((2023, "100"), (2024, "200"))
    ]
    known = valuer(*PRICES, *own)
    assert valued(known, booked(), priced(year=2023)).ratio == Fraction(1, 2)
    assert valued(known, booked(group="C27"), priced(year=2023)).ratio == Fraction(11, 12)


def test_the_lower_rank_comes_first_then_the_newer_edition() -> None:
    better = [
        index("price_index", value, year, series="better", rank=0, index_id=f"b{year}")
        for year, value in ((2023, "100"), (2024, "200"))
    ]
    assert valued(valuer(*PRICES, *better), booked(), priced(year=2023)).ratio == Fraction(1, 2)
    newer = [
        row | {"edition": "e2", "value": row["value"] + 10, "index_id": f"n{i}"}
        for i, row in enumerate(PRICES)
    ]
    assert valued(valuer(*PRICES, *newer), booked(), priced(year=2023)).ratio == Fraction(120, 130)


def test_an_index_is_never_divided_across_editions_or_regions() -> None:
    torn = (PRICES[0], PRICES[1] | {"edition": "e2"})
    assert valued(valuer(*torn), booked(), priced(year=2023)).notes[0][0] == "not_deflated"
    abroad = tuple(row | {"region": "US"} for row in PRICES)
    assert valued(valuer(*abroad), booked(), priced(year=2023)).notes[0][0] == "not_deflated"


def test_only_currencies_are_money() -> None:
    assert is_money("EUR")
    assert is_money("kEUR")
    assert not is_money("kWh")
    assert not is_money("no unit")
