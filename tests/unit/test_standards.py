"""ISO 14064-1 and the disclosure by gas: other orders of the same lines, nothing lost, nothing renamed."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger import Ledger, co2e, factor, gwp, term, with_factors
from unit.reports.synthetic import frame, full_result

from bilanz import iso14064
from bilanz.disclosure import SEVEN, by_gas, group_of
from bilanz.errors import UsageError
from bilanz.result import LINE_SCHEMA

YEAR = (date(2024, 1, 1), date(2025, 1, 1))
BOOKS = ("ghgp_location", "ghgp_market")


def test_the_categories_make_up_the_total_of_each_book() -> None:
    result = full_result()
    found = iso14064.by_category(result.lines, BOOKS, iso14064.mapping())
    for book in BOOKS:
        parts = found.filter(pl.col("book") == book)["co2e_kg"].sum()
        assert parts == sum(co2e(result, book, scope=scope) for scope in ("1", "2", "3"))
    numbers = dict(found.filter(pl.col("book") == BOOKS[0]).select("category", "iso_category").iter_rows())
    assert numbers == {
        "stationary_combustion": 1,
        "mobile_combustion": 1,
        "purchased_electricity": 2,
        "3.1": 4,
        "3.3": 4,
    }


def test_a_file_moves_upstream_of_energy_and_leaves_the_total(tmp_path: Path) -> None:
    (tmp_path / "iso14064.toml").write_text('[map]\n"3.3" = 2\n', encoding="utf-8")
    moved = iso14064.mapping(tmp_path)
    assert moved == iso14064.mapping() | {"3.3": 2}
    lines = full_result().lines
    one, other = (iso14064.by_category(lines, BOOKS, to) for to in (iso14064.mapping(), moved))
    assert one["co2e_kg"].sum() == other["co2e_kg"].sum()
    assert (
        one.filter(pl.col("iso_category") == 2)["co2e_kg"].sum()
        < other.filter(pl.col("iso_category") == 2)["co2e_kg"].sum()
    )


@pytest.mark.parametrize("text", ['[map]\n"3.3" = 7\n', '"3.3" = 2\n', "[map\n", '[map]\n"1" = true\n'])
def test_a_map_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "iso14064.toml").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError):
        iso14064.mapping(tmp_path)


def test_every_scope_and_category_there_is_has_a_place() -> None:
    shipped = iso14064.mapping()
    assert set(shipped) == {"1", "2", "3", *(f"3.{number}" for number in range(1, 16))}


@pytest.mark.parametrize(
    ("gas", "row"),
    [
        ("CO2", "CO2"),
        ("CH4_biogenic", "CH4"),
        ("HFC134a", "HFCs"),
        ("C2F6", "PFCs"),
        ("cC4F8", "PFCs"),
        ("CO2e", "not_broken_down"),
        ("HFO1234yf", "other"),
        ("HFE125", "other"),
        ("SF5CF3", "other"),
        ("CFC12", "other"),
        ("SF6", "SF6"),
    ],
)
def test_the_row_of_a_gas(gas: str, row: str) -> None:
    assert group_of(gas) == row


def test_the_seven_gases_by_hand() -> None:
    ledger = Ledger()
    ledger.bill("boiler", "natural_gas", "1000", *YEAR, basis="Hi")
    ledger.bill("chiller", "refrigerant", "2", *YEAR, unit="kg", product_group="R410A")
    ledger.bill("old", "refrigerant", "1", *YEAR, unit="kg", product_group="R22")
    ledger.bill("meter", "electricity", "1000", *YEAR)
    ledger.terms = [
        term("boiler", activity="natural_gas"),
        term("chiller", activity="refrigerant"),
        term("old", activity="refrigerant"),
        term("meter"),
    ]
    fuel = {"activity": "natural_gas", "basis": "Hi", "factor_id": "own:gas"}
    told = {"CO2": "0.2", "CH4": "0.00001", "N2O": "0.000001"}
    rows = [factor(value=value, gas=gas, **{**fuel, "source": "custom"}) for gas, value in told.items()]
    result = ledger.calculate(books=("ghgp_location",), catalogue=with_factors(rows))
    found = by_gas(result.lines, {"ghgp_location": gwp("AR6")})
    cells = {(scope, gas): (mass, co2e) for _, scope, gas, mass, co2e in found.iter_rows()}
    assert cells["1", "CO2"] == (Decimal(200), Decimal(200))
    assert cells["1", "CH4"][0] == Decimal("0.01")
    assert cells["1", "N2O"] == (Decimal("0.001"), Decimal("0.273"))  # 0.001 kg × 273 (AR6)
    # 2 kg R410A: half HFC32, half HFC125; both are HFCs: 2 × (0.5 × 771 + 0.5 × 3740) = 4511 (AR6)
    assert cells["1", "HFCs"] == (Decimal(2), Decimal(4511))
    assert cells["outside", "montreal_gases"][0] == Decimal(1)
    assert not any(scope == "2" and gas == "CO2e" for scope, gas in cells)
    total = found.filter(pl.col("scope") != "outside")["co2e_kg"].sum()
    assert total == sum(co2e(result, "ghgp_location", scope=scope) for scope in ("1", "2", "3"))


def test_what_states_co2e_only_is_never_carbon_dioxide() -> None:
    found = by_gas(full_result().lines, dict.fromkeys(BOOKS, gwp("AR6")))
    assert set(found["gas"]) == {"not_broken_down"}
    assert found["mass_kg"].null_count() == found.height


GASES = st.sampled_from(["CO2", "CH4_fossil", "N2O", "R410A", "R448A", "R507A", "SF6", "CO2e", "HFC32"])


@given(st.lists(st.tuples(GASES, st.decimals("0", "1e6", places=12)), min_size=1, max_size=12))
def test_no_gas_is_lost_however_blends_are_taken_apart(held: list[tuple[str, Decimal]]) -> None:
    common = {"book": "b", "scope": "1", "category": "fugitive"}
    rows = [{**common, "gas": gas, "mass_kg": mass, "co2e_kg": mass} for gas, mass in held]
    lines = frame(rows, LINE_SCHEMA)
    found = by_gas(lines, {"b": gwp("AR6")})
    assert found["co2e_kg"].sum() == sum(mass for _, mass in held)
    assert set(found["gas"]) <= {*SEVEN, "other", "not_broken_down"}
