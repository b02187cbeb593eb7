"""UBL 2.1 Invoice and CreditNote as bound to EN 16931 (CEN/TS 16931-3-2:2020)."""

from typing import Final

from importers.formats.xml import Element, child, children, local, row, text, texts
from importers.invoice.model import Header, Line, Span

ROOTS: Final = frozenset({"Invoice", "CreditNote"})
NAMESPACES: Final = (
    "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2",
    "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2",
)
LINES: Final = frozenset({"InvoiceLine", "CreditNoteLine"})
ATTACHMENTS: Final = frozenset({"EmbeddedDocumentBinaryObject"})

_OBJECT: Final = "130"  # UNTDID 1001: invoicing data sheet, i.e. the invoiced object


def line(element: Element) -> Line:
    """Return one InvoiceLine or CreditNoteLine."""
    column = "InvoicedQuantity" if local(element) == "InvoiceLine" else "CreditedQuantity"
    quantity = child(element, column)
    return Line(
        row=row(element),
        column=column,
        number=text(element, "ID") or "",
        name=text(element, "Item", "Name") or "",
        details=(*texts(element, "Item", "Description"), *texts(element, "Note")),
        quantity=text(element, column),
        unit=quantity.get("unitCode") if quantity is not None else None,
        net=text(element, "LineExtensionAmount"),
        span=_span(element),
        codes=tuple(
            (code.get("listID") or "", (code.text or "").strip())
            for code in children(element, "Item", "CommodityClassification", "ItemClassificationCode")
        ),
        properties=tuple(
            (text(entry, "Name") or "", text(entry, "Value") or "")
            for entry in children(element, "Item", "AdditionalItemProperty")
        ),
        object=_object(element, "DocumentReference"),
    )


def header(root: Element) -> Header:
    """Return what holds for the whole invoice."""
    is_credit_note = local(root) == "CreditNote"
    return Header(
        number=text(root, "ID"),
        type_code=text(root, "CreditNoteTypeCode" if is_credit_note else "InvoiceTypeCode"),
        is_credit_note=is_credit_note,
        currency=text(root, "DocumentCurrencyCode"),
        issued=text(root, "IssueDate"),
        delivered=text(root, "Delivery", "ActualDeliveryDate"),
        span=_span(root),
        supplier=_supplier(root),
        contract=text(root, "ContractDocumentReference", "ID"),
        object=_object(root, "AdditionalDocumentReference"),
        preceding=text(root, "BillingReference", "InvoiceDocumentReference", "ID"),
        line_total=text(root, "LegalMonetaryTotal", "LineExtensionAmount"),
        notes=texts(root, "Note"),
    )


def _span(element: Element) -> Span:
    return Span(text(element, "InvoicePeriod", "StartDate"), text(element, "InvoicePeriod", "EndDate"))


def _object(element: Element, reference: str) -> str | None:
    for entry in children(element, reference):
        if text(entry, "DocumentTypeCode") == _OBJECT:
            return text(entry, "ID")
    return None


def _supplier(root: Element) -> str | None:
    party = ("AccountingSupplierParty", "Party")
    return text(root, *party, "PartyLegalEntity", "RegistrationName") or text(
        root, *party, "PartyName", "Name"
    )
