"""Spend on its way to a factor: estimated, balanced, explained in the same steps; own factors come first."""

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from ledger import Ledger, co2e, factor, organisations, with_factors

from bilanz.app.catalogue.estimation import estimate
from bilanz.app.explaining.explanation import explain
from bilanz.errors import NoFactor, UnknownName, UsageError
from bilanz.shares import TERM_SCHEMA
from factors.base import catalogue

BOOK = "ghgp_location"
JUNE = (date(2024, 6, 1), date(2024, 7, 1))
C26 = Decimal("226.31")  # figaro, kg CO2e per 1000 EUR of 2023, basic prices
OF_MONEY = {"deflated", "not_deflated", "margins_not_removed", "prices_unstated"}
SPENT = {"unit": "EUR", "quality": "spend", "product_group": "C26"}


def ask(**told: object) -> dict[str, Any]:
    given = {
        "activity": "purchase",
        "quantity": "1000",
        "unit": "EUR",
        "product_group": "C26",
        "day": date(2024, 6, 1),
    }
    return estimate(catalogue(), **(given | told))


def near(value: object, expected: Decimal) -> bool:
    return abs(Decimal(str(value)) - expected) < Decimal("1e-9")


def test_spend_of_the_year_of_the_factor_is_not_deflated() -> None:
    """1000 EUR of 2023 × 0.22631 = 226.31 kg."""
    found = ask(day=date(2023, 6, 1))
    assert Decimal(found["co2e_kg"]) == C26
    assert not any("price index" in step for step in found["steps"])
    assert any("trade and transport margins remain" in step for step in found["steps"])


def test_spend_of_2024_is_brought_to_prices_of_2023() -> None:
    """1000 EUR × 116.7 / 119.3 × 0.22631 = 221.377845766973… kg."""
    found = ask()
    assert near(found["co2e_kg"], 1000 * Decimal("116.7") / Decimal("119.3") * Decimal("0.22631"))
    step = next(step for step in found["steps"] if "price index" in step)
    assert step.startswith(
        "× 0.97820620285… EUR 2023/EUR 2024 [price index, 116.7 / 119.3; Statistisches Bundesamt"
    )


def test_dollars_take_the_rate_of_their_year_first() -> None:
    """1000 USD / 1.082381 (ECB, mean of 2024) × 116.7 / 119.3 × 0.22631."""
    rate = catalogue().indices.filter(pl.col("index_id") == "ecb:2026:USD:2024")["value"].item()
    assert round(rate, 4) == Decimal("1.0824")
    found = ask(unit="USD")
    assert near(found["co2e_kg"], 1000 / rate * Decimal("116.7") / Decimal("119.3") * Decimal("0.22631"))
    order = [
        i
        for word in ("exchange rate", "price index")
        for i, step in enumerate(found["steps"])
        if f"[{word}" in step
    ]
    assert order == sorted(order)
    assert len(order) == 2


def test_a_currency_without_a_rate_is_no_euro() -> None:
    with pytest.raises(NoFactor, match="no exchange rate leads from ARS to EUR"):
        ask(unit="ARS")


def test_a_gross_amount_loses_its_tax_first() -> None:
    """1190 EUR with 19 percent are 1000 EUR net."""
    gross = ask(quantity="1190", vat="standard")
    assert gross["co2e_kg"] == ask()["co2e_kg"]
    step = next(step for step in gross["steps"] if "value added tax" in step)
    assert "100 / (100 + 19); Bundesrepublik Deutschland: Umsatzsteuergesetz" in step
    with pytest.raises(UnknownName, match="standard, reduced"):
        ask(vat="full")
    with pytest.raises(UsageError, match="no money"):
        ask(activity="electricity", unit="kWh", product_group=None, vat="standard")


def test_the_balance_takes_the_steps_of_the_estimate_and_lists_them() -> None:
    ledger = Ledger()
    ledger.bill("supplier", "purchase", "1000", *JUNE, **SPENT)
    result = ledger.calculate(books=(BOOK,))
    assert co2e(result, BOOK) == Decimal(ask()["co2e_kg"])
    told = {code: detail for code, subject, detail in result.assumptions.iter_rows() if subject == "C26"}
    assert OF_MONEY & set(told) == {"deflated", "margins_not_removed"}
    assert "destatis_vpi:2026:DE:2024, destatis_vpi:2026:DE:2023" in told["deflated"]


def test_spend_in_a_foreign_currency_is_balanced_or_an_exception_and_never_one_to_one() -> None:
    ledger = Ledger()
    ledger.bill("abroad", "purchase", "1000", *JUNE, **(SPENT | {"unit": "USD"}))
    ledger.bill("far away", "purchase", "1000", *JUNE, **(SPENT | {"unit": "ARS"}))
    result = ledger.calculate(books=(BOOK,))
    assert co2e(result, BOOK) == Decimal(ask(unit="USD")["co2e_kg"])
    assert result.exceptions.select("unit", "code", "quantity").rows() == [("ARS", "unit_mismatch", 1000)]


def test_an_explanation_shows_every_step() -> None:
    ledger = Ledger()
    ledger.bill("supplier", "purchase", "1000", *JUNE, **(SPENT | {"unit": "USD"}))
    terms = pl.DataFrame([], schema=TERM_SCHEMA)
    found = explain(ledger.store, organisations(), terms, catalogue(), year=2024, book=BOOK, language="de")
    steps = "\n".join(found["lines"][0]["steps"])
    for words in ("[Wechselkurs, USD → EUR", "[Preisindex, 116.7 / 119.3", "annual average 2023"):
        assert words in steps


@pytest.mark.parametrize(
    ("year", "basis", "codes"), [(None, None, ["prices_unstated"]), (2024, "purchaser", [])]
)
def test_an_own_factor_beats_the_published_one(year: int | None, basis: str | None, codes: list[str]) -> None:
    """0.1 kg per EUR of the supplier: 1000 EUR × 0.1 = 100 kg, whatever figaro says."""
    own = factor(
        "purchase",
        "0.1",
        per_unit="EUR",
        product_group="C26",
        chain="total",
        gwp="AR5",
        price_year=year,
        price_basis=basis,
    )
    ledger = Ledger()
    ledger.bill("supplier", "purchase", "1000", *JUNE, **SPENT)
    ledger.bill("other", "purchase", "1000", *JUNE, **(SPENT | {"product_group": "C27"}))
    result = ledger.calculate(books=(BOOK,), catalogue=with_factors([own]))
    assert co2e(result, BOOK, product_group="C26") == 100
    assert result.lines.filter(pl.col("product_group") == "C26")["grade"].to_list() == ["custom"]
    assert result.lines.filter(pl.col("product_group") == "C27")["factor_id"].str.starts_with("figaro:").all()
    told = [code for code, subject, _ in result.assumptions.iter_rows() if subject == "C26"]
    assert sorted(OF_MONEY & set(told)) == codes
