"""UN/CEFACT Cross Industry Invoice D16B as bound to EN 16931 (CEN/TS 16931-3-3:2020), and ZUGFeRD 1.0.

ZUGFeRD 1.0 (2014) is an earlier state of the same model: the same leaves below branches of other names.
"""

from dataclasses import dataclass
from typing import Final

from importers.formats.xml import Element, child, children, local, row, text, texts
from importers.invoice.model import Header, Line, Span

ROOTS: Final = frozenset({"CrossIndustryInvoice", "CrossIndustryDocument"})
NAMESPACES: Final = (
    "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "urn:ferd:CrossIndustryDocument:invoice:1p0",
)
LINES: Final = frozenset({"IncludedSupplyChainTradeLineItem"})
ATTACHMENTS: Final = frozenset({"AttachmentBinaryObject"})

_OBJECT: Final = "130"  # UNTDID 1001: invoicing data sheet, i.e. the invoiced object
_NO_PART_OF_TOTALS: Final = frozenset({"GROUP", "INFORMATION"})
_DATE: Final = "DateTimeString"


@dataclass(frozen=True, slots=True)
class _Names:
    """Names of the branches that differ between the two states of the model."""

    document: str = "ExchangedDocument"
    transaction: str = "SupplyChainTradeTransaction"
    agreement: str = "ApplicableHeaderTradeAgreement"
    delivery: str = "ApplicableHeaderTradeDelivery"
    settlement: str = "ApplicableHeaderTradeSettlement"
    total: str = "SpecifiedTradeSettlementHeaderMonetarySummation"
    line_delivery: str = "SpecifiedLineTradeDelivery"
    line_settlement: str = "SpecifiedLineTradeSettlement"
    line_total: str = "SpecifiedTradeSettlementLineMonetarySummation"


_D16B: Final = _Names()
_ZUGFERD_1: Final = _Names(
    document="HeaderExchangedDocument",
    transaction="SpecifiedSupplyChainTradeTransaction",
    agreement="ApplicableSupplyChainTradeAgreement",
    delivery="ApplicableSupplyChainTradeDelivery",
    settlement="ApplicableSupplyChainTradeSettlement",
    total="SpecifiedTradeSettlementMonetarySummation",
    line_delivery="SpecifiedSupplyChainTradeDelivery",
    line_settlement="SpecifiedSupplyChainTradeSettlement",
    line_total="SpecifiedTradeSettlementMonetarySummation",
)


def line(element: Element) -> Line:
    """Return one IncludedSupplyChainTradeLineItem."""
    names = _names(element.getroottree().getroot())
    quantity = child(element, names.line_delivery, "BilledQuantity")
    document = "AssociatedDocumentLineDocument"
    settlement = names.line_settlement
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
        quantity=text(element, names.line_delivery, "BilledQuantity"),
        unit=quantity.get("unitCode") if quantity is not None else None,
        net=text(element, settlement, names.line_total, "LineTotalAmount"),
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
    names = _names(root)
    agreement = child(root, names.transaction, names.agreement)
    settlement = child(root, names.transaction, names.settlement)
    delivery = (names.transaction, names.delivery, "ActualDeliverySupplyChainEvent")
    return Header(
        number=text(root, names.document, "ID"),
        type_code=text(root, names.document, "TypeCode"),
        is_credit_note=False,
        currency=_of(settlement, "InvoiceCurrencyCode"),
        issued=text(root, names.document, "IssueDateTime", _DATE),
        delivered=text(root, *delivery, "OccurrenceDateTime", _DATE),
        span=_span(settlement),
        supplier=_of(agreement, "SellerTradeParty", "Name"),
        contract=_of(agreement, "ContractReferencedDocument", "IssuerAssignedID"),
        object=_object(agreement),
        preceding=_of(settlement, "InvoiceReferencedDocument", "IssuerAssignedID"),
        line_total=_of(settlement, names.total, "LineTotalAmount"),
        notes=texts(root, names.document, "IncludedNote", "Content"),
    )


def _names(root: Element) -> _Names:
    return _ZUGFERD_1 if local(root) == "CrossIndustryDocument" else _D16B


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
