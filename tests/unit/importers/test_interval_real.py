"""Files of grid operators as they were received; they lie beside the repository, not in it."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from scratch import NoScratch

from importers.base import SURE, ImportRequest, ImportResult, Workspace, identify
from importers.interval_csv import IntervalCsv

DATA = Path(__file__).parents[4] / "shared" / "data"
NETZ = "metering/at_netz"
BOSTON = "metering/lastgang_csv/boston_library_5min_kW.head.csv"


def expected(name: str) -> dict[str, Any]:
    if not (DATA / name).exists():
        pytest.skip(f"../shared/data/{name} is not there")
    return json.loads((DATA / "expected.json").read_text(encoding="utf-8"))[name]  # type: ignore[no-any-return]


def read(name: str, directory: Path, **request: str) -> ImportResult:
    claims = [(importer.name, claim) for importer, claim in identify(DATA / name) if claim.confidence >= SURE]
    assert [importer for importer, _ in claims] == ["interval_csv"]
    workspace = Workspace(directory, NoScratch)
    result = IntervalCsv().read(DATA / name, ImportRequest(**request), workspace)  # type: ignore[arg-type]
    result.check()
    return result


def total(result: ImportResult) -> Decimal:
    assert result.readings is not None
    return pl.read_parquet(result.readings)["quantity"].sum()  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("name", "direction", "source"),
    [
        ("ClamStrom.csv", "consumption", None),
        ("EnergienetzeSteiermark.csv", "consumption", "AT0080123456789012345678901234567"),
        ("KaerntenNetz.csv", "consumption", "ATXXXXX00XXXX0000XX0XXX0XXXXXXXXX"),
        ("KaerntenNetz_Oktober2025.csv", "consumption", "AT00700XXXXXXXXXXXXXXXXXXXXXXXXXX"),
        ("LinzAG-v2.CSV", "consumption", None),
        ("NetzNOEv2.csv", "consumption", None),
        ("SalzburgNetz1.csv", "consumption", None),
        ("SalzburgNetz_issue77.csv", "consumption", None),
        ("VorarlbergNetz.csv", "consumption", "ATXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX"),
        ("netzburgenland-v3.csv", "consumption", "AT0090000000000000000000000049656"),
        ("tinetz_v3_CSVExport_20231206_094016.csv", "consumption", "AT0050000000000000000000000012345"),
        ("tiwag.csv", "consumption", "AT005120000000000000000020050333A"),
        ("wienernetze-econtrol.csv", "consumption", "AT0010000000000000001000000000000"),
        ("wienernetze-einspeisung.csv", "feed_in", "AT00100000000000000010000XXXXXXXX"),
        ("wienernetze.csv", "consumption", "AT00100000000000000010000XXXYYYZZ"),
    ],
)
def test_quarter_hours_have_the_totals_of_their_files(
    name: str, direction: str, source: str | None, tmp_path: Path
) -> None:
    known = expected(f"{NETZ}/{name}")
    result = read(f"{NETZ}/{name}", tmp_path)
    assert result.readings_accepted == known["values"]
    assert round(total(result), 3) == Decimal(str(known["sum_kWh"]))
    assert result.rejected == 0
    facts = result.series.select("source", "activity", "direction", "unit", "minutes").rows()
    assert facts == [(source, "electricity", direction, "kWh", 15)]
    assert not result.issues.filter(pl.col("severity") == "error").height


@pytest.mark.parametrize("name", ["stromnetz.graz.csv", "stromnetz.graz.issue78-202604.csv"])
def test_a_file_without_a_unit_is_refused_until_the_source_states_it(name: str, tmp_path: Path) -> None:
    known = expected(f"{NETZ}/{name}")
    refused = read(f"{NETZ}/{name}", tmp_path)
    assert (refused.accepted, set(refused.issues["code"]) >= {"missing_unit"}) == (0, True)
    result = read(f"{NETZ}/{name}", tmp_path, unit="kWh")
    assert total(result) == Decimal(str(known["sum_kWh"]))
    assert not result.issues.filter(pl.col("severity") == "error").height


def test_five_minute_power_becomes_energy(tmp_path: Path) -> None:
    known = expected(BOSTON)
    result = read(BOSTON, tmp_path)
    assert result.accepted == known["values"] == 25_971
    # 25278703.17 kW in 5-minute means: /12 = 2106558.5975 kWh
    assert total(result) == Decimal("2106558.5975")
    assert round(Decimal("2106558.5975"), 2) == round(Decimal(str(known["energy_kWh_if_5min_mean"])), 2)
    facts = result.series.select("activity", "unit", "minutes", "zone").rows()
    assert facts == [("electricity", "kWh", 5, "America/New_York")]


def test_the_row_of_a_reading_is_the_line_of_the_file(tmp_path: Path) -> None:
    name = f"{NETZ}/KaerntenNetz.csv"
    expected(name)
    result = read(name, tmp_path)
    lines = (DATA / name).read_text(encoding="cp1252").split("\n")
    assert result.readings is not None
    frame = pl.read_parquet(result.readings)
    for row, quantity in frame.select("source_row", "quantity").iter_rows():
        assert Decimal(lines[row - 1].split(";")[2].replace(",", ".")) == quantity
