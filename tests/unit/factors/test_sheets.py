"""Sheets as text: addresses, exact numbers, errors, and files that are no workbook."""

from pathlib import Path
from zipfile import ZipFile

import pytest
import xlsxwriter

from bilanz.errors import FileRefused
from factors import sheets


def workbook(path: Path) -> Path:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Values")
        small = book.add_format({"font_script": 1})
        sheet.write("C3", "Fuel \n Type")
        sheet.write("C4", 0.00352053849546667)
        sheet.write("D4", 1e-12)
        sheet.write("E4", 1 / 3)
        sheet.write("F4", 771.523)
        sheet.write_rich_string("C5", "Truck", small, "C")
        sheet.write_formula("D5", "=NA()", None, "#N/A")
        sheet.write_formula("E5", "=1+1", None, 2)
        sheet.write_boolean("F5", True)
        book.add_worksheet("Empty")
    return path


def test_every_cell_keeps_its_address_and_its_digits(tmp_path: Path) -> None:
    rows = sheets.read(workbook(tmp_path / "a.xlsx"), "Values")
    assert rows[:2] == (("",) * 6, ("",) * 6)
    assert rows[2] == ("", "", "Fuel Type", "", "", "")
    assert rows[3] == ("", "", "0.00352053849546667", "0.000000000001", "0.333333333333333", "771.523")
    assert rows[4] == ("", "", "TruckC", "#N/A", "2", "TRUE")
    assert sheets.read(tmp_path / "a.xlsx", "Empty") == ()


def test_float_noise_of_the_file_is_not_carried_over(tmp_path: Path) -> None:
    """9.95 is stored as 9.9499999999999993 and shown as 9.95."""
    path = workbook(tmp_path / "a.xlsx")
    with ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"].replace(
        b"<v>771.523</v>", b"<v>9.9499999999999993</v>"
    )
    with ZipFile(tmp_path / "b.xlsx", "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)
    assert sheets.read(tmp_path / "b.xlsx", "Values")[3][5] == "9.95"


@pytest.mark.parametrize(
    ("row", "column", "address"), [(17, 4, "E17"), (1, 25, "Z1"), (1, 26, "AA1"), (2, 701, "ZZ2")]
)
def test_addresses(row: int, column: int, address: str) -> None:
    assert sheets.address(row, column) == address


def test_what_is_no_workbook_has_no_sheets(tmp_path: Path) -> None:
    text = tmp_path / "a.csv"
    text.write_text("a,b\n", encoding="utf-8")
    torn = tmp_path / "b.xlsx"
    torn.write_bytes(workbook(tmp_path / "a.xlsx").read_bytes()[:600])
    assert sheets.names(text) == sheets.names(torn) == sheets.names(tmp_path / "absent.xlsx") == ()
    assert sheets.names(tmp_path / "a.xlsx") == ("Values", "Empty")
    with pytest.raises(FileRefused):
        sheets.read(torn, "Values")
    with pytest.raises(FileRefused, match="no sheet"):
        sheets.read(tmp_path / "a.xlsx", "Other")
