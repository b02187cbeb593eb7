"""E-invoices: EN 16931 in UBL (Invoice, CreditNote), CII, ZUGFeRD 1.0 and EDIFACT, also attached to a PDF.

A record is an invoice line. Lines that carry a consumption are accepted with quantity and cost; lines that
repeat it (grid fee, levy, tax) or charge for power or time are ignored with an issue, and their net amounts
join the cost of the line they belong to; every other line is spend. So each quantity counts once, and the net
amounts of all records add up to the net amounts of all lines.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import ClassVar, Final

import polars as pl

from bilanz import units
from bilanz.errors import FileRefused
from importers.base import (
    HEAD_BYTES,
    SURE,
    Claim,
    ControlSum,
    FileSample,
    Importer,
    ImportRequest,
    ImportResult,
    Workspace,
)
from importers.formats import edifact, pdf, xml
from importers.invoice import carriers, cii, edifact_invoic, ubl
from importers.invoice.check import check_period_origin, check_total
from importers.invoice.counting import count
from importers.invoice.document import document
from importers.invoice.entries import understand
from importers.invoice.findings import Findings
from importers.invoice.model import Invoice, Line
from importers.invoice.rows import Rows, control_sums
from importers.invoice.statement_check import statements

DEFAULT_ZONE: Final = "Europe/Berlin"
LIMIT: Final = 512 * 1024**2
"""Largest invoice in bytes. All lines are held: only the end shows which of them repeat a quantity."""
EDIFACT_LIMIT: Final = 32 * 1024**2
"""The same of EDIFACT, which says more in fewer bytes."""

_UNSURE: Final = 0.1
_ROOT: Final = re.compile(r"<(?:[\w.-]+:)?([A-Za-z]\w*)[\s>]")


class EInvoice(Importer):
    """EN 16931 invoices as XML, as EDIFACT and in a PDF."""

    name: ClassVar[str] = "einvoice"
    version: ClassVar[str] = "3"
    suffixes: ClassVar[tuple[str, ...]] = (".xml", ".pdf", ".edi", ".txt")

    def identify(self, sample: FileSample) -> Claim | None:
        """Claim a file whose root element or first message is an invoice, or a PDF that holds one."""
        if sample.head.lstrip().startswith(pdf.MARK):
            if pdf.has_invoice(sample.path, sample.head):
                return Claim(max(SURE, 0.99), "A PDF with an invoice of EN 16931 attached.")
            return Claim(
                _UNSURE, "A PDF without an invoice in it; ask the supplier for XRechnung or ZUGFeRD."
            )
        if edifact.message_type(sample.head) == edifact_invoic.MESSAGE:
            parameters = {"type": edifact_invoic.MESSAGE}
            return Claim(max(SURE, 0.99), "An EDIFACT interchange whose first message is {type}.", parameters)
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
        """Read the invoices of a file; there is one, but EDIFACT may hold several.

        Raises:
            FileRefused: too large, unsafe or broken, another document, no lines, no known currency, or a PDF
                without an invoice in it.
        """
        found = documents(path, workspace.directory)
        workspace.progress(0.5)
        findings = Findings()
        zone = request.zone or DEFAULT_ZONE
        if request.zone is None:
            findings.note("zone_assumed", zone=zone)
        parts = [_Part(invoice, _currency(invoice, path)) for invoice in found]
        frames = [part.frame(request, zone, findings) for part in parts]
        return ImportResult(
            read=sum(len(invoice.lines) for invoice in found),
            rejected=findings.rejected,
            ignored=findings.ignored,
            activities=pl.concat(frames),
            issues=findings.frame(),
            control_sums=_merged(sum_ for part in parts for sum_ in part.sums),
        )


@dataclass(slots=True)
class _Part:
    """One invoice of a file, and the control sums of its records."""

    invoice: Invoice
    currency: str
    sums: tuple[ControlSum, ...] = ()

    def frame(self, request: ImportRequest, zone: str, findings: Findings) -> pl.DataFrame:
        """Return the records of the invoice."""
        header, kind = self.invoice.header, document(self.invoice)
        understood = (understand(line, header, kind, request, zone, findings) for line in self.invoice.lines)
        entries = carriers.assign([entry for entry in understood if entry], request, findings)
        counted = count(entries, kind, findings)
        check_period_origin(counted, header, findings)
        check_total(self.invoice, findings)
        stated = statements(counted, header, findings)
        self.sums = control_sums(counted, self.currency)
        return Rows(header, kind, self.currency, request, findings, stated).frame(counted)


def _merged(sums: Iterable[ControlSum]) -> tuple[ControlSum, ...]:
    """Return one control sum per column and unit."""
    merged: dict[tuple[str, str], ControlSum] = {}
    for one in sums:
        key = (one.column, one.unit)
        before = merged.get(key, ControlSum(*key, Decimal(0), 0))
        merged[key] = ControlSum(*key, before.total + one.total, before.records + one.records)
    return tuple(merged.values())


def documents(path: Path, directory: Path) -> list[Invoice]:
    """Return the text of the invoices of a file.

    Args:
        path: the file.
        directory: where the attachment of a PDF is put while it is read.

    Raises:
        FileRefused: see `parse`; of a PDF also `no_invoice_in_pdf` and the like.
    """
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    if head.lstrip().startswith(pdf.MARK):
        name, content = pdf.attachment(path)
        attached = directory / name
        attached.write_bytes(content)
        return [parse(attached)]
    if edifact.message_type(head) != edifact_invoic.MESSAGE:
        return [parse(path)]
    found = list(edifact_invoic.invoices(edifact.segments(path, limit=EDIFACT_LIMIT)))
    if not any(invoice.lines for invoice in found):
        raise FileRefused("{file} holds no invoice lines.", code="no_lines", file=path.name)
    return [invoice for invoice in found if invoice.lines]


def parse(path: Path) -> Invoice:
    """Return the text of an invoice in XML.

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
