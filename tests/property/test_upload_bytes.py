"""Whatever the bytes: an importer counts every row, or refuses the file; nothing else comes out."""

import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from golden.standard.comparison import workspace
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bilanz.errors import FileRefused
from importers.base import FileSample, Importer, ImportRequest, ImportResult
from importers.einvoice import EInvoice
from importers.formats import xml
from importers.formats.workbook import header_texts, open_workbook
from importers.fuel_card import FuelCard
from importers.standard import StandardUpload
from importers.upload.template import write_template

GOLDEN = Path(__file__).parents[1] / "golden"
FUZZ = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

# A byte 0x1F ends the reader of delimited text (see there); it is left out until it does not.
PIECES = st.sampled_from(
    [
        *(
            b";",
            b'"',
            b"\n",
            b"\r\n",
            b",",
            b".",
            b"-",
            b"\0",
            b"\xff",
            b"\xc3",
            b"  ",
            b"\t",
            b"\xef\xbb\xbf",
        ),
        *(b"9" * 20, b"1e30", b"NaN", b"1.000", b"1.000,5", b"#REF!", b"=1+1", b"0", b"-5"),
        *(b"01.01.2024", b"31.02.2024", b"31.12.9999", b"01.01.0001", b"24:00", b"2024-12-31T24:00"),
        *(b"Summe", b"Menge", b"kWh", b"MWh Hs", b"EUR", b"l", b"Gutschrift", b"geliefert", b"Diesel"),
        *(b"<", b">", b"&", b"&x;", b"<!DOCTYPE a>", b"<a>", b"</a>", b"<cbc:ID/>"),
    ]
)
EDITS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 40), PIECES), min_size=1, max_size=6)


def edited(data: bytes, edits: list[tuple[float, int, bytes]]) -> bytes:
    """Return the bytes with pieces put in place of some others."""
    for share, length, piece in edits:
        place = int(share * len(data))
        data = data[:place] + piece + data[place + length :]
    return data


def refusal(action: Callable[[], object]) -> FileRefused | None:
    """Do something; return the refusal it ended in, or None. Anything else that is raised is a defect."""
    try:
        action()
    except FileRefused as refused:
        return refused
    return None


def take(importer: Importer, path: Path, directory: Path) -> None:
    """Identify and read a file; whatever comes out has a quantity and a period, and all rows are counted."""
    importer.identify(FileSample.of(path))
    found: list[ImportResult] = []
    refused = refusal(lambda: found.append(importer.read(path, ImportRequest(), workspace(directory))))
    if refused is not None:
        assert refused.code != "file_refused"  # every refusal has a name of its own
        return
    found[0].check()
    records = found[0].activities
    for column in ("start", "end", "quantity", "unit"):
        assert records[column].null_count() == 0
    assert (records["end"] > records["start"]).all()


@FUZZ
@given(case=st.sampled_from(["clean_de", "clean_en", "dirty_de"]), edits=EDITS)
def test_standard_upload(tmp_path: Path, case: str, edits: list[tuple[float, int, bytes]]) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(edited((GOLDEN / "standard" / f"{case}.csv").read_bytes(), edits))
    take(StandardUpload(), path, tmp_path)


@FUZZ
@given(case=st.sampled_from(["clean_de", "dirty_en"]), edits=EDITS)
def test_fuel_card(tmp_path: Path, case: str, edits: list[tuple[float, int, bytes]]) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(edited((GOLDEN / "fuel_card" / f"{case}.csv").read_bytes(), edits))
    take(FuelCard(), path, tmp_path)


@FUZZ
@given(case=st.sampled_from(["gas_dirty", "electricity_year_turn", "grid_bill"]), edits=EDITS)
def test_invoice(tmp_path: Path, case: str, edits: list[tuple[float, int, bytes]]) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes(edited((GOLDEN / "einvoice" / f"{case}.xml").read_bytes(), edits))
    take(EInvoice(), path, tmp_path)


@FUZZ
@given(data=st.binary(min_size=1, max_size=400))
def test_any_bytes(tmp_path: Path, data: bytes) -> None:
    for importer, name in ((StandardUpload(), "a.csv"), (FuelCard(), "a.xlsx"), (EInvoice(), "a.xml")):
        path = tmp_path / name
        path.write_bytes(data or b"x")
        take(importer, path, tmp_path)


@cache
def parts() -> dict[str, bytes]:
    """Return the parts of a workbook."""
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as directory:
        path = Path(directory) / "template.xlsx"
        write_template(path, "de")
        with zipfile.ZipFile(path) as archive:
            return {name: archive.read(name) for name in archive.namelist()}


@FUZZ
@given(
    name=st.sampled_from(
        ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml", "xl/styles.xml"]
    ),
    edits=EDITS,
)
def test_workbook(tmp_path: Path, name: str, edits: list[tuple[float, int, bytes]]) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for part, data in parts().items():
            archive.writestr(part, edited(data, edits) if part == name else data)
    header_texts(path)
    refusal(lambda: open_workbook(path, len))
    take(StandardUpload(), path, tmp_path)


@FUZZ
@given(
    data=st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda text: f"<a>{text}</a>".encode()))
)
def test_xml(tmp_path: Path, data: bytes) -> None:
    refused = refusal(lambda: read_xml(tmp_path, data))
    assert refused is None or refused.code in {"malformed_xml", "unsafe_xml", "too_large"}


def test_deep_nesting_is_refused_in_words(tmp_path: Path) -> None:
    assert refusal(lambda: read_xml(tmp_path, b"<a>" * 200 + b"</a>" * 200)) is None
    refused = refusal(lambda: read_xml(tmp_path, b"<a>" * 5000 + b"</a>" * 5000))
    assert refused is not None
    assert refused.code == "unsafe_xml"
    assert "nested" in str(refused)


def read_xml(directory: Path, data: bytes) -> None:
    path = directory / "a.xml"
    path.write_bytes(data)
    xml.read(path, items=lambda _element: None, names=frozenset({"b"}))
