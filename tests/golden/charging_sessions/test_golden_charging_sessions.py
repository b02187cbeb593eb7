"""Lists of charging sessions (all values invented) and what they become."""

from decimal import Decimal
from pathlib import Path

import pytest
from golden.portals import compare, total
from golden.standard.comparison import read

from importers.charging_sessions import ChargingSessions

HERE = Path(__file__).parent
CASES = ["clean_de.csv", "dirty_en.csv"]


def test_there_are_cases() -> None:
    assert (
        sorted(path.name for path in HERE.iterdir() if path.suffix == ".csv" and path.name.count(".") == 1)
        == CASES
    )


@pytest.mark.parametrize("case", CASES)
def test_what_is_read_is_expected(case: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    update = bool(request.config.getoption("--golden-update", default=False))
    result = read(ChargingSessions(), HERE / case, tmp_path)
    compare(result, HERE / case.partition(".")[0], update=update)


@pytest.mark.parametrize(
    ("case", "numbers", "totals"),
    [
        # 38.412 + 3.25, and a session of 0
        ("clean_de.csv", (4, 3, 0, 1), ["41.662", "0"]),
        # 40.5 + 30 + 3 + 3
        ("dirty_en.csv", (10, 4, 5, 1), ["76.5"]),
    ],
)
def test_by_hand(case: str, numbers: tuple[int, ...], totals: list[str], tmp_path: Path) -> None:
    result = read(ChargingSessions(), HERE / case, tmp_path)
    assert (result.read, result.accepted, result.rejected, result.ignored) == numbers
    assert total(result)["quantity"].to_list() == [Decimal(text) for text in totals]
