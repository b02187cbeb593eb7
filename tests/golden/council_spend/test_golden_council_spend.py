import json
from decimal import Decimal
from pathlib import Path

import pytest
from golden.standard.comparison import compare, read

from importers.base import ImportRequest, ImportResult
from importers.council_spend import CouncilSpend

HERE = Path(__file__).parent
CASES = sorted(path.stem for path in HERE.glob("*.csv") if "." not in path.stem)
DECLARED = {"clean_creditors_de": {"S/H-Kennzeichen": "S+"}}


def test_there_are_cases() -> None:
    clean = ["clean_contracts_de", "clean_council", "clean_creditors_de"]
    assert [*clean, "dirty_contracts", "dirty_mixed", "dirty_undeclared"] == CASES


@pytest.mark.parametrize("case", CASES)
def test_records_and_issues_are_expected(case: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    update = bool(request.config.getoption("--golden-update", default=False))
    asked = ImportRequest(declared=DECLARED.get(case, {}))
    compare(read(CouncilSpend(), HERE / f"{case}.csv", tmp_path, asked), HERE / case, update=update)


def test_clean_postings_by_hand(tmp_path: Path) -> None:
    asked = ImportRequest(declared=DECLARED["clean_creditors_de"])
    result = read(CouncilSpend(), HERE / "clean_creditors_de.csv", tmp_path, asked)
    assert (result.read, result.accepted, result.rejected, result.ignored) == (3, 3, 0, 0)
    assert result.activities.select("quantity", "unit", "document_type", "counterparty").rows() == [
        (Decimal("1234.5"), "EUR", None, "Musterwerke GmbH"),
        (Decimal(-80), "EUR", "credit", "Bürobedarf Muster"),
        (Decimal(12000), "EUR", None, "Baufirma Muster AG"),
    ]
    assert '"account":"52410000"' in result.activities["attributes"][0]


def contracts(result: ImportResult) -> list[str | None]:
    return [json.loads(text).get("contract") for text in result.activities["attributes"]]


def test_the_contract_is_kept_and_no_number_of_something_else(tmp_path: Path) -> None:
    """150 000 + 1 200 − 2 500.50 = 148 699.50; order and measure of the finance system are no contract."""
    result = read(CouncilSpend(), HERE / "clean_contracts_de.csv", tmp_path)
    assert contracts(result) == ["V-7/2024", None, "v-7/2024"]
    assert result.activities["quantity"].sum() == Decimal("148699.50")


def test_of_two_numbers_none_is_the_contract_until_declared(tmp_path: Path) -> None:
    result = read(CouncilSpend(), HERE / "dirty_contracts.csv", tmp_path)
    assert contracts(result) == [None, None]
    said = result.issues.filter(result.issues["code"] == "several_contracts")
    assert said.select("column", "value").rows() == [("Contract number", "Contract number, PO Number")]
    for title, expected in {
        "Contract number": ["C-7", None],
        "PO Number": ["4500000001", "4500000002"],
    }.items():
        asked = ImportRequest(declared={title: "contract"})
        mended = read(CouncilSpend(), HERE / "dirty_contracts.csv", tmp_path, asked)
        assert contracts(mended) == expected
        assert "several_contracts" not in set(mended.issues["code"])
    both = ImportRequest(declared={"Contract number": "contract", "PO Number": "contract"})
    assert contracts(read(CouncilSpend(), HERE / "dirty_contracts.csv", tmp_path, both)) == [None, None]


def test_dirty_list_by_hand(tmp_path: Path) -> None:
    """1234.50 + 12000 − 1234.50 − 980 + 55 + 700 = 11775; with the 710 of no date 12485, the first total."""
    result = read(CouncilSpend(), HERE / "dirty_mixed.csv", tmp_path)
    assert (result.read, result.accepted, result.rejected, result.ignored) == (12, 6, 3, 3)
    assert result.activities["quantity"].sum() == Decimal(11775)
    assert result.activities["activity"].to_list().count("purchase_capital") == 1
    other = result.issues.filter(result.issues["code"] == "control_sum")
    assert other.select("source_row", "value").rows() == [(14, "12485")]


def test_nothing_is_taken_where_currency_and_dates_are_open(tmp_path: Path) -> None:
    result = read(CouncilSpend(), HERE / "dirty_undeclared.csv", tmp_path)
    assert (result.read, result.accepted, result.rejected) == (2, 0, 2)
    declared = {"Gross Amount": "EUR", "Payment Date": "DD/MM/YYYY"}
    mended = read(CouncilSpend(), HERE / "dirty_undeclared.csv", tmp_path, ImportRequest(declared=declared))
    assert mended.activities["quantity"].to_list() == [Decimal(119), Decimal(238)]
    assert {"gross_only", "other_amounts"} <= set(mended.issues["code"])
