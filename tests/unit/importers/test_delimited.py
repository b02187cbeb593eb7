import csv
from pathlib import Path

import polars as pl
import pytest

from bilanz.errors import FileRefused
from importers.base import FileSample
from importers.formats.delimited import ROW, Delimited, open_delimited, open_sample, sample_lines


def opened(path: Path, data: bytes) -> Delimited:
    file = path / "file.csv"
    file.write_bytes(data)
    return open_delimited(file)


def rows(file: Delimited, size: int | None = None) -> list[tuple[object, ...]]:
    blocks = file.blocks() if size is None else file.blocks(size=size)
    return pl.concat([block.frame for block in blocks]).rows()


@pytest.mark.parametrize(
    ("encoding", "bom", "name"),
    [
        ("utf-8", b"", "utf-8"),
        ("utf-8", b"\xef\xbb\xbf", "utf-8"),
        ("utf-16-le", b"\xff\xfe", "utf-16-le"),
        ("utf-16-be", b"\xfe\xff", "utf-16-be"),
        ("utf-16-le", b"", "utf-16-le"),
        ("utf-16-be", b"", "utf-16-be"),
        ("cp1252", b"", "cp1252"),
    ],
)
def test_every_encoding_gives_the_same_text(tmp_path: Path, encoding: str, bom: bytes, name: str) -> None:
    text = "Zähler;Größe €\r\nA;1,5\r\nß;2\r\n"
    file = opened(tmp_path, bom + text.encode(encoding))
    assert file.encoding.name == name
    assert file.header == ("Zähler", "Größe €")
    assert rows(file) == [(2, "A", "1,5"), (3, "ß", "2")]


def test_a_byte_that_is_no_utf8_far_behind_makes_the_file_cp1252(tmp_path: Path) -> None:
    body = b"".join(b"x%d;1\n" % number for number in range(20_000))
    file = opened(tmp_path, b"a;b\n" + body + "ü;2\n".encode("cp1252"))
    assert file.encoding.name == "cp1252"
    assert rows(file)[-1] == (20_002, "ü", "2")
    assert [issue.code for issue in file.issues()] == ["encoding_assumed"]


@pytest.mark.parametrize("data", [b"PK\x03\x04abc;d\n", b"a;b\n1;\x00\n", b"\x89PNG\r\n", b"%PDF-1.7\n"])
def test_binary_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(FileRefused) as refused:
        opened(tmp_path, data)
    assert refused.value.code == "binary_file"


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b"\n\n  \n", b"\xff\xfe"])
def test_nothing_is_refused_as_empty(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(FileRefused) as refused:
        opened(tmp_path, data)
    assert refused.value.code in {"empty_file", "no_header"}


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_the_separator_is_found(tmp_path: Path, separator: str) -> None:
    text = "\n".join(separator.join(line) for line in (["a", "b", "c"], ["1", "2", "3"], ["4", "5", "6"]))
    file = opened(tmp_path, text.encode())
    assert (file.separator, file.width) == (separator, 3)
    assert rows(file) == [(2, "1", "2", "3"), (3, "4", "5", "6")]


def test_decimal_commas_do_not_make_a_comma_file(tmp_path: Path) -> None:
    assert opened(tmp_path, b"a;b\n0,1;1,5\n0,2;2,5\n").separator == ";"


@pytest.mark.parametrize("first", ["sep=,", '"sep=,"', "SEP=,"])
def test_a_line_that_names_the_separator_is_no_row(tmp_path: Path, first: str) -> None:
    file = opened(tmp_path, f"{first}\nname,x;y\nq,r\n".encode())
    assert (file.separator, file.header, file.header_row) == (",", ("name", "x;y"), 2)
    assert rows(file) == [(3, "q", "r")]


def test_lines_above_the_header_are_kept(tmp_path: Path) -> None:
    data = b"Kunde;Muster\nOrt: Hafen\n\nNr;Von;Bis\n7;1;2\nDatum;Zeit;kWh;Status\n1;2;3;G\n"
    file = opened(tmp_path, data)
    assert (file.header, file.header_row) == (("Datum", "Zeit", "kWh", "Status"), 6)
    assert file.preamble == {"Kunde": "Muster", "Ort": "Hafen", "Nr": "7", "Von": "1", "Bis": "2"}
    assert rows(file) == [(7, "1", "2", "3", "G")]


def test_a_score_chooses_the_header_and_the_first_of_equals_wins(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"a;b;c;d\nwanted;x\nwanted;y\n1;2\n")
    assert open_delimited(path, lambda fields: "wanted" in fields).header_row == 2
    with pytest.raises(FileRefused) as refused:
        open_delimited(path, lambda _: 0)
    assert refused.value.code == "no_header"


def test_a_trailing_separator_makes_no_column(tmp_path: Path) -> None:
    assert rows(opened(tmp_path, b"a;b;\n1;2;\n3;4;\n")) == [(2, "1", "2"), (3, "3", "4")]
    assert rows(opened(tmp_path, b"a;b\n1;2;\n3;4;\n")) == [(2, "1", "2"), (3, "3", "4")]


def test_a_column_without_a_name_is_kept_where_it_is_filled(tmp_path: Path) -> None:
    file = opened(tmp_path, b"a;b\n1;2;3\n4;5;6\n")
    assert file.header == ("a", "b", "")
    assert rows(file) == [(2, "1", "2", "3"), (3, "4", "5", "6")]


def test_repeated_headers_are_told(tmp_path: Path) -> None:
    file = opened(tmp_path, b"a;b;a\n1;2;3\n")
    assert file.duplicates == ("a",)
    assert [(issue.code, issue.row, issue.value) for issue in file.issues()] == [("duplicate_header", 1, "a")]
    assert rows(file) == [(2, "1", "2", "3")]


@pytest.mark.parametrize("size", [1 << 20, 16])
def test_ragged_and_blank_rows_are_apart(tmp_path: Path, size: int) -> None:
    data = b"a;b;c\n1;2;3\n\n4;5\nSumme\n6;;\n7;8;9;;x\n;;\n"
    file = opened(tmp_path, data)
    blocks = list(file.blocks(size=size))
    assert pl.concat([block.frame for block in blocks]).rows() == [
        (2, "1", "2", "3"),
        (6, "6", None, None),
        (8, None, None, None),
    ]
    assert pl.concat([block.ragged for block in blocks]).rows() == [(4, 2), (5, 1), (7, 5)]
    issue = file.table()[1][0]
    assert (issue.code, issue.row, issue.parameters) == ("ragged_row", 4, {"found": "2", "expected": "3"})


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_line_endings_do_not_matter(tmp_path: Path, ending: str) -> None:
    file = opened(tmp_path, ending.join(["a;b", "1;2", "3;4", ""]).encode())
    assert rows(file) == [(2, "1", "2"), (3, "3", "4")]


def test_mixed_line_endings(tmp_path: Path) -> None:
    file = opened(tmp_path, b"a;b\r\n1;2\n3;4\r\n5;6")
    assert rows(file) == [(2, "1", "2"), (3, "3", "4"), (4, "5", "6")]


QUOTED = (
    'a;b;c\n"1";"x;y";"q""r"\n"2";"first\nsecond\r\nthird";"z"\n\n"3";"";"n"\n"4";plain;"a\nb"\n5;"6";7\n'
)


@pytest.mark.parametrize("size", [1 << 20, 24, 40, 7])
def test_the_row_is_the_physical_line_behind_quoted_line_breaks(tmp_path: Path, size: int) -> None:
    found = rows(opened(tmp_path, QUOTED.encode()), size)
    assert found == [
        (2, "1", "x;y", 'q"r'),
        (3, "2", "first\nsecond\r\nthird", "z"),
        (7, "3", None, "n"),
        (8, "4", "plain", "a\nb"),
        (10, "5", "6", "7"),
    ]
    lines = QUOTED.split("\n")
    assert all(lines[row - 1].lstrip('"').startswith(str(cell)) for row, cell, *_ in found)


def test_a_stray_quotation_mark_inside_a_field_is_text(tmp_path: Path) -> None:
    file = opened(tmp_path, b'a;b\n12" pipe;1\nx;"2"\n')
    assert rows(file) == [(2, '12" pipe', "1"), (3, "x", "2")]


def test_a_quotation_mark_that_is_never_closed_is_named(tmp_path: Path) -> None:
    data = b'a;b\n1;2\n"3;4\n' + b"5;6\n" * 500
    with pytest.raises(FileRefused) as refused:
        list(opened(tmp_path, data).blocks())
    assert (refused.value.code, refused.value.parameters["row"]) == ("open_quote", "3")


def test_blocks_give_the_same_rows_as_the_csv_module(tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter=";")
        writer.writerow(["n", "text", "tail"])
        for number in range(3_000):
            writer.writerow([number, "ä" * (number % 7) + ("\n" if number % 500 == 3 else ""), "z"])
    file = open_delimited(path)
    small, whole = rows(file, 1_000), rows(file)
    assert small == whole
    assert [row[1] for row in whole] == [str(number) for number in range(3_000)]
    lazy = file.lazy().select(pl.col(ROW).max(), pl.len()).collect(engine="streaming")
    assert lazy.row(0) == (3_007, 3_000)  # 3000 records, six of them two lines long, below one header


def test_only_the_wanted_columns_are_given(tmp_path: Path) -> None:
    file = opened(tmp_path, b"a;b;c\n1;2;3\n")
    assert next(file.blocks([2])).frame.columns == [ROW, "2"]
    lazy = file.lazy().filter(pl.col("0") == "1").select("1").collect()
    assert lazy.rows() == [("2",)]


def test_identification_never_raises(tmp_path: Path) -> None:
    for data in (b"\x00\x01\x02", b'"', b"\xff\xfe\x00", b"a", b"\xc3", b";;;\n;;"):
        path = tmp_path / "x.csv"
        path.write_bytes(data)
        sample = FileSample.of(path)
        assert isinstance(sample_lines(sample), list)
        open_sample(sample, len)
