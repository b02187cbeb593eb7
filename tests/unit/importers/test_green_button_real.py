"""Green Button feeds of public test suites; they lie beside the repository, not in it."""

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from golden.measured import readings
from golden.standard.comparison import workspace

from importers.base import SURE, FileSample, ImportRequest, ImportResult, importers_found
from importers.green_button import GreenButton

DATA = Path(__file__).parents[4] / "shared" / "data" / "metering" / "greenbutton"


def read(name: str, directory: Path) -> ImportResult:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"../shared/data/metering/greenbutton/{name} is not there")
    sample = FileSample.of(path)
    claims = [(one.name, claim) for one in importers_found() if (claim := one.identify(sample))]
    assert [name for name, claim in claims if claim.confidence >= SURE] == ["green_button"]
    result = GreenButton().read(path, ImportRequest(), workspace(directory))
    result.check()
    return result


@pytest.mark.parametrize(
    ("name", "count", "total", "unit", "estimated", "zone"),
    [
        ("gbo_TestGBDataHourlyNineDaysBinnedDaily.xml", 216, "199563", "Wh", 0, "America/New_York"),
        ("gbo_electric_containerized.xml", 8, "4086", "Wh", 0, "America/Los_Angeles"),
        ("openespi_test_usage_data_01.xml", 96, "93846", "Wh", 2, "America/New_York"),
        ("seed_example-GreenButton-data-electricity-wh.xml", 2, "3582", "Wh", 0, "Europe/Berlin"),
        ("seed_example-GreenButton-data-gas-J--3.xml", 2, "3.582", "J", 0, "Europe/Berlin"),
    ],
)
def test_values_have_the_totals_of_their_files(
    name: str, count: int, total: str, unit: str, estimated: int, zone: str, tmp_path: Path
) -> None:
    result = read(name, tmp_path)
    assert (result.read, result.accepted) == (count, count)
    assert readings(result)["quantity"].sum() == Decimal(total)
    assert readings(result)["status"].sum() == estimated
    assert result.series.select("unit", "direction", "zone").rows() == [(unit, "consumption", zone)]


def test_gas_without_its_basis_waits_in_the_exceptions(tmp_path: Path) -> None:
    result = read("seed_example-GreenButton-data-gas-J--3.xml", tmp_path)
    assert result.series["activity"].to_list() == ["natural_gas"]
    assert "basis_missing" in result.issues["code"].to_list()


@pytest.mark.parametrize(
    ("name", "count"), [("gbo_ngma_gas_provider_2024-07-16.xml", 36), ("gbo_gas_containerized.xml", 3)]
)
def test_intervals_that_begin_at_the_export_are_refused(name: str, count: int, tmp_path: Path) -> None:
    result = read(name, tmp_path)
    assert (result.read, result.accepted, result.rejected) == (count, 0, count)
    errors = result.issues.filter(pl.col("severity") == "error")
    assert errors["code"].to_list() == ["shared_start"]
