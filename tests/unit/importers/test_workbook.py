import zipfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest
import xlsxwriter

from bilanz.errors import FileRefused
from importers.formats import package
from importers.formats.package import check_workbook
from importers.formats.workbook import open_workbook


def score(texts: Sequence[str]) -> int:
    return sum(text in {"date", "value"} for text in texts)


def write(path: Path) -> Path:
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("Cover").write_string(0, 0, "hello")
        sheet = book.add_worksheet("Data")
        day = book.add_format({"num_format": "dd.mm.yyyy"})
        minute = book.add_format({"num_format": "dd.mm.yyyy hh:mm"})
        sheet.write_string(1, 0, "a title")
        sheet.write_row(3, 1, ["date", "value", "at", "mixed"])
        moment = datetime.fromisoformat
        sheet.write_datetime(4, 1, moment("2024-01-31"), day)
        sheet.write_number(4, 2, 1.234)
        sheet.write_datetime(4, 3, moment("2024-01-31 00:00"), minute)
        sheet.write_string(4, 4, "2.5")
        sheet.write_string(6, 1, "28.02.2024")
        sheet.write_formula(6, 2, "=1/0", None, "#DIV/0!")
        sheet.write_datetime(6, 3, moment("2024-01-31 00:15"), minute)
        sheet.write_number(6, 4, 0.1 + 0.2)
    return path


def test_sheet_row_and_cells_are_as_in_the_workbook(tmp_path: Path) -> None:
    sheet = open_workbook(write(tmp_path / "a.xlsx"), score)
    assert (sheet.name, sheet.header, sheet.header_row) == ("Data", ("", "date", "value", "at", "mixed"), 4)
    assert sheet.frame.rows() == [
        (5, None, "2024-01-31", "1.234", "2024-01-31", "2.5"),
        (6, None, None, None, None, None),
        (7, None, "28.02.2024", "#DIV/0!", "2024-01-31 00:15:00", "0.3"),
    ]


def test_numbers_and_dates_are_told_from_texts_that_look_like_them(tmp_path: Path) -> None:
    typed = open_workbook(write(tmp_path / "a.xlsx"), score).typed
    assert typed.rows()[0] == (False, True, True, True, False)
    assert typed.rows()[2] == (False, False, False, True, True)


def test_a_second_sheet_with_the_same_header_is_said(tmp_path: Path) -> None:
    path = tmp_path / "two.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for year in ("2023", "2024"):
            book.add_worksheet(year).write_row(0, 0, ["date", "value"])
    sheet = open_workbook(path, score)
    assert sheet.name == "2023"
    assert [(issue.code, issue.value) for issue in sheet.issues] == [("sheet_ignored", "2024")]


@pytest.mark.parametrize(
    ("content", "nature"),
    [
        (b"<html><table></table></html>", "HTML"),
        (b"a;b\n1;2\n", "but text"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", ".xls"),
        (b"PK\x03\x04 cut off", "damaged"),
    ],
)
def test_what_is_no_workbook_is_refused_with_what_it_is(tmp_path: Path, content: bytes, nature: str) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    with pytest.raises(FileRefused, match=nature) as caught:
        check_workbook(path)
    assert caught.value.code == "not_a_workbook"


def test_unpacked_size_is_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 4_000_000)
    monkeypatch.setattr(package, "MAX_UNPACKED", 1_000_000)
    with pytest.raises(FileRefused) as caught:
        check_workbook(path)
    assert caught.value.code == "too_large"
    monkeypatch.setattr(package, "MAX_BYTES", 100)
    with pytest.raises(FileRefused) as caught:
        check_workbook(path)
    assert caught.value.code == "too_large"


def test_no_header_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("empty")
    with pytest.raises(FileRefused) as caught:
        open_workbook(path, score)
    assert caught.value.code == "no_header"
