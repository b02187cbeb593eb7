"""Own properties: what a gas bill states, row by row."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from bilanz.errors import CatalogueError, FileRefused
from bilanz.messages import catalogue as texts
from factors import own_properties
from factors.base import catalogue

HEAD = "activity,kind,area,valid_from,valid_to,value,unit,per_unit,title\n"
BILL = (
    "Erdgas,state_number,Nord,2024-01-01,2025-01-01,0.9512,,,Bill 2024\n"
    "Erdgas,gross_calorific_value,Nord,2024-01-01,2025-01-01,11.432,kWh,Nm³,Bill 2024\n"
)


def read(folder: Path, text: str, name: str = "Gas 2024.csv") -> own_properties.OwnProperties:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return own_properties.read(path, region="DE", known=catalogue().properties)


def reasons(found: own_properties.OwnProperties) -> list[tuple[int, str]]:
    return list(found.quarantined.select("row", "reason").iter_rows())


def test_a_gas_bill_is_two_rows(tmp_path: Path) -> None:
    found = read(tmp_path, HEAD + BILL)
    assert found.quarantined.is_empty()
    columns = ["activity", "kind", "region", "area", "value", "unit", "per_unit", "basis", "rank", "evidence"]
    state, gross = "state_number", "gross_calorific_value"
    assert found.properties.select(columns).rows() == [
        ("natural_gas", state, "DE", "Nord", Decimal("0.9512"), "m3n", "m3", "none", 0, "custom"),
        ("natural_gas", gross, "DE", "Nord", Decimal("11.432"), "kWh", "m3n", "Hs", 0, "custom"),
    ]
    assert found.properties["locator"].to_list() == ["Gas 2024.csv, row 2", "Gas 2024.csv, row 3"]
    assert found.summary() == {
        "source": "custom",
        "edition": "gas_2024",
        "rows": 2,
        "accepted": 2,
        "quarantined": [],
        "kinds": {"gross_calorific_value": 1, "state_number": 1},
        "areas": ["Nord"],
    }


def test_kinds_have_german_names(tmp_path: Path) -> None:
    german = BILL.replace("state_number", "Zustandszahl").replace("gross_calorific_value", "Brennwert")
    found, same = read(tmp_path, HEAD + german), read(tmp_path, HEAD + BILL)
    assert found.properties.equals(same.properties)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("Erdgas,state_number,Nord,2024-01-01,,11.4,,,x", "Implausible for a state number (about 0.95)."),
        ("Heizöl,state_number,Nord,2024-01-01,,0.95,,,x", "Only a gas has a state number."),
        (
            "Erdgas,gross_calorific_value,Nord,2024-01-01,,11.4,kWh,m³,x",
            "The calorific value of a gas bill is per standard cubic metre: state m3n.",
        ),
        (
            "Erdgas,gross_calorific_value,Nord,2024-01-01,,0.95,kWh,m3n,x",
            "Implausible for a gas (about 11 kWh/m3n).",
        ),
        (
            'Erdgas,state_number,Nord,2024-01-01,,"0,95",,,x',
            'A decimal point is expected ("0.25"), not a comma: 1,234 could be read in two ways.',
        ),
        ("Unfug,state_number,Nord,2024-01-01,,0.95,,,x", "Not an activity."),
        ("Erdgas,brennwärme,Nord,2024-01-01,,11.4,kWh,m3n,x", "Not a kind of property."),
        ("Erdgas,state_number,Nord,,,0.95,,,x", "A date such as 2024-01-01 is expected."),
        ("Erdgas,state_number,Nord,2024-01-01,,0.95,,,", "A value is required."),
        ("Erdgas,state_number,Nord,2025-01-01,2024-01-01,0.95,,,x", "A date before valid_to is expected."),
        ("Erdgas,density,Nord,2024-01-01,,0.8,kWh,m3,x", "The units do not fit the kind of property."),
        ("Brennholz,volume_of_wood,,2024-01-01,,1,Fm,Fm,x", "The units do not fit the kind of property."),
        ("Diesel,net_calorific_value,,2024-01-01,,10,kWh,rm,x", "Not a unit this activity is measured in."),
        ("Erdgas,state_number,Nord,2024-01-01,,0.95,,", "The row has more or fewer fields than the header."),
    ],
)
def test_a_bad_row_is_quarantined_and_the_others_are_taken(tmp_path: Path, row: str, reason: str) -> None:
    found = read(tmp_path, HEAD + BILL.replace("Nord", "Süd") + row + "\n")
    assert found.properties.height == 2
    assert (4, reason) in reasons(found)
    assert {line for line, _ in reasons(found)} == {4}
    assert reason in texts("de")


def test_two_values_on_one_day_are_both_refused(tmp_path: Path) -> None:
    found = read(tmp_path, HEAD + BILL + "Erdgas,state_number,Nord,2024-12-01,,0.94,,,next\n")
    reason = "Another value of the same place holds on some of these days."
    assert reasons(found) == [(2, reason), (4, reason)]
    after = read(tmp_path, HEAD + BILL + "Erdgas,state_number,Nord,2025-01-01,,0.94,,,next\n")
    assert after.quarantined.is_empty()


def test_what_is_there_already_is_not_taken_twice(tmp_path: Path) -> None:
    kept = tmp_path / "kept.csv"
    own_properties.save(read(tmp_path, HEAD + BILL).properties, kept)
    known = catalogue((), [kept]).properties
    (tmp_path / "again.csv").write_text(HEAD + BILL, encoding="utf-8")
    again = own_properties.read(tmp_path / "again.csv", region="DE", known=known)
    assert again.properties.is_empty()
    assert {row for row, _ in reasons(again)} == {2, 3}


def test_saved_properties_come_back_and_change_the_release(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    found = read(tmp_path, HEAD + BILL)
    own_properties.save(found.properties, path)
    extended = catalogue((), [path])
    assert extended.release != catalogue().release
    own = extended.properties.filter(pl.col("evidence") == "custom")
    assert own.equals(found.properties)
    assert own["valid_from"].to_list() == [date(2024, 1, 1)] * 2


def test_a_table_that_was_changed_by_hand_stops_the_program(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    own_properties.save(read(tmp_path, HEAD + BILL).properties, path)
    path.write_text(path.read_text(encoding="utf-8").replace("0.9512", "0.9512x"), encoding="utf-8")
    with pytest.raises(CatalogueError, match="positive decimal"):
        catalogue((), [path])


def test_a_file_without_a_required_column_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match='column "title" is missing'):
        read(tmp_path, "activity,kind,valid_from,value\n")
    with pytest.raises(FileRefused, match='column "rank" is unknown'):
        read(tmp_path, HEAD.replace("area", "rank") + BILL)
