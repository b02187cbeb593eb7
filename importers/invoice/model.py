"""An invoice and its lines as text: what the syntaxes have in common (terms BT-… of EN 16931-1:2017)."""

from dataclasses import dataclass
from typing import Final

_NET: Final = {"BilledQuantity": "LineTotalAmount", "QTY": "MOA"}
_PERIOD: Final = {"BilledQuantity": "BillingSpecifiedPeriod", "QTY": "DTM"}
"""By the element of the quantity, which tells the syntax; UBL has two, so the others are listed."""


@dataclass(frozen=True, slots=True)
class Span:
    """A period as the file writes it; both days belong to it."""

    start: str | None = None
    end: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One invoice line. Texts are untouched; None: the file does not state it.

    Attributes:
        row: 1-based physical line of the line's element.
        column: name of the element that holds the quantity.
        number: identifier of the line (BT-126).
        name: item name (BT-153).
        details: item description and line notes (BT-154, BT-127).
        quantity, unit: invoiced quantity and its UN/ECE code (BT-129, BT-130).
        net: net amount of the line (BT-131).
        span: period of the line (BT-134, BT-135).
        codes: item classification as (list, code) (BT-158).
        properties: item attributes as (name, value) (BT-160, BT-161).
        object: identifier of the invoiced object, e.g. a metering point (BT-128).
        is_information: a group or information line, which is part of no total.
    """

    row: int
    column: str
    number: str
    name: str
    details: tuple[str, ...]
    quantity: str | None
    unit: str | None
    net: str | None
    span: Span
    codes: tuple[tuple[str, str], ...]
    properties: tuple[tuple[str, str], ...]
    object: str | None
    is_information: bool = False

    @property
    def net_column(self) -> str:
        """Name of the element that holds the net amount."""
        return _NET.get(self.column, "LineExtensionAmount")

    @property
    def period_column(self) -> str:
        """Name of the element that holds the period."""
        return _PERIOD.get(self.column, "InvoicePeriod")


@dataclass(frozen=True, slots=True)
class Header:
    """What holds for the whole invoice.

    Attributes:
        number: invoice number (BT-1).
        type_code: UNTDID 1001 code (BT-3).
        is_credit_note: the document is a UBL CreditNote.
        currency: invoice currency (BT-5).
        issued: issue date (BT-2).
        delivered: actual delivery date (BT-72).
        span: invoicing period (BT-73, BT-74).
        supplier: seller name (BT-27).
        contract: contract reference (BT-12).
        object: identifier of the invoiced object (BT-18).
        preceding: preceding invoice reference (BT-25).
        line_total: sum of line net amounts as stated (BT-106).
        notes: free text about the whole invoice (BT-22).
    """

    number: str | None
    type_code: str | None
    is_credit_note: bool
    currency: str | None
    issued: str | None
    delivered: str | None
    span: Span
    supplier: str | None
    contract: str | None
    object: str | None
    preceding: str | None
    line_total: str | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Invoice:
    """Header and lines of one document."""

    header: Header
    lines: tuple[Line, ...]
