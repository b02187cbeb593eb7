"""SDAT-CH messages as they were received; they lie beside the repository, not in it."""

import zipfile
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from golden.measured import readings
from golden.standard.comparison import workspace

from importers.base import SURE, FileSample, ImportRequest, ImportResult, importers_found
from importers.sdat import Sdat

DATA = Path(__file__).parents[4] / "shared" / "data" / "metering" / "ch_sdat"
DAY = "20190411_093039_12X-0000001216-O_E66_12X-LIPPUNEREM-T_ESLEVU126576_-2095652250.xml"
ANNOUNCED = "20201025_093841_12X-0000001216-O_E66_12X-LIPPUNEREM-T_ESLEVU234388_-207467060.xml"
DELIVERIES = "sdat_e66_deliveries_2021-03-01_to_2021-04-21.zip"


def there(name: str) -> Path:
    if not (DATA / name).exists():
        pytest.skip(f"../shared/data/metering/ch_sdat/{name} is not there")
    return DATA / name


def read(path: Path, directory: Path) -> ImportResult:
    sample = FileSample.of(path)
    claims = [(one.name, claim) for one in importers_found() if (claim := one.identify(sample))]
    assert [name for name, claim in claims if claim.confidence >= SURE] == ["sdat"]
    result = Sdat().read(path, ImportRequest(), workspace(directory))
    result.check()
    return result


def test_a_day_of_consumption(tmp_path: Path) -> None:
    result = read(there(DAY), tmp_path)
    assert (result.read, result.accepted, result.issues.height) == (96, 96, 0)
    assert readings(result)["quantity"].sum() == Decimal("41.7")
    facts = result.series.select("source", "activity", "direction", "unit", "minutes").rows()
    assert facts == [("CH100790123450000000D011000800065", "electricity", "consumption", "kWh", 15)]
    assert readings(result)["start"].min() == datetime.fromisoformat("2019-04-06T22:00")
    assert result.delivered == datetime.fromisoformat("2019-04-11T07:30")


def test_an_announced_day_is_missing_and_not_zero(tmp_path: Path) -> None:
    result = read(there(ANNOUNCED), tmp_path)
    assert (result.read, result.accepted, result.ignored) == (96, 0, 96)
    assert result.issues["code"].to_list() == ["placeholder"]


def latest(results: list[ImportResult]) -> pl.DataFrame:
    """Return the readings of the latest delivery of each series and day."""
    frames = []
    for result in results:
        known = result.series.select("series", "direction")
        assert result.delivered is not None
        frames.append(readings(result).join(known, on="series").with_columns(made=pl.lit(result.delivered)))
    day = pl.col("start").dt.replace_time_zone("UTC").dt.convert_time_zone("Europe/Zurich").dt.date()
    every = pl.concat(frames).with_columns(day=day)
    return every.filter(pl.col("made") == pl.col("made").max().over("direction", "day"))


def test_of_327_deliveries_the_latest_of_each_day_counts(tmp_path: Path) -> None:
    with zipfile.ZipFile(there(DELIVERIES)) as archive:
        archive.extractall(tmp_path / "files")
    results = []
    for path in sorted((tmp_path / "files").iterdir()):
        (tmp_path / path.stem).mkdir()
        results.append(read(path, tmp_path / path.stem))
    assert len(results) == 327
    assert sum(result.read for result in results) == sum(
        result.accepted + result.ignored for result in results
    )
    kept = latest(results)
    month = pl.col("day").dt.to_string("%Y-%m").alias("month")
    sums = kept.group_by("direction", month).agg(pl.col("quantity").sum()).sort("direction", "month")
    assert sums.rows() == [
        ("consumption", "2021-02", Decimal("345.0")),
        ("consumption", "2021-03", Decimal("4630.8")),
        ("consumption", "2021-04", Decimal("2451.0")),
        ("feed_in", "2021-02", Decimal("73.8")),
        ("feed_in", "2021-03", Decimal("676.5")),
        ("feed_in", "2021-04", Decimal("940.5")),
    ]
    march = kept.filter(pl.col("day").dt.month() == 3, pl.col("direction") == "consumption")
    lengths = dict(march.group_by("day").len().rows())
    assert len(lengths) == 30  # the 27th was announced, and its values never came
    assert datetime(2021, 3, 27, tzinfo=UTC).date() not in lengths
    assert lengths[datetime(2021, 3, 28, tzinfo=UTC).date()] == 92
