"""What kind of document an invoice is, and what follows for its signs (UNTDID 1001, as used by BT-3)."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from bilanz import units
from bilanz.records import DocumentType
from importers.invoice.model import Invoice, Line

CREDIT_NOTES: Final = frozenset({"81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "532"})
CORRECTIONS: Final = frozenset({"384"})
MATERIAL: Final = frozenset({"volume", "norm_volume", "bulk_volume", "mass"})
SUPPLIED: Final = MATERIAL | {"energy"}
INSTALMENTS: Final = frozenset({"211", "326", "386"})


@dataclass(frozen=True, slots=True)
class Document:
    """How the amounts and quantities of a document count.

    Attributes:
        sign: −1 for a credit note, whose positive amounts and quantities are given back.
        type: credit, correction or instalment; None: an ordinary invoice.
    """

    sign: Decimal
    type: DocumentType | None

    @property
    def may_be_negative(self) -> bool:
        """A credit or correction takes back what was billed before."""
        return self.type in {DocumentType.CREDIT, DocumentType.CORRECTION}


def document(invoice: Invoice) -> Document:
    """Return what kind of document an invoice is.

    A correction replaces what was billed for the same time. One that states negative quantities does not: it
    lists differences, and so does an ordinary invoice with negative quantities that refers to a preceding one
    (BT-25; without them, the reference is a final bill's to its instalments). Both count beside what was
    billed, as a credit does.
    """
    header = invoice.header
    code = header.type_code or ""
    if header.is_credit_note or code in CREDIT_NOTES:
        return Document(Decimal(-1), DocumentType.CREDIT)
    if code in INSTALMENTS:
        return Document(Decimal(1), DocumentType.INSTALMENT)
    is_correction = code in CORRECTIONS
    if (is_correction or header.preceding) and any(_takes_back(line) for line in invoice.lines):
        return Document(Decimal(1), DocumentType.CREDIT)
    return Document(Decimal(1), DocumentType.CORRECTION if is_correction else None)


def _takes_back(line: Line) -> bool:
    found = units.find(line.unit or "") if (line.quantity or "").startswith("-") else None
    return found is not None and units.dimension(found.unit) in SUPPLIED
