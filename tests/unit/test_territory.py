from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger import CITY, Ledger
from town import METHOD, YEAR, balanced, put

from bilanz.territory import CELL_SCHEMA, GRADE_COLUMNS, MUNICIPAL_SCHEMA, Territory, with_municipal


def cell(territory: Territory, sector: str | None, carrier: str) -> dict[str, object]:
    rows = territory.cells.filter(
        pl.col("sector").eq_missing(pl.lit(sector, dtype=pl.String)), pl.col("carrier") == carrier
    )
    return rows.row(0, named=True)


def own(carrier: str, kwh: str, use: str = "power") -> pl.DataFrame:
    row = dict.fromkeys(GRADE_COLUMNS, Decimal(0)) | {
        "organisation": CITY,
        "carrier": carrier,
        "use": use,
        "energy_kwh": Decimal(kwh),
        "energy_a": Decimal(kwh),
    }
    return pl.DataFrame([row], schema=MUNICIPAL_SCHEMA, orient="row")


def town() -> Ledger:
    ledger = Ledger()
    put(ledger, "households", "electricity", "2000000", data_grade="A")
    put(ledger, "commerce", "electricity", "1000000", data_grade="B")
    put(ledger, "households", "natural_gas", "1000000", data_grade="A")
    put(ledger, "transport", "diesel", "500000", source="sales / transport")
    return ledger


def test_cells_are_net_energy_by_sector_carrier_and_use() -> None:
    found, _ = balanced(town())
    assert found.cells.select("sector", "carrier", "use", "energy_kwh").rows() == [
        ("households", "Strom", "power", Decimal(2_000_000)),
        ("households", "Erdgas", "heat", Decimal(903_000)),  # 1 000 000 kWh (Hs) × 0.903
        ("commerce", "Strom", "power", Decimal(1_000_000)),
        ("transport", "Diesel", "transport", Decimal(500_000)),
    ]
    assert cell(found, "households", "Strom")["co2e_kg"] == Decimal(828_000)  # 2 GWh × 0.414 kg/kWh
    assert cell(found, "transport", "Diesel")["energy_ungraded"] == Decimal(500_000)
    assert found.findings.is_empty()
    assert found.outside.is_empty()


def test_vehicle_fuels_count_in_a_territory_though_the_book_has_them_as_memo() -> None:
    found, result = balanced(town())
    memo = result.lines.filter(pl.col("scope") == "memo")["co2e_kg"].sum()
    assert memo > 0
    assert cell(found, "transport", "Diesel")["co2e_kg"] == memo


def test_the_cells_are_the_lines() -> None:
    found, result = balanced(town())
    assert found.cells["co2e_kg"].sum() == result.lines["co2e_kg"].sum()


def test_municipal_consumption_is_taken_off_commerce_once() -> None:
    before, _ = balanced(town())
    after, _ = balanced(town(), municipal=own("Strom", "250000"))
    assert cell(after, "municipal", "Strom")["energy_kwh"] == Decimal(250_000)
    assert cell(after, "commerce", "Strom")["energy_kwh"] == Decimal(750_000)
    assert cell(after, "municipal", "Strom")["co2e_kg"] == Decimal(103_500)  # 250 000 × 0.414
    assert cell(after, "commerce", "Strom")["co2e_kg"] == Decimal(310_500)
    assert cell(after, "municipal", "Strom")["energy_a"] == Decimal(250_000)
    assert cell(after, "commerce", "Strom")["energy_b"] == Decimal(750_000)
    assert after.cells["energy_kwh"].sum() == before.cells["energy_kwh"].sum()
    assert after.cells["co2e_kg"].sum() == before.cells["co2e_kg"].sum()


def test_what_is_missing_in_commerce_is_missing_once() -> None:
    ledger = town()
    put(ledger, "commerce", "electricity", "5", source="unknown / commerce", unit="parts")
    pool, _ = balanced(ledger)
    after, _ = balanced(ledger, municipal=own("Strom", "250000"))
    missing = cell(pool, "commerce", "Strom")["gaps"]
    assert missing > 0
    assert [cell(after, sector, "Strom")["gaps"] for sector in ("commerce", "municipal")] == [missing, 0]


def test_a_municipal_record_stands_beside_commerce_and_changes_nothing() -> None:
    ledger = town()
    put(ledger, "municipal", "electricity", "300000", data_grade="A")
    found, _ = balanced(ledger)
    assert cell(found, "municipal", "Strom")["energy_kwh"] == Decimal(300_000)
    assert cell(found, "commerce", "Strom")["energy_kwh"] == Decimal(1_000_000)
    assert found.findings.is_empty()


def test_where_both_speak_the_own_balance_stands_and_the_difference_is_said() -> None:
    ledger = town()
    put(ledger, "municipal", "electricity", "300000", data_grade="A")
    found, _ = balanced(ledger, municipal=own("Strom", "250000"))
    assert cell(found, "municipal", "Strom")["energy_kwh"] == Decimal(250_000)
    assert cell(found, "commerce", "Strom")["energy_kwh"] == Decimal(
        1_050_000
    )  # 1 000 000 + 300 000 − 250 000
    assert found.findings.select("code", "subject", "value", "other").rows() == [
        ("municipal_differs", "Strom", Decimal(250_000), Decimal(300_000))
    ]


def test_more_than_commerce_has_is_said_and_not_taken() -> None:
    found, _ = balanced(town(), municipal=own("Strom", "1000001"))
    assert "municipal" not in found.cells["sector"]
    assert cell(found, "commerce", "Strom")["energy_kwh"] == Decimal(1_000_000)
    assert found.findings.select("code", "value", "other").rows() == [
        ("municipal_exceeds", Decimal(1_000_001), Decimal(1_000_000))
    ]


def test_a_source_without_a_sector_is_a_cell_of_its_own_and_named() -> None:
    ledger = town()
    ledger.bill("meter", "electricity", "700", *YEAR)
    found, _ = balanced(ledger)
    assert cell(found, None, "Strom")["energy_kwh"] == Decimal(700)
    assert found.findings.select("code", "subject", "value").rows() == [
        ("sector_unstated", "meter", Decimal(700))
    ]


def test_gross_energy_without_a_way_to_net_is_a_gap_and_no_number() -> None:
    found, _ = balanced(town(), ratios={})
    gas = cell(found, "households", "Erdgas")
    assert (gas["energy_kwh"], gas["gaps"]) == (Decimal(0), 1)


def test_mileage_and_generation_stand_outside() -> None:
    ledger = town()
    put(ledger, "transport", None, "18000000", unit="km", vehicle="car", source="model / transport / car")
    put(ledger, "households", "electricity", "900", role="generated", source="register / pv")
    found, _ = balanced(ledger)
    assert found.outside.select("sector", "unit", "quantity", "reason").rows() == [
        ("households", "kWh", Decimal(900), "generated"),
        ("transport", "km", Decimal(18_000_000), "activity_unknown"),
    ]


def test_the_worst_grade_of_a_source_counts_and_a_missing_one_makes_it_ungraded() -> None:
    ledger = Ledger()
    put(ledger, "households", "electricity", "100", data_grade="A")
    put(ledger, "households", "electricity", "50", data_grade="C", quality="measured")
    assert balanced(ledger)[0].cells["energy_c"].sum() > 0
    put(ledger, "households", "electricity", "7", quality="measured")
    found, _ = balanced(ledger)
    assert found.cells["energy_ungraded"].sum() == found.cells["energy_kwh"].sum()


def test_the_mark_of_a_zero_beside_a_quantity_is_said() -> None:
    ledger = town()
    put(ledger, "industry", "electricity", "5", source="grid / industry", zero_confirmed="yes")
    found, _ = balanced(ledger)
    assert found.findings.select("code", "subject").rows() == [("zero_mark_ignored", "grid / industry")]
    assert cell(found, "industry", "Strom")["energy_kwh"] == 5


def test_a_zero_is_a_cell_of_its_sector_and_asks_for_no_grade() -> None:
    ledger = Ledger()
    put(ledger, "industry", "district_heat", "0")
    found, _ = balanced(ledger)
    assert cell(found, "industry", "Fernwärme")["energy_kwh"] == 0
    assert found.findings.is_empty()


@pytest.mark.parametrize("activity", ["electricity", "heating_oil"])
def test_every_carrier_has_a_use(activity: str) -> None:
    assert METHOD.use(activity, "households") in {"power", "heat"}
    assert METHOD.use(activity, "transport") == "transport"


@given(
    commerce=st.decimals(0, 10**9, places=6),
    record=st.decimals(0, 10**6, places=6),
    municipal=st.decimals("0.000001", 10**9, places=6),
    mass=st.decimals(0, 10**6, places=12),
)
def test_no_total_moves_whatever_the_municipality_says(
    commerce: Decimal, record: Decimal, municipal: Decimal, mass: Decimal
) -> None:
    rows = [
        dict.fromkeys(CELL_SCHEMA)
        | dict.fromkeys(GRADE_COLUMNS, Decimal(0))
        | {"organisation": CITY, "year": 2024, "sector": sector, "carrier": "Strom", "use": "power"}
        | {"energy_kwh": energy, "energy_c": energy, "co2e_kg": mass, "gaps": 0, "factors": "f"}
        for sector, energy in (("commerce", commerce), ("municipal", record))
    ]
    cells = pl.DataFrame(rows, schema=CELL_SCHEMA, orient="row")
    moved, findings = with_municipal(cells, own("Strom", str(municipal)), METHOD)
    for name in ("energy_kwh", "co2e_kg"):
        assert moved[name].sum() == cells[name].sum()
    assert sum(moved[name].sum() for name in GRADE_COLUMNS) == cells["energy_kwh"].sum()
    assert moved["energy_kwh"].min() >= 0
    assert ("municipal_exceeds" in findings["code"]) == (municipal > commerce + record)
