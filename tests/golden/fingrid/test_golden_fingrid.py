"""Time series of the Finnish Datahub (all values invented) and what they become."""

from decimal import Decimal
from pathlib import Path

import pytest
from golden.portals import compare, total
from golden.standard.comparison import read

from importers.fingrid import Fingrid

HERE = Path(__file__).parent
CASES = ["blemishes.json", "day_of_23_hours.json"]


def test_there_are_cases() -> None:
    assert sorted(path.name for path in HERE.iterdir() if path.suffix == ".json") == CASES


@pytest.mark.parametrize("case", CASES)
def test_what_is_read_is_expected(case: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    update = bool(request.config.getoption("--golden-update", default=False))
    result = read(Fingrid(), HERE / case, tmp_path)
    compare(result, HERE / case.partition(".")[0], update=update)


@pytest.mark.parametrize(
    ("case", "numbers", "totals"),
    [
        # 31 March 2024: 23 × 1.5
        ("day_of_23_hours.json", (23, 23, 0, 0), ["34.5"]),
        # 1.25 + 2.5 + 3, and a day of 30
        ("blemishes.json", (12, 4, 6, 2), ["6.75", "30"]),
    ],
)
def test_by_hand(case: str, numbers: tuple[int, ...], totals: list[str], tmp_path: Path) -> None:
    result = read(Fingrid(), HERE / case, tmp_path)
    assert (result.read, result.accepted, result.rejected, result.ignored) == numbers
    assert total(result)["quantity"].to_list() == [Decimal(text) for text in totals]
