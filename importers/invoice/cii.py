"""UN/CEFACT Cross Industry Invoice D16B as bound to EN 16931 (CEN/TS 16931-3-3:2020)."""

from typing import Final

from importers.formats.xml import Element, child, children, row, text, texts
from importers.invoice.model import Header, Line, Span

ROOTS: Final = frozenset({"CrossIndustryInvoice"})
NAMESPACES: Final = ("urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",)
LINES: Final = frozenset({"IncludedSupplyChainTradeLineItem"})
ATTACHMENTS: Final = frozenset({"AttachmentBinaryObject"})

_OBJECT: Final = "130"  # UNTDID 1001: invoicing data sheet, i.e. the invoiced object
_NO_PART_OF_TOTALS: Final = frozenset({"GROUP", "INFORMATION"})
_DATE: Final = "DateTimeString"


def line(element: Element) -> Line:
    """Return one IncludedSupplyChainTradeLineItem."""
    quantity = child(element, "SpecifiedLineTradeDelivery", "BilledQuantity")
    document = "AssociatedDocumentLineDocument"
    settlement = "SpecifiedLineTradeSettlement"
    product = "SpecifiedTradeProduct"
    return Line(
        row=row(element),
        column="BilledQuantity",
        number=text(element, document, "LineID") or "",
        name=text(element, product, "Name") or "",
        details=(
            *texts(element, product, "Description"),
            *texts(element, document, "IncludedNote", "Content"),
        ),
        quantity=text(element, "SpecifiedLineTradeDelivery", "BilledQuantity"),
        unit=quantity.get("unitCode") if quantity is not None else None,
        net=text(element, settlement, "SpecifiedTradeSettlementLineMonetarySummation", "LineTotalAmount"),
        span=_span(child(element, settlement)),
        codes=tuple(
            (code.get("listID") or "", (code.text or "").strip())
            for code in children(element, product, "DesignatedProductClassification", "ClassCode")
        ),
        properties=tuple(
            (text(entry, "Description") or "", text(entry, "Value") or "")
            for entry in children(element, product, "ApplicableProductCharacteristic")
        ),
        object=_object(child(element, settlement)),
        is_information=text(element, document, "LineStatusReasonCode") in _NO_PART_OF_TOTALS,
    )


def header(root: Element) -> Header:
    """Return what holds for the whole invoice."""
    transaction = "SupplyChainTradeTransaction"
    agreement = child(root, transaction, "ApplicableHeaderTradeAgreement")
    settlement = child(root, transaction, "ApplicableHeaderTradeSettlement")
    delivery = (transaction, "ApplicableHeaderTradeDelivery", "ActualDeliverySupplyChainEvent")
    return Header(
        number=text(root, "ExchangedDocument", "ID"),
        type_code=text(root, "ExchangedDocument", "TypeCode"),
        is_credit_note=False,
        currency=_of(settlement, "InvoiceCurrencyCode"),
        issued=text(root, "ExchangedDocument", "IssueDateTime", _DATE),
        delivered=text(root, *delivery, "OccurrenceDateTime", _DATE),
        span=_span(settlement),
        supplier=_of(agreement, "SellerTradeParty", "Name"),
        contract=_of(agreement, "ContractReferencedDocument", "IssuerAssignedID"),
        object=_object(agreement),
        preceding=_of(settlement, "InvoiceReferencedDocument", "IssuerAssignedID"),
        line_total=_of(settlement, "SpecifiedTradeSettlementHeaderMonetarySummation", "LineTotalAmount"),
    )


def _of(element: Element | None, *path: str) -> str | None:
    return text(element, *path) if element is not None else None


def _span(settlement: Element | None) -> Span:
    period = "BillingSpecifiedPeriod"
    return Span(
        _of(settlement, period, "StartDateTime", _DATE), _of(settlement, period, "EndDateTime", _DATE)
    )


def _object(element: Element | None) -> str | None:
    entries = children(element, "AdditionalReferencedDocument") if element is not None else ()
    for entry in entries:
        if text(entry, "TypeCode") == _OBJECT:
            return text(entry, "IssuerAssignedID")
    return None
