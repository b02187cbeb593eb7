from decimal import Decimal
from pathlib import Path

import pytest
from golden.standard.comparison import compare, read

from importers.ocds import Ocds

HERE = Path(__file__).parent
CASES = sorted(path.stem for path in HERE.glob("*.json"))


def test_there_are_cases() -> None:
    assert CASES == ["clean_package", "dirty_records"]


@pytest.mark.parametrize("case", CASES)
def test_records_and_issues_are_expected(case: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    update = bool(request.config.getoption("--golden-update", default=False))
    compare(read(Ocds(), HERE / f"{case}.json", tmp_path), HERE / case, update=update)


def test_a_contract_counts_once_for_its_award_and_all_releases(tmp_path: Path) -> None:
    result = read(Ocds(), HERE / "clean_package.json", tmp_path)
    assert (result.read, result.accepted, result.rejected, result.ignored) == (2, 2, 0, 0)
    assert result.activities.select("document", "quantity", "unit", "counterparty").rows() == [
        ("C1", Decimal("101000.5"), "EUR", "Solar Muster GmbH"),
        ("A9", Decimal(5000), "GBP", "Roof Ltd"),
    ]
    assert '"cpv":"09331200"' in result.activities["attributes"][0]


def test_what_cannot_be_taken_is_counted_and_said(tmp_path: Path) -> None:
    """Six awards and three contracts and a process without: one taken (400), four rejected, five ignored."""
    result = read(Ocds(), HERE / "dirty_records.json", tmp_path)
    assert (result.read, result.accepted, result.rejected, result.ignored) == (10, 1, 4, 5)
    assert result.activities["quantity"].to_list() == [Decimal(400)]
