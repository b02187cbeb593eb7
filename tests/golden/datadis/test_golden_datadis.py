"""Hourly values of Datadis (all values invented) and what they become."""

from decimal import Decimal
from pathlib import Path

import pytest
from golden.portals import compare, total
from golden.standard.comparison import read

from importers.datadis import Datadis

HERE = Path(__file__).parent
CASES = ["blemishes.json", "clock_change.json"]


def test_there_are_cases() -> None:
    assert sorted(path.name for path in HERE.iterdir() if path.suffix == ".json") == CASES


@pytest.mark.parametrize("case", CASES)
def test_what_is_read_is_expected(case: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    update = bool(request.config.getoption("--golden-update", default=False))
    result = read(Datadis(), HERE / case, tmp_path)
    compare(result, HERE / case.partition(".")[0], update=update)


@pytest.mark.parametrize(
    ("case", "numbers", "totals"),
    [
        # March: 23 × 0.5; October: 23 × 0.25 + 2 × 1.25 = 19.75; one hour with a surplus of 0.1
        ("clock_change.json", (49, 49, 0, 0), ["19.75", "0.1"]),
        # 0.5 + 0.25 + 1.5 + 0.123457 + 2; surplus 0.3; generation 3, of which 2.7 was used at once
        ("blemishes.json", (15, 7, 5, 3), ["4.373457", "0.3", "3"]),
    ],
)
def test_by_hand(case: str, numbers: tuple[int, ...], totals: list[str], tmp_path: Path) -> None:
    result = read(Datadis(), HERE / case, tmp_path)
    assert (result.read, result.accepted, result.rejected, result.ignored) == numbers
    assert total(result)["quantity"].to_list() == [Decimal(text) for text in totals]
