"""What kind of document an invoice is, and what follows for its signs (UNTDID 1001, as used by BT-3)."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from bilanz import units
from bilanz.records import DocumentType
from importers.invoice.charges import charge
from importers.invoice.model import Invoice, Line

CREDIT_NOTES: Final = frozenset({"81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "532"})
CORRECTIONS: Final = frozenset({"384"})
MATERIAL: Final = frozenset({"volume", "norm_volume", "bulk_volume", "mass"})
SUPPLIED: Final = MATERIAL | {"energy"}
SELF_BILLED: Final = "389"
CREDITED_FEED_IN: Final = frozenset({"381", ""})
"""A settlement of feed-in is called a credit note, and sent as one; other codes take something back."""

INSTALMENTS: Final = frozenset({"211", "326", "386"})


@dataclass(frozen=True, slots=True)
class Document:
    """How the amounts and quantities of a document count.

    Attributes:
        sign: −1 for a credit note, whose positive amounts and quantities are given back.
        type: credit, correction or instalment; None: an ordinary invoice.
        settles_feed_in: the buyer of energy fed in bills it to himself: amounts are income, and what was fed
            in is not given back.
    """

    sign: Decimal
    type: DocumentType | None
    settles_feed_in: bool = False

    def quantity_sign(self, kind: str | None) -> Decimal:
        """Return the sign of the quantity of a line that charges for a kind."""
        is_kept = self.settles_feed_in and (kind == "feed_in" or self.type is None)
        return Decimal(1) if is_kept else self.sign

    @property
    def may_be_negative(self) -> bool:
        """A credit or correction takes back what was billed before."""
        return self.type in {DocumentType.CREDIT, DocumentType.CORRECTION}

    @property
    def lists_differences(self) -> bool:
        """Any sign may stand beside any other: more energy at less cost."""
        return self.type is DocumentType.CREDIT and self.sign > 0


def document(invoice: Invoice) -> Document:
    """Return what kind of document an invoice is.

    A correction replaces what was billed for the same time. One that states negative quantities does not: it
    lists differences, and so does an ordinary invoice with negative quantities that refers to a preceding one
    (BT-25; without them, the reference is a final bill's to its instalments). Both count beside what was
    billed, as a credit does.

    A credit note for feed-in that refers to no preceding document, and a self-billed invoice for it, settle
    what was fed in.
    """
    header = invoice.header
    code = header.type_code or ""
    if header.is_credit_note or code in CREDIT_NOTES:
        is_settlement = code in CREDITED_FEED_IN and not header.preceding and _has_feed_in(invoice)
        return Document(Decimal(-1), DocumentType.CREDIT, is_settlement)
    if code == SELF_BILLED and _has_feed_in(invoice):
        return Document(Decimal(-1), None, settles_feed_in=True)
    if code in INSTALMENTS:
        return Document(Decimal(1), DocumentType.INSTALMENT)
    is_correction = code in CORRECTIONS
    if (is_correction or header.preceding) and any(_takes_back(line) for line in invoice.lines):
        return Document(Decimal(1), DocumentType.CREDIT)
    return Document(Decimal(1), DocumentType.CORRECTION if is_correction else None)


def _has_feed_in(invoice: Invoice) -> bool:
    return any(charge(line) == "feed_in" for line in invoice.lines)


def _takes_back(line: Line) -> bool:
    found = units.find(line.unit or "") if (line.quantity or "").startswith("-") else None
    return found is not None and units.dimension(found.unit) in SUPPLIED
