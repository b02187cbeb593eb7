"""Instruments as a user states them: by file and by command, held against the catalogue."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from ledger import factor

from bilanz.app.beside.instruments import check_factor, sha256_of
from bilanz.app.catalogue.ownfactors import import_factors
from bilanz.app.master.data import export_masterdata, import_masterdata
from bilanz.app.settings import Settings
from bilanz.errors import BilanzError
from bilanz.factor import FACTOR_SCHEMA
from bilanz.organisation import EnergyInstrument

GREEN = """\
activity,region,valid_from,valid_to,gas,value,mass_unit,per_unit,chain,gwp,title
Strom,DE,2024-01-01,2025-01-01,CO2e,0,g,kWh,direct,unstated,Guarantees of origin 2024
"""
FACTOR = "custom:green:electricity::DE:2024-01-01:kWh:none"
HEADER = (
    "id;kind;organisation;source;activity;factor;valid_from;valid_to;"  # the holder is one of two
    "quantity_kwh;evidence;vintage;cancelled_on"
)
ROW = f"go;certificate;town;;Strom;{FACTOR};01.01.2024;01.01.2025;400000;HKNR 4711;2024;03.02.2025"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = Settings(data=tmp_path / "data", lang="en")
    (tmp_path / "green.csv").write_text(GREEN, encoding="utf-8")
    assert import_factors(tmp_path / "green.csv", found, dry_run=False)["accepted"] == 1
    folder = tmp_path / "town"
    folder.mkdir()
    (folder / "organisations.csv").write_text("id;name;kind\ntown;Town;municipality\n", encoding="utf-8")
    import_masterdata(folder, found)
    return found


def taken(folder: Path, settings: Settings, *rows: str) -> list[str]:
    folder.mkdir(exist_ok=True)
    (folder / "instruments.csv").write_text("\n".join([HEADER, *rows, ""]), encoding="utf-8")
    summary = import_masterdata(folder, settings)
    assert summary.tables["instruments"].read == len(rows)
    return [issue["message"] for issue in summary.as_json()["issues"]]


def test_a_file_of_instruments_is_read_and_written_back_unchanged(tmp_path: Path, settings: Settings) -> None:
    assert taken(tmp_path / "in", settings, ROW) == []
    export_masterdata(tmp_path / "out", settings)
    again = import_masterdata(tmp_path / "out", settings)
    assert again.tables["instruments"].unchanged == 1
    assert again.issues == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ((FACTOR, "custom:green:nothing"), 'The factor "custom:green:nothing" is not in the catalogue'),
        (("400000", "400.000"), '"400.000" is not a number'),
        (("HKNR 4711", ""), "The cell is empty"),
        (("certificate", "promise"), '"promise" is not one of certificate, contract, supplier_label'),
        (("town", "mars"), "mars"),
        (("Strom", "Erdgas"), '"natural_gas" is not one of electricity'),
        (("01.01.2025;400", "31.12.2024;400"), "first day of a month"),
        ((";2024;03.02.2025", ";2022;03.02.2025"), "had expired"),
        (("01.01.2024;01.01.2025", "01.01.2025;01.01.2026"), "not for the whole time of the instrument"),
    ],
)
def test_what_cannot_be_taken_says_why(
    tmp_path: Path, settings: Settings, change: tuple[str, str], reason: str
) -> None:
    assert change[0] in ROW
    (message,) = taken(tmp_path / "in", settings, ROW.replace(*change))
    assert message.startswith("instruments.csv, row 2")
    assert reason in message


def test_reasons_are_told_in_the_language_asked_for(tmp_path: Path, settings: Settings) -> None:
    german = settings.model_copy(update={"lang": "de"})
    (message,) = taken(tmp_path / "in", german, ROW.replace(";2024;03.02.2025", ";2022;03.02.2025"))
    assert "war bei der Entwertung verfallen" in message


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"activity": "district_heat"}, "is not about electricity"),
        ({"delivery": "losses"}, "is not about electricity"),
        ({"chain": "total"}, "states no direct emissions"),
        ({"valid_to": date(2024, 7, 1)}, "holds from 2000-01-01 to 2024-07-01"),
        ({"organisation": "other"}, 'belongs to the organisation "other"'),
        ({"activity": None}, None),
        ({"organisation": "league"}, None),
    ],
)
def test_the_factor_must_fit(told: dict[str, object], reason: str | None) -> None:
    rows = pl.DataFrame([factor("electricity", "0") | told], schema=FACTOR_SCHEMA, orient="row")
    held = EnergyInstrument(
        id="supply",
        kind="contract",
        organisation="town",
        activity="electricity",
        factor="own:electricity",
        valid_from=date(2024, 1, 1),
        valid_to=date(2025, 1, 1),
        evidence="contract 7",
    )
    if reason is None:
        check_factor(held, rows, ["league", "town"])
        return
    with pytest.raises(BilanzError, match=reason):
        check_factor(held, rows, ["league", "town"])


def test_a_certificate_of_a_heat_network_may_be_one_figure_with_upstream() -> None:
    row = factor("district_heat", "0.1", chain="total", factor_id="own:network")
    rows = pl.DataFrame([row], schema=FACTOR_SCHEMA, orient="row")
    held = EnergyInstrument(
        id="network",
        kind="contract",
        source="hall",
        activity="district_heat",
        factor="own:network",
        valid_from=date(2024, 1, 1),
        evidence="certificate 2024",
    )
    check_factor(held, rows, None)


def test_the_hash_of_the_evidence(tmp_path: Path) -> None:
    path = tmp_path / "statement.pdf"
    path.write_bytes(b"abc")
    # FIPS 180-2, appendix B.1
    assert sha256_of(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
