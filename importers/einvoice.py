"""E-invoices: XRechnung and other EN 16931 invoices in UBL (Invoice, CreditNote) and CII.

A record is an invoice line. Lines that carry a consumption are accepted with quantity and cost; lines that
repeat it (grid fee, levy, tax) or charge for power or time are ignored with an issue, and their net amounts
join the cost of the line they belong to; every other line is spend. So each quantity counts once, and the net
amounts of all records add up to the net amounts of all lines.
"""

import re
from pathlib import Path
from typing import ClassVar, Final

from bilanz import units
from bilanz.errors import FileRefused
from importers.base import SURE, Claim, FileSample, Importer, ImportRequest, ImportResult, Workspace
from importers.formats import xml
from importers.invoice import carriers, cii, ubl
from importers.invoice.check import check_period_origin, check_total
from importers.invoice.counting import count
from importers.invoice.document import document
from importers.invoice.entries import understand
from importers.invoice.findings import Findings
from importers.invoice.model import Invoice, Line
from importers.invoice.rows import Rows, control_sums

DEFAULT_ZONE: Final = "Europe/Berlin"
LIMIT: Final = 512 * 1024**2
"""Largest invoice in bytes. All lines are held: only the end shows which of them repeat a quantity."""

_ROOT: Final = re.compile(r"<(?:[\w.-]+:)?([A-Za-z]\w*)[\s>]")


class EInvoice(Importer):
    """EN 16931 invoices as XML."""

    name: ClassVar[str] = "einvoice"
    version: ClassVar[str] = "1"
    suffixes: ClassVar[tuple[str, ...]] = (".xml",)

    def identify(self, sample: FileSample) -> Claim | None:
        """Claim a file whose root element is an invoice of one of the two syntaxes."""
        text = xml.head_text(sample.head)
        root = _ROOT.search(text)
        if root is None:
            return None
        for syntax, module in (("UBL", ubl), ("CII", cii)):
            if root[1] in module.ROOTS and any(space in text for space in module.NAMESPACES):
                return Claim(
                    max(SURE, 0.99),
                    "{root} in the namespace of {syntax}.",
                    {"root": root[1], "syntax": syntax},
                )
        return None

    def read(self, path: Path, request: ImportRequest, workspace: Workspace) -> ImportResult:
        """Read one invoice.

        Raises:
            FileRefused: too large, unsafe or broken XML, another document, no lines, or no known currency.
        """
        invoice = parse(path)
        workspace.progress(0.5)
        findings = Findings()
        currency = _currency(invoice, path)
        zone = request.zone or DEFAULT_ZONE
        if request.zone is None:
            findings.note("zone_assumed", zone=zone)
        kind = document(invoice)
        understood = (
            understand(line, invoice.header, kind, request, zone, findings) for line in invoice.lines
        )
        entries = carriers.assign([entry for entry in understood if entry], request, findings)
        counted = count(entries, findings)
        check_period_origin(counted, invoice.header, findings)
        check_total(invoice, findings)
        activities = Rows(invoice.header, kind, currency, request, findings).frame(counted)
        return ImportResult(
            read=len(invoice.lines),
            rejected=findings.rejected,
            ignored=findings.ignored,
            activities=activities,
            issues=findings.frame(),
            control_sums=control_sums(counted, currency),
        )


def parse(path: Path) -> Invoice:
    """Return the text of an invoice.

    Raises:
        FileRefused: too large, unsafe or broken XML, another document, or no lines.
    """
    lines: list[Line] = []

    def add(element: xml.Element) -> None:
        lines.append(cii.line(element) if xml.local(element) in cii.LINES else ubl.line(element))

    root = xml.read(
        path, items=add, names=ubl.LINES | cii.LINES, drop=ubl.ATTACHMENTS | cii.ATTACHMENTS, limit=LIMIT
    )
    name = xml.local(root)
    if name not in ubl.ROOTS | cii.ROOTS:
        raise FileRefused(
            "{file}: the root element {name} is no invoice of EN 16931.",
            code="not_an_invoice",
            file=path.name,
            name=name,
        )
    if not lines:
        raise FileRefused("{file} holds no invoice lines.", code="no_lines", file=path.name)
    return Invoice(cii.header(root) if name in cii.ROOTS else ubl.header(root), tuple(lines))


def _currency(invoice: Invoice, path: Path) -> str:
    code = invoice.header.currency or ""
    unit = units.units().get(code)
    if unit is None or unit.kind != "money":
        raise FileRefused(
            '{file}: the currency "{value}" is not known.',
            code="unknown_currency",
            file=path.name,
            value=code,
        )
    return code
