"""Estimates made here and read again: records keep what each rests on."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from golden.standard.comparison import compare, read

from importers.base import FileSample
from importers.estimation import Estimation
from importers.standard import StandardUpload

HERE = Path(__file__).parent
CASES = sorted(path.stem for path in HERE.glob("*.csv") if "." not in path.stem)


def test_there_are_cases() -> None:
    assert CASES == ["own_history"]


@pytest.mark.parametrize("case", CASES)
def test_records_and_issues_are_expected(case: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    update = bool(request.config.getoption("--golden-update", default=False))
    compare(read(Estimation(), HERE / f"{case}.csv", tmp_path), HERE / case, update=update)


def test_by_hand(tmp_path: Path) -> None:
    result = read(Estimation(), HERE / "own_history.csv", tmp_path)
    assert (result.read, result.accepted, result.rejected) == (2, 2, 0)
    assert result.activities["quantity"].to_list() == [Decimal("1.2345"), Decimal(920)]
    assert set(result.activities["quality"]) == {"estimated"}
    told = json.loads(result.activities["attributes"][0])
    assert told["formula"] == "31/1 × (1.2345/31)"
    assert json.loads(told["basis_data"]) == {"2023-03": "1.2345"}


def test_the_first_line_decides(tmp_path: Path) -> None:
    """The same table without it is a plain upload, and no upload is taken for estimates."""
    lines = (HERE / "own_history.csv").read_text(encoding="utf-8").splitlines()[1:]
    plain = tmp_path / "plain.csv"
    plain.write_text("\n".join([*lines, ""]), encoding="utf-8")
    sample = FileSample.of(plain)
    assert Estimation().identify(sample) is None
    claim = StandardUpload().identify(sample)
    assert claim is not None
    assert claim.confidence < 1
