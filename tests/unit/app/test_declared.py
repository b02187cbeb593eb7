"""Weights, apportionment and overlaps as master data: read, refused, written and read again."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from toy import City, found_city

from bilanz.app.master.data import export_masterdata, import_masterdata
from bilanz.declared import Declared
from bilanz.registry.declared import declared_of
from bilanz.registry.engine import open_registry

WEIGHTS = "name,month,value,evidence\n"
SOURCES = "id,activity,heating_share,apportionment,weights\n"


@pytest.fixture
def city(tmp_path: Path) -> City:
    return found_city(tmp_path)


def taken(city: City, **files: str) -> list[str]:
    """Import files and return the codes of what was found."""
    folder = city.folder / "master"
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return [issue.code for _, issue in import_masterdata(folder, city.settings).issues]


def held(city: City) -> Declared:
    registry = open_registry(city.settings.registry)
    try:
        return declared_of(registry)
    finally:
        registry.close()


def test_weights_and_apportionment_reach_the_engine(city: City) -> None:
    weights = WEIGHTS + "harbour,2024-01,512.5,station book\nharbour,01.02.2024,400,\n"
    rows = ["B1,natural_gas,0.8,degree_days,harbour", "P1,electricity,0.5,profile,curve", "M1,,,day,"]
    sources = SOURCES + "\n".join(rows) + "\n"
    assert taken(city, weights=weights, sources=sources) == ["missing_value"]  # the second has no evidence
    told = held(city)
    assert told.weights.rows() == [("harbour", date(2024, 1, 1), Decimal("512.5"))]
    assert told.apportionments.rows() == [
        ("B1", "degree_days", "harbour", Decimal("0.8")),
        ("P1", "profile", "curve", Decimal(1)),
    ]


def test_a_registry_without_declarations_declares_nothing(city: City) -> None:
    assert taken(city, sources="id,activity\nM1,electricity\n") == []
    told = held(city)
    assert (told.apportionments.height, told.weights.height, told.overlaps.height) == (0, 0, 0)


@pytest.mark.parametrize(
    "row",
    [
        "B1,natural_gas,0.8,degree_days,",
        "B1,natural_gas,,degree_days,harbour",
        "B1,natural_gas,,profile,",
    ],
)
def test_an_apportionment_that_lacks_its_ground_is_refused(city: City, row: str) -> None:
    assert taken(city, sources=SOURCES + row + "\n") == ["masterdata_refused"]
    assert held(city).apportionments.is_empty()


@pytest.mark.parametrize("value", ["-1", "1000000", "cold"])
def test_a_weight_is_a_number_that_stays_exact(city: City, value: str) -> None:
    text = f"name,month,value,evidence\nharbour,2024-01,{value},station book\n"
    assert taken(city, weights=text) == ["not_a_number"]


def test_a_weight_belongs_to_a_month(city: City) -> None:
    text = "name,month,value,evidence\nharbour,2024-01-15,1,station book\n"
    assert taken(city, weights=text) == ["not_a_date"]


def test_what_is_written_reads_back_without_a_change(city: City) -> None:
    taken(
        city,
        weights="name,month,value,evidence\nharbour,2024-01,512.5,station book\n",
        sources=SOURCES + "B1,natural_gas,0.8,degree_days,harbour\n",
    )
    folder = city.folder / "written"
    export_masterdata(folder, city.settings)
    summary = import_masterdata(folder, city.settings)
    assert summary.issues == []
    assert all(count.unchanged == count.read for count in summary.tables.values())


OVERLAPS = "id,kind,part_source,part_activity,whole_source,whole_activity,valid_from,valid_to,evidence\n"
THREE = "id,activity\nA,electricity\nB,electricity\nC,electricity\n"


def test_an_overlap_is_read(city: City) -> None:
    row = "1,part_of,A,,B,,2024-01-01,2025-01-01,circuit diagram\n"
    assert taken(city, sources=THREE, overlaps=OVERLAPS + row) == []
    expected = ("1", "part_of", "A", None, "B", None, date(2024, 1, 1), date(2025, 1, 1), "circuit diagram")
    assert held(city).overlaps.rows() == [expected]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("2,part_of,A,,A,,,,x", "cannot be a part of itself"),
        ("2,part_of,A,,C,,2024-01-15,,x", "whole months"),
        ("2,part_of,C,,B,,2024-02-01,2024-01-01,x", "ends before it starts"),
        ("2,part_of,A,electricity,C,,,,x", "taken off twice"),
        ("2,part_of,B,,A,,,,x", "makes a circle"),
    ],
)
def test_an_overlap_that_cannot_hold_is_refused(city: City, row: str, reason: str) -> None:
    first = "1,part_of,A,,B,,,,circuit diagram\n"
    folder = city.folder / "master"
    folder.mkdir()
    (folder / "sources.csv").write_text(THREE, encoding="utf-8")
    (folder / "overlaps.csv").write_text(f"{OVERLAPS}{first}{row}\n", encoding="utf-8")
    found = import_masterdata(folder, city.settings).as_json()["issues"]
    assert [issue["code"] for issue in found] == ["masterdata_refused"]
    assert reason in found[0]["message"]
    assert held(city).overlaps.height == 1


def test_an_overlap_names_registered_sources(city: City) -> None:
    row = "1,part_of,A,,Z,,,,circuit diagram\n"
    assert taken(city, sources=THREE, overlaps=OVERLAPS + row) == ["unknown_reference"]
