"""JSON keeps its digits, and what is no JSON is refused with a reason."""

from decimal import Decimal
from pathlib import Path

import pytest

from bilanz.errors import FileRefused
from importers.formats import json


def written(directory: Path, data: bytes) -> Path:
    path = directory / "file.json"
    path.write_bytes(data)
    return path


def test_every_digit_of_a_number_is_kept(tmp_path: Path) -> None:
    assert json.read(written(tmp_path, b'{"a": 0.1234567890123456789, "b": 7}')) == {
        "a": Decimal("0.1234567890123456789"),
        "b": 7,
    }


@pytest.mark.parametrize("mark", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_no_content(tmp_path: Path, mark: str) -> None:
    assert json.read(written(tmp_path, '["ä"]'.encode(mark))) == ["ä"]
    assert json.head_text('  ["ä"]'.encode(mark)) == '["ä"]'


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"{", "malformed_json"),
        (b'{"a": NaN}', "malformed_json"),
        (b"[" * 200_000, "malformed_json"),
        (b"\x00\x01\x02\x03", "malformed_json"),
        (b'{"a": ' + b"9" * 5000 + b"}", "malformed_json"),
    ],
)
def test_what_is_no_json_is_refused(tmp_path: Path, data: bytes, code: str) -> None:
    with pytest.raises(FileRefused) as refused:
        json.read(written(tmp_path, data))
    assert refused.value.code == code


def test_a_file_beyond_the_limit_is_refused_unread(tmp_path: Path) -> None:
    with pytest.raises(FileRefused) as refused:
        json.read(written(tmp_path, b"[1, 2, 3]"), limit=4)
    assert refused.value.code == "too_large"
