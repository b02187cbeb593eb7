"""A zip is unpacked without trust: names lead nowhere, sizes are counted, what is broken is refused."""

import io
import struct
import zipfile
from pathlib import Path

import pytest

from bilanz.errors import FileRefused
from importers.formats import archive


def packed(directory: Path, **members: bytes) -> Path:
    path = directory / "many.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in members.items():
            target.writestr(name, data)
    return path


def named(directory: Path, name: str, data: bytes = b"a") -> Path:
    return packed(directory, **{name: data})


def test_files_come_out_by_name_without_folders_and_shadows(tmp_path: Path) -> None:
    path = packed(tmp_path, **{"b/2.csv": b"2", "a/1.csv": b"1", "__MACOSX/a/1.csv": b"x", ".DS_Store": b"x"})
    found = archive.unpack(path, tmp_path / "out")
    assert [(member.name, member.path.read_bytes()) for member in found] == [
        ("a/1.csv", b"1"),
        ("b/2.csv", b"2"),
    ]
    assert [member.path.name for member in found] == ["1.csv", "2.csv"]


@pytest.mark.parametrize(
    "name",
    ["../../evil.csv", "/etc/evil.csv", "..\\..\\evil.csv", "C:\\evil.csv", "x\ny.csv", "a" * 400],
)
def test_no_name_leads_out_of_the_directory(tmp_path: Path, name: str) -> None:
    out = tmp_path / "deep" / "out"
    (member,) = archive.unpack(named(tmp_path, name), out)
    assert member.path.resolve().is_relative_to(out.resolve())
    assert len(list(tmp_path.rglob("*.csv"))) <= 1


def test_what_unpacks_to_more_than_allowed_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MAX_UNPACKED", 100)
    with pytest.raises(FileRefused) as refused:
        archive.unpack(named(tmp_path, "a.csv", b"0" * 101), tmp_path / "out")
    assert refused.value.code == "too_large"


def test_a_size_that_is_a_lie_is_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = named(tmp_path, "a.csv", b"0" * 5000)
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 10)
    path.write_bytes(bytes(data))
    monkeypatch.setattr(archive, "MAX_UNPACKED", 100)
    with pytest.raises(FileRefused):
        archive.unpack(path, tmp_path / "out")


def test_too_many_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_MEMBERS", 1)
    with pytest.raises(FileRefused) as refused:
        archive.unpack(packed(tmp_path, a=b"1", b=b"2"), tmp_path / "out")
    assert refused.value.code == "too_large"


def test_a_password_is_said(tmp_path: Path) -> None:
    path = named(tmp_path, "a.csv")
    data = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    path.write_bytes(bytes(data))
    with pytest.raises(FileRefused) as refused:
        archive.unpack(path, tmp_path / "out")
    assert refused.value.code == "protected"


def test_an_empty_archive_and_a_damaged_one_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRefused) as empty:
        archive.unpack(packed(tmp_path), tmp_path / "out")
    assert empty.value.code == "empty_file"
    path = named(tmp_path, "a.csv", bytes(range(256)) * 50)
    data = bytearray(path.read_bytes())
    data[60] ^= 0xFF
    path.write_bytes(bytes(data))
    with pytest.raises(FileRefused) as damaged:
        archive.unpack(path, tmp_path / "out2")
    assert damaged.value.code == "damaged_archive"


def test_a_workbook_is_no_archive_of_files(tmp_path: Path) -> None:
    import xlsxwriter

    target = io.BytesIO()
    xlsxwriter.Workbook(target).close()
    book = tmp_path / "a.zip"
    book.write_bytes(target.getvalue())
    assert not archive.is_archive(book)
    assert archive.is_archive(named(tmp_path, "a.csv"))
    (tmp_path / "text.zip").write_text("no archive")
    assert not archive.is_archive(tmp_path / "text.zip")
