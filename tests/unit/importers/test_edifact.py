"""EDIFACT: separators as declared, rows as a person counts them, hostile files refused."""

from pathlib import Path

import pytest

from bilanz.errors import FileRefused
from importers.formats import edifact
from importers.formats.edifact import Segment, segments

TEXT = "UNB+UNOC:3+A'UNH+1+MSCONS:D:04B'QTY+220:36.3:KWH'UNT+2+1'UNZ+1'"


def read(directory: Path, data: str | bytes) -> list[Segment]:
    path = directory / "file.edi"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return list(segments(path))


def refused(directory: Path, data: str | bytes) -> FileRefused:
    with pytest.raises(FileRefused) as caught:
        read(directory, data)
    return caught.value


def test_elements_and_components_are_counted_from_one(tmp_path: Path) -> None:
    quantity = read(tmp_path, TEXT)[2]
    assert quantity == Segment(3, "QTY", (["220", "36.3", "KWH"],))
    assert (quantity.text(1, 2), quantity.text(1, 4), quantity.text(2)) == ("36.3", "", "")


def test_una_declares_other_signs_and_what_they_were_is_text(tmp_path: Path) -> None:
    found = read(tmp_path, "UNA;!,% ~UNB!UNOC;3~FTX!it's a+b:c 100%%%!~")
    assert [segment.elements for segment in found] == [(["UNOC", "3"],), (["it's a+b:c 100%!"],)]
    assert [segment.row for segment in found] == [2, 3]  # UNA is the first segment


def test_a_blank_release_sign_releases_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, "UNA:+.  'UNB+a ?:b'")[0].elements == (["a ?", "b"],)


def test_rows_are_lines_where_there_are_lines(tmp_path: Path) -> None:
    una = "UNA:+.? '\r\n" + TEXT.replace("'", "'\r\n")
    assert [segment.row for segment in read(tmp_path, una)] == [2, 3, 4, 5, 6]
    assert [segment.row for segment in read(tmp_path, TEXT + "\n")] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("width", [5, 80])
def test_lines_of_a_fixed_width_are_put_together(width: int, tmp_path: Path) -> None:
    broken = "\n".join(TEXT[place : place + width] for place in range(0, len(TEXT), width))
    assert [one.elements for one in read(tmp_path, broken)] == [one.elements for one in read(tmp_path, TEXT)]


def test_the_syntax_identifier_names_the_encoding_where_bytes_do_not(tmp_path: Path) -> None:
    text = "UNB+{}:1'NAD+MS+++Müßig {}'"
    for code, encoding, letter in (
        ("UNOC", "latin-1", "é"),
        ("UNOD", "iso8859-2", "ł"),
        ("UNOY", "utf-8", "ł"),
    ):
        found = read(tmp_path, text.format(code, letter).encode(encoding))
        assert found[1].text(4) == f"Müßig {letter}"


def test_files_put_together_are_one_stream(tmp_path: Path) -> None:
    una = "UNA:+,? '" + TEXT
    assert [one.tag for one in read(tmp_path, una + una)] == 2 * [one.tag for one in read(tmp_path, TEXT)]
    assert refused(tmp_path, una + "UNA:+.? '" + TEXT).code == "malformed_edifact"


@pytest.mark.parametrize(
    "data",
    [
        TEXT[:-1],
        TEXT[:-4],
        TEXT + "UNZ+",
        "hello",
        "<UNB/>",
        "UNA",
        "UNA++.? 'UNB+a'",
        "UNA:+.? \n",
        "UNAabcdefUNB",
        TEXT + "QQ+1'",
        TEXT + "qty+1'",
        TEXT.replace("QTY", "Q?TY?'?+"),
        TEXT + "FTX+" + "x" * 200_000 + "'",
        TEXT + "FTX+" + "?'" * 200_000 + "'",
        TEXT + "FTX+" + "\nx" * 200_000 + "'",
    ],
    ids=range(15),
)
def test_what_is_malformed_is_refused_with_its_row(data: str, tmp_path: Path) -> None:
    error = refused(tmp_path, data)
    assert error.code == "malformed_edifact"
    assert error.parameters["row"] >= 1


def test_binary_data_and_large_files_are_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, TEXT.encode() + b"\0\0").code == "binary_file"
    with pytest.raises(FileRefused, match="read up to 0 MB"):
        list(segments(tmp_path / "file.edi", limit=10))


@pytest.mark.parametrize(
    ("head", "found"),
    [
        (TEXT, "MSCONS"),
        (TEXT.replace("'", "'\n"), "MSCONS"),
        ("\ufeff \n" + TEXT, "MSCONS"),
        ("UNA;!,% ~UNB!UNOC;3~UNH!1!INVOIC;D;14B~", "INVOIC"),
        ("UNH+1+MSCONS:D'", "MSCONS"),
        ("UNB+UNOC:3'", None),
        ("UNA:+", None),
        ("Datum;Wert\n1;2", None),
        ("", None),
    ],
)
def test_the_type_of_the_first_message(head: str, found: str | None) -> None:
    assert edifact.message_type(head.encode()) == found
