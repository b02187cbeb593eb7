"""`12.500` is twelve and a half to some, and twelve thousand five hundred to others: nobody guesses."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bilanz.app.master import workbook
from bilanz.app.master.cells import CellError, number, written
from bilanz.app.master.csvfiles import read
from bilanz.app.master.tables import BY_NAME, cell, read_row
from reports.spreadsheet import Grid, write_grids

SITES = BY_NAME["sites"]


def areas(*cells: str) -> list[Decimal | str]:
    """Floor areas of sites of a file, or why one is refused."""
    rows = [f'S{place};town;Hall;"{text}"' for place, text in enumerate(cells)]
    sheet = read("\n".join(["id;organisation;name;floor_area_m2", *rows]).encode(), SITES, "sites.csv")
    found: list[Decimal | str] = []
    for line, row in sheet.rows:
        values, issues = read_row(SITES, row, line)
        found.append(issues[0].code if issues else values["floor_area_m2"])
    return found


@pytest.mark.parametrize("text", ["12.500", "12,500", "1.000", "-3.250", "999,999"])
def test_what_may_be_thousands_or_decimals_is_refused(text: str) -> None:
    with pytest.raises(CellError) as refused:
        number(text)
    assert refused.value.code == "thousands_or_decimals"
    bare = text.replace(".", "").replace(",", "")
    assert refused.value.parameters == {"whole": bare, "fraction": f"{text}0"}
    assert number(f"{text}0") * 1000 == number(bare)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.125", "0.125"),
        ("12.50", "12.5"),
        ("12,5000", "12.5"),
        ("1234.567", "1234.567"),
        ("125", "125"),
    ],
)
def test_what_cannot_be_thousands_is_read(text: str, value: str) -> None:
    assert number(text) == Decimal(value)


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["12.500", "4200,5"], [Decimal(12500), Decimal("4200.5")]),
        (["12.500", "4200.5"], [Decimal("12.5"), Decimal("4200.5")]),
        (["12,500", "1,234.56"], [Decimal(12500), Decimal("1234.56")]),
        (["12.500", "1.234,56"], [Decimal(12500), Decimal("1234.56")]),
        (["12.500", "0.75"], [Decimal("12.5"), Decimal("0.75")]),
        (["12.500", "900"], ["thousands_or_decimals", Decimal(900)]),
        (["12.500", "4200,5", "3200.5"], ["thousands_or_decimals", Decimal("4200.5"), Decimal("3200.5")]),
        (["12.500", "none"], ["thousands_or_decimals", "not_a_number"]),
    ],
)
def test_a_column_decides_or_nobody_does(cells: list[str], values: list[Decimal | str]) -> None:
    assert areas(*cells) == values


@given(st.decimals(-(10**9), 10**9, places=3) | st.decimals(-(10**6), 10**6, places=6))
def test_what_is_written_is_read_as_it_was(value: Decimal) -> None:
    assert number(written(value)) == value
    assert number(cell(value)) == value


def test_a_number_of_a_workbook_is_what_it_is_and_a_text_of_one_is_not_guessed(tmp_path: Path) -> None:
    path = tmp_path / "sites.xlsx"
    rows = [["12.345", "town", "A", 12.345], ["S2", "town", "B", 12500], ["S3", "town", "C", "12.500"]]
    write_grids(path, "sites", "en", [Grid("sites", ["id", "organisation", "name", "floor_area_m2"], rows)])
    sheet = workbook.read(path.read_bytes(), path.name, "sites")["sites"]
    assert [number(row["floor_area_m2"]) for _, row in sheet.rows[:2]] == [Decimal("12.345"), Decimal(12500)]
    assert [row["id"] for _, row in sheet.rows] == ["12.345", "S2", "S3"]
    _, (issue,) = read_row(SITES, sheet.rows[2][1], 4)
    assert issue.code == "thousands_or_decimals"
