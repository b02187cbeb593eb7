"""Load curves of Enedis (all values invented) and what they become."""

from decimal import Decimal
from pathlib import Path

import pytest
from golden.portals import compare, total
from golden.standard.comparison import read

from importers.enedis import Enedis

HERE = Path(__file__).parent
CASES = ["blemishes.json", "clock_change.json", "measures.json"]


def test_there_are_cases() -> None:
    assert sorted(path.name for path in HERE.iterdir() if path.suffix == ".json") == CASES


@pytest.mark.parametrize("case", CASES)
def test_what_is_read_is_expected(case: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    update = bool(request.config.getoption("--golden-update", default=False))
    result = read(Enedis(), HERE / case, tmp_path)
    compare(result, HERE / case.partition(".")[0], update=update)


@pytest.mark.parametrize(
    ("case", "numbers", "totals"),
    [
        # 25 half hours at 600 W and 25 at 1000 W: 25 × 300 + 25 × 500 Wh
        ("clock_change.json", (50, 50, 0, 0), ["20000"]),
        # 400 W, 500 W and 600 W for 10 minutes: 66.6667 + 83.3333 + 100 Wh; days: 12500 + 11800 Wh
        ("blemishes.json", (16, 5, 9, 2), ["250", "24300"]),
        # (400 + 600) W × ½ h; 100 W × ½ h fed in; days: 5824 + 6100 Wh
        ("measures.json", (9, 5, 3, 1), ["500", "50", "11924"]),
    ],
)
def test_by_hand(case: str, numbers: tuple[int, ...], totals: list[str], tmp_path: Path) -> None:
    result = read(Enedis(), HERE / case, tmp_path)
    assert (result.read, result.accepted, result.rejected, result.ignored) == numbers
    assert total(result)["quantity"].to_list() == [Decimal(text) for text in totals]
