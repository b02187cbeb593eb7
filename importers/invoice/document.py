"""What kind of document an invoice is, and what follows for its signs (UNTDID 1001, as used by BT-3)."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from bilanz.records import DocumentType
from importers.invoice.model import Header

CREDIT_NOTES: Final = frozenset({"81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "532"})
CORRECTIONS: Final = frozenset({"384"})
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


def document(header: Header) -> Document:
    """Return what kind of document a header states.

    An ordinary invoice that refers to a preceding one (BT-25) is a correction of it.
    """
    code = header.type_code or ""
    if header.is_credit_note or code in CREDIT_NOTES:
        return Document(Decimal(-1), DocumentType.CREDIT)
    if code in INSTALMENTS:
        return Document(Decimal(1), DocumentType.INSTALMENT)
    if code in CORRECTIONS or header.preceding:
        return Document(Decimal(1), DocumentType.CORRECTION)
    return Document(Decimal(1), None)
