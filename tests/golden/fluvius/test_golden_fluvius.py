"""Energy values of Fluvius (all values invented) and what they become."""

from decimal import Decimal
from pathlib import Path

import pytest
from golden.portals import compare, total
from golden.standard.comparison import read

from importers.fluvius import Fluvius

HERE = Path(__file__).parent
CASES = ["connection.json", "meters.json"]


def test_there_are_cases() -> None:
    assert sorted(path.name for path in HERE.iterdir() if path.suffix == ".json") == CASES


@pytest.mark.parametrize("case", CASES)
def test_what_is_read_is_expected(case: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    update = bool(request.config.getoption("--golden-update", default=False))
    result = read(Fluvius(), HERE / case, tmp_path)
    compare(result, HERE / case.partition(".")[0], update=update)


@pytest.mark.parametrize(
    ("case", "numbers", "totals"),
    [
        # 0.25 + (0.1 + 0.2) + the second day 25; the first day sums up its quarter hours
        ("connection.json", (9, 5, 0, 4), ["25.55", "0", "0.4"]),
        # 1.5 by day + 2 by night; 0.5 fed in; gas in kWh, not once more in m³
        ("meters.json", (8, 3, 4, 1), ["3.5", "0.5", "9.3"]),
    ],
)
def test_by_hand(case: str, numbers: tuple[int, ...], totals: list[str], tmp_path: Path) -> None:
    result = read(Fluvius(), HERE / case, tmp_path)
    assert (result.read, result.accepted, result.rejected, result.ignored) == numbers
    assert total(result)["quantity"].to_list() == [Decimal(text) for text in totals]
