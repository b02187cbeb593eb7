"""From a number down to the row of the file."""

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from ledger import CITY, Ledger, factor, instrument, organisations, term, with_factors

from bilanz.app.explaining.explanation import explain
from bilanz.errors import UsageError
from bilanz.instrument import INSTRUMENT_SCHEMA
from bilanz.periods import day_start
from bilanz.records import READING_SCHEMA
from bilanz.sentences import worded
from bilanz.shares import TERM_SCHEMA
from bilanz.store.connection import Store
from factors.base import catalogue

FINDING = 'file.csv, row 2, column "quantity": 1000 is implausible (round). The row was imported.'


def explained(ledger: Ledger, **told: object) -> list[dict[str, Any]]:
    terms = pl.DataFrame(ledger.terms, schema=TERM_SCHEMA, orient="row")
    found = explain(ledger.store, organisations(), terms, catalogue(), year=2024, **told)
    lines: list[dict[str, Any]] = found["lines"]
    return lines


def test_a_bill_is_followed_to_its_row_and_column() -> None:
    ledger = Ledger()
    ledger.bill("meter", "natural_gas", "1000", date(2024, 1, 1), date(2025, 1, 1), basis="Hs")
    ledger.store.con.execute(
        """INSERT INTO issue VALUES
        (1, 2, 'quantity', '1000', 'suspect_value', 'warning', '{"reason": "round"}')"""
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
        "estimated": None,
        "issues": ["suspect_value"],
        "findings": [FINDING],
    }
    steps = line["steps"]
    assert steps[:2] == [
        'file.csv, row 2, column "quantity": 1000 kWh; of this 84.699453 kWh in the month (days: 31)',
        FINDING,
    ]
    assert "× 0.903 Hi/Hs [net per gross calorific value, Natural gas; Bundesrepublik" in steps[4]
    assert "× 0.0558 t CO2/GJ (Hi) [direct, exact; ebev2030:2022:natural_gas:DE:2023:direct; " in steps[6]
    assert "= 15.364026785132 kg CO2e [Scope 1, Fuels in buildings and plants]" in steps
    assert any("comes later" in lost for lost in line["tried"])

    (german,) = explained(ledger, source="meter", month="2024-03", language="de")
    assert german["origin"][0]["share"] == "84.699453"  # for programs
    assert "davon 84,699453 kWh in diesem Monat" in german["steps"][0]
    assert any(step.startswith("× 0,0558 t CO2/GJ (Hi) [") for step in german["steps"])
    assert any(step.startswith("= 15,364026785132 kg CO2e [") for step in german["steps"])


def test_what_did_not_count_says_why() -> None:
    ledger = Ledger()
    ledger.terms = [term("sub", role="sub_meter", parent="main")]
    ledger.bill("sub", "electricity", "10", date(2024, 6, 1), date(2024, 7, 1))
    ledger.bill("gas", "natural_gas", "10", date(2024, 6, 1), date(2024, 7, 1))
    gas, sub = sorted(explained(ledger), key=lambda line: str(line["source"]))
    assert (sub["outcome"], sub["reason"]) == ("superseded", "sub_meter")
    assert sub["steps"][-1] == "Not counted: The meter refines another one and is never added to it."
    assert gas["steps"][-1] == (
        "No factor: A quantity of fuel without net (Hi) or gross (Hs) calorific value. "
        "[kWh without calorific basis]"
    )


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
    assert line["steps"][-2:] == [
        "generated, owned, under own control → Memo (in no total), Generated",
        "Shown as memo, without a factor",
    ]


def test_filters_are_checked() -> None:
    with pytest.raises(UsageError, match="not a month"):
        explained(Ledger(), month="June")
    with pytest.raises(UsageError, match="no filter"):
        explained(Ledger(), colour="green")


def test_every_sentence_is_there_in_german() -> None:
    ledger = Ledger()
    ledger.terms = [
        term("sub", role="sub_meter", parent="main"),
        term("hall", tenure="rented", control=False),
    ]
    june = (date(2024, 6, 1), date(2024, 7, 1))
    ledger.bill("sub", "electricity", "10", *june)
    ledger.bill("hall", "electricity", "10", *june)
    ledger.bill("roof", "electricity", "10", *june, direction="generation")
    ledger.bill("gas", "natural_gas", "10", *june, basis="Hs")
    ledger.bill("raw", "natural_gas", "10", *june)
    ledger.bill("shop", "purchase", "10", *june, unit="EUR", quality="spend")
    german = {line["source"]: line for line in explained(ledger, language="de")}
    english = {line["source"]: line for line in explained(ledger)}
    titles = {source: line["title"] for source, line in german.items()}
    assert titles["hall"] == "city / hall / Strom, 2024-06: 10 kWh, GHG Protocol, standortbasiert"
    assert titles["sub"] == (
        "city / sub / Strom, 2024-06: 10 kWh, GHG Protocol, standortbasiert"
        " – Der Zähler verfeinert einen anderen und wird nie zu ihm addiert."
    )
    assert (
        "verbraucht, gemietet, nicht in eigener Verfügung → Scope 3, 3.8 Von anderen gemietet und geleast"
        in (german["hall"]["steps"])
    )
    assert german["shop"]["steps"][-1].startswith("Kein Faktor: Es wurde Geld ausgegeben")
    # Beside numbers, units and identifiers nothing is the same in both languages.
    spoken = [
        (said, other)
        for source, line in german.items()
        for kind in ("steps", "tried")
        for said, other in zip(line[kind], english[source][kind], strict=True)
    ]
    same = {said for said, other in spoken if said == other}
    assert all("GWP100" in said for said in same), same


def test_a_gas_without_potential_is_explained_and_not_a_failure() -> None:
    own = factor("refrigerant", "1", gas="HFC999", per_unit="kg", factor_id="own:r")
    ledger = Ledger()
    ledger.bill("chiller", "refrigerant", "2", date(2024, 6, 1), date(2024, 7, 1), unit="kg")
    terms = pl.DataFrame([], schema=TERM_SCHEMA)
    rows = with_factors([own], only=True)
    (line,) = explain(ledger.store, organisations(), terms, rows, year=2024, language="de")["lines"]
    assert line["steps"][-1] == "Der GWP-Satz AR6 hat keinen Wert für HFC999."
    result = ledger.calculate(catalogue=rows, books=("ghgp_location",))
    (detail,) = result.exceptions["detail"]
    assert worded(detail, "de") == "AR6 hat keinen Wert für HFC999"


def test_the_chain_of_instruments_is_told_with_winners_and_losers() -> None:
    green = factor("electricity", "0", factor_id="own:green")
    ledger = Ledger()
    ledger.instruments = [
        instrument("go", "own:green", kind="certificate", quantity_kwh=12000),
        instrument("next", "own:green", kind="certificate", quantity_kwh=500, valid_to=date(2024, 2, 1)),
        instrument("label", "own:green", kind="supplier_label", source="elsewhere"),
    ]
    ledger.bill("meter", "electricity", "20000", date(2024, 3, 1), date(2024, 4, 1))
    held = pl.DataFrame(ledger.instruments, schema=INSTRUMENT_SCHEMA, orient="row")
    told = {"instruments": held, "source": "meter", "year": 2024}
    terms = pl.DataFrame(ledger.terms, schema=TERM_SCHEMA, orient="row")
    given = (ledger.store, organisations(), terms, with_factors([green]))
    (line,) = explain(*given, book="ghgp_market", **told)["lines"]
    steps = "\n".join(line["steps"])
    assert "Cancelled certificate go covers 12000 of 20000 kWh [evidence of go]" in steps
    assert "× 0 kg CO2e/kWh [direct, by contract; own:green;" in steps
    assert "The rest: 8000 of 20000 kWh" in steps
    # 8000 kWh at the residual mix of 724.56 g
    assert "= 5796.48 kg CO2e" in steps
    assert "go: exhausted: 12000 of 12000 kWh used" in line["tried"]
    assert not [lost for lost in line["tried"] if lost.startswith(("next", "label"))]
    (german,) = explain(*given, book="ghgp_market", language="de", **told)["lines"]
    assert "go: erschöpft: 12000 von 12000 kWh genutzt" in german["tried"]
    (other,) = explain(*given, book="ghgp_location", **told)["lines"]
    assert "go" not in " ".join([*other["steps"], *other["tried"]]).split()


def test_what_had_nothing_left_to_cover_is_told() -> None:
    green = factor("electricity", "0", factor_id="own:green")
    ledger = Ledger()
    ledger.instruments = [instrument("near", "own:green", source="meter"), instrument("far", "own:green")]
    ledger.bill("meter", "electricity", "100", date(2024, 3, 1), date(2024, 4, 1))
    held = pl.DataFrame(ledger.instruments, schema=INSTRUMENT_SCHEMA, orient="row")
    terms = pl.DataFrame(ledger.terms, schema=TERM_SCHEMA, orient="row")
    told = {"year": 2024, "book": "ghgp_market", "instruments": held}
    (line,) = explain(ledger.store, organisations(), terms, with_factors([green]), **told)["lines"]
    assert line["tried"][0] == "far: nothing was left for it to cover"


def test_a_part_taken_off_is_followed_to_its_own_row_and_not_to_that_of_the_whole() -> None:
    ledger = Ledger()
    ledger.terms += [term("main"), term("floor", role="tenant", parent="main")]
    ledger.bill("main", "electricity", "1000", date(2024, 1, 1), date(2024, 2, 1))
    ledger.bill("floor", "electricity", "300", date(2024, 1, 1), date(2024, 2, 1))
    lines = explained(ledger, source="main")
    told = {line["quantity"]: [entry["quantity"] for entry in line["origin"]] for line in lines}
    assert told == {"1000": ["1000"], "-300": ["300"]}


def test_of_a_row_that_may_not_be_read_only_the_share_is_told() -> None:
    ledger = Ledger()
    ledger.terms += [term("main"), term("floor", organisation="shop", role="tenant", parent="main")]
    ledger.batch(2)
    ledger.bill("main", "electricity", "1000", date(2024, 1, 1), date(2024, 2, 1))
    days = date(2024, 1, 1), date(2024, 2, 1)
    ledger.bill("floor", "electricity", "300", *days, organisation="shop", batch=2)
    told = {line["quantity"]: line for line in explained(ledger, source="main", readers=[CITY])}
    (own,), (theirs,) = told["1000"]["origin"], told["-300"]["origin"]
    assert (own["original"], own["batch"]) == ("1000 kWh", "b1")
    assert {name: value for name, value in theirs.items() if value} == {
        "file": "file.csv",
        "row": theirs["row"],
        "column": "quantity",
        "share": "300",
        "unit": "kWh",
        "days": 31,
    }
    assert "a row of another organisation; of it 300 kWh" in told["-300"]["steps"][0]
    everything = {line["quantity"]: line for line in explained(ledger, source="main")}
    assert everything["-300"]["origin"][0]["original"] == "300 kWh"


def test_an_estimate_says_what_it_rests_on() -> None:
    ledger = Ledger()
    kept = '{"method": "own_history", "reference": "2023-01", "formula": "31/1 × (310/31)"}'
    ledger.bill(
        *("meter", "electricity", "310", date(2024, 1, 1), date(2024, 2, 1)),
        quality="estimated",
        attributes=kept,
    )
    (line,) = explained(ledger, source="meter")
    said = "Estimated from the same months of earlier years (2023-01): 31/1 × (310/31)"
    assert said in line["steps"]
