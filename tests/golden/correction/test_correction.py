"""Corrections made here and read again: records keep which value each takes the place of, and why."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from golden.standard.comparison import compare, read

from importers.base import FileSample
from importers.correction import Correction
from importers.standard import StandardUpload

HERE = Path(__file__).parent
CASES = sorted(path.stem for path in HERE.glob("*.csv") if "." not in path.stem)


def test_there_are_cases() -> None:
    assert CASES == ["values"]


@pytest.mark.parametrize("case", CASES)
def test_records_and_issues_are_expected(case: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    update = bool(request.config.getoption("--golden-update", default=False))
    compare(read(Correction(), HERE / f"{case}.csv", tmp_path), HERE / case, update=update)


def test_by_hand(tmp_path: Path) -> None:
    result = read(Correction(), HERE / "values.csv", tmp_path)
    assert (result.read, result.accepted, result.rejected) == (2, 2, 0)
    assert result.activities["quantity"].to_list() == [Decimal("1200.5"), Decimal(31)]
    assert result.activities["direction"].to_list() == ["consumption", "feed_in"]
    assert result.activities["role"].to_list() == [None, None]  # that of the registry
    told = [json.loads(text) for text in result.activities["attributes"]]
    assert (told[0]["corrects_row"], told[0]["corrects_column"]) == ("6", "Menge")
    assert told[0]["note"] == "from the bill"
    assert told[1]["corrects_day"] == "2024-06-02"
    assert "direction" not in told[1]


def test_the_first_line_decides(tmp_path: Path) -> None:
    """The same table without it is a plain upload, and no upload is taken for a correction."""
    lines = (HERE / "values.csv").read_text(encoding="utf-8").splitlines()[1:]
    plain = tmp_path / "plain.csv"
    plain.write_text("\n".join([*lines, ""]), encoding="utf-8")
    sample = FileSample.of(plain)
    assert Correction().identify(sample) is None
    claim = StandardUpload().identify(sample)
    assert claim is not None
    assert claim.confidence < 1
