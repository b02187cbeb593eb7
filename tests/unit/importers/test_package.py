"""Archives that call themselves workbooks."""

import struct
import zipfile
from pathlib import Path

import pytest

from bilanz.errors import FileRefused
from bilanz.messages import catalogue
from importers.base import FileSample
from importers.formats.package import NO_WORKBOOK, check_workbook
from importers.standard import StandardUpload
from importers.upload.template import write_template

SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture
def parts(tmp_path: Path) -> dict[str, bytes]:
    path = tmp_path / "template.xlsx"
    write_template(path, "de")
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pack(path: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def refused(path: Path) -> FileRefused:
    with pytest.raises(FileRefused) as caught:
        check_workbook(path)
    return caught.value


def test_one_stray_cell_at_the_far_end_is_refused_before_it_asks_for_500_gigabytes(
    tmp_path: Path, parts: dict[str, bytes]
) -> None:
    stray = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    path = pack(tmp_path / "a.xlsx", {**parts, SHEET: parts[SHEET].replace(b"</sheetData>", stray)})
    found = refused(path)
    assert found.code == "too_large"
    assert (found.parameters["row"], found.parameters["column"]) == ("1048576", "XFD")
    claim = StandardUpload().identify(FileSample.of(path))
    assert claim is not None
    assert "stray cells" in claim.reason  # the file is claimed, so that reading says why


def test_a_formatted_empty_cell_at_the_far_end_is_no_stray_cell(
    tmp_path: Path, parts: dict[str, bytes]
) -> None:
    empty = b'<row r="1048576"><c r="XFD1048576" s="1"/></row></sheetData>'
    check_workbook(pack(tmp_path / "a.xlsx", {**parts, SHEET: parts[SHEET].replace(b"</sheetData>", empty)}))


def test_a_sheet_of_any_name_is_looked_at(tmp_path: Path, parts: dict[str, bytes]) -> None:
    stray = parts[SHEET].replace(b'r="A1"', b'r="ZZZ9999999"', 1)
    found = refused(pack(tmp_path / "a.xlsx", {**parts, "xl/data/any.part": stray}))
    assert found.code == "too_large"


def test_a_part_that_unpacks_to_many_times_its_size_is_refused(
    tmp_path: Path, parts: dict[str, bytes]
) -> None:
    found = refused(pack(tmp_path / "a.xlsx", {**parts, "xl/sharedStrings.xml": b"a" * 11 * 1024 * 1024}))
    assert found.code == "not_a_workbook"
    assert "many times its size" in str(found)


def test_a_size_that_is_not_the_stated_one_is_refused(tmp_path: Path, parts: dict[str, bytes]) -> None:
    path = pack(tmp_path / "a.xlsx", parts)
    data = bytearray(path.read_bytes())
    entry = data.rfind(b"PK\x01\x02", 0, data.rfind(SHEET.encode()))
    data[entry + 24 : entry + 28] = struct.pack("<I", 100)
    path.write_bytes(data)
    assert refused(path).code == "not_a_workbook"


def test_every_reason_has_a_german_text() -> None:
    assert set(NO_WORKBOOK.values()) <= set(catalogue("de"))
