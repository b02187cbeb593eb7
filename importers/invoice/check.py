"""What a reader of the invoice should look at although every line could be read."""

from decimal import Decimal, InvalidOperation
from typing import Final

from importers.invoice.counting import Counted
from importers.invoice.findings import Findings
from importers.invoice.model import Header, Invoice


def check_total(invoice: Invoice, findings: Findings) -> None:
    """Compare the sum of the lines' net amounts with the total the invoice states (BT-106)."""
    if invoice.header.line_total is None:
        return
    try:
        stated = Decimal(invoice.header.line_total)
        total = sum(
            (Decimal(line.net) for line in invoice.lines if line.net and not line.is_information), Decimal(0)
        )
    except InvalidOperation:
        return  # the line with the broken number was rejected and says so
    if total != stated:
        findings.note("control_sum", value=f"{total:f}", expected=f"{stated:f}")


_ORIGINS: Final = {"delivery": "delivery date", "issue": "issue date"}


def check_period_origin(counted: Counted, header: Header, findings: Findings) -> None:
    """Note periods that neither the line nor the invoice states: one day stands for an unknown time."""
    stated = {"delivery": header.delivered, "issue": header.issued}
    for supply in counted.supplies:
        entry = supply.entry
        is_delivery = entry.kind is None and entry.period.origin == "delivery"
        if entry.period.origin in {"delivery", "issue"} and not is_delivery:
            findings.note(
                "period_assumed",
                entry.line,
                column=entry.line.period_column,
                value=stated[entry.period.origin],
                origin=_ORIGINS[entry.period.origin],
            )
    undated = [entry for entry in counted.spend if entry.period.origin == "issue"]
    if undated:
        findings.note(
            "issue_date_taken", undated[0].line, column=undated[0].line.period_column, count=str(len(undated))
        )
