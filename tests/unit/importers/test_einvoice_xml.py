"""The XML reader: safe, streaming, with physical rows; and the words of invoice lines."""

from decimal import Decimal
from pathlib import Path

import pytest

from bilanz.errors import FileRefused
from importers.base import ImportRequest, ImportResult, Workspace
from importers.einvoice import EInvoice, parse
from importers.formats import xml
from importers.invoice import terms
from importers.invoice.counting import shares

UBL = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"\n'
    '  xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"\n'
    '  xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">\n'
)
HEADER = (
    "<cbc:ID>1</cbc:ID><cbc:IssueDate>2024-01-31</cbc:IssueDate>"
    "<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>\n"
)


def line(number: int, name: str = "Diesel", quantity: str = "10", code: str = "LTR") -> str:
    return (
        f"<cac:InvoiceLine>\n <cbc:ID>{number}</cbc:ID>\n"
        f' <cbc:InvoicedQuantity unitCode="{code}">{quantity}</cbc:InvoicedQuantity>\n'
        ' <cbc:LineExtensionAmount currencyID="EUR">1.50</cbc:LineExtensionAmount>\n'
        f" <cac:Item><cbc:Name>{name}</cbc:Name></cac:Item>\n</cac:InvoiceLine>\n"
    )


def written(tmp_path: Path, *parts: str) -> Path:
    path = tmp_path / "invoice.xml"
    path.write_text("".join(parts), encoding="utf-8")
    return path


def refusal(path: Path) -> FileRefused:
    with pytest.raises(FileRefused) as refused:
        parse(path)
    return refused.value


def test_rows_are_physical_lines_also_beyond_16_bits(tmp_path: Path) -> None:
    count = 12_000  # 6 lines each: past line 65 535
    path = written(tmp_path, UBL, HEADER, *(line(number) for number in range(count)), "</Invoice>")
    rows = [entry.row for entry in parse(path).lines]
    assert rows == [6 + 6 * number for number in range(count)]


def test_memory_does_not_hold_the_tree(tmp_path: Path) -> None:
    filler = "<cac:Filler>" + "x" * 2000 + "</cac:Filler>"
    lines = [
        line(number).replace("</cac:InvoiceLine>", filler + "</cac:InvoiceLine>") for number in range(2000)
    ]
    path = written(tmp_path, UBL, HEADER, *lines, "</Invoice>")
    seen = 0

    def count(_: xml.Element) -> None:
        nonlocal seen
        seen += 1

    root = xml.read(path, items=count, names=frozenset({"InvoiceLine"}))
    assert seen == 2000
    assert len(root) < 10  # the header and the last line, emptied


def test_attachments_are_dropped_unread(tmp_path: Path) -> None:
    blob = (
        "<cac:AdditionalDocumentReference><cbc:ID>a</cbc:ID><cac:Attachment><cbc:EmbeddedDocumentBinaryObject>"
        + "QUJD" * 250_000
        + "</cbc:EmbeddedDocumentBinaryObject></cac:Attachment></cac:AdditionalDocumentReference>\n"
    )
    assert len(parse(written(tmp_path, UBL, HEADER, blob, line(1), "</Invoice>")).lines) == 1


def test_a_text_beyond_the_guard_is_refused(tmp_path: Path) -> None:
    path = written(
        tmp_path, UBL, HEADER, "<cbc:Note>", "A" * 10_500_000, "</cbc:Note>", line(1), "</Invoice>"
    )
    assert refusal(path).code == "too_large"


@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE Invoice [<!ENTITY a "b">]>',
        '<!DOCTYPE Invoice [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE Invoice SYSTEM "http://127.0.0.1:9/none.dtd">',
        '<!DOCTYPE Invoice [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;">]>',
    ],
)
@pytest.mark.parametrize("padding", ["", "<!--" + " " * 70_000 + "-->"])
def test_document_types_and_entities_are_refused(tmp_path: Path, declaration: str, padding: str) -> None:
    first, rest = UBL.split("\n", 1)
    path = written(tmp_path, first, padding, declaration, rest, HEADER, line(1, "&a;"), "</Invoice>")
    assert refusal(path).code in {"unsafe_xml", "malformed_xml"}


def test_broken_xml_names_the_row(tmp_path: Path) -> None:
    error = refusal(written(tmp_path, UBL, HEADER, line(1), "</Faktura>"))
    assert error.code == "malformed_xml"
    assert error.parameters["row"] == 12


def test_the_size_limit_is_stated(tmp_path: Path) -> None:
    path = written(tmp_path, UBL, "</Invoice>")
    with pytest.raises(FileRefused, match="read up to 0 MB"):
        xml.read(path, items=lambda _: None, names=frozenset({"x"}), limit=10)


@pytest.mark.parametrize("code", ["384", "380"])
def test_a_correction_with_negative_quantities_lists_differences(tmp_path: Path, code: str) -> None:
    kind = f"<cbc:InvoiceTypeCode>{code}</cbc:InvoiceTypeCode>"
    reference = (
        "<cac:BillingReference><cac:InvoiceDocumentReference><cbc:ID>0</cbc:ID>"
        "</cac:InvoiceDocumentReference></cac:BillingReference>\n"
    )
    lines = line(1, "Arbeitspreis Strom", "-100", "KWH") + line(2, "Arbeitspreis Strom", "90", "KWH")
    path = written(tmp_path, UBL, HEADER, kind, reference, lines, "</Invoice>")
    result = EInvoice().read(path, ImportRequest(), Workspace(tmp_path, lambda: NotImplemented))
    assert result.activities["quantity"].to_list() == [Decimal(-100), Decimal(90)]
    assert set(result.activities["document_type"]) == {"credit"}
    plain = written(tmp_path, UBL, HEADER, kind, reference, lines.replace(">-100<", ">100<"), "</Invoice>")
    result = EInvoice().read(plain, ImportRequest(), Workspace(tmp_path, lambda: NotImplemented))
    assert set(result.activities["document_type"]) == {"correction" if code == "384" else "final"}


@pytest.mark.parametrize(
    ("text", "activities", "kind"),
    [
        ("Arbeitspreis Strom", ("electricity",), "energy"),
        ("Stromlieferung inkl. Netznutzung und Abgaben", ("electricity",), "energy"),
        ("Arbeitspreis Netznutzung", (), "grid"),
        ("Arbeitspreis Netznutzung Erdgas", ("natural_gas",), "grid"),
        ("SLP-Bilanzierungsumlage", (), "levy"),
        ("§ 19 StromNEV-Umlage", (), "levy"),
        ("Grundpreis Fernwärme", ("district_heat",), "base"),
        ("Messstellenbetrieb", (), "metering"),
        ("Abwassergebühr", ("waste_water",), None),
        ("Wasserstoff 3.0", ("hydrogen",), None),
        ("Heizöl EL", ("heating_oil",), None),
        ("Wärmepumpe liefern und einbauen", (), None),
        ("Stromzähler", (), None),
        ("Mineralwasser", (), None),
        ("Getransporteerde kWh’s", ("electricity",), "grid"),
        ("Abschlag Strom Mai", ("electricity",), "instalment"),
        ("Strom und Gas", ("electricity", "natural_gas"), None),
        ("", (), None),
    ],
)
def test_what_a_line_says(text: str, activities: tuple[str, ...], kind: str | None) -> None:
    assert terms.activities(text) == activities
    assert terms.kind(text) == kind


def test_a_basis_is_read_only_where_one_is_stated() -> None:
    assert terms.basis("Erdgas, Abrechnung nach Brennwert") == "Hs"
    assert terms.basis("12 kWh (Hi)") == "Hi"
    assert terms.basis("Umrechnung von Hs in Hi") is None
    assert terms.basis("Erdgas") is None


def test_cpv_codes_are_read_from_their_list_only() -> None:
    assert terms.by_cpv([("CPV", "09310000-5")]) == "electricity"
    assert terms.by_cpv([("ZZZ", "09310000-5")]) is None
    assert terms.by_cpv([("CPV", "0931")]) is None


def test_shares_add_up_exactly() -> None:
    assert shares(Decimal(100), [1, 1, 1]) == [
        Decimal("33.333333"),
        Decimal("33.333334"),
        Decimal("33.333333"),
    ]
    assert sum(shares(Decimal("-0.01"), [7, 11, 13])) == Decimal("-0.01")


def imported(tmp_path: Path, *parts: str) -> ImportResult:
    def no_scratch() -> None:
        raise AssertionError

    path = written(tmp_path, UBL, *parts, "</Invoice>")
    result = EInvoice().read(path, ImportRequest(), Workspace(tmp_path, no_scratch))  # type: ignore[arg-type]
    result.check()
    return result


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "2024-02-30", "2024-W01-1", "31.12.2024", "x"])
def test_a_day_no_bill_has_rejects_its_line_and_nothing_breaks(tmp_path: Path, day: str) -> None:
    result = imported(tmp_path, HEADER.replace("2024-01-31", day), line(1))
    assert (result.accepted, result.rejected) == (0, 1)
    assert result.issues.filter(result.issues["code"] == "not_a_date")["value"].to_list() == [day]


def test_a_line_of_energy_in_a_unit_of_power_is_rejected(tmp_path: Path) -> None:
    result = imported(tmp_path, HEADER, line(1, name="Stromlieferung", code="KWT"))
    assert result.rejected == 1
    assert "refused_unit" in result.issues["code"]


def test_a_period_is_told_in_the_words_of_the_file(tmp_path: Path) -> None:
    period = (
        "<cac:InvoicePeriod><cbc:StartDate>2024-05-01</cbc:StartDate>"
        "<cbc:EndDate>2024-04-01</cbc:EndDate></cac:InvoicePeriod>"
    )
    result = imported(tmp_path, HEADER, period, line(1))
    found = result.issues.filter(result.issues["code"] == "end_before_start")["value"].to_list()
    assert found == ["2024-05-01 – 2024-04-01"]


def test_a_name_of_megabytes_is_cut_in_the_issue(tmp_path: Path) -> None:
    result = imported(tmp_path, HEADER, line(1, name="Strom " + "x" * 1_000_000, code="zzz", quantity="y"))
    assert max(len(value) for value in result.issues["value"].drop_nulls()) <= 201


def test_a_wrong_encoding_and_deep_nesting_are_told_apart(tmp_path: Path) -> None:
    path = written(tmp_path, UBL, HEADER, line(1, name="Öl"), "</Invoice>")
    path.write_bytes(path.read_bytes().decode().encode("latin-1"))
    assert "encoding it states" in str(refusal(path))
    path = written(tmp_path, UBL, HEADER, "<cbc:a>" * 3000 + "</cbc:a>" * 3000, line(1), "</Invoice>")
    assert refusal(path).code == "unsafe_xml"
