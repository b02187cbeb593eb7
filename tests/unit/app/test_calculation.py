from datetime import date
from decimal import Decimal

import pytest
from ledger import CITY, Ledger, organisations

from bilanz.app.calculation import descendants
from bilanz.app.shown.summary import summary
from bilanz.errors import UnknownName

JUNE = (date(2024, 6, 1), date(2024, 7, 1))


def test_the_answer_of_calculate() -> None:
    ledger = Ledger()
    ledger.bill("meter", "electricity", "1000", *JUNE)
    ledger.bill("truck", "diesel", "100", *JUNE, unit="l")
    ledger.bill("gas", "natural_gas", "1", *JUNE)
    result = ledger.calculate()
    found = summary(result)
    books = {book["book"]: book for book in found["books"]}
    # 267.6284 CO2 and, beside it, 3.436760579514 of CH4 and N2O (DESNZ)
    assert books["ghgp_location"]["scopes"] == {"1": "271.065160579514", "2": "361"}
    assert books["ghgp_market"]["scopes"] == {"1": "271.065160579514", "2": "724.56"}
    assert books["bisko"]["scopes"] == {"2": "414", "memo": "267.6284"}
    assert books["bisko"]["co2e_kg"] == "414"  # memo is in no total
    assert books["bisko"]["verdict"] == "unknown"
    assert found["grades"]["bisko"] == {"proxy": "1"}
    assert found["exceptions"] == 3
    assert found["exceptions_by_code"] == {"basis_missing": 3}
    assert found["coverage"]["records"] == "2/3"
    assert found["coverage"]["energy_kwh"] == "2005.611111"  # 1000 + 1 + 100 × 0.845 × 42.8 / 3.6
    assert (found["result_hash"], found["manifest_hash"]) == (
        result.manifest.result_hash,
        result.manifest.manifest_hash,
    )


def test_an_empty_year_has_an_answer() -> None:
    found = summary(Ledger().calculate())
    assert [book["co2e_kg"] for book in found["books"]] == ["0", "0", "0"]
    assert found["coverage"]["share_of_days"] is None
    assert found["coverage"]["records"] == "0/0"


def test_calculating_again_gives_the_same_bytes() -> None:
    ledger = Ledger()
    ledger.bill("meter", "electricity", "1000", *JUNE)
    assert ledger.calculate().manifest.manifest_hash == ledger.calculate().manifest.manifest_hash


def test_a_run_of_an_organisation_names_no_file_of_another() -> None:
    ledger = Ledger()
    ledger.batch(2)
    ledger.batch(3)
    ledger.bill("bill", "electricity", "1000", *JUNE, batch=3)
    ledger.day("theirs", "electricity", "10", JUNE[0], organisation="works")
    ledger.day("ours", "electricity", "10", JUNE[0])
    for batch, source, organisation in ((1, "ours", CITY), (2, "theirs", "works")):
        key = ledger.key(source, "electricity", organisation=organisation, minutes=15)
        ledger.store.con.execute(
            "INSERT INTO batch_series VALUES (?, 1, ?, 96, TIMESTAMP '2024-06-01', TIMESTAMP '2024-06-02')",
            [batch, key],
        )
    both = ledger.calculate(organisations=organisations(CITY, "works"), organisation=None)
    assert both.batches["batch"].to_list() == ["b1", "b2", "b3"]
    own = ledger.calculate(organisations=organisations(CITY, "works"), organisation="works")
    assert own.batches["batch"].to_list() == ["b2"]


def test_batches_and_factors_in_use_are_named() -> None:
    ledger = Ledger()
    ledger.batch(2)
    ledger.bill("meter", "electricity", "1000", *JUNE)
    result = ledger.calculate(books=("bisko",))
    assert result.batches["batch"].to_list() == ["b1"]
    assert result.factors["value"].to_list() == [Decimal(414)]
    assert result.factors["factor_id"].to_list() == ["uba_strommix:cc16_2026:electricity:DE:2024:total"]


def test_descendants_are_everything_below() -> None:
    assert descendants(organisations(CITY, "school"), CITY) == (CITY, "school")
    with pytest.raises(UnknownName):
        descendants(organisations(CITY), "nowhere")
