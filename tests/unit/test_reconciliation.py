"""Why two books differ: every cause by hand, and the sum of the causes in every case."""

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger import Ledger, co2e, factor, gwp, instrument, term, with_factors
from unit.reports.synthetic import frame, full_result

from bilanz.gases import GwpSet
from bilanz.reconciliation import CAUSES, difference, reconciliation
from bilanz.result import EXCEPTION_SCHEMA, LINE_SCHEMA, Result

YEAR = (date(2024, 1, 1), date(2025, 1, 1))
A, B = "bisko", "ghgp_location"
SETS = {A: gwp("AR5"), B: gwp("AR6"), "ghgp_market": gwp("AR6")}
MONTH = date(2025, 1, 1)


def line(book: str, co2e_kg: str | None, **told: object) -> dict[str, Any]:
    """Return one line: 100 kWh of natural gas in scope 1, a factor of CO2e."""
    return {
        "book": book,
        "organisation": "o",
        "source": "s",
        "activity": "natural_gas",
        "month": MONTH,
        "scope": "1",
        "category": "stationary_combustion",
        "gas": "CO2e",
        "chain": "direct",
        "quantity": Decimal(100),
        "unit": "kWh",
        "is_lead": True,
        "co2e_kg": None if co2e_kg is None else Decimal(co2e_kg),
        "factor_id": f"f-{book}",
        "grade": "exact",
    } | told


def result_of(*lines: dict[str, Any], missing: list[dict[str, Any]] | None = None) -> Result:
    plain = full_result()
    fields = {name: getattr(plain, name) for name in plain.__dataclass_fields__}
    return Result(
        **fields
        | {"lines": frame([*lines], LINE_SCHEMA), "exceptions": frame(missing or [], EXCEPTION_SCHEMA)}
    )


def causes(result: Result, sets: dict[str, GwpSet] | None = None) -> dict[str, Decimal]:
    table = reconciliation(result, A, B, sets or SETS)
    assert table["effect_kg"].sum() == difference(result, A, B)
    return dict(table.group_by("cause").agg(pl.col("effect_kg").sum()).iter_rows())


def test_the_books_of_the_made_up_year() -> None:
    result = full_result()
    table = reconciliation(result, A, B, SETS)
    sums = dict(table.group_by("cause").agg(pl.col("effect_kg").sum()).iter_rows())
    # memo in bisko: diesel 12 · 44 000 · (2.6 + 0.6), petrol 12 · 1 200 · (2.3 + 0.5),
    # traction 12 · 55 000 · (0.36 + 0.05); left out: purchases 77 500 + 17 600 + 4 800
    assert sums["boundary"] == Decimal(1_689_600 + 40_320 + 270_600 + 99_900)
    assert table["effect_kg"].sum() == Decimal(2_124_480)
    # no scope is moved where one book only counts
    assert set(table.filter(pl.col("cause") == "scope")["activity"]) == {
        "electricity",
        "natural_gas",
        "district_heat",
    }


def test_a_quantity_that_is_memo_in_one_book() -> None:
    assert causes(result_of(line(A, "20"), line(B, "20", scope="memo"))) == {"boundary": Decimal(-20)}
    assert causes(result_of(line(A, None, scope="memo", factor_id=None), line(B, "20"))) == {
        "boundary": Decimal(20)
    }


def test_a_quantity_without_a_factor_in_one_book() -> None:
    lacking = {name: line(B, None)[name] for name in ("book", "organisation", "source", "activity", "month")}
    missing = [lacking | {"quantity": Decimal(100), "unit": "kWh", "records": 1, "code": "no_factor"}]
    assert causes(result_of(line(A, "20"), missing=missing)) == {"exception": Decimal(-20)}


def test_a_part_without_a_factor_is_told_from_another_value() -> None:
    lacking = {name: line(B, None)[name] for name in ("book", "organisation", "source", "activity", "month")}
    missing = [lacking | {"quantity": Decimal(25), "unit": "kWh", "records": 1, "code": "no_factor"}]
    result = result_of(line(A, "20"), line(B, "18", quantity=Decimal(75)), missing=missing)
    # a quarter has no factor: 20 · 0.25 = 5 less; the rest 15 became 18
    assert causes(result) == {"exception": Decimal(-5), "factor": Decimal(3)}


def test_an_upstream_part_of_its_own() -> None:
    more = line(B, "3", chain="upstream", scope="3", category="3.3", is_lead=False)
    assert causes(result_of(line(A, "20"), line(B, "21"), more)) == {
        "upstream": Decimal(3),
        "factor": Decimal(1),
        "scope": Decimal(0),
    }


def test_a_figure_with_upstream_against_one_without_is_not_taken_apart() -> None:
    assert causes(result_of(line(A, "24", chain="total"), line(B, "20"))) == {"chain": Decimal(-4)}
    whole = line(B, "3", chain="upstream", scope="3", category="3.3", is_lead=False)
    both = result_of(line(A, "24", chain="total"), line(B, "20"), whole)
    assert causes(both) == {"factor": Decimal(-1), "scope": Decimal(0)}


def test_the_same_masses_with_other_potentials() -> None:
    # 1 kg N2O: 265 (AR5), 273 (AR6)
    gas = {"gas": "N2O", "mass_kg": Decimal(1), "factor_id": "f"}
    assert causes(result_of(line(A, "265", **gas), line(B, "273", **gas))) == {"gwp": Decimal(8)}
    other = gas | {"factor_id": "g", "mass_kg": Decimal(2)}
    assert causes(result_of(line(A, "265", **gas), line(B, "546", **other))) == {
        "gwp": Decimal(8),
        "factor": Decimal(273),
    }


def test_another_scope_moves_no_total() -> None:
    same = {"factor_id": "f"}
    moved = result_of(line(A, "20", **same), line(B, "20", scope="3", category="3.8", **same))
    assert causes(moved) == {"scope": Decimal(0)}
    table = reconciliation(moved, A, B, SETS)
    assert table.select("scope_a", "scope_b", "slices").rows() == [("1", "3", 1)]


def test_a_contract_for_a_part_of_the_electricity() -> None:
    ledger = Ledger()
    ledger.bill("meter", "electricity", "1200", *YEAR)
    ledger.terms = [term("meter")]
    ledger.instruments = [
        instrument("half", "own:green", kind="certificate", quantity_kwh=600, vintage="2024",
                   cancelled_on=date(2025, 1, 1))
    ]  # fmt: skip
    own = with_factors([factor("electricity", "0", factor_id="own:green")])
    result = ledger.calculate(books=(B, "ghgp_market"), catalogue=own)
    table = reconciliation(result, B, "ghgp_market", SETS)
    assert set(table["cause"]) <= {"factor", "upstream", "chain"}
    assert table["effect_kg"].sum() == sum(
        co2e(result, "ghgp_market", scope=scope) - co2e(result, B, scope=scope) for scope in ("1", "2", "3")
    )


MASSES = st.decimals("-1e6", "1e6", places=6)
ROWS = st.tuples(
    st.sampled_from([A, B]),
    MASSES,
    st.sampled_from(["s1", "s2"]),
    st.sampled_from(["1", "2", "3", "memo", "outside"]),
    st.sampled_from(["direct", "upstream", "total"]),
    st.sampled_from(["CO2", "CH4_fossil", "N2O", "CO2e"]),
    st.decimals("-100", "100", places=3),
    st.booleans(),
)
GAPS = st.tuples(
    st.sampled_from([A, B, None]), st.sampled_from(["s1", "s2"]), st.decimals("0", "100", places=3)
)


@settings(max_examples=60, deadline=None)
@given(st.lists(ROWS, max_size=10), st.lists(GAPS, max_size=3))
def test_the_causes_always_add_up(held: list[tuple[Any, ...]], gaps: list[tuple[Any, ...]]) -> None:
    lines = [
        line(book, str(mass), source=source, scope=scope, chain=chain, gas=gas, quantity=quantity,
             is_lead=lead, mass_kg=None if gas == "CO2e" else mass)
        for book, mass, source, scope, chain, gas, quantity, lead in held
    ]  # fmt: skip
    common = {"organisation": "o", "activity": "natural_gas", "month": MONTH, "unit": "kWh", "records": 1}
    missing = [common | {"book": book, "source": source, "quantity": amount} for book, source, amount in gaps]
    result = result_of(*lines, missing=missing)
    table = reconciliation(result, A, B, SETS)
    assert table["effect_kg"].sum() == difference(result, A, B)
    assert set(table["cause"]) <= set(CAUSES)


@pytest.mark.parametrize("pair", [(A, B), (B, A), (B, "ghgp_market")])
def test_the_way_back_is_the_way_there(pair: tuple[str, str]) -> None:
    there, back = (reconciliation(full_result(), *each, SETS) for each in (pair, pair[::-1]))
    assert there["effect_kg"].sum() == -back["effect_kg"].sum()
