"""Register readings of Mijn Aansluiting (all values invented) and what they become."""

from decimal import Decimal
from pathlib import Path

import pytest
from golden.portals import compare, total
from golden.standard.comparison import read

from importers.mijn_aansluiting import MijnAansluiting

HERE = Path(__file__).parent
CASES = ["blemishes.json", "two_connections.json"]


def test_there_are_cases() -> None:
    assert sorted(path.name for path in HERE.iterdir() if path.suffix == ".json") == CASES


@pytest.mark.parametrize("case", CASES)
def test_what_is_read_is_expected(case: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    update = bool(request.config.getoption("--golden-update", default=False))
    result = read(MijnAansluiting(), HERE / case, tmp_path)
    compare(result, HERE / case.partition(".")[0], update=update)


@pytest.mark.parametrize(
    ("case", "numbers", "totals"),
    [
        # 110 − 100; 203 − 200; 51 − 50; 1010.75 − 1000.5
        ("two_connections.json", (9, 5, 0, 4), ["10", "3", "1", "10.25"]),
        # 15 − 10, then the register starts over: 6 − 4; the next meter: 907 − 900
        ("blemishes.json", (15, 3, 7, 5), ["14"]),
    ],
)
def test_by_hand(case: str, numbers: tuple[int, ...], totals: list[str], tmp_path: Path) -> None:
    result = read(MijnAansluiting(), HERE / case, tmp_path)
    assert (result.read, result.accepted, result.rejected, result.ignored) == numbers
    assert total(result)["quantity"].to_list() == [Decimal(text) for text in totals]
