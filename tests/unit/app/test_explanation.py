"""From a number down to the row of the file."""

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from ledger import Ledger, organisations, term

from bilanz.app.explanation import explain
from bilanz.errors import UsageError
from bilanz.periods import day_start
from bilanz.records import READING_SCHEMA
from bilanz.shares import TERM_SCHEMA
from bilanz.store.connection import Store
from factors.base import catalogue


def explained(ledger: Ledger, **told: object) -> list[dict[str, Any]]:
    terms = pl.DataFrame(ledger.terms, schema=TERM_SCHEMA, orient="row")
    found = explain(ledger.store, organisations(), terms, catalogue(), year=2024, **told)
    lines: list[dict[str, Any]] = found["lines"]
    return lines


def test_a_bill_is_followed_to_its_row_and_column() -> None:
    ledger = Ledger()
    ledger.bill("meter", "natural_gas", "1000", date(2024, 1, 1), date(2025, 1, 1), basis="Hs")
    ledger.store.con.execute(
        "INSERT INTO issue VALUES (1, 2, 'quantity', '1000', 'suspect_value', 'warning', '{}')"
    )
    (line,) = explained(ledger, source="meter", month="2024-03")
    assert line["origin"][0] == {
        "file": "file.csv",
        "sha256": f"{1:064x}",
        "batch": "b1",
        "row": 2,
        "column": "quantity",
        "document": None,
        "original": "1000 kWh",
        "quantity": "1000",
        "unit": "kWh",
        "period": "2023-12-31T23:00:00Z/2024-12-31T23:00:00Z",
        "share": "84.699453",
        "days": 31,
        "issues": ["suspect_value"],
    }
    steps = "\n".join(line["steps"])
    assert 'file.csv, row 2, column "quantity": 1000 kWh, of which 84.699453 kWh on 31 days' in steps
    assert "× 0.903 Hi/Hs [hi_per_hs (natural_gas); Bundesrepublik Deutschland" in steps
    assert "× 0.0558 t CO2/GJ (Hi) [direct; ebev2030:2022:natural_gas:DE:2023:direct" in steps
    assert "= 15.364026785132 kg CO2e [scope 1, stationary_combustion]" in steps
    assert any("comes later" in lost for lost in line["tried"])


def test_what_did_not_count_says_why() -> None:
    ledger = Ledger()
    ledger.terms = [term("sub", role="sub_meter", parent="main")]
    ledger.bill("sub", "electricity", "10", date(2024, 6, 1), date(2024, 7, 1))
    ledger.bill("gas", "natural_gas", "10", date(2024, 6, 1), date(2024, 7, 1))
    gas, sub = sorted(explained(ledger), key=lambda line: str(line["source"]))
    assert (sub["outcome"], sub["reason"]) == ("superseded", "sub_meter")
    assert "no factor: basis_missing (kWh without calorific basis)" in gas["steps"]


def test_readings_are_followed_to_file_and_rows(tmp_path: Path) -> None:
    ledger = Ledger(store=Store(con=duckdb.connect(), directory=tmp_path))
    ledger.day("meter", "electricity", "2", date(2024, 6, 1), measured=2)
    key = ledger.key("meter", "electricity", minutes=15)
    starts = [day_start("Europe/Berlin", date(2024, 6, day)) for day in (1, 2)]
    rows = [(0, start, 15, "1.000000", 0, 18 + index) for index, start in enumerate(starts)]
    ledger.store.readings.mkdir()
    schema = READING_SCHEMA | {"quantity": pl.String}
    frame = pl.DataFrame(rows, schema=schema, orient="row").cast({"quantity": READING_SCHEMA["quantity"]})
    frame.write_parquet(ledger.store.readings_file("b1"))
    ledger.store.con.execute("INSERT INTO batch_series VALUES (1, 0, ?, 2, ?, ?)", [key, *starts])
    (line,) = explained(ledger, activity="electricity", book="bisko")
    assert line["origin"] == [
        {
            "file": "file.csv",
            "sha256": f"{1:064x}",
            "batch": "b1",
            "parquet": "b1.parquet",
            "readings": 2,
            "first_row": 18,
            "last_row": 19,
        }
    ]
    assert "file.csv, rows 18 to 19: 2 readings (b1.parquet)" in line["steps"]


def test_memo_items_need_no_factor() -> None:
    ledger = Ledger()
    ledger.bill("roof", "electricity", "10", date(2024, 6, 1), date(2024, 7, 1), direction="generation")
    (line,) = explained(ledger)
    assert line["steps"][-1] == "shown as memo, no factor"


def test_filters_are_checked() -> None:
    with pytest.raises(UsageError, match="not a month"):
        explained(Ledger(), month="June")
    with pytest.raises(UsageError, match="no filter"):
        explained(Ledger(), colour="green")
