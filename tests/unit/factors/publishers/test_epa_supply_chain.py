"""The EPA's spend factors: which column is whose, every figure, changed layouts, and names."""

import csv
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from factors import intake, table
from factors.base import catalogue
from factors.publication import LayoutChanged, recognise
from factors.publishers.epa_supply_chain import EpaSupplyChain
from factors.search import search

SHARED = Path(__file__).parents[5] / "shared" / "reference"
FILE = SHARED / "publications" / "SupplyChainGHGEmissionFactors_v1.3.0_NAICS_CO2e_USD2022.csv"
official = pytest.mark.skipif(not FILE.is_file(), reason="the official table is not beside the repository")

HEADER = (
    '"2017 NAICS Code","2017 NAICS Title","GHG","Unit","Supply Chain Emission Factors without Margins",'
    '"Margins of Supply Chain Emission Factors","Supply Chain Emission Factors with Margins",'
    '"Reference USEEIO Code"'
)
LINE = '111110,"Soybean Farming","All GHGs","kg CO2e/2021 USD, purchaser price",0.4,0.05,0.45,"1111A0"'
OTHER = '541330,"Engineering Services","All GHGs","kg CO2e/2021 USD, purchaser price",0.1,0,0.1,"541300"'


def written(tmp_path: Path, *lines: str, name: str = "SupplyChain_v1.2.0_USD2021.csv") -> Path:
    path = tmp_path / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_both_columns_of_a_line_and_what_is_not_known(tmp_path: Path) -> None:
    found = EpaSupplyChain().read(written(tmp_path, HEADER, LINE, OTHER))
    assert (found.edition, found.n_read, sum(found.ignored.values())) == ("v1_2", 4, 2)
    without, with_margins = found.rows.head(2).to_dicts()
    assert (without["activity"], without["value"]) == (None, "0.4")
    assert (with_margins["activity"], with_margins["value"]) == ("purchase", "0.45")
    for row in (without, with_margins):
        assert (row["per_unit"], row["price_year"], row["price_basis"]) == ("USD", "2021", "purchaser")
        assert row["gwp"] == "unstated"  # the file does not say; it is known for version 1.3 only
    assert EpaSupplyChain().read(written(tmp_path, HEADER, LINE, name="a.csv")).edition == "usd2021"


@pytest.mark.parametrize(
    ("header", "line", "place", "expected"),
    [
        (HEADER.replace("Reference USEEIO Code", "USEEIO"), LINE, "line 1", "Reference USEEIO Code"),
        (
            HEADER,
            LINE.replace("purchaser price", "producer price"),
            'line 2, column "Unit"',
            "purchaser price",
        ),
        (HEADER, LINE.replace("All GHGs", "Methane"), 'line 2, column "GHG"', "All GHGs"),
        (HEADER, LINE + ",1", "line 2", "8 fields"),
        (HEADER, LINE + "\n" + OTHER.replace("2021", "2022"), 'line 3, column "Unit"', "kg CO2e/2021 USD"),
    ],
)
def test_a_changed_layout_names_place_and_expectation(
    tmp_path: Path, header: str, line: str, place: str, expected: str
) -> None:
    path = written(tmp_path, header, line)
    assert recognise(path) is not None
    with pytest.raises(LayoutChanged) as raised:
        EpaSupplyChain().read(path)
    assert place in str(raised.value)
    assert expected in str(raised.value)


def test_a_bad_value_is_quarantined_and_the_others_are_taken(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER, LINE.replace("0.45", '"0,45"'), OTHER.replace(",0.1,0,", ",,0,"))
    found = intake.take(path, EpaSupplyChain())
    assert (found.extract.n_read, found.n_accepted) == (4, 2)
    assert found.quarantined["row"].to_list() == [2, 3]
    assert "line 2, column 7" in found.quarantined["place"][0]


@pytest.mark.parametrize(
    ("code", "margins", "value"),
    [
        ("111110", "without", "0.488"), ("111110", "with", "0.532"), ("111120", "without", "0.488"),
        ("111120", "with", "0.532"), ("236220", "with", "0.224"), ("423430", "with", "0.074"),
        ("541330", "without", "0.103"), ("541330", "with", "0.103"), ("722511", "with", "0.194"),
        ("812930", "with", "0.111"),
    ],
)  # fmt: skip
def test_lines_by_eye(code: str, margins: str, value: str) -> None:
    rows = catalogue().factors.filter(factor_id=f"epa_supply_chain:v1_3:{code}:{margins}_margins")
    assert rows["value"].to_list() == [Decimal(value)]


@official
def test_everything_of_the_official_file_is_shipped() -> None:
    found = intake.take(FILE, EpaSupplyChain())
    assert (found.extract.n_read, found.n_accepted, found.n_shipped) == (2032, 2032, 2032)
    assert dict(found.extract.ignored).popitem()[1] == 1016
    assert found.quarantined.height == 0
    with (table.DATA / "epa_supply_chain" / "v1_3.csv").open(encoding="utf-8", newline="") as stream:
        shipped = [{name: cell or None for name, cell in row.items()} for row in csv.DictReader(stream)]
    assert found.extract.rows.select(list(shipped[0])).to_dicts() == shipped


@official
def test_every_reference_row() -> None:
    """3048 rows: 1016 without margins, 1016 with, 1016 margins, which are the difference up to rounding."""
    with (SHARED / "epa_supply_chain_v1_3.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    wanted = {row["factor_id"].removeprefix("epa_scf_v13_"): Decimal(row["value"]) for row in rows}
    assert len(wanted) == len(rows) == 3048
    shipped = catalogue().factors.filter(source="epa_supply_chain")
    found = dict(
        shipped.select(pl.col("factor_id").str.strip_prefix("epa_supply_chain:v1_3:"), "value").iter_rows()
    )
    codes = {name.split(":")[0] for name in found}
    assert len(codes) == 1016
    for code in codes:
        without, whole = found[f"{code}:without_margins"], found[f"{code}:with_margins"]
        assert (without, whole) == (wanted[f"{code}_sef"], wanted[f"{code}_sef_mef"])
        assert abs(without + wanted[f"{code}_mef"] - whole) <= Decimal("0.001")
    assert sum(found.values()) == sum(
        wanted[f"{code}_{part}"] for code in codes for part in ("sef", "sef_mef")
    )


def test_groups_of_another_classification_have_the_names_of_their_publisher() -> None:
    groups = catalogue().product_groups
    assert groups.filter(product_group="NAICS:111110").rows() == [
        ("NAICS:111110", "Soybean Farming", "Soybean Farming", None)
    ]
    assert groups["product_group"].is_unique().all()
    found = search("soybean farming", "de")
    assert set(found["factor_id"]) >= {"epa_supply_chain:v1_3:111110:with_margins"}
    assert found["name"][0] == "Soybean Farming"
