"""UN/EDIFACT INVOIC as bound to EN 16931 (CEN/TS 16931-3-4:2020), and its kin of the energy market.

    UNH ─ BGM ─ DTM ─ RFF ─ NAD ─ CUX ─┬─ LIN ─ PIA ─ IMD ─ QTY ─ DTM ─ MOA ─ RFF ─┬─ UNS ─ MOA ─ UNT
                                       └─ … next line                              ┘

What stands before the first LIN is the header, what stands behind UNS the totals.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from importers.formats.edifact import Segment
from importers.invoice.model import Header, Invoice, Line, Span

MESSAGE: Final = "INVOIC"

_STARTS: Final = ("167", "155", "194", "163")  # charge, accounting, begin, processing (2005)
_ENDS: Final = ("168", "156", "206", "164")
_SPANS: Final = ("263", "324")  # both days in one text: invoicing period, processing period
_DELIVERED: Final = "35"
_ISSUED: Final = "137"
_SELLERS: Final = ("SE", "SU", "II", "MS")  # seller, supplier, issuer, sender (3035)
_CONTRACTS: Final = ("CT", "AFX")
_PRECEDING: Final = ("OI", "IV")
_OBJECTS: Final = ("AVE", "MG", "ATS")  # metering point, meter, invoiced object
_METERING_POINT: Final = "172"
_INVOICED: Final = "47"
_LINE_NET: Final = "203"
_TOTAL_NET: Final = "79"
_CANCELLATION: Final = "457"
_SPLIT: Final = {"718": 8, "719": 12}
_EARLY: Final = timedelta(hours=2)
_ZONED: Final = re.compile(r"(\d{12})(?:\d\d)?([+-])(\d\d)(?::?(\d\d))?")


@dataclass(slots=True)
class _Group:
    """Segments of the header, a line or the totals, by tag."""

    row: int = 1
    number: str = ""
    is_line: bool = False
    segments: list[Segment] = field(default_factory=list)

    def all(self, tag: str, *qualifiers: str) -> Iterator[Segment]:
        """Yield the segments of a tag, in the order of the qualifiers where some are given."""
        mine = [segment for segment in self.segments if segment.tag == tag]
        if not qualifiers:
            yield from mine
        for qualifier in qualifiers:
            yield from (segment for segment in mine if segment.text(1) == qualifier)

    def first(self, tag: str, qualifiers: Iterable[str], component: int = 2) -> str | None:
        """Return a component of the first element behind the first of the qualifiers that is there."""
        found = next(self.all(tag, *qualifiers), None)
        return (found.text(1, component).strip() or None) if found is not None else None


def invoices(segments: Iterable[Segment]) -> Iterator[Invoice]:
    """Yield the invoices of an interchange, one per INVOIC message; other messages are passed over."""
    message: list[_Group] = []
    is_mine = False
    for segment in segments:
        if segment.tag == "UNH":
            if message:
                yield _invoice(message)
            is_mine = segment.text(2) == MESSAGE
            message = [_Group()] if is_mine else []
        elif not is_mine or segment.tag in {"UNB", "UNZ"}:
            continue
        elif segment.tag == "LIN":
            message.append(_Group(segment.row, segment.text(1), is_line=True))
        elif segment.tag == "UNS" and segment.text(1) == "S":
            message.append(_Group(segment.row))
        else:
            message[-1].segments.append(segment)
    if message:
        yield _invoice(message)


def _invoice(groups: list[_Group]) -> Invoice:
    header, *rest = groups
    lines = [group for group in rest if group.is_line]
    totals = next((group for group in reversed(rest) if not group.is_line), _Group())
    return Invoice(_header(header, totals), tuple(_line(group) for group in lines))


def _header(header: _Group, totals: _Group) -> Header:
    begin = next(header.all("BGM"), None)
    seller = next(header.all("NAD", *_SELLERS), None)
    return Header(
        number=begin.text(2).strip() or None if begin else None,
        type_code=begin.text(1).strip() or None if begin else None,
        is_credit_note=_takes_back(begin, totals),
        currency=header.first("CUX", ("2",)),
        issued=_day(header, (_ISSUED,)),
        delivered=_day(header, (_DELIVERED,)),
        span=_span(header),
        supplier=_name(seller) if seller else None,
        contract=header.first("RFF", _CONTRACTS),
        object=_object(header),
        preceding=header.first("RFF", _PRECEDING),
        line_total=_number(totals.first("MOA", (_TOTAL_NET,))),
        notes=tuple(_texts(header)),
    )


def _takes_back(begin: Segment | None, totals: _Group) -> bool:
    """Tell whether an invoice repeats the amounts of the one it cancels, as in the energy market."""
    total = totals.first("MOA", (_TOTAL_NET,)) or ""
    return begin is not None and begin.text(1).strip() == _CANCELLATION and not total.startswith("-")


def _line(group: _Group) -> Line:
    codes = _codes(group)
    names = [text for segment in group.all("IMD") if (text := _description(segment))]
    invoiced = next(group.all("QTY", _INVOICED), None) or next(group.all("QTY"), None)
    return Line(
        row=group.row,
        column="QTY",
        number=group.number.strip(),
        name=names[0] if names else next((code for _, code in codes), ""),
        details=(*names[1:], *_texts(group)),
        quantity=_number(invoiced.text(1, 2).strip()) if invoiced else None,
        unit=(invoiced.text(1, 3).strip() or None) if invoiced else None,
        net=_number(group.first("MOA", (_LINE_NET,))),
        span=_span(group),
        codes=codes,
        properties=(),
        object=_object(group),
    )


def _codes(group: _Group) -> tuple[tuple[str, str], ...]:
    """Return the item numbers of PIA as (kind, number); the energy market names its articles by them."""
    return tuple(
        (element[1] if len(element) > 1 else "", element[0])
        for segment in group.all("PIA")
        for element in segment.elements[1:]
        if element[0]
    )


def _description(segment: Segment) -> str:
    """Return the free text of an IMD segment; its two components are one text."""
    return (segment.text(3, 4) + segment.text(3, 5)).strip()


def _texts(group: _Group) -> Iterator[str]:
    for segment in group.all("FTX"):
        if len(segment.elements) > 3 and (text := "".join(segment.elements[3]).strip()):  # noqa: PLR2004 - the text
            yield text


def _name(party: Segment) -> str | None:
    """Return the name of a party (fourth element), else its first line of address, else its identifier."""
    names = (
        " ".join(part.strip() for part in element if part.strip())
        for element in party.elements[3:4] + party.elements[2:3]
    )
    return next((name for name in names if name), None) or party.text(2).strip() or None


def _object(group: _Group) -> str | None:
    point = next((place.text(2).strip() for place in group.all("LOC", _METERING_POINT)), None)
    return point or group.first("RFF", _OBJECTS)


def _number(text: str | None) -> str | None:
    """Return a number with a decimal point; there is no other mark in EDIFACT than comma and point."""
    if text is None or not text:
        return None
    return text.replace(",", ".") if text.count(",") + text.count(".") == 1 else text


def _span(group: _Group) -> Span:
    for both in group.all("DTM", *_SPANS):
        length = _SPLIT.get(both.text(1, 3))
        text = both.text(1, 2).replace("-", "")
        if length and len(text) == 2 * length:
            return Span(day(text[:length], is_end=False), day(text[length:], is_end=True))
    return Span(_day(group, _STARTS), _day(group, _ENDS, is_end=True))


def _day(group: _Group, qualifiers: Iterable[str], *, is_end: bool = False) -> str | None:
    text = group.first("DTM", qualifiers)
    return day(text, is_end=is_end) if text else None


def day(text: str, *, is_end: bool) -> str:
    """Return the day of a moment as CCYYMMDD; a period that ends at midnight ends with the day before.

    A moment with an offset (202412312300+00) is midnight in Central Europe, where this message is used.
    What is no moment is returned as it is and refused later.
    """
    zoned = _ZONED.fullmatch(text)
    digits = zoned[1] if zoned else text
    if zoned is None and digits[8:12] != "0000":
        return digits[:8] if digits.isdecimal() else text
    try:
        moment = datetime.strptime(digits[:12], "%Y%m%d%H%M")  # noqa: DTZ007 - in UTC or local, as written
    except ValueError:
        return text
    is_midnight = True
    if zoned:
        offset = timedelta(hours=int(zoned[3]), minutes=int(zoned[4] or 0))
        moment = moment - offset if zoned[2] == "+" else moment + offset
        is_midnight = (moment.hour, moment.minute) in {(22, 0), (23, 0)}
        moment += _EARLY
    if is_end and is_midnight:
        moment -= timedelta(days=1)
    return f"{moment:%Y%m%d}"
