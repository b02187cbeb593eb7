"""Files as agencies and utilities sent them, through the command line, against independently computed totals.

The files are not part of the repository; the test skips, saying so, where the folder is absent.
"""

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).parents[3] / "shared" / "data"
BILANZ = str(Path(sys.executable).with_name("bilanz"))

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the example files (../shared/data) are not here")


def imported(path: Path) -> dict[str, Any]:
    """Return the answer of a dry run."""
    command = [BILANZ, "import", str(path), "--org", "town", "--dry-run", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    answer = json.loads(done.stdout)
    assert "error" not in answer, answer
    assert done.returncode == (1 if answer["rejected"] else 0), done.stderr
    assert answer["read"] == answer["accepted"] + answer["rejected"] + answer["ignored"]
    return dict(answer)


def expected(name: str) -> dict[str, Any]:
    """Return the independently computed totals of a file."""
    return dict(json.loads((DATA / "expected.json").read_text(encoding="utf-8"))[name])


def total(answer: dict[str, Any], **key: str) -> Decimal:
    """Return the sum of the totals that match."""
    found = [entry for entry in answer["totals"] if all(entry[name] == value for name, value in key.items())]
    assert found, (key, answer["totals"])
    return sum((Decimal(entry["quantity"]) for entry in found), Decimal(0))


@pytest.mark.parametrize(
    "name", ["ClamStrom", "KaerntenNetz", "NetzNOEv2", "SalzburgNetz1", "VorarlbergNetz"]
)
def test_grid_operator_interval_files(name: str) -> None:
    file = f"metering/at_netz/{name}.csv"
    wanted = expected(file)
    answer = imported(DATA / file)
    assert answer["importer"] == "interval_csv"
    assert answer["accepted"] == wanted["values"]
    kwh = total(answer, unit="kWh", direction="consumption", activity="electricity")
    assert abs(kwh - Decimal(str(wanted["sum_kWh"]))) <= Decimal("0.0005")


def test_load_profile_in_kilowatt_becomes_energy() -> None:
    file = "metering/lastgang_csv/boston_library_5min_kW.head.csv"
    wanted = expected(file)
    answer = imported(DATA / file)
    assert answer["accepted"] == wanted["rows"]
    kwh = total(answer, unit="kWh")
    assert abs(kwh - Decimal(str(wanted["energy_kWh_if_5min_mean"]))) <= Decimal("0.01")
    # five-minute means: 25 278 703.17 kW · 5/60 h
    assert abs(kwh - Decimal("25278703.17") * 5 / 60) <= Decimal("0.01")


def test_fuel_card_export() -> None:
    file = "fleet/urbana_fuel_card_export.part1_first3000rows.csv"
    wanted = expected(file)
    answer = imported(DATA / file)
    assert answer["importer"] == "fuel_card"
    assert answer["read"] == wanted["rows"]
    assert answer["accepted"] == 2998
    assert answer["ignored"] == 2
    pump = total(answer, activity="petrol_e10", unit="gal_us")  # "Unleaded Ethanol (10% blend)"
    assert pump == Decimal("6985.57")
    assert pump + total(answer, activity="petrol", unit="gal_us") == Decimal(str(wanted["gallons"]))
    codes = [issue["code"] for issue in answer["issues"]]
    assert codes.count("suspect_date") == 2
    assert codes.count("suspect_odometer") >= wanted["odo_over_900k"]
    assert codes.count("not_relevant") == 2


INVOICES = [
    "xrechnung_01.01a-INVOICE_ubl.xml",
    "xrechnung_01.01a-INVOICE_uncefact.xml",
    "xrechnung_01.05a-INVOICE_ubl.xml",
    "xrechnung_03.01a-INVOICE_ubl.xml",
    "xrechnung_03.04a-INVOICE_uncefact.xml",
    "xrechnung_03.05a-INVOICE_uncefact.xml",
]


@pytest.mark.parametrize("name", INVOICES)
def test_every_invoice_line_is_read(name: str) -> None:
    answer = imported(DATA / "procurement/einvoice" / name)
    assert answer["importer"] == "einvoice"
    assert answer["read"] == expected(f"procurement/einvoice/{name}")["n_lines"]
    assert not [issue for issue in answer["issues"] if issue["code"] == "control_sum"]


def test_invoice_lines_of_goods_add_up_to_the_line_total() -> None:
    for name in INVOICES[:3]:
        wanted = expected(f"procurement/einvoice/{name}")
        answer = imported(DATA / "procurement/einvoice" / name)
        assert total(answer, unit="EUR") == Decimal(str(wanted["lines_sum"]))


def test_combined_bill_of_electricity_gas_and_water() -> None:
    answer = imported(DATA / "procurement/einvoice/xrechnung_03.01a-INVOICE_ubl.xml")
    assert total(answer, activity="electricity", unit="kWh") == 935 + 119
    assert total(answer, activity="natural_gas", unit="kWh") == 328 + 3875 + 1746
    assert total(answer, activity="water_supply", unit="m3") == 25 + 4
    assert answer["period"]["start"].startswith("2018-05-01")
    assert answer["period"]["end"].startswith("2019-02-01")


def test_a_quantity_repeated_on_fee_and_tax_lines_counts_once() -> None:
    answer = imported(DATA / "procurement/einvoice/xrechnung_03.04a-INVOICE_uncefact.xml")
    assert total(answer, unit="kWh") == Decimal("804878.94")
    assert [issue["code"] for issue in answer["issues"]].count("repeated_quantity") >= 3


def test_demand_in_kilowatt_is_no_energy() -> None:
    answer = imported(DATA / "procurement/einvoice/xrechnung_03.05a-INVOICE_uncefact.xml")
    assert total(answer, unit="kWh") == Decimal(616290)
    assert {entry["unit"] for entry in answer["totals"]} <= {"kWh", "EUR"}


OTHERS = [
    "metering/oed_cases/OED_README.md",
    "procurement/classifications/cpv2008_es.csv",
    "reference/citycatalyst_inventory_BR_SLO_2022.csv",
    "reference/kitchener_energy_ghg_2015-2017.json",
]


@pytest.mark.parametrize("file", OTHERS)
def test_a_file_of_another_kind_is_refused_never_read_wrongly(file: str) -> None:
    command = [BILANZ, "import", str(DATA / file), "--org", "town", "--dry-run", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["code"] == "no_importer"
