"""Declared overlaps by hand: subtracted once, shown, and nothing where nothing is declared."""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger import CITY, Ledger, organisations, quantity, term

from bilanz.declared import OVERLAP_SCHEMA, Declared
from bilanz.result import Result

BOOK = ("ghgp_location",)
JANUARY, FEBRUARY, MARCH = (date(2024, month, 1) for month in (1, 2, 3))


def overlap(part: str = "pump", whole: str = "main", **told: object) -> dict[str, object]:
    row = {"id": f"{part}-{whole}", "kind": "part_of", "part_source": part, "whole_source": whole}
    return dict.fromkeys(OVERLAP_SCHEMA) | row | {"evidence": "circuit diagram"} | told


def declared(*rows: dict[str, object]) -> Declared:
    return Declared(overlaps=pl.DataFrame(list(rows), schema=OVERLAP_SCHEMA, orient="row"))


def building() -> Ledger:
    """A building of 1000 kWh in January, of which its heat pump took 300."""
    ledger = Ledger()
    ledger.terms += [term("main"), term("pump", activity="electricity_heating")]
    ledger.bill("main", "electricity", "1000", JANUARY, FEBRUARY)
    ledger.bill("pump", "electricity_heating", "300", JANUARY, FEBRUARY, quality="measured")
    return ledger


HEAT_PUMP = overlap(whole_activity="electricity")


def told(result: Result) -> list[tuple[str, str, str]]:
    return result.assumptions.filter(pl.col("code").str.starts_with("overlap")).rows()


def test_a_heat_pump_inside_the_electricity_counts_once() -> None:
    """1000 in all: 300 heating, 700 other electricity."""
    plain = building().calculate(books=BOOK)
    assert quantity(plain.usage) == Decimal(1300)
    result = building().calculate(books=BOOK, declared=declared(HEAT_PUMP))
    assert quantity(result.usage, source="main") == Decimal(700)
    assert quantity(result.usage, source="pump") == Decimal(300)
    assert quantity(result.usage) == Decimal(1000)
    assert told(result) == [("overlap_subtracted", "pump-main", "pump → main: 300 kWh")]


def test_the_deduction_is_a_line_of_its_own_with_the_quality_of_the_part() -> None:
    result = building().calculate(books=BOOK, declared=declared(HEAT_PUMP))
    lines = result.lines.filter(pl.col("source") == "main", pl.col("is_lead"))
    assert sorted(lines.select("quantity", "quality").rows()) == [
        (Decimal(-300), "measured"),
        (Decimal(1000), "billed"),
    ]
    total = result.lines["co2e_kg"].sum()
    alone = Ledger()
    alone.bill("main", "electricity", "1000", JANUARY, FEBRUARY)
    assert total == alone.calculate(books=BOOK).lines["co2e_kg"].sum()  # one grid mix for both activities


def test_without_an_overlap_no_number_changes() -> None:
    plain, none = building().calculate(books=BOOK), building().calculate(books=BOOK, declared=declared())
    elsewhere = building().calculate(books=BOOK, declared=declared(overlap("other", "another")))
    hashes = {result.manifest.result_hash for result in (plain, none, elsewhere)}
    assert len(hashes) == 1
    assert told(elsewhere) == []


def test_an_overlap_holds_in_its_months_only() -> None:
    ledger = building()
    ledger.bill("main", "electricity", "900", FEBRUARY, MARCH)
    ledger.bill("pump", "electricity_heating", "200", FEBRUARY, MARCH)
    later = declared(HEAT_PUMP | {"valid_from": FEBRUARY})
    result = ledger.calculate(books=BOOK, declared=later)
    main = result.usage.filter(pl.col("source") == "main").group_by("month").agg(pl.col("quantity").sum())
    assert dict(main.rows()) == {JANUARY: Decimal(1000), FEBRUARY: Decimal(700)}
    assert told(result) == [("overlap_subtracted", "pump-main", "pump → main: 200 kWh")]


def test_a_part_without_its_whole_stays_and_is_named() -> None:
    ledger = building()
    ledger.bill("pump", "electricity_heating", "200", FEBRUARY, MARCH)
    result = ledger.calculate(books=BOOK, declared=declared(HEAT_PUMP))
    assert quantity(result.usage) == Decimal(1200)
    assert ("overlap_open", "pump-main", "pump → main: 2024-02") in told(result)


def test_a_part_larger_than_its_whole_is_named() -> None:
    ledger = Ledger()
    ledger.bill("main", "electricity", "100", JANUARY, FEBRUARY)
    ledger.bill("pump", "electricity_heating", "130", JANUARY, FEBRUARY)
    result = ledger.calculate(books=BOOK, declared=declared(HEAT_PUMP))
    assert quantity(result.usage) == Decimal(100)
    assert ("overlap_exceeds", "main", "2024-01: -30 kWh") in told(result)


def test_a_chain_of_parts_counts_the_outermost_once() -> None:
    """The pump lies in the floor, the floor in the house: 300, 200, 500; 1000 in all."""
    ledger = building()
    ledger.bill("floor", "electricity", "500", JANUARY, FEBRUARY)
    chain = declared(overlap("pump", "floor", whole_activity="electricity"), overlap("floor", "main"))
    result = ledger.calculate(books=BOOK, declared=chain)
    found = {name: quantity(result.usage, source=name) for name in ("pump", "floor", "main")}
    assert found == {"pump": Decimal(300), "floor": Decimal(200), "main": Decimal(500)}


def test_the_same_purchase_as_money_and_as_quantity_counts_as_quantity() -> None:
    ledger = Ledger()
    ledger.bill("shop", "purchase", "1190", JANUARY, FEBRUARY, unit="EUR", quality="spend", cost_net=1190)
    ledger.bill("tyres", "waste_residual", "2000", JANUARY, FEBRUARY, unit="kg")
    same = declared(
        overlap("shop", "tyres", kind="same_purchase", whole_activity="waste_residual", id="tyres")
    )
    result = ledger.calculate(books=BOOK, declared=same)
    assert quantity(result.superseded, reason="same_purchase") == Decimal(1190)
    assert told(result) == [("overlap_superseded", "tyres", "shop → tyres: 1190 EUR")]
    february = same.overlaps.with_columns(valid_from=pl.lit(FEBRUARY))
    plain = ledger.calculate(books=BOOK, declared=Declared(overlaps=february))
    assert quantity(plain.superseded, reason="same_purchase") == Decimal(0)


def test_a_whole_known_only_as_money_supersedes_nothing() -> None:
    ledger = Ledger()
    ledger.bill("shop", "purchase", "1190", JANUARY, FEBRUARY, unit="EUR", quality="spend", cost_net=1190)
    ledger.bill("tyres", "purchase", "900", JANUARY, FEBRUARY, unit="EUR", quality="spend", cost_net=900)
    same = declared(overlap("shop", "tyres", kind="same_purchase", whole_activity="purchase", id="tyres"))
    result = ledger.calculate(books=BOOK, declared=same)
    assert quantity(result.superseded, reason="same_purchase") == Decimal(0)


def test_part_and_whole_may_belong_to_two_organisations() -> None:
    """The depot's pump lies in the meter of the city; each of them sees its side."""
    ledger = building()
    ledger.terms[-1] = term("pump", activity="electricity_heating", organisation="depot")
    units = {"organisations": organisations(CITY, "depot"), "declared": declared(HEAT_PUMP), "books": BOOK}
    whole = ledger.calculate(**units)
    assert quantity(whole.usage, organisation=CITY) == Decimal(700)
    assert quantity(whole.usage, organisation="depot") == Decimal(300)
    part = ledger.calculate(**units, organisation="depot")
    assert quantity(part.usage) == Decimal(300)
    assert told(part) == []  # the whole is known, only not asked for


@pytest.mark.parametrize("role", ["sub_meter", "generated"])
def test_what_does_not_count_is_taken_off_nothing(role: str) -> None:
    ledger = building()
    ledger.terms[-1] = term("pump", activity="electricity_heating", role=role, parent="main")
    result = ledger.calculate(books=BOOK, declared=declared(HEAT_PUMP))
    assert quantity(result.usage, source="main") == Decimal(1000)


@settings(deadline=None, max_examples=6)
@given(st.integers(1, 10**9), st.integers(1, 10**9))
def test_the_whole_is_what_the_meter_showed(main: int, pump: int) -> None:
    ledger = Ledger()
    ledger.bill("main", "electricity", str(Decimal(main).scaleb(-3)), JANUARY, FEBRUARY)
    ledger.bill("pump", "electricity_heating", str(Decimal(pump).scaleb(-3)), JANUARY, FEBRUARY)
    result = ledger.calculate(books=BOOK, declared=declared(HEAT_PUMP))
    assert quantity(result.usage) == Decimal(main).scaleb(-3)
