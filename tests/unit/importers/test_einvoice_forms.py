"""The same invoice in another form is the same invoice: EDIFACT, ZUGFeRD 1.0, attached to a PDF."""

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from pypdf import PdfWriter
from scratch import NoScratch

from bilanz.errors import FileRefused
from importers.base import SURE, FileSample, ImportRequest, ImportResult, Workspace, identify
from importers.einvoice import EInvoice, documents
from importers.formats import pdf
from importers.invoice.edifact_invoic import day

ROOT = Path(__file__).parents[3]
GOLDEN = ROOT / "tests" / "golden" / "einvoice"
RECEIVED = ROOT.parent / "shared" / "data" / "procurement" / "einvoice"
PLACES = ("source_row", "column", "attributes", "original_quantity")


def read(path: Path, directory: Path) -> ImportResult:
    claims = [(importer.name, claim) for importer, claim in identify(path) if claim.confidence >= SURE]
    assert [name for name, _ in claims] == ["einvoice"]
    result = EInvoice().read(path, ImportRequest(), Workspace(directory, NoScratch))
    result.check()
    return result


def received(name: str) -> Path:
    if not (RECEIVED / name).exists():
        pytest.skip(f"../shared/data/procurement/einvoice/{name} is not there")
    return RECEIVED / name


def hybrid(directory: Path, content: bytes, name: str = "factur-x.xml", **extra: bytes) -> Path:
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    for other, data in extra.items():
        writer.add_attachment(f"{other}.xml", data)
    if name:
        writer.add_attachment(name, content)
    path = directory / "bill.pdf"
    writer.write(path)
    return path


def without_places(result: ImportResult) -> pl.DataFrame:
    return result.activities.drop(PLACES)


def refusal(path: Path, directory: Path) -> FileRefused:
    with pytest.raises(FileRefused) as caught:
        EInvoice().read(path, ImportRequest(), Workspace(directory, NoScratch))
    return caught.value


def test_a_grid_bill_in_edifact_equals_its_twin_in_xml(tmp_path: Path) -> None:
    result = read(GOLDEN / "grid_bill_edifact.edi", tmp_path)
    twin = read(GOLDEN / "grid_bill.xml", tmp_path)
    assert without_places(result).equals(without_places(twin))
    assert list(result.issues["code"]) == list(twin.issues["code"])
    # 16 000 kWh on two lines are one consumption; 140.80 + 17.60 + 167.64 of cost
    consumed = result.activities.filter(direction="consumption").row(0, named=True)
    assert (consumed["quantity"], consumed["cost_net"]) == (Decimal(16000), Decimal("326.04"))


def test_several_invoices_of_one_interchange_are_read(tmp_path: Path) -> None:
    text = (GOLDEN / "grid_bill_edifact.edi").read_text(encoding="utf-8")
    message = text[text.index("UNH") : text.index("UNZ")]
    path = tmp_path / "two.edi"
    path.write_text(text.replace("UNZ", message.replace("C-3", "C-4") + "UNZ"), encoding="utf-8")
    result = read(path, tmp_path)
    assert set(result.activities["document"]) == {"C-3", "C-4"}
    assert result.read == 8
    assert sum(one.total for one in result.control_sums if one.unit == "kWh") == Decimal(33000)


def test_a_cancellation_takes_back_what_it_repeats(tmp_path: Path) -> None:
    text = (GOLDEN / "grid_bill_edifact.edi").read_text(encoding="utf-8")
    path = tmp_path / "cancelled.edi"
    path.write_text(text.replace("BGM+380", "BGM+457"), encoding="utf-8")
    result = read(path, tmp_path)
    assert result.activities.filter(direction="consumption")["quantity"].to_list() == [Decimal(-16000)]
    assert set(result.activities["document_type"]) == {"credit"}


def test_a_line_without_a_name_goes_by_its_article_number(tmp_path: Path) -> None:
    text = (GOLDEN / "grid_bill_edifact.edi").read_text(encoding="utf-8")
    path = tmp_path / "articles.edi"
    path.write_text(
        text.replace("IMD+F++:::Netznutzung Arbeit Strom", "PIA+5+9990001000001:Z01"), encoding="utf-8"
    )
    (invoice,) = documents(path, tmp_path)
    assert (invoice.lines[0].name, invoice.lines[0].codes) == ("9990001000001", (("Z01", "9990001000001"),))


def test_the_received_edifact_invoice_adds_up(tmp_path: Path) -> None:
    result = read(received("en16931_EDIFACT_EXAMPLE1.TXT"), tmp_path)
    assert (result.read, result.accepted) == (20, 20)
    assert result.activities["quantity"].sum() == Decimal("229.6")
    assert "control_sum" not in set(result.issues["code"])
    assert set(result.activities["counterparty"]) == {"De Koksmaat"}


@pytest.mark.parametrize("name", ["factur-x.xml", "ZUGFeRD-invoice.xml", "xrechnung.xml"])
def test_an_attached_invoice_equals_the_invoice(name: str, tmp_path: Path) -> None:
    path = hybrid(tmp_path, (GOLDEN / "grid_bill.xml").read_bytes(), name)
    assert read(path, tmp_path).activities.equals(read(GOLDEN / "grid_bill.xml", tmp_path).activities)


def test_of_several_attachments_the_invoice_by_name_is_read(tmp_path: Path) -> None:
    path = hybrid(
        tmp_path, (GOLDEN / "grid_bill.xml").read_bytes(), xrechnung=b"<other/>", time_sheet=b"<sheet/>"
    )
    assert pdf.attachment(path)[0] == "factur-x.xml"


@pytest.mark.parametrize(
    ("name", "lines", "net"),
    [
        ("zugferd_1p0_BASIC_Einfach.pdf", 1, "198.00"),
        ("zugferd_2p0_EN16931_Miete.pdf", 6, "286.52"),
        ("zugferd_2p0_EN16931_OEPNV.pdf", 1, "8.41"),
    ],
)
def test_received_hybrid_invoices_add_up(name: str, lines: int, net: str, tmp_path: Path) -> None:
    result = read(received(name), tmp_path)
    assert (result.read, result.accepted) == (lines, lines)
    assert result.activities["cost_net"].sum() == Decimal(net)
    assert "control_sum" not in set(result.issues["code"])


def test_a_ticket_in_a_pdf_equals_its_xml_twin(tmp_path: Path) -> None:
    # 8.41 EUR in the PDF of 2018 and in the XML of the same example
    found = read(received("zugferd_2p0_EN16931_OEPNV.pdf"), tmp_path).activities
    for twin in ("zugferd_EN16931_OEPNV.cii.xml", "zugferd_EN16931_OEPNV.ubl.xml"):
        other = read(received(twin), tmp_path).activities
        assert list(found["quantity"]) == list(other["quantity"]) == [Decimal("8.41")]
        assert list(found["start"]) == list(other["start"])


def test_zugferd_1_has_other_branches_and_the_same_leaves(tmp_path: Path) -> None:
    (invoice,) = documents(received("zugferd_1p0_BASIC_Einfach.pdf"), tmp_path)
    header, line = invoice.header, invoice.lines[0]
    assert (header.number, header.currency, header.issued) == ("471102", "EUR", "20130305")
    assert (header.supplier, header.line_total) == ("Lieferant GmbH", "198.00")
    assert (line.quantity, line.unit, line.net) == ("20.0000", "C62", "198.00")


def test_a_pdf_without_an_invoice_says_whom_to_ask(tmp_path: Path) -> None:
    path = hybrid(tmp_path, b"", "", terms=b"<terms/>")
    claim = EInvoice().identify(FileSample.of(path))
    assert claim is not None
    assert claim.confidence < SURE
    error = refusal(path, tmp_path)
    assert error.code == "no_invoice_in_pdf"
    assert "ask the supplier for XRechnung or ZUGFeRD" in str(error)


def test_an_encrypted_pdf_is_refused(tmp_path: Path) -> None:
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.add_attachment("factur-x.xml", b"<a/>")
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(tmp_path / "bill.pdf")
    assert refusal(tmp_path / "bill.pdf", tmp_path).code == "encrypted_pdf"


def test_an_attachment_that_unfolds_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "ATTACHMENT_LIMIT", 1000)
    assert refusal(hybrid(tmp_path, b"<a>" + b" " * 2000 + b"</a>"), tmp_path).code == "too_large"


@pytest.mark.parametrize(
    "data", [b"%PDF-1.7\n", b"%PDF-1.7\nfactur-x.xml", b"%PDF-" + bytes(range(256)) * 40]
)
def test_a_broken_pdf_is_refused(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "bill.pdf"
    path.write_bytes(data)
    EInvoice().identify(FileSample.of(path))
    assert refusal(path, tmp_path).code == "malformed_pdf"


def test_another_document_attached_under_the_name_is_refused(tmp_path: Path) -> None:
    assert refusal(hybrid(tmp_path, b"<order/>"), tmp_path).code == "not_an_invoice"


@pytest.mark.parametrize(
    ("text", "is_end", "expected"),
    [
        ("20241231", True, "20241231"),
        ("202412310000", False, "20241231"),
        ("202501010000", True, "20241231"),  # a period that ends at midnight
        ("202412312400", True, "20241231"),
        ("202412312359", True, "20241231"),
        ("202412312300+00", False, "20250101"),  # midnight in Central Europe, winter
        ("202506302200+00", True, "20250630"),  # the same in summer
        ("202501010000+01", True, "20241231"),
        ("not a date", False, "not a date"),
        ("202413010000", True, "202413010000"),
    ],
)
def test_days_of_moments(text: str, is_end: bool, expected: str) -> None:  # noqa: FBT001 - a table of cases
    assert day(text, is_end=is_end) == expected
