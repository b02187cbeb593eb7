"""Logs of OCPP messages (all values invented) and what they become."""

from decimal import Decimal
from pathlib import Path

import pytest
from golden.portals import compare, total
from golden.standard.comparison import read

from importers.ocpp import Ocpp

HERE = Path(__file__).parent
CASES = ["log_16.jsonl", "log_201.json"]


def test_there_are_cases() -> None:
    assert sorted(path.name for path in HERE.iterdir() if path.suffix in {".json", ".jsonl"}) == CASES


@pytest.mark.parametrize("case", CASES)
def test_what_is_read_is_expected(case: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    update = bool(request.config.getoption("--golden-update", default=False))
    result = read(Ocpp(), HERE / case, tmp_path)
    compare(result, HERE / case.partition(".")[0], update=update)


@pytest.mark.parametrize(
    ("case", "numbers", "totals"),
    [
        # 12500 − 1000 Wh; 9000 − 2500 Wh
        ("log_16.jsonl", (6, 2, 3, 1), ["11500", "6500"]),
        # 112.25 − 100.5 kWh, in Wh
        ("log_201.json", (3, 1, 1, 1), ["11750"]),
    ],
)
def test_by_hand(case: str, numbers: tuple[int, ...], totals: list[str], tmp_path: Path) -> None:
    result = read(Ocpp(), HERE / case, tmp_path)
    assert (result.read, result.accepted, result.rejected, result.ignored) == numbers
    assert total(result)["quantity"].to_list() == [Decimal(text) for text in totals]
