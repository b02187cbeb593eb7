"""From the text of a line to what it says; what cannot be read is noted."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from bilanz import units
from bilanz.activity import activity as activity_of
from bilanz.records import DocumentType
from importers.base import ImportRequest
from importers.invoice import terms
from importers.invoice.charges import charge, words
from importers.invoice.document import MATERIAL, Document
from importers.invoice.findings import Findings
from importers.invoice.model import Header, Line
from importers.invoice.spans import NotADate, Period, period
from importers.upload.spans import shown_period

FEES: Final = frozenset({"relief", "reactive", "tax", "levy", "metering", "power", "base", "grid"})
NUMBER_FORM: Final = "digits with a decimal point, below 10^13"
DATE_FORM: Final = "a calendar date"

_DECIMAL: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)
_LIMIT: Final = Decimal(10) ** 13  # what DECIMAL(19, 6) holds


@dataclass(frozen=True, slots=True)
class Entry:
    """One line as understood.

    Attributes:
        line: the text it was read from.
        name: item name, or the first of its details.
        kind: what the line charges for (see `terms.toml`); None: not stated.
        activity: activity the line names or was given; None: not known.
        unit: canonical code; None: no unit or none of the whitelist.
        quantity: signed quantity in the unit; None: none stated.
        net: signed net amount; None: none that can be used.
        period: the time it stands for.
        source: meter or contract as the file names it.
    """

    line: Line
    name: str
    kind: str | None
    activity: str | None
    unit: str | None
    quantity: Decimal | None
    net: Decimal | None
    period: Period
    source: str | None

    @property
    def dimension(self) -> str | None:
        """What the unit measures."""
        return units.dimension(self.unit) if self.unit else None

    @property
    def is_supply(self) -> bool:
        """Whether the line states an amount of energy, water, fuel or waste (perhaps one stated before)."""
        if self.quantity is None or self.dimension is None or self.kind == "instalment":
            return False
        if self.dimension == "energy":
            return True
        if self.activity is not None:
            return fits(self.activity, self.dimension)
        return self.kind == "energy" and self.dimension in MATERIAL


def fits(activity: str, dimension: str | None) -> bool:
    """Tell whether an activity is measured in a dimension; standard cubic metres count as volume."""
    wanted = "volume" if dimension == "norm_volume" else dimension
    return wanted != "money" and wanted in activity_of(activity).dimensions


def understand(
    line: Line, header: Header, document: Document, request: ImportRequest, zone: str, findings: Findings
) -> Entry | None:
    """Return what a line says, or None where it was rejected or ignored (and noted)."""
    name = line.name or next(iter(line.details), "")
    if line.is_information:
        findings.ignore("not_relevant", line, column="LineID", value=name, reason="a line outside the totals")
        return None
    span = _period(line, header, request, zone, findings)
    if span is None:
        return None
    kind = charge(line, may_be_negative=document.may_be_negative)
    activity = _activity(line)
    if not _has_readable_unit(line, kind, findings):
        return None
    found = units.find(line.unit or "")
    entry = Entry(
        line=line,
        name=name,
        kind=kind,
        activity=activity,
        unit=found.unit if found else None,
        quantity=_number(line.quantity, document.quantity_sign(kind)),
        net=_number(line.net, document.sign),
        period=span,
        source=request.source or _source(line, header),
    )
    if not _has_numbers(entry, document, findings):
        return None
    if kind == "feed_in" and document.settles_feed_in and document.type is not None:
        findings.note("feed_in_settled", line, column=line.column, value=name)
    return entry


def _has_readable_unit(line: Line, kind: str | None, findings: Findings) -> bool:
    """Reject a supply whose unit is missing or unknown; what is bought by the box may have any unit."""
    if kind != "energy" or (line.unit and units.find(line.unit) and not units.refusal(line.unit)):
        return True
    if not line.unit:
        findings.reject("missing_unit", line, column=line.column)
        return False
    reason = units.refusal(line.unit)
    if reason is not None:
        findings.reject("refused_unit", line, column=line.column, value=line.unit, reason=reason)
        return False
    near = ", ".join(units.near(line.unit)) or "–"
    findings.reject("unknown_unit", line, column=line.column, value=line.unit, near=near)
    return False


def _has_numbers(entry: Entry, document: Document, findings: Findings) -> bool:
    line = entry.line
    for column, text, number in (
        (line.column, line.quantity, entry.quantity),
        (line.net_column, line.net, entry.net),
    ):
        if text is not None and number is None:
            findings.reject("not_a_number", line, column=column, value=text, expected=NUMBER_FORM)
            return False
    if entry.net is None:
        if not entry.is_supply:
            findings.reject("missing_value", line, column=line.net_column)
            return False
        findings.note("cost_unusable", line, column=line.net_column, value="", reason="no net amount")
    is_taken_back = entry.is_supply and entry.kind not in FEES and (entry.quantity or 0) < 0
    if is_taken_back and not document.may_be_negative:
        findings.reject("negative_quantity", line, column=line.column, value=line.quantity)
        return False
    return True


def _number(text: str | None, sign: Decimal) -> Decimal | None:
    """Return a signed decimal; None: no text, or no number in the form of XML Schema."""
    if text is None or not _DECIMAL.fullmatch(text):
        return None
    number = Decimal(text)
    if abs(number) >= _LIMIT:
        return None
    return number * sign if number else Decimal(0)  # no negative zero


def _period(
    line: Line, header: Header, request: ImportRequest, zone: str, findings: Findings
) -> Period | None:
    try:
        span = period(line, header, zone=zone)
    except NotADate as error:
        findings.reject("not_a_date", line, column=line.period_column, value=str(error), expected=DATE_FORM)
        return None
    if span is None:
        findings.reject("missing_value", line, column=line.period_column)
        return None
    if span.end <= span.start:
        findings.reject("end_before_start", line, column=line.period_column, value=span.text)
        return None
    declared = request.period
    if declared is not None and (span.start < declared[0] or span.end > declared[1]):
        column, expected = line.period_column, shown_period(declared, zone)
        findings.reject("outside_period", line, column=column, value=span.text, expected=expected)
        return None
    return span


def _activity(line: Line) -> str | None:
    """Return the one activity that name, classification or details state, asked in this order."""
    for text in words(line):
        named = terms.activities(text)
        if named:
            return named[0] if len(named) == 1 else None
    return terms.by_cpv(line.codes)


def _source(line: Line, header: Header) -> str | None:
    meter = next((value for name, value in line.properties if value and terms.is_meter(name)), None)
    return line.object or meter or header.object or header.contract


def document_type(entry: Entry, document: Document, *, is_supply: bool) -> str | None:
    """Return the document type of a record made from an entry."""
    if entry.kind == "instalment":
        return DocumentType.INSTALMENT.value
    is_settled = document.settles_feed_in and entry.kind == "feed_in"
    if document.type is not None and not is_settled:
        return document.type.value
    if is_supply:
        return DocumentType.FINAL.value
    return DocumentType.CREDIT.value if entry.net is not None and entry.net < 0 else None
