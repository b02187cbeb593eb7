"""The rules of forms: readings, tanks, shares, surveys, computed and not counted quantities."""

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from random import Random

import polars as pl
import pytest
from golden.standard.comparison import workspace
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from importers.base import SURE, ImportRequest, ImportResult, identify
from importers.forms.importer import FormImporter
from importers.forms.rules.days import boundary
from importers.town_bills import TownBills
from importers.town_commuting import CommutingSurvey
from importers.town_deliveries import FuelDeliveries
from importers.town_metering import MeterReadings
from importers.town_refrigerants import RefrigerantLog
from importers.town_tenants import TenantShares

METER = "Zähler;Zählernummer;Energieträger;Ablesedatum;Zählerstand;Einheit;Anlass;Endwert des Zählwerks"
TANK = "Lieferdatum;Tank;Brennstoff;Liefermenge;Füllstand;Einheit;Bemerkung"
SURVEY = (
    "Year;Mode of travel;One-way distance [km];Days on site per week;Home-office days per week;"
    "Working weeks per year;Working hours per day;Total staff"
)
HOUSE = (
    "Site;House meter / contract;Energy carrier;Billed from;Billed until;Use of the house [kWh];"
    "Tenants' share [%];Area let [m²];Whole area [m²]"
)
BILL = (
    "Zähler / Vertrag;Energieträger;Abrechnung von;Abrechnung bis;Abgerechnete Menge [kWh];"
    "CO2-Emissionen laut Rechnung [kg];Emissionsfaktor laut Rechnung [kg/kWh];"
    "Energiegehalt laut Rechnung [kWh Hi]"
)
LOG = "Date of work;Plant;Refrigerant;Charge [kg];Added [kg];Recovered [kg];Occasion"


def read(importer: FormImporter, directory: Path, *lines: str) -> ImportResult:
    path = directory / "form.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    result = importer.read(path, ImportRequest(zone="Europe/Berlin"), workspace(directory))
    result.check()
    return result


def quantities(result: ImportResult) -> list[Decimal]:
    return result.activities["quantity"].to_list()


def codes(result: ImportResult, row: int) -> list[str]:
    return sorted(result.issues.filter(pl.col("source_row") == row)["code"])


@pytest.mark.parametrize(
    ("text", "midnight"),
    [
        ("2023-12-31", "2024-01-01"),
        ("2024-01-01", "2024-01-01"),
        ("2024-02-29", "2024-03-01"),
        ("2024-05-14", "2024-05-14"),
        ("2024-05-14 07:30", "2024-05-14"),
        ("2024-05-14 16:00", "2024-05-15"),
    ],
)
def test_the_midnight_a_day_stands_for(text: str, midnight: str) -> None:
    assert boundary(datetime.fromisoformat(text)) == datetime.fromisoformat(midnight)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.integers(0, 9000), min_size=1, max_size=11), seed=st.integers(0, 99))
def test_readings_in_any_order_add_up_to_the_last_less_the_first(
    steps: list[int], seed: int, tmp_path: Path
) -> None:
    shown = [100 + sum(steps[:place]) for place in range(len(steps) + 1)]
    rows = [f"Z;1;Strom;{month + 1:02}.03.2024;{stand},5;kWh;;" for month, stand in enumerate(shown)]
    Random(seed).shuffle(rows)  # noqa: S311 - an order, no secret
    result = read(MeterReadings(), tmp_path, METER, *rows)
    assert result.rejected == 0
    assert sum(quantities(result)) == shown[-1] - shown[0]
    assert result.accepted == len(steps)


def test_a_change_of_the_meter_counts_both_meters(tmp_path: Path) -> None:
    rows = (
        "Z;1;Strom;01.01.2024;100,5;kWh;;",
        "Z;1;Strom;01.05.2024;350,5;kWh;Zählerwechsel;",
        "Z;2;Strom;01.05.2024;7;kWh;Zählerwechsel;",
        "Z;2;Strom;01.01.2025;27;kWh;;",
    )
    result = read(MeterReadings(), tmp_path, METER, *rows)
    assert quantities(result) == [Decimal(250), Decimal(20)]
    assert "meter_gap" not in set(result.issues["code"])


def test_a_new_meter_number_without_a_word_is_another_meter(tmp_path: Path) -> None:
    rows = (
        "Z;1;Strom;01.01.2024;100,5;kWh;;",
        "Z;2;Strom;01.05.2024;900;kWh;;",
        "Z;2;Strom;01.01.2025;950;kWh;;",
    )
    result = read(MeterReadings(), tmp_path, METER, *rows)
    assert quantities(result) == [Decimal(50)]
    assert codes(result, 3) == ["meter_gap", "opening_reading"]


def test_a_fall_counts_only_where_the_row_states_a_rollover_and_the_capacity(tmp_path: Path) -> None:
    opening = "Z;1;Strom;01.01.2024;99990,5;kWh;;"
    closing = "Z;1;Strom;01.01.2025;10;kWh;{};{}"
    turned = read(MeterReadings(), tmp_path, METER, opening, closing.format("Überlauf", "100000"))
    assert quantities(turned) == [Decimal("19.5")]
    silent = read(MeterReadings(), tmp_path, METER, opening, closing.format("", ""))
    assert (silent.accepted, codes(silent, 3)) == (0, ["meter_reset"])
    bare = read(MeterReadings(), tmp_path, METER, opening, closing.format("Überlauf", ""))
    assert (bare.accepted, codes(bare, 3)) == (0, ["unknown_value"])
    small = read(MeterReadings(), tmp_path, METER, opening, closing.format("Überlauf", "10000"))
    assert (small.accepted, codes(small, 3)) == (0, ["rollover_contradicts"])


def test_a_lone_change_breaks_the_register(tmp_path: Path) -> None:
    rows = (
        "Z;;Strom;01.01.2024;900,5;kWh;;",
        "Z;;Strom;15.06.2024;5;kWh;Zählerwechsel;",
        "Z;;Strom;01.01.2025;950;kWh;;",
    )
    result = read(MeterReadings(), tmp_path, METER, *rows)
    assert (result.accepted, codes(result, 3)) == (0, ["change_incomplete"])
    assert codes(result, 4) == ["meter_gap", "single_reading"]


def test_a_rejected_change_breaks_the_register_too(tmp_path: Path) -> None:
    rows = (
        "Z;;Strom;01.01.2024;900,5;kWh;;",
        "Z;;Strom;15.06.2024;5x;kWh;Zählerwechsel: neuer Zähler;",
        "Z;;Strom;01.01.2025;950;kWh;;",
    )
    result = read(MeterReadings(), tmp_path, METER, *rows)
    assert (result.accepted, codes(result, 3)) == (0, ["not_a_number"])
    assert codes(result, 4) == ["meter_gap", "single_reading"]


def test_deliveries_and_levels_are_a_balance_of_the_tank(tmp_path: Path) -> None:
    rows = (
        "31.12.2023;A;Heizöl;;1000,5;l;",
        "01.03.2024;A;Heizöl;2000;;l;",
        "31.12.2024;A;Heizöl;;500;l;",
        "01.03.2025;A;Heizöl;700;;l;after the last level",
    )
    result = read(FuelDeliveries(), tmp_path, TANK, *rows)
    assert quantities(result) == [Decimal("2500.5"), Decimal(700)]
    assert result.activities["quality"].to_list() == ["measured", "billed"]
    assert result.activities["role"].to_list() == ["delivered", "delivered"]
    assert codes(result, 5) == ["delivery_not_consumption"]
    assert json.loads(result.activities["attributes"][0])["stock_after"] == "500"


@pytest.mark.parametrize("lost", ["2ooo;;l", "2000;;", "2000;;m³", "2000;;kW"])
def test_a_span_with_a_rejected_delivery_is_rejected(lost: str, tmp_path: Path) -> None:
    rows = (
        "31.12.2023;A;Heizöl;;1000,5;l;",
        f"01.03.2024;A;Heizöl;{lost};",
        "31.12.2024;A;Heizöl;;500;l;",
    )
    result = read(FuelDeliveries(), tmp_path, TANK, *rows)
    assert result.accepted == 0
    assert codes(result, 4) == ["span_incomplete"]


def test_a_delivery_with_a_date_nobody_can_read_spoils_every_span_of_its_tank(tmp_path: Path) -> None:
    rows = (
        "31.12.2023;A;Heizöl;;1000,5;l;",
        "irgendwann;A;Heizöl;2000;;l;",
        "31.12.2024;A;Heizöl;;500;l;",
        "31.12.2023;B;Heizöl;;1000;l;",
        "31.12.2024;B;Heizöl;;500;l;",
    )
    result = read(FuelDeliveries(), tmp_path, TANK, *rows)
    assert result.activities.select("source", "quantity").rows() == [("B", Decimal(500))]


def test_levels_in_another_unit_than_their_header_are_rejected(tmp_path: Path) -> None:
    header = "Lieferdatum;Tank;Brennstoff;Liefermenge [l];Füllstand [m³]"
    result = read(FuelDeliveries(), tmp_path, header, "31.12.2023;A;Heizöl;;1,5", "31.12.2024;A;Heizöl;;1")
    assert (result.accepted, result.rejected) == (0, 2)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(whole=st.decimals("0.5", "9000000.5", places=3), let=st.integers(0, 700))
def test_tenants_and_owner_together_use_what_the_house_uses(whole: Decimal, let: int, tmp_path: Path) -> None:
    row = f"H;G;Electricity;2024-01-01;2024-12-31;{whole}5;;{let};700"
    result = read(TenantShares(), tmp_path, HOUSE, row)
    assert sum(quantities(result)) == Decimal(f"{whole}5")
    assert result.activities["role"].to_list() == ["tenant", "consumed"]


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(answers=st.permutations(["12.5;3;2", "20.5;5;0", "7;1;4", "3.5;4;1"]), times=st.integers(1, 5))
def test_a_survey_is_linear_in_the_staff_and_knows_no_order(
    answers: list[str], times: int, tmp_path: Path
) -> None:
    rows = [f"2024;car (driver);{answer};44;8;{8 * times}" for answer in answers]
    result = read(CommutingSurvey(), tmp_path, SURVEY, *rows)
    # (12.5 × 3 + 20.5 × 5 + 7 + 3.5 × 4) km × 2 × 44 weeks × 8 staff ÷ 4 answers, and 7 days × 44 × 8 h × 2
    assert sorted(quantities(result)) == [Decimal(4928) * times, Decimal(28336) * times]
    assert (result.read, result.accepted, result.ignored) == (8, 2, 6)


def test_no_answer_of_a_survey_is_kept(tmp_path: Path) -> None:
    rows = [f"2024;bus;{distance}.5;3;;44;;9" for distance in (11, 12, 13)]
    result = read(CommutingSurvey(), tmp_path, SURVEY, *rows, "2024;bus;x;3;;44;;9")
    # (11.5 + 12.5 + 13.5) × 2 × 3 × 44 × 9 ÷ 3 answers that were taken
    assert quantities(result) == [Decimal(29700)]
    assert result.rejects is None
    kept = result.activities.write_json() + result.issues.filter(pl.col("severity") != "error").write_json()
    assert not any(text in kept for text in ("11.5", "12.5", "13.5"))


def test_who_walks_counts_as_an_answer(tmp_path: Path) -> None:
    result = read(
        CommutingSurvey(), tmp_path, SURVEY, "2024;car (driver);10.5;5;;44;;4", "2024;on foot;;;;;;"
    )
    assert quantities(result) == [Decimal(9240)]  # 2 × 10.5 × 5 × 44 × 4 ÷ 2
    assert codes(result, 3) == ["answers_not_counted"]


@pytest.mark.parametrize(("stated", "is_told"), [("102", False), ("103", True), ("98", False), ("97", True)])
def test_a_statement_of_co2_may_be_two_percent_off(stated: str, is_told: bool, tmp_path: Path) -> None:  # noqa: FBT001
    row = f"G;Fernwärme;01.01.2024;31.12.2024;1000,5;{stated};0,2;500"
    result = read(TownBills(), tmp_path, BILL, row)
    told = result.issues.filter(pl.col("code") == "co2_statement_differs")
    assert bool(told.height) == is_told
    if is_told:
        parameters = json.loads(told["parameters"][0])
        assert (parameters["stated"], parameters["computed"]) == (stated, "100")
        assert parameters["difference"] == "3"
    assert json.loads(result.activities["attributes"][0]) == {
        "co2_stated_kg": stated,
        "co2_factor_stated": "0.2",
        "energy_stated_kwh_hi": "500",
    }


def test_what_was_topped_up_had_leaked_and_nothing_else(tmp_path: Path) -> None:
    rows = (
        "2024-01-10;A;R32;3;3;;first filling",
        "2024-02-10;A;R32;3;;1.5;decommissioning",
        "2024-03-10;A;R32;3;0.5;;top-up",
        "2024-04-10;A;;3;0.5;;top-up",
    )
    result = read(RefrigerantLog(), tmp_path, LOG, *rows)
    assert quantities(result) == [Decimal("0.5")]
    assert result.activities.select("activity", "product_group", "unit").rows() == [
        ("refrigerant", "R32", "kg")
    ]
    assert (result.rejected, result.ignored) == (1, 2)


def test_a_list_kept_by_hand_needs_no_template(tmp_path: Path) -> None:
    path = tmp_path / "liste.csv"
    rows = (
        "Datum;Zählernummer;Zählerstand [kWh];Energieträger;Bemerkung",
        "31.12.2023;471;1000,5;Strom;",
        "01.05.2024;471;1400,5;Strom;Zählerwechsel, alter Stand",
        "01.05.2024;471;2;Strom;Zählerwechsel, neuer Stand",
        "31.12.2024;471;602;Strom;kein Überlauf",
    )
    path.write_text("\n".join(rows), encoding="utf-8")
    assert [it.name for it, claim in identify(path) if claim.confidence >= SURE] == ["town_metering"]
    result = read(MeterReadings(), tmp_path, *rows)
    assert quantities(result) == [Decimal(400), Decimal(600)]
    assert result.activities["source"].to_list() == ["471", "471"]


def test_readings_of_no_named_meter_are_not_claimed(tmp_path: Path) -> None:
    path = tmp_path / "liste.csv"
    path.write_text("Ablesedatum;Zählerstand;Einheit\n31.12.2023;1;kWh\n", encoding="utf-8")
    assert [it.name for it, claim in identify(path) if claim.confidence >= SURE] == []
