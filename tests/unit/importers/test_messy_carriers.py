"""Tables as they arrive: encodings, separators, stray headers, empty lines, and files that are no table."""

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from bilanz.errors import FileRefused
from bilanz.messages import catalogue
from importers.base import FileSample, ImportRequest, ImportResult
from importers.formats.encoding import NO_TABLE
from importers.formats.workbook import open_workbook
from importers.interval_csv import IntervalCsv
from tests.golden.measured import readings
from tests.golden.standard.comparison import workspace

HOURS = [f"01.05.2024 {hour:02d}:00;1,5" for hour in range(24)]
HEADER = "Datum von;Verbrauch [kWh]"


def read(data: bytes, directory: Path) -> ImportResult:
    path = directory / "file.csv"
    path.write_bytes(data)
    claim = IntervalCsv().identify(FileSample.of(path))
    assert claim is not None
    assert claim.confidence >= 0.9
    result = IntervalCsv().read(path, ImportRequest(zone="Europe/Berlin"), workspace(directory))
    result.check()
    return result


def total(result: ImportResult) -> Decimal:
    return Decimal(readings(result)["quantity"].sum())


@pytest.mark.parametrize(
    "data",
    [
        "\r\n".join([HEADER, *HOURS]).encode("utf-16-le"),
        "\r\n".join([HEADER, *HOURS]).encode("utf-16-be"),
        "\n".join(["sep=;", HEADER, *HOURS]).encode(),
        "\n".join([HEADER, *HOURS]).encode("utf-8-sig"),
        (
            "\r\n".join([HEADER, *HOURS[:9]]) + "\n" + "\r".join(HOURS[9:10]) + "\n" + "\n".join(HOURS[10:])
        ).encode(),
        "\n\n".join(["", HEADER, *HOURS, "", ""]).encode(),
        "\n".join([f"{HEADER};Bemerkung", *(f'{line};"zwei\nZeilen"' for line in HOURS)]).encode(),
        "\n".join(["Netzbetreiber;Stadtwerk", "", HEADER, *HOURS]).encode("cp1252"),
    ],
    ids=["utf-16-le", "utf-16-be", "sep", "bom", "mixed endings", "empty lines", "line breaks", "preamble"],
)
def test_every_carrier_gives_the_same_values(data: bytes, tmp_path: Path) -> None:
    result = read(data, tmp_path)
    assert (result.read, result.accepted, total(result)) == (24, 24, Decimal(36))


def test_headers_between_the_rows_are_no_values(tmp_path: Path) -> None:
    result = read("\n".join([HEADER, *HOURS[:12], HEADER, *HOURS[12:]]).encode(), tmp_path)
    assert (result.read, result.accepted, result.rejected, result.ignored) == (25, 24, 0, 1)
    assert result.issues.filter(pl.col("code") == "repeated_header")["source_row"].to_list() == [14]


def test_two_columns_of_one_name_are_said(tmp_path: Path) -> None:
    text = "\n".join([f"{HEADER};Status;Status", *(f"{line};G;G" for line in HOURS)])
    result = read(text.encode(), tmp_path)
    assert "duplicate_header" in set(result.issues["code"])
    assert total(result) == Decimal(36)


@pytest.mark.parametrize(
    ("data", "word", "code"),
    [
        (b"<!DOCTYPE html><html><table><tr><td>1</td></tr></table></html>", "web page", "web_page"),
        (b"\n\n <html><body>", "web page", "web_page"),
        ("<html>".encode("utf-16"), "web page", "web_page"),
        (b"\x89PNG\r\n\x1a\n0000", "picture", "binary_file"),
        (b"\xff\xd8\xff\xe0 JFIF", "picture", "binary_file"),
        (b"%PDF-1.7\n", "PDF", "binary_file"),
        (b"PK\x03\x04rest", "archive", "binary_file"),
        (b"\x1f\x8b\x08\x00rest", "compressed", "binary_file"),
        (b"a;b\n1;\x002\n", "binary", "binary_file"),
    ],
)
def test_what_is_no_table_is_refused_with_what_it_is(
    tmp_path: Path, data: bytes, word: str, code: str
) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(data)
    assert (IntervalCsv().identify(FileSample.of(path)) or None) is None
    with pytest.raises(FileRefused, match=word) as caught:
        IntervalCsv().read(path, ImportRequest(), workspace(tmp_path))
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"%PDF-1.7", "PDF"),
        (b"<html><table>", "HTML"),
        (b"\x1f\x8b\x08", "binary"),
    ],
)
def test_what_is_no_workbook_is_refused_with_what_it_is(tmp_path: Path, data: bytes, word: str) -> None:
    path = tmp_path / "file.xlsx"
    path.write_bytes(data)
    with pytest.raises(FileRefused, match=word):
        open_workbook(path, len)


def test_every_reason_has_a_german_text() -> None:
    assert set(NO_TABLE.values()) <= set(catalogue("de"))
