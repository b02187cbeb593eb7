"""Fuel logs as they were received; they lie beside the repository, not in it."""

from decimal import Decimal
from pathlib import Path

import pytest
from golden.standard.comparison import workspace

from importers.base import SURE, ImportRequest, ImportResult, identify
from importers.fuel_card import FuelCard

DATA = Path(__file__).parents[4] / "shared" / "data" / "fleet"


def read(name: str, directory: Path, **declared: str) -> ImportResult:
    if not (DATA / name).exists():
        pytest.skip(f"../shared/data/fleet/{name} is not there")
    sure = [found.name for found, claim in identify(DATA / name) if claim.confidence >= SURE]
    assert sure == ["fuel_card"]
    result = FuelCard().read(DATA / name, ImportRequest(declared=declared), workspace(directory))
    result.check()
    return result


def test_the_log_of_a_camper_has_the_litres_of_its_column(tmp_path: Path) -> None:
    result = read("campervan_fuel_log_eur.csv", tmp_path)
    assert (result.read, result.accepted, result.rejected, result.ignored) == (82, 80, 0, 2)
    assert result.activities["quantity"].sum() == Decimal("3581.98")
    assert set(result.activities["unit"]) == {"l"}


@pytest.mark.parametrize(
    ("name", "counts", "litres"),
    [
        ("geotab_fuel_import_example.xlsx", (5, 5, 0), Decimal(123)),
        ("geotab_qaVolumeIssue.xlsx", (2, 1, 1), Decimal(10)),
    ],
)
def test_volumes_without_a_unit_need_a_declaration(
    name: str, counts: tuple[int, int, int], litres: Decimal, tmp_path: Path
) -> None:
    undeclared = read(name, tmp_path)
    assert undeclared.accepted == 0
    assert "missing_unit" in undeclared.issues["code"].to_list()
    result = read(name, tmp_path, volume="l")
    assert (result.read, result.accepted, result.rejected) == counts
    assert result.activities["quantity"].sum() == litres
