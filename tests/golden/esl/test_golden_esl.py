"""ESL register exports (all values invented) and what they become."""

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from golden.measured import compare_measured
from golden.standard.comparison import read

from importers.base import ImportRequest, ImportResult
from importers.esl import Esl

HERE = Path(__file__).parent
CASES = sorted(path.stem for path in HERE.glob("*.xml"))
KWH = ImportRequest(declared={"unit": "kWh"})


def imported(case: str, directory: Path, request: ImportRequest = KWH) -> ImportResult:
    return read(Esl(), HERE / f"{case}.xml", directory, request)


def test_there_are_cases() -> None:
    assert CASES == ["blemishes", "quarter"]


@pytest.mark.parametrize("case", CASES)
def test_records_and_issues_are_expected(case: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    update = bool(request.config.getoption("--golden-update", default=False))
    compare_measured(imported(case, tmp_path), HERE / case, update=update)


@pytest.mark.parametrize(
    ("case", "numbers", "totals"),
    [
        # HT 1300.5 − 1100 = 200.5, NT 2400 − 2200 = 200; fed in 88 − 75.5 = 12.5; 3 opening readings, a
        # maximum and reactive energy ignored
        ("quarter", (11, 6, 0, 5), {"consumption": "400.5", "feed_in": "12.5"}),
        # 152 − 100 = 52 (restated), reset, 17.5 − 7.5 = 10; two parts of the total, of two readings each.
        # Ignored: 4 parts, 3 opening or single, 1 restated, 1 blank. Rejected: one without a code, the reset,
        # "gestern", "12,5", and the cubic metres of water that were declared as kWh
        ("blemishes", (16, 2, 5, 9), {"consumption": "62"}),
    ],
)
def test_by_hand(case: str, numbers: tuple[int, ...], totals: dict[str, str], tmp_path: Path) -> None:
    result = imported(case, tmp_path)
    assert (result.read, result.accepted, result.rejected, result.ignored) == numbers
    sums = result.activities.group_by("direction").agg(pl.col("quantity").sum())
    assert dict(sums.rows()) == {direction: Decimal(total) for direction, total in totals.items()}


def test_without_a_unit_nothing_is_taken_and_the_issue_says_how_to_declare_it(tmp_path: Path) -> None:
    result = imported("quarter", tmp_path, ImportRequest())
    assert (result.accepted, result.rejected) == (0, 6)
    assert "register_unit" in result.issues["code"].to_list()


def test_the_unit_of_the_registered_source_counts(tmp_path: Path) -> None:
    result = imported("quarter", tmp_path, ImportRequest(unit="MWh"))
    assert result.activities["unit"].unique().to_list() == ["MWh"]


def test_a_declared_factor_multiplies_the_differences(tmp_path: Path) -> None:
    request = ImportRequest(declared={"unit": "kWh", "factor": "3"})
    result = imported("quarter", tmp_path, request)
    assert result.activities["quantity"].sum() == (Decimal("400.5") + Decimal("12.5")) * 3
    assert "factor_applied" in result.issues["code"].to_list()


def test_power_is_nothing_a_register_counts(tmp_path: Path) -> None:
    result = imported("quarter", tmp_path, ImportRequest(declared={"unit": "kW"}))
    assert result.accepted == 0
    assert "refused_unit" in result.issues["code"].to_list()
