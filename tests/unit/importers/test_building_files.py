"""Files of cities and of Portfolio Manager as they were received; they lie beside the repository."""

from decimal import Decimal
from pathlib import Path

import pytest
from golden.standard.comparison import workspace

from bilanz.errors import FileRefused
from importers.base import SURE, ImportRequest, ImportResult, identify

DATA = Path(__file__).parents[4] / "shared" / "data"
CHICAGO = {
    "electricity": Decimal("3816268419.0"),
    "natural_gas": Decimal("934840279.3"),
    "district_steam": Decimal("4863158190.7"),
    "district_cooling": Decimal("595699054.3"),
}
# the sums of all rows less those of the roll-up 3618415 (City Hall, MSB and CJC)
PHILADELPHIA = {
    "electricity": Decimal("495005952.9") - (32475910 + 34874350 + 32363560),
    "natural_gas": Decimal("12293221.134")
    - (Decimal("690343.136") + Decimal("479983.454") + Decimal("648883.868")),
    "district_steam": Decimal("373544070.4")
    - (Decimal("5051814.3") + Decimal("10995294.9") + Decimal("7705468.6")),
    "heating_oil": Decimal("11266960.7"),
}
SEATTLE = {
    "electricity": Decimal(3389597759),
    "natural_gas": Decimal(41735039),
    "district_steam": Decimal(833449303),
}
METERS = {"electricity": Decimal("1442092.3"), "natural_gas": Decimal("1860226.2")}


def read(name: str, directory: Path, importer: str) -> ImportResult:
    if not (DATA / name).exists():
        pytest.skip(f"../shared/data/{name} is not there")
    sure = [found for found, claim in identify(DATA / name) if claim.confidence >= SURE]
    assert [found.name for found in sure] == [importer]
    result = sure[0].read(DATA / name, ImportRequest(zone="America/New_York"), workspace(directory))
    result.check()
    return result


@pytest.mark.parametrize(
    ("name", "importer", "counts", "totals"),
    [
        ("chicago_benchmarking_zip60637.csv", "building_portfolio", (1136, 658, 0, 478), CHICAGO),
        ("philadelphia_muni_2011-13.csv", "building_portfolio", (276, 150, 0, 126), PHILADELPHIA),
        ("philadelphia_muni_2011-13.xlsx", "building_portfolio", (276, 150, 0, 126), PHILADELPHIA),
        ("seattle_2015_benchmarking.csv", "building_portfolio", (10020, 9990, 0, 30), SEATTLE),
        ("seed_pm_monthly_meter_usage.xlsx", "portfolio_manager", (8, 8, 0, 0), METERS),
    ],
)
def test_a_received_table_has_the_totals_of_its_columns(
    name: str,
    importer: str,
    counts: tuple[int, int, int, int],
    totals: dict[str, Decimal],
    tmp_path: Path,
) -> None:
    result = read(f"buildings/{name}", tmp_path, importer)
    assert (result.read, result.accepted, result.rejected, result.ignored) == counts
    found = result.activities.group_by("activity").agg("quantity").rows()
    assert {activity: sum(values) for activity, values in found} == totals


def test_the_campus_beside_its_buildings_is_named(tmp_path: Path) -> None:
    result = read("buildings/philadelphia_muni_2011-13.csv", tmp_path, "building_portfolio")
    rows = result.issues.filter(result.issues["code"] == "rollup_row")
    assert rows.height == 3  # one a year


@pytest.mark.parametrize(
    "name",
    [
        "buildings/seed_covered_buildings_sample.csv",
        "buildings/seed_pm_interval_sample.xlsx",
        "buildings/toronto_portfolio_manager_properties.csv",
        "messy/seed_duplicate_headers.xlsx",
    ],
)
def test_a_register_of_buildings_is_refused_with_the_way_it_goes(name: str, tmp_path: Path) -> None:
    with pytest.raises(FileRefused) as refused:
        read(name, tmp_path, "building_portfolio")
    assert refused.value.code == "no_consumption"
    assert "masterdata" in str(refused.value)
