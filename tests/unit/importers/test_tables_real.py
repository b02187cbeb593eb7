"""Tables of operators and portals as they were received; they lie beside the repository, not in it."""

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from importers.base import SURE, Importer, ImportRequest, ImportResult, identify
from importers.half_hourly import HalfHourly
from importers.interval_csv import IntervalCsv
from importers.interval_workbook import IntervalWorkbook
from importers.open_energy_dashboard import OpenEnergyDashboard
from importers.sce_csv import SceCsv
from tests.golden.measured import readings
from tests.golden.standard.comparison import workspace

DATA = Path(__file__).parents[4] / "shared" / "data"
NETZ, UK, OED = "metering/at_netz", "metering/uk_hh", "metering/oed_cases"
LONDON = {"zone": "Europe/London", "unit": "kWh"}
CHICAGO = {"zone": "America/Chicago", "declared": {"reading": "interval", "unit": "kWh"}}


def there(name: str) -> Path:
    if not (DATA / name).exists():
        pytest.skip(f"../shared/data/{name} is not there")
    return DATA / name


def read(importer: Importer, name: str, directory: Path, **request: object) -> ImportResult:
    result = importer.read(there(name), ImportRequest(**request), workspace(directory))  # type: ignore[arg-type]
    result.check()
    return result


def total(result: ImportResult) -> Decimal:
    return Decimal(readings(result)["quantity"].sum() or 0) + Decimal(
        result.activities["quantity"].sum() or 0
    )


@pytest.mark.parametrize(
    ("name", "importer"),
    [
        (f"{NETZ}/eww-wels.xlsx", "interval_workbook"),
        (f"{NETZ}/kwg-at.xlsx", "interval_workbook"),
        (f"{UK}/amr_data__row-per-day__valid.csv", "half_hourly"),
        (f"{UK}/amr_upload_data_files__banes-example-file.xlsx", "half_hourly"),
        (f"{UK}/amr_upload_data_files__example-bad-sheffield-file.csv", "half_hourly"),
        ("messy/uk_hh__with-mixed-line-endings.csv", "half_hourly"),
        ("metering/greenbutton/sce_csv_two_days_constant_power.csv", "sce_csv"),
        (f"{UK}/amr_data__row-per-day__valid-no-header.csv", None),
        (f"{OED}/pipe3Input.csv", None),
        ("metering/grid_series/smard_netzlast_tag_2017_2024_TransnetBW.csv", None),
    ],
)
def test_exactly_one_importer_is_sure_or_none(name: str, importer: str | None) -> None:
    sure = [found.name for found, claim in identify(there(name)) if claim.confidence >= SURE]
    assert sure == ([importer] if importer else [])


@pytest.mark.parametrize(
    ("importer", "name", "request_", "numbers", "expected"),
    [
        (IntervalWorkbook(), f"{NETZ}/eww-wels.xlsx", {}, (12898, 12764, 0, 134), "5996.391"),
        (IntervalWorkbook(), f"{NETZ}/kwg-at.xlsx", {"unit": "kWh"}, (744, 744, 0, 0), "2451.42"),
        (IntervalCsv(), f"{NETZ}/stromnetz.graz.csv", {"unit": "kWh"}, (384, 384, 0, 0), "60.392"),
        # 2363 values, 516 zeros of a meter that stood still, 2 blanks that say nothing
        (
            IntervalCsv(),
            f"{NETZ}/stromnetz.graz.issue78-202604.csv",
            {"unit": "kWh"},
            (2881, 2879, 0, 2),
            "276.036",
        ),
        (HalfHourly(), f"{UK}/amr_data__row-per-day__valid.csv", LONDON, (48, 48, 0, 0), "901.889218"),
        (
            HalfHourly(),
            f"{UK}/amr_data__row-per-day__valid-no-header.csv",
            LONDON,
            (48, 48, 0, 0),
            "901.889218",
        ),
        (
            HalfHourly(),
            f"{UK}/amr_data__row-per-day__some-missing-readings.csv",
            LONDON,
            (144, 124, 0, 20),
            "2535.97759",
        ),
        (
            HalfHourly(),
            f"{UK}/amr_upload_data_files__banes-bad-example-missing-data-file.csv",
            {},
            (96, 95, 0, 1),
            "450.138",
        ),
        (
            HalfHourly(),
            f"{UK}/amr_upload_data_files__banes-example-file.csv",
            {},
            (240, 240, 0, 0),
            "1114.429",
        ),
        (
            HalfHourly(),
            f"{UK}/amr_upload_data_files__banes-example-file.xlsx",
            {},
            (240, 240, 0, 0),
            "1114.429",
        ),
        (
            HalfHourly(),
            f"{UK}/amr_upload_data_files__example-sheffield-file.csv",
            {},
            (96, 96, 0, 0),
            "1099.849",
        ),
        (
            HalfHourly(),
            f"{UK}/amr_upload_data_files__example-bad-sheffield-file.csv",
            {},
            (96, 96, 0, 0),
            "1099.849",
        ),
        (HalfHourly(), "messy/uk_hh__with-mixed-line-endings.csv", LONDON, (144, 144, 0, 0), "893.9"),
        (SceCsv(), "metering/greenbutton/sce_csv_two_days_constant_power.csv", {}, (192, 192, 0, 0), "48"),
        (
            IntervalCsv(),
            "metering/grid_series/smard_netzlast_tag_2017_2024_TransnetBW.csv",
            {},
            (2556, 2556, 0, 0),
            "425562848.75",
        ),
        (
            IntervalCsv(),
            "metering/grid_series/sma_pv_2024.csv",
            {"declared": {"Datum + Zeit": "begin"}},
            (106, 106, 0, 0),
            "598.9",
        ),
        (OpenEnergyDashboard(), f"{OED}/pipe110BInput.csv", CHICAGO, (3, 3, 0, 0), "360"),
        (OpenEnergyDashboard(), f"{OED}/pipe112BInput.csv", CHICAGO, (3, 3, 0, 0), "90"),
        # the hour between the two passes is kept as the file has it, at -1
        (OpenEnergyDashboard(), f"{OED}/pipe116BInput.csv", CHICAGO, (3, 3, 0, 0), "179"),
    ],
)
def test_totals_are_those_of_the_files(
    importer: Importer,
    name: str,
    request_: dict[str, object],
    numbers: tuple[int, ...],
    expected: str,
    tmp_path: Path,
) -> None:
    result = read(importer, name, tmp_path, **request_)
    assert (result.read, result.accepted, result.rejected, result.ignored) == numbers
    assert total(result) == Decimal(expected)


@pytest.mark.parametrize(("case", "reset"), [("pipe3", "no"), ("pipe21", "no"), ("pipe5", "yes")])
def test_cumulative_meters_give_what_open_energy_dashboard_expects(
    case: str, reset: str, tmp_path: Path
) -> None:
    declared = {"reading": "cumulative", "reset": reset, "unit": "kWh"}
    result = read(OpenEnergyDashboard(), f"{OED}/{case}Input.csv", tmp_path, zone="UTC", declared=declared)
    rows = pl.read_csv(there(f"{OED}/{case}Expected.csv"), has_header=False, try_parse_dates=True).rows()
    found = result.activities.select("quantity", "start", "end").rows()
    assert [(int(quantity), start, end) for quantity, start, end in found] == rows
