"""Readings without names (all values invented) and what they become as declared."""

from decimal import Decimal
from pathlib import Path

import pytest

from importers.base import SURE, ImportRequest, ImportResult, identify
from importers.open_energy_dashboard import OpenEnergyDashboard
from tests.golden.measured import compare_measured, readings
from tests.golden.standard.comparison import workspace

HERE = Path(__file__).parent
CASES = {
    "cumulative_reset.csv": ImportRequest(
        zone="Europe/Berlin", declared={"reading": "cumulative", "reset": "yes", "unit": "kWh"}
    ),
    "intervals_offsets.csv": ImportRequest(
        zone="America/Chicago", declared={"reading": "interval", "unit": "kWh"}
    ),
}


def read(case: str, directory: Path) -> ImportResult:
    path = HERE / case
    claims = {importer.name: claim.confidence for importer, claim in identify(path)}
    assert not [name for name, sure in claims.items() if sure >= SURE]
    assert "open_energy_dashboard" in claims
    result = OpenEnergyDashboard().read(path, CASES[case], workspace(directory))
    result.check()
    return result


def test_every_input_is_a_case() -> None:
    inputs = {path.name for path in HERE.glob("*.csv") if path.name.count(".") == 1}
    assert inputs == set(CASES)


@pytest.mark.parametrize("case", CASES)
def test_readings_series_and_issues_are_expected(
    case: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    update = bool(request.config.getoption("--golden-update", default=False))
    compare_measured(read(case, tmp_path), HERE / Path(case).stem, update=update)


@pytest.mark.parametrize(
    ("case", "numbers", "total"),
    [
        # 100 opens; 10, 15, 7 after the start at zero, 13, 0, 11
        ("cumulative_reset.csv", (7, 6, 0, 1), "56"),
        # 60 + 70 + 80; an hour twice, no number, a blank, an end before its begin, no date, two fields
        ("intervals_offsets.csv", (9, 3, 5, 1), "210"),
    ],
)
def test_by_hand(case: str, numbers: tuple[int, ...], total: str, tmp_path: Path) -> None:
    result = read(case, tmp_path)
    assert (result.read, result.accepted, result.rejected, result.ignored) == numbers
    assert readings(result)["quantity"].sum() == Decimal(total)
