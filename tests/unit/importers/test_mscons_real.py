"""Metering messages as they were received; they lie beside the repository, not in it."""

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from scratch import NoScratch

from importers.base import SURE, ImportRequest, ImportResult, Workspace, identify
from importers.mscons import Mscons

DATA = Path(__file__).parents[4] / "shared" / "data"
FOLDER = "metering/mscons"


def read(name: str, directory: Path) -> ImportResult:
    path = DATA / FOLDER / name
    if not path.exists():
        pytest.skip(f"../shared/data/{FOLDER}/{name} is not there")
    claims = [(importer.name, claim) for importer, claim in identify(path) if claim.confidence >= SURE]
    assert [importer for importer, _ in claims] == ["mscons"]
    result = Mscons().read(path, ImportRequest(), Workspace(directory, NoScratch))
    result.check()
    return result


def expected(name: str) -> dict[str, Any]:
    return json.loads((DATA / "expected.json").read_text(encoding="utf-8"))[f"{FOLDER}/{name}"]  # type: ignore[no-any-return]


def total(result: ImportResult) -> Decimal:
    readings = pl.read_parquet(result.readings)["quantity"].sum() if result.readings else 0
    return Decimal(readings) + Decimal(result.activities["quantity"].sum())


def codes(result: ImportResult) -> Counter[str]:
    return Counter(result.issues["code"])


def test_a_day_of_active_import_by_the_periods_of_its_values(tmp_path: Path) -> None:
    result = read("ch_sak_14572840_20191214.txt", tmp_path)
    assert (result.read, result.accepted) == (96, 96)
    # the periods of the header are wrong: they begin and end at the same moment
    assert total(result) == Decimal("3719.25")
    series = result.series.row(0, named=True)
    assert (series["source"], series["direction"], series["unit"], series["minutes"]) == (
        "CH1008801234500000000000000113813",
        "consumption",
        "kWh",
        15,
    )
    assert codes(result) == {"segment_count": 1}


def test_reactive_energy_of_the_same_point_is_refused(tmp_path: Path) -> None:
    result = read("ch_sak_14572843_20191214.txt", tmp_path)
    assert (result.read, result.rejected) == (96, 96)
    assert codes(result) == {"register_refused": 1, "segment_count": 1}


def test_a_month_with_a_decimal_comma_and_a_disturbed_clock(tmp_path: Path) -> None:
    name = "vdmitriyev_TL_SAMPLE01_dec2015.txt"
    result = read(name, tmp_path)
    assert result.read == expected(name)["qty"]["220"]["n"] == 2976
    # 20 December: one value of 0.074 ends 45 minutes before it begins; three zeros repeat its intervals
    assert (result.accepted, result.rejected) == (2972, 4)
    assert total(result) == Decimal("680.282") - Decimal("0.074")
    assert codes(result)["end_before_start"] == 1
    assert codes(result)["duplicate_interval"] == 3


def test_irradiance_never_becomes_energy(tmp_path: Path) -> None:
    result = read("restify_example.txt", tmp_path)
    assert (result.read, result.rejected, total(result)) == (4, 4, Decimal(0))
    assert codes(result) == {"refused_unit": 2, "segment_count": 2, "message_repeated": 1}
    assert set(result.issues.filter(code="refused_unit")["value"]) == {"D54"}
