"""Files of data hubs and charge points as received; they lie beside the repository, not in it."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from golden.portals import total
from golden.standard.comparison import workspace

from importers.base import SURE, ImportRequest, ImportResult, identify

DATA = Path(__file__).parents[4] / "shared" / "data"
HUBS = "metering/eu_api"


def expected(name: str) -> dict[str, Any]:
    if not (DATA / name).exists():
        pytest.skip(f"../shared/data/{name} is not there")
    return json.loads((DATA / "expected.json").read_text(encoding="utf-8"))[name]  # type: ignore[no-any-return]


def read(name: str, importer: str, directory: Path) -> ImportResult:
    sure = [(found, claim) for found, claim in identify(DATA / name) if claim.confidence >= SURE]
    assert [found.name for found, _ in sure] == [importer]
    result = sure[0][0].read(DATA / name, ImportRequest(), workspace(directory))
    result.check()
    return result


def test_datadis(tmp_path: Path) -> None:
    name = f"{HUBS}/es-datadis_consumptionKWh.json"
    known = expected(name)
    result = read(name, "datadis", tmp_path)
    assert (result.read, result.readings_accepted) == (known["rows"], 744)
    assert total(result)["quantity"].to_list() == [Decimal("1617.214")]
    assert known["sum_kWh"] == 1617.214
    assert result.series.select("direction", "unit", "minutes", "zone").rows() == [
        ("consumption", "kWh", 60, "Europe/Madrid")
    ]


def test_energinet(tmp_path: Path) -> None:
    name = f"{HUBS}/dk-energinet_MyEnergyDataMarketDocumentResponseListApiResponse.json"
    known = expected(name)
    result = read(name, "energinet", tmp_path)
    assert result.readings_accepted == known["points"] == 96
    # 48 hours drawn, 48 hours made: 6.6 + 6.57 = 13.17
    assert total(result)["quantity"].to_list() == [Decimal("6.6"), Decimal("6.57")]
    assert total(result)["direction"].to_list() == ["consumption", "generation"]


def test_enedis(tmp_path: Path) -> None:
    name = f"{HUBS}/fr-enedis_consumption_load_curve_2024-02-26_to_2024-02-27.json"
    known = expected(name)
    result = read(name, "enedis", tmp_path)
    assert result.readings_accepted == known["n"] == 47
    assert total(result)["quantity"].to_list() == [Decimal(0)]
    assert result.series["minutes"].to_list() == [30]


def test_fingrid(tmp_path: Path) -> None:
    name = f"{HUBS}/fi-fingrid_timeSeriesWithValues.json"
    expected(name)
    result = read(name, "fingrid", tmp_path)
    # 1.509 + 3.353
    assert total(result)["quantity"].to_list() == [Decimal("4.862")]
    assert result.readings_accepted == 2


def test_mijn_aansluiting(tmp_path: Path) -> None:
    name = f"{HUBS}/nl-mijn-aansluiting_gas_consumption_data.json"
    known = expected(name)
    result = read(name, "mijn_aansluiting", tmp_path)
    # 9838.65 − 9738.65 and 9948.65 − 9838.65
    assert result.activities["quantity"].to_list() == [Decimal(100), Decimal(110)]
    assert known["registers"][0]["consumption"] == 210.0
    assert (result.read, result.accepted, result.ignored) == (3, 2, 1)
    assert result.activities.select("activity", "direction", "unit").row(0) == (
        "natural_gas",
        "consumption",
        "m3",
    )


def test_acn_data(tmp_path: Path) -> None:
    name = "fleet/acndata_sessions_may2021.json"
    known = expected(name)
    result = read(name, "acn_data", tmp_path)
    assert result.accepted == result.read == known["sessions"] == 2114
    assert round(result.activities["quantity"].sum(), 4) == Decimal("26217.0941")
    everything = result.activities.write_csv() + result.issues.write_csv()
    assert "000000915" not in everything


def test_dundee(tmp_path: Path) -> None:
    name = "fleet/dundee_ev_sessions_mar-may2018.head.csv"
    known = expected(name)
    result = read(name, "charging_sessions", tmp_path)
    assert (result.read, result.accepted, result.rejected, result.ignored) == (4678, 4619, 4, 55)
    assert known["kWh_blank"] == 55
    # the file adds up to 41538.202; four sessions of −27.45, −16.47, −21.7 and −61.09 are rejected
    assert result.activities["quantity"].sum() == Decimal("41538.202") + Decimal("126.71")
    assert (result.activities["quantity"] == 0).sum() == known["kWh_zero"] == 115


def test_perth_and_kinross(tmp_path: Path) -> None:
    name = "fleet/perth_kinross_ev_2016-17.head.csv"
    known = expected(name)
    result = read(name, "charging_sessions", tmp_path)
    assert (result.read, result.accepted, result.rejected, result.ignored) == (6620, 6601, 0, 19)
    assert result.activities["quantity"].sum() == Decimal("68699.008")
    assert (result.activities["quantity"] == 0).sum() == known["kWh_zero"] == 146
    # the list runs from 31 August back to 25 March; as written it would reach from January to December
    assert "exchanged_dates" in result.issues["code"].to_list()
    starts = result.activities["start"]
    assert (starts.dt.date().min(), starts.dt.date().max()) == (date(2017, 3, 25), date(2017, 8, 31))
    assert starts.is_sorted(descending=True)


@pytest.mark.parametrize(
    ("name", "quantity", "cost", "quality"),
    [
        ("fleet/ocpi_cdr_example.json", "15.342", "4", "billed"),
        ("fleet/ocpi_session_example_2_short_finished.json", "41.12", "8.5", "measured"),
    ],
)
def test_ocpi(name: str, quantity: str, cost: str, quality: str, tmp_path: Path) -> None:
    expected(name)
    result = read(name, "ocpi", tmp_path)
    found = result.activities.select("quantity", "unit", "cost_net", "currency", "quality").rows()
    assert found == [(Decimal(quantity), "kWh", Decimal(cost), "EUR", quality)]
    everything = result.activities.write_csv() + result.issues.write_csv()
    assert not any(token in everything for token in ("012345678", "DE8ACC12E46L89", "123abc"))
