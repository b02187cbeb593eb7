from decimal import Decimal
from pathlib import Path

import pytest
from golden.standard.comparison import compare, read

from importers.eforms import EForms

HERE = Path(__file__).parent
CASES = sorted(path.stem for path in HERE.glob("*.xml"))


def test_there_are_cases() -> None:
    assert CASES == ["clean_two_lots", "dirty_lots"]


@pytest.mark.parametrize("case", CASES)
def test_records_and_issues_are_expected(case: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    update = bool(request.config.getoption("--golden-update", default=False))
    compare(read(EForms(), HERE / f"{case}.xml", tmp_path), HERE / case, update=update)


def test_each_lot_has_its_awarded_value(tmp_path: Path) -> None:
    result = read(EForms(), HERE / "clean_two_lots.xml", tmp_path)
    assert (result.read, result.accepted, result.rejected, result.ignored) == (2, 2, 0, 0)
    assert result.activities.select(
        "document", "quantity", "unit", "counterparty", "document_type"
    ).rows() == [
        ("V-2024-17", Decimal("100000.5"), "EUR", "Solar Muster GmbH", "contract"),
        ("V-2024-18", Decimal(50000), "EUR", "Solar Muster GmbH, Dach Muster AG", "contract"),
    ]
    assert "control_sum" not in set(result.issues["code"])


def test_what_is_no_award_is_counted_and_said(tmp_path: Path) -> None:
    """Five tenders and a lot without one: one taken, two rejected, three ignored."""
    result = read(EForms(), HERE / "dirty_lots.xml", tmp_path)
    assert (result.read, result.accepted, result.rejected, result.ignored) == (6, 1, 2, 3)
    assert result.activities["quantity"].to_list() == [Decimal(2000)]
    assert set(result.issues["code"]) >= {
        "not_a_number",
        "unknown_unit",
        "lot_not_awarded",
        "tender_not_awarded",
        "contract_without_value",
    }
