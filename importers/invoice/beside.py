"""Which quantities stand beside a supply and are none of its own: rebates, stated sums, comparisons.

Strom Arbeitspreis HT            200 kWh    60.00    a supply
Strom Arbeitspreis NT            100 kWh    20.00    a supply
Stromverbrauch gesamt            300 kWh     0.00    the sum of the two
Verbrauch 2022 zum Vergleich     900 kWh     0.00    a comparison
Treueaktion Strom                240 kWh   −10.00    a rebate per kWh
"""

from collections.abc import Hashable, Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final

from bilanz import units
from importers.invoice import terms
from importers.invoice.document import Document
from importers.invoice.entries import Entry
from importers.invoice.findings import Findings

SUM: Final = "the sum of other lines"
REBATE: Final = "a negative net amount"
COMPARISON: Final = "a comparison"
OTHER_TIME: Final = "a quantity of another time without a price"

_FEWEST_PARTS: Final = 2


def set_apart(entries: Iterable[Entry], document: Document, findings: Findings) -> dict[int, str]:
    """Return why quantities are no supplies, by the identity of their entries, and note those in doubt."""
    groups: dict[Hashable, list[Entry]] = {}
    for entry in entries:
        if entry.kind != "feed_in" and entry.quantity:
            groups.setdefault((entry.activity, entry.dimension), []).append(entry)
    apart: dict[int, str] = {}
    for group in groups.values():
        if not document.lists_differences:
            apart |= _rebates(group, findings)
        apart |= _unpriced([entry for entry in group if id(entry) not in apart], findings)
    return apart


def _rebates(group: Sequence[Entry], findings: Findings) -> dict[int, str]:
    """Return lines whose amount is given back while their quantity is not, beside a supply.

    A named energy price of a time of its own is no rebate: prices of the exchange may be negative.
    """
    given = [entry for entry in group if _is_opposite(entry)]
    supplied = [entry for entry in group if not _is_opposite(entry)]
    apart: dict[int, str] = {}
    for entry in given if supplied else ():
        if entry.kind == "energy" and not _is_beside(entry, supplied):
            _doubt(entry, findings)
        else:
            apart[id(entry)] = REBATE
    return apart


def _unpriced(group: Sequence[Entry], findings: Findings) -> dict[int, str]:
    """Return lines without an amount that repeat, sum up or compare what others state."""
    priced = [entry for entry in group if entry.net]
    apart: dict[int, str] = {}
    blank = [entry for entry in group if not entry.net]
    if priced:
        apart = {id(entry): reason for entry in blank if (reason := _elsewhere(entry, priced))}
    for entry in blank:
        others = [other for other in group if other is not entry and id(other) not in apart]
        if id(entry) in apart:
            continue
        if _is_sum(entry, others):
            apart[id(entry)] = SUM
        elif priced:
            _doubt(entry, findings)
    return apart


def _elsewhere(entry: Entry, priced: Sequence[Entry]) -> str | None:
    if any(terms.compares(text) for text in (entry.line.name, *entry.line.details)):
        return COMPARISON
    first, last = min(one.period.start for one in priced), max(one.period.end for one in priced)
    return OTHER_TIME if entry.period.end <= first or entry.period.start >= last else None


def _is_sum(entry: Entry, others: Sequence[Entry]) -> bool:
    """Tell whether a line adds up others: those of its source where there are some, of all or of its time."""
    near = [other for other in others if other.source == entry.source] or list(others)
    now = [other for other in near if entry.period.overlap(other.period) > 0]
    pools = (near, now, [other for other in near if other.net], [other for other in now if other.net])
    return any(
        (len(pool) >= _FEWEST_PARTS or any(other.net for other in pool))
        and sum(_in_unit_of(entry, other) for other in pool) == Fraction(entry.quantity or 0)
        for pool in pools
    )


def _in_unit_of(entry: Entry, other: Entry) -> Fraction:
    return Fraction(other.quantity or 0) * units.ratio(other.unit or "", entry.unit or "")


def _is_opposite(entry: Entry) -> bool:
    net, quantity = entry.net or Decimal(0), entry.quantity or Decimal(0)
    return net * quantity < 0


def _is_beside(entry: Entry, others: Iterable[Entry]) -> bool:
    return any(entry.period.overlap(other.period) > 0 for other in others)


def _doubt(entry: Entry, findings: Findings) -> None:
    line = entry.line
    findings.note(
        "quantity_doubtful", line, column=line.column, value=entry.name, quantity=line.quantity or ""
    )
