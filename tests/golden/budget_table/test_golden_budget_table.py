from decimal import Decimal
from pathlib import Path

import pytest
from golden.standard.comparison import compare, read

from importers.base import ImportRequest
from importers.budget_table import BudgetTable

HERE = Path(__file__).parent
CASES = sorted(path.stem for path in HERE.glob("*.csv") if "." not in path.stem)
DECLARED = {
    "dirty_levels": {"RE bis 2022/12": "CHF", "RE bis 2023/12": "CHF"},
    "dirty_long": {"Betrag": "Ist EUR"},
}


def test_there_are_cases() -> None:
    assert CASES == ["clean_germany", "dirty_levels", "dirty_long", "dirty_planned"]


@pytest.mark.parametrize("case", CASES)
def test_records_and_issues_are_expected(case: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    update = bool(request.config.getoption("--golden-update", default=False))
    asked = ImportRequest(declared=DECLARED.get(case, {}))
    compare(read(BudgetTable(), HERE / f"{case}.csv", tmp_path, asked), HERE / case, update=update)


def test_only_actual_expenditure_is_spend(tmp_path: Path) -> None:
    """Four rows of three years: planned 4, income 2, the rest spend."""
    result = read(BudgetTable(), HERE / "clean_germany.csv", tmp_path)
    assert (result.read, result.accepted, result.rejected, result.ignored) == (12, 6, 0, 6)
    # 315300 + 18250.75 + 2800 = 336350.75; 320100.50 + 22400.10 − 150 = 342350.60
    assert [one.total for one in result.control_sums] == [Decimal("336350.75"), Decimal("342350.60")]
    assert set(result.activities["unit"]) == {"EUR"}


def test_levels_are_compared_and_never_added(tmp_path: Path) -> None:
    asked = ImportRequest(declared=DECLARED["dirty_levels"])
    result = read(BudgetTable(), HERE / "dirty_levels.csv", tmp_path, asked)
    assert (result.read, result.accepted) == (39, 6)
    # 500.50 + 1000 + 70; 600 + 1099 + 80
    assert [one.total for one in result.control_sums] == [Decimal("1570.50"), Decimal(1779)]
    found = result.issues.filter(result.issues["code"] == "control_sum")
    assert found.select("source_row", "column", "value").rows() == [(3, "RE bis 2023/12", "1699")]


def test_what_nobody_calls_actual_is_refused(tmp_path: Path) -> None:
    refused = read(BudgetTable(), HERE / "dirty_long.csv", tmp_path)
    assert (refused.read, refused.accepted, refused.rejected) == (6, 0, 6)
    asked = ImportRequest(declared=DECLARED["dirty_long"])
    result = read(BudgetTable(), HERE / "dirty_long.csv", tmp_path, asked)
    # expenditure is written with a minus sign: 315300 + 1200.50 − 100
    assert result.activities["quantity"].to_list() == [Decimal(315300), Decimal("1200.5"), Decimal(-100)]
