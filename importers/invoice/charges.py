"""What a line charges for, by its words and the sign of its amount."""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from importers.invoice import terms
from importers.invoice.model import Line
from importers.invoice.statement import is_statement


def charge(line: Line, *, may_be_negative: bool = False) -> str | None:
    """Return the kind of the first text of a line that states one; None: none does.

    "Strompreisbremse" may name the relief or the capped price of a supply. It is the price where the bill
    demands an amount; in a document that may take back (`may_be_negative`) only beside the words of a price.
    """
    for text in words(line):
        kinds = terms.kinds(text)
        if kinds[:1] == ("price_cap",):
            is_price = _is_demanded(line) and (not may_be_negative or "energy" in kinds)
            kinds = kinds[1:] if is_price else ("relief",)
        if kinds:
            return kinds[0]
    return None


def words(line: Line) -> Iterator[str]:
    """Yield name and details; what a bill states about CO2 does not say what the line is."""
    yield line.name
    yield from (text for text in line.details if not is_statement(text))


def _is_demanded(line: Line) -> bool:
    try:
        return Decimal(line.net or "0") > 0
    except InvalidOperation:
        return False  # the line is rejected for its number
