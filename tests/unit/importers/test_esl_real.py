"""ESL register exports as they were received; they lie beside the repository, not in it."""

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from golden.standard.comparison import workspace

from importers.base import SURE, FileSample, ImportRequest, ImportResult, importers_found
from importers.esl import Esl

DATA = Path(__file__).parents[4] / "shared" / "data" / "metering" / "ch_sdat"
THREE_MONTHS = "EdmRegisterWertExport_20190503_eslevu_20190503050535.xml"
SINGLE = (
    ("EdmRegisterWertExport_20190731_eslevu_20190726150757.xml", 1, 1),
    ("EdmRegisterWertExport_20210303_eslevu_20210303050324.xml", 16, 4),
    ("EdmRegisterWertExport_20210403_eslevu_20210403050439.xml", 16, 4),
)


def read(name: str, directory: Path, **declared: str) -> ImportResult:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"../shared/data/metering/ch_sdat/{name} is not there")
    sample = FileSample.of(path)
    claims = [(one.name, claim) for one in importers_found() if (claim := one.identify(sample))]
    assert [name for name, claim in claims if claim.confidence >= SURE] == ["esl"]
    result = Esl().read(path, ImportRequest(declared=declared), workspace(directory))
    result.check()
    return result


def test_three_readings_give_two_months_of_each_register(tmp_path: Path) -> None:
    result = read(THREE_MONTHS, tmp_path, unit="kWh", factor="3")
    assert (result.read, result.accepted, result.rejected, result.ignored) == (48, 8, 0, 40)
    sums = result.activities.group_by("column").agg(pl.col("quantity").sum()).sort("column")
    # 3 × (7096.5 − 6339.7), (18496.3 − 17129.0), (8817.1 − 8348.4), (4000.7 − 3611.3)
    assert sums.rows() == [
        ("1-1:1.8.1", Decimal("2270.4")),
        ("1-1:1.8.2", Decimal("4101.9")),
        ("1-1:2.8.1", Decimal("1406.1")),
        ("1-1:2.8.2", Decimal("1168.2")),
    ]
    assert result.activities["source"].unique().to_list() == ["38157930"]


@pytest.mark.parametrize(("name", "count", "single"), SINGLE)
def test_a_file_of_one_reading_gives_no_quantity(name: str, count: int, single: int, tmp_path: Path) -> None:
    result = read(name, tmp_path, unit="kWh")
    assert (result.read, result.accepted, result.ignored) == (count, 0, count)
    assert result.issues["code"].to_list().count("single_reading") == single
