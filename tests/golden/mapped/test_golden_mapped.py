"""Files of two senders by their mapping profiles: a wide yearly list, deliveries with turned signs."""

from decimal import Decimal
from pathlib import Path

import pytest
from golden.standard.comparison import compare, workspace

from importers.base import ImportRequest, ImportResult
from importers.mapped import Mapped
from importers.profiles.profile import read as read_profile

HERE = Path(__file__).parent
CASES = sorted(path.stem for path in HERE.glob("*.toml"))


def imported(case: str, directory: Path) -> ImportResult:
    request = ImportRequest(profile=read_profile(HERE / f"{case}.toml"))
    result = Mapped().read(HERE / f"{case}.csv", request, workspace(directory))
    result.check()
    return result


def test_there_are_cases() -> None:
    assert CASES == ["long_en", "wide_de"]


@pytest.mark.parametrize("case", CASES)
def test_records_and_issues_are_expected(case: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    update = bool(request.config.getoption("--golden-update", default=False))
    compare(imported(case, tmp_path), HERE / case, update=update)


def test_the_wide_list_by_hand(tmp_path: Path) -> None:
    result = imported("wide_de", tmp_path)
    # 4 rows × 2 columns; a blank cell and the two cells of the total are ignored
    assert (result.read, result.accepted, result.rejected, result.ignored) == (8, 5, 0, 3)
    assert result.activities["quantity"].sum() == Decimal("12345.5") + 80000 + 98000 + 11900 + 79500


def test_the_deliveries_by_hand(tmp_path: Path) -> None:
    result = imported("long_en", tmp_path)
    # a price that is no number, 31 February and "x" are rejected, the empty quantity is ignored
    assert (result.read, result.accepted, result.rejected, result.ignored) == (5, 1, 3, 1)
    assert result.activities.select("quantity", "cost_net").rows() == [(Decimal(1500), Decimal(1350))]
