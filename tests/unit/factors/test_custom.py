"""Own factors: accepted as they are, or quarantined with line and reason; never changed."""

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from bilanz.errors import CatalogueError, FileRefused, UsageError
from bilanz.factor import FACTOR_SCHEMA
from factors import custom
from factors.base import catalogue

HEADER = "activity,region,valid_from,valid_to,gas,value,mass_unit,per_unit,basis,chain,gwp,method,title"
HEAT = "Fernwärme,DE,2024-01-01,2025-01-01,CO2e,182.5,g,kWh,,total,AR5,exergy,Certificate of the network 2024"
PELLETS = "wood_pellets,DE,2024-01-01,,CO2e,0.027,kg,kWh,Hi,total,unstated,,Supplier"


def file(folder: Path, *lines: str, header: str = HEADER, encoding: str = "utf-8") -> Path:
    path = folder / "own factors 2024.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding=encoding)
    return path


def test_good_rows_are_accepted_with_their_exact_value(tmp_path: Path) -> None:
    own = custom.read(file(tmp_path, HEAT, PELLETS))
    assert own.quarantined.is_empty()
    assert dict(own.factors.schema) == FACTOR_SCHEMA
    row = own.factors.row(0, named=True)
    assert (row["activity"], row["value"], row["basis"]) == ("district_heat", Decimal("182.5"), "none")
    assert (row["source"], row["edition"], row["evidence"]) == ("custom", "own_factors_2024", "custom")
    assert row["factor_id"] == "custom:own_factors_2024:district_heat::DE:2024-01-01:kWh:none"


def test_summary(tmp_path: Path) -> None:
    own = custom.read(file(tmp_path, HEAT, PELLETS.replace("0.027", '"0,027"')), edition="v1")
    reason = 'A decimal point is expected ("0.25"), not a comma: 1,234 could be read in two ways.'
    assert own.summary() == {
        "source": "custom",
        "edition": "v1",
        "rows": 2,
        "accepted": 1,
        "quarantined": [{"row": 3, "reason": reason, "column": "value", "value": "0,027"}],
        "gases": {"CO2e": 1},
        "categories": {"district_heat": 1},
    }
    assert "Dezimalpunkt" in own.summary("de")["quarantined"][0]["reason"]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("Fernwärme", "Fernkram", "vocabulary"),
        ("182.5", "182.500,0", "comma"),
        ("182.5", "about 180", "plain decimal"),
        ("kWh", "kwh", "unit in use"),
        ("total", "", "required"),
        ("exergy", "", "method of allocation"),
        ("exergy", "by guess", "method of allocation"),
        ("AR5", "", "GWP set"),
        ("2025-01-01", "2023-01-01", "Ends before"),
        ("CO2e", "CO3", "known gas"),
        (",g,", ",kg,", "Implausibly high"),
    ],
)
def test_bad_rows_are_quarantined(tmp_path: Path, old: str, new: str, words: str) -> None:
    line = HEAT.replace(old, f'"{new}"' if "," in new and new != ",kg," else new)
    own = custom.read(file(tmp_path, PELLETS, line))
    assert own.factors.get_column("activity").to_list() == ["wood_pellets"]
    assert set(own.quarantined.get_column("row")) == {3}
    assert any(words in reason for reason in own.quarantined.get_column("reason"))


def test_the_energy_of_a_fuel_needs_its_basis(tmp_path: Path) -> None:
    own = custom.read(file(tmp_path, PELLETS.replace("Hi", "")))
    assert own.factors.is_empty()
    assert own.quarantined.get_column("column").to_list() == ["basis"]


def test_a_factor_is_taken_as_a_whole_or_not(tmp_path: Path) -> None:
    lines = [
        "natural_gas,DE,2024-01-01,,CO2,0.0558,t,GJ,Hi,direct,,,Own",
        "natural_gas,DE,2024-01-01,,CH4,much,t,GJ,Hi,direct,,,Own",
        HEAT,
    ]
    own = custom.read(file(tmp_path, *lines))
    assert own.factors.get_column("activity").to_list() == ["district_heat"]
    reasons = dict(own.quarantined.select("row", "reason").iter_rows())
    assert reasons[2] == "Another row of the same factor was refused."
    assert "plain decimal" in reasons[3]


def test_rows_add_up(tmp_path: Path) -> None:
    lines = [HEAT, "too,short", PELLETS, PELLETS.replace("Hi", "Ho"), ""]
    own = custom.read(file(tmp_path, *lines))
    assert own.rows == 4
    assert own.rows == own.factors.height + own.quarantined.get_column("row").n_unique()
    assert own.quarantined.get_column("row").to_list()[0] == 3


def test_semicolons_and_a_byte_order_mark(tmp_path: Path) -> None:
    path = file(tmp_path, HEAT.replace(",", ";"), header=HEADER.replace(",", ";"), encoding="utf-8-sig")
    assert custom.read(path).factors.height == 1


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (HEADER.replace("value", "valeu"), '"value" is missing. Similar: valeu'),
        (HEADER + ",colour", '"colour" is unknown'),
        ("", "cannot be read"),
    ],
)
def test_a_file_with_another_header_is_refused(tmp_path: Path, header: str, words: str) -> None:
    with pytest.raises(FileRefused) as caught:
        custom.read(file(tmp_path, HEAT + ("," if "colour" in header else ""), header=header))
    assert words in str(caught.value)


def test_a_binary_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_bytes(b"PK\x03\x04\xff\xfe")
    with pytest.raises(FileRefused):
        custom.read(path)


def test_a_shipped_source_cannot_be_imitated(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        custom.read(file(tmp_path, HEAT), source="uba_strommix")


def test_saved_factors_enter_the_catalogue_and_its_release(tmp_path: Path) -> None:
    own = custom.read(file(tmp_path, HEAT, PELLETS))
    path = tmp_path / "custom" / "v1.csv"
    path.parent.mkdir()
    custom.save(own.factors, path)
    known = catalogue([path])
    assert known.factors.height == catalogue().factors.height + 2
    assert known.release != catalogue().release
    added = known.factors.filter(pl.col("source") == "custom")
    assert added.sort("activity").equals(own.factors.sort("activity"))
    assert [entry.source for entry in known.sources if entry.source == "custom"] == ["custom"]
    with pytest.raises(CatalogueError):
        catalogue([path, path])


def test_a_changed_table_of_own_factors_is_refused(tmp_path: Path) -> None:
    own = custom.read(file(tmp_path, HEAT))
    path = tmp_path / "v1.csv"
    custom.save(own.factors, path)
    path.write_text(path.read_text(encoding="utf-8").replace(",custom,", ",primary,"), encoding="utf-8")
    with pytest.raises(CatalogueError):
        catalogue([path])


def test_the_example_of_the_documentation_is_accepted(tmp_path: Path) -> None:
    page = Path(custom.__file__).parents[1] / "docs" / "factors.md"
    if not page.is_file():
        pytest.skip("the documentation is not beside the package")
    section = page.read_text(encoding="utf-8").partition("## Own factors")[2]
    example = section.partition("```csv\n")[2].partition("```")[0]
    path = tmp_path / "example.csv"
    path.write_text(example, encoding="utf-8")
    own = custom.read(path)
    assert (own.rows, own.factors.height) == (1, 1)
