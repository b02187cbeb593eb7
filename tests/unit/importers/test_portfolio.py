"""Headers of tables of buildings, columns that are written alike, and files that are none of ours."""

from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from golden.standard.comparison import workspace
from hypothesis import given
from hypothesis import strategies as st

from bilanz.errors import FileRefused
from importers.base import FileSample, ImportRequest, ImportResult
from importers.building_portfolio import BuildingPortfolio
from importers.fuelio import Fuelio
from importers.log_book import LogBook
from importers.mileage_table import MileageTable
from importers.portfolio.carriers import find, header_of
from importers.portfolio_manager import PortfolioManager
from importers.tables.alike import declared_alike
from importers.travel_expenses import TravelExpenses
from importers.trips.mileage import mileages
from importers.upload.table import Table

IMPORTERS = (
    BuildingPortfolio(), PortfolioManager(), Fuelio(), LogBook(), MileageTable(), TravelExpenses()
)  # fmt: skip


def read(tmp_path: Path, text: str, **declared: str) -> ImportResult:
    path = tmp_path / "portfolio.csv"
    path.write_text(text, encoding="utf-8")
    result = BuildingPortfolio().read(path, ImportRequest(declared=declared), workspace(tmp_path))
    result.check()
    return result


@pytest.mark.parametrize(
    ("header", "activity", "unit", "year"),
    [
        ("Strom (kWh)", "electricity", "kWh", None),
        ("Stromverbrauch 2022 [kWh]", "electricity", "kWh", "2022"),
        ("Fernwärme MWh", "district_heat", "MWh", None),
        ("Erdgas [kWh Hs]", "natural_gas", "kWh Hs", None),
        ("Wasser m³", "water_supply", "m³", None),
        ("NaturalGas(therms)", "natural_gas", "therms", None),
        ("ELECTRICITYUSE_GRID_KWH", "electricity", "KWH", None),
        ("Electricity Use - Grid Purchase (kBtu)", "electricity", "kBtu", None),
        ("Fuel Oil #2 Use (kBtu)", "heating_oil", "kBtu", None),
        ("Diesel #2 Use (kBtu)", "diesel", "kBtu", None),
        ("Water Use (All Water Sources) (m3)", "water_supply", "m3", None),
    ],
)
def test_a_header_states_carrier_and_unit(header: str, activity: str, unit: str, year: str | None) -> None:
    parts = header_of(header)
    carrier = find(parts.name)
    assert carrier is not None
    assert (carrier.activity, parts.unit, parts.year) == (activity, unit, year)


@pytest.mark.parametrize(
    "header",
    [
        "Weather Normalized Site Electricity (kWh)", "SiteEnergyUseWN(kBtu)", "Site EUI (kBtu/ft2)",
        "Electricity (kBtu/ft2)", "Strom witterungsbereinigt (kWh)", "Wärmeverbrauch (kWh)",
        "National Median Site Energy Use (kBtu)", "Strom (€)", "Total GHG Emissions (MtCO2e)",
    ],
)  # fmt: skip
def test_a_header_that_is_no_consumption_is_none(header: str) -> None:
    parts = header_of(header)
    assert not parts.unit or find(parts.name) is None


def test_what_one_column_proves_holds_for_its_neighbours() -> None:
    rows = {"0": ["1.250", "3.000"], "1": ["12,5", None], "2": ["7", "8"]}
    frame = pl.DataFrame({"__row": [2, 3], **rows}, schema_overrides={"__row": pl.Int64})
    adopted, issues = declared_alike(Table(("a", "b", "c"), frame), [0, 1, 2], {})
    assert adopted == {"a": "1.234,56"}
    assert [issue.code for issue in issues] == ["format_of_table"]


def test_columns_that_contradict_each_other_prove_nothing() -> None:
    rows = {"0": ["1.250"], "1": ["12,5"], "2": ["7.5"]}
    frame = pl.DataFrame({"__row": [2], **rows}, schema_overrides={"__row": pl.Int64})
    assert declared_alike(Table(("a", "b", "c"), frame), [0, 1, 2], {}) == ({}, [])


def test_years_in_the_headers_are_periods(tmp_path: Path) -> None:
    result = read(tmp_path, "Objekt;Strom 2021 (kWh);Strom 2022 (kWh)\nA;10,5;12,25\n")
    assert [(row[0].year, row[1]) for row in result.activities.select("end", "quantity").rows()] == [
        (2021, Decimal("10.5")),
        (2022, Decimal("12.25")),
    ]


def test_a_carrier_without_a_unit_is_refused_until_it_is_declared(tmp_path: Path) -> None:
    text = "Objekt;Jahr;Strom;Gas\nA;2022;10,5;3,25\n"
    with pytest.raises(FileRefused) as refused:
        read(tmp_path, text)
    assert refused.value.code == "missing_unit"
    result = read(tmp_path, text, Strom="kWh", Gas="MWh Hs")
    assert result.activities.select("unit", "basis").rows() == [("kWh", "none"), ("MWh", "Hs")]


def test_two_columns_of_one_name_with_different_contents_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRefused) as refused:
        read(tmp_path, "Objekt,Jahr,Strom (kWh),Strom (kWh)\nA,2022,1.5,2.5\n")
    assert refused.value.code == "duplicate_column"


def test_gas_without_the_format_of_energy_star_has_no_basis(tmp_path: Path) -> None:
    result = read(tmp_path, "Objekt,Jahr,Strom (kWh),Gas (therms)\nA,2022,1.5,2.5\n")
    assert result.activities["basis"].to_list() == ["none", "none"]
    assert "basis_missing" in result.issues["code"].to_list()


@pytest.mark.parametrize(
    ("header", "unit"),
    [
        ("Wagenkilometer", "km"), ("Nutzwagenkilometer [Tsd. km]", "Tsd. km"), ("Fahrzeug-km", "km"),
        ("vehicle_km", "km"), ("Personenkilometer (Mio. Pkm)", "Mio. Pkm"), ("revenue miles", "mi"),
        ("Laufleistung", ""), ("Fahrzeugkilometer (l)", ""),
    ],
)  # fmt: skip
def test_a_mileage_has_the_unit_its_header_states(header: str, unit: str) -> None:
    assert [column.unit for column in mileages([header], {})] == [unit]


@given(st.binary(max_size=400), st.sampled_from(["a.csv", "a.xlsx", "a.txt"]))
def test_no_bytes_make_identify_raise(data: bytes, name: str) -> None:
    with TemporaryDirectory() as directory:
        path = Path(directory) / name
        path.write_bytes(data)
        for importer in IMPORTERS:
            claim = importer.identify(FileSample.of(path))
            assert claim is None or 0 <= claim.confidence <= 1
