"""A factor of heat in matching: the method it was allocated by, and the certificate a contract names."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from ledger import Ledger, co2e, factor, with_factors

from bilanz.app.calculation import engine
from bilanz.decision import Decision, Key
from factors.base import catalogue


def heat(method: str, chain: str, value: str = "0.1") -> dict[str, Any]:
    return factor("district_heat", value, factor_id=f"own:{method}:{chain}", method=method, chain=chain)


def decide(rows: list[dict[str, Any]], book: str) -> Decision:
    key = Key("district_heat", "", "kWh", "none", "DE", date(2024, 6, 1))
    return engine(with_factors(rows, only=True), year=2024, books=(book,)).books[0].matcher.decide(key)


def test_a_credit_is_refused_in_bisko_and_usable_elsewhere() -> None:
    rows = [heat("credit", "total"), heat("credit", "direct")]
    refused = decide(rows, "bisko")
    assert refused.hit is None
    told = {lost.subject: lost.text("en") for lost in refused.detail}
    words = "shares what combined heat and power emits by a credit for the electricity; the book refuses that"
    assert told["own:credit:total"] == f"own:credit:total: {words}"
    assert "Gutschrift" in refused.detail[0].text("de")
    for book in ("ghgp_location", "ghgp_market"):
        hit = decide(rows, book).hit
        assert hit is not None
        assert hit.statement.id == "own:credit:direct"


def test_a_refused_certificate_loses_to_another_and_is_listed() -> None:
    rows = [heat("credit", "total"), heat("exergy", "total", "0.2")]
    decision = decide(rows, "bisko")
    assert decision.hit is not None
    assert decision.hit.statement.id == "own:exergy:total"
    matcher = engine(with_factors(rows, only=True), year=2024, books=("bisko",)).books[0].matcher
    assert [lost.sentence.code for lost in matcher.losers(decision.key)] == ["method_refused"]
    assert not [code for code, _, _ in decision.assumptions if code.startswith("method")]


@pytest.mark.parametrize(
    ("method", "book", "code"),
    [
        ("unstated", "bisko", "method_unstated"),
        ("unstated", "ghgp_location", "method_unstated"),
        ("energy", "bisko", "method_other"),
        ("energy", "ghgp_location", None),
    ],
)
def test_a_method_that_is_not_stated_or_not_the_books_is_listed(
    method: str, book: str, code: str | None
) -> None:
    decision = decide([heat(method, "total"), heat(method, "direct")], book)
    listed = [entry[0] for entry in decision.assumptions if entry[0].startswith("method")]
    assert listed == ([code] if code else [])


def test_a_credit_is_an_exception_of_the_balance_in_bisko() -> None:
    ledger = Ledger()
    ledger.bill("W-1", "district_heat", "1000", date(2024, 6, 1), date(2024, 7, 1))
    result = ledger.calculate(
        catalogue=with_factors([heat("credit", "total"), heat("credit", "direct")], only=True)
    )
    detail = result.exceptions.filter(pl.col("book") == "bisko")["detail"].to_list()
    assert len(detail) == 1
    assert "method_refused" in detail[0]
    assert co2e(result, "ghgp_location") == Decimal(100)


def test_the_supplier_s_certificate_named_by_a_contract_counts_in_bisko() -> None:
    rows = [heat("exergy", "total", "0.2"), heat("energy", "total", "0.3")]
    rows[1] |= {"region": "AT"}  # another network: only the contract of a source leads to it
    key = Key("district_heat", "", "kWh", "none", "DE", date(2024, 6, 1), "own:energy:total", kind="contract")
    weighted = engine(with_factors(rows, only=True), year=2024, books=("bisko",)).books[0]
    hit = weighted.matcher.decide(key).hit
    assert hit is not None
    assert hit.statement.id == "own:energy:total"


def test_own_factors_kept_without_a_method_are_read_as_unstated(tmp_path: Path) -> None:
    path = tmp_path / "custom_2024.csv"
    path.write_text(
        "factor_id,source,edition,activity,region,valid_from,gas,value,mass_unit,per_unit,basis,chain,gwp,"
        "evidence,title\ncustom:2024:heat,custom,2024,district_heat,DE,2024-01-01,CO2e,0.2,kg,kWh,none,total,AR5,"
        "custom,Certificate\n",
        encoding="utf-8",
    )
    kept = catalogue([path]).factors.filter(pl.col("source") == "custom")
    assert kept["method"].to_list() == ["unstated"]
