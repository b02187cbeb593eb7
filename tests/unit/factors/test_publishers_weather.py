"""Official degree days and climate factors: every value, every missing one, and a layout that changed.

The file of the Deutscher Wetterdienst is a small one of our own in the published layout.
"""

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from factors import asides
from factors.base import catalogue
from factors.publication import LayoutChanged, recognise
from factors.publishers.dwd import ClimateFactors
from factors.publishers.eurostat import HEADER, DegreeDays

REFERENCE = Path(__file__).parents[4] / "shared" / "reference"
OFFICIAL = REFERENCE / "publications" / "eurostat_nrg_chdd_a.tsv"
needs_reference = pytest.mark.skipif(
    not OFFICIAL.is_file(), reason="the official publications are not beside the repository"
)

TSV = (
    f"{HEADER}\t2022 \t2023 \t2024 \n"
    "A,NR,CDD,DE\t30.10 \t: \t: c\n"
    "A,NR,HDD,EL\t1500.00 \t1501.25 e\t1502.5 bp\n"
    "A,NR,HDD,EU27_2020\t2900\t2800\tmany\n"
)


def tsv(tmp_path: Path, text: str = TSV) -> Path:
    path = tmp_path / "nrg_chdd_a.tsv"
    path.write_text(text, encoding="utf-8")
    return path


def test_values_flags_and_missing_values(tmp_path: Path) -> None:
    found = DegreeDays().read(tsv(tmp_path))
    assert (found.source, found.edition, found.table) == ("eurostat", "2024", "degree_days")
    rows = found.rows.select("degree_day_id", "value", "note", "_row").rows()
    assert rows == [
        ("eurostat:2024:eurostat_cdd:DE:2022", "30.10", None, 2),
        ("eurostat:2024:eurostat_hdd:GR:2022", "1500.00", None, 3),
        ("eurostat:2024:eurostat_hdd:GR:2023", "1501.25", "Eurostat: e", 3),
        ("eurostat:2024:eurostat_hdd:GR:2024", "1502.5", "Eurostat: bp", 3),
        ("eurostat:2024:eurostat_hdd:EU27:2022", "2900", None, 4),
        ("eurostat:2024:eurostat_hdd:EU27:2023", "2800", None, 4),
    ]
    assert dict(found.ignored) == {"No value is published.": 2}
    assert found.unreadable == ((4, "The value is no number."),)
    assert found.n_read + 2 == 3 * 3


@pytest.mark.parametrize(
    ("old", "new", "place", "expected"),
    [
        ("freq,unit", "unit,freq", "line 1, field 1", HEADER),
        ("\t2023 ", "\t2023-01 ", "line 1, field 3", "a year"),
        ("2022 \t2023 \t2024", "2024 \t2023 \t2022", "line 1", "ascending"),
        ("A,NR,CDD,DE", "A,CDD,DE", "line 2", "A,NR,HDD"),
        ("A,NR,CDD,DE", "M,NR,CDD,DE", "line 2", "A,NR,HDD"),
        ("A,NR,HDD,EL", "A,NR,WDD,EL", "line 3", "A,NR,HDD"),
        ("\t2900\t", "\t", "line 4", "3 values"),
    ],
)
def test_a_changed_layout_takes_nothing(
    tmp_path: Path, old: str, new: str, place: str, expected: str
) -> None:
    assert old in TSV
    path = tsv(tmp_path, TSV.replace(old, new))
    assert recognise(path) is not None
    with pytest.raises(LayoutChanged) as caught:
        DegreeDays().read(path)
    assert place in str(caught.value)
    assert expected in str(caught.value)


@needs_reference
def test_the_official_file_agrees_with_the_shipped_table_to_the_digit() -> None:
    recognised = recognise(OFFICIAL)
    assert recognised is not None
    found = recognised[0].read(OFFICIAL)
    shipped = catalogue().degree_days.filter(pl.col("source") == "eurostat")
    taken = asides.take(found, catalogue().degree_days)
    assert found.n_read == 58 * 46  # 29 regions, two indicators, 1979 to 2024
    assert taken.quarantined.is_empty()
    assert taken.n_accepted == found.n_read
    assert taken.n_accepted - taken.rows.height == shipped.height == 29 * 35  # heating, 1990 to 2024


@needs_reference
def test_the_shipped_degree_days_are_those_of_the_reference() -> None:
    told = pl.read_csv(REFERENCE / "eurostat_heating_degree_days.csv", infer_schema=False)
    codes = {"EL": "GR", "EU27_2020": "EU27"}
    expected = {
        (codes.get(region, region), int(year), Decimal(value))
        for region, year, value in told.select("region", "year_from", "value").iter_rows()
    }
    shipped = catalogue().degree_days.filter(pl.col("source") == "eurostat")
    found = {
        (r, start.year, value)
        for r, start, value in shipped.select("region", "valid_from", "value").iter_rows()
    }
    assert len(expected) == 1015
    assert found == expected
    places = pl.read_csv(REFERENCE / "degree_days_de.csv", infer_schema=False)
    sums = places.filter(pl.col("factor_id").str.starts_with("gradtage"))
    stations = catalogue().degree_days.filter(pl.col("source") == "dwd_try")
    assert sorted(stations["value"].to_list()) == sorted(map(Decimal, sums["value"]))
    assert len(stations) == 15


@needs_reference
def test_the_shipped_prices_are_those_of_the_reference_and_none_is_doubtful() -> None:
    told = pl.read_csv(REFERENCE / "climate_costs_and_carbon_price.csv", infer_schema=False)
    dated = told.filter(pl.col("year_from").is_not_null() & ~pl.col("activity").str.contains("doubtful"))
    shipped = catalogue().prices.select(pl.col("valid_from").dt.year(), pl.col("value"))
    expected = sorted(
        (int(year), Decimal(value)) for year, value in dated.select("year_from", "value").iter_rows()
    )
    assert sorted(shipped.rows()) == expected
    assert len(expected) == 11
    assert set(catalogue().prices["evidence"]) == {"secondary"}


KF = (
    "Beginn;Ende;PLZ;Klimafaktor\n"
    "01.01.2023;31.12.2023;01067;1,05\n"
    "01.02.2023;31.01.2024;01067;1,06\n"
    "01.01.2023;31.12.2023;87561;0,88\n"
)


def kf(tmp_path: Path, text: str = KF) -> Path:
    path = tmp_path / "KF.csv"
    path.write_text(text, encoding="latin-1")
    return path


@pytest.mark.parametrize("text", [KF, KF.partition("\n")[2]], ids=["with headings", "without headings"])
def test_climate_factors_by_postcode(tmp_path: Path, text: str) -> None:
    path = kf(tmp_path, text)
    recognised = recognise(path)
    assert recognised is not None
    found = recognised[0].read(path)
    assert (found.source, found.edition, found.n_read) == ("dwd", "2024_01", 3)
    taken = asides.take(found, catalogue().degree_days)
    assert taken.quarantined.is_empty()
    rows = taken.rows.select(
        "definition", "place", pl.col("valid_from", "valid_to").cast(str), "value", "unit"
    )
    assert rows.row(0) == ("dwd_climate_factor", "01067", "2023-01-01", "2024-01-01", Decimal("1.05"), "1")
    assert rows.row(1)[2:4] == ("2023-02-01", "2024-02-01")


def test_an_implausible_climate_factor_is_quarantined(tmp_path: Path) -> None:
    found = ClimateFactors().read(kf(tmp_path, KF.replace("0,88", "8,80")))
    taken = asides.take(found, catalogue().degree_days)
    assert taken.n_accepted == 2
    assert taken.quarantined["row"].to_list() == [4]


@pytest.mark.parametrize(
    ("old", "new", "place", "expected"),
    [
        (";0,88", ";0.88", "line 4, field 4", "decimal comma"),
        (";87561;", ";8756;", "line 4, field 3", "postcode"),
        ("87561;0,88", "87561;x;0,88", "line 4", "first day; last day; postcode"),
        ("01.01.2023;31.12.2023;87561", "01.01.2023;30.12.2023;87561", "line 4", "whole months"),
        ("01.01.2023;31.12.2023;87561", "2023;31.12.2023;87561", "line 4, field 1", "a date"),
    ],
)
def test_a_changed_layout_of_climate_factors_takes_nothing(
    tmp_path: Path, old: str, new: str, place: str, expected: str
) -> None:
    path = kf(tmp_path, KF.replace(old, new))
    assert recognise(path) is not None
    with pytest.raises(LayoutChanged) as caught:
        ClimateFactors().read(path)
    assert place in str(caught.value)
    assert expected in str(caught.value)


@pytest.mark.parametrize(
    "text", ["", "a;b;c;d\n", "01.01.2023;31.12.2023;Dresden;1,05\n", "Datum;kWh\n01.01.2023;5\n"]
)
def test_other_files_are_not_claimed(tmp_path: Path, text: str) -> None:
    assert recognise(kf(tmp_path, text)) is None
