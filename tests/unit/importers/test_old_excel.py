"""Old Excel files: read like new ones, refused where they are protected, damaged or too large."""

import random
import struct
from pathlib import Path

import pytest

from bilanz.errors import FileRefused
from importers.formats import compound
from importers.formats.package import check_workbook
from importers.formats.workbook import open_workbook
from tests.unit.importers import biff

ROWS: list[list[float | str]] = [["date", "value"], ["01.05.2024", 1.5], ["02.05.2024", 2.0]]


def refused(path: Path, data: bytes) -> FileRefused:
    path.write_bytes(data)
    with pytest.raises(FileRefused) as caught:
        check_workbook(path)
    return caught.value


def test_cells_are_read_as_from_a_new_workbook(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    path.write_bytes(biff.compound({"Workbook": biff.workbook(ROWS)}))
    sheet = open_workbook(path, lambda texts: len({"date", "value"} & set(texts)))
    assert sheet.header == ("date", "value")
    assert sheet.frame.rows() == [(2, "01.05.2024", "1.5"), (3, "02.05.2024", "2")]
    assert sheet.typed.rows() == [(False, True), (False, True)]


def test_a_password_is_said(tmp_path: Path) -> None:
    locked = biff.workbook(ROWS, before=biff.record(0x002F, bytes(54)))
    found = refused(tmp_path / "a.xls", biff.compound({"Workbook": locked}))
    assert (found.code, "password" in str(found)) == ("not_a_workbook", True)
    found = refused(tmp_path / "a.xlsx", biff.compound({"EncryptionInfo": b"x", "EncryptedPackage": b"y"}))
    assert "password" in str(found)


def test_another_office_file_is_no_workbook(tmp_path: Path) -> None:
    found = refused(tmp_path / "a.xls", biff.compound({"WordDocument": b"x"}))
    assert "no Excel workbook" in str(found)


def test_stray_cells_are_added_up_over_sheets(tmp_path: Path) -> None:
    sheet = biff.record(0x000A) + biff.record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
    stray = biff.cell(65_535, 255, 1.0)
    assert compound.extent(biff.workbook(ROWS, stray=stray)).cells == 65_536 * 256
    found = refused(
        tmp_path / "a.xls", biff.compound({"Workbook": biff.workbook(ROWS, stray=stray + sheet + stray)})
    )
    assert (found.code, found.parameters["column"]) == ("too_large", "IV")


def test_whatever_is_wrong_with_it_a_file_is_refused_or_read(tmp_path: Path) -> None:
    whole = biff.compound({"Workbook": biff.workbook(ROWS)})
    chance = random.Random(7)  # noqa: S311 - a repeatable choice
    path = tmp_path / "a.xls"
    outcomes = set()
    for _ in range(150):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 12)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        path.write_bytes(bytes(data[: chance.choice([len(data), chance.randrange(len(data))])]))
        try:
            open_workbook(path, len)
            outcomes.add("read")
        except FileRefused as caught:
            outcomes.add(caught.code)
    assert {"read", "not_a_workbook"} <= outcomes
