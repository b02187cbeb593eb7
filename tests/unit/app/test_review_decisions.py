"""Suspect values are confirmed, corrected or excluded: one value each, traced, and taken back again."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from toy import City, found_city

from bilanz.app import trail
from bilanz.app.balances import calculate_year, latest_result
from bilanz.app.cli import run as command
from bilanz.app.intake.ingest import batches, import_file, withdraw
from bilanz.app.period import closing
from bilanz.app.period.closing import Asked
from bilanz.app.period.restating import restate
from bilanz.app.review.corrections import Corrected
from bilanz.app.review.decisions import (
    confirm,
    correct,
    exclude_value,
    include_value,
    standing_periods,
    take_confirmation_back,
)
from bilanz.app.review.findings import Finding, exclusion, finding_of, findings_of, value_of
from bilanz.errors import Refused, UnitError, UnknownName, UsageError
from bilanz.result import Result
from bilanz.store.connection import open_store

HEADER = "organisation,source,activity,start,end,quantity,unit,quality,counterparty"
HEAT = """\
activity,region,valid_from,valid_to,gas,value,mass_unit,per_unit,chain,gwp,method,title
Fernwärme,DE,2024-01-01,2025-01-01,CO2e,100,g,kWh,total,AR5,exergy,Certificate
"""
MONTHS = [date(2024, month, 1) for month in range(1, 7)]


def bill(source: str, month: date, quantity: str, more: str = "billed,Works") -> str:
    end = (month + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return f"depot,{source},district_heat,{month},{end},{quantity},kWh,{more}"


@pytest.fixture
def city(tmp_path: Path) -> City:
    """Return a city that heats by 1 000 kWh a month, in May by 20 000; 0.1 kg a kWh."""
    found = found_city(tmp_path)
    city = City(found.settings.model_copy(update={"user": "olga"}), tmp_path)
    file = city.folder / "heat.csv"
    file.write_text(HEAT, encoding="utf-8")
    assert command(["factors", "import", str(file), "--data-dir", str(city.settings.data), "--json"]) == 0
    take(city, "bills.csv", *(bill("H1", month, "20000" if month.month == 5 else "1000") for month in MONTHS))
    return city


def take(city: City, name: str, *rows: str, header: str = HEADER) -> str:
    import_file(city.file(name, header, *rows), organisation="town", settings=city.settings)
    return str(batches(city.settings)[-1]["batch"])


def suspect(city: City, code: str = "outlier_record") -> Finding:
    (found,) = (one for one in findings_of(city.settings, 2024) if one.code == code)
    return found


def calculated(city: City) -> Result:
    return calculate_year(city.settings, 2024, books=("bisko",))


def total(city: City) -> Decimal:
    return Decimal(calculated(city).lines["co2e_kg"].sum())


def reasons(city: City) -> dict[str, Decimal]:
    frame = calculated(city).superseded
    return dict(frame.group_by("reason").agg(frame["quantity"].sum()).iter_rows()) if frame.height else {}


def test_a_finding_names_the_value_it_is_about_and_whose_it_is(city: City) -> None:
    found = suspect(city)
    value = found.value
    assert (value.organisation, value.source, value.quantity, value.row) == ("depot", "H1", 20000, 7)
    assert value.days == (date(2024, 5, 1), date(2024, 5, 31))
    assert found.state == "open"
    assert "the other records of H1" in found.text("en")
    assert findings_of(city.settings, 2023) == []
    assert findings_of(city.settings, 2024, ["school"]) == []
    assert finding_of(city.settings, 2024, found.id) == found
    with pytest.raises(UnknownName):
        finding_of(city.settings, 2024, "0" * 64)


def test_what_was_confirmed_is_open_no_more_and_can_be_opened_again(city: City) -> None:
    confirm(city.settings, suspect(city), "the boiler was replaced")
    found = suspect(city)
    assert found.state == "confirmed"
    assert found.confirmation is not None
    assert (found.confirmation.by, found.confirmation.reason) == ("olga", "the boiler was replaced")
    with pytest.raises(Refused, match="confirmed already"):
        confirm(city.settings, found)
    assert total(city) == 2500  # (5 × 1 000 + 20 000) × 0.1
    take_confirmation_back(city.settings, found.confirmation)
    assert suspect(city).state == "open"
    actions = [(entry["action"], entry["by"]) for entry in trail.listed(city.settings, found.value.batch)]
    assert actions[-2:] == [("issue.confirm", "olga"), ("issue.reopen", "olga")]


def test_a_correction_changes_the_total_by_its_difference_and_withdrawing_it_undoes_it(city: City) -> None:
    before = suspect(city).value
    made = correct(city.settings, before, Corrected(Decimal("1.2"), "MWh", "a comma was lost"))
    assert made.batch is not None
    assert suspect(city).state == "corrected"
    assert total(city) == 620  # (5 × 1 000 + 1 200) × 0.1
    assert reasons(city) == {"resolution": 20000}
    entry = trail.listed(city.settings, made.batch)[0]
    assert (entry["action"], entry["reason"]) == ("import.commit", "a comma was lost")
    assert entry["details"]["gave_way"][0]["rule"] == "correction"
    with pytest.raises(Refused, match="does not count any more"):
        correct(city.settings, suspect(city).value, Corrected(Decimal(1), "kWh", "again"))
    withdraw(made.batch, reason="it was right", settings=city.settings)
    assert total(city) == 2500


def test_a_correction_keeps_all_the_record_says_and_can_be_corrected_itself(city: City) -> None:
    value = suspect(city).value
    made = correct(city.settings, value, Corrected(Decimal(1200), "kWh", "a comma was lost"))
    query = """SELECT a.*, b.organisation AS owner FROM activity a JOIN batch b USING (batch_key)
        WHERE b.batch = ?"""
    with open_store(city.settings.store_file) as store:
        old = store.frame(query, [value.batch]).filter(quantity=20000).row(0, named=True)
        new = store.frame(query, [made.batch]).row(0, named=True)
    same = (
        "organisation",
        "source",
        "activity",
        "direction",
        "role",
        "start",
        "end",
        "quality",
        "counterparty",
    )
    assert [new[name] for name in same] == [old[name] for name in same]
    assert (new["quantity"], new["document_type"], new["owner"]) == (1200, "correction", "depot")
    told = json.loads(new["attributes"])
    assert told["corrects_batch"] == value.batch
    assert (told["corrects_row"], told["correction_reason"]) == ("7", "a comma was lost")
    again = correct(
        city.settings,
        value_of(city.settings, new["record_id"]),
        Corrected(Decimal(1300), "kWh", "read again"),
    )
    assert total(city) == 630
    withdraw(str(made.batch), reason="in between", settings=city.settings)
    assert total(city) == 630  # what the first correction replaced stays away
    withdraw(str(again.batch), reason="all wrong", settings=city.settings)
    assert total(city) == 2500


@pytest.mark.parametrize(
    ("corrected", "error", "match"),
    [
        (Corrected(Decimal(1), "kWh", " "), UsageError, "State why"),
        (Corrected(Decimal(1), "kW h w", "x"), UnitError, "not known"),
        (Corrected(Decimal(1), "m³", "x"), UsageError, "measures something else"),
    ],
)
def test_a_correction_that_cannot_be_one_is_refused_and_leaves_nothing(
    city: City, corrected: Corrected, error: type[Exception], match: str
) -> None:
    with pytest.raises(error, match=match):
        correct(city.settings, suspect(city).value, corrected)
    assert len(batches(city.settings)) == 1


def test_what_is_excluded_is_shown_as_superseded_with_its_own_reason(city: City) -> None:
    value = suspect(city).value
    with pytest.raises(UsageError, match="State why"):
        exclude_value(city.settings, value, "")
    exclude_value(city.settings, value, "bill of somebody else")
    assert suspect(city).state == "excluded"
    assert total(city) == 500
    assert reasons(city) == {"excluded": 20000}
    done = exclusion(city.settings, suspect(city).value)
    assert done is not None
    assert (done.by, done.reason) == ("olga", "bill of somebody else")
    with pytest.raises(Refused, match="does not count any more"):
        exclude_value(city.settings, suspect(city).value, "again")
    include_value(city.settings, suspect(city).value)
    assert total(city) == 2500
    entries = trail.listed(city.settings, value.batch)[-2:]
    assert [entry["action"] for entry in entries] == ["record.exclude", "record.include"]
    assert entries[0]["details"]["row"] == 7


def test_a_closed_year_keeps_an_excluded_value_until_it_is_restated(city: City) -> None:
    calculated(city)
    closing.release(city.settings, Asked(2024))
    closing.close(city.settings.model_copy(update={"user": "carl"}), 2024, None)
    value = suspect(city).value
    assert [period.year for period in standing_periods(city.settings, "depot", value.days)] == [2024]
    assert standing_periods(city.settings, "depot", (date(2023, 1, 1), date(2023, 2, 1))) == []
    exclude_value(city.settings, value, "bill of somebody else")
    assert latest_result(city.settings, 2024).lines["co2e_kg"].sum() == 2500
    found = restate(city.settings, 2024, None, dry_run=True)
    (row,) = found.totals.rows(named=True)
    assert (row["co2e_old_kg"], row["data_kg"], row["co2e_new_kg"]) == (2500, -2000, 500)


def readings(city: City) -> str:
    """Import hours of forty days of heat, 1 kWh each; on 10 February 100 kWh."""
    first = datetime(2024, 1, 15)  # noqa: DTZ001 - local time
    hours = [first + timedelta(hours=hour) for hour in range(24 * 40)]
    rows = [
        f"H2;{hour:%d.%m.%Y %H:%M};{hour + timedelta(hours=1):%d.%m.%Y %H:%M};"
        f"{'100' if hour.date() == date(2024, 2, 10) else '1'}"
        for hour in hours
    ]
    path = city.folder / "hours.csv"
    path.write_text("\n".join(["Zähler;von;bis;Verbrauch (kWh)", *rows, ""]), encoding="utf-8")
    add = ["source", "add", "H2", "--org", "depot", "--activity", "district_heat"]
    assert command([*add, "--data-dir", str(city.settings.data), "--json"]) == 0
    import_file(
        path,
        organisation="depot",
        settings=city.settings,
        importer="interval_csv",
        source="H2",
        zone="Europe/Berlin",
    )
    return str(batches(city.settings)[-1]["batch"])


def test_a_day_of_readings_is_excluded_or_corrected_and_no_other_day(city: City) -> None:
    readings(city)
    found = suspect(city, "outlier_day")
    assert (found.value.day, found.value.quantity) == (date(2024, 2, 10), 2400)
    assert total(city) == 2500 + Decimal("333.6")  # (39 × 24 + 2 400) × 0.1
    exclude_value(city.settings, found.value, "the meter was tested")
    assert suspect(city, "outlier_day").state == "excluded"
    assert total(city) == 2500 + Decimal("93.6")
    assert reasons(city) == {"excluded": 2400}
    include_value(city.settings, found.value)
    correct(city.settings, found.value, Corrected(Decimal(30), "kWh", "read by hand"))
    assert suspect(city, "outlier_day").state == "corrected"
    assert total(city) == 2500 + Decimal("96.6")  # (39 × 24 + 30) × 0.1
    assert reasons(city) == {"resolution": 2400}


def test_a_warning_about_a_row_of_several_values_can_only_be_confirmed(city: City) -> None:
    found = suspect(city)
    bare = replace(found, value=replace(found.value, record=None, series=None))
    assert not bare.value.is_known
    with pytest.raises(UnknownName, match="no one value"):
        exclude_value(city.settings, bare.value, "x")
