"""A ConsumptionRecord of a public test suite; it lies beside the repository, not in it."""

from decimal import Decimal
from pathlib import Path

import pytest
from golden.standard.comparison import workspace

from importers.base import SURE, FileSample, ImportRequest, importers_found
from importers.eda import Eda

FILE = Path(__file__).parents[4] / "shared/data/metering/eu_api/at-eda_consumptionrecord_daily.xml"


def test_one_day_fed_in(tmp_path: Path) -> None:
    if not FILE.exists():
        pytest.skip(f"../shared/data/metering/eu_api/{FILE.name} is not there")
    sample = FileSample.of(FILE)
    claims = [(one.name, claim) for one in importers_found() if (claim := one.identify(sample))]
    assert [name for name, claim in claims if claim.confidence >= SURE] == ["eda"]
    result = Eda().read(FILE, ImportRequest(), workspace(tmp_path))
    result.check()
    assert (result.read, result.accepted, result.issues.height) == (1, 1, 0)
    record = result.activities.row(0, named=True)
    assert (record["quantity"], record["unit"], record["direction"]) == (Decimal("36.77"), "kWh", "feed_in")
    assert (record["end"] - record["start"]).total_seconds() == 86400
